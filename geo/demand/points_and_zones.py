"""People as points: from points, zone totals, grids and rasters, with every total preserved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import require_metric, require_same, to_metric
from geo.demand._points import (
    check_overlaps,
    place_points,
    points_along,
    read_numbers,
    row_texts,
    zone_names,
    zone_positions,
)
from geo.demand.apportion import share_out
from geo.errors import InputError, StudyError
from geo.messages import Message
from geo.schema import check_demand

__all__ = [
    "DemandRead",
    "LeftOut",
    "assign_zones",
    "demand_from_points",
    "demand_from_zones",
    "demand_table",
]


@dataclass(frozen=True)
class LeftOut:
    """People who are not placed, for one reason.

    Parameters
    ----------
    reason : Message
        Why.
    n : int
        Rows or cells; 0 where they were not counted.
    people : float
        People in them.
    """

    reason: Message
    n: int
    people: float


@dataclass(frozen=True, eq=False)
class DemandRead:
    """People as points, and what was noticed on the way.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        Demand table: index ``demand_id``; ``people``, ``risk``, ``zone``, ``group``, ``name`` where the
        input has it, ``geometry`` (points, metric CRS).
    notes : tuple of Message
        Rows without people, zones without points, points outside all zones, ...
    people_in : float
        People in what was read: those of the table and of ``left_out`` together.
    left_out : tuple of LeftOut
        Who is not in the table.
    label : str
        What a raster calls its band.
    """

    table: gpd.GeoDataFrame
    notes: tuple[Message, ...] = ()
    people_in: float = float("nan")
    left_out: tuple[LeftOut, ...] = ()
    label: str = ""


def demand_from_points(
    points: gpd.GeoDataFrame,
    *,
    crs: CRS | None = None,
    people: str | float | None = "people",
    total: float | None = None,
    weight: str | None = None,
    whole: bool = False,
) -> DemandRead:
    """Make demand of points that hold people.

    Parameters
    ----------
    points : geopandas.GeoDataFrame
        Points; of lines and polygons a point inside is taken. ``risk``, ``zone``, ``group``, ``name``,
        ``people_day`` and ``people_night`` are kept.
    crs : pyproj.CRS, optional
        Metric CRS of the result; None when the points are in one already.
    people : str, float or None
        Column with people, or the same number for each point. Not used with ``total``.
    total : float, optional
        All people, to be spread over the points in proportion to ``weight``.
    weight : str, optional
        Column with weights; None spreads evenly.
    whole : bool
        With ``total``: whole people, by largest remainders.

    Returns
    -------
    DemandRead
        One row per point, same index. A point whose people are not known counts as 0 and is noted.

    Raises
    ------
    InputError
        A missing column; negative or infinite people or weights; an index that is not unique; no point.
    CrsError
        The CRS is missing or not metric.

    Examples
    --------
    >>> schools = gpd.GeoDataFrame(
    ...     {"pupils": [300, 100]}, geometry=gpd.points_from_xy([0, 900], [0, 0]), crs="EPSG:32651")
    >>> demand_from_points(schools, total=1000, weight="pupils").table["people"].tolist()
    [750.0, 250.0]
    """
    placed = place_points(points, crs)
    if total is not None:
        weights = np.ones(len(placed)) if weight is None else read_numbers(placed, weight)
        heads = share_out(_total(total), np.nan_to_num(weights), whole=whole, ties=_ties(placed))
        notes = [*_note("no_weight", _rows(placed, ~(weights > 0.0)))]
        if not np.nan_to_num(weights).any():
            notes.append(Message("demand.weights_blank", {"column": str(weight)}))
        return _whole(demand_table(placed, heads), notes)
    if weight is not None or people is None:
        raise StudyError("say how many people live at the points: a column, a number, or total and weight")
    is_column = isinstance(people, str)
    heads = read_numbers(placed, str(people)) if is_column else np.full(len(placed), _total(float(people)))
    return _whole(demand_table(placed, np.nan_to_num(heads)), _missing(placed, heads))


def demand_from_zones(
    zones: gpd.GeoDataFrame,
    *,
    over: gpd.GeoDataFrame,
    crs: CRS | None = None,
    people: str = "people",
    weight: str | None = None,
    spacing_m: float = 200.0,
    whole: bool = False,
) -> DemandRead:
    """Spread the people of zones over points, buildings or roads inside them.

    people_i = people of its zone x weight_i / sum of weights in the zone. The total of every zone is
    preserved: a zone with nothing inside keeps its people at a point inside it, and is noted.

    Parameters
    ----------
    zones : geopandas.GeoDataFrame
        Polygons, with ``name``; they may not overlap.
    over : geopandas.GeoDataFrame
        Points, polygons (buildings: a point inside each), or lines (roads: points along each, weighed
        by the length that each stands for).
    crs : pyproj.CRS, optional
        Metric CRS of the result; None when both tables are in the same one already.
    people : str
        Column of ``zones``.
    weight : str, optional
        None for equal weights, ``"area"`` (column ``area_m2``, else the polygon's), or a column of
        ``over``. Lines are always weighed by length, times the column if one is named.
    spacing_m : float
        Greatest distance of points along lines, metres.
    whole : bool
        Whole people, by largest remainders; zone totals must be whole.

    Returns
    -------
    DemandRead
        One row per point of ``over`` (per piece of line), plus one per zone with nothing inside. Points
        outside all zones get no people, and are noted.

    Raises
    ------
    InputError
        A missing column; negative people or weights; zones that overlap; nothing to spread over.
    CrsError
        A CRS is missing, not metric, or they differ.
    """
    land = zones if crs is None else to_metric(zones, crs)
    require_metric(land, Message("demand.zones"))
    check_overlaps(land)
    heads = read_numbers(land, people)
    spots, weights = _spots(over if crs is None else to_metric(over, crs), weight, spacing_m)
    require_same(land, spots)
    inside = zone_positions(spots, land)
    spots = spots.assign(zone=zone_names(land, inside))
    is_in = inside >= 0
    n_inside = np.bincount(inside[is_in], minlength=len(land))
    empty = np.nonzero((n_inside == 0) & (np.nan_to_num(heads) > 0))[0]
    shares = share_out(
        np.nan_to_num(heads), np.nan_to_num(weights), group=inside, whole=whole, ties=_ties(spots)
    )
    table = demand_table(spots, shares)
    if len(empty):
        table = _append(table, land.iloc[empty], heads[empty])
    of_zone = np.bincount(inside[is_in], weights=np.nan_to_num(weights)[is_in], minlength=len(land))
    even = np.nonzero((n_inside > 1) & (of_zone == 0) & (np.nan_to_num(heads) > 0))[0]
    notes = [
        *_missing(land, heads),
        *_note("even_zones", [str(name) for name in zone_names(land, even)]),
        *_note("no_weight", _rows(spots, np.isnan(weights))),
        *_note("empty_zones", [str(name) for name in zone_names(land, empty)]),
        *_note("outside_zones", _rows(spots, inside < 0)),
    ]
    return DemandRead(check_demand(table), tuple(notes), people_in=float(np.nansum(heads)))


def assign_zones(points: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, *, within_m: float = 0.0) -> pd.Series:
    """Give each point the name of its zone.

    A point on a border, or in two zones, belongs to the zone that comes first. A point outside all zones
    belongs to the nearest one within ``within_m`` (the first of equally near ones), or to none.

    Parameters
    ----------
    points, zones : geopandas.GeoDataFrame
        In one metric CRS; zones with ``name``.
    within_m : float
        How far outside a point may lie, metres.

    Returns
    -------
    pandas.Series
        Zone name or None, index of ``points``.

    Raises
    ------
    CrsError
        The CRSs differ or are not metric.
    """
    require_metric(zones, Message("demand.zones"))
    require_same(points, zones)
    place = zone_positions(points, zones, within_m=within_m)
    return pd.Series(zone_names(zones, place), index=points.index, name="zone", dtype=object)


def _whole(table: gpd.GeoDataFrame, notes: Sequence[Message]) -> DemandRead:
    """Give a table in which everybody is who was read."""
    return DemandRead(table, tuple(notes), people_in=float(table["people"].sum()))


def demand_table(spots: gpd.GeoDataFrame, people: NDArray[np.float64]) -> gpd.GeoDataFrame:
    """Lay out the columns of a Demand table."""
    table = gpd.GeoDataFrame(
        {
            "people": people,
            "risk": read_numbers(spots, "risk") if "risk" in spots.columns else 1.0,
            "zone": _texts(spots, "zone"),
            "group": _texts(spots, "group"),
            **{name: read_numbers(spots, name) for name in ("people_day", "people_night") if name in spots},
        },
        index=spots.index.rename("demand_id"),
        geometry=spots.geometry.to_numpy(),
        crs=spots.crs,
    )
    table["risk"] = table["risk"].fillna(1.0)
    if "name" in spots.columns:
        table.insert(0, "name", _texts(spots, "name"))
    return check_demand(table)


def _spots(
    over: gpd.GeoDataFrame, weight: str | None, spacing_m: float
) -> tuple[gpd.GeoDataFrame, NDArray[np.float64]]:
    """Turn what the people are spread over into points with weights."""
    require_metric(over, Message("demand.spread_over"))
    if over.empty:
        raise InputError(Message("demand.nothing_to_spread"))
    shapes = over.geometry.to_numpy()
    if (shapely.get_dimensions(shapes) == 1).all():
        return points_along(over, None if weight in (None, "length") else weight, spacing_m)
    if weight == "area":
        area = "area_m2" in over.columns
        weights = read_numbers(over, "area_m2") if area else shapely.area(shapes)
        if not area and not weights.any():
            raise InputError(Message("demand.area_weight"))
    else:
        weights = np.ones(len(over)) if weight is None else read_numbers(over, weight)
    return place_points(over, None), weights


def _texts(table: pd.DataFrame, column: str) -> pd.Series:
    """Give a column of texts, None where it is missing."""
    if column not in table.columns:
        return pd.Series([None] * len(table), index=table.index, dtype=object)
    texts = table[column].astype(object)
    return texts.where(texts.notna(), None)


def _append(
    table: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, people: NDArray[np.float64]
) -> gpd.GeoDataFrame:
    """Add one point inside each zone that has nothing to spread its people over."""
    if pd.api.types.is_integer_dtype(table.index):
        ids = pd.Index(np.arange(len(zones)) + int(table.index.max()) + 1)
    else:
        ids = pd.Index([f"zone {zone}" for zone in zones.index])
    spots = zones.set_index(ids)[["name", "geometry"]].rename(columns={"name": "zone"})
    spots = spots.set_geometry(spots.geometry.representative_point())
    both = pd.concat([table, demand_table(spots, people)])
    return gpd.GeoDataFrame(both, geometry="geometry", crs=table.crs)


def _total(people: float) -> float:
    if not 0 <= people < np.inf:
        raise InputError(Message("demand.people_number", {"people": people}))
    return float(people)


def _ties(spots: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Break ties by place, so that the order of rows does not matter."""
    return spots.geometry.x.to_numpy(), spots.geometry.y.to_numpy()


def _missing(table: pd.DataFrame, values: NDArray[np.float64]) -> tuple[Message, ...]:
    return _note("no_people", _rows(table, np.isnan(values)))


def _rows(table: pd.DataFrame, which: NDArray[np.bool_]) -> list[str]:
    return row_texts(list(table.index[which]))


def _note(key: str, rows: Sequence[str]) -> tuple[Message, ...]:
    """Note rows: how many, and the first five."""
    if not rows:
        return ()
    shown = ", ".join(rows[:5]) + (" ..." if len(rows) > 5 else "")
    return (Message(f"demand.{key}", {"n": len(rows), "rows": shown}),)
