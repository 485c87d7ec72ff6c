"""The least number of hydrants that closes every gap: exact on roads without loops, bounded on others.

On a tree a hydrant may wait until the farthest place that still lacks one is a whole reach behind it: walking
from the leaves to a root and placing a hydrant only when it must be uses the least number (the exchange
argument of Gavril 1972 for covering by subtrees; Kariv and Hakimi 1979 for centres of a tree). A single road
between two hydrants is the simplest tree. Loops are cut open in the middle of a shortest link, which never
makes the plan invalid, only perhaps larger; for them a lower bound is proven with places so far apart that no
hydrant serves two of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.hydrantroads import HydrantRoads
from geo.hydrantspacing import Spacing
from geo.hydranttrees import Links, open_loops
from geo.routing import travel_times
from geo.stretches import merge, subtract

__all__ = ["LeastPlan", "least_hydrants"]

_SLACK_MM: Final = 2.0
"""Lengthens the reach of the bound's places, so that rounding never makes it too high."""
_Place = tuple[int, float, float]
"""Edge, millimetres along it, and how far a hydrant serves the place."""


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
        Where the existing hydrants stand, from :func:`geo.hydrantroads.place_hydrants`.
    spacing : Spacing
        The gaps that they leave.

    Examples
    --------
    On one road between two hydrants L apart it is ceil(L / 120) - 1; see ``tests/test_hydrantleast.py``.
    """
    reach_mm = np.rint(spacing.spacing_m * 1000.0) / 2
    tail_mm = np.rint(spacing.end_m * 1000.0) - reach_mm
    ends = spacing.ends
    far = ~ends.is_near
    own = far[ends.tail_of]
    tails = merge(ends.tails.edge[own], ends.tails.low[own], ends.tails.high[own])
    links = open_loops(
        roads, placed, subtract(spacing.parts, tails), free_mm=2 * max(reach_mm, reach_mm + tail_mm)
    )
    tips = [int(node) for node in ends.node[far]]
    found, _ = _place(links, tips, reach_mm=reach_mm, tail_mm=tail_mm)
    exact = [not is_looped for *_, is_looped in found]
    _, wanted = _place(links, tips, reach_mm=reach_mm + _SLACK_MM, tail_mm=tail_mm)
    looped = [place for place, is_looped in wanted if is_looped]
    return LeastPlan(
        edge=np.array([edge for edge, *_ in found], dtype=np.int64),
        at_mm=np.array([at for _, at, _ in found]),
        bound=sum(exact) + _count_apart(roads, looped),
        n_exact=sum(exact),
    )


def _place(
    links: Links, tips: Sequence[int], *, reach_mm: float, tail_mm: float
) -> tuple[list[tuple[int, float, bool]], list[tuple[_Place, bool]]]:
    """Walk from the leaves to the roots; give the hydrants and, for each, the place that forced it."""
    found: list[tuple[int, float, bool]] = []
    wanted: list[tuple[_Place, bool]] = []
    hydrant_mm = [math.inf] * links.n_nodes  # distance to the nearest new hydrant below
    open_places: dict[int, list[tuple[float, _Place]]] = {}
    tip = set(tips)
    rows = zip(links.child, links.parent, links.edge, links.start_mm, links.stop_mm, links.parts,
               links.is_looped, strict=True)  # fmt: skip
    for child, parent, edge, start, stop, parts, is_looped in rows:
        if child in tip:
            open_places.setdefault(child, []).append((-tail_mm, (edge, start, reach_mm + tail_mm)))
        farthest, place, near = _merge(open_places.pop(child, ()), hydrant_mm[child], reach_mm)
        if farthest >= reach_mm or (parent < 0 and place is not None):
            found.append((edge, start, is_looped))
            wanted.append((place, is_looped))  # type: ignore[arg-type]
            farthest, place, near = -math.inf, None, 0.0
        if parent < 0:
            continue
        sign, length = (1.0, stop - start) if stop >= start else (-1.0, start - stop)
        hydrant, want = -near, -farthest
        # The end of a dead end may wait longer than a place of this link that lies behind it on the way up.
        for low, high in parts:
            if (first := max(low, hydrant + reach_mm)) < high:
                if first < want:
                    want, place = first, (edge, start + sign * first, reach_mm)
                break
        for low, high in parts:
            while True:
                if place is None:
                    want = max(low, hydrant + reach_mm)
                    if want >= high:
                        break
                    place = (edge, start + sign * want, reach_mm)
                if want + reach_mm >= length:
                    break
                hydrant = want + reach_mm
                found.append((edge, start + sign * hydrant, is_looped))
                wanted.append((place, is_looped))
                place = None
            if place is not None:
                break
        if place is not None and want + reach_mm < length:
            hydrant = want + reach_mm
            found.append((edge, start + sign * hydrant, is_looped))
            wanted.append((place, is_looped))
            place = None
        if place is not None:
            open_places.setdefault(parent, []).append((length - want, place))
        hydrant_mm[parent] = min(hydrant_mm[parent], length - hydrant)
    return found, wanted


def _merge(
    places: Sequence[tuple[float, _Place]], hydrant_mm: float, reach_mm: float
) -> tuple[float, _Place | None, float]:
    """Give the farthest place below a node that no hydrant below it serves, and the nearest hydrant."""
    farthest, found = -math.inf, None
    for away, place in places:
        if away + hydrant_mm > reach_mm and away > farthest:
            farthest, found = away, place
    return farthest, found, hydrant_mm


def _count_apart(roads: HydrantRoads, places: Sequence[_Place]) -> int:
    """Count places of which no two can be served by one hydrant: those with the fewest rivals first."""
    if not places:
        return 0
    edge, at, reach = (np.array(values) for values in zip(*places, strict=True))
    snaps = pd.DataFrame(
        {
            "edge": edge.astype(np.int64),
            "fraction": np.clip(at / roads.length_mm[edge], 0.0, 1.0),
            "access_s": 0.0,
            "is_snapped": True,
        }
    )
    limit_m = (2 * reach.max() + _SLACK_MM) / 1000.0
    times = travel_times(roads.sides, snaps, snaps, direction="from_facility", limit_s=limit_m)
    first = np.repeat(np.arange(len(edge)), np.diff(times.start))
    # The places are a reach and the slack apart; half of it is left for rounding.
    served_mm = reach[first] + reach[times.demand] - _SLACK_MM
    rival = (times.ms <= served_mm) & (first != times.demand)
    first, second = first[rival], times.demand[rival].astype(np.int64)
    start = np.searchsorted(first, np.arange(len(edge) + 1)).tolist()
    n_rivals = np.diff(start)
    is_free, n = bytearray(b"\x01") * len(edge), 0
    others = second.tolist()
    for i in np.argsort(n_rivals, kind="stable").tolist():
        if is_free[i]:
            n += 1
            for j in others[start[i] : start[i + 1]]:
                is_free[j] = 0
    return n
