"""What is told of where the lines of a layer meet, and where they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.messages import Message, first_few
from geo.network._line_texts import row_labels
from geo.network._vertices import number_places
from geo.network.classes import is_on_foot
from geo.network.crossings import count_unmet
from geo.network.repeats import find_redrawn
from geo.network.undershoots import GAP_M, find_gaps, find_stretched

__all__ = ["Lines", "tell_heights", "tell_meetings", "tell_stretched"]

_MANY_CROSSINGS: Final = 0.5
"""Share of the places where lines touch: with more unmet crossings the layer was never cut at them.

The main roads of Shanghai, viaducts over streets without a column of levels, have 0.40."""


_CLEAR_M: Final = 3.0
"""Ends farther above each other than this are those of a bridge and of a road below it."""


@dataclass(frozen=True, eq=False)
class Lines:
    """Single lines of a layer with the row of each, their pieces between nodes, and what was noted.

    ``ends`` are the nodes of the first ends, then of the last ends; ``node_id`` names them.
    ``metres`` are the vertices in metres where they decide who meets.
    """

    frame: gpd.GeoDataFrame
    crs: CRS
    xy: NDArray[np.float64]
    start: NDArray[np.int64]
    row: NDArray[np.int64]
    ends: NDArray[np.int64]
    node_id: NDArray[np.int64]
    metres: NDArray[np.float64] | None = None


def tell_meetings(
    lines: Lines,
    level: NDArray[np.int64],
    length: NDArray[np.float64],
    tags: Mapping[str, NDArray[np.generic]],
    classes: Sequence[str],
) -> list[Message]:
    """Tell roads drawn on each other, crossings without a junction, and ends that stop short of a road.

    Parameters
    ----------
    lines : Lines
        Cut where they meet.
    level : int64 array, shape (R,)
        Level of each row.
    length : float64 array, shape (L,)
        Metres of each line.
    tags : mapping of str to array, shape (R,)
        What is said of each row.
    classes : sequence of str
        The classes that ``tags["class"]`` numbers.
    """
    is_driven = np.array([not is_on_foot(kind) for kind in classes], dtype=bool)
    driven = is_driven[tags["class"].astype(np.int64)][lines.row]
    return [*_redrawn(lines, length, tags), *_crossings(lines, level), *_gaps(lines, level, driven)]


def tell_stretched(
    metres: NDArray[np.float64], start: NDArray[np.int64], ends: NDArray[np.int64], tolerance_m: float
) -> list[Message]:
    """Tell places at which the tolerance joined ends that lie more than 5 m apart."""
    stretch = find_stretched(metres, start, ends)
    if stretch is None:
        return []
    values = {"n": stretch.n, "most_m": stretch.most_m, "lost": stretch.n_lost, "tolerance_m": tolerance_m}
    return [Message("network.roads_stretched", values)]


def tell_heights(frame: gpd.GeoDataFrame, level: NDArray[np.int64]) -> list[Message]:
    """Tell places at which lines meet in plan with heights far apart: they meet all the same.

    In a survey in three dimensions an end of the bridge may lie on one of the street, where it is cut at
    crossings, or a vertex on a vertex.

    Parameters
    ----------
    frame : GeoDataFrame
        A line layer.
    level : int64 array, shape (R,)
        Level of each row: lines of different levels meet at ends alone.
    """
    shapes = frame.geometry.to_numpy()
    parts, row = shapely.get_parts(shapes, return_index=True)
    is_kept = shapely.has_z(parts) & (shapely.get_type_id(parts) == 1) & ~shapely.is_empty(parts)
    parts, row = parts[is_kept], row[is_kept]
    if not len(parts):
        return []
    ends = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    inside, of = shapely.get_coordinates(parts, include_z=True, return_index=True)
    apart = np.concatenate(
        [
            _far_above(shapely.get_coordinates(ends, include_z=True), np.zeros(len(ends), dtype=np.int64)),
            _far_above(inside, level[row[of]]),
        ]
    )
    n = len(np.unique(apart, axis=0))
    return [Message("network.roads_heights", {"n": n, "clear_m": _CLEAR_M})] if n else []


def _far_above(xyz: NDArray[np.float64], level: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the places, shape (N, 2), at which points of one level lie far above each other."""
    is_known = np.isfinite(xyz).all(axis=1)
    xyz, level = xyz[is_known], level[is_known]
    place = number_places(np.column_stack([number_places(xyz[:, :2]), level]).astype(np.float64))
    low = np.full(int(place.max(initial=-1)) + 1, np.inf)
    high = -low
    np.minimum.at(low, place, xyz[:, 2])
    np.maximum.at(high, place, xyz[:, 2])
    apart: NDArray[np.float64] = xyz[(high - low > _CLEAR_M)[place], :2]
    return apart


def _gaps(lines: Lines, level: NDArray[np.int64], driven: NDArray[np.bool_]) -> list[Message]:
    if lines.metres is None:
        return []
    gaps = find_gaps(lines.metres, lines.start, lines.ends, level[lines.row], driven)
    if not len(gaps.lines):
        return []
    most_m = float(gaps.metres.max())
    values = {
        "n": len(gaps.lines),
        "gap_m": GAP_M,
        "most_m": most_m,
        "tolerance_m": f"{most_m * 1.05 + 0.05:.1f}",
        "rows": first_few(np.unique(row_labels(lines.frame)[lines.row[gaps.lines]])),
    }
    return [Message("network.roads_gaps", values)]


def _redrawn(
    lines: Lines, length: NDArray[np.float64], tags: Mapping[str, NDArray[np.generic]]
) -> list[Message]:
    """Tell roads that lie on others with the same vertices and say something else of how they are driven."""
    ruling = [name for name in ("class", "oneway", "maxspeed", "access", "limits") if name in tags]
    like = np.column_stack([np.nan_to_num(tags[name].astype(np.float64)) for name in ruling])[lines.row]
    oneway = tags["oneway"][lines.row].astype(np.int8)
    again = find_redrawn(lines.ends.reshape(2, -1).T, like, oneway, lines.xy, lines.start)
    if not again.any():
        return []
    rows = first_few(np.unique(row_labels(lines.frame)[lines.row[again]]))
    values = {"n": int(again.sum()), "km": float(length[again].sum()) / 1000, "rows": rows}
    return [Message("network.roads_redrawn", values)]


def _crossings(lines: Lines, level: NDArray[np.int64]) -> list[Message]:
    """Tell the places at which lines of one level cross and do not meet: loudly where they are many."""
    n = count_unmet(lines.xy, lines.start, lines.ends, level[lines.row])
    if not n:
        return []
    n_junctions = int((np.bincount(lines.ends) >= 3).sum())
    many = n > _MANY_CROSSINGS * (n + n_junctions)
    return [Message(f"network.roads_cross{'_often' if many else ''}", {"n": n, "junctions": n_junctions})]
