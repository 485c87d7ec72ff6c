"""The effective response force: when so many engines and firefighters are at a place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.availability.dispatch import DispatchTable, Floats, dispatch_table
from geo.errors import InputError
from geo.settings import check_number, check_whole

__all__ = ["force_times"]


def force_times(
    times: pd.DataFrame,
    *,
    crews: pd.Series | int = 1,
    staff: pd.Series | float = 0.0,
    n_engines: int = 1,
    n_firefighters: float = 0.0,
    engines: pd.DataFrame | None = None,
    needs: Mapping[str, int] | None = None,
) -> pd.Series:
    """Give the seconds by which so many engines and firefighters are at each place, all of them free.

    Each station sends all its crews at once, the soonest station first; staff comes with the engines.

    Parameters
    ----------
    times : pandas.DataFrame
        Response in seconds, places by stations; ``inf`` where a station never comes.
    crews : pandas.Series or int, default 1
        Engines by station id, each with a crew; whole numbers >= 1. Not used where there are ``engines``.
    staff : pandas.Series or float, default 0
        Firefighters of each station who ride on these engines, by station id, >= 0.
    n_engines : int, default 1
        Engines asked for, of any kind.
    n_firefighters : float, default 0
        Firefighters asked for.
    engines : pandas.DataFrame, optional
        Engines of each station (rows) by kind (columns), whole numbers >= 0: a station may have none.
    needs : mapping of str to int, optional
        Engines asked for of single kinds of ``engines``, beside ``n_engines`` in all.

    Returns
    -------
    pandas.Series
        By demand id; ``inf`` where all stations that come bring fewer.

    Raises
    ------
    InputError
        A number is out of its range, or an id is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.availability import force_times
    >>> times = pd.DataFrame({"a": [60.0, 500.0], "b": [300.0, 90.0]}, index=["x", "y"])
    >>> force_times(times, crews=pd.Series({"a": 2, "b": 1}), n_engines=2).to_dict()
    {'x': 60.0, 'y': 500.0}

    The ladder of the far station is waited for:

    >>> engines = pd.DataFrame({"pumper": [2, 1], "ladder": [0, 1]}, index=["a", "b"])
    >>> force_times(times, engines=engines, needs={"pumper": 2, "ladder": 1}).to_dict()
    {'x': 300.0, 'y': 500.0}
    """
    check_whole("n_engines", n_engines, low=0)
    check_number("n_firefighters", n_firefighters, low=0.0)
    one = crews if engines is None else 1
    table = dispatch_table(times, pd.Series(0.0, index=times.index), crews=one)
    counts = _counts(table, engines)
    riders = staff if isinstance(staff, pd.Series) else pd.Series(float(staff), index=times.columns)
    on_board = riders.reindex(table.station_id).to_numpy(dtype=np.float64)
    if not (np.isfinite(on_board) & (on_board >= 0.0)).all():
        raise InputError("staff must be a number >= 0 for each station")
    order = table.order.astype(np.int64)
    sorted_s = np.take_along_axis(table.response_s, order, axis=1)
    comes = np.isfinite(sorted_s)

    def there(of_station: Floats) -> Floats:
        return np.asarray(np.cumsum(np.where(comes, of_station[order], 0.0), axis=1), dtype=np.float64)

    # parts of people that add up to the number asked for are enough
    enough = comes & (there(counts.sum(axis=1)) >= n_engines)
    enough &= there(on_board) >= n_firefighters - 1e-9
    for kind, n in ({} if needs is None else needs).items():
        check_whole(f"needs of {kind}", n, low=0)
        if engines is None or kind not in engines:
            raise InputError(f"engines has no column {kind!r}, which the needs name")
        enough &= there(counts[:, engines.columns.get_loc(kind)]) >= n
    first = np.argmax(enough, axis=1)
    seconds = np.where(enough.any(axis=1), sorted_s[np.arange(len(first)), first], np.inf)
    return pd.Series(seconds, index=table.demand_id, name="force_s")


def _counts(table: DispatchTable, engines: pd.DataFrame | None) -> Floats:
    """Give the engines of each station by kind, all of one kind where no kinds are told."""
    if engines is None:
        return np.asarray(table.crews[:, None], dtype=np.float64)
    counts = np.asarray(engines.reindex(table.station_id), dtype=np.float64)
    if not (np.isfinite(counts) & (counts >= 0.0) & (counts == np.rint(counts))).all():
        raise InputError("engines must be whole numbers >= 0 for each station and kind")
    return counts
