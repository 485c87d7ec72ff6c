"""The kernels that take longest to compile, called on two roads as a study calls them on all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import shapely

from geo.areas import TILE_M, outline
from geo.ground import Ground, Rule, build_walls, divide
from geo.hydrants import Links
from geo.hydrants import _kernels as hydrantwalk
from geo.zones import trace_border

__all__ = ["rehearsals"]

_XY, _TO_XY = np.array([[10.0, 10.0], [10.0, 50.0]]), np.array([[50.0, 10.0], [50.0, 50.0]])
"""Two roads side by side, metres."""
_EDGE = np.array([0, 1])
_LINE = np.column_stack([_XY, _TO_XY - _XY, np.full(2, 40.0**-2)])
_GROUND = Ground(TILE_M, _LINE, _EDGE, np.zeros((1, 2), np.int64), np.array([0, 2]), _EDGE)
_CLOCK, _COST = np.zeros((2, 2)), np.full((2, 2), 10.0)
_RULE = Rule(60.0, 1.0, 50.0)


def rehearsals(*, has_barriers: bool, has_zones: bool) -> tuple[Callable[[], object], ...]:
    """Give what to call so that kernels are compiled, in the order in which a helper serves a run best.

    The run compiles its first kernels itself meanwhile, and comes to the last of these when the helper has
    not begun them. Each can be left out without the others.

    Parameters
    ----------
    has_barriers : bool
        Whether the study has any: walls and open ground are compiled apart.
    has_zones : bool
        Whether zones are drawn: then the run comes to the areas before the helper does.
    """
    river = [shapely.LineString([(0.0, 30.0), (TILE_M, 30.0)])] if has_barriers else []
    walls = build_walls(np.array(river, dtype=object), bounds=(0.0, 0.0, TILE_M, TILE_M))
    ground = partial(
        divide, _XY, _TO_XY, _EDGE, earliest_s=np.zeros(2), rule=_RULE, walls=walls, tile_m=TILE_M
    )
    zones = partial(trace_border, _GROUND)
    areas = partial(outline, _GROUND, _CLOCK, _COST, rule=_RULE, walls=walls)
    # nothing is in time, so there are only rings, of no pieces, to close
    rings = partial(outline, _GROUND, _CLOCK + _RULE.limit_s + 1.0, _COST, rule=_RULE, walls=walls)
    if has_zones:
        return ground, zones, _hydrants, rings, areas
    return ground, areas, rings, _hydrants


def _hydrants() -> object:
    n = hydrantwalk.SMALL_WALK
    node, none = np.arange(n), np.zeros(0)
    links = Links(
        n, node, np.full(n, -1), node, np.zeros(n), np.ones(n), np.zeros(n + 1, np.int64), none, none, node,
        np.zeros(n, dtype=bool),
    )  # fmt: skip
    return hydrantwalk.place_on_trees(links, node[:1], reach_mm=1.0, tail_mm=0.0)
