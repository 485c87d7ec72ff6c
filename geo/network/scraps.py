"""Scraps of road: small pieces beside the network that no drawn road joins to it."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["SCRAP_GAP_M", "SCRAP_M", "is_scrap"]

SCRAP_M: Final = 2000.0
"""A component with more metres of road than this is no scrap."""
SCRAP_SHARE: Final = 0.1
"""Nor is one with more than this share of the road of the largest component: half a town is no scrap."""
SCRAP_GAP_M: Final = 100.0
"""A component that lies farther than this from the network is an island, whatever its size."""


def is_scrap(
    lines: NDArray[np.object_], component: NDArray[np.integer], length: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Mark the roads of components that are scraps: small, and beside a component that is none.

    Parameters
    ----------
    lines : object array, shape (R,)
        Roads that points are put on, in metres.
    component : int array, shape (R,)
        Component of each road; 0 is the one with the longest roads.
    length : float64 array, shape (C,)
        Metres of road of each component.
    """
    most = min(SCRAP_M, SCRAP_SHARE * length[0]) if len(length) else 0.0
    small = (length <= most)[component]
    small &= component > 0
    if not small.any() or small.all():
        return np.zeros(len(lines), dtype=bool)
    network = shapely.STRtree(lines[~small])
    own = np.flatnonzero(small)
    near, _ = network.query(lines[own], predicate="dwithin", distance=SCRAP_GAP_M)
    beside = np.zeros(len(length), dtype=bool)
    beside[component[own[near]]] = True
    marked: NDArray[np.bool_] = small & beside[component]
    return marked
