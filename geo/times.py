"""The table of travel times between demand points and facilities, sparse inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:  # tables cost 100 MB to load: only where one is made
    import pandas as pd

__all__ = ["UNREACHED_MS", "Times", "is_within", "to_seconds"]

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


def is_within(seconds: ArrayLike, limit_s: ArrayLike) -> NDArray[np.bool_]:
    """Say which times keep a limit: at most the limit, compared in whole milliseconds.

    Each time may have a limit of its own; none keeps a limit that is not known (nan).

    Examples
    --------
    >>> is_within([240.0, 240.001, np.inf], 240.0)
    array([ True, False, False])
    """
    within: NDArray[np.bool_] = np.rint(np.asarray(seconds, dtype=float) * 1000.0) <= np.rint(
        np.asarray(limit_s, dtype=float) * 1000.0
    )
    return within & np.isfinite(seconds)


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
