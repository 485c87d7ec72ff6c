"""Busy engines in the long run: Larson's hypercube, exact or approximated, and what it leaves each place.

Calls come at random (Poisson) from each place; the soonest free engine is sent; times of service have the
station's mean. Then the states of all crews form a Markov chain, whose balance is solved here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from geo.availability._approximate import approximate, state_counts
from geo.availability._states import level_flows, mean_busy, out_mass, rescale, sent_rates, sweep
from geo.availability.dispatch import DispatchTable, Floats, check_dispatch
from geo.errors import GeoError, InputError
from geo.messages import Message
from geo.settings import check_number, unknown
from geo.statistics import weighted_mean
from geo.times import is_within

__all__ = ["MOST_STATES", "Availability", "Method", "erlang_loss", "solve_hypercube"]

MOST_STATES: Final = 2**20
"""States up to which the balance is solved exactly: twenty stations of one crew."""
Method: TypeAlias = Literal["auto", "exact", "approximate"]
CLOSE: Final = 1e-12
"""Flow that may be out of balance, as a share of all flow."""
MOST_SWEEPS: Final = 2_000


@dataclass(frozen=True, eq=False)
class Availability:
    """What stations and places have to expect when engines may be out.

    Parameters
    ----------
    stations : pandas.DataFrame
        Index = station ids: ``crews``; ``calls_per_h`` (that its engines go to); ``busy_share`` (of the time
        of an engine, 0 to 1); ``all_out_share`` (of the time in which none of its engines is free, 0 to 1).
    places : pandas.DataFrame
        Index = demand ids: ``calls_per_h``; ``first_id``, ``first_s`` (the soonest station, and its response
        in seconds; None and ``inf`` where none comes); ``first_out_share``, ``second_out_share``,
        ``third_out_share`` (chance that the first one, two, three stations of the place are all out, 0 to 1;
        stations that never come count as out); ``expected_s`` (mean response of the calls to which somebody
        comes, in seconds, with the wait where calls wait; ``inf`` where nobody ever comes);
        ``share_in_time`` (of the calls, 0 to 1); ``lost_share`` (of the calls for which no engine that comes
        is free, 0 to 1; none where calls wait); ``unreached_share`` (1 where none ever comes, else 0). Where
        calls wait, ``expected_s`` and ``share_in_time`` of a place are nan when it may have to wait and some
        station never comes (only places without calls may be such).
    sent : pandas.DataFrame
        Places by stations: the share of a place's calls to which the station is sent, 0 to 1; nan where
        ``expected_s`` is.
    limit_s : float
        What is in time, seconds (inclusive).
    is_queued : bool
        Whether calls wait while all engines are out.
    is_exact : bool
        Whether all states were solved, or Larson's approximation was taken.
    all_out_share : float
        Share of the time in which no engine at all is free.
    """

    stations: pd.DataFrame
    places: pd.DataFrame
    sent: pd.DataFrame
    limit_s: float
    is_queued: bool
    is_exact: bool
    all_out_share: float

    @property
    def figures(self) -> dict[str, float]:
        """Headline figures, weighted by calls; a share or time of no calls is nan.

        ``calls_per_h``, ``lost_per_h`` (all engines that come are out), ``unreached_per_h`` (from places to
        which none comes); ``share_in_time`` with engines that may be out and
        ``share_in_time_if_free`` with all of them in; ``expected_s`` and ``first_s`` likewise, over the calls
        to which somebody comes; ``busy_share`` of all engines.
        """
        calls = self.places["calls_per_h"].to_numpy()
        total = float(calls.sum())
        lost = self.places["lost_share"].to_numpy()
        unreached = self.places["unreached_share"].to_numpy()
        free = is_within(self.places["first_s"].to_numpy(), self.limit_s)
        crews = self.stations["crews"].to_numpy()
        in_time = self.places["share_in_time"].to_numpy()
        return {
            "calls_per_h": total,
            "lost_per_h": float(calls @ lost),
            "unreached_per_h": float(calls @ unreached),
            "share_in_time": weighted_mean(in_time, calls),
            "share_in_time_if_free": float(calls @ free) / total if total else np.nan,
            "expected_s": weighted_mean(self.places["expected_s"], calls * (1.0 - lost - unreached)),
            "first_s": weighted_mean(self.places["first_s"], calls),
            "busy_share": float(crews @ self.stations["busy_share"].to_numpy()) / float(crews.sum()),
        }


@dataclass(frozen=True, eq=False)
class _Steady:
    """The steady state: busy shares, chance that a station is out, and that the first k of a place are."""

    busy_share: Floats
    station_out: Floats
    out: Floats
    all_out: float
    is_exact: bool


def solve_hypercube(
    table: DispatchTable, *, limit_s: float, is_queued: bool = False, method: Method = "auto"
) -> Availability:
    """Compute busy shares, and coverage and response with engines that may be out.

    The states are the numbers of busy crews of each station. In state B station s is sent to the calls of all
    places before whose other stations it comes, or whose stations before it are out: ``lambda_s(B)``. With
    ``mu_s`` for one over the mean time of service

    ``p(B) (sum_s lambda_s(B) + sum_s b_s mu_s) = sum_s p(B - e_s) lambda_s(B - e_s)
    + sum_s (b_s + 1) mu_s p(B + e_s)``

    (R. C. Larson, "A hypercube queuing model for facility location and redistricting in urban emergency
    services", Computers and Operations Research 1, 1974). It is solved by Gauss-Seidel sweeps up and down the
    states; between them all states of the same number of busy crews are scaled so that these levels, a chain
    of births and deaths, are in balance. Crews of one station are alike, so that only their number counts.

    Parameters
    ----------
    table : DispatchTable
        Made by :func:`dispatch_table`.
    limit_s : float
        What is in time, seconds (inclusive).
    is_queued : bool, default False
        False: a call for which no engine that comes is free is lost (to help from outside). True: it waits,
        first come, first served, for the next engine that becomes free.
    method : {"auto", "exact", "approximate"}, default "auto"
        ``auto`` is exact up to ``MOST_STATES`` states, and Larson's approximation beyond.

    Raises
    ------
    InputError
        The limit is no number >= 0, or the method none of these; more states than ``MOST_STATES`` are to be
        solved exactly; where calls wait, there are more of them than all engines can serve, or a station
        never comes to some place that calls.
    GeoError
        The iteration does not settle.

    Examples
    --------
    One engine that is out for an hour at each call, with one call an hour: half of all calls are lost.

    >>> import pandas as pd
    >>> from geo.availability import dispatch_table, solve_hypercube
    >>> times = pd.DataFrame({"a": [60.0, 400.0]}, index=["x", "y"])
    >>> table = dispatch_table(times, pd.Series({"x": 0.75, "y": 0.25}))
    >>> busy = solve_hypercube(table, limit_s=240)
    >>> busy.stations["busy_share"].round(6).to_dict()
    {'a': 0.5}
    >>> busy.places["share_in_time"].round(6).to_dict(), round(busy.figures["share_in_time"], 6)
    ({'x': 0.5, 'y': 0.0}, 0.375)
    """
    check_number("limit_s", limit_s, low=0.0)
    if method not in get_args(Method):
        raise InputError(unknown("method", method, get_args(Method)))
    check_dispatch(table, is_queued=is_queued)
    n_states = float(np.prod(table.crews + 1.0))
    if method == "exact" and n_states > MOST_STATES:
        values = {"n": f"{n_states:,.0f}", "most": f"{MOST_STATES:,}"}
        raise InputError(Message("availability.too_many_states", values))
    if method != "approximate" and n_states <= MOST_STATES:
        steady = _solve(table, is_queued=is_queued)
    else:
        steady = _approximated(table, is_queued=is_queued)
    return _told(table, steady, limit_s=limit_s, is_queued=is_queued)


def erlang_loss(n: int, load: float) -> float:
    """Give the share of calls that find all ``n`` engines out, when any may go to any call (Erlang B).

    Parameters
    ----------
    n : int
        Engines.
    load : float
        Calls per mean time of service.

    Examples
    --------
    >>> round(erlang_loss(1, 1.0), 6), round(erlang_loss(3, 1.5), 6)
    (0.5, 0.134328)
    """
    return float(state_counts(n, load, is_queued=False)[-1])


def _solve(table: DispatchTable, *, is_queued: bool) -> _Steady:
    """Solve all states."""
    crews, free_per_h = table.crews, 1.0 / table.service_h
    asked = np.where(table.n_reached > 0, table.calls_per_h, 0.0)
    rates = sent_rates(table.order, table.n_reached, asked, len(crews))
    p = _balanced(rates, crews, free_per_h)
    waiting = 0.0
    if is_queued:  # beyond the full state the queue is that of one server of all engines' rate
        load = table.reached_per_h / float(crews @ free_per_h)
        waiting = float(p[-1]) * load / (1.0 - load)
        p /= 1.0 + waiting
        waiting /= 1.0 + waiting
    busy = mean_busy(p, crews) + waiting * crews
    mass = out_mass(p, crews) + waiting
    bits = np.int64(1) << np.arange(len(crews), dtype=np.int64)
    out = np.ones((len(table.demand_id), len(crews) + 1))
    # stations that never come add nothing to the mask: they count as out
    comes = np.arange(len(crews)) < table.n_reached[:, None]
    masks = np.cumsum(np.where(comes, bits[table.order], 0), axis=1)
    out[:, 1:] = mass[masks]
    out[table.n_reached == 0, 1:] = 1.0
    return _Steady(busy / crews, mass[bits], out, float(mass[-1]), True)


def _balanced(rates: Floats, crews: np.ndarray, free_per_h: Floats) -> Floats:
    """Give the probability of each state without a queue."""
    stride = np.concatenate([[1], np.cumprod(crews + 1)[:-1]])
    p = np.ones(int(np.prod(crews + 1)))
    for n in range(MOST_SWEEPS):
        mass, up, down = level_flows(p, rates, crews, free_per_h)
        level = np.ones(len(mass))
        for b in range(1, len(mass)):
            rise = up[b - 1] / mass[b - 1] if mass[b - 1] > 0.0 else 0.0
            fall = down[b] / mass[b] if mass[b] > 0.0 else 1.0
            level[b] = level[b - 1] * rise / fall
        level /= level.sum()
        rescale(p, crews, np.divide(level, mass, out=np.zeros_like(mass), where=mass > 0.0))
        wrong = sweep(p, rates, crews, stride, free_per_h, True)
        wrong = max(wrong, sweep(p, rates, crews, stride, free_per_h, False))
        if n and wrong <= CLOSE:
            return np.asarray(p / p.sum(), dtype=np.float64)
    raise GeoError(f"the states of {len(crews)} stations do not settle: take method='approximate'")


def _approximated(table: DispatchTable, *, is_queued: bool) -> _Steady:
    close = approximate(table, is_queued=is_queued)
    return _Steady(close.busy_share, close.busy_share**table.crews, close.out, close.all_out, False)


def _told(table: DispatchTable, steady: _Steady, *, limit_s: float, is_queued: bool) -> Availability:
    n_places, n_stations = table.response_s.shape
    sent = steady.out[:, :-1] - steady.out[:, 1:]
    sorted_s = np.take_along_axis(table.response_s, table.order.astype(np.int64), axis=1)
    by_station = np.empty_like(sent)
    np.put_along_axis(by_station, table.order.astype(np.int64), sent, axis=1)
    in_time = (sent * is_within(sorted_s, limit_s)).sum(axis=1)
    spent_s = (sent * np.where(np.isfinite(sorted_s), sorted_s, 0.0)).sum(axis=1)
    unreached = np.where(table.n_reached > 0, 0.0, 1.0)
    lost = np.where(table.n_reached > 0, steady.out[:, -1], 0.0)
    if is_queued:
        rate_per_h = table.crews / table.service_h
        waits = np.where(table.n_reached > 0, steady.out[:, -1], 0.0)
        # which engine a waiting call gets is known only where all stations come
        waits[(waits > 0.0) & (table.n_reached < n_stations)] = np.nan
        next_free = rate_per_h / rate_per_h.sum()
        spare_per_s = (rate_per_h.sum() - table.reached_per_h) / 3600.0
        by_station = by_station + waits[:, None] * next_free
        late_s = np.where(np.isfinite(table.response_s), table.response_s, 0.0)
        spent_s = spent_s + waits * (1.0 / spare_per_s + late_s @ next_free)
        # the wait of a call that waits is exponential, whichever engine ends it
        left_s = np.maximum(limit_s - table.response_s, 0.0)
        in_time = in_time + waits * (-np.expm1(-spare_per_s * left_s) @ next_free)
        lost = np.zeros(n_places)
    answered = 1.0 - lost - unreached
    expected_s = np.divide(spent_s, answered, out=np.full(n_places, np.inf), where=answered > 0.0)
    first = table.order[:, 0]
    names = table.station_id.to_numpy(dtype=object)[first]
    out = steady.out[:, np.minimum([1, 2, 3], n_stations)]
    places = pd.DataFrame(
        {
            "calls_per_h": table.calls_per_h,
            "first_id": pd.Series(
                np.where(table.n_reached > 0, names, None), index=table.demand_id, dtype=object
            ),
            "first_s": sorted_s[:, 0],
            "first_out_share": out[:, 0],
            "second_out_share": out[:, 1],
            "third_out_share": out[:, 2],
            "expected_s": expected_s,
            "share_in_time": in_time,
            "lost_share": lost,
            "unreached_share": unreached,
        },
        index=table.demand_id,
    )
    stations = pd.DataFrame(
        {
            "crews": table.crews,
            "calls_per_h": steady.busy_share * table.crews / table.service_h,
            "busy_share": steady.busy_share,
            "all_out_share": steady.station_out,
        },
        index=table.station_id,
    )
    return Availability(
        stations=stations,
        places=places,
        sent=pd.DataFrame(by_station, index=table.demand_id, columns=table.station_id),
        limit_s=float(limit_s),
        is_queued=is_queued,
        is_exact=steady.is_exact,
        all_out_share=steady.all_out,
    )
