"""Outlines of one facility after another: each looks at the roads that it reaches, and at no others."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from threading import local
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.areas._outline import Tiles, trace
from geo.crs import ranges
from geo.ground import CLOSED_S, MARGIN, Ground, Pieces, Rule, Walls, open_sight, read_clock
from geo.network import RoadNetwork
from geo.schema import Direction
from geo.times import UNREACHED_MS

__all__ = ["NearOutlines"]

_Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class NearOutlines:
    """The ground of many facilities, of which each reaches a small part.

    Parameters
    ----------
    network, direction : RoadNetwork, Direction
        The roads, and which way the clock runs.
    pieces : Pieces
        The roads, cut.
    is_wet : bool array
        Pieces that let nobody be in time, as :func:`geo.ground.cut_at_shores` gives them.
    ground : Ground
        Which pieces can be nearest where.
    rule, walls : Rule, Walls
        What 'in time' means, and what may not be crossed.
    start_s : Series, optional
        Seconds by facility id on top of its time; missing ids count 0.
    """

    network: RoadNetwork
    direction: Direction
    pieces: Pieces
    is_wet: NDArray[np.bool_]
    ground: Ground
    rule: Rule
    walls: Walls
    start_s: pd.Series | None = None
    _room: Any = field(default_factory=local, repr=False)

    def outline(self, of: pd.DataFrame, node_ms: NDArray[np.int32]) -> tuple[NDArray[np.float64], _Ints]:
        """Trace the ground that some facilities reach, as :func:`geo.areas._outline.outline` does.

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
        clock[self.is_wet[among]] = CLOSED_S
        live = among[clock.min(axis=1) <= self.rule.limit_s + MARGIN]
        start, tile = self._tiles_of_piece
        mine = np.unique(tile[ranges(start[live], start[live + 1])[0]])
        ground = self.ground
        tiles = Tiles(ground.tile[mine], ground.start[mine], ground.start[mine + 1], ground.member)
        seconds, sight = self._own_room()
        seconds[among, :2] = clock
        try:
            return trace(ground, seconds, tiles, rule=self.rule, sight=sight)
        finally:
            seconds[among, :2] = CLOSED_S

    def _pieces_near(self, of: pd.DataFrame, node_ms: NDArray[np.int32]) -> _Ints:
        """Give the pieces of the edges that are reached at an end, or on which a facility stands."""
        start, piece = self._pieces_of_node
        nodes = np.flatnonzero(node_ms < UNREACHED_MS)
        own = of.loc[of["is_snapped"].to_numpy(bool), "edge"].to_numpy(np.int64)
        beside = ranges(*(np.searchsorted(self.pieces.edge, own + more) for more in (0, 1)))[0]
        return np.unique(np.concatenate([piece[ranges(start[nodes], start[nodes + 1])[0]], beside]))

    def _own_room(self) -> tuple[NDArray[np.float64], Any]:
        """Give this thread's seconds of all pieces, on none of which a clock runs, and its sight."""
        if not hasattr(self._room, "seconds"):
            unreached = np.full((len(self.pieces.edge), 2), CLOSED_S)
            self._room.seconds = np.concatenate([unreached, self.pieces.cost], axis=1)
            self._room.sight = open_sight(self.walls, self.ground.edge)
        return self._room.seconds, self._room.sight

    @cached_property
    def _pieces_of_node(self) -> tuple[_Ints, _Ints]:
        edge, n = self.pieces.edge, len(self.pieces.edge)
        node = np.concatenate([self.network.edge_u[edge], self.network.edge_v[edge]])
        return _by_key(node, np.tile(np.arange(n), 2), self.network.n_nodes)

    @cached_property
    def _tiles_of_piece(self) -> tuple[_Ints, _Ints]:
        tile = np.repeat(np.arange(len(self.ground.tile)), np.diff(self.ground.start))
        return _by_key(self.ground.member, tile, len(self.pieces.edge))


def _by_key(key: NDArray[np.integer], value: _Ints, n: int) -> tuple[_Ints, _Ints]:
    """List values by their key: those of key ``k`` are ``listed[start[k]:start[k + 1]]``."""
    start = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(key, minlength=n), out=start[1:])
    return start, value[np.argsort(key, kind="stable")]
