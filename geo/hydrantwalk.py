"""The walk up the trees of a road network that places a hydrant only where one must stand, compiled."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.compiled import kernel
from geo.hydranttrees import Links

__all__ = ["SMALL", "place_on_trees"]

SMALL: Final = 5_000
"""Trees with fewer links are walked uncompiled: compiling takes longer."""


def place_on_trees(
    links: Links, tips: NDArray[np.int64], *, reach_mm: float, tail_mm: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Walk from the leaves to the roots and place a hydrant when the farthest open place is a reach behind.

    On a tree that is the least number: of all hydrants that serve the place, the one farthest up serves all
    that another could serve of what is still open (Gavril 1972; Kariv and Hakimi 1979).

    Parameters
    ----------
    links : Links
        The trees.
    tips : int64 array
        Nodes that are dead ends and lack a hydrant; for them one may stand ``tail_mm`` farther off.
    reach_mm, tail_mm : float
        How far a hydrant serves.

    Returns
    -------
    link, at_mm
        The link of each hydrant, and where on its edge it stands.
    """
    is_tip = np.zeros(links.n_nodes, dtype=np.bool_)
    is_tip[tips] = True
    walk: Any = _walk if len(links.child) >= SMALL else _walk.py_func
    link, at = walk(
        links.child, links.parent, links.start_mm, links.stop_mm,
        links.part_start, links.part_low, links.part_high, is_tip, reach_mm, tail_mm,
    )  # fmt: skip
    return np.array(link, dtype=np.int64), np.array(at, dtype=np.float64)


@kernel
def _walk(  # type: ignore[no-untyped-def]
    child, parent, start, stop, part_start, part_low, part_high, is_tip, reach, tail
):
    link_of = [0]
    at_of = [0.0]
    link_of.clear()
    at_of.clear()
    hydrant_mm = np.full(len(is_tip), np.inf)  # distance to the nearest new hydrant below
    # Open places below each node, as chains.
    head = np.full(len(is_tip), -1)
    after = np.full(2 * len(child), -1)
    away = np.zeros(2 * len(child))
    n_open = 0
    for i in range(len(child)):
        node, up = child[i], parent[i]
        if is_tip[node]:
            after[n_open], away[n_open], head[node] = head[node], -tail, n_open
            n_open += 1
        # The farthest place below that no hydrant below serves.
        farthest, near = -np.inf, hydrant_mm[node]
        place = head[node]
        while place >= 0:
            if away[place] + near > reach and away[place] > farthest:
                farthest = away[place]
            place = after[place]
        is_open = farthest > -np.inf
        if farthest >= reach or (up < 0 and is_open):
            link_of.append(i)
            at_of.append(start[i])
            farthest, is_open, near = -np.inf, False, 0.0
        if up < 0:
            continue
        sign = 1.0 if stop[i] >= start[i] else -1.0
        length = abs(stop[i] - start[i])
        hydrant, want = -near, -farthest
        # The end of a dead end may wait longer than a place of this link that lies behind it on the way up.
        for k in range(part_start[i], part_start[i + 1]):
            first = max(part_low[k], hydrant + reach)
            if first < part_high[k]:
                if first < want:
                    want, is_open = first, True
                break
        k = part_start[i]
        while True:
            if not is_open:
                while k < part_start[i + 1] and max(part_low[k], hydrant + reach) >= part_high[k]:
                    k += 1
                if k == part_start[i + 1]:
                    break
                want, is_open = max(part_low[k], hydrant + reach), True
            if want + reach >= length:
                break
            hydrant = want + reach
            link_of.append(i)
            at_of.append(start[i] + sign * hydrant)
            is_open = False
        if is_open:
            after[n_open], away[n_open], head[up] = head[up], length - want, n_open
            n_open += 1
        hydrant_mm[up] = min(hydrant_mm[up], length - hydrant)
    return link_of, at_of
