"""Turnout by station and hours from recorded calls; a station with few calls is drawn to the mean of all.

log turnout = m + band + station + error, with Student's t for the error. Stations are first taken as they
are, then shrunk by how much they truly differ (DerSimonian and Laird 1986, Controlled Clinical Trials 7(3)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from geo.calibration._estimate import Estimate, Model, estimate
from geo.calibration.rules import CalibrationRules, band_of
from geo.calibration.trips import check_trips, recorded_times
from geo.errors import InputError
from geo.messages import Message

__all__ = ["TurnoutCalibration", "calibrate_turnout"]

_LOW, _HIGH = np.log(0.1), np.log(7200.0)
_NORMAL = float(ndtri(0.975))


@dataclass(frozen=True, eq=False)
class TurnoutCalibration:
    """Measured turnout.

    Parameters
    ----------
    overall : Series
        ``turnout_s`` (median of a station of the mean kind at the mean hour), ``low``, ``high`` (95 %).
    stations : DataFrame
        Index ``station_id``: ``n_calls``, ``own_s`` (its own median), ``turnout_s`` (shrunk), ``low``,
        ``high`` (95 %), ``weight`` (0-1 that its own calls have). Stations without calls have
        the mean of all.
    bands : DataFrame
        Index name: ``factor`` (on the seconds, the mean hour of the calls is 1), ``low``, ``high``,
        ``n_calls``, ``is_told``.
    between_share : float
        How far stations truly differ: one standard deviation of the log.
    spread : float
        Scale of the errors of the log about them.
    unit_s : float
        What the stamps were cut to, 0 for exact.
    n_calls, n_left_out : int
        Rows used, and those without a time or station.
    """

    overall: pd.Series
    stations: pd.DataFrame
    bands: pd.DataFrame
    between_share: float
    spread: float
    unit_s: float
    n_calls: int
    n_left_out: int


def calibrate_turnout(
    trips: pd.DataFrame, station_ids: pd.Index, *, rules: CalibrationRules | None = None
) -> TurnoutCalibration:
    """Measure turnout by station and band of hours.

    Parameters
    ----------
    trips : DataFrame
        Trips; ``turnout_s`` nan where it is not known.
    station_ids : pandas.Index
        The stations that are told of, unique.
    rules : CalibrationRules, optional
        ``min_trips`` rows are needed; bands of fewer than ``min_of_part`` rows have factor 1.

    Raises
    ------
    InputError
        The trips are wrong, or too few have a turnout.
    """
    rules = rules or CalibrationRules()
    check_trips(trips)
    recorded, is_timed = recorded_times(trips["turnout_s"].to_numpy(dtype=np.float64, na_value=np.nan))
    code = station_ids.get_indexer(trips["station_id"])
    row = np.flatnonzero(is_timed & (code >= 0))
    if len(row) < rules.min_trips:
        raise InputError(Message("calibration.few_turnouts", {"n": len(row), "least": rules.min_trips}))
    band = band_of(trips["hour"].iloc[row], rules.bands)
    used = recorded.take(row)
    cluster, _ = pd.factorize(trips["call_id"].iloc[row], sort=True)
    n_of = np.bincount(code[row], minlength=len(station_ids))
    has = np.flatnonzero(n_of)
    bands = tuple(i for i in range(len(rules.bands) + 1) if (band == i).sum() >= rules.min_of_part)
    design = np.hstack([code[row][:, None] == has, _contrasts(band, bands)]).astype(np.float64)
    fit = estimate(
        _linear(design),
        used,
        start=np.append(np.full(len(has), np.log(np.median(used.seconds + used.unit_s / 2))),
                        np.zeros(design.shape[1] - len(has))),
        bounds=[(_LOW, _HIGH)] * len(has) + [(-3.0, 3.0)] * (design.shape[1] - len(has)),
        cluster=cluster.astype(np.int64),
    )  # fmt: skip
    spread = float(np.exp(fit.value[-1]))
    overall, stations, between = _shrunk(fit, has, n_of, station_ids, spread)
    return TurnoutCalibration(
        overall, stations, _bands(fit, len(has), band, bands, rules), between, spread,
        float(used.unit_s[0]), len(row), len(trips) - len(row),
    )  # fmt: skip


def _linear(design: NDArray[np.float64]) -> Model:
    return lambda values: (design @ values, design)


def _contrasts(band: NDArray[np.int64], bands: tuple[int, ...]) -> NDArray[np.float64]:
    """Give the columns of bands, whose log factors have a mean of 0 over the rows."""
    columns = [np.where(band == one, 1.0, 0.0) for one in bands[:-1]]
    if not columns:
        return np.zeros((len(band), 0))
    last = (band == bands[-1]).sum()
    return np.column_stack(
        [column - np.where(band == bands[-1], column.sum() / last, 0.0) for column in columns]
    )


def _shrunk(
    fit: Estimate,
    has: NDArray[np.int64],
    n_of: NDArray[np.int64],
    ids: pd.Index,
    spread: float,
) -> tuple[pd.Series, pd.DataFrame, float]:
    """Draw stations to the mean of all by how sure each is, and by how far they truly differ."""
    own = fit.value[: len(has)]
    # A station's few calls may agree by chance: its error is at least what the spread of all gives it.
    least = 1.5 * spread**2 / n_of[has]
    error = np.maximum(np.diag(fit.covariance)[: len(has)], least)
    weight = 1.0 / error
    mean = float((weight * own).sum() / weight.sum())
    excess = float((weight * (own - mean) ** 2).sum()) - (len(own) - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    between = max(0.0, excess / scale) if scale > 0 else 0.0
    weight = 1.0 / (error + between)
    mean = float((weight * own).sum() / weight.sum())
    mean_error = 1.0 / weight.sum()
    share = np.zeros(len(ids))
    share[has] = between / (between + error)
    log, variance = np.full(len(ids), mean), np.full(len(ids), between + mean_error)
    log[has] = share[has] * own + (1.0 - share[has]) * mean
    variance[has] = share[has] * error + (1.0 - share[has]) ** 2 * mean_error
    half = _NORMAL * np.sqrt(variance)
    own_s = np.full(len(ids), np.nan)
    own_s[has] = np.exp(own)
    table = pd.DataFrame(
        {
            "n_calls": n_of, "own_s": own_s, "turnout_s": np.exp(log),
            "low": np.exp(log - half), "high": np.exp(log + half), "weight": share,
        },
        index=ids,
    )  # fmt: skip
    wide = _NORMAL * np.sqrt(mean_error)
    ends = {"turnout_s": np.exp(mean), "low": np.exp(mean - wide), "high": np.exp(mean + wide)}
    return pd.Series(ends), table, float(np.sqrt(between))


def _bands(
    fit: Estimate, first: int, band: NDArray[np.int64], bands: tuple[int, ...], rules: CalibrationRules
) -> pd.DataFrame:
    """Give the factors of the hours; 1 where a band has too few rows."""
    rows = []
    n_free = max(len(bands) - 1, 0)
    cover = fit.covariance[first : first + n_free, first : first + n_free]
    count = np.array([(band == one).sum() for one in bands], dtype=np.float64)
    weights = np.vstack([np.eye(n_free), -count[:-1] / count[-1]]) if n_free else np.zeros((len(bands), 0))
    log = weights @ fit.value[first : first + n_free]
    half = fit.reach * np.sqrt(np.einsum("ij,jk,ik->i", weights, cover, weights))
    for i, name in enumerate([*(one.name for one in rules.bands), "other"]):
        is_told = i in bands and n_free > 0
        at = bands.index(i) if is_told else 0
        low, value, high = (
            np.exp([log[at] - half[at], log[at], log[at] + half[at]]) if is_told else (np.nan, 1.0, np.nan)
        )
        about = {"factor": value, "low": low, "high": high, "is_told": is_told}
        rows.append({"name": name, "n_calls": int((band == i).sum()), **about})
    return pd.DataFrame(rows).set_index("name")
