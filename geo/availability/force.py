"""The effective response force: when so many engines and firefighters are at a place."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.availability.dispatch import dispatch_table
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
) -> pd.Series:
    """Give the seconds by which so many engines and firefighters are at each place, all of them free.

    Each station sends all its crews at once, the soonest station first; staff comes with the engines.

    Parameters
    ----------
    times : pandas.DataFrame
        Response in seconds, places by stations; ``inf`` where a station never comes.
    crews : pandas.Series or int, default 1
        Engines by station id, each with a crew; whole numbers >= 1.
    staff : pandas.Series or float, default 0
        Firefighters of each station who ride on these engines, by station id, >= 0.
    n_engines : int, default 1
        Engines asked for.
    n_firefighters : float, default 0
        Firefighters asked for.

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
    """
    check_whole("n_engines", n_engines, low=0)
    check_number("n_firefighters", n_firefighters, low=0.0)
    table = dispatch_table(times, pd.Series(0.0, index=times.index), crews=crews)
    riders = staff if isinstance(staff, pd.Series) else pd.Series(float(staff), index=times.columns)
    on_board = riders.reindex(table.station_id).to_numpy(dtype=np.float64)
    if not (np.isfinite(on_board) & (on_board >= 0.0)).all():
        raise InputError("staff must be a number >= 0 for each station")
    order = table.order.astype(np.int64)
    sorted_s = np.take_along_axis(table.response_s, order, axis=1)
    comes = np.isfinite(sorted_s)
    engines = np.cumsum(np.where(comes, table.crews[order], 0), axis=1)
    firefighters = np.cumsum(np.where(comes, on_board[order], 0.0), axis=1)
    # parts of people that add up to the number asked for are enough
    enough = comes & (engines >= n_engines) & (firefighters >= n_firefighters - 1e-9)
    first = np.argmax(enough, axis=1)
    seconds = np.where(enough.any(axis=1), sorted_s[np.arange(len(first)), first], np.inf)
    return pd.Series(seconds, index=table.demand_id, name="force_s")
