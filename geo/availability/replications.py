"""Many stretches of time simulated: figures with intervals, and scenarios compared on the same calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from geo.availability._events import count_calls
from geo.availability.calls_drawn import Service, draw_calls
from geo.availability.dispatch import DispatchTable
from geo.availability.simulation import PLAIN, Rules, prepare, run_calls
from geo.errors import InputError
from geo.settings import check_number, check_whole
from geo.statistics import weighted_percentile
from geo.times import limit_ms

__all__ = ["Period", "Simulated", "compare_simulated", "simulate_calls"]

LONGEST_S: Final = 4 * 3600
"""Responses are counted by the second up to here; longer ones count together, as ``inf``."""


@dataclass(frozen=True)
class Period:
    """What is simulated, how often, and by which chance.

    Parameters
    ----------
    hours : float, default 8760
        Hours of each run that count.
    warm_up_h : float, default 24
        Hours before them: all engines are in when a run begins.
    n : int, default 20
        Runs.
    seed : int, default 0
        The same seed gives the same calls to every scenario with the same places.
    service : {"exponential", "fixed"}
        Whether the minutes of service vary about their mean.
    engines : int, default 1
        Engines that each call asks for, all of the first kind.
    hour_shares, month_shares : sequence of float
        See :func:`draw_calls`.
    """

    hours: float = 8760.0
    warm_up_h: float = 24.0
    n: int = 20
    seed: int = 0
    service: Service = "exponential"
    engines: int = 1
    hour_shares: Sequence[float] = ()
    month_shares: Sequence[float] = ()


@dataclass(frozen=True, eq=False)
class Simulated:
    """What the runs gave.

    Parameters
    ----------
    runs : pandas.DataFrame
        One row a run: ``n_calls``; ``share_in_time`` (first engine), ``share_full_in_time`` (all that were
        asked for), ``share_lost`` (no engine that comes was free), ``share_unreached`` (from places to which
        none comes), of the calls, 0 to 1; ``mean_s`` (first engine, of the
        calls to which one came, seconds); ``busy_share`` (of the engines' time); ``n_moves``.
    places : pandas.DataFrame
        Index = demand ids, over all runs: ``n_calls``, ``share_in_time``, ``share_full_in_time``,
        ``share_lost``, ``share_unreached``, ``mean_s``; nan where nobody called, ``mean_s`` ``inf`` where
        nobody came.
    stations : pandas.DataFrame
        Index = station ids: ``engines``, ``sent_per_h``, ``busy_share``.
    response : pandas.DataFrame
        Index = seconds, rounded up (``inf`` for more than four hours): ``n_calls``, over all runs, of calls
        to which an engine came.
    limit_s : float
        What is in time, seconds (inclusive).
    """

    runs: pd.DataFrame
    places: pd.DataFrame
    stations: pd.DataFrame
    response: pd.DataFrame
    limit_s: float

    def figures(self, *, level: float = 0.95) -> pd.DataFrame:
        """Give the mean over the runs of each figure, ``low`` and ``high`` of its interval (Student's t).

        A run without calls has no shares and counts for none; one run alone says nothing of the interval,
        which then has no ends.
        """
        return _intervals(self.runs, level)

    def percentile_s(self, share: float) -> float:
        """Give the response, rounded up to seconds, that this share of the calls with an engine keeps.

        It is ``inf`` where that is more than four hours.
        """
        return weighted_percentile(self.response.index.to_numpy(), self.response["n_calls"], share)


def simulate_calls(
    table: DispatchTable, *, limit_s: float, period: Period | None = None, rules: Rules = PLAIN
) -> Simulated:
    """Draw calls and send engines to them, run after run; memory does not grow with the runs.

    Mean times of service are those of the table, which must be the same for all stations: a call lasts as
    long whoever comes, so that scenarios are compared on the same calls (common random numbers).

    Parameters
    ----------
    table : DispatchTable
        Made by :func:`dispatch_table`.
    limit_s : float
        What is in time, seconds (inclusive).
    period : Period, optional
        Hours, runs and chance.
    rules : Rules
        How engines are sent.

    Raises
    ------
    InputError
        A number is out of its range, or stations have different times of service.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.availability import Period, dispatch_table, simulate_calls
    >>> times = pd.DataFrame({"a": [60.0]}, index=["x"])
    >>> table = dispatch_table(times, pd.Series({"x": 1.0}))
    >>> ran = simulate_calls(table, limit_s=240, period=Period(hours=2000, n=10))
    >>> bool(ran.figures().loc["share_lost"].between(0.45, 0.55).all())  # half, by Erlang
    True
    """
    period = Period() if period is None else period
    check_number("limit_s", limit_s, low=0.0)
    check_number("hours", period.hours, low=0.0)
    check_number("warm_up_h", period.warm_up_h, low=0.0)
    check_whole("n", period.n, low=1)
    check_whole("engines", period.engines, low=1)
    if np.ptp(table.service_h) > 0.0:
        raise InputError(
            "a simulation needs one service_min for all stations: how long a call lasts is its own"
        )
    ready = prepare(table, rules)
    tally, histogram = np.zeros((5, len(table.demand_id))), np.zeros(LONGEST_S + 2)
    is_unreached = np.asarray(table.n_reached) == 0
    sent, busy_s = np.zeros(len(table.crews)), np.zeros(len(table.crews))
    rows = []
    for run in range(period.n):
        before = _sums(tally, is_unreached)
        done = _one_run(ready, period, run, limit_s, tally, histogram)
        sent += done[0]
        busy_s += done[1]
        after = _sums(tally, is_unreached) - before
        rows.append((*after, done[1].sum() / (3600.0 * period.hours * max(len(ready.kinds), 1)), done[2]))
    hours = period.hours * period.n
    engines = np.diff(ready.first)
    stations = pd.DataFrame(
        {
            "engines": engines,
            "sent_per_h": sent / hours,
            "busy_share": busy_s / (3600.0 * hours * np.maximum(engines, 1)),
        },
        index=table.station_id,
    )
    counts = np.array(rows, dtype=np.float64)
    runs = _shares(counts[:, :6].T, pd.RangeIndex(period.n, name="run"))
    runs["busy_share"], runs["n_moves"] = counts[:, 6], counts[:, 7]
    seconds = pd.Index([*map(float, range(LONGEST_S + 1)), np.inf], name="seconds")
    response = pd.DataFrame({"n_calls": histogram.astype(np.int64)}, index=seconds)
    response = response[response["n_calls"] > 0]
    places = _shares(np.vstack((tally, tally[1] * is_unreached)), table.demand_id)
    return Simulated(runs, places, stations, response, float(limit_s))


def compare_simulated(today: Simulated, scenario: Simulated, *, level: float = 0.95) -> pd.DataFrame:
    """Give what a scenario changes, run by run on the same calls, with intervals.

    Parameters
    ----------
    today, scenario : Simulated
        Of the same places, period and seed.
    level : float, default 0.95
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        Index = figures of ``runs``: ``today``, ``scenario``, ``change`` (their difference), ``low``,
        ``high`` (interval of the change, Student's t over the runs), ``is_sure`` (0 is not in it).

    Raises
    ------
    InputError
        The two do not have the same calls by run and by place, or not the same limit.
    """
    is_same = all(
        getattr(today, name)["n_calls"].equals(getattr(scenario, name)["n_calls"])
        for name in ("runs", "places")
    )
    if not is_same:
        raise InputError("compare simulations of the same places, period and seed: their calls differ")
    if today.limit_s != scenario.limit_s:
        raise InputError(
            f"compare simulations of one limit_s, not of {today.limit_s:g} and {scenario.limit_s:g}"
        )
    change = _intervals(scenario.runs - today.runs, level)
    change = change.drop(index="n_calls").rename(columns={"mean": "change"})
    change.insert(0, "today", today.runs.mean())
    change.insert(1, "scenario", scenario.runs.mean())
    change["is_sure"] = (change["low"] > 0.0) | (change["high"] < 0.0)
    return change


def _one_run(ready: Any, period: Period, run: int, limit_s: float, tally: Any, histogram: Any) -> Any:
    """Draw and replay one run, and add it to the tallies."""
    table = ready.table
    calls = draw_calls(
        pd.Series(table.calls_per_h),
        hours=period.warm_up_h + period.hours,
        seed=(period.seed, run),
        service_min=60.0 * float(table.service_h[0]),
        service=period.service,
        hour_shares=period.hour_shares,
        month_shares=period.month_shares,
    )
    call_s, service_s = calls["time_s"].to_numpy(), calls["service_s"].to_numpy()
    place = calls["demand_id"].to_numpy(dtype=np.int64)
    need = np.zeros((len(calls), len(ready.kind_names)), dtype=np.int64)
    need[:, 0] = period.engines
    start_s = 3600.0 * period.warm_up_h
    window_s = (start_s, start_s + 3600.0 * period.hours)
    first_s, full_s, _, _, sent, busy_s, n_moves = run_calls(ready, call_s, place, service_s, need, window_s)
    count_calls(place, first_s, full_s, call_s, start_s, limit_ms(limit_s), tally, histogram)
    return sent, busy_s, n_moves


def _sums(tally: Any, is_unreached: Any) -> Any:
    """Add up the tallies of all places, and the calls of those to which no engine comes."""
    return np.append(tally.sum(axis=1), tally[1] @ is_unreached)


def _shares(tally: Any, index: pd.Index) -> pd.DataFrame:
    n, not_served, in_time, full, spent_s, unreached = tally
    n_came = n - not_served
    nan = np.full(len(n), np.nan)
    unserved = np.where(n > 0, np.inf, np.nan)
    return pd.DataFrame(
        {
            "n_calls": n.astype(np.int64),
            "share_in_time": np.divide(in_time, n, out=nan.copy(), where=n > 0),
            "share_full_in_time": np.divide(full, n, out=nan.copy(), where=n > 0),
            "share_lost": np.divide(not_served - unreached, n, out=nan.copy(), where=n > 0),
            "share_unreached": np.divide(unreached, n, out=nan.copy(), where=n > 0),
            "mean_s": np.divide(spent_s, n_came, out=unserved, where=n_came > 0),
        },
        index=index,
    )


def _intervals(runs: pd.DataFrame, level: float) -> pd.DataFrame:
    check_number("level", level, low=0.0, high=1.0)
    mean, n = runs.mean(), runs.count()  # runs without calls have no shares
    half = stdtrit(np.maximum(n - 1, 1), 0.5 + level / 2.0) * runs.std() / np.sqrt(n)
    half = half.where(n > 1, np.inf)
    return pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half})
