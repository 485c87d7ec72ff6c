"""What the page is told of a state, a station in hand and a place that was clicked, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.maps import band_colours, colour_of
from geo.routing import ReachedRoads, route
from geo.schema import STATION_CLASSES
from geo.serve.changes import Change, Lines, Load, write_change
from geo.serve.checking import Checked
from geo.serve.figures import Figures
from geo.serve.flood import flood_rings
from geo.serve.frames import BY_PART
from geo.serve.live_ranges import tell_range
from geo.serve.live_study import LiveStudy, State
from geo.serve.session import Session
from geo.statistics import PEOPLE_PER_STATION
from geo.study import DIRECTION
from geo.times import UNREACHED_MS
from geo.words import Lang, say

__all__ = [
    "RESOURCES",
    "tell_area",
    "tell_checked",
    "tell_drag",
    "tell_figures",
    "tell_place",
    "tell_resources",
    "tell_session",
    "tell_state",
    "tell_study",
    "tell_today",
    "tell_whole",
]

_REASONS: Final[Mapping[str, str]] = {
    "too far": "too_far",
    "across a barrier": "barrier",
    "no road": "no_road",
    "closed road": "closed_road",
}
RESOURCES: Final = ("shelter", "depot", "hydrant", "water_point")
"""Kinds of facility besides the stations that the page places."""
_SIZES: Final[Mapping[str, tuple[str, ...]]] = {
    "shelter": ("area_m2", "places"),
    "depot": ("area_m2",),
    "hydrant": ("flow_lps",),
}
"""What is told, and may be set, of the size of each."""
_NEAR_M: Final = 2000.0
"""Farthest that a click may be from a demand point."""


def tell_study(live: LiveStudy) -> dict[str, Any]:
    """Give what a study is: its name, its people, its clock."""
    study, people, standard = live.study.study, live.people, live.standard
    return {
        "name": study.name,
        "lang": study.lang,
        "synthetic": study.synthetic,
        "people": people.total,
        "n_points": len(people.people),
        "bands_s": people.bands_ms / 1000.0,
        "limit_s": standard.limit_s,
        "standard": standard.name,
        "turnout_s": standard.turnout_s,
        "least_limit_s": standard.call_s + standard.turnout_s,
        "most_people": PEOPLE_PER_STATION,
        "station_classes": STATION_CLASSES,
    }


def tell_today(live: LiveStudy) -> dict[str, Any]:
    """Give the figures of the district as it stands, in the order of its stations."""
    today = live.today()
    return tell_figures(today.figures, live.people.total) | {"order": list(today.stations.index)}


def tell_whole(live: LiveStudy) -> dict[str, Any]:
    """Give a study as it stands, for scripts: its clock, figures, zones, stations and scenarios."""
    return {
        "study": tell_study(live),
        "today": tell_today(live),
        "zones": live.people.zones,
        "stations": _facilities(live, live.today(), [live.study.response.facility_kind]),
        "scenarios": [scenario.name for scenario in live.scenarios],
    }


def tell_figures(figures: Figures, people: float) -> dict[str, Any]:
    """Give the figures of a state; a time of nobody, or of people not reached, is null."""
    return {
        "covered_people": figures.covered_people,
        "share_covered": figures.covered_people / people if people > 0 else None,
        "two_people": figures.two_people,
        "unreachable_people": figures.unreachable_people,
        "mean_s": figures.mean_s,
        "p90_s": figures.p90_s,
        "worst_s": figures.worst_s,
        "gain_people": figures.gain_people,
        "lose_people": figures.lose_people,
        "served_people": figures.served_people,
        "zone_people": figures.zone_people,
    }


def tell_drag(figures: Figures, people: float) -> tuple[dict[str, Any], dict[str, NDArray[np.float64]]]:
    """Give the same of a drag: what is told by station and zone as arrays, written in no time."""
    told = tell_figures(figures, people)
    return told, {name: np.ravel(told.pop(name)) for name in BY_PART}


def tell_area(area: ReachedRoads) -> tuple[bool, dict[str, NDArray[Any]]]:
    """Say whether too many roads are reached, and give those reached whole, and parts of others.

    ``area_whole`` and ``area_part`` are positions in the roads of the map, ``area_share`` where each part
    begins and ends, as shares of its road. Of too many none are given.
    """
    edge, share = (area.edge[:0], area.share[:0]) if area.is_cut else (area.edge, area.share)
    is_whole = (share[:, 0] == 0.0) & (share[:, 1] == 1.0)
    return area.is_cut, {
        "area_whole": edge[is_whole].astype(np.uint32),
        "area_part": edge[~is_whole].astype(np.uint32),
        "area_share": share[~is_whole].astype(np.float32).ravel(),
    }


def tell_state(live: LiveStudy, state: State) -> dict[str, Any]:
    """Give all of a state that is not drawn by bytes: its stations, its clock, closed roads and figures."""
    standard = state.standard
    bands_s = (live.people.bands_ms / 1000.0).tolist()
    return {
        "figures": tell_figures(state.figures, live.people.total),
        "order": list(state.stations.index),
        "stations": _facilities(live, state, [live.study.response.facility_kind]),
        "resources": _facilities(live, state, RESOURCES),
        "limit_s": standard.limit_s,
        "turnout_s": state.plan.scenario.turnout_s,
        "speed_factor": state.plan.scenario.speed_factor,
        "clock": _clock(state),
        "colours": [*band_colours(bands_s, standard.limit_s), colour_of("unreached")],
        "change_colours": {name: colour_of(f"change.{name}") for name in ("gains", "loses")},
        "closed_roads": _closed_roads(live, state),
        "floods": flood_rings(live, state),
    }


def _clock(state: State) -> dict[str, float]:
    """Give the parts of the limit with the turnout of the state: what it takes is not left for driving."""
    standard, own = state.standard, state.plan.scenario.turnout_s
    turnout_s = standard.turnout_s if own is None or standard.clock_start == "departure" else own
    travel_s = max(round(standard.limit_s - standard.call_s - turnout_s, 3), 0.0)
    return {"call_s": standard.call_s, "turnout_s": turnout_s, "travel_s": travel_s}


def tell_session(session: Session) -> dict[str, Any]:
    """Give what a planner did and what can be taken back or made again."""
    return {
        "version": session.version,
        "n_undo": len(session.done),
        "n_redo": len(session.undone),
        "changes": [_tell_change(change) for change in session.done],
        "free_id": session.free_id(),
    }


def _tell_change(change: Change) -> dict[str, Any]:
    """Give a change as it was asked for; of a scenario that was opened its name and what has no sign."""
    if not isinstance(change, Load):
        return write_change(change)
    kept = [part for step in change.steps if isinstance(step, Lines) for part in step.parts]
    return {"do": "open_scenario", "name": change.name, "n": len(change.steps), "kept": kept}


def _facilities(live: LiveStudy, state: State, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """Give all facilities of some kinds: those of today, new ones, closed and planned ones."""
    table, old = state.inputs.facilities, live.inputs.facilities
    rows = table[table["kind"].isin(kinds).to_numpy()]
    answering = set(state.stations.index)
    told = []
    for row in rows.itertuples():
        is_new = row.Index not in old.index
        before = None if is_new else old.geometry.loc[row.Index]
        is_moved = before is not None and not before.equals(row.geometry)
        change = "added" if is_new else "moved" if is_moved else "same"
        told.append(
            {
                "id": row.Index,
                "kind": row.kind,
                "name": None if pd.isna(row.name) else row.name,
                "x": row.geometry.x,
                "y": row.geometry.y,
                "status": row.status,
                "was_status": None if is_new else old.at[row.Index, "status"],
                "answers": row.Index in answering,
                "change": change,
                "station_class": None if pd.isna(row.station_class) else row.station_class,
                "turnout_s": float(row.turnout_s),
                **{name: _number(getattr(row, name)) for name in _SIZES.get(row.kind, ())},
                **({"was_x": before.x, "was_y": before.y} if is_moved and before is not None else {}),
            }
        )
    return told


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _closed_roads(live: LiveStudy, state: State) -> list[list[list[float]]]:
    before, after = live.inputs.network, state.ground.network
    if after.origin is None:
        return []
    is_shut = np.minimum(after.edge_ms, after.edge_back_ms) >= UNREACHED_MS
    is_shut &= np.minimum(before.edge_ms, before.edge_back_ms) < UNREACHED_MS
    return [
        after.xy[after.xy_start[edge] : after.xy_start[edge + 1]].round(1).tolist()
        for edge in np.flatnonzero(is_shut)
    ]


def tell_checked(checked: Checked) -> dict[str, Any]:
    """Give the targets of a plan and whether the full computation agrees."""
    targets = checked.targets
    rows = [] if targets is None else [_target_row(row) for row in targets.itertuples()]
    for row in rows:
        row["recorded"] = _recorded(checked.recorded, row["id"])
    resources = tell_resources(checked.resources)
    return {
        "n_unlike": checked.n_unlike,
        "has_plan": targets is not None,
        "targets": rows,
        "resources": resources,
        "is_share_too_high": checked.engines_per_call > 1.0 and any(map(_is_of_engines, resources)),
        "ranges": tell_range(checked.ranges),
    }


def _target_row(row: Any) -> dict[str, Any]:
    columns = ("comparator", "target", "unit", "status_before", "status_after", "change")
    told = {"id": row.Index, **_named_row(row), **{name: getattr(row, name) for name in columns}}
    langs: tuple[Lang, ...] = ("zh", "en")
    return told | {f"unit_{lang}": say(f"plans.unit_{row.unit}", lang=lang) for lang in langs}


def _recorded(recorded: pd.DataFrame | None, target_id: str) -> dict[str, Any] | None:
    """Give what the records say of a target today: calls, their share in time, and that of the model."""
    if recorded is None or target_id not in recorded.index:
        return None
    row = recorded.loc[target_id]
    told = {name: float(row[name]) for name in ("recorded", "modelled")}
    return {"n": int(row["n_calls"]), "status": str(row["status_recorded"]), **told}


def _is_of_engines(row: Mapping[str, Any]) -> bool:
    return str(row["figure"]).startswith("availability.")


def tell_resources(resources: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Give the figures of shelters, depots and hydrants before and after; none where none is changed."""
    if resources is None:
        return []
    return [{"figure": row.Index, **_named_row(row)} for row in resources.itertuples()]


def _named_row(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("name_zh", "name_en", "before", "after")}


def tell_place(live: LiveStudy, state: State, x: float, y: float) -> dict[str, Any]:
    """Give the demand point nearest to a place: its first and second station and the parts of the time.

    The route is that of the first station; ``call_s + turnout_s + leave_s + drive_s + access_s`` is its
    response.
    """
    at = shapely.get_coordinates(np.asarray(live.inputs.demand.geometry.array))
    away = np.hypot(at[:, 0] - x, at[:, 1] - y)
    point = int(np.nanargmin(away))
    if not away[point] <= _NEAR_M:
        return {"point": None}
    row = live.inputs.demand.iloc[point]
    best = state.best
    told: dict[str, Any] = {
        "point": point,
        "name": row.get("name"),
        "zone": live.people.zones[live.people.zone[point]],
        "people": live.people.people[point],
        "x": at[point, 0],
        "y": at[point, 1],
        "first_s": _seconds(best.first_ms[point]),
        "second_s": _seconds(best.second_ms[point]),
        "first_id": _id(state, best.first[point]),
        "second_id": _id(state, best.second[point]),
        "reason": _reason(state, point),
    }
    return {name: None if _is_missing(value) else value for name, value in told.items()} | (
        _way(state, point) if best.first[point] >= 0 else {}
    )


def _is_missing(value: Any) -> bool:
    return bool(np.isscalar(value) and pd.isna(value))


def _seconds(ms: np.int32) -> float | None:
    return None if ms >= UNREACHED_MS else float(ms) / 1000.0


def _id(state: State, position: np.int32) -> str | None:
    return None if position < 0 else str(state.stations.index[position])


def _reason(state: State, point: int) -> str | None:
    """Say why a point is not reached, as a key of the page's words; None where it is."""
    if state.best.first[point] >= 0:
        return None
    row = state.ground.demand_snaps.iloc[point]
    if not row["is_snapped"]:
        return _REASONS[row["reason"]]
    placed = state.snaps.loc[state.snaps["is_snapped"], "component"]
    return "no_route" if row["component"] in set(placed) else "island"


def _way(state: State, point: int) -> dict[str, Any]:
    """Give the route of the first station to a point and the parts of its time."""
    position = int(state.best.first[point])
    leave, arrive = state.snaps.iloc[[position]], state.ground.demand_snaps.iloc[[point]]
    travel_s, line, _ = route(state.ground.network, leave, arrive, direction=DIRECTION)
    leave_s, access_s = float(leave["access_s"].iloc[0]), float(arrive["access_s"].iloc[0])
    xy: NDArray[np.float64] = np.empty((0, 2)) if line is None else shapely.get_coordinates(line)
    call_s = state.standard.call_s
    return {
        "route": xy.round(1),
        "call_s": call_s,
        "turnout_s": float(state.starts_s.iloc[position]) - call_s,
        "leave_s": leave_s,
        "drive_s": round(travel_s - leave_s - access_s, 3),
        "access_s": access_s,
    }
