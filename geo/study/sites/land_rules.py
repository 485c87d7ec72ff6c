"""Where a station may not stand: rules that sift candidates, each with its count and its source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import InfeasibleError, StudyError
from geo.messages import Message
from geo.standards import get_rule, rules

__all__ = [
    "RULE_COLUMNS",
    "STRICTER",
    "LandRule",
    "Sifted",
    "apart_rule",
    "crowd_rule",
    "district_rule",
    "hazmat_rule",
    "inside_rule",
    "outside_rule",
    "road_rule",
    "sift",
    "size_rules",
]

Flags: TypeAlias = NDArray[np.bool_]
RULE_COLUMNS: Final = ("rule", "n_before", "n_removed", "n_left", "limit", "unit", "source")
STRICTER: Final = "stricter"
"""Word that stands for the edition which asks for the longer distance."""
OVERLAP: Final = 0.01
"""A plot lies in an area when more than this share of it does: neighbours share their border."""


@dataclass(frozen=True, eq=False)
class LandRule:
    """One rule.

    Parameters
    ----------
    name : str
        Word of the rule, and the reason of what it removes.
    breaks : callable
        Gives for a Candidates table which rows break the rule.
    limit : float
        The number of the rule, nan where it has none.
    unit : str
        Of the limit: ``"m"``, ``"m2"`` or nothing.
    source : str
        Standard, clause and mark, or the section of the study file.
    """

    name: str
    breaks: Callable[[gpd.GeoDataFrame], Flags]
    limit: float = np.nan
    unit: str = ""
    source: str = ""


@dataclass(frozen=True, eq=False)
class Sifted:
    """Candidates after all rules.

    Parameters
    ----------
    kept : GeoDataFrame
        Those that break no rule, as they came.
    removed : GeoDataFrame
        The others, with ``reason``: the first rule that each breaks.
    rules : DataFrame
        ``RULE_COLUMNS``, in the order in which the rules were applied.
    notes : tuple of Message
        What the rules assume.
    """

    kept: gpd.GeoDataFrame
    removed: gpd.GeoDataFrame
    rules: pd.DataFrame
    notes: tuple[Message, ...] = ()


def sift(candidates: gpd.GeoDataFrame, rules: Sequence[LandRule]) -> Sifted:
    """Apply rules one after the other; each counts and removes what is left by those before it.

    Parameters
    ----------
    candidates : GeoDataFrame
        A Candidates table: ``geometry`` is where the engines leave, ``shape`` the plot.
    rules : sequence of LandRule
        In order.

    Raises
    ------
    InfeasibleError
        Nothing is left; the message says which rule removed how many.
    """
    left, gone, counts = candidates, [], []
    for rule in rules:
        out = rule.breaks(left)
        gone.append(left[out].assign(reason=rule.name))
        n = int(out.sum())
        counts.append((rule.name, len(left), n, len(left) - n, rule.limit, rule.unit, rule.source))
        left = left[~out]
    table = pd.DataFrame(counts, columns=list(RULE_COLUMNS))
    if not len(left):
        raise InfeasibleError(_none_left(len(candidates), table))
    removed = pd.concat([candidates.iloc[:0].assign(reason=""), *(part for part in gone if len(part))])
    return Sifted(left, gpd.GeoDataFrame(removed, crs=candidates.crs), table)


def _none_left(n: int, table: pd.DataFrame) -> Message:
    if not n:
        return Message("siting.no_candidate")
    effects = tuple(_effect(row) for row in table.itertuples() if row.n_removed)
    return Message("siting.no_candidate_left", {"n": n, "effects": effects})


def _effect(row: Any) -> Message:
    rule = Message(f"siting.class_{row.rule}")
    effect = Message("siting.rule_effect", {"rule": rule, "n": row.n_removed, "before": row.n_before})
    if not row.unit:
        return effect
    unit = Message(f"ranges.unit_{row.unit}")
    return Message("siting.rule_effect_limit", {"effect": effect, "limit": row.limit, "unit": unit})


def inside_rule(name: str, areas: gpd.GeoDataFrame, *, source: str = "") -> LandRule:
    """Forbid sites inside polygons: the point, or more than a hundredth of the plot.

    Lines and points among ``areas`` forbid nothing.
    """
    shapes = _polygons(areas)

    def breaks(sites: gpd.GeoDataFrame) -> Flags:
        return _share_inside(sites, shapes) > OVERLAP

    return LandRule(name, breaks, source=source)


def outside_rule(name: str, areas: gpd.GeoDataFrame, *, source: str = "") -> LandRule:
    """Forbid sites outside polygons: the point where the engines leave must be inside."""
    tree = shapely.STRtree(_polygons(areas))

    def breaks(sites: gpd.GeoDataFrame) -> Flags:
        inside = np.zeros(len(sites), dtype=bool)
        inside[tree.query(np.asarray(sites.geometry.array), predicate="intersects")[0]] = True
        return ~inside

    return LandRule(name, breaks, source=source)


def district_rule(zones: gpd.GeoDataFrame, people: gpd.GeoDataFrame, *, most_m: float) -> LandRule:
    """Forbid sites far from the district: farther than a distance from its zones and its people."""
    tree = shapely.STRtree(np.concatenate([_polygons(zones), np.asarray(people.geometry.array)]))

    def breaks(sites: gpd.GeoDataFrame) -> Flags:
        return ~_within(np.asarray(sites["shape"].array, dtype=object), tree, most_m)

    return LandRule("off_district", breaks, float(most_m), "m", "[candidates] outside_m")


def crowd_rule(places: gpd.GeoDataFrame, *, least_m: float | None = None) -> LandRule:
    """Keep the engines' exit away from main exits of hospitals, schools and other crowded places.

    Parameters
    ----------
    places : GeoDataFrame
        Points or polygons; all count.
    least_m : float, optional
        Metres; by default those of GB 51080-2015, 4.1.5.
    """
    rule = get_rule("station-exits")
    limit_m = rule.number if least_m is None else least_m
    source = rule.source if least_m is None else "[candidates] crowd_m"
    return LandRule("crowd_exits", _too_near(places, limit_m, "exit"), float(limit_m), "m", source)


def hazmat_rule(
    places: gpd.GeoDataFrame, *, edition: str = STRICTER, least_m: float | None = None
) -> tuple[LandRule, Callable[[gpd.GeoDataFrame], int]]:
    """Keep plots away from hazardous goods.

    Parameters
    ----------
    places : GeoDataFrame
        Points or polygons with hazardous goods.
    edition : str
        ``"GB 51080-2015"`` (200 m), ``"建标152-2017"`` (300 m) or ``"stricter"``.
    least_m : float, optional
        A distance of the study's own, instead of an edition's.

    Returns
    -------
    tuple
        The rule, and a function that counts the candidates on which the editions disagree.

    Raises
    ------
    StudyError
        The edition is unknown.
    """
    editions = {f"{rule.standard}-{rule.edition}": rule for rule in rules(subject="station_hazmat")}
    least = {name: rule.number for name, rule in editions.items()}
    chosen = max(least, key=lambda name: least[name]) if edition == STRICTER else edition
    if chosen not in editions:
        raise StudyError(
            Message("siting.edition", {"edition": edition, "editions": ", ".join([STRICTER, *editions])})
        )
    limit_m = least[chosen] if least_m is None else least_m
    source = editions[chosen].source if least_m is None else "[candidates] hazmat_m"
    strict, loose = max(least.values()), min(least.values())

    def disputed(sites: gpd.GeoDataFrame) -> int:
        near = _too_near(places, strict, "plot")(sites)
        return int((near & ~_too_near(places, loose, "plot")(sites)).sum())

    return LandRule("hazmat", _too_near(places, limit_m, "plot"), float(limit_m), "m", source), disputed


def road_rule(roads: gpd.GeoSeries, *, most_m: float, classes: Sequence[str]) -> LandRule:
    """Ask for a road of certain classes within a distance of the engines' exit."""
    tree = shapely.STRtree(np.asarray(roads.array))

    def breaks(sites: gpd.GeoDataFrame) -> Flags:
        return ~_within(np.asarray(sites.geometry.array), tree, most_m)

    return LandRule(
        "road_class", breaks, float(most_m), "m", f"[candidates] near_classes: {', '.join(classes)}"
    )


def apart_rule(stations: gpd.GeoDataFrame, *, least_m: float) -> LandRule:
    """Keep sites apart from the stations that are there already."""
    return LandRule(
        "near_station", _too_near(stations, least_m, "exit"), float(least_m), "m", "[candidates] apart_m"
    )


def size_rules(least_m2: float, *, station_class: str) -> tuple[LandRule, LandRule]:
    """Ask for plots of a least area; plots of unknown area cannot be shown to keep it and go too.

    Candidates that are no plots (of roads, nodes or a grid) have no area and are not asked.
    """

    def unknown(sites: gpd.GeoDataFrame) -> Flags:
        return np.asarray((sites["origin"] == "plot") & sites["area_m2"].isna(), dtype=np.bool_)

    def small(sites: gpd.GeoDataFrame) -> Flags:
        return np.asarray((sites["origin"] == "plot") & (sites["area_m2"] < least_m2), dtype=np.bool_)

    source = f"[candidates] min_area_m2, {station_class}"
    return (
        LandRule("area_unknown", unknown, source=source),
        LandRule("too_small", small, float(least_m2), "m2", source),
    )


def _polygons(areas: gpd.GeoDataFrame) -> NDArray[np.object_]:
    parts = shapely.get_parts(np.asarray(areas.geometry.array))
    return np.asarray(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON], dtype=object)


def _share_inside(sites: gpd.GeoDataFrame, areas: NDArray[np.object_]) -> NDArray[np.float64]:
    """Give how much of each site lies in the areas, 0 to 1; a point wholly or not at all."""
    shapes = np.asarray(sites["shape"].array, dtype=object)
    site, area = shapely.STRtree(areas).query(shapes, predicate="intersects")
    share = np.zeros(len(shapes))
    is_flat = shapely.get_dimensions(shapes) < 2
    share[site[is_flat[site]]] = 1.0
    for k in np.unique(site[~is_flat[site]]):
        met = shapely.union_all(areas[area[site == k]])
        share[k] = shapely.area(shapely.intersection(shapes[k], met)) / shapely.area(shapes[k])
    return share


def _too_near(
    places: gpd.GeoDataFrame, least_m: float, measured_from: Literal["exit", "plot"]
) -> Callable[[gpd.GeoDataFrame], Flags]:
    tree = shapely.STRtree(np.asarray(places.geometry.array))

    def breaks(sites: gpd.GeoDataFrame) -> Flags:
        column = sites.geometry if measured_from == "exit" else sites["shape"]
        # Exactly at the distance is far enough; a tenth of a millimetre is no distance.
        return _within(np.asarray(column.array, dtype=object), tree, least_m - 1e-4)

    return breaks


def _within(shapes: NDArray[np.object_], tree: shapely.STRtree, most_m: float) -> Flags:
    near = np.zeros(len(shapes), dtype=bool)
    if len(tree):
        near[tree.query(shapes, predicate="dwithin", distance=most_m)[0]] = True
    return near
