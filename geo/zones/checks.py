"""Checks of zones and station sites against the standards, one row a check."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.coverage import Coverage
from geo.errors import InputError
from geo.messages import Message
from geo.settings import NOTHING
from geo.standards import Rule, get_rule
from geo.times import is_within
from geo.words import LANGS, say, say_if_there
from geo.zones.divide import Zoning
from geo.zones.faces import ground_parts

__all__ = [
    "CHECK_COLUMNS",
    "ORDINARY",
    "CheckOptions",
    "ZoneRule",
    "check_zones_of",
    "load_zone_rules",
    "name_station",
]

CHECK_COLUMNS: Final = (
    "facility_id",
    "name",
    "station_class",
    "check",
    "value",
    "limit",
    "unit",
    "level",
    "is_met",
    "state",
    "standard",
    "edition",
    "clause",
    "mark",
    "evidence_zh",
    "evidence_en",
)
"""Columns of a zone-checks table."""


@dataclass(frozen=True, eq=False)
class CheckOptions:
    """What the study says about its zones.

    Parameters
    ----------
    suburban : collection of str
        Ids or names of stations in the suburbs; ``("all",)`` for every one.
    exemptions : mapping of str to str
        Id or name of a station -> the record of the risk assessment that sets its zone's area.
    obstacles, sensitive : GeoDataFrame, optional
        What zones should not cross, and what stations keep away from: ``kind``, ``name``, ``geometry``.
    sliver_km2 : float
        Ground beyond an obstacle up to this size is no crossing: borders run along roads, not in them.
    wind_from_deg : float, optional
        Where the prevailing wind comes from, degrees clockwise from north.
    """

    suburban: Collection[str] = ()
    exemptions: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    obstacles: gpd.GeoDataFrame | None = None
    sensitive: gpd.GeoDataFrame | None = None
    sliver_km2: float = 0.05
    wind_from_deg: float | None = None
    _known: dict[tuple[str, ...], gpd.GeoDataFrame | None] = field(
        default_factory=dict, init=False, repr=False
    )

    def of_kinds(
        self, section: Literal["obstacles", "sensitive"], kinds: tuple[str, ...]
    ) -> gpd.GeoDataFrame | None:
        """Give the rows of some kinds; None when there are none. Every station asks for the same."""
        key = (section, *kinds)
        if key not in self._known:
            layer = getattr(self, section)
            rows = layer[layer["kind"].isin(kinds)] if layer is not None else None
            self._known[key] = None if rows is None or rows.empty else rows
        return self._known[key]


@dataclass(frozen=True)
class _Found:
    """What one check found: a value (nan where it could not be measured) and its evidence."""

    value: float
    is_met: bool | None
    text: str
    values: Mapping[str, Any]
    limit: float | None = None
    standard: str | None = None


def check_zones_of(coverage: Coverage, zoning: Zoning, options: CheckOptions) -> pd.DataFrame:
    """Check each station's zone and site against every rule for its class.

    ``area`` against the class limit, or for stations in the suburbs against theirs; ``edge_time``: the
    slowest road of the zone against the whole clock; ``crossing``: ground of the zone beyond an obstacle,
    seen from the station; ``touching``: zones of larger stations beside that of a small one;
    ``distance`` from the station's site; ``upwind``: the angle, seen from the nearest hazardous goods,
    between the station and where the prevailing wind comes from. A limit is kept at exactly its value (to
    1 m2, 1 mm, 1 ms).

    Returns
    -------
    DataFrame
        ``CHECK_COLUMNS``: ``check`` names the rule, ``level`` is ``should`` (宜) or ``must`` (应),
        ``is_met`` True, False or None (could not be measured), ``state`` ``met``, ``missed``,
        ``exempt`` (missed, with a recorded risk assessment) or ``no_data``.

    Raises
    ------
    InputError
        An exemption or a suburban station names no station.
    """
    _check_names(coverage.stations, [*options.exemptions, *options.suburban])
    rows: list[tuple[Any, ...]] = []
    zone_of = {station: i for i, station in enumerate(zoning.table["facility_id"]) if station is not None}
    for station in coverage.stations.index:
        zone = zone_of.get(station)
        rows += [
            _row(use, coverage.stations, options, station, verdict)
            for use in load_zone_rules()
            for verdict in _apply(use, coverage, zoning, options, station, zone)
        ]
    return pd.DataFrame(rows, columns=list(CHECK_COLUMNS))


def name_station(stations: pd.DataFrame, station: object) -> str:
    """Give the name of a station, or its id."""
    name = stations["name"].get(station)
    return str(station) if name is None or pd.isna(name) else str(name)


def _check_names(stations: pd.DataFrame, names: Collection[str]) -> None:
    known = {*map(str, stations.index), *stations["name"].dropna().astype(str), "all"}
    if wrong := [name for name in names if name not in known]:
        raise InputError(
            Message("zones.names_unknown"),
            faults=[repr(name) for name in wrong],
        )


def _is_listed(listed: Collection[str], stations: pd.DataFrame, station: object) -> bool:
    return bool({str(station), name_station(stations, station)} & set(listed))


def _apply(
    use: ZoneRule,
    coverage: Coverage,
    zoning: Zoning,
    options: CheckOptions,
    station: object,
    zone: int | None,
) -> Iterator[_Found]:
    stations = coverage.stations
    own = stations["station_class"][station]
    is_suburban = "all" in options.suburban or _is_listed(options.suburban, stations, station)
    # Without a class only the limits of a class cannot be looked up.
    if own not in use.classes and not (pd.isna(own) and use.check not in ("area", "touching")):
        return
    if use.check == "distance":
        yield _distance(use, options, stations.geometry[station])
        return
    if use.check == "upwind":
        yield _upwind(use, options, stations.geometry[station])
        return
    if zone is None:
        return
    row = zoning.table.iloc[zone]
    if row.geometry.is_empty:
        if use.check in ("area", "edge_time"):
            yield _Found(np.nan, None, "no_zone", {"why": row["reason"] or "-"})
        return
    is_area = use.check == "area" and not (is_suburban and own in ORDINARY)
    if is_area or (use.check == "suburban" and is_suburban):
        yield _area(use, row)
    elif use.check == "edge_time":
        yield _edge_time(coverage, row)
    elif use.check == "touching":
        yield _touching(use, zoning, zone)
    elif use.check == "crossing":
        yield _crossing(use, options, row.geometry, stations.geometry[station])


def _area(use: ZoneRule, row: pd.Series) -> _Found:
    value = round(float(row["area_km2"]), 6)
    return _Found(value, value <= use.rule.number, "area", {"area": value, "limit": use.rule.number})


def _edge_time(coverage: Coverage, row: pd.Series) -> _Found:
    standard, worst = coverage.standard, float(row["farthest_s"])
    values = {
        "response": worst,
        "travel": float(row["farthest_travel_s"]),
        "limit": standard.limit_s,
        "road": row["farthest_road"] or Message("zones.road_unnamed"),
    }
    if np.isnan(worst):
        return _Found(np.nan, None, "no_road", {}, standard.limit_s, standard.source)
    met = bool(is_within(worst, standard.limit_s))
    return _Found(worst, met, "edge_time", values, standard.limit_s, standard.source)


def _touching(use: ZoneRule, zoning: Zoning, zone: int) -> _Found:
    table = zoning.table
    shapes = np.asarray(table.geometry.array)
    is_large = table["station_class"].isin(ORDINARY).to_numpy() & ~shapely.is_empty(shapes)
    beside = is_large & shapely.dwithin(shapes, shapes[zone], 1.0)
    beside[zone] = False
    names = tuple(str(name) for name in table.loc[beside, "name"][:3])
    value = float(beside.sum())
    return _Found(value, value >= use.rule.number, "touching", {"n": int(value), "names": names})


def _crossing(use: ZoneRule, options: CheckOptions, zone: shapely.Geometry, site: shapely.Point) -> _Found:
    known = options.of_kinds("obstacles", use.kinds)
    if known is None:
        return _Found(np.nan, None, "no_layer", _lacking("obstacles", use))
    across = _ground_across(zone, known, site)
    met = across <= max(use.rule.number, options.sliver_km2)
    return _Found(across, met, "crossing", {"area": across, "sliver": options.sliver_km2})


def _ground_across(zone: shapely.Geometry, obstacles: gpd.GeoDataFrame, site: shapely.Point) -> float:
    """Give the ground of each part of a zone that obstacles cut off from the rest, km2.

    Of the part with the station the rest is where it stands; of an enclave the largest piece.
    """
    parts = shapely.get_parts([zone])
    home = int(np.argmin(shapely.distance(parts, site)))
    across = 0.0
    for i, part in enumerate(parts):
        pieces = ground_parts(np.array([part]), obstacles)
        if len(pieces) > 1:
            kept = np.argmin(shapely.distance(pieces, site)) if i == home else np.argmax(shapely.area(pieces))
            across += float(shapely.area(np.delete(pieces, kept)).sum())
    return round(across / 1e6, 6)


def _distance(use: ZoneRule, options: CheckOptions, site: shapely.Point) -> _Found:
    known = options.of_kinds("sensitive", use.kinds)
    if known is None:
        return _Found(np.nan, None, "no_layer", _lacking("sensitive", use))
    metres = shapely.distance(np.asarray(known.geometry.array), site)
    nearest = int(np.argmin(metres))
    value = round(float(metres[nearest]), 3)
    name, kind = known["name"].iloc[nearest], str(known["kind"].iloc[nearest])
    values = {
        "name": _place_of(kind) if name is None or pd.isna(name) else str(name),
        "metres": value,
        "limit": use.rule.number,
    }
    return _Found(value, value >= use.rule.number, "distance", values)


def _lacking(section: str, use: ZoneRule) -> dict[str, Any]:
    return {"section": section, "places": tuple(_place_of(kind) for kind in use.kinds), "kinds": use.kinds}


def _place_of(kind: str) -> Message | str:
    """Name what a kind of obstacle or sensitive place is; a kind of the planner's own stays."""
    key = f"zones.place_{kind}"
    return Message(key) if say_if_there(key, lang="zh") else kind


def _upwind(use: ZoneRule, options: CheckOptions, site: shapely.Point) -> _Found:
    if options.wind_from_deg is None:
        return _Found(np.nan, None, "no_wind", {})
    nearby, known = _distance(use, options, site), options.of_kinds("sensitive", use.kinds)
    if known is None:
        return nearby
    shapes = np.asarray(known.geometry.array)
    nearest = shapes[int(np.argmin(shapely.distance(shapes, site)))]
    place = shapely.get_coordinates(shapely.shortest_line(nearest, site))
    east, north = place[1] - place[0]
    away = abs(float(np.degrees(np.arctan2(east, north))) - options.wind_from_deg) % 360.0
    value = round(min(away, 360.0 - away), 3)
    values = {"name": nearby.values["name"], "angle": value, "wind": options.wind_from_deg}
    return _Found(value, value <= use.rule.number, "upwind", values)


def _row(
    use: ZoneRule, stations: pd.DataFrame, options: CheckOptions, station: object, verdict: _Found
) -> tuple[Any, ...]:
    name = name_station(stations, station)
    record = options.exemptions.get(str(station), options.exemptions.get(name))
    is_exempt = record is not None and use.check in ("area", "suburban") and verdict.is_met is False
    state = "no_data" if verdict.is_met is None else "met" if verdict.is_met else "missed"
    evidence = [Message(f"zones.evidence_{verdict.text}", verdict.values).say(lang) for lang in LANGS]
    if is_exempt:
        state = "exempt"
        evidence = [
            f"{text} {say('zones.evidence_exempt', lang=lang, record=record)}"
            for text, lang in zip(evidence, LANGS, strict=True)
        ]
    return (
        station,
        name,
        stations["station_class"][station],
        use.name,
        verdict.value,
        use.rule.number if verdict.limit is None else verdict.limit,
        use.rule.unit,
        use.rule.level,
        verdict.is_met,
        state,
        verdict.standard or use.rule.standard,
        "" if verdict.standard else use.rule.edition,
        "" if verdict.standard else use.rule.clause,
        use.rule.mark,
        *evidence,
    )


ORDINARY: Final = ("special", "first", "second")
"""Classes whose zones a small station's must touch, and for which the suburban limit is read."""
_WITH_ZONE: Final = (*ORDINARY, "small")
_ALL: Final = (*_WITH_ZONE, "logistics")
_CROWDS: Final = ("hospital", "school", "kindergarten", "cinema", "mall", "stadium")


@dataclass(frozen=True)
class ZoneRule:
    """A rule and its use.

    Parameters
    ----------
    name : str
        Word of the check in ``zone_checks``.
    rule : Rule
        The number with its source; kept at exactly this number.
    check : str
        ``area``, ``suburban``, ``edge_time``, ``touching``, ``crossing``, ``distance`` or ``upwind``.
    classes : tuple of str
        Station classes that it is for.
    kinds : tuple of str
        Kinds of ``[[obstacles]]`` or ``[[sensitive]]`` that it is about.
    """

    name: str
    rule: Rule
    check: str
    classes: tuple[str, ...]
    kinds: tuple[str, ...] = ()


_USES: Final = (
    ("area_first", "zone-first-area", "area", ("first",), ()),
    ("area_special", "zone-special-area", "area", ("special",), ()),
    ("area_second", "zone-second-area", "area", ("second",), ()),
    ("area_small", "zone-small-area", "area", ("small",), ()),
    ("area_suburban", "zone-suburban-area", "suburban", ORDINARY, ()),
    ("edge_time", "zone-edge-time", "edge_time", _WITH_ZONE, ()),
    ("touching", "zone-small-touches", "touching", ("small",), ()),
    ("crossing_expressway", "zone-crosses-expressway", "crossing", _WITH_ZONE, ("expressway",)),
    ("crossing_railway", "zone-crosses-railway", "crossing", _WITH_ZONE, ("railway",)),
    ("crossing_water", "zone-crosses-river", "crossing", _WITH_ZONE, ("river", "sea")),
    ("exits", "station-exits", "distance", _ALL, _CROWDS),
    ("hazmat_2015", "station-hazmat-2015", "distance", _ALL, ("hazmat",)),
    ("hazmat_upwind", "station-hazmat-upwind", "upwind", _ALL, ("hazmat",)),
    ("hazmat_2017", "station-hazmat-2017", "distance", _ALL, ("hazmat",)),
)


def load_zone_rules() -> tuple[ZoneRule, ...]:
    """Give the rules of ``layers/standards/zones.toml`` that zones and sites are checked against.

    Examples
    --------
    >>> use = load_zone_rules()[0]
    >>> use.name, use.rule.number, use.rule.unit, use.rule.level, use.rule.source
    ('area_first', 7.0, 'km2', 'should', 'GB 51080-2015 4.1.3-2 [V]')
    """
    return tuple(
        ZoneRule(name, get_rule(rule), check, classes, kinds) for name, rule, check, classes, kinds in _USES
    )
