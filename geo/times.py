"""The table of travel times between demand points and facilities, sparse inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import InputError

if TYPE_CHECKING:  # tables cost 100 MB to load: only where one is made
    import pandas as pd

__all__ = ["UNREACHED_MS", "Times", "is_within", "limit_ms", "to_seconds"]

UNREACHED_MS = np.int32(2**30 - 1)
"""Marks 'no route' in millisecond arrays only; two of them still add up inside int32.

It never leaves the package: every public time is in seconds, where no route is ``inf``."""


def to_seconds(ms: NDArray[np.int32]) -> NDArray[np.float64]:
    """Turn whole milliseconds into seconds, with ``inf`` for no route.

    Examples
    --------
    >>> to_seconds(np.array([1500, UNREACHED_MS], dtype=np.int32))
    array([1.5, inf])
    """
    return np.where(ms >= UNREACHED_MS, np.inf, ms / 1000.0)


def limit_ms(limit_s: float) -> int:
    """Turn a limit into the most whole milliseconds that keep it: the one place that says what "within" is.

    Times are whole milliseconds, and ``t`` ms are within ``L`` seconds exactly when ``t / 1000 <= L``: parts
    of a millisecond are cut off the limit, never added. A millionth of a millisecond is forgiven, since most
    whole milliseconds are no exact number in binary seconds (1.001 s are 1000.9999999999999 ms, and sums of
    seconds lose some more): a limit given in whole milliseconds means exactly these.

    Parameters
    ----------
    limit_s : float
        The limit in seconds (inclusive); ``inf`` lets every route count.

    Returns
    -------
    int
        Milliseconds, less than ``UNREACHED_MS``.

    Raises
    ------
    InputError
        The limit is negative or nan.

    Examples
    --------
    >>> limit_ms(240.0), limit_ms(240.0006), limit_ms(1.001), limit_ms(0.1 + 0.7)
    (240000, 240000, 1001, 800)
    """
    if not limit_s >= 0:
        raise InputError(f"the limit must be seconds >= 0; found {limit_s}")
    return min(int(_whole_ms(min(limit_s, UNREACHED_MS / 1000.0))), int(UNREACHED_MS) - 1)


def is_within(seconds: ArrayLike, limit_s: ArrayLike) -> NDArray[np.bool_]:
    """Say which times keep a limit, in whole milliseconds as :func:`limit_ms` counts them.

    Parameters
    ----------
    seconds : array_like of float
        Times, each of whole milliseconds; ``inf`` for no route, which keeps no limit.
    limit_s : array_like of float
        The limit in seconds (inclusive), or one for each time; nothing keeps one that is not known (nan).

    Returns
    -------
    bool array
        Of the times' shape.

    Examples
    --------
    >>> is_within([240.0, 240.001, np.inf], 240.0)
    array([ True, False, False])
    >>> is_within([240.0, 240.001], 240.0006)
    array([ True, False])
    """
    times = np.asarray(seconds, dtype=float)
    within: NDArray[np.bool_] = np.rint(times * 1000.0) <= _whole_ms(limit_s)
    is_finite: NDArray[np.bool_] = np.isfinite(times)
    return within & is_finite


def _whole_ms(limit_s: ArrayLike) -> NDArray[np.float64]:
    """Cut limits to whole milliseconds; ``inf`` and nan stay."""
    whole: NDArray[np.float64] = np.floor(np.asarray(limit_s, dtype=float) * 1000.0 + 1e-6)
    return whole


@dataclass(frozen=True, eq=False)
class Times:
    """Travel times of demand points to or from facilities, one row of entries per facility.

    Parameters
    ----------
    facility_id : pandas.Index
        The facilities, in the caller's order; F of them.
    demand_id : pandas.Index
        The demand points, in the caller's order; D of them.
    start : int64 array, shape (F + 1,)
        Entries of facility ``f`` are ``start[f]:start[f + 1]``.
    demand : int32 array, shape (E,)
        Position of the demand point of each entry, ascending within a facility.
    ms : int32 array, shape (E,)
        Travel time of each entry in whole milliseconds; only finite times are stored.
    limit_s : float
        The search limit in seconds; a pair without an entry takes longer or has no route.
    """

    facility_id: pd.Index
    demand_id: pd.Index
    start: NDArray[np.int64]
    demand: NDArray[np.int32]
    ms: NDArray[np.int32]
    limit_s: float

    def to_dense(self) -> pd.DataFrame:
        """Give a table of seconds, demand points by facilities, ``inf`` where there is no entry."""
        import pandas as pd

        table = np.full((len(self.demand_id), len(self.facility_id)), np.inf)
        facility = np.repeat(np.arange(len(self.facility_id)), np.diff(self.start))
        table[self.demand, facility] = self.ms / 1000.0
        return pd.DataFrame(table, index=self.demand_id, columns=self.facility_id)

    def to_frame(self) -> pd.DataFrame:
        """Give one row per entry: ``facility_id``, ``demand_id``, ``travel_s`` (seconds)."""
        import pandas as pd

        facility = np.repeat(np.arange(len(self.facility_id)), np.diff(self.start))
        return pd.DataFrame(
            {
                "facility_id": self.facility_id.take(facility),
                "demand_id": self.demand_id.take(self.demand),
                "travel_s": self.ms / 1000.0,
            }
        )
