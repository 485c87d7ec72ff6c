"""Who is sent to whom, and how often somebody calls: the table that busy engines are computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError
from geo.messages import Message, name_some
from geo.schema import numbers_by_id

__all__ = ["DispatchTable", "Floats", "Ints", "check_dispatch", "dispatch_table"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DispatchTable:
    """Stations with their crews, places with their calls, and the order in which stations are sent.

    Parameters
    ----------
    demand_id, station_id : pandas.Index
        The places (J of them) and stations (S), in the caller's order.
    response_s : float64 array, shape (J, S)
        Response of each station at each place, seconds; ``inf`` where it never comes.
    order : int16 array, shape (J, S)
        Positions of the stations as they are sent to a place: the soonest first, of equal times (to the
        millisecond) the one that comes first in the table. Those that never come stand last.
    n_reached : int64 array, shape (J,)
        How many stations of the order come at all.
    calls_per_h : float64 array, shape (J,)
        Calls of each place, per hour.
    crews : int64 array, shape (S,)
        Engines of each station, each with its own crew.
    service_h : float64 array, shape (S,)
        Mean hours from the dispatch of an engine until it is free again.
    """

    demand_id: pd.Index
    station_id: pd.Index
    response_s: Floats
    order: NDArray[np.int16]
    n_reached: Ints
    calls_per_h: Floats
    crews: Ints
    service_h: Floats

    @property
    def reached_per_h(self) -> float:
        """Give the calls per hour from places to which some station comes."""
        return float(self.calls_per_h[self.n_reached > 0].sum())

    @property
    def is_complete(self) -> bool:
        """Tell whether each station comes to each place that is reached and calls."""
        asked = (self.n_reached > 0) & (self.calls_per_h > 0.0)
        return bool((self.n_reached[asked] == len(self.station_id)).all())


def dispatch_table(
    times: pd.DataFrame,
    calls_per_h: pd.Series,
    *,
    crews: pd.Series | int = 1,
    service_min: pd.Series | float = 60.0,
) -> DispatchTable:
    """Check times, calls, crews and times of service, and put stations in the order of their sending.

    Parameters
    ----------
    times : pandas.DataFrame
        Response in seconds, places by stations; ``inf`` where a station never comes.
    calls_per_h : pandas.Series
        Calls per hour by demand id, >= 0.
    crews : pandas.Series or int, default 1
        Engines by station id, each with a crew of its own; whole numbers >= 1.
    service_min : pandas.Series or float, default 60
        Mean minutes by station id, from the dispatch until the engine is free again; above 0.

    Raises
    ------
    InputError
        Ids twice or missing, or a number that is none of those above.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.availability import dispatch_table
    >>> times = pd.DataFrame({"a": [60, 90], "b": [90, 60]}, index=["x", "y"])
    >>> table = dispatch_table(times, pd.Series({"x": 1.0, "y": 0.5}))
    >>> table.order.tolist(), table.crews.tolist()
    ([[0, 1], [1, 0]], [1, 1])
    """
    stations, places = times.columns, times.index
    _check_ids(stations, "station")
    _check_ids(places, "demand")
    response_s = np.ascontiguousarray(times.to_numpy(dtype=np.float64))
    if not (response_s >= 0.0).all():
        bad = ~(response_s >= 0.0).all(axis=1)
        raise InputError(
            f"{int(bad.sum())} places have times that are empty or negative (a station that never comes "
            f"must be inf): {name_some(places[bad])}"
        )
    calls = _by_id(calls_per_h, places, "calls_per_h")
    engines = _by_id(crews, stations, "crews", is_above=True)
    if (engines != np.rint(engines)).any():
        raise InputError(f"crews must be whole numbers >= 1: {name_some(stations[engines % 1 > 0])}")
    service_h = _by_id(service_min, stations, "service_min", is_above=True) / 60.0
    return DispatchTable(
        demand_id=places,
        station_id=stations,
        response_s=response_s,
        order=np.argsort(np.rint(response_s * 1000.0), axis=1, kind="stable").astype(np.int16),
        n_reached=np.isfinite(response_s).sum(axis=1),
        calls_per_h=calls,
        crews=engines.astype(np.int64),
        service_h=service_h,
    )


def check_dispatch(table: DispatchTable, *, is_queued: bool) -> None:
    """Check that a steady state exists, and that waiting calls can be told.

    Raises
    ------
    InputError
        Calls wait, and either there are more of them than all engines together can serve, or a station never
        comes to a place that calls: which engine a waiting call gets would then depend on all who wait.
    """
    if not is_queued:
        return
    most_per_h = float((table.crews / table.service_h).sum())
    if table.reached_per_h >= most_per_h:
        values = {"calls": f"{table.reached_per_h:.3g}", "most": f"{most_per_h:.3g}"}
        raise InputError(Message("availability.overloaded", values))
    if not table.is_complete:
        asked = (table.n_reached > 0) & (table.calls_per_h > 0.0)
        lacks = asked & (table.n_reached < len(table.station_id))
        lacking = {"n": int(lacks.sum()), "names": name_some(table.demand_id[lacks])}
        raise InputError(Message("availability.queue_needs_reach", lacking))


def _check_ids(ids: pd.Index, what: str) -> None:
    if not len(ids):
        raise InputError(f"the table of times has no {what} ids: give at least one")
    if ids.has_duplicates:
        raise InputError(f"{what} ids must be unique; twice or more: {name_some(ids[ids.duplicated()])}")


def _by_id(values: pd.Series | float, ids: pd.Index, what: str, *, is_above: bool = False) -> Floats:
    """Give a number for each id, all >= 0 and finite, or above 0; one number holds for all."""
    given = values if isinstance(values, pd.Series) else pd.Series(float(values), index=ids)
    return numbers_by_id(given, ids, what, is_above=is_above)
