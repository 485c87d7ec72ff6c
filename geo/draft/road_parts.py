"""Parts of one network of roads: a file for each town, or for each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
_LINE: Final = 1


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
    joinable = [entry for entry in roads if _can_join(entry.look)]
    degrees = [south for entry in joinable if (south := _south(entry.look)) is not None]
    scale = np.array([np.cos(np.radians(min(degrees))), 1.0]) * _M_A_DEGREE if degrees else None
    parts: list[_Part] = []
    for entry in joinable:
        part = _part(entry, scale)
        if len(part.lines) and all(_is_other(part, other) for other in parts):
            parts.append(part)
    is_sure = all(_are_apart(one, other) for one, other in combinations(parts, 2))
    return ([part.entry for part in parts], is_sure) if len(parts) > 1 else ([], False)


@dataclass(frozen=True, eq=False)
class _Part:
    """What is asked of a layer of roads, read once: its lines in metres, and its column of classes."""

    entry: Entry
    header: str | None
    system: str
    classes: frozenset[str]
    lines: NDArray[np.object_]
    cells: frozenset[tuple[int, int]]


def _part(entry: Entry, scale: NDArray[np.float64] | None) -> _Part:
    look = entry.look
    header = class_column(gpd.GeoDataFrame(look.table, geometry=look.shapes), RoadWords())
    lines = _lines(look)
    if scale is not None and _south(look) is not None:
        # One scale for all layers: two that begin at other latitudes would stand apart by it.
        lines = shapely.transform(lines, lambda xy: xy * scale)
    cells = np.floor(shapely.get_coordinates(lines) / _CELL_M).astype(np.int64).tolist()
    return _Part(
        entry,
        header=None if header is None else look.headers.get(header, header),
        system=_system(look),
        classes=frozenset({""} if header is None else look.table[header].dropna().astype(str)),
        lines=lines,
        cells=frozenset((x, y) for x, y in cells),
    )


def _can_join(look: Look) -> bool:
    is_lines = look.shape == "line" and look.error is None and look.shapes is not None and look.n_rows > 0
    return is_lines and look.source.part.sheet is None


def _is_other(one: _Part, other: _Part) -> bool:
    """Whether two layers can be read as one, and are no versions of the same roads."""
    if (one.header, one.system) != (other.header, other.system):
        return False
    return _share_drawn_twice(*sorted((one.lines, other.lines), key=len)) <= _SAME


def _are_apart(one: _Part, other: _Part) -> bool:
    """Whether two layers lie on other ground for the most part, or have no class in common."""
    shared = len(one.cells & other.cells) / min(len(one.cells), len(other.cells))
    return shared < _OTHER_GROUND or not one.classes & other.classes


def _system(look: Look) -> str:
    stated = look.stated
    return "" if stated is None else stated if isinstance(stated, str) else name_system(stated)


def _lines(look: Look) -> NDArray[np.object_]:
    """Give each line of a layer in the numbers of the file; other shapes are passed over."""
    lines = shapely.get_parts(np.asarray(look.shapes, dtype=object))
    is_line = (shapely.get_type_id(lines) == _LINE) & ~shapely.is_empty(lines)
    kept: NDArray[np.object_] = shapely.force_2d(lines[is_line & np.isfinite(shapely.length(lines))])
    return kept


def _south(look: Look) -> float | None:
    """Give the southern end of a layer in degrees; None where it has none or its numbers are no degrees."""
    west, south, east, north = shapely.total_bounds(_lines(look))
    is_degrees = max(abs(west), abs(east)) <= 180.0 and max(abs(south), abs(north)) <= 90.0
    return float(south) if is_degrees else None


def _share_drawn_twice(few: NDArray[np.object_], many: NDArray[np.object_]) -> float:
    """Share of the lines of the smaller layer whose middle lies on a line of the other."""
    asked = few[:: max(len(few) // _MOST_LOOKED_AT, 1)]
    middles = shapely.line_interpolate_point(asked, 0.5, normalized=True)
    met = shapely.STRtree(many).query(middles, predicate="dwithin", distance=_NEAR_M)[0]
    return len(np.unique(met)) / len(asked)
