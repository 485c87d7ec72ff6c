"""Simulated calls: our compiled event loop against SimPy on the same calls, each checked call by call.

The town is drawn evenly from a square; engines are out a fifth of the time. Seconds are of the process's CPU
on one core, ours and SimPy's one after the other in one run. What is drawn and what is tallied counts for the
rows of ``simulate_calls``.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from geo.availability import (
    DispatchTable,
    Moves,
    Period,
    Rules,
    dispatch_table,
    draw_calls,
    replay_calls,
    simulate_calls,
    solve_hypercube,
)
from tests.availability.by_simpy import replay_by_simpy

SHORT = 100_000
"""Calls that SimPy gets."""


def rows() -> Iterator[dict[str, Any]]:
    """Give a row per question: ``work``, ``ours``, ``peer``, ``ratio``, ``target``, ``note``."""
    table = _town(2000, 20, load=0.2)
    _compile()
    yield from _against(table, Rules(), "nearest free engine")
    yield from _against(table, Rules(is_queued=True, n_drives=2), "calls wait, drives counted")
    xy = np.random.default_rng(1).random((20, 2)) * 1500.0
    apart = pd.DataFrame(np.linalg.norm(xy[:, None] - xy[None], axis=2))
    crews = _town(2000, 20, load=0.2, crews=2)
    yield from _against(crews, Rules(moves=Moves(apart)), "two engines a station, moves to cover")
    yield from _kinds(crews)
    yield _many(table)
    yield _memory(table)
    yield _exact()


def _town(n_places: int, n_stations: int, *, load: float, crews: int = 1) -> DispatchTable:
    g = np.random.default_rng(0)
    a, b = g.random((n_places, 2)), g.random((n_stations, 2))
    times = pd.DataFrame(np.linalg.norm(a[:, None] - b[None], axis=2) * 1000.0)
    calls = pd.Series(g.random(n_places))
    return dispatch_table(times, calls * (load * n_stations * crews / calls.sum()), crews=crews)


def _compile() -> None:
    table = _town(20, 3, load=0.2, crews=2)
    moves = Moves(pd.DataFrame(np.full((3, 3), 60.0)))
    replay_calls(table, draw_calls(pd.Series(table.calls_per_h), hours=50.0), rules=Rules(moves=moves))
    simulate_calls(table, limit_s=300.0, period=Period(hours=10.0, n=1))
    solve_hypercube(table, limit_s=300.0)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    answer = work()
    return time.process_time() - start, answer


def _against(
    table: DispatchTable, rules: Rules, what: str, *, share_of_second: float = 0.0
) -> Iterator[dict[str, Any]]:
    hours = SHORT / float(table.calls_per_h.sum())
    calls = draw_calls(pd.Series(table.calls_per_h), hours=hours, seed=1)
    if share_of_second:
        second = (np.random.default_rng(3).random(len(calls)) < share_of_second).astype(int)
        calls = calls.assign(pump=1, ladder=second)
    peer_s, (theirs, n_moves) = _timed(lambda: replay_by_simpy(table, calls, rules=rules))
    ours_s, ours = min(
        (_timed(lambda: replay_calls(table, calls, rules=rules)) for _ in range(5)), key=_first
    )
    same = ours.calls["station_id"].tolist() == theirs["station_id"].tolist() and ours.n_moves == n_moves
    same &= bool(np.allclose(ours.calls["first_s"], theirs["first_s"], atol=1e-6))
    ratio = peer_s / ours_s
    yield {
        "work": f"{len(calls):,} calls, 20 stations, {what}",
        "ours": f"{ours_s * 1000.0:.0f} ms",
        "peer": f"SimPy {peer_s:.2f} s",
        "ratio": f"{ratio:.0f}x",
        "target": "100x: " + ("met" if ratio >= 100.0 else "missed"),
        "note": "every call the same" if same else "CALLS DIFFER",
    }


def _kinds(table: DispatchTable) -> Iterator[dict[str, Any]]:
    """Two kinds of engine: a call asks for one of the first, and in three of ten for one of the second."""
    second = np.random.default_rng(2).integers(0, 2, 20)
    engines = pd.DataFrame({"pump": 2, "ladder": second}, index=table.station_id)
    yield from _against(table, Rules(engines=engines), "pumps and ladders", share_of_second=0.3)


def _first(pair: tuple[float, Any]) -> float:
    return pair[0]


def _many(table: DispatchTable) -> dict[str, Any]:
    hours = 1e6 / float(table.calls_per_h.sum())
    period = Period(hours=hours, warm_up_h=0.0, n=2)
    seconds, ran = min(
        (_timed(lambda: simulate_calls(table, limit_s=300.0, period=period)) for _ in range(3)), key=_first
    )
    n = int(ran.runs["n_calls"].sum())
    rate = n / seconds
    return {
        "work": f"simulate_calls, {n:,} calls drawn, sent to and tallied",
        "ours": f"{seconds:.2f} s, {rate / 1e6:.2f} million calls a second",
        "peer": "",
        "ratio": "",
        "target": "a million a second: " + ("met" if rate >= 1e6 else "missed"),
        "note": "one core, 20 stations, 2,000 places",
    }


def _memory(table: DispatchTable) -> dict[str, Any]:
    peaks = []
    for n in (2, 40):
        tracemalloc.start()
        simulate_calls(table, limit_s=300.0, period=Period(hours=10_000.0, n=n))
        peaks.append(tracemalloc.get_traced_memory()[1] / 1e6)
        tracemalloc.stop()
    return {
        "work": "memory of 2 and of 40 runs of 40,000 calls",
        "ours": f"{peaks[0]:.2f} MB, {peaks[1]:.2f} MB",
        "peer": "",
        "ratio": "",
        "target": "flat: " + ("met" if peaks[1] < 1.1 * peaks[0] else "missed"),
        "note": "peak while it runs",
    }


def _exact() -> dict[str, Any]:
    seconds, solved = _timed(lambda: solve_hypercube(_town(2000, 20, load=0.2), limit_s=300.0))
    close = solve_hypercube(_town(2000, 20, load=0.2), limit_s=300.0, method="approximate")
    error = (close.stations["busy_share"] / solved.stations["busy_share"] - 1.0).abs()
    return {
        "work": "hypercube, 20 stations, 2^20 states, solved exactly",
        "ours": f"{seconds:.1f} s",
        "peer": "",
        "ratio": "",
        "target": "",
        "note": f"Larson's approximation is {error.mean():.1%} off on the mean, {error.max():.1%} at most",
    }
