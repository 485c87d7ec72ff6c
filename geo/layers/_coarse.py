"""Coordinates that were rounded: degrees with two or three decimals, or whole minutes."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.messages import Message

__all__ = ["coarse_note"]

_FEWEST: Final = 8
_SHARE: Final = 0.95
_STEPS: Final = (
    ("1°", 1.0),
    ("0.1°", 10.0),
    ("1′", 60.0),
    ("0.01°", 100.0),
    ("0.1′", 600.0),
    ("0.001°", 1000.0),
)
"""Steps and how many of them make a degree, the coarsest first; finer ones move a place by less than 50 m."""
_METRES: Final = 111_320.0
_EXACT: Final = 1e-6


def coarse_note(xy: NDArray[np.float64]) -> tuple[Message, ...]:
    """Tell degrees that are all whole multiples of a coarse step, with how far that may move a place.

    Parameters
    ----------
    xy : float64 array, shape (N, 2)
        Longitudes and latitudes as the file has them; metres say nothing.

    Examples
    --------
    >>> xy = np.column_stack([121 + np.arange(9) * 0.03, np.full(9, 31.21)])
    >>> [note.values for note in coarse_note(xy)]
    [{'n': 9, 'step': '0.01°', 'metres': 556.6}]
    >>> coarse_note(xy + 0.00012345)
    ()
    """
    known = xy[np.isfinite(xy).all(axis=1)]
    if len(known) < _FEWEST or (np.abs(known) > 180).any():
        return ()
    for step, n_in_degree in _STEPS:
        steps = known * n_in_degree
        is_whole = (np.abs(steps - np.rint(steps)) < _EXACT * n_in_degree).all(axis=1)
        if is_whole.mean() >= _SHARE:
            if len(np.unique(known, axis=0)) < _FEWEST:
                return ()
            values = {"n": int(is_whole.sum()), "step": step, "metres": _METRES / n_in_degree / 2}
            return (Message("layers.coarse", values),)
    return ()
