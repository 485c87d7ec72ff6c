"""Roads of a line layer: any file of lines, as a GIS or a download portal gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import geodesic_lengths, metric_crs, transform_xy
from geo.errors import CrsError, NetworkError
from geo.messages import Message, first_few
from geo.network._drawn_layers import only_drawn_roads
from geo.network._line_classes import class_column
from geo.network._line_columns import find_columns, line_tags
from geo.network._line_flags import plain_flags
from geo.network._line_layers import check_topology, explode, far_ends, nodes_by_id, road_lengths
from geo.network._line_levels import end_levels, levels
from geo.network._line_meetings import Lines, tell_heights, tell_meetings, tell_stretched
from geo.network._line_status import only_roads
from geo.network._line_texts import column_texts, row_labels
from geo.network._overture import plain_overture
from geo.network._packed_tags import unpack_tags
from geo.network._road_words import RoadWords
from geo.network._vertices import Vertices, number_places
from geo.network.mixed import part_mixed
from geo.network.noding import node_lines
from geo.network.repeats import find_repeated
from geo.network.roads import Roads, without_repeats

__all__ = ["RoadWords", "class_column", "direction_words", "roads_from_lines"]


def roads_from_lines(
    frame: gpd.GeoDataFrame,
    *,
    columns: Mapping[str, str] | None = None,
    tolerance_m: float = 0.5,
    split_crossings: bool = False,
    default_class: str = "unclassified",
    words: RoadWords | None = None,
    attribution: str = "",
) -> Roads:
    """Make roads of a line layer.

    With node ids (columns ``u`` and ``v``) lines meet where the ids say. Without, they meet where they share
    a vertex, or have one within the tolerance: always where one of them ends, and in the middle of both where
    ``bridge``, ``tunnel`` and ``layer`` say the same; a dead end within the tolerance of the middle of
    another line on its level meets it there. Lines that only cross do not meet, unless ``split_crossings`` is
    set and they are on one level. A road drawn once in each direction is one road.

    Classes, one-way codes and speed limits are read in the words of map makers and planners
    (``road_class_terms.toml``, ``road_terms.toml``), and noted where they are not known.

    Parameters
    ----------
    frame : GeoDataFrame
        Lines, any CRS.
    columns : mapping of str to str, optional
        The frame's column for each of ours (``road_terms.toml``); the others are looked for under their
        usual headers, and what was taken is noted.
    tolerance_m : float
        How far apart two places may lie that are one node.
    split_crossings : bool
        Also cut lines where they cross; ids are then not used.
    default_class : str
        Class of a road that says none, or one that is not known.
    words : RoadWords, optional
        What words and codes of this layer mean.
    attribution : str
        Credit of the source.

    Returns
    -------
    Roads
        In the frame's CRS. ``edge_source`` is the row's label in the index, or its position where the labels
        are no whole numbers.

    Raises
    ------
    CrsError
        The frame has no CRS.
    InputError
        A column is missing, a geometry is no line or not finite, a row with node ids is in parts.
    NetworkError
        The layer is empty, (nearly) no line meets another, most of its classes are not known, or it is not
        sure what its one-way codes mean.
    """
    if frame.crs is None:
        raise CrsError(Message("network.lines_no_crs"))
    if not len(frame):
        raise NetworkError(Message("network.lines_empty"))
    words = words or RoadWords()
    frame, of_export = _plain(frame)
    found, notes = find_columns(frame, columns or {}, words, default_class)
    shapes, row, of_shapes = explode(frame)
    tags, classes, names, of_tags = line_tags(frame, found, _row_km(frame, shapes, row), words, default_class)
    is_twin, tags, of_twins = _drawn_twice(frame, shapes, row, tags)
    drawn = shapes[~is_twin], row[~is_twin]
    lines, of_nodes = _by_ids(frame, found, *drawn) if not split_crossings else (None, [])
    if lines is None:
        lines, more = _by_place(frame, found, *drawn, tolerance_m, split_crossings)
        of_nodes = [*of_nodes, *more]
    length, of_length = road_lengths(frame, found, lines.row, lines.xy, lines.start, lines.crs)
    of_meetings = tell_meetings(lines, levels(frame, found), length, tags, classes)
    notes = [*of_export, *notes, *of_shapes, *of_tags, *of_twins, *of_nodes, *of_meetings, *of_length]
    return part_mixed(
        _roads(lines, length, tags, notes, classes=classes, names=names, attribution=attribution)
    )


def direction_words(frame: gpd.GeoDataFrame, words: RoadWords) -> frozenset[str] | None:
    """Give the words and codes in the column of directions of a layer; None where it has no such column.

    A layer without roads, such as one of rivers, says nothing.
    """
    try:
        plain, _ = _plain(frame) if len(frame) else (frame, [])
    except NetworkError:
        plain = frame.iloc[:0]
    if not len(plain):
        return frozenset()
    found, _ = find_columns(plain, {}, words, "unclassified")
    return frozenset(column_texts(plain[found["oneway"]])) - {""} if "oneway" in found else None


def _plain(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Message]]:
    """Give the roads of a layer, with each tag in a column of its own."""
    notes: list[Message] = []
    if not all(isinstance(name, str) for name in frame.columns):
        frame = frame.rename(columns=str)
    for step in (unpack_tags, plain_overture, only_roads, only_drawn_roads, plain_flags):
        frame, more = step(frame)
        notes += more
    return frame, notes


def _row_km(
    frame: gpd.GeoDataFrame, shapes: NDArray[np.object_], row: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give the length of each row's lines, km."""
    xy, start = _flat(shapes)
    metres = geodesic_lengths(transform_xy(xy, CRS(frame.crs), CRS.from_epsg(4326)), start)
    return np.bincount(row, weights=metres, minlength=len(frame)) / 1000


def _flat(shapes: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    xy = shapely.get_coordinates(shapes)
    return xy, np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(shapes))])


def _drawn_twice(
    frame: gpd.GeoDataFrame,
    shapes: NDArray[np.object_],
    row: NDArray[np.int64],
    tags: Mapping[str, NDArray[np.generic]],
) -> tuple[NDArray[np.bool_], dict[str, NDArray[Any]], list[Message]]:
    """Mark roads that were drawn before, and two-way roads drawn in the other direction, as osmnx saves them.

    Twice the road would count twice in lengths, and would turn each bend into a junction. Of two one-way
    lines on each other, one for each direction, as graphs have them, the first becomes two-way.
    """
    xy, start = _flat(shapes)
    ends = number_places(np.concatenate([xy[start[:-1]], xy[start[1:] - 1]]))
    like = np.column_stack([np.nan_to_num(tags[name].astype(np.float64)) for name in tags])[row]
    again, earlier = find_repeated(ends.reshape(2, -1).T, like, xy, start)
    oneway = tags["oneway"].copy()
    is_pair = (earlier >= 0) & (oneway[row] != 0)
    opened = np.bincount(row[earlier[is_pair]], minlength=len(frame))
    is_whole = opened == np.bincount(row, minlength=len(frame))  # a row has one direction for all its parts
    oneway[is_whole & (opened > 0)] = 0
    backwards = (earlier >= 0) & (~is_pair | is_whole[row[earlier]])
    notes = []
    for key, which in (("roads_again", again), ("roads_twice", backwards)):
        if which.any():
            rows = first_few(row_labels(frame)[row[which]])
            notes.append(Message(f"network.{key}", {"n": int(which.sum()), "rows": rows}))
    return again | backwards, {**tags, "oneway": oneway}, notes


def _by_ids(
    frame: gpd.GeoDataFrame, found: Mapping[str, str], shapes: NDArray[np.object_], row: NDArray[np.int64]
) -> tuple[Lines | None, list[Message]]:
    """Let lines meet where their node ids say; None where there are none, or these can be none."""
    if not {"u", "v"} <= set(found):
        return None, []
    crs = CRS.from_user_input(frame.crs)
    xy, start = _flat(shapes)
    end_xy = np.concatenate([xy[start[:-1]], xy[start[1:] - 1]])
    node_id, ends, far = nodes_by_id(frame, found, row, transform_xy(end_xy, crs, metric_crs(crs, end_xy)))
    is_used, notes = far_ends(frame, found, row, far)
    return Lines(frame, crs, xy, start, row, ends, node_id) if is_used else None, notes


def _by_place(
    frame: gpd.GeoDataFrame,
    found: Mapping[str, str],
    shapes: NDArray[np.object_],
    row: NDArray[np.int64],
    tolerance_m: float,
    split_crossings: bool,
) -> tuple[Lines, list[Message]]:
    """Let lines meet where they share a place."""
    crs = CRS.from_user_input(frame.crs)
    is_point = shapely.length(shapes) == 0
    notes = _without_length(frame, row[is_point])
    shapes, row = shapes[~is_point], row[~is_point]
    if not len(shapes):
        raise NetworkError(Message("network.lines_no_length"))
    xy, start = _flat(shapes)
    metres = transform_xy(xy, crs, metric_crs(crs, xy))
    vertices = Vertices(xy, metres, np.repeat(np.arange(len(shapes)), np.diff(start)))
    of_ends = _levels_of_ends(frame, row)
    noded = node_lines(
        vertices,
        levels(frame, found)[row],
        tolerance_m=tolerance_m,
        at_crossings=split_crossings,
        end_level=of_ends,
    )
    check_topology(noded.meets, np.concatenate([metres[start[:-1]], metres[start[1:] - 1]]), tolerance_m)
    if noded.n_cut:
        values = {"n": noded.n_cut, "touching": noded.n_touching, "tolerance_m": tolerance_m}
        notes.append(Message("network.roads_cut_at_others", values))
    if of_ends is not None:
        notes.append(Message("network.roads_ends_apart", {"n": noded.n_apart}))
    elif noded.n_apart:
        notes.append(Message("network.roads_levels_apart", {"n": noded.n_apart}))
    pieces = noded.vertices
    node_id = np.arange(noded.ends.max() + 1)
    if of_ends is None:
        notes += tell_heights(frame, levels(frame, found))
    notes += tell_stretched(pieces.metres, pieces.start, noded.ends, tolerance_m)
    made = Lines(frame, crs, pieces.xy, pieces.start, row[noded.line], noded.ends, node_id, pieces.metres)
    return made, notes


def _levels_of_ends(frame: gpd.GeoDataFrame, row: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Give the levels of both ends of each line; where a row has several lines, those between are inside."""
    of_rows = end_levels(frame)
    if of_rows is None:
        return None
    of_lines = of_rows[row]
    again = row[1:] == row[:-1]
    lower = of_lines.min(axis=1)
    of_lines[1:, 0] = np.where(again, lower[1:], of_lines[1:, 0])
    of_lines[:-1, 1] = np.where(again, lower[:-1], of_lines[:-1, 1])
    return of_lines


def _without_length(frame: gpd.GeoDataFrame, row: NDArray[np.int64]) -> list[Message]:
    """Note the rows whose lines are left out because they have no length."""
    if not len(row):
        return []
    return [Message("network.roads_no_length", {"n": len(row), "rows": first_few(row_labels(frame)[row])})]


def _roads(
    lines: Lines,
    length: NDArray[np.float64],
    tags: Mapping[str, NDArray[np.generic]],
    notes: list[Message],
    **sources: tuple[str, ...] | str,
) -> Roads:
    """Put lines and what is said of their rows together; what has no length is left out and noted."""
    n = len(lines.row)
    end_xy = np.concatenate([lines.xy[lines.start[:-1]], lines.xy[lines.start[1:] - 1]])
    u, v = lines.ends[:n], lines.ends[n:]
    label = row_labels(lines.frame)[lines.row]
    keep = ~((u == v) & (length == 0))
    notes = [*notes, *_without_length(lines.frame, lines.row[~keep])]
    roads = Roads(
        crs=lines.crs,
        node_id=lines.node_id,
        node_xy=end_xy[np.unique(lines.ends, return_index=True)[1]],
        edge_u=u.astype(np.int32),
        edge_v=v.astype(np.int32),
        edge_length=length,
        edge_is_urban=np.zeros(n, dtype=bool),
        edge_source=label,
        xy=lines.xy,
        xy_start=lines.start,
        notes=tuple(notes),
        **{f"edge_{name}": values[lines.row] for name, values in tags.items()},  # type: ignore[arg-type]
        **sources,  # type: ignore[arg-type]
    )
    return without_repeats(roads.take(np.flatnonzero(keep)))
