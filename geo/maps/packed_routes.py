"""The ways to the places of a map, as short as a file can hold them: each leg once, in whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.maps.geometry import draw_points, encode_shapes, pack_numbers, to_degrees
from geo.maps.layers import RouteLayer
from geo.maps.rows import column_of
from geo.words import Lang, say, say_if_there

__all__ = ["DrawnRoutes", "draw_routes", "pack_legs", "pack_starts", "trace_fitting", "whole_numbers"]

MAX_VERTICES: Final = 120_000
"""More corners than this, and the ways are drawn coarser; then only those to the places of most people."""
TOLERANCES_M: Final = (5, 10, 20)


@dataclass(frozen=True)
class DrawnRoutes:
    """Ways ready to draw.

    Parameters
    ----------
    payload : dict
        ``legs`` (``back``: how many rows before it the leg before it is, 0 for none; ``class``, ``ms``,
        ``dm``; ``line``, the ``n`` numbers of each leg after each other: steps from the end of the leg
        before, or from nowhere), ``classes`` (labels), ``leg`` and ``ms`` (last leg and access of each way:
        the drawn people, then ``extra``), all packed; ``stations`` (by position: call, turnout and access,
        ms), ``gaps`` and ``of_stations`` (positions of ways, -1 for none).
    notes : list of str
        What was left out, for the panel.
    """

    payload: dict[str, Any]
    notes: list[str]


def draw_routes(
    layer: RouteLayer,
    table: gpd.GeoDataFrame,
    drawn: pd.Index,
    stations: gpd.GeoDataFrame | None,
    *,
    lang: Lang,
) -> DrawnRoutes:
    """Give the ways to the drawn people, to the place of each gap and to that of each station.

    Parameters
    ----------
    layer : RouteLayer
        Where the ways come from.
    table : GeoDataFrame
        The coverage table.
    drawn : Index
        Ids of the points of people that are drawn, greatest first.
    stations : GeoDataFrame or None
        The stations in the order of the map.
    """
    station_id = stations.index if stations is not None else pd.Index([])
    of_gaps = pd.Index(list(layer.of_gaps), dtype=object)
    of_stations = pd.Index([layer.of_stations.get(i) for i in station_id], dtype=object)
    asked = of_gaps.append(of_stations)
    extra = asked[asked.notna() & asked.isin(table.index)].difference(drawn, sort=False).unique()
    legs, ways, lines, tolerance_m = trace_fitting(layer.trace, extra.append(drawn))
    every = drawn.append(extra)
    ways = ways.reindex(every)
    leg = ways["leg"].fillna(-1).astype(int)
    notes = [say("maps.about_routes", lang=lang, m=tolerance_m)]
    n_left = int((leg[: len(drawn)] < 0).sum())
    if n_left:
        counts = {"n": f"{len(drawn) - n_left:,}", "total": f"{len(drawn):,}"}
        notes.append(say("maps.about_routes_cut", lang=lang, **counts))
    payload = {
        "is_to_facility": layer.is_to_facility,
        "kph": layer.access_kph,
        **pack_legs(legs, lines, lang=lang),
        "leg": pack_numbers(leg.to_numpy()),
        "ms": pack_numbers(whole_numbers(ways["access_ms"])),
        "stations": pack_starts(ways, station_id, layer.call_s),
        "extra": _extra(table.loc[extra], station_id),
        "gaps": every.get_indexer(of_gaps).tolist(),
        "of_stations": every.get_indexer(of_stations).tolist(),
    }
    return DrawnRoutes(payload, notes)


def trace_fitting(
    trace: Callable[[pd.Index], tuple[gpd.GeoDataFrame, pd.DataFrame]],
    ids: pd.Index,
    *,
    most: int | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, list[list[int]], int]:
    """Give legs, ways and lines of as many places, from the first, as the file can hold.

    Parameters
    ----------
    trace : callable
        Gives legs and ways to places by their ids.
    ids : Index
        The places, those first that are to be kept.
    most : int, optional
        Corners of all lines; ``MAX_VERTICES`` by default.

    Returns
    -------
    tuple
        Legs, ways, the numbers of each leg's line, and how far the lines are off, metres.
    """
    n, most = len(ids), MAX_VERTICES if most is None else most
    while True:
        legs, ways = trace(ids[:n])
        full = np.asarray(legs.geometry.array, dtype=object)
        for tolerance_m in TOLERANCES_M:
            shapes = shapely.simplify(full, tolerance_m)
            shapes = np.where(shapely.is_empty(shapes), full, shapes)  # a leg of no length
            n_vertices = len(legs) + int(shapely.get_num_coordinates(shapes).sum())
            if n_vertices <= most:
                return legs, ways, _lines(shapes, legs), tolerance_m
        # Fewer places share fewer legs: a little less than in proportion, and again if that is not enough.
        n = int(n * 0.9 * most / n_vertices)


def pack_legs(legs: gpd.GeoDataFrame, lines: list[list[int]], *, lang: Lang) -> dict[str, Any]:
    """Give ``legs``, packed, and ``classes``, the labels of their classes of road."""
    classes, labels = pd.factorize(legs["highway"])
    return {
        "legs": {
            "back": pack_numbers(_steps_back(legs["parent"])),
            "class": pack_numbers(classes),
            "ms": pack_numbers(legs["ms"].to_numpy()),
            "dm": pack_numbers(whole_numbers(legs["length_m"] * 10)),
            "n": pack_numbers([len(line) for line in lines]),
            "line": pack_numbers([step for line in lines for step in line]),
        },
        "classes": [_class_label(str(word), lang=lang) for word in labels],
    }


def _lines(shapes: NDArray[Any], legs: gpd.GeoDataFrame) -> list[list[int]]:
    """Encode each leg's line; one that leads on from another begins where that ends, and does not say it."""
    degrees = to_degrees(gpd.GeoDataFrame(geometry=shapes, crs=legs.crs), "ways").geometry
    steps = encode_shapes(np.asarray(degrees.array, dtype=object))
    return [line if parent < 0 else line[2:] for line, parent in zip(steps, legs["parent"], strict=True)]


def _steps_back(parent: pd.Series) -> NDArray[np.int64]:
    before = parent.to_numpy()
    return np.where(before < 0, 0, np.arange(len(before)) - before)


def whole_numbers(values: pd.Series) -> NDArray[np.int64]:
    """Round to whole numbers; what is missing is 0."""
    whole: NDArray[np.int64] = np.rint(values.fillna(0).to_numpy(dtype=float)).astype(np.int64)
    return whole


def _class_label(word: str, *, lang: Lang) -> str:
    """Give the planner's word for a class of road; a word of the planner's own stays as it is."""
    return say_if_there(f"network.class_{word}", lang=lang) or word


def pack_starts(ways: pd.DataFrame, station_id: pd.Index, call_s: float) -> list[list[int] | None]:
    """Give call, turnout and access of each station in ms; None where no way begins."""
    by_station: Mapping[Any, Any] = (
        ways.dropna(subset="facility_id")
        .drop_duplicates("facility_id")
        .set_index("facility_id")
        .to_dict("index")
    )
    rows: list[list[int] | None] = []
    for station in station_id:
        way = by_station.get(station)
        if way is None:
            rows.append(None)
            continue
        start_ms = round(way["start_ms"])
        call_ms = min(start_ms, round(call_s * 1000))
        rows.append([call_ms, start_ms - call_ms, round(way["facility_access_ms"])])
    return rows


def _extra(table: gpd.GeoDataFrame, station_id: pd.Index) -> dict[str, list[Any]]:
    """Give the places to which a way is drawn although they are not drawn themselves."""
    x, y = draw_points(table, "places")
    return {
        "x": x,
        "y": y,
        "name": [name if isinstance(name, str) else "" for name in column_of(table, "name")],
        "station": station_id.get_indexer(column_of(table, "first_id")).tolist(),
        "s": np.ceil(table["first_s"].to_numpy(dtype=float) - 1e-6).astype(int).tolist(),
    }
