"""Many stretches of time simulated: figures with intervals, and scenarios compared on the same calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from geo.availability._events import count_calls
from geo.availability.call_types import CallTypes, ReadyTypes, ready_types
from geo.availability.calls_drawn import Service, draw_calls
from geo.availability.dispatch import DispatchTable
from geo.availability.simulation import PLAIN, Prepared, Rules, by_kind, is_reached, prepare, run_calls
from geo.errors import InputError
from geo.settings import NOTHING, FixedMapping, check_number, check_whole
from geo.statistics import weighted_percentile
from geo.times import limit_ms

__all__ = ["Period", "Simulated", "compare_simulated", "simulate_calls"]

_COUNTS: Final = 6
"""Rows of a tally: see :func:`geo.availability._events.count_calls`."""
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
        Engines that each call asks for, all of the first kind; not used where there are ``types``.
    hour_shares, month_shares : sequence of float
        See :func:`draw_calls`.
    types : CallTypes, optional
        Types of call, drawn for each call beside its time and place: what it asks for, and how long it lasts
        (instead of the time of service of the table).
    """

    hours: float = 8760.0
    warm_up_h: float = 24.0
    n: int = 20
    seed: int = 0
    service: Service = "exponential"
    engines: int = 1
    hour_shares: Sequence[float] = ()
    month_shares: Sequence[float] = ()
    types: CallTypes | None = None


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
    kinds : pandas.DataFrame
        ``stations`` by station and kind: index ``station_id``, ``kind``, of the kinds that a station has.
    types : mapping of str to pandas.DataFrame
        ``runs`` by type of call, without ``busy_share`` and ``n_moves``; empty where there are no types.
    """

    runs: pd.DataFrame
    places: pd.DataFrame
    stations: pd.DataFrame
    response: pd.DataFrame
    limit_s: float
    kinds: pd.DataFrame = field(default_factory=pd.DataFrame)
    types: Mapping[str, pd.DataFrame] = field(default_factory=lambda: NOTHING)

    def of_type(self, name: str) -> Simulated:
        """Give the same with the runs of one type of call, for its figures and comparisons."""
        return replace(self, runs=self.types[name])

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
    types = None if period.types is None else ready_types(period.types, table, ready.kind_names)
    tallies = _Tallies.empty(ready, types, period.n)
    for run in range(period.n):
        _one_run(ready, types, period, run, limit_s, tallies)
    return _told(ready, types, period, limit_s, tallies)


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


@dataclass(frozen=True, eq=False)
class _Tallies:
    """What is counted: calls by place, second and, run by run, type; engines by station and kind."""

    places: Any
    histogram: Any
    types: Any
    sent: Any
    busy_s: Any
    runs: Any

    @classmethod
    def empty(cls, ready: Prepared, types: ReadyTypes | None, n: int) -> _Tallies:
        n_types = 1 if types is None else len(types.names)
        return cls(
            places=np.zeros((_COUNTS, len(ready.table.demand_id))),
            histogram=np.zeros(LONGEST_S + 2),
            types=np.zeros((n, _COUNTS, n_types)),
            sent=np.zeros(ready.counts.shape),
            busy_s=np.zeros(ready.counts.shape),
            runs=np.zeros((n, 2)),
        )


def _one_run(
    ready: Prepared, types: ReadyTypes | None, period: Period, run: int, limit_s: float, tallies: _Tallies
) -> None:
    """Draw and replay one run, and add it to the tallies."""
    table = ready.table
    service_h = float(table.service_h[0])
    calls = draw_calls(
        pd.Series(table.calls_per_h),
        hours=period.warm_up_h + period.hours,
        seed=(period.seed, run),
        service_min=60.0 * service_h,
        service=period.service,
        hour_shares=period.hour_shares,
        month_shares=period.month_shares,
    )
    call_s, service_s = calls["time_s"].to_numpy(), calls["service_s"].to_numpy()
    place = calls["demand_id"].to_numpy(dtype=np.int64)
    need = np.zeros((len(calls), len(ready.kind_names)), dtype=np.int64)
    code = np.zeros(len(calls), dtype=np.int64)
    if types is None:
        need[:, 0] = period.engines
    else:
        # a chance of their own: times, places and lengths are those of the same seed without types
        code = types.draw(place, (period.seed, run, 1))
        need, service_s = types.needs[code], service_s * (types.service_h[code] / service_h)
    start_s = 3600.0 * period.warm_up_h
    window_s = (start_s, start_s + 3600.0 * period.hours)
    first_s, full_s, _, _, sent, busy_s, n_moves = run_calls(ready, call_s, place, service_s, need, window_s)
    reached, from_c = is_reached(ready, place, need), int(np.searchsorted(call_s, start_s))
    asked = (first_s, full_s, reached, from_c, limit_ms(limit_s))
    count_calls(place, *asked, tallies.places, tallies.histogram)
    count_calls(code, *asked, tallies.types[run], np.zeros_like(tallies.histogram))
    np.add(tallies.sent, sent, out=tallies.sent)
    np.add(tallies.busy_s, busy_s, out=tallies.busy_s)
    engine_s = 3600.0 * period.hours * max(len(ready.kinds), 1)
    tallies.runs[run] = busy_s.sum() / engine_s, n_moves


def _told(
    ready: Prepared, types: ReadyTypes | None, period: Period, limit_s: float, tallies: _Tallies
) -> Simulated:
    """Give the tallies as tables."""
    index = pd.RangeIndex(period.n, name="run")
    runs = _shares(tallies.types.sum(axis=2).T, index)
    runs["busy_share"], runs["n_moves"] = tallies.runs.T
    names = () if types is None else types.names
    by_type = {str(name): _shares(tallies.types[:, :, i].T, index) for i, name in enumerate(names)}
    counted = {"engines": ready.counts, "sent": tallies.sent, "busy_s": tallies.busy_s}
    kinds, stations = by_kind(ready, counted)
    hours = period.hours * period.n
    seconds = pd.Index([*map(float, range(LONGEST_S + 1)), np.inf], name="seconds")
    response = pd.DataFrame({"n_calls": tallies.histogram.astype(np.int64)}, index=seconds)
    return Simulated(
        runs=runs,
        places=_shares(tallies.places, ready.table.demand_id),
        stations=_busy(stations, hours),
        kinds=_busy(kinds, hours),
        response=response[response["n_calls"] > 0],
        limit_s=float(limit_s),
        types=FixedMapping(by_type),
    )


def _busy(table: pd.DataFrame, hours: float) -> pd.DataFrame:
    """Give engines sent an hour, and the share of their time that engines are out."""
    engine_s = 3600.0 * hours * table["engines"].clip(lower=1)
    return pd.DataFrame(
        {
            "engines": table["engines"],
            "sent_per_h": table["sent"] / hours,
            "busy_share": table["busy_s"] / engine_s,
        }
    )


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
