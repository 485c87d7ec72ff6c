"""Parts of one network of roads: a file for each town, or for each class."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import name_system
from geo.draft.entries import Entry
from geo.draft.look import Look
from geo.network import RoadWords, class_column

__all__ = ["road_parts"]

_M_A_DEGREE: Final = 111_320.0
_NEAR_M: Final = 15.0
"""Roads of two files whose middles are no farther apart are one road, drawn twice."""
_SAME: Final = 0.1
_CELL_M: Final = 500.0
_OTHER_GROUND: Final = 0.3
"""Neighbouring towns share the cells along their border."""
_MOST_LOOKED_AT: Final = 2000


def road_parts(roads: Sequence[Entry]) -> tuple[list[Entry], bool]:
    """Give the layers of roads that can be read as one network; none where there are not at least two.

    They have one column of classes and one system, and no road twice. Parts for sure lie on other ground, as
    those of towns do, or have other classes. Two versions of a network, one of them shifted, have the same
    ground and the same classes.

    Parameters
    ----------
    roads : sequence of Entry
        Layers of roads, the best one first.

    Returns
    -------
    list of Entry, bool
        The layers, and whether all of them are parts for sure.
    """
    parts: list[Entry] = []
    for entry in roads:
        if _can_join(entry.look) and all(_is_other(entry.look, other.look) for other in parts):
            parts.append(entry)
    is_sure = all(_are_apart(one.look, other.look) for one, other in combinations(parts, 2))
    return (parts, is_sure) if len(parts) > 1 else ([], False)


def _can_join(look: Look) -> bool:
    is_lines = look.shape == "line" and look.error is None and look.shapes is not None and look.n_rows > 0
    return is_lines and look.source.part.sheet is None


def _is_other(one: Look, other: Look) -> bool:
    """Whether two layers can be read as one, and are no versions of the same roads."""
    if (_header(one), _system(one)) != (_header(other), _system(other)):
        return False
    lines = [_metres(look) for look in (one, other)]
    return all(map(len, lines)) and _share_drawn_twice(*sorted(lines, key=len)) <= _SAME


def _are_apart(one: Look, other: Look) -> bool:
    is_else = _share_of_ground(_metres(one), _metres(other)) < _OTHER_GROUND
    return is_else or not _classes(one) & _classes(other)


def _header(look: Look) -> str | None:
    """Give the header of the column of classes, as the file has it."""
    header = class_column(gpd.GeoDataFrame(look.table, geometry=look.shapes), RoadWords())
    return None if header is None else look.headers.get(header, header)


def _system(look: Look) -> str:
    stated = look.stated
    return "" if stated is None else stated if isinstance(stated, str) else name_system(stated)


def _classes(look: Look) -> set[str]:
    header = class_column(gpd.GeoDataFrame(look.table, geometry=look.shapes), RoadWords())
    return {""} if header is None else set(look.table[header].dropna().astype(str))


def _metres(look: Look) -> NDArray[np.object_]:
    """Give the lines in metres, near enough for what is asked of them."""
    shapes = np.asarray(look.shapes, dtype=object)
    lines: NDArray[np.object_] = shapely.force_2d(
        shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    )
    west, south, east, north = shapely.total_bounds(lines)
    if not (np.abs([west, east]) <= 180).all() or not (np.abs([south, north]) <= 90).all():
        return lines
    scale = _M_A_DEGREE * np.array([np.cos(np.radians(south)), 1.0])
    moved: NDArray[np.object_] = shapely.transform(lines, lambda xy: xy * scale)
    return moved


def _share_drawn_twice(few: NDArray[np.object_], many: NDArray[np.object_]) -> float:
    """Share of the lines of the smaller layer whose middle lies on a line of the other."""
    asked = few[:: max(len(few) // _MOST_LOOKED_AT, 1)]
    middles = shapely.line_interpolate_point(_single(asked), 0.5, normalized=True)
    met = shapely.STRtree(many).query(middles, predicate="dwithin", distance=_NEAR_M)[0]
    return len(np.unique(met)) / len(asked)


def _single(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give one line for each shape: of several parts the first."""
    single: NDArray[np.object_] = np.where(
        shapely.get_type_id(lines) == 5, shapely.get_geometry(lines, 0), lines
    )
    return single


def _share_of_ground(one: NDArray[np.object_], other: NDArray[np.object_]) -> float:
    """Share of the cells in which the roads of the smaller layer lie that the other lies in too."""
    cells = [
        {(x, y) for x, y in np.floor(shapely.get_coordinates(lines) / _CELL_M).astype(np.int64).tolist()}
        for lines in (one, other)
    ]
    return len(cells[0] & cells[1]) / min(map(len, cells))
