"""Zones of responsibility of a study: zones, checks and balanced zones as findings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.coverage import Coverage, clock_starts
from geo.findings import Finding, Style, class_roles
from geo.messages import Message
from geo.routing import travel_times
from geo.study.inputs import Inputs
from geo.study.settings import Study, ZoningSpec
from geo.zones import (
    Balance,
    CheckOptions,
    Shortage,
    Zoning,
    balance,
    check_zones_of,
    merge_faces,
    name_station,
    regular_zones,
    road_blocks,
    station_zones,
    trace_ground,
)

__all__ = ["report_zones"]

_COLOURS: Final = tuple(f"colour_{i}" for i in range(1, 7))
_MOST_PAIRS: Final = 20_000_000
"""Of more points x stations no balanced zones are made: they took 15 s and 300 MB."""
_EXPRESSWAYS: Final = ("motorway", "motorway_link", "trunk", "trunk_link")


def report_zones(
    study: Study, inputs: Inputs, coverage: Coverage, *, is_balanced: bool = True
) -> tuple[Finding, ...]:
    """Give the zones of the stations, their checks, and the zones balanced by people.

    Parameters
    ----------
    study : Study
        Its section ``[zoning]`` (or what it says when missing) and the farthest snap.
    inputs : Inputs
        Land, barriers, towns and surroundings.
    coverage : Coverage
        Under the study's own standard.
    is_balanced : bool
        Whether balanced zones are wanted; the other findings do not need them.

    Returns
    -------
    tuple of Finding
        ``station_zones`` and ``zone_checks``; ``balanced_zones`` where people are reached and the study
        is not too large for it (a note says so).
    """
    asked, network = study.zoning or ZoningSpec(), coverage.network
    towns = inputs.zones[inputs.zones["level"] != "district"]
    zoning = station_zones(
        coverage, land=inputs.land, barriers=inputs.barriers, places=towns, max_snap_m=study.snap.max_m
    )
    exact, notes = zoning, _ground_notes(study, inputs, coverage)
    if asked.outline == "regular":
        classes = asked.main_classes if asked.blocks == "roads" else []
        blocks = road_blocks(network, zoning.ground, classes=classes, borders=towns if len(towns) else None)
        zoning, moved = regular_zones(coverage, zoning, blocks)
        empty = zoning.table.loc[zoning.table.geometry.is_empty & (exact.table["area_km2"] > 0), "name"]
        values = {"blocks": len(blocks), "people": moved, "empty": _list(empty)}
        notes.append(Message("zones.note_regular", values))
    n_pairs = len(coverage.table) * len(coverage.stations)
    is_large = n_pairs > _MOST_PAIRS
    if is_large:
        notes.append(Message("zones.note_not_balanced", {"n": n_pairs, "most": _MOST_PAIRS}))
    checks = check_zones_of(coverage, zoning, _options(asked, inputs, coverage))
    findings = [_zones_finding(zoning, checks, notes), _checks_finding(checks, asked)]
    if is_balanced and not is_large and np.isfinite(exact.demand["first_s"]).any():
        findings.append(_balanced_finding(asked, coverage, exact))
    return tuple(findings)


def _options(asked: ZoningSpec, inputs: Inputs, coverage: Coverage) -> CheckOptions:
    obstacles = inputs.context.obstacles
    if asked.expressways_from_roads:
        edges = coverage.network.edges
        roads = edges.loc[edges["highway"].isin(_EXPRESSWAYS), ["name", "geometry"]].assign(kind="expressway")
        tables = [table for table in (obstacles, roads) if table is not None]
        obstacles = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=coverage.network.crs)
    return CheckOptions(
        suburban=tuple(asked.suburban),
        exemptions=asked.exemptions,
        obstacles=obstacles,
        sensitive=inputs.context.sensitive,
        sliver_km2=asked.sliver_km2,
        wind_from_deg=asked.wind_from_deg,
    )


def _ground_notes(study: Study, inputs: Inputs, coverage: Coverage) -> list[Message]:
    notes: list[Message] = [Message("zones.note_zones")]
    if inputs.land is None:
        notes.append(Message("zones.note_no_land", {"metres": study.snap.max_m}))
    unknown = coverage.stations.loc[coverage.stations["station_class"].isna()]
    if len(unknown):
        names = _list([name_station(coverage.stations, station) for station in unknown.index])
        notes.append(Message("zones.note_no_class", {"n": len(unknown), "names": names}))
    return notes


def _list(names: Iterable[object]) -> tuple[str, ...]:
    """Give the first names, and dots where there are more."""
    texts = [str(name) for name in names]
    return (*texts[:5], *(["…"] if len(texts) > 5 else []))


def _zones_finding(zoning: Zoning, checks: pd.DataFrame, notes: list[Message]) -> Finding:
    table = zoning.table
    missed = checks[checks["state"] == "missed"]
    n_missed = missed.groupby("facility_id").size()
    n_must = missed[missed["level"] == "must"].groupby("facility_id").size()
    is_zone = table["facility_id"].notna()
    counts = {
        "n_missed": table["facility_id"].map(n_missed).fillna(0).astype(int),
        "n_missed_must": table["facility_id"].map(n_must).fillna(0).astype(int),
        "colour": np.where(is_zone, _colours(np.asarray(table.geometry.array)), "none"),
    }
    used = set(counts["colour"])
    columns = ("station_class", "area_km2", "people", "people_unreached", "farthest_s", "worst_s")
    return Finding(
        "station_zones",
        "zones",
        table.assign(**counts)[[*table.columns[:-1], *counts, "geometry"]],
        Style(
            class_roles("zone", [word for word in (*_COLOURS, "none") if word in used]),
            by="colour",
            columns=(*columns, "n_missed", "n_missed_must"),
        ),
        figures={
            "n_zones": float((is_zone & (table["area_km2"] > 0)).sum()),
            "area_km2": float(table.loc[is_zone, "area_km2"].sum()),
            "no_station_km2": float(table.loc[~is_zone, "area_km2"].sum()),
            "beyond_km2": float(table.loc[is_zone, "beyond_km2"].sum()),
            "people_unreached": float(table["people_unreached"].sum()),
        },
        notes=tuple(notes),
    )


def _colours(shapes: NDArray[np.object_]) -> list[str]:
    """Colour zones so that neighbours differ, the one with most neighbours first (Welsh and Powell 1967)."""
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=1.0)
    beside: list[set[int]] = [set() for _ in shapes]
    for i, j in zip(a.tolist(), b.tolist(), strict=True):
        if i != j:
            beside[i].add(j)
    colour: dict[int, int] = {}
    for i in sorted(range(len(shapes)), key=lambda i: (-len(beside[i]), i)):
        taken = {colour[j] for j in beside[i] if j in colour}
        free = [k for k in range(len(_COLOURS)) if k not in taken]
        colour[i] = free[0] if free else i % len(_COLOURS)
    return [_COLOURS[colour[i]] for i in range(len(shapes))]


def _checks_finding(checks: pd.DataFrame, asked: ZoningSpec) -> Finding:
    missed = checks["state"] == "missed"
    is_should = checks["level"] == "should"
    names = Message("zones.all_stations") if "all" in asked.suburban else _list(asked.suburban)
    suburban = (Message("zones.note_suburban", {"names": names}),) if asked.suburban else ()
    return Finding(
        "zone_checks",
        "zones",
        checks,
        figures={
            "n_checks": float(len(checks)),
            **{
                f"n_{state}": float((checks["state"] == state).sum())
                for state in ("met", "exempt", "no_data")
            },
            "n_missed_must": float((missed & ~is_should).sum()),
            "n_missed_should": float((missed & is_should).sum()),
        },
        notes=suburban,
    )


def _balanced_finding(asked: ZoningSpec, coverage: Coverage, zoning: Zoning) -> Finding:
    ids = pd.Index([i for i in zoning.table["facility_id"] if i is not None], dtype=object)
    stations = coverage.stations.loc[ids]
    snaps = coverage.station_snaps.loc[ids]
    own = {str(i): most for i in ids for most in [_own_limit(asked, stations, i)]}
    balanced = balance(
        travel_times(coverage.network, snaps, coverage.demand_snaps, direction=coverage.direction),
        coverage.table["people"],
        starts_s=clock_starts(stations, coverage.standard),
        limit_s=coverage.standard.limit_s,
        most_people=pd.Series([own[str(i)] for i in ids], index=ids, dtype=float),
        whole=asked.whole,
    )
    return Finding(
        "balanced_zones",
        "zones",
        _balanced_table(balanced, stations, coverage, zoning),
        Style(
            {"": "balanced_zone"},
            columns=("people", "people_before", "most_people", "people_in_time", "people_late"),
        ),
        figures={
            "people_in_time": balanced.n_in_time,
            "people_late": balanced.n_late,
            "people_left": balanced.n_left,
            "people_unreachable": balanced.n_unreachable,
            "person_s": balanced.value,
            "bound_person_s": balanced.bound,
            "share_gap": balanced.gap,
        },
        notes=_balance_notes(balanced, stations, whole=asked.whole),
    )


def _own_limit(asked: ZoningSpec, stations: pd.DataFrame, station: object) -> float:
    name = name_station(stations, station)
    return asked.most_people_of.get(str(station), asked.most_people_of.get(name, asked.most_people))


def _balanced_table(
    balanced: Balance, stations: pd.DataFrame, coverage: Coverage, zoning: Zoning
) -> gpd.GeoDataFrame:
    shares, ids = balanced.shares, stations.index
    main = shares.sort_values("people", ascending=False, kind="stable").drop_duplicates("demand_id")
    label = pd.Series(ids.get_indexer(main["facility_id"]), index=main["demand_id"])
    labels = label.reindex(coverage.table.index).fillna(-1).to_numpy(np.int64)
    xy = shapely.get_coordinates(np.asarray(coverage.table.geometry.array))
    faces = trace_ground(zoning.ground, xy, xy, labels)
    shapes = merge_faces(faces.shape, faces.label, n=len(ids))
    in_time = shares["people"].where(shares["is_in_time"], 0.0).groupby(shares["facility_id"]).sum()
    people = balanced.loads["people"].to_numpy(float)
    timely = in_time.reindex(ids).fillna(0.0).to_numpy(float)
    return gpd.GeoDataFrame(
        {
            "facility_id": ids.to_numpy(object),
            "name": stations["name"].to_numpy(object),
            "station_class": stations["station_class"].to_numpy(object),
            "people": people,
            "people_in_time": timely,
            "people_late": people - timely,
            "people_before": zoning.table["people"].to_numpy(float)[: len(ids)],
            "most_people": balanced.loads["most_people"].to_numpy(float),
            "area_km2": shapely.area(shapes) / 1e6,
        },
        geometry=shapes,
        crs=zoning.table.crs,
    )


def _balance_notes(balanced: Balance, stations: pd.DataFrame, *, whole: bool) -> tuple[Message, ...]:
    numbers = {
        "most_in_time": balanced.most_in_time,
        "most_served": balanced.most_served,
        "served": balanced.n_in_time + balanced.n_late,
        "in_time": balanced.n_in_time,
        "late": balanced.n_late,
        "left": balanced.n_left,
        "unreachable": balanced.n_unreachable,
        "value": balanced.value,
        "bound": balanced.bound,
        "gap": balanced.gap,
    }
    notes: list[Message] = [Message("zones.note_balanced_whole" if whole else "zones.note_balanced", numbers)]
    if balanced.late is None and balanced.n_left == 0 and balanced.n_in_time == balanced.most_in_time:
        notes.append(Message("zones.note_balance_holds"))
    if balanced.late is not None:
        notes.append(Message("zones.note_balance_late", _shortage_values(balanced.late, stations)))
    if balanced.left is not None:
        notes.append(Message("zones.note_balance_left", _shortage_values(balanced.left, stations)))
    return (*notes, Message("zones.note_balanced_ground"))


def _shortage_values(shortage: Shortage, stations: pd.DataFrame) -> dict[str, Any]:
    return {
        "people": shortage.people,
        "room": shortage.room,
        "too_many": shortage.too_many,
        "n_points": len(shortage.demand_ids),
        "names": _list([name_station(stations, i) for i in shortage.station_ids]),
    }
