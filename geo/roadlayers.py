"""What a line layer says about roads: its columns, single lines, nodes, lengths and attributes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.errors import InputError, NetworkError
from geo.lines import geodesic_lengths, metric_crs, transform_xy
from geo.noding import split_at_crossings, suggest_tolerance
from geo.tags import NO_CARS, NO_FOOT, oneway_code, parse_maxspeed

__all__ = [
    "ROAD_COLUMNS",
    "check_topology",
    "explode",
    "find_columns",
    "first_five",
    "nodes_by_id",
    "road_attributes",
    "road_lengths",
    "split_lines",
]

ROAD_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "u": ("u", "from_node", "fnode", "node_from"),
        "v": ("v", "to_node", "tnode", "node_to"),
        "highway": ("highway", "fclass", "road_class", "道路等级", "等级", "类别"),
        "oneway": ("oneway", "oneway_inferred", "one_way", "单行", "单行线"),
        "maxspeed": ("maxspeed", "speed_limit", "限速"),
        "name": ("name", "road_name", "道路名称", "路名", "名称"),
        "length": ("length_m", "length", "长度"),
        "access": ("access",),
        "layer": ("layer", "level"),
        "bridge": ("bridge",),
        "tunnel": ("tunnel",),
    }
)
"""What is read from a road layer, and the headers under which it is looked for."""

_WORDS: Final = frozenset({"yes", "true", "t", "1"})
_NODE_SLACK_M: Final = 50.0
_LENGTH_SLACK: Final = 0.02
_LENGTH_SLACK_M: Final = 1.0


def first_five(rows: NDArray[np.integer]) -> str:
    """Name the first five rows for a message."""
    return ", ".join(str(row) for row in rows[:5]) + (", ..." if len(rows) > 5 else "")


def find_columns(frame: gpd.GeoDataFrame, asked: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Give the frame's column for each of ``ROAD_COLUMNS`` that it has, and notes of the guesses."""
    unknown = [key for key in asked if key not in ROAD_COLUMNS]
    missing = [name for name in asked.values() if name not in frame.columns]
    if unknown or missing:
        have = ", ".join(str(name) for name in frame.columns)
        raise InputError(
            f"road columns {', '.join(unknown or missing)} are unknown; "
            f"{'choose from ' + ', '.join(ROAD_COLUMNS) if unknown else 'the layer has ' + have}"
        )
    headers = {str(name).strip().lower(): str(name) for name in frame.columns}
    guessed = {
        key: headers[header]
        for key, known in ROAD_COLUMNS.items()
        for header in known[::-1]
        if key not in asked and header in headers
    }
    notes = [f"column {name!r} was taken as {key}" for key, name in guessed.items() if key != name]
    return guessed | dict(asked), notes


def explode(frame: gpd.GeoDataFrame) -> tuple[NDArray[np.object_], NDArray[np.int64], list[str]]:
    """Give single lines and the row number of each."""
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    kinds = shapely.get_type_id(shapes)
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    wrong = np.flatnonzero(~np.isin(kinds, (1, 5)) & ~empty)
    if len(wrong):
        raise InputError(f"{len(wrong)} rows of the road layer are no lines: rows {first_five(wrong)}")
    xy, at = shapely.get_coordinates(shapes, return_index=True)
    wrong = np.unique(at[~np.isfinite(xy).all(axis=1)])
    if len(wrong):
        raise InputError(f"{len(wrong)} roads have coordinates that are no numbers: rows {first_five(wrong)}")
    if empty.all():
        raise NetworkError("no row of the road layer has a geometry")
    notes = []
    if empty.any():
        notes.append(
            f"{empty.sum()} rows without a geometry were left out: rows {first_five(np.flatnonzero(empty))}"
        )
    several = shapely.get_num_geometries(shapes) > 1
    shapes[several] = shapely.line_merge(shapes[several])
    lines, row = shapely.get_parts(shapes, return_index=True)
    parted = np.flatnonzero(shapely.get_num_geometries(shapes) > 1)
    if len(parted):
        notes.append(f"{len(parted)} roads of several parts were taken apart: rows {first_five(parted)}")
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
        frame[found[key]].astype(str).str.lower() for key in ("layer", "bridge", "tunnel") if key in found
    ]
    codes = np.zeros(len(frame), dtype=np.int64)
    if keys:
        codes = pd.MultiIndex.from_arrays(keys).factorize()[0]
    pieces, line = split_at_crossings(local, codes[row], tolerance_m)
    return pieces, row[line], target


def nodes_by_id(
    frame: gpd.GeoDataFrame, found: Mapping[str, str], row: NDArray[np.int64], end_m: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[str]]:
    """Number the nodes that the columns u and v name."""
    parted = np.unique(row[1:][row[1:] == row[:-1]])
    if len(parted):
        raise InputError(
            f"{len(parted)} roads have node ids and several parts: rows {first_five(parted)}; "
            "merge their parts, or leave the columns u and v out"
        )
    named = pd.concat([frame[found["u"]].iloc[row], frame[found["v"]].iloc[row]], ignore_index=True)
    if named.isna().any():
        bad = np.unique(np.flatnonzero(named.isna()) % len(row))
        raise InputError(f"{len(bad)} roads have no node id at an end: rows {first_five(row[bad])}")
    ends, labels = pd.factorize(named, sort=True)
    is_number = pd.api.types.is_integer_dtype(named.dtype)
    node_id = np.asarray(labels, dtype=np.int64) if is_number else np.arange(len(labels))
    first = np.unique(ends, return_index=True)[1]
    off = np.hypot(*(end_m - end_m[first[ends]]).T)
    far = np.unique(np.flatnonzero(off > _NODE_SLACK_M) % len(row))
    notes = []
    if len(far):
        notes.append(
            f"{len(far)} roads end more than {_NODE_SLACK_M:.0f} m from where their node was first: "
            f"rows {first_five(row[far])}"
        )
    return node_id, ends.astype(np.int64), notes


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
    notes = []
    if len(off_rows):
        notes.append(
            f"{len(off_rows)} roads have a {found['length']} that is missing or more than 2 % "
            f"from their shape, whose length was used: rows {first_five(off_rows)}"
        )
    return np.where(is_whole & agrees, said, drawn), notes


def road_attributes(
    frame: gpd.GeoDataFrame, found: Mapping[str, str], row: NDArray[np.int64], default_class: str
) -> dict[str, Any]:
    """Give the fields of :class:`geo.roads.Roads` that come from columns, for the lines of some rows."""
    nothing = pd.Series([None] * len(frame), dtype=object)

    def column(key: str) -> list[Any]:
        values = frame[found[key]] if key in found else nothing
        return [None if pd.isna(value) else value for value in values]

    kind, classes = pd.factorize(np.array([str(value or default_class) for value in column("highway")]))
    names, all_names = pd.factorize(
        np.array(["", *(str(value or "") for value in column("name"))], dtype=object)
    )
    directions = zip(column("oneway"), classes[kind], strict=True)
    oneway = [oneway_code({"oneway": _direction(value)}, str(highway)) for value, highway in directions]
    shut = np.array([value in ("no", "private") for value in column("access")], dtype=np.int8)
    return {
        "edge_class": kind.astype(np.int16)[row],
        "classes": tuple(str(value) for value in classes),
        "edge_oneway": np.array(oneway, dtype=np.int8)[row],
        "edge_maxspeed": np.array([parse_maxspeed(str(value)) for value in column("maxspeed")])[row],
        "edge_access": (shut * np.int8(NO_CARS | NO_FOOT))[row],
        "edge_name": names[1:].astype(np.int32)[row],
        "names": tuple(str(value) for value in all_names),
    }


def _direction(value: object) -> str:
    """Say a one-way value, which may be a flag or a number, as OSM would."""
    if value is None or isinstance(value, str):
        return value or ""
    return str(int(value)) if isinstance(value, int | float | np.number | np.bool_) else ""
