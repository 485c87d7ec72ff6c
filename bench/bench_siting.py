"""Siting: known instances and random towns, against spopt with the same solver (HiGHS, one thread).

Towns are points and sites drawn evenly from a square kilometre, people from a lognormal law; the seconds of
the table are metres. Each answer is checked against the peer's, or its bound, before its time is told.
spopt gets ``PEER_S`` at most; questions that it cannot ask, or not in that time, stand against the target
alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pulp
from spopt.locate import LSCP, MCLP, PMedian

from geo.errors import GeoError
from geo.routing import travel_times
from geo.sample import grid_network
from geo.siting import (
    MaximalCovering,
    Search,
    SitingPlan,
    capacitated_covering,
    capacitated_median,
    greedy_swaps,
    maximal_covering,
    p_median,
    set_covering,
    siting_table,
    trade_off,
)
from geo.siting._capacitated_model import allocation_model, first_allocation, solve_allocation
from geo.siting._table import SitingTable
from geo.siting.search import start_clock
from geo.times import Times
from tests.shared import DATA
from tests.siting.test_benchmarks import best_known, read_cpmp, read_mclp, read_pmed
from tests.siting.test_whole_median import squares

PEER_S = 75.0
SHORT = Search(time_limit_s=20.0)


def rows() -> list[dict[str, Any]]:
    """Give a row per question: ``work``, ``ours``, ``peer``, ``ratio``, ``target``, ``note``."""
    _compile()
    out: list[dict[str, Any]] = []
    for part in (_table, _known, _limits, _covering, _covers, _rest):
        for row in part():
            print(row, flush=True)
            out.append(row)
    return out


def town(n_demand: int, n_sites: int, *, seed: int = 1) -> tuple[Times, pd.DataFrame, pd.Series]:
    """Draw a town: its times as a sparse table (to 250 s) and as a full one, and its people."""
    g = np.random.default_rng(seed)
    a, b = g.random((n_demand, 2)), g.random((n_sites, 2))
    people = pd.Series(
        np.rint(g.lognormal(4.0, 1.0, n_demand)) + 1.0, index=[f"d{i:06d}" for i in range(n_demand)]
    )
    metres = np.rint(1e6 * np.hypot(a[:, :1] - b[:, 0], a[:, 1:] - b[:, 1])) / 1e3
    table = pd.DataFrame(metres, index=people.index, columns=[f"s{j:05d}" for j in range(n_sites)])
    near = metres.T <= 250.0
    times = Times(
        facility_id=table.columns,
        demand_id=table.index,
        start=np.concatenate([[0], np.cumsum(near.sum(axis=1))]),
        demand=np.nonzero(near)[1].astype(np.int32),
        ms=np.rint(metres.T[near] * 1e3).astype(np.int32),
        limit_s=250.0,
    )
    return times, table, people


def _compile() -> None:
    times, table, people = town(60, 12)
    maximal_covering(siting_table(times, people), n=3, limit_s=150.0)
    whole = siting_table(table, people)
    maximal_covering(whole, n=3, limit_s=150.0)
    p_median(whole, n=3)
    capacitated_median(whole, n=3, capacity=float(people.sum()), search=SHORT)
    greedy_swaps(whole, MaximalCovering(n=3, limit_s=150.0))
    with suppress(GeoError):
        set_covering(whole, limit_s=250.0)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    before = time.perf_counter()
    result = work()
    return time.perf_counter() - before, result


def _told(seconds: float, plan: SitingPlan) -> str:
    return f"{seconds:.2f} s, " + ("proven" if plan.is_proven else f"gap {plan.gap:.2%}")


def _row(
    work: str, ours: str, target: str, note: str = "", *, peer: str = "-", ratio: str = "-"
) -> dict[str, Any]:
    return {"work": work, "ours": ours, "peer": peer, "ratio": ratio, "target": target, "note": note}


def _peer(build: Callable[[], Any]) -> tuple[float, float | None, bool]:
    """Build and solve spopt's model; give seconds, value if it has any, and whether it came to its end."""
    solver = pulp.HiGHS(msg=False, threads=1, timeLimit=PEER_S, gapRel=0.0)
    before = time.perf_counter()
    model = build()
    try:
        model.solve(solver)
    except RuntimeError:  # spopt's word for a limit that came before any answer, as on a busy machine
        return time.perf_counter() - before, None, False
    spent = time.perf_counter() - before
    return spent, float(pulp.value(model.problem.objective)), spent < PEER_S


def _against(
    work: str, target: str, ours: Callable[[], SitingPlan], build: Callable[[], Any], scale: float = 1.0
):
    seconds, plan = min((_timed(ours) for _ in range(2)), key=lambda run: run[0])  # the first may compile
    spent, value, is_done = _peer(build)
    told = "none" if value is None else f"{value:,.0f}"
    if is_done and plan.is_proven and not np.isclose(plan.value * scale, value, rtol=1e-6, atol=0.0):
        raise AssertionError(f"{work}: ours {plan.value * scale} and spopt {told} differ")
    note = f"values {plan.value * scale:,.0f} and {told}" + (
        "" if is_done else "; spopt stopped by its limit"
    )
    peer = f"{spent:.1f} s" + ("" if is_done else ", not proven")
    return _row(work, _told(seconds, plan), target, note, peer=peer, ratio=f"{spent / seconds:.0f}x")


def _table() -> Iterator[dict[str, Any]]:
    """Times of 2,000 candidates to 20,000 points on streets of 410,000 crossings: what siting starts from."""
    network = grid_network(410_000, seed=1)
    g = np.random.default_rng(1)

    def snaps(n: int, letter: str) -> pd.DataFrame:
        index = [f"{letter}{k}" for k in range(n)]
        columns: dict[str, Any] = {"edge": g.integers(0, network.n_edges, n), "fraction": g.random(n)}
        columns |= {"snap_m": 0.0, "access_s": 0.0, "component": 0, "is_snapped": True, "reason": ""}
        return pd.DataFrame(columns, index=index)

    sites, points = snaps(2000, "s"), snaps(20_000, "d")

    def ask() -> Times:
        return travel_times(network, sites, points, direction="from_facility", limit_s=300.0)

    first, times = _timed(ask)
    again = min(_timed(ask)[0] for _ in range(5))
    note = f"{len(times.ms):,} entries; the first time, with what is worked out once, {first:.2f} s"
    yield _row("the table: 2,000 x 20,000 within 300 s, 410,000 nodes", f"{again:.2f} s", "1 s", note)


def _known() -> Iterator[dict[str, Any]]:
    folder = DATA / "benchmarks"
    if not folder.exists():
        yield _row("known instances", "-", "-", "shared data missing: not measured")
        return
    for k in (19, 29):
        table, n = read_pmed(folder / f"pmed/pmed{k}.txt")
        one = pd.Series(1.0, index=table.index)
        yield _against(
            f"p-median pmed{k}, {len(table)} nodes, n = {n}",
            "proven, 20x",
            lambda table=table, one=one, n=n: p_median(siting_table(table, one), n=n),  # type: ignore[misc]
            lambda table=table, n=n: PMedian.from_cost_matrix(table.to_numpy(), np.ones(len(table)), n),  # type: ignore[misc]
            scale=len(table),
        )
    table, people = read_mclp(folder / "mclp", "SJC500")
    yield _against(
        "maximal covering SJC500, 800 m, n = 5",
        "proven, 10x",
        lambda: maximal_covering(siting_table(table, people, limit_s=800.0), n=5, limit_s=800.0),
        lambda: MCLP.from_cost_matrix(table.to_numpy(), people.to_numpy(), 800.0, p_facilities=5),
    )
    off, slowest = [], 0.0
    for k in range(1, 40, 2):
        table, n = read_pmed(folder / f"pmed/pmed{k}.txt")
        seconds, plan = _timed(
            lambda table=table, n=n: p_median(siting_table(table, pd.Series(1.0, index=table.index)), n=n)  # type: ignore[misc]
        )
        off.append(plan.is_proven and round(plan.value * len(table)) == best_known(f"pmed{k}"))
        slowest = max(slowest, seconds)
    yield _row(
        "all 20 p-medians of OR-Library",
        f"{sum(off)} proven",
        "pmed39 <= 0.1 % in 60 s",
        f"slowest {slowest:.1f} s",
    )
    yield _known_limits(folder)


def _known_limits(folder: Path) -> dict[str, Any]:
    """The ten capacitated p-medians of Osman and Christofides."""
    worst, widest, slowest = 0.0, 0.0, 0.0
    for k in range(1, 11):
        table, demand, n, capacity = read_cpmp(folder / f"cpmp/pmedcap1_{k}.txt")
        whole = siting_table(table, demand, weights=1.0 / demand)
        seconds, plan = _timed(
            lambda whole=whole, n=n, capacity=capacity: capacitated_median(whole, n=n, capacity=capacity)  # type: ignore[misc]
        )
        worst = max(worst, plan.value * len(demand) / best_known(f"pmedcap1_{k}") - 1.0)
        widest, slowest = max(widest, plan.gap), max(slowest, seconds)
    work = "10 capacitated p-medians of OR-Library"
    told = f"worst {worst:.2%} above best known, gap {widest:.2%}"
    return _row(work, told, "0.5 %, gap 2 % in 20 s", f"slowest {slowest:.1f} s")


def _limits() -> Iterator[dict[str, Any]]:
    """Capacitated p-medians that nobody has seen before, drawn as Osman and Christofides drew theirs.

    The peer is the program's own model of the question, given to HiGHS for the same 20 s.
    """
    drawn = [(50, 5, 0.88, 3), (50, 5, 0.96, 2), (100, 10, 0.88, 3), (100, 10, 0.96, 2)]
    gaps, above, theirs, spent = [], [], [], 0.0
    for size, n, fill, times in drawn:
        for seed in range(times):
            metres, demand, room = squares(size + seed, size, n, fill=fill)
            whole = siting_table(metres, demand, weights=1.0 / demand)
            seconds, plan = _timed(
                lambda whole=whole, n=n, room=room: capacitated_median(  # type: ignore[misc]
                    whole, n=n, capacity=room, search=SHORT
                )
            )
            value, gap = _by_highs(whole, n, room)
            gaps.append(plan.gap)
            theirs.append(gap)
            above.append(value / plan.value - 1.0)
            spent = max(spent, seconds)
    told = f"widest gap {max(gaps):.2%}, slowest {spent:.1f} s"
    peer = f"HiGHS, 20 s: up to {max(above):.1%} above, widest gap {max(theirs):.1%}"
    yield _row("10 drawn capacitated p-medians of 50 and 100 points", told, "gap 2 % in 20 s", peer=peer)
    for size, n_sites, n in ((1000, 100, 15),):
        _, table, people = town(size, n_sites)
        whole = siting_table(table, people)
        room = float(np.ceil(people.sum() / n / 0.88))
        seconds, plan = _timed(
            lambda whole=whole, n=n, room=room: capacitated_median(whole, n=n, capacity=room, search=SHORT)  # type: ignore[misc]
        )
        value, gap = _by_highs(whole, n, room)
        peer = f"HiGHS, 20 s: {value / plan.value - 1.0:+.2%}, gap {gap:.1%}"
        yield _row(
            f"capacitated p-median, {size:,} x {n_sites}, n = {n}", _told(seconds, plan), "-", peer=peer
        )


def _by_highs(table: SitingTable, n: int, room: float) -> tuple[float, float]:
    """Ask HiGHS, as is done of questions too large for the own search; give mean seconds and gap."""
    clock = start_clock(SHORT)
    table = replace(table, capacity=np.full(len(table.site_id), room))
    gain = -table.weight[table.point] * table.ms / 1000.0
    model = allocation_model(table, n, is_split=False, gain=gain, must=True)
    first = first_allocation(table, n, model, clock=clock)
    answer = solve_allocation(model, first, clock=clock, gap=0.0)
    return answer.value / table.weight.sum(), 1.0 - max(answer.bound, 0.0) / answer.value


def _covering() -> Iterator[dict[str, Any]]:
    times, table, people = town(5000, 500)
    yield _against(
        "maximal covering, 5,000 x 500, n = 20, limit 80 s",
        "proven, 5x",
        lambda: maximal_covering(siting_table(table, people, limit_s=80.0), n=20, limit_s=80.0),
        lambda: MCLP.from_cost_matrix(table.to_numpy(), people.to_numpy(), 80.0, p_facilities=20),
    )
    seconds, plan = _timed(
        lambda: maximal_covering(siting_table(times, people), n=20, limit_s=120.0, search=SHORT)
    )
    yield _row("the same, limit 120 s (hard: 87 % covered)", _told(seconds, plan), "-", "20 s allowed")
    best = MaximalCovering(n=20, limit_s=80.0)
    seconds, quick = _timed(lambda: greedy_swaps(siting_table(times, people), best))
    bound = maximal_covering(siting_table(times, people), n=20, limit_s=80.0).bound
    yield _row(
        "heuristic alone, 5,000 x 500", f"{seconds:.3f} s, {bound / quick.value - 1:.2%}", "1 %, 0.1 s"
    )
    best = MaximalCovering(n=30, limit_s=80.0)
    seconds, curve = _timed(lambda: trade_off(siting_table(times, people), best))
    proven, widest = curve.table["is_proven"].sum(), curve.table["gap"].max()
    note = f"{proven} of 31 proven, widest gap {widest:.2%}, knee at {curve.knee}"
    yield _row(
        "trade-off curve, 5,000 x 500, n = 0..30", f"{seconds:.1f} s", "60 s", note, peer="cannot in one call"
    )
    times, _, people = town(20_000, 2000)
    seconds, plan = _timed(
        lambda: maximal_covering(siting_table(times, people), n=30, limit_s=80.0, search=SHORT)
    )
    yield _row("maximal covering, 20,000 x 2,000, n = 30, limit 80 s", _told(seconds, plan), "1 % in 20 s")
    seconds, quick = _timed(lambda: greedy_swaps(siting_table(times, people), best))
    yield _row(
        "heuristic alone, 20,000 x 2,000", f"{seconds:.2f} s, {plan.bound / quick.value - 1:.2%}", "1 %, 2 s"
    )


def _covers() -> Iterator[dict[str, Any]]:
    for n_demand, n_sites, limit, peer in (
        (5000, 500, 95.0, True),
        (20_000, 2000, 50.0, False),
        (20_000, 2000, 95.0, False),
    ):
        _, table, people = town(n_demand, n_sites)
        seen = (table <= limit).any(axis=1)
        table, people = table[seen], people[seen]
        work = f"set covering, {n_demand:,} x {n_sites:,}, limit {limit:g} s"
        ask = lambda table=table, people=people, limit=limit: set_covering(  # noqa: E731  # type: ignore[misc]
            siting_table(table, people), limit_s=limit, search=Search(time_limit_s=60.0)
        )
        if peer:
            yield _against(
                work,
                "gap no larger",
                ask,
                lambda table=table, limit=limit: LSCP.from_cost_matrix(table.to_numpy(), limit),  # type: ignore[misc]
            )
        else:
            seconds, plan = _timed(ask)
            note = f"{plan.value:.0f} sites, bound {plan.bound:.0f}"
            yield _row(work, _told(seconds, plan), "5 % in 60 s", note)


def _rest() -> Iterator[dict[str, Any]]:
    times, _, people = town(1000, 100)
    room = 0.8 * people.sum() / 15
    for is_split in (True, False):
        seconds, plan = _timed(
            lambda is_split=is_split: capacitated_covering(  # type: ignore[misc]
                siting_table(times, people), n=15, limit_s=150.0, capacity=room, is_split=is_split
            )
        )
        work = f"capacity, 1,000 x 100, n = 15, {'split' if is_split else 'whole'}"
        yield _row(
            work, _told(seconds, plan), "0.5 % in 60 s", f"{plan.share_covered:.1%} served", peer="cannot"
        )
