"""Roads cut at the border of an area while they are read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from geo.messages import Message
from geo.network import WayTable

__all__ = ["cut_at_border"]


def cut_at_border(ways: WayTable, within: Any, *, n_outside: int = 0) -> tuple[WayTable, Message]:
    """Keep the vertices inside an area; a way that leaves it and comes back is in pieces.

    A vertex that stands alone inside makes no road: where a way has no other, it counts as outside.

    Parameters
    ----------
    ways : WayTable
        Ways; a vertex without a place counts as outside.
    within : shapely.Geometry
        The area, in degrees.
    n_outside : int
        Ways that were left out before.

    Returns
    -------
    (WayTable, Message)
        The pieces, each as a way of its own, and how many ways were kept whole, cut and left out.
    """
    shapely.prepare(within)
    inside = shapely.contains_xy(within, ways.lonlat[:, 0], ways.lonlat[:, 1])
    n_vertices = np.diff(ways.start)
    way = np.repeat(np.arange(len(n_vertices)), n_vertices)
    piece = np.cumsum(~inside) + way
    inside &= np.bincount(piece[inside], minlength=len(ways.ref) + len(n_vertices))[piece] > 1
    n_inside = np.bincount(way[inside], minlength=len(n_vertices))
    piece = piece[inside]
    first = np.flatnonzero(np.diff(piece, prepend=-1))
    row = way[inside][first]
    numbers = {
        "n": int((n_inside == n_vertices).sum()),
        "n_cut": int(((n_inside > 0) & (n_inside < n_vertices)).sum()),
        "n_outside": n_outside + int((n_inside == 0).sum()),
    }
    per_way = ("way_class", "oneway", "maxspeed", "access", "name", "source")
    pieces = replace(
        ways,
        ref=ways.ref[inside],
        lonlat=ways.lonlat[inside],
        start=np.append(first, len(piece)).astype(np.int64),
        limits=None if ways.limits is None else ways.limits[row],
        **{name: getattr(ways, name)[row] for name in per_way},
    )
    return pieces, Message("osm.within", numbers)
