"""Where loops are best cut open: where the places that two hydrants of a plan serve meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo.hydranttrees import Cuts, Pieces

__all__ = ["cuts_between"]

_ROUNDING_MM = 0.5


def cuts_between(
    pieces: Pieces, piece: NDArray[np.int64], at_mm: NDArray[np.float64], *, reach_mm: float, seed: int
) -> Cuts:
    """Cut the roads only where no hydrant of a plan serves across.

    The ways on which the hydrants serve are kept whole, so the plan is still one when the loops are cut, and
    the least plan of the trees has no more hydrants. Which of the other places are cut, and where between the
    ends of what two hydrants can serve, is drawn by lot, so that repeating it finds better plans (a local
    search whose step is the exact plan of a tree).

    Parameters
    ----------
    pieces : Pieces
        The pieces of road.
    piece, at_mm : arrays
        The piece of each hydrant, and where on its edge it stands.
    reach_mm : float
        How far a hydrant serves.
    seed : int
        The same seed draws the same lots.
    """
    order = np.lexsort((at_mm, piece))
    stand = _Standing.on(len(pieces.edge), piece[order], at_mm[order])
    from_a, from_b = _away(pieces, stand)
    length = pieces.high - pieces.low
    with np.errstate(invalid="ignore"):
        is_far_a = from_a < stand.first - pieces.low - _ROUNDING_MM
        is_far_b = from_b < pieces.high - stand.last - _ROUNDING_MM
        is_between = np.abs(from_a - from_b) < length - _ROUNDING_MM
    # Between the first two hydrants of a piece, or between a hydrant and an end that another one serves.
    two = np.isfinite(stand.second)
    a_side = stand.any & ~two & is_far_a
    b_side = stand.any & ~two & ~a_side & is_far_b
    low = np.where(two, stand.first, np.where(b_side, stand.last, pieces.low))
    high = np.where(two, stand.second, np.where(a_side, stand.first, pieces.high))
    before = np.where(two | b_side, 0.0, from_a)
    behind = np.where(two | a_side, 0.0, from_b)
    span, lot = high - low, np.random.default_rng(seed).random((2, len(length)))
    least = np.clip(span - np.clip(reach_mm - behind, 0.0, None), 0.0, span)
    most = np.clip(reach_mm - before, 0.0, span)
    at = np.floor(low + np.where(least <= most, least + lot[0] * (most - least), span / 2))
    return Cuts(
        may=np.where(stand.any, two | a_side | b_side, is_between),
        at_mm=np.clip(np.maximum(at, np.ceil(low + least)), pieces.low, pieces.high),
        order=lot[1],
    )


@dataclass(frozen=True, eq=False)
class _Standing:
    """The first two hydrants and the last one of each piece; ``inf`` and ``-inf`` where there is none."""

    any: NDArray[np.bool_]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    last: NDArray[np.float64]

    @classmethod
    def on(cls, n: int, piece: NDArray[np.int64], at: NDArray[np.float64]) -> _Standing:
        place = np.arange(len(piece)) - np.searchsorted(piece, piece)
        first, second, last = np.full(n, np.inf), np.full(n, np.inf), np.full(n, -np.inf)
        first[piece[place == 0]] = at[place == 0]
        second[piece[place == 1]] = at[place == 1]
        last[piece] = at  # the last one written is the last one that stands
        return cls(np.isfinite(first), first, second, last)


def _away(pieces: Pieces, stand: _Standing) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the distance of both ends of each piece from the nearest hydrant, millimetres."""
    node, end = np.unique(np.concatenate([pieces.a, pieces.b]), return_inverse=True)
    a, b = end[: len(pieces.a)], end[len(pieces.a) :]
    free, busy, source = ~stand.any, stand.any, len(node)
    rows = np.concatenate([a[free], a[busy], b[busy]])
    ends = np.concatenate([b[free], np.full(2 * int(busy.sum()), source)])
    mm = np.concatenate(
        [
            (pieces.high - pieces.low)[free],
            (stand.first - pieces.low)[busy],
            (pieces.high - stand.last)[busy],
        ]
    )
    low, high = np.minimum(rows, ends), np.maximum(rows, ends)
    order = np.lexsort((mm, high, low))
    once = np.append(True, (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0))[: len(order)]
    order = order[once]  # of parallel pieces the shortest
    # A length of 0 would be no link.
    graph = csr_array((np.maximum(mm[order], 1e-3), (low[order], high[order])), shape=(source + 1,) * 2)
    away = dijkstra(graph, directed=False, indices=source)
    return away[a], away[b]
