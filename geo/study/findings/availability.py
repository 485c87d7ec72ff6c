"""What a study finds about engines that may be out: stations, places, towns, and effective forces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.availability import Availability, force_times
from geo.coverage import Coverage
from geo.findings import Finding, Style, class_roles
from geo.messages import Message
from geo.statistics import OUTSIDE, weighted_mean, weighted_percentile
from geo.study.availability import HOURS_A_YEAR, Dispatch, prepare_dispatch
from geo.study.engines import riders_of, say_engines
from geo.study.findings.engine_kinds import engines_per_call, kind_notes, report_kinds, solve_kinds
from geo.study.inputs import Inputs, naming
from geo.study.settings import AvailabilitySpec, ForceSpec, Study
from geo.times import is_within
from geo.words import Lang

__all__ = ["chance_class", "report_availability"]

_WORDS: Final = "availability"
CHANCES: Final = ("chance_95", "chance_90", "chance_75", "chance_50", "chance_low", "chance_none")
"""Classes of the chance that a call is answered in time, the best first."""
_LOWEST: Final = (0.95, 0.9, 0.75, 0.5)
_LOADS: Final = ("load_low", "load_some", "load_high", "load_none", "load_off")
_LOAD_FROM: Final = (0.1, 0.3)
"""Busy shares from which a station is told as somewhat busy, and as busy."""
_LATE: Final = ("force_late", "force_never")


def report_availability(study: Study, inputs: Inputs, coverage: Coverage) -> tuple[Finding, ...]:
    """Find what is left of coverage when engines may be out, by the hypercube.

    Returns
    -------
    tuple of Finding
        ``availability`` (places), ``availability_stations``, ``availability_towns``, all of them about the
        first kind of engine; with several kinds ``availability_kinds``; with forces asked for
        ``availability_force`` (each force in all and by town) and ``availability_force_late`` (places where
        one is late). None without ``[availability]``.

    Raises
    ------
    GeoError
        The calls or crews cannot be used, or calls wait and are more than all engines can serve.
    """
    spec = study.availability
    if spec is None:
        return ()
    dispatch = prepare_dispatch(spec, inputs, coverage)
    with naming("availability"):
        solved, kinds = solve_kinds(spec, dispatch, limit_s=coverage.standard.limit_s)
        how = (Message(f"availability.note_{_kind(solved)}"), _dispatch_note(spec))
        notes = (*dispatch.notes, *kind_notes(dispatch, kinds), *how)
        places = _places(coverage, solved)
        figures = _figures(places, solved) | engines_per_call(dispatch, kinds)
        is_too_high = figures.get("engines_per_call", 1.0) > 1.0
        findings = [
            Finding("availability", _WORDS, *_drawn_places(places, is_too_high=is_too_high), figures, notes),
            _stations(coverage, dispatch, solved),
            Finding("availability_towns", _WORDS, _towns(places)),
            *report_kinds(dispatch, kinds),
        ]
        if spec.force:
            findings += _forces(spec, coverage, dispatch, inputs, lang=study.study.lang)
    return tuple(findings)


def chance_class(share: pd.Series, is_reached: pd.Series) -> np.ndarray[Any, Any]:
    """Give the class of each chance to be in time; ``chance_none`` where nobody comes at all, or in time."""
    steps = [share >= low - 1e-12 for low in _LOWEST]
    none = ~is_reached | ~(share > 0.0)
    return np.select([none.to_numpy(), *steps], [CHANCES[-1], *CHANCES[:4]], default="chance_low")


def _kind(solved: Availability) -> str:
    return "exact" if solved.is_exact else "approximate"


def _dispatch_note(spec: AvailabilitySpec) -> Message:
    return Message("availability.note_queued" if spec.is_queued else "availability.note_lost")


def _places(coverage: Coverage, solved: Availability) -> gpd.GeoDataFrame:
    """Tell of each place who comes first, how often that one is out, and what is left of the coverage."""
    table, told = coverage.table, solved.places
    first_s = told["first_s"]
    columns = {
        **({"name": table["name"]} if "name" in table else {}),
        "zone": table["zone"],
        "people": table["people"],
        "calls_per_year": told["calls_per_h"] * HOURS_A_YEAR,
        "first_station": told["first_id"].map(coverage.stations["name"]),
        "first_s": first_s,
        "expected_s": told["expected_s"].round(3),
        "is_covered": is_within(first_s.to_numpy(), solved.limit_s),
        "share_in_time": told["share_in_time"],
        "share_first_out": told["first_out_share"],
        "share_second_out": told["second_out_share"],
        "share_third_out": told["third_out_share"],
        "share_lost": told["lost_share"],
        "share_unreached": told["unreached_share"],
        "class": chance_class(told["share_in_time"], pd.Series(np.isfinite(first_s), told.index)),
    }
    return gpd.GeoDataFrame(columns, index=table.index, geometry=table.geometry, crs=table.crs)


def _drawn_places(places: gpd.GeoDataFrame, *, is_too_high: bool) -> tuple[gpd.GeoDataFrame, Style]:
    there = [word for word in CHANCES if word in set(places["class"])]
    shown = (
        *("people", "calls_per_year", "class", "share_in_time", "first_station", "first_s", "expected_s"),
        *("share_first_out", "share_second_out", "zone"),
    )
    title = "name" if "name" in places else "zone"
    caution = "several" if is_too_high else ""
    roles = class_roles("chance", there)
    return places, Style(roles, by="class", columns=shown, title=title, caution=caution)


def _figures(places: gpd.GeoDataFrame, solved: Availability) -> dict[str, float]:
    people, share = places["people"].to_numpy(float), places["share_in_time"].to_numpy(float)
    in_time = places["is_covered"].to_numpy(bool)
    figures = solved.figures
    return {
        "calls_per_year": figures["calls_per_h"] * HOURS_A_YEAR,
        "lost_per_year": figures["lost_per_h"] * HOURS_A_YEAR,
        "lost_share": _share(figures["lost_per_h"], figures["calls_per_h"]),
        "unreached_per_year": figures["unreached_per_h"] * HOURS_A_YEAR,
        "unreached_share": _share(figures["unreached_per_h"], figures["calls_per_h"]),
        "share_in_time": figures["share_in_time"],
        "share_in_time_if_free": figures["share_in_time_if_free"],
        "expected_s": figures["expected_s"],
        "first_s": figures["first_s"],
        "busy_share": figures["busy_share"],
        "busiest_share": float(solved.stations["busy_share"].max()),
        "all_out_share": solved.all_out_share,
        "people": float(people.sum()),
        "people_in_time_if_free": float(people[in_time].sum()),
        # nan only where some place may have to wait and some station never comes: then nothing is said
        "people_in_time": float(people[people > 0.0] @ share[people > 0.0]),
        "n_crews": float(solved.stations["crews"].sum()),
    }


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else float("nan")


def _share(part: float, whole: float) -> float:
    """Give a share as exactly as tables have it, so that one of a millionth is 0 wherever it is told."""
    return round(_ratio(part, whole), 6)


def _stations(coverage: Coverage, dispatch: Dispatch, solved: Availability) -> Finding:
    stations, told = coverage.stations, solved.stations.reindex(coverage.stations.index)
    busy, lead = told["busy_share"], dispatch.engines.columns[0]
    is_placed = coverage.station_snaps["is_snapped"].reindex(stations.index).to_numpy(dtype=bool)
    crews = dispatch.engines[lead]
    table = gpd.GeoDataFrame(
        {
            "name": stations["name"],
            "staff": stations["staff"].astype(float),
            "crews": crews,
            "calls_per_year": told["calls_per_h"] * HOURS_A_YEAR,
            "share_busy": busy,
            "share_all_out": told["all_out_share"],
            "class": np.select(
                [~is_placed, busy.isna(), busy >= _LOAD_FROM[1], busy >= _LOAD_FROM[0]],
                ["load_off", "load_none", "load_high", "load_some"],
                default="load_low",
            ),
        },
        index=stations.index.rename("facility_id"),
        geometry=stations.geometry,
        crs=stations.crs,
    )
    there = [word for word in _LOADS if word in set(table["class"])]
    columns = ("class", "crews", "staff", "calls_per_year", "share_busy", "share_all_out")
    style = Style(class_roles("load", there), by="class", columns=columns, size=7.0)
    return Finding("availability_stations", _WORDS, table, style)


def _towns(places: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give people, calls and shares of each town; the places outside all towns in a row of their own."""
    zone = places["zone"].astype(object).where(places["zone"].notna(), OUTSIDE)
    rows = {}
    for name, part in places.groupby(zone, sort=False):
        people, calls = part["people"].to_numpy(float), part["calls_per_year"].to_numpy(float)
        share = part["share_in_time"].to_numpy(float)
        free = part["is_covered"].to_numpy(bool)
        came = calls * (1.0 - part["share_lost"] - part["share_unreached"]).to_numpy(float)
        total = float(people.sum())
        in_time = float(people[people > 0.0] @ share[people > 0.0])
        rows[name] = {
            "people": total,
            "calls_per_year": float(calls.sum()),
            "people_in_time_if_free": float(people[free].sum()),
            "people_in_time": in_time,
            "share_people_if_free": _ratio(float(people[free].sum()), total),
            "share_people": _ratio(in_time, total),
            "share_in_time": weighted_mean(share, calls),
            "first_s": weighted_mean(part["first_s"], calls),
            "expected_s": weighted_mean(part["expected_s"], came),
            "share_lost": weighted_mean(part["share_lost"], calls),
            "share_unreached": weighted_mean(part["share_unreached"], calls),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    order = sorted(table.index, key=lambda name: (name == OUTSIDE, name))
    table = table.loc[order].rename_axis("zone").reset_index()
    return table.assign(zone=table["zone"].where(table["zone"] != OUTSIDE, None))


@dataclass(frozen=True, eq=False)
class _ForceTimes:
    """The seconds by which a force is at the places that it is asked for."""

    force: ForceSpec
    places: gpd.GeoDataFrame
    seconds: pd.Series
    kinds: str | None = None


def _forces(
    spec: AvailabilitySpec, coverage: Coverage, dispatch: Dispatch, inputs: Inputs, *, lang: Lang
) -> list[Finding]:
    """Find by when each force is there, all engines being in."""
    stations = coverage.stations.loc[dispatch.times.columns]
    staff = stations["staff"].astype(float)
    engines = dispatch.engines.reindex(stations.index)
    riders = np.minimum(staff.fillna(0.0) * spec.staff_share, riders_of(spec, engines))
    risk = inputs.demand["risk"].astype(float)
    timed = []
    for force in spec.force:
        upto = np.inf if force.risk_below is None else force.risk_below
        asked = ((risk >= force.risk_from) & (risk < upto)).to_numpy()
        seconds = force_times(
            dispatch.times,
            staff=riders,
            n_engines=force.n_engines,
            n_firefighters=force.n_firefighters,
            engines=engines,
            needs=force.engines,
        )
        kinds = say_engines(force.engines, lang=lang) if spec.engines else None
        timed.append(_ForceTimes(force, coverage.table[asked], seconds[asked], kinds))
    rows = pd.DataFrame([row for each in timed for row in _force_rows(each)])
    numbers = {"share": f"{spec.staff_share:.0%}", "riders": f"{spec.riders_per_engine:g}"}
    notes = [Message("availability.note_force", numbers)]
    if staff.isna().any():
        notes.append(Message("availability.note_no_staff", {"n": int(staff.isna().sum())}))
    nobody = [each.force.name for each in timed if not float(each.places["people"].sum()) > 0.0]
    if nobody:
        notes.append(Message("availability.note_no_risk", {"names": tuple(nobody)}))
    whole = rows[rows["zone"].isna()]
    figures = {
        "n_forces": float(len(timed)),
        "least_share": float(whole["share_people"].min()),
    }
    return [
        Finding("availability_force", _WORDS, rows, None, figures, tuple(notes)),
        *_late_places(timed, coverage),
    ]


def _force_rows(timed: _ForceTimes) -> list[dict[str, Any]]:
    """Give a row for all places that a force is asked for, then one for each town."""
    force, limit_s = timed.force, 60.0 * timed.force.limit_min
    zones = timed.places["zone"]
    parts: list[tuple[str | None, np.ndarray[Any, Any]]] = [(None, np.ones(len(zones), dtype=bool))]
    parts += [(name, (zones == name).to_numpy()) for name in sorted(set(zones.dropna()))]
    rows = []
    for zone, chosen in parts:
        people = timed.places["people"].to_numpy(float)[chosen]
        seconds = timed.seconds.to_numpy(float)[chosen]
        in_time = float(people[is_within(seconds, limit_s)].sum())
        never = float(people[~np.isfinite(seconds)].sum())
        rows.append(
            {
                "force": force.name,
                "zone": zone,
                "n_engines": max(force.n_engines, sum(force.engines.values())),
                **({} if timed.kinds is None else {"engine_kinds": timed.kinds}),
                "n_firefighters": force.n_firefighters,
                "limit_s": limit_s,
                "people": float(people.sum()),
                "people_in_time": in_time,
                "share_people": _ratio(in_time, float(people.sum())),
                "people_never": never,
                "median_s": weighted_percentile(seconds, people, 0.5) if people.sum() > 0.0 else np.nan,
                "p90_s": weighted_percentile(seconds, people, 0.9) if people.sum() > 0.0 else np.nan,
            }
        )
    return rows


def _late_places(timed: list[_ForceTimes], coverage: Coverage) -> list[Finding]:
    """List the places with people where a force is late or never there."""
    parts = []
    for each in timed:
        limit_s = 60.0 * each.force.limit_min
        late = ~is_within(each.seconds.to_numpy(float), limit_s) & (each.places["people"] > 0.0).to_numpy()
        places, seconds = each.places[late], each.seconds[late]
        columns: dict[str, Any] = {
            "force": each.force.name,
            **({"name": places["name"]} if "name" in places else {}),
            "zone": places["zone"],
            "people": places["people"],
            "force_s": seconds,
            "limit_s": limit_s,
            "class": np.where(np.isfinite(seconds), *_LATE),
        }
        parts.append(gpd.GeoDataFrame(columns, index=places.index, geometry=places.geometry))
    table = gpd.GeoDataFrame(pd.concat(parts), crs=coverage.table.crs)
    if not len(table):
        return []
    table = table.rename_axis("demand_id").reset_index()
    there = [word for word in _LATE if word in set(table["class"])]
    shown = ("force", "class", "people", "force_s", "limit_s", "zone")
    title = "name" if "name" in table else "zone"
    style = Style(class_roles("force", there), by="class", columns=shown, title=title)
    return [Finding("availability_force_late", _WORDS, table, style)]
