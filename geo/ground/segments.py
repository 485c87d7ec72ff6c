"""The roads as straight pieces, and the time at which each end of a piece is reached."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo._jit import part
from geo.crs import ranges
from geo.network import RoadNetwork
from geo.schema import Direction
from geo.times import UNREACHED_MS

__all__ = ["CLOSED_S", "Pieces", "cut_roads", "foot", "read_clock"]

CLOSED_S = 1e12
"""Stands for closed and not reached inside sums, where ``inf`` times 0 would give nan."""


class Pieces(NamedTuple):
    """Straight pieces of the roads that own ground, in the order of their edges.

    Parameters
    ----------
    edge : int64 array, shape (P,)
        Edge of each piece; ascending.
    fraction, to_fraction : float64 array, shape (P,)
        Where on the edge the piece starts and ends (0-1 from u to v); no facility is in between.
    xy, to_xy : float64 array, shape (P, 2)
        The same two places, metres.
    cost : float64 array, shape (P, 2)
        Seconds that the clock runs from the start to the end, and from the end to the start.
    """

    edge: NDArray[np.int64]
    fraction: NDArray[np.float64]
    to_fraction: NDArray[np.float64]
    xy: NDArray[np.float64]
    to_xy: NDArray[np.float64]
    cost: NDArray[np.float64]


def cut_roads(
    network: RoadNetwork,
    facilities: pd.DataFrame,
    *,
    edges: NDArray[np.int64],
    direction: Direction,
) -> Pieces:
    """Cut edges at their vertices and at the facilities on them.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    facilities : DataFrame
        Snaps.
    edges : int64 array
        Edges to cut, ascending; those that nothing may be entered from, or that are closed, are left out.
    direction : {"from_facility", "to_facility"}
        Which way the clock runs.
    """
    is_open = np.minimum(network.edge_ms, network.edge_back_ms) < UNREACHED_MS
    edges = edges[(network.edge_is_access & is_open)[edges]]
    edge, fraction, xy = _vertices(network, edges)
    on = facilities[facilities["is_snapped"].to_numpy(bool) & np.isin(facilities["edge"], edges)]
    if len(on):
        at_edge, at = on["edge"].to_numpy(np.int64), on["fraction"].to_numpy(np.float64)
        order = np.lexsort((at, at_edge))
        at_edge, at = at_edge[order], at[order]
        feet = shapely.line_interpolate_point(network.lines[at_edge], at, normalized=True)
        where = _places_for(edge, fraction, at_edge, at)
        edge, fraction = np.insert(edge, where, at_edge), np.insert(fraction, where, at)
        xy = np.insert(xy, where, shapely.get_coordinates(feet), axis=0)
    is_piece = (edge[1:] == edge[:-1]) & (xy[1:] != xy[:-1]).any(axis=1)
    first = np.flatnonzero(is_piece)
    share = (fraction[first + 1] - fraction[first])[:, None]
    cost = share * _edge_cost(network, edge[first], direction)
    return Pieces(edge[first], fraction[first], fraction[first + 1], xy[first], xy[first + 1], cost)


def read_clock(
    network: RoadNetwork,
    pieces: Pieces,
    facilities: pd.DataFrame,
    node_ms: NDArray[np.int32],
    *,
    direction: Direction,
    start_s: pd.Series | None = None,
    among: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Give the seconds at the start and the end of each piece, shape (P, 2), very large if not reached.

    An edge is entered at an end from which it may be driven, or from a facility on the edge itself. The very
    end of an edge is the junction: it is reached as the junction is, whichever road leads there.

    Parameters
    ----------
    facilities : DataFrame
        Snaps of the facilities that ``node_ms`` (ms at every node) comes from.
    start_s : Series, optional
        Seconds by facility id that are charged before it starts; missing ids count 0.
    among : int64 array, optional
        Pieces to read, ascending; all when missing.
    """
    rows = np.arange(len(pieces.edge)) if among is None else among
    edge = pieces.edge[rows]
    clock = np.full((len(edge), 2), CLOSED_S)
    live = np.flatnonzero(
        np.minimum(node_ms[network.edge_u[edge]], node_ms[network.edge_v[edge]]) < UNREACHED_MS
    )
    of = edge[live]
    ahead, back = _edge_cost(network, of, direction).T
    at_u, at_v = (
        np.where(ms < UNREACHED_MS, ms / 1000.0, CLOSED_S)
        for ms in (node_ms[network.edge_u[of]], node_ms[network.edge_v[of]])
    )
    from_u = np.where(ahead < CLOSED_S, at_u, CLOSED_S)
    from_v = np.where(back < CLOSED_S, at_v, CLOSED_S)
    fractions = (pieces.fraction[rows], pieces.to_fraction[rows])
    for column, share in enumerate(fractions):
        fraction = share[live]
        along = np.minimum(from_u + fraction * ahead, from_v + (1.0 - fraction) * back)
        junction = np.select([fraction == 0.0, fraction == 1.0], [at_u, at_v], CLOSED_S)
        clock[live, column] = np.minimum(along, junction)
    # columns, not a table of the rows: of one facility that takes longer than all else here
    is_on = facilities["is_snapped"].to_numpy(bool)
    on_edge, on_at, begins = (facilities[name].to_numpy()[is_on] for name in ("edge", "fraction", "access_s"))
    if start_s is not None:
        begins = begins + start_s.reindex(facilities.index[is_on]).fillna(0.0).to_numpy()
    for e, at, begin in zip(on_edge, on_at, begins, strict=True):
        mine = slice(*np.searchsorted(edge, [e, e + 1]))
        forth_s, back_s = _edge_cost(network, np.array([e]), direction)[0]
        for column, share in enumerate(fractions):
            away = share[mine] - at
            seconds = begin + np.where(away >= 0, away * forth_s, -away * back_s)
            clock[mine, column] = np.minimum(clock[mine, column], seconds)
    return clock


def _vertices(
    network: RoadNetwork, edges: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Give edge, fraction and place of every vertex of some edges."""
    counts = np.diff(network.xy_start)[edges]
    first = np.cumsum(counts) - counts
    edge = np.repeat(edges, counts)
    xy = network.xy[np.repeat(network.xy_start[edges] - first, counts) + np.arange(len(edge))]
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    step[first] = 0.0
    run = np.cumsum(step)
    metres = run - np.repeat(run[first], counts)
    length = np.repeat(metres[first + counts - 1], counts)
    fraction = np.divide(metres, length, out=np.zeros_like(metres), where=length > 0)
    return edge, fraction, xy


def _places_for(
    edge: NDArray[np.int64],
    fraction: NDArray[np.float64],
    at_edge: NDArray[np.int64],
    at: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Give before which vertex, sorted by edge and fraction, each place on an edge comes."""
    low, high = np.searchsorted(edge, at_edge), np.searchsorted(edge, at_edge, side="right")
    beside = ranges(low, high)[0]
    is_before = fraction[beside] <= np.repeat(at, high - low)
    n_before = np.bincount(np.repeat(np.arange(len(at)), high - low)[is_before], minlength=len(at))
    places: NDArray[np.int64] = low + n_before
    return places


def _edge_cost(network: RoadNetwork, edges: NDArray[np.int64], direction: Direction) -> NDArray[np.float64]:
    """Give the seconds that the clock runs on edges from u to v and from v to u, two columns."""
    ms = np.column_stack([network.edge_ms[edges], network.edge_back_ms[edges]])
    if direction == "to_facility":
        ms = ms[:, ::-1]
    return np.where(ms < UNREACHED_MS, ms / 1000.0, CLOSED_S)


@part
def foot(line, k, x, y):  # type: ignore[no-untyped-def]
    """Give where the perpendicular from a point meets piece ``k`` (0-1, beyond it outside) and distance^2."""
    dx, dy = x - line[k, 0], y - line[k, 1]
    along = (dx * line[k, 2] + dy * line[k, 3]) * line[k, 4]
    t = min(max(along, 0.0), 1.0)
    dx -= t * line[k, 2]
    dy -= t * line[k, 3]
    return along, dx * dx + dy * dy
