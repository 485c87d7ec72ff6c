"""Speeds from recorded trips: routed, fitted, and routed again until the ways stay the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.calibration._likelihood import Recorded
from geo.calibration.routes import ACCESS, Parts, RoadParts, route_parts, timed_network
from geo.calibration.rules import CalibrationRules, band_of
from geo.calibration.speeds import fit_shape, modelled_s, part_factors
from geo.calibration.telling import Told, first_shape, narrow
from geo.calibration.trips import check_trips, recorded_times, weather_classes
from geo.errors import InputError
from geo.messages import Message
from geo.network import name_classes
from geo.words import percent

__all__ = ["REASONS", "SpeedCalibration", "calibrate_speeds"]

REASONS = ("used", "no_time", "no_station", "no_place", "no_way", "same_place")
"""What becomes of a trip: used, or why not."""
_LEAST_WAY_S = 5.0
_SAME_S = 1e-6


@dataclass(frozen=True, eq=False)
class SpeedCalibration:
    """Measured speeds, with their errors.

    Parameters
    ----------
    told : Told
        The parameters that the trips tell.
    parameters : DataFrame
        ``kind`` {class, access, junction, loss, band, weather, spread}, ``name``, ``factor`` (on the speed;
        nan for what is no speed), ``value`` (seconds of junction and start loss, factor on the speed of a
        band of hours or a word of the weather),
        ``low``, ``high`` (95 %, of the factor or the value), ``state`` {measured, together, rare, unsure,
        not_driven}, ``with_names`` (what has the same factor), ``n_trips``, ``share`` (of profile seconds).
    errors : DataFrame
        Index {before, after}: ``median_abs_s``, ``median_abs_share``, ``bias_share`` (median of modelled /
        recorded, less 1), ``n_trips``. Before: the profile. After: by parameters of folds
        that leave the call out.
    counts : Series
        Trips by what became of them, in the order of ``REASONS``.
    n_rounds : int
        How often was routed.
    n_changed : int
        Trips whose way was another one still in the last round.
    is_settled : bool
        Whether all ways stayed the same, or the parameters moved by less than a tenth of their intervals.
    unit_s, n_capped : float, int
        What the stamps were cut to (0 for exact), and how many times were at a cap.
    n_calls, n_stations : int
        Calls and stations of the trips used.
    fitted : DataFrame
        The trips used: ``recorded_s``, ``before_s``, ``after_s`` (out of fold), ``fold``, ``band``,
        ``weather`` (its word; None where it is of no class).
    """

    told: Told
    parameters: pd.DataFrame
    errors: pd.DataFrame
    counts: pd.Series
    n_rounds: int
    n_changed: int
    is_settled: bool
    unit_s: float
    n_capped: int
    n_calls: int
    n_stations: int
    fitted: pd.DataFrame

    @property
    def share_wild(self) -> float:
        """Share of the trips (0-1) that took more than twice, or less than half, as long as modelled."""
        return _share_wild(self.fitted)


@dataclass(frozen=True, eq=False)
class _Used:
    """The trips that are fitted."""

    trips: pd.DataFrame
    places: pd.DataFrame
    recorded: Recorded
    when: NDArray[np.int64]
    weather: tuple[str, ...]
    cluster: NDArray[np.int64]


def calibrate_speeds(
    roads: RoadParts,
    trips: pd.DataFrame,
    stations: pd.DataFrame,
    places: pd.DataFrame,
    *,
    rules: CalibrationRules | None = None,
) -> SpeedCalibration:
    """Measure speeds by class, junction delay, start loss and factors of the hours.

    Parameters
    ----------
    roads : RoadParts
        The network at the profile's times (:func:`geo.calibration.road_parts`).
    trips : DataFrame
        Trips: ``call_id``, ``station_id``, ``hour``, ``driving_s``, ``turnout_s``; perhaps ``weather``.
    stations : DataFrame
        Snaps of the stations.
    places : DataFrame
        Snaps of the places, by the trips' index.
    rules : CalibrationRules, optional
        What the trips must give.

    Raises
    ------
    InputError
        The tables are wrong; or the trips cannot tell: too few, from too few stations, too scattered.
    """
    rules = rules or CalibrationRules()
    check_trips(trips)
    if not places.index.equals(trips.index):
        raise InputError("places of trips do not have the trips' index")
    used, before, counts = _usable(roads, trips, stations, places, rules)
    told, parts, rounds = _until_settled(roads, used, before, stations, rules)
    fitted = _cross_validated(told, parts, before, used, roads.junction_delay_s, rules)
    _require_sense(told, parts, fitted, rules)
    return SpeedCalibration(
        told=told,
        parameters=_parameters(told, parts, used, rules),
        errors=_errors(fitted),
        counts=counts,
        n_rounds=rounds.n,
        n_changed=rounds.n_changed,
        is_settled=rounds.is_settled,
        unit_s=float(used.recorded.unit_s[0]),
        n_capped=int(used.recorded.is_capped.sum()),
        n_calls=int(used.cluster.max()) + 1,
        n_stations=int(used.trips["station_id"].nunique()),
        fitted=fitted,
    )


def _usable(
    roads: RoadParts,
    trips: pd.DataFrame,
    stations: pd.DataFrame,
    places: pd.DataFrame,
    rules: CalibrationRules,
) -> tuple[_Used, Parts, pd.Series]:
    """Give the trips that are fitted, with their ways at the profile's times, and the count of all."""
    recorded, has_time = recorded_times(trips["driving_s"].to_numpy(dtype=np.float64, na_value=np.nan))
    parts = route_parts(roads, roads.network, trips, stations, places)
    on_road = stations.index[stations["is_snapped"].to_numpy(dtype=bool)]
    way_s = parts.seconds.sum(axis=1)
    conditions = [
        ~has_time,
        ~trips["station_id"].isin(on_road).to_numpy(),
        ~places["is_snapped"].to_numpy(dtype=bool),
        ~parts.is_routed,
        way_s < _LEAST_WAY_S,
    ]
    reason = np.select(conditions, REASONS[1:], default=REASONS[0])
    counts = pd.Series(reason).value_counts().reindex(list(REASONS), fill_value=0)
    row = np.flatnonzero(reason == REASONS[0])
    if len(row) < rules.min_trips:
        raise InputError(Message("calibration.too_few", {"n": len(row), "least": rules.min_trips}))
    chosen = trips.iloc[row]
    n_stations = int((chosen["station_id"].value_counts() >= rules.min_of_station).sum())
    if n_stations < rules.min_stations:
        values = {"n": n_stations, "each": rules.min_of_station, "least": rules.min_stations}
        raise InputError(Message("calibration.few_stations", values))
    cluster, _ = pd.factorize(chosen["call_id"], sort=True)
    weather, words = weather_classes(chosen, least=rules.min_of_part)
    when = np.column_stack([band_of(chosen["hour"], rules.bands), weather])
    used = _Used(chosen, places.iloc[row], recorded.take(row), when, words, cluster.astype(np.int64))
    return used, parts.take(row), counts.rename("n_trips")


class _Rounds(NamedTuple):
    """How the rounds of routing and fitting ended."""

    n: int
    n_changed: int
    is_settled: bool


def _until_settled(
    roads: RoadParts, used: _Used, parts: Parts, stations: pd.DataFrame, rules: CalibrationRules
) -> tuple[Told, Parts, _Rounds]:
    """Fit and route in turn until the ways stay the same, or the rounds are over."""
    last: Told | None = None
    for i in range(1, rules.most_rounds + 1):
        shape, kept = first_shape(parts, used.when, rules, junction_delay_s=roads.junction_delay_s)
        told = narrow(shape, kept, parts, used.when, used.recorded, used.cluster, rules)
        factor = pd.Series(part_factors(told.fit, len(parts.names)), index=list(parts.names))
        network = timed_network(roads, factor, told.fit.junction_delay_s)
        again = route_parts(roads, network, used.trips, stations, used.places)
        n_changed = int((np.abs(again.seconds - parts.seconds).max(axis=1) > _SAME_S).sum())
        is_settled = not n_changed or _stands_still(last, told)
        if is_settled or i == rules.most_rounds:
            return told, parts, _Rounds(i, n_changed, is_settled)
        last, parts = told, again
    raise AssertionError("at least one round is run")


def _stands_still(last: Told | None, told: Told) -> bool:
    """Tell whether the same parameters moved by less than a tenth of half their intervals."""
    if last is None or last.fit.shape != told.fit.shape:
        return False
    moved = np.abs(told.fit.estimate.value - last.fit.estimate.value)
    return bool((moved <= 0.1 * told.fit.estimate.half_width).all())


def _cross_validated(
    told: Told, parts: Parts, before: Parts, used: _Used, delay_s: float, rules: CalibrationRules
) -> pd.DataFrame:
    """Give each trip's modelled time by the profile, and by a fit that left its call out.

    Calls go round the folds in the order of a shuffle with a fixed seed. The ways are those of the whole fit.
    """
    n_calls = int(used.cluster.max()) + 1
    fold_of_call = np.random.default_rng(19).permutation(n_calls) % rules.n_folds
    fold = fold_of_call[used.cluster]
    after = np.full(len(fold), np.nan)
    for one in range(rules.n_folds):
        out = fold == one
        if out.any():
            rest = ~out
            fit = fit_shape(told.fit.shape, parts.take(rest), used.when[rest], used.recorded.take(rest))
            after[out] = modelled_s(fit, parts.take(out), used.when[out])
    return pd.DataFrame(
        {
            "recorded_s": used.recorded.seconds,
            "before_s": before.seconds.sum(axis=1) + delay_s * before.n_junctions,
            "after_s": after,
            "fold": fold,
            "band": used.when[:, 0],
            "weather": np.array([*used.weather, None], dtype=object)[used.when[:, 1]],
            "is_capped": used.recorded.is_capped,
        },
        index=used.trips.index,
    )


def _share_wild(fitted: pd.DataFrame) -> float:
    judged = fitted[~fitted["is_capped"] & (fitted["recorded_s"] > 0)]
    return float((np.abs(np.log(judged["recorded_s"] / judged["after_s"])) > np.log(2.0)).mean())


def _require_sense(told: Told, parts: Parts, fitted: pd.DataFrame, rules: CalibrationRules) -> None:
    """Check that the times are those of drives on these roads: a fit to chance has narrow intervals too.

    Raises
    ------
    InputError
        Too many times are no such drives, or a speed is none.
    """
    wild = _share_wild(fitted)
    if wild > rules.most_wild:
        values = {"share": percent(wild), "most": percent(rules.most_wild)}
        raise InputError(Message("calibration.wild", values))
    factor = 1.0 / part_factors(told.fit, len(parts.names))
    far = np.abs(np.log(factor)) > np.log(rules.most_change)
    if far.any():
        at = int(np.argmax(far))
        (name,) = name_classes([parts.names[at]])
        of = {"name": name, "factor": float(factor[at]), "most": rules.most_change}
        raise InputError(Message("calibration.no_speed", of))


def _errors(fitted: pd.DataFrame) -> pd.DataFrame:
    """Give the errors before and after; trips at a cap, of which the time is not known, are not judged."""
    judged = fitted[~fitted["is_capped"] & (fitted["recorded_s"] > 0)]
    rows = {}
    for name in ("before", "after"):
        away = judged[f"{name}_s"] - judged["recorded_s"]
        share = away / judged["recorded_s"]
        rows[name] = {
            "median_abs_s": away.abs().median(),
            "median_abs_share": share.abs().median(),
            "bias_share": share.median(),
            "n_trips": len(judged),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _parameters(told: Told, parts: Parts, used: _Used, rules: CalibrationRules) -> pd.DataFrame:
    """List all parameters, also those that were kept, with their intervals."""
    fit, half = told.fit, told.fit.estimate.half_width
    share = parts.seconds.sum(axis=0) / parts.seconds.sum()
    n_trips = (parts.seconds > 0).sum(axis=0)
    group_of = {column: g for g, group in enumerate(fit.shape.groups) for column in group}
    rows: list[dict[str, object]] = []
    for i, name in enumerate(parts.names):
        about: dict[str, object] = {"kind": ACCESS if name == ACCESS else "class", "name": name}
        about |= {"n_trips": int(n_trips[i]), "share": float(share[i])}
        if i in group_of:
            g = group_of[i]
            log, others = -fit.estimate.value[g], [parts.names[j] for j in fit.shape.groups[g] if j != i]
            about |= {"factor": np.exp(log), "low": np.exp(log - half[g]), "high": np.exp(log + half[g])}
            about |= {"state": "together" if others else "measured", "with_names": tuple(others)}
        else:
            about |= {"factor": 1.0, "state": told.kept.get(name, "not_driven"), "with_names": ()}
        rows.append(about)
    rows += _delays(told, n=len(used.when)) + _conditions(told, used, rules)
    log = fit.estimate.value[-1]
    spread: dict[str, object] = {
        "value": np.exp(log),
        "low": np.exp(log - half[-1]),
        "high": np.exp(log + half[-1]),
    }
    rows.append(
        {"kind": "spread", "name": "spread", "state": "measured", "n_trips": len(used.when), **spread}
    )
    columns = ["kind", "name", "factor", "value", "low", "high", "state", "with_names", "n_trips", "share"]
    table = pd.DataFrame(rows).reindex(columns=columns)
    table["with_names"] = [names if isinstance(names, tuple) else () for names in table["with_names"]]
    return table


def _delays(told: Told, *, n: int) -> list[dict[str, object]]:
    """Give the rows of junction delay and start loss."""
    fit, half = told.fit, told.fit.estimate.half_width * told.fit.scale
    junction, loss, _ = fit.start
    asked = {
        "junction": (fit.shape.has_junctions, junction, fit.junction_delay_s),
        "loss": (fit.shape.has_loss, loss, fit.start_loss_s),
    }
    rows: list[dict[str, object]] = []
    for kind, (is_asked, at, value) in asked.items():
        row: dict[str, object] = {"kind": kind, "name": kind, "value": value, "n_trips": n}
        if is_asked:
            row |= {"low": max(value - half[at], 0.0), "high": value + half[at], "state": "measured"}
        else:
            row["state"] = told.kept[kind]
        rows.append(row)
    return rows


def _conditions(told: Told, used: _Used, rules: CalibrationRules) -> list[dict[str, object]]:
    """Give the rows of the hours and of the weather: factors on the speed."""
    names = (*((0, "band", one.name) for one in rules.bands), (0, "band", "other"))
    words = tuple((1, "weather", word) for word in used.weather) if len(used.weather) > 1 else ()
    log, half = told.fit.condition_logs
    asked = dict(zip(told.fit.shape.conditions, zip(-log, half, strict=True), strict=True))
    rows: list[dict[str, object]] = []
    for column, kind, name in (*names, *words):
        code = sum(1 for row in rows if row["kind"] == kind)
        n_trips = int((used.when[:, column] == code).sum())
        row: dict[str, object] = {"kind": kind, "name": name, "n_trips": n_trips}
        if (column, code) in asked:
            at, width = asked[column, code]
            ends = {"low": np.exp(at - width), "high": np.exp(at + width)}
            row |= {"value": np.exp(at), **ends, "state": "measured"}
        else:
            row |= {"value": 1.0, "state": told.kept.get(f"{kind} {code}", "unsure")}
        rows.append(row)
    return rows
