"""Clocks of one facility after another: each on the roads that it reaches, and on no others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.areas._workspace import Clocks
from geo.crs import ranges
from geo.ground import MARGIN, Pieces, Rule, read_clock
from geo.network import RoadNetwork
from geo.schema import Direction
from geo.times import UNREACHED_MS

__all__ = ["RowClocks", "join_clocks"]

_Ints = NDArray[np.int64]
_RowClock = tuple[_Ints, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class RowClocks:
    """The roads on which many facilities are read, of which each reaches a small part.

    Parameters
    ----------
    network, direction : RoadNetwork, Direction
        The roads, and which way the clock runs.
    pieces : Pieces
        The roads, cut.
    is_wet : bool array
        Pieces that let nobody be in time, as :func:`geo.ground.cut_at_shores` gives them.
    rule : Rule
        What 'in time' means.
    start_s : Series, optional
        Seconds by facility id on top of its time; missing ids count 0.
    """

    network: RoadNetwork
    direction: Direction
    pieces: Pieces
    is_wet: NDArray[np.bool_]
    rule: Rule
    start_s: pd.Series | None = None

    def read(self, of: pd.DataFrame, node_ms: NDArray[np.int32]) -> _RowClock:
        """Give the pieces on which some facilities are in time, and the seconds at both ends of each.

        ``node_ms`` is their time at every node.
        """
        among = self._pieces_near(of, node_ms)
        clock = read_clock(
            self.network,
            self.pieces,
            of,
            node_ms,
            direction=self.direction,
            start_s=self.start_s,
            among=among,
        )
        return self.in_time(among, clock)

    def in_time(self, piece: _Ints, clock: NDArray[np.float64]) -> _RowClock:
        """Leave out the pieces that let nobody be in time."""
        is_live = (clock.min(axis=1) <= self.rule.limit_s + MARGIN) & ~self.is_wet[piece]
        return piece[is_live], clock[is_live]

    def _pieces_near(self, of: pd.DataFrame, node_ms: NDArray[np.int32]) -> _Ints:
        """Give the pieces of the edges that are reached at an end, or on which a facility stands."""
        start, piece = self._pieces_of_node
        nodes = np.flatnonzero(node_ms < UNREACHED_MS)
        own = of["edge"].to_numpy(np.int64)[of["is_snapped"].to_numpy(bool)]
        beside = ranges(*(np.searchsorted(self.pieces.edge, own + more) for more in (0, 1)))[0]
        is_near = np.zeros(len(self.pieces.edge), dtype=bool)
        is_near[piece[ranges(start[nodes], start[nodes + 1])[0]]] = True
        is_near[beside] = True
        return np.flatnonzero(is_near)

    @cached_property
    def _pieces_of_node(self) -> tuple[_Ints, _Ints]:
        edge, n = self.pieces.edge, len(self.pieces.edge)
        node = np.concatenate([self.network.edge_u[edge], self.network.edge_v[edge]])
        start, order = _by_key(node, self.network.n_nodes)
        return start, np.tile(np.arange(n), 2)[order]


def join_clocks(rows: list[_RowClock], n_pieces: int) -> Clocks:
    """Put the clocks of rows, each a list of pieces and its seconds, by their pieces."""
    piece = np.concatenate([piece for piece, _ in rows])
    row = np.repeat(np.arange(len(rows)), [len(piece) for piece, _ in rows])
    start, order = _by_key(piece, n_pieces)
    return Clocks(start, row[order], np.concatenate([clock for _, clock in rows])[order])


def _by_key(key: NDArray[np.integer], n: int) -> tuple[_Ints, _Ints]:
    """Sort by key: those of key ``k`` are ``order[start[k]:start[k + 1]]``."""
    start = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(key, minlength=n), out=start[1:])
    return start, np.argsort(key, kind="stable")
