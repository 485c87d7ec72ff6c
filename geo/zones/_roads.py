"""The roads divided among the stations: straight pieces, each reached first by one of them."""

from __future__ import annotations

from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.ground import cut_roads
from geo.network import RoadNetwork
from geo.routing import NodeNearest, drive
from geo.times import UNREACHED_MS, to_seconds

__all__ = ["RoadParts", "clip_roads", "divide_roads"]

_AT_ONCE = 1 << 17
"""Pieces that are cut together: more would take more memory and no less time."""


class RoadParts(NamedTuple):
    """Straight pieces of the roads that may be entered, in the order of their edges.

    Parameters
    ----------
    edge : int64 array, shape (P,)
        Edge of each piece; ascending.
    fraction, to_fraction : float64 array, shape (P,)
        Where on the edge the piece starts and ends (0-1 from u to v).
    xy, to_xy : float64 array, shape (P, 2)
        The same two places, metres.
    owner : int64 array, shape (P,)
        Position of the facility that reaches the whole piece first, -1 where none does.
    s, to_s : float64 array, shape (P,)
        Seconds on the clock at which it reaches the two places (``inf`` where none does); in between the
        time changes evenly.
    """

    edge: NDArray[np.int64]
    fraction: NDArray[np.float64]
    to_fraction: NDArray[np.float64]
    xy: NDArray[np.float64]
    to_xy: NDArray[np.float64]
    owner: NDArray[np.int64]
    s: NDArray[np.float64]
    to_s: NDArray[np.float64]


class _Stretches(NamedTuple):
    """Stretches of edges between facilities: who comes into each from the left (u) and the right (v)."""

    edge: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    left: NDArray[np.int64]
    left_s: NDArray[np.float64]
    right: NDArray[np.int64]
    right_s: NDArray[np.float64]


def divide_roads(network: RoadNetwork, state: NodeNearest) -> RoadParts:
    """Cut the roads where two facilities tie, and say who reaches each piece first.

    On a stretch of ``w`` seconds ahead and ``b`` back, reached at its ends at ``l`` and ``r``, the two times
    meet at the share ``(r + b - l) / (w + b)`` of it; it is cut there (also where both come from the same
    facility, so that the time along a piece changes evenly). A stretch ends at every facility on the edge.
    At equal times all along, the facility earlier in the table counts.

    Parameters
    ----------
    network : RoadNetwork
        The roads; those that may not be entered (motorways) own no ground and are left out.
    state : NodeNearest
        First facility of every node.
    """
    is_open = np.minimum(network.edge_ms, network.edge_back_ms) < UNREACHED_MS
    edges = np.flatnonzero(network.edge_is_access & is_open & ~_is_idle_scrap(network, state))
    view = drive(network, state.direction)
    ahead, back = to_seconds(view.ms), to_seconds(view.back_ms)
    stretches = _stretches(network, state, edges, ahead, back)
    width = stretches.high - stretches.low
    ahead_s, back_s = ahead[stretches.edge] * width, back[stretches.edge] * width
    with np.errstate(invalid="ignore"):
        share = (stretches.right_s + back_s - stretches.left_s) / (ahead_s + back_s)
    is_cut = (share > 0) & (share < 1)
    at = pd.DataFrame(
        {
            "edge": np.concatenate([stretches.edge[is_cut], stretches.edge[stretches.low > 0]]),
            "fraction": np.concatenate(
                [(stretches.low + share * width)[is_cut], stretches.low[stretches.low > 0]]
            ),
            "is_snapped": True,
        }
    )
    pieces = cut_roads(network, at, edges=edges, direction=state.direction)
    middle = (pieces.fraction + pieces.to_fraction) / 2.0
    mine = np.searchsorted(stretches.edge + stretches.low, pieces.edge + middle, side="right") - 1
    return RoadParts(
        pieces.edge,
        pieces.fraction,
        pieces.to_fraction,
        pieces.xy,
        pieces.to_xy,
        *_first(stretches, mine, pieces.fraction, pieces.to_fraction, ahead, back),
    )


def _first(
    stretches: _Stretches,
    mine: NDArray[np.int64],
    fraction: NDArray[np.float64],
    to_fraction: NDArray[np.float64],
    ahead: NDArray[np.float64],
    back: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Give who is first on each piece of a stretch, and its times at both ends."""
    edge = stretches.edge[mine]

    def times(at: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        along, against = at - stretches.low[mine], stretches.high[mine] - at
        with np.errstate(invalid="ignore"):  # a closed way of no length is closed
            from_left = stretches.left_s[mine] + along * ahead[edge]
            from_right = stretches.right_s[mine] + against * back[edge]
        return np.nan_to_num(from_left, nan=np.inf), np.nan_to_num(from_right, nan=np.inf)

    left_s, right_s = times((fraction + to_fraction) / 2.0)
    left, right = stretches.left[mine], stretches.right[mine]
    is_left = (left_s < right_s) | ((left_s == right_s) & (left <= right))
    owner = np.where(np.isfinite(np.minimum(left_s, right_s)), np.where(is_left, left, right), -1)
    ends = [np.where(is_left, *times(at)) for at in (fraction, to_fraction)]
    return owner, ends[0], ends[1]


def _is_idle_scrap(network: RoadNetwork, state: NodeNearest) -> NDArray[np.bool_]:
    """Mark scraps of road on which no facility stands: as points are not put on them, they own no ground."""
    entries = (network.origin or network).entry_roads
    is_idle = np.zeros(network.n_edges, dtype=bool)
    is_idle[entries.edge[entries.is_scrap]] = True
    is_idle &= np.maximum(state.first[network.edge_u], state.first[network.edge_v]) < 0
    is_idle[state.stops.edge] = False
    return is_idle


def _stretches(
    network: RoadNetwork,
    state: NodeNearest,
    edges: NDArray[np.int64],
    ahead: NDArray[np.float64],
    back: NDArray[np.float64],
) -> _Stretches:
    node_s, stops = to_seconds(state.first_ms), state.stops
    on = np.flatnonzero(np.isin(stops.edge, edges))
    plain = np.setdiff1d(edges, stops.edge[on])
    u, v = network.edge_u[plain], network.edge_v[plain]
    columns = [
        plain,
        np.zeros(len(plain)),
        np.ones(len(plain)),
        state.first[u].astype(np.int64),
        np.where(np.isfinite(ahead[plain]), node_s[u], np.inf),
        state.first[v].astype(np.int64),
        np.where(np.isfinite(back[plain]), node_s[v], np.inf),
    ]
    on = on[np.lexsort((on, stops.fraction[on], stops.edge[on]))]
    rows = [
        row
        for edge, own in groupby(on, key=lambda i: stops.edge[i])
        for row in _own_stretches(
            network, state, node_s, int(edge), [int(i) for i in own], ahead[edge], back[edge]
        )
    ]
    if rows:
        columns = [
            np.append(a, b).astype(a.dtype) for a, b in zip(columns, zip(*rows, strict=True), strict=True)
        ]
    order = np.lexsort((columns[1], columns[0]))
    return _Stretches(*(column[order] for column in columns))


def _own_stretches(
    network: RoadNetwork,
    state: NodeNearest,
    node_s: NDArray[np.float64],
    edge: int,
    own: list[int],
    ahead: float,
    back: float,
) -> list[tuple[float, ...]]:
    """Cut an edge at its facilities: what enters a stretch has passed all before it, or starts there."""
    u, v = network.edge_u[edge], network.edge_v[edge]
    at = [0.0, *state.stops.fraction[own], 1.0]
    starts = [(state.stops.access_ms[i] / 1000.0, i) for i in own]
    entries = [(float(node_s[u]), int(state.first[u])), *starts, (float(node_s[v]), int(state.first[v]))]
    from_left, from_right = [entries[0]], [entries[-1]]
    for i in range(1, len(at) - 1):
        passed_s, who = from_left[-1]
        from_left.append(min((passed_s + _over(at[i] - at[i - 1], ahead), who), entries[i]))
        j = len(at) - 1 - i
        passed_s, who = from_right[-1]
        from_right.append(min((passed_s + _over(at[j + 1] - at[j], back), who), entries[j]))
    from_right.reverse()
    closed = (np.inf, -1)
    return [
        (edge, at[i], at[i + 1], left[1], left[0], right[1], right[0])
        for i in range(len(at) - 1)
        if at[i + 1] > at[i]
        for left in (from_left[i] if np.isfinite(ahead) else closed,)
        for right in (from_right[i] if np.isfinite(back) else closed,)
    ]


def _over(share: float, seconds: float) -> float:
    """Give the time over a share of an edge; no way at all takes no time, closed or not."""
    return share * seconds if share > 0 else 0.0


def clip_roads(roads: RoadParts, parts: NDArray[np.object_]) -> tuple[RoadParts, NDArray[np.int64]]:
    """Cut the pieces at the edges of the ground; times change evenly along a piece.

    Parameters
    ----------
    parts : array of Polygons
        Connected pieces of ground that do not overlap.

    Returns
    -------
    roads : RoadParts
        The pieces on the ground.
    part : int64 array
        Position of the piece of ground that each lies on.
    """
    row, within, out, part, ends = _cut(roads, parts)
    step = roads.to_xy[out] - roads.xy[out]
    share = np.clip(
        ((ends - roads.xy[out, None]) * step[:, None]).sum(axis=2) / (step**2).sum(axis=1)[:, None], 0.0, 1.0
    )
    share.sort(axis=1)
    rows = np.append(row, out)
    low = np.append(np.zeros(len(row)), share[:, 0])
    high = np.append(np.ones(len(row)), share[:, 1])
    order = np.lexsort((low, rows))
    return _between(roads, rows[order], low[order], high[order]), np.append(within, part)[order]


def _cut(
    roads: RoadParts, parts: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Give the pieces on the ground and where, then those partly on it, where, and the ends of their parts.

    The lines of a city take as much room as all else of it: they are made of some pieces at a time.
    """
    shapely.prepare(parts)
    pieces = [
        _cut_some(np.stack([roads.xy[first:last], roads.to_xy[first:last]], axis=1), parts, first)
        for first in range(0, max(len(roads.xy), 1), _AT_ONCE)
        for last in (first + _AT_ONCE,)
    ]
    row, within, out, part, ends = (np.concatenate(column) for column in zip(*pieces, strict=True))
    return row, within, out, part, ends


def _cut_some(
    xy: NDArray[np.float64], parts: NDArray[np.object_], first: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Give what :func:`_cut` does of some pieces (P, 2, 2), of which the first stands at a position."""
    lines = shapely.linestrings(xy)
    part, row = shapely.STRtree(lines).query(parts, predicate="intersects")
    is_inside = shapely.covers(parts[part], lines[row])
    within, part, out, row = part[is_inside], part[~is_inside], row[~is_inside], row[is_inside]
    cut, of = shapely.get_parts(shapely.intersection(parts[part], lines[out]), return_index=True)
    is_line = shapely.get_type_id(cut) == shapely.GeometryType.LINESTRING
    ends = shapely.get_coordinates(cut[is_line]).reshape(-1, 2, 2)
    return row + first, within, out[of[is_line]] + first, part[of[is_line]], ends


def _between(
    roads: RoadParts, rows: NDArray[np.int64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> RoadParts:
    """Give the part of each piece between two shares of it."""

    def at(start: NDArray[np.float64], end: NDArray[np.float64], share: NDArray[np.float64]) -> Any:
        start, end = start[rows], end[rows]
        share = share if start.ndim == 1 else share[:, None]
        with np.errstate(invalid="ignore"):
            value = np.where(share == 1.0, end, start + share * (end - start))
        return np.where(np.isinf(start), start, value)

    return RoadParts(
        roads.edge[rows],
        at(roads.fraction, roads.to_fraction, low),
        at(roads.fraction, roads.to_fraction, high),
        at(roads.xy, roads.to_xy, low),
        at(roads.xy, roads.to_xy, high),
        roads.owner[rows],
        at(roads.s, roads.to_s, low),
        at(roads.s, roads.to_s, high),
    )
