"""What a study finds about depots, bases and teams: their levels, whom they reach, towns without one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.demand import assign_zones
from geo.depots import DepotReach, reach_depots
from geo.findings import Finding, Style, class_roles
from geo.messages import Message
from geo.network import RoadNetwork
from geo.plans import count_zones, read_levels
from geo.schema import Direction
from geo.standards import ResponseStandard, load_response
from geo.stations import select
from geo.study.findings.villages import list_villages, match_depots, report_villages
from geo.study.inputs import Inputs, naming, told_zones
from geo.study.settings import Study

__all__ = ["report_depot_reach", "report_depots"]

_WORDS: Final = "depots"
_LEVELS: Final = (
    *("city", "joint", "sector", "district", "town", "village", "point", "household"),
    *("base", "unknown"),
)
_BEYOND: Final = ("both", "drive", "walk")
_TEAMS: Final = ("none", "some")
_NO_LIMIT: Final = float("inf")


def report_depots(study: Study, inputs: Inputs) -> tuple[Finding, ...]:
    """Find what depots, bases, teams and gas repair stations reach, and where they are missing.

    Only existing facilities count.

    Returns
    -------
    tuple of Finding
        ``depots`` (points by level) and ``depot_reach`` (places beyond the limits) where there are depots or
        bases; with a list of villages those of :func:`~geo.study.findings.villages.report_villages`;
        ``teams_by_town`` where there are teams and towns; ``gas_repair_stations``.

    Raises
    ------
    StudyError
        A level, kind or standard of ``[depots]`` is unknown.
    """
    findings: list[Finding] = []
    towns = told_zones(inputs.zones)
    facilities = _with_towns(select(inputs.facilities, status="existing"), towns)
    with naming("depots"):
        findings += _of_depots(study, inputs, facilities, towns)
    teams = select(facilities, kind="team")
    if len(teams) and len(towns):
        findings.append(_teams(teams, towns))
    repair = select(facilities, kind="gas_repair")
    if len(repair):
        findings.append(_repair(study, inputs, repair))
    return tuple(findings)


def report_depot_reach(study: Study, inputs: Inputs) -> tuple[Finding, ...]:
    """Find whom depots and bases reach, and nothing else of :func:`report_depots`.

    Returns
    -------
    tuple of Finding
        ``depot_reach`` where there are depots or bases.

    Raises
    ------
    StudyError
        A kind or standard of ``[depots]`` is unknown.
    """
    with naming("depots"):
        facilities = select(inputs.facilities, status="existing")
        if select(facilities, kind={"depot", *study.depots.transport_kinds}).empty:
            return ()
        return (_beyond(inputs, _reaches(study, inputs, facilities)),)


def _with_towns(rows: gpd.GeoDataFrame, towns: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give facilities the town that their file names, else the one they stand in."""
    if not len(towns):
        return rows
    return rows.assign(zone=rows["zone"].where(rows["zone"].notna(), assign_zones(rows, towns)))


def _of_depots(
    study: Study, inputs: Inputs, facilities: gpd.GeoDataFrame, towns: gpd.GeoDataFrame
) -> list[Finding]:
    asked = study.depots
    stock = select(facilities, kind="depot")
    goods = select(facilities, kind={"depot", *asked.transport_kinds})
    villages = list_villages(inputs, towns)
    matches = None if villages is None else match_depots(stock, villages, asked)
    reaches = _reaches(study, inputs, facilities)
    findings = [_depots(goods, reaches, matches, villages), _beyond(inputs, reaches)] if len(goods) else []
    if villages is not None and matches is not None:
        findings += report_villages(villages, stock, matches, asked)
    return findings


def _reaches(
    study: Study, inputs: Inputs, facilities: gpd.GeoDataFrame
) -> dict[str, tuple[ResponseStandard, DepotReach]]:
    """Find whom depots reach by road, and who walks to one."""
    asked = study.depots
    going, stock = select(facilities, kind=asked.transport_kinds), select(facilities, kind="depot")
    reaches: dict[str, tuple[ResponseStandard, DepotReach]] = {}
    if len(going):
        clock = _standard(study, asked.transport_standard)
        reaches["drive"] = clock, _reach(study, inputs, inputs.network, going, clock)
    if len(stock) and inputs.walking is not None:
        clock = _standard(study, asked.walk_standard)
        reaches["walk"] = clock, _reach(study, inputs, inputs.walking, stock, clock, on_foot=True)
    return reaches


def _standard(study: Study, name: str) -> ResponseStandard:
    own = study.file(name)
    return load_response(own if own.is_file() else name)


def _reach(
    study: Study,
    inputs: Inputs,
    network: RoadNetwork,
    depots: gpd.GeoDataFrame,
    clock: ResponseStandard,
    *,
    on_foot: bool = False,
) -> DepotReach:
    direction: Direction = "to_facility" if on_foot else "from_facility"
    return reach_depots(
        network,
        depots,
        inputs.demand,
        limit_s=clock.travel_s,
        direction=direction,
        max_snap_m=study.snap.max_m,
        access_kph=study.depots.walk_access_kph if on_foot else study.snap.access_kph,
        barriers=inputs.barriers,
    )


def _depots(
    goods: gpd.GeoDataFrame,
    reaches: Mapping[str, tuple[ResponseStandard, DepotReach]],
    matches: pd.DataFrame | None,
    villages: pd.DataFrame | None,
) -> Finding:
    """Tell of each depot its level, its village and what it serves."""
    level = read_levels(goods["level"])
    is_base = (goods["kind"] != "depot").to_numpy()
    table = goods[["name", "kind", "zone", "geometry"]].assign(
        level=level.where(level.notna(), "unknown").mask(is_base, "base"),
        level_told=goods["level"],
    )
    if matches is not None and villages is not None:
        label = matches["village"].reindex(goods.index)
        table["village_id"] = label
        table["village"] = label.map(villages["name"].to_dict())
        table["how"] = matches["how"].reindex(goods.index).fillna("")
    for way, (_, reach) in reaches.items():
        served = reach.depots[["people_served", "mean_s", "worst_s"]]
        table = table.join(served.set_axis([f"people_{way}", f"{way}_mean_s", f"{way}_worst_s"], axis=1))
    unread = sorted({str(text) for text in goods.loc[level.isna() & ~is_base, "level"].dropna()})
    notes = [Message("depots.note_unread_levels", {"words": tuple(unread[:5])})] if unread else []
    shown = (
        "level",
        "zone",
        "village",
        "how",
        "people_drive",
        "drive_mean_s",
        "drive_worst_s",
        "people_walk",
    )
    style = Style(
        _roles("depot_level", _LEVELS, table["level"]), by="level", columns=_there(shown, table), size=5.0
    )
    return Finding("depots", _WORDS, table, style, _level_figures(table), tuple(notes))


def _level_figures(table: pd.DataFrame) -> dict[str, float]:
    return {f"n_{level}": float(n) for level, n in table["level"].value_counts().items()}


def _beyond(inputs: Inputs, reaches: Mapping[str, tuple[ResponseStandard, DepotReach]]) -> Finding:
    """List the places with people beyond a limit, and the figures of both ways."""
    demand = inputs.demand
    columns: dict[str, Any] = {
        "name": demand.get("name", None),
        "zone": demand["zone"],
        "people": demand["people"],
    }
    beyond = dict.fromkeys(("drive", "walk"), np.zeros(len(demand), dtype=bool))
    figures: dict[str, float] = {}
    notes: list[Message] = []
    for way, (clock, reach) in reaches.items():
        columns |= {f"{way}_s": reach.table["first_s"], f"{way}_reason": reach.table["reason"]}
        beyond[way] = ~reach.table["is_in_time"].to_numpy(dtype=bool)
        figures |= {f"{way}_{name}": value for name, value in reach.figures.items()}
        clocked = {"limit": clock.travel_s / 60.0, "source": clock.source, "n": len(reach.depots)}
        notes.append(Message(f"depots.note_{way}", clocked))
        if n_off := int((~reach.depots["is_snapped"]).sum()):
            notes.append(Message("depots.note_off_roads", {"n": n_off}))
    both = beyond["drive"] & beyond["walk"]
    word = np.select([both, beyond["drive"], beyond["walk"]], list(_BEYOND), default="")
    table = gpd.GeoDataFrame({**columns, "beyond": word}, index=demand.index, geometry=demand.geometry)
    table = table[(table["beyond"] != "") & (table["people"] > 0)]
    shown = ("zone", "people", "beyond", "drive_s", "walk_s")
    style = Style(
        _roles("beyond_depots", _BEYOND, table["beyond"]), by="beyond", columns=_there(shown, table)
    )
    return Finding("depot_reach", _WORDS, table, style, figures, tuple(notes))


def _teams(teams: gpd.GeoDataFrame, towns: gpd.GeoDataFrame) -> Finding:
    """Count the teams of each town, by the town that each names or stands in."""
    n = count_zones(teams["zone"], towns["name"])
    count = towns["name"].map(n)
    table = towns[["name", "people", "geometry"]].assign(
        n_teams=count, has_team=np.where(count > 0, "some", "none")
    )
    figures = {
        "n_towns": float(len(table)),
        "n_without": float((count == 0).sum()),
        "n_elsewhere": float(len(teams) - n.sum()),
    }
    style = Style(_roles("team", _TEAMS, table["has_team"]), by="has_team", columns=("n_teams", "people"))
    elsewhere = int(figures["n_elsewhere"])
    notes = (Message("depots.note_teams_elsewhere", {"n": elsewhere}),) if elsewhere else ()
    return Finding("teams_by_town", _WORDS, table, style, figures, notes)


def _repair(study: Study, inputs: Inputs, repair: gpd.GeoDataFrame) -> Finding:
    """Tell how soon the nearest gas repair station is with everybody; no limit is set for it."""
    reach = reach_depots(
        inputs.network,
        repair,
        inputs.demand,
        limit_s=_NO_LIMIT,
        direction="from_facility",
        max_snap_m=study.snap.max_m,
        access_kph=study.snap.access_kph,
        barriers=inputs.barriers,
    )
    served = reach.depots[["people_served", "mean_s", "worst_s"]].set_axis(
        ["people_drive", "drive_mean_s", "drive_worst_s"], axis=1
    )
    table = repair[["name", "zone", "opened_year", "geometry"]].join(served)
    style = Style(
        {"": "gas_repair"}, columns=("zone", "people_drive", "drive_mean_s", "drive_worst_s"), size=5.0
    )
    names = ("people", "people_unreachable", "mean_s")
    figures = {name: value for name, value in reach.figures.items() if name in names}
    return Finding("gas_repair_stations", _WORDS, table, style, figures)


def _roles(family: str, words: Iterable[str], there: pd.Series) -> dict[str, str]:
    """Keep the classes that are there, in the order of the legend."""
    return class_roles(family, [word for word in words if word in set(there)])


def _there(columns: tuple[str, ...], table: pd.DataFrame) -> tuple[str, ...]:
    return tuple(name for name in columns if name in table)
