"""The least number of hydrants that closes every gap: exact on roads without loops, bounded on others.

On a tree a hydrant may wait until the farthest place that still lacks one is a whole reach behind it: walking
from the leaves to a root and placing a hydrant only when it must be uses the least number (the exchange
argument of Gavril 1972 for covering by subtrees; Kariv and Hakimi 1979 for centres of a tree). A single road
between two hydrants is the simplest tree. Loops are cut open, which never makes the plan invalid, only
perhaps larger: first in the middle of a shortest link, then again and again where two hydrants of the plan
meet. For them a lower bound is proven with places so far apart that no hydrant serves two of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.hydrants._kernels import count_apart, place_on_trees
from geo.hydrants._linear import merge, subtract
from geo.hydrants._trees import Links, cut_roads, cuts_between, open_loops, pieces_of
from geo.hydrants.roads import HydrantRoads
from geo.hydrants.spacing import Spacing

__all__ = ["LeastPlan", "least_hydrants"]

_SLACK_MM: Final = 2.0
"""Lengthens the reach of the bound's places, so that rounding never makes it too high."""
_MOST_ROUNDS: Final = 20
_LINKS_WALKED: Final = 2_000_000
"""Links of all rounds in which loops are cut anew."""


@dataclass(frozen=True, eq=False)
class LeastPlan:
    """Hydrants that close every gap.

    Parameters
    ----------
    edge : int64 array, shape (n,)
        Edge of ``HydrantRoads.sides`` of each hydrant.
    at_mm : float64 array, shape (n,)
        Where along it, millimetres.
    bound : int
        No plan has fewer hydrants than this.
    n_exact : int
        Of the hydrants, those on roads without loops, where the number is the least.
    """

    edge: NDArray[np.int64]
    at_mm: NDArray[np.float64]
    bound: int
    n_exact: int

    @property
    def n(self) -> int:
        """Number of hydrants."""
        return len(self.edge)

    @property
    def is_proven(self) -> bool:
        """Whether no plan has fewer."""
        return self.n == self.bound


def least_hydrants(roads: HydrantRoads, placed: pd.DataFrame, spacing: Spacing) -> LeastPlan:
    """Place as few hydrants as close every gap.

    Parameters
    ----------
    roads : HydrantRoads
        The roads.
    placed : DataFrame
        Where the existing hydrants stand, from :func:`geo.hydrants.place_hydrants`.
    spacing : Spacing
        The gaps that they leave.

    Examples
    --------
    On one road between two hydrants L apart it is ceil(L / 120) - 1; see ``tests/hydrants/test_least.py``.
    """
    reach_mm = spacing.reach_mm
    tail_mm = np.rint(spacing.end_m * 1000.0) - reach_mm
    ends = spacing.ends
    far = ~ends.is_near
    own = far[ends.tail_of]
    tails = merge(ends.tails.edge[own], ends.tails.low[own], ends.tails.high[own])
    wanted = subtract(spacing.parts, tails)
    pieces = cut_roads(roads, placed, wanted, free_mm=2 * max(reach_mm, reach_mm + tail_mm))
    tips = ends.node[far]
    best = links = open_loops(pieces, wanted)
    link, at = place_on_trees(links, tips, reach_mm=reach_mm, tail_mm=tail_mm)
    for seed in range(_rounds(links)):
        piece = pieces_of(pieces, best.edge[link], at)
        cuts = cuts_between(pieces, piece, at, reach_mm=reach_mm, seed=seed)
        links = open_loops(pieces, wanted, cuts)
        trial = place_on_trees(links, tips, reach_mm=reach_mm, tail_mm=tail_mm)
        if len(trial[0]) <= len(link):
            best, (link, at) = links, trial
    n_exact = int((~best.is_looped[link]).sum())
    return LeastPlan(
        edge=best.edge[link],
        at_mm=at,
        bound=n_exact + count_apart(roads, best, apart_mm=2 * reach_mm + _SLACK_MM),
        n_exact=n_exact,
    )


def _rounds(links: Links) -> int:
    """Give how often loops are cut anew: as often as a few seconds allow, never on trees."""
    return min(_MOST_ROUNDS, _LINKS_WALKED // len(links.edge)) if links.is_looped.any() else 0
