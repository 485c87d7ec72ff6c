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
    # Room is made here: inside a kernel it takes time to compile. On a link two hydrants are a reach apart
    # or more, and one may stand at its upper end.
    n_links = len(links.child)
    most = int((np.abs(links.stop_mm - links.start_mm) // reach_mm).sum()) + 3 * n_links
    link, at = np.empty(most, np.int64), np.empty(most)
    chains = np.full(links.n_nodes, -1), np.full(2 * n_links, -1), np.zeros(2 * n_links)
    n = walk(
        links.child, links.parent, links.start_mm, links.stop_mm,
        links.part_start, links.part_low, links.part_high, is_tip, reach_mm, tail_mm,
        np.full(links.n_nodes, np.inf), *chains, link, at,
    )  # fmt: skip
    return link[:n], at[:n]


@kernel
def _walk(  # type: ignore[no-untyped-def]
    child, parent, start, stop, part_start, part_low, part_high, is_tip, reach, tail,
    hydrant_mm, head, after, away, link_of, at_of,
):  # fmt: skip
    """Write the link of each hydrant and where on its edge it stands; give how many there are.

    ``hydrant_mm`` is room for the distance from each node to the nearest new hydrant below; ``head``,
    ``after`` and ``away`` for the open places below each node, as chains.
    """
    n, n_open = 0, 0
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
            link_of[n], at_of[n] = i, start[i]
            n += 1
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
            link_of[n], at_of[n] = i, start[i] + sign * hydrant
            n += 1
            is_open = False
        if is_open:
            after[n_open], away[n_open], head[up] = head[up], length - want, n_open
            n_open += 1
        hydrant_mm[up] = min(hydrant_mm[up], length - hydrant)
    return n
