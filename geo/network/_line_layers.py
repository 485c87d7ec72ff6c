"""What a line layer says about roads: its columns, single lines, nodes, lengths and attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import geodesic_lengths, metric_crs, transform_xy
from geo.errors import InputError, NetworkError
from geo.messages import Sentence
from geo.network.noding import split_at_crossings, suggest_tolerance
from geo.network.tags import access_flags, first_value, oneway_code, parse_maxspeed
from geo.words import word_lists

__all__ = [
    "check_topology",
    "explode",
    "far_ends",
    "find_columns",
    "first_five",
    "nodes_by_id",
    "road_attributes",
    "road_lengths",
    "row_labels",
    "split_lines",
]

_ACCESS: Final = ("access", "vehicle", "motor_vehicle", "foot", "emergency", "area")
_NODE_SLACK_M: Final = 50.0
_LENGTH_SLACK: Final = 0.02
_LENGTH_SLACK_M: Final = 1.0


def row_labels(frame: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Give the number of each row as the planner sees it: the index, where it holds whole numbers."""
    is_whole = pd.api.types.is_integer_dtype(frame.index)
    return frame.index.to_numpy(dtype=np.int64) if is_whole else np.arange(len(frame))


def first_five(rows: NDArray[np.integer]) -> str:
    """Name the first five rows for a message."""
    return ", ".join(str(row) for row in rows[:5]) + (", ..." if len(rows) > 5 else "")


def find_columns(frame: gpd.GeoDataFrame, asked: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Give the frame's column for each ``[columns]`` of ``road_words.toml``, and notes of the guesses."""
    columns = word_lists("road")["columns"]
    unknown = [key for key in asked if key not in columns]
    missing = [name for name in asked.values() if name not in frame.columns]
    if unknown or missing:
        have = ", ".join(str(name) for name in frame.columns)
        raise InputError(
            f"road columns {', '.join(unknown or missing)} are unknown; "
            f"{'choose from ' + ', '.join(columns) if unknown else 'the layer has ' + have}"
        )
    headers = {str(name).strip().lower(): str(name) for name in frame.columns}
    guessed = {
        key: headers[header]
        for key, known in columns.items()
        for header in known[::-1]
        if key not in asked and header in headers
    }
    notes: list[str] = [
        Sentence("road_column", header=name, column=key) for key, name in guessed.items() if key != name
    ]
    return guessed | dict(asked), notes


def explode(frame: gpd.GeoDataFrame) -> tuple[NDArray[np.object_], NDArray[np.int64], list[str]]:
    """Give single lines and the position of the row of each."""
    label = row_labels(frame)
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    kinds = shapely.get_type_id(shapes)
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    wrong = np.flatnonzero(~np.isin(kinds, (1, 5)) & ~empty)
    if len(wrong):
        raise InputError(f"{len(wrong)} rows of the road layer are no lines: rows {first_five(label[wrong])}")
    xy, at = shapely.get_coordinates(shapes, return_index=True)
    wrong = np.unique(at[~np.isfinite(xy).all(axis=1)])
    if len(wrong):
        raise InputError(
            f"{len(wrong)} roads have coordinates that are no numbers: rows {first_five(label[wrong])}"
        )
    if empty.all():
        raise NetworkError("no row of the road layer has a geometry")
    notes: list[str] = []
    if empty.any():
        notes.append(Sentence("roads_empty", n=int(empty.sum()), rows=first_five(label[empty])))
    several = shapely.get_num_geometries(shapes) > 1
    shapes[several] = shapely.line_merge(shapes[several])
    lines, row = shapely.get_parts(shapes, return_index=True)
    parted = np.flatnonzero(shapely.get_num_geometries(shapes) > 1)
    if len(parted):
        notes.append(Sentence("roads_parted", n=len(parted), rows=first_five(label[parted])))
    return lines, row.astype(np.int64), notes


def split_lines(
    frame: gpd.GeoDataFrame,
    found: Mapping[str, str],
    lines: NDArray[np.object_],
    row: NDArray[np.int64],
    tolerance_m: float,
) -> tuple[NDArray[np.object_], NDArray[np.int64], CRS]:
    """Split lines at crossings on the same level, in metres."""
    crs = CRS.from_user_input(frame.crs)
    target = metric_crs(crs, shapely.get_coordinates(lines))
    local = shapely.transform(lines, lambda xy: transform_xy(xy, crs, target))
    keys = [
        _levels(frame[found[key]], is_layer=key == "layer")
        for key in ("layer", "bridge", "tunnel")
        if key in found
    ]
    codes = np.zeros(len(frame), dtype=np.int64)
    if keys:
        codes = pd.MultiIndex.from_arrays(keys).factorize()[0]
    pieces, line = split_at_crossings(local, codes[row], tolerance_m)
    return pieces, row[line], target


def _levels(column: pd.Series, *, is_layer: bool) -> list[object]:
    """Give the layer as a number, 0 where none is said; or whether a road is on a bridge or in a tunnel."""
    said = [_text(value).casefold() for value in column]
    if not is_layer:
        ground = frozenset(word_lists("road")["level"]["ground"])
        return [value not in ground for value in said]
    numbers = pd.to_numeric(pd.Series(said, dtype=object), errors="coerce")
    return [number if number == number else value or 0.0 for number, value in zip(numbers, said, strict=True)]


def nodes_by_id(
    frame: gpd.GeoDataFrame, found: Mapping[str, str], row: NDArray[np.int64], end_m: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Number the nodes that the columns u and v name; give ids, ends, and the lines that end elsewhere."""
    label = row_labels(frame)
    parted = np.unique(row[1:][row[1:] == row[:-1]])
    if len(parted):
        raise InputError(
            f"{len(parted)} roads have node ids and several parts: rows {first_five(label[parted])}; "
            "merge their parts, or leave the columns u and v out"
        )
    named = pd.concat([frame[found["u"]].iloc[row], frame[found["v"]].iloc[row]], ignore_index=True)
    if named.isna().any():
        bad = np.unique(np.flatnonzero(named.isna()) % len(row))
        raise InputError(f"{len(bad)} roads have no node id at an end: rows {first_five(label[row[bad]])}")
    ends, labels = pd.factorize(named, sort=True)
    is_number = pd.api.types.is_integer_dtype(named.dtype)
    node_id = np.asarray(labels, dtype=np.int64) if is_number else np.arange(len(labels))
    first = np.unique(ends, return_index=True)[1]
    off = np.hypot(*(end_m - end_m[first[ends]]).T)
    far = np.unique(np.flatnonzero(off > _NODE_SLACK_M) % len(row))
    return node_id, ends.astype(np.int64), far


def far_ends(
    frame: gpd.GeoDataFrame, found: Mapping[str, str], row: NDArray[np.int64], far: NDArray[np.int64]
) -> tuple[bool, list[str]]:
    """Say whether the node ids can be such, and note the lines that end far from where their node was first.

    Codes that have nothing to do with the roads' ends, such as the zeros of an empty table, would join the
    whole district at one place.
    """
    if not len(far):
        return True, []
    rows = first_five(row_labels(frame)[row[far]])
    if len(far) * 2 < len(row):
        return True, [Sentence("road_nodes_off", n=len(far), far_m=_NODE_SLACK_M, rows=rows)]
    headers = f"{found['u']}, {found['v']}"
    return False, [Sentence("road_nodes_unused", headers=headers, n=len(far), all=len(row), rows=rows)]


def check_topology(ends: NDArray[np.int64], end_m: NDArray[np.float64], tolerance_m: float) -> None:
    """Stop where fewer than one line in twenty meets another: the tolerance or the layer is wrong."""
    n = len(ends) // 2
    pairs = np.unique(np.column_stack([ends, np.tile(np.arange(n), 2)]), axis=0)
    meets = np.bincount(pairs[:, 0])[ends] > 1
    share = (meets[:n] | meets[n:]).mean()
    if n >= 3 and share < 0.05:
        raise NetworkError(
            f"the road layer has no topology: {share:.0%} of its {n} lines meet another within "
            f"{tolerance_m:g} m; half of their ends would with "
            f"tolerance_m = {suggest_tolerance(end_m):g}, "
            "or the lines cross between their ends (split_crossings)"
        )


def road_lengths(
    frame: gpd.GeoDataFrame,
    found: Mapping[str, str],
    row: NDArray[np.int64],
    xy: NDArray[np.float64],
    start: NDArray[np.int64],
    crs: CRS,
) -> tuple[NDArray[np.float64], list[str]]:
    """Lengths from the column where it agrees with the shape, else from the shape."""
    drawn = geodesic_lengths(transform_xy(xy, crs, CRS.from_epsg(4326)), start)
    if "length" not in found:
        return drawn, []
    said = pd.to_numeric(frame[found["length"]], errors="coerce").to_numpy(dtype=np.float64)[row]
    off = np.abs(said - drawn)
    agrees = (off <= _LENGTH_SLACK * drawn) | (off <= _LENGTH_SLACK_M)
    is_whole = np.bincount(row)[row] == 1  # the column says nothing about a part of a road
    off_rows = row[is_whole & ~agrees]
    notes: list[str] = []
    if len(off_rows):
        rows = first_five(row_labels(frame)[off_rows])
        notes.append(Sentence("road_length_off", n=len(off_rows), header=found["length"], rows=rows))
    return np.where(is_whole & agrees, said, drawn), notes


def road_attributes(
    frame: gpd.GeoDataFrame, found: Mapping[str, str], row: NDArray[np.int64], default_class: str
) -> tuple[dict[str, Any], list[str]]:
    """Give the fields of :class:`geo.network.Roads` that come from columns, for the lines of some rows."""

    def column(key: str) -> list[str]:
        return _texts(frame[found[key]]) if key in found else [""] * len(frame)

    kind, classes = pd.factorize(np.array([value or default_class for value in column("highway")]))
    names, all_names = pd.factorize(np.array(["", *column("name")], dtype=object))
    oneway, notes = _directions(frame, column("oneway"), classes[kind])
    tags = {key: [value.casefold() for value in column(key)] for key in _ACCESS if key in found}
    access = [
        access_flags({key: value for key, value in zip(tags, values, strict=True) if value})
        for values in zip(*tags.values(), strict=True)
    ]
    return {
        "edge_class": kind.astype(np.int16)[row],
        "classes": tuple(str(value) for value in classes),
        "edge_oneway": oneway[row],
        "edge_maxspeed": np.array([parse_maxspeed(value) for value in column("maxspeed")])[row],
        "edge_access": np.array(access or [0] * len(frame), dtype=np.int8)[row],
        "edge_name": names[1:].astype(np.int32)[row],
        "names": tuple(str(value) for value in all_names),
    }, notes


def _texts(column: pd.Series) -> list[str]:
    """Give the cells of a column as texts, each distinct one read once."""
    try:
        number, values = pd.factorize(column)
    except TypeError:  # lists, as GeoParquet keeps them
        return [_text(value) for value in column]
    texts = [*(_text(value) for value in values), ""]  # a missing cell has the number -1
    return [texts[i] for i in number]


def _text(value: object) -> str:
    """Give a cell as text without spaces around: of several values the first, a flag or number as in OSM."""
    if isinstance(value, bool | np.bool_) or (isinstance(value, float) and value.is_integer()):
        return str(int(value))
    return first_value(None if value is None or value is pd.NA else value).strip()


def _directions(
    frame: gpd.GeoDataFrame, said: list[str], classes: Sequence[str]
) -> tuple[NDArray[np.int8], list[str]]:
    """Read one-way codes; what is not understood counts as both ways and is noted."""
    plain = [value.casefold() for value in said]
    if {"t", "f"} == set(plain) - {""}:
        # Codes of direction come with B for both; alone the letters are how databases say true and false.
        plain = ["yes" if value == "t" else "no" for value in plain]
        flags: list[str] = [Sentence("road_oneway_flags")]
    else:
        flags = []
    codes = np.array([_direction(value, kind) for value, kind in zip(plain, classes, strict=True)], np.int8)
    words = word_lists("road")
    known = {*chain(*words["oneway_column"].values()), *words["oneway_tag"]["changing"]}
    strange = [i for i, value in enumerate(plain) if not codes[i] and value not in known]
    if not strange:
        return codes, flags
    values = ", ".join(list(dict.fromkeys(said[i] for i in strange))[:5])
    rows = first_five(row_labels(frame)[strange])
    return codes, [Sentence("road_oneway_unknown", n=len(strange), values=values, rows=rows)]


def _direction(value: str, highway: str) -> int:
    words = word_lists("road")["oneway_column"]
    if value in words["forward"]:
        return 1
    return -1 if value in words["backward"] else oneway_code({"oneway": value}, highway)
