"""The kernels that take longest to compile, called on two roads as a study calls them on all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import shapely

from geo import hydrantwalk
from geo.ground import Ground, Rule, divide
from geo.hydranttrees import Links
from geo.outlines import TILE_M, outline
from geo.walls import build_walls
from geo.zonecells import trace_border

__all__ = ["rehearsals"]

_SIDE_M = 200.0
_XY, _TO_XY = np.array([[50.0, 50.0], [50.0, 150.0]]), np.array([[150.0, 50.0], [150.0, 150.0]])
"""Two roads side by side, metres."""
_EDGE = np.array([0, 1])
_RULE = Rule(60.0, 1.0, 50.0)


def rehearsals(*, has_barriers: bool) -> tuple[Callable[[], object], ...]:
    """Give what to call so that kernels are compiled, in the order in which a helper serves a run best.

    The run compiles its first kernels itself meanwhile, and comes to the last of these when the helper has
    not begun them.

    Parameters
    ----------
    has_barriers : bool
        Whether the study has any: walls and open ground are compiled apart.
    """
    river = [shapely.LineString([(0.0, 100.0), (_SIDE_M, 100.0)])] if has_barriers else []
    walls = build_walls(np.array(river, dtype=object), bounds=(0.0, 0.0, _SIDE_M, _SIDE_M))
    ground = partial(
        divide, _XY, _TO_XY, _EDGE, earliest_s=np.zeros(2), rule=_RULE, walls=walls, tile_m=TILE_M
    )
    clock, cost = np.zeros((2, 2)), np.full((2, 2), 10.0)
    return (
        ground,
        _zones,
        _hydrants,
        lambda: outline(ground(), clock, cost, rule=_RULE, walls=walls),
    )


def _zones() -> object:
    line = np.column_stack([_XY, _TO_XY - _XY, np.full(2, 1e-4)])
    return trace_border(Ground(_SIDE_M, line, _EDGE, np.zeros((1, 2), np.int64), np.array([0, 2]), _EDGE))


def _hydrants() -> object:
    n = hydrantwalk.SMALL
    node, none = np.arange(n), np.zeros(0)
    links = Links(
        n, node, np.full(n, -1), node, np.zeros(n), np.ones(n), np.zeros(n + 1, np.int64), none, none, node,
        np.zeros(n, dtype=bool),
    )  # fmt: skip
    return hydrantwalk.place_on_trees(links, node[:1], reach_mm=1.0, tail_mm=0.0)
