"""What a line layer says of the shapes of roads: single lines, nodes by their ids, lengths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import geodesic_lengths, transform_xy
from geo.errors import InputError, NetworkError
from geo.messages import Message, first_few
from geo.network._line_texts import row_labels
from geo.network._vertices import number_places
from geo.network.noding import suggest_tolerance

__all__ = [
    "check_topology",
    "explode",
    "far_ends",
    "nodes_by_id",
    "road_lengths",
]

_NODE_SLACK_M: Final = 50.0
_NODE_APART_M: Final = 500.0
_MOST_STRANGE: Final = 0.01
"""With more lines than this that end half a kilometre from their node the ids of several files were mixed."""
_FEW_PLACES: Final = 3
_LENGTH_SLACK: Final = 0.02
_LENGTH_SLACK_M: Final = 1.0


def explode(frame: gpd.GeoDataFrame) -> tuple[NDArray[np.object_], NDArray[np.int64], list[Message]]:
    """Give single lines and the position of the row of each."""
    label = row_labels(frame)
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    kinds = shapely.get_type_id(shapes)
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    wrong = np.flatnonzero(~np.isin(kinds, (1, 5)) & ~empty)
    if len(wrong):
        raise InputError(Message("network.no_lines", {"n": len(wrong), "rows": first_few(label[wrong])}))
    xy, at = shapely.get_coordinates(shapes, return_index=True)
    wrong = np.unique(at[~np.isfinite(xy).all(axis=1)])
    if len(wrong):
        raise InputError(Message("network.no_numbers", {"n": len(wrong), "rows": first_few(label[wrong])}))
    if empty.all():
        raise NetworkError(Message("network.no_geometry"))
    notes: list[Message] = []
    if empty.any():
        notes.append(Message("network.roads_empty", {"n": int(empty.sum()), "rows": first_few(label[empty])}))
    several = shapely.get_num_geometries(shapes) > 1
    shapes[several] = shapely.line_merge(shapes[several])
    lines, row = shapely.get_parts(shapes, return_index=True)
    parted = np.flatnonzero(shapely.get_num_geometries(shapes) > 1)
    if len(parted):
        notes.append(Message("network.roads_parted", {"n": len(parted), "rows": first_few(label[parted])}))
    return lines, row.astype(np.int64), notes


def nodes_by_id(
    frame: gpd.GeoDataFrame, header_of: Mapping[str, str], row: NDArray[np.int64], end_m: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Number the nodes that the columns u and v name; give ids, ends, and the lines that end elsewhere."""
    label = row_labels(frame)
    parted = np.unique(row[1:][row[1:] == row[:-1]])
    if len(parted):
        raise InputError(
            Message("network.nodes_parted", {"n": len(parted), "rows": first_few(label[parted])})
        )
    named = pd.concat([frame[header_of["u"]].iloc[row], frame[header_of["v"]].iloc[row]], ignore_index=True)
    if named.isna().any():
        bad = np.unique(np.flatnonzero(named.isna()) % len(row))
        raise InputError(
            Message("network.nodes_missing", {"n": len(bad), "rows": first_few(label[row[bad]])})
        )
    ends, labels = pd.factorize(named, sort=True)
    is_number = pd.api.types.is_integer_dtype(named.dtype)
    node_id = np.asarray(labels, dtype=np.int64) if is_number else np.arange(len(labels))
    first = np.unique(ends, return_index=True)[1]
    off = np.hypot(*(end_m - end_m[first[ends]]).T)
    far = off > _NODE_SLACK_M
    n_strange = len(np.unique(np.flatnonzero(off > _NODE_APART_M) % len(row)))
    if _divides_places(ends, end_m) or n_strange > max(_FEW_PLACES, _MOST_STRANGE * len(row)):
        far[:] = True
    return node_id, ends.astype(np.int64), np.unique(np.flatnonzero(far) % len(row))


def _divides_places(ends: NDArray[np.integer], end_m: NDArray[np.float64]) -> bool:
    """Whether most places at which lines end together bear several ids, as numbers of the rows would."""
    place = number_places(np.round(end_m, 1))
    n_ends = np.bincount(place)
    n_all = int(ends.max(initial=0)) + 1
    n_ids = np.bincount(np.unique(place * n_all + ends) // n_all)
    shared = n_ends > 1
    return bool(shared.sum() >= _FEW_PLACES and (n_ids[shared] == n_ends[shared]).mean() > 0.5)


def far_ends(
    frame: gpd.GeoDataFrame, header_of: Mapping[str, str], row: NDArray[np.int64], far: NDArray[np.int64]
) -> tuple[bool, list[Message]]:
    """Say whether the node ids can be such, and note the lines that end far from where their node was first.

    Codes that have nothing to do with the roads' ends, such as the zeros of an empty table, would join the
    whole district at one place.
    """
    if not len(far):
        return True, []
    rows = first_few(row_labels(frame)[row[far]])
    if len(far) * 2 < len(row):
        return True, [
            Message("network.road_nodes_off", {"n": len(far), "far_m": _NODE_SLACK_M, "rows": rows})
        ]
    headers = f"{header_of['u']}, {header_of['v']}"
    return False, [
        Message(
            "network.road_nodes_unused", {"headers": headers, "n": len(far), "all": len(row), "rows": rows}
        )
    ]


def check_topology(meets: NDArray[np.bool_], end_m: NDArray[np.float64], tolerance_m: float) -> None:
    """Stop where fewer than one line in twenty meets another: the tolerance or the layer is wrong."""
    if len(meets) >= 3 and meets.mean() < 0.05:
        raise NetworkError(
            Message(
                "network.no_topology",
                {
                    "share": meets.mean(),
                    "n": len(meets),
                    "tolerance_m": tolerance_m,
                    "suggested": suggest_tolerance(end_m),
                },
            )
        )


def road_lengths(
    frame: gpd.GeoDataFrame,
    header_of: Mapping[str, str],
    row: NDArray[np.int64],
    xy: NDArray[np.float64],
    start: NDArray[np.int64],
    crs: CRS,
) -> tuple[NDArray[np.float64], list[Message]]:
    """Lengths from the column where it agrees with the shape, else from the shape."""
    drawn = geodesic_lengths(transform_xy(xy, crs, CRS.from_epsg(4326)), start)
    if "length" not in header_of:
        return drawn, []
    stated = pd.to_numeric(frame[header_of["length"]], errors="coerce").to_numpy(dtype=np.float64)[row]
    off = np.abs(stated - drawn)
    agrees = (off <= _LENGTH_SLACK * drawn) | (off <= _LENGTH_SLACK_M)
    is_whole = np.bincount(row)[row] == 1  # the column says nothing about a part of a road
    off_rows = row[is_whole & ~agrees]
    notes: list[Message] = []
    if len(off_rows):
        rows = first_few(row_labels(frame)[off_rows])
        notes.append(
            Message(
                "network.road_length_off", {"n": len(off_rows), "header": header_of["length"], "rows": rows}
            )
        )
    return np.where(is_whole & agrees, stated, drawn), notes
