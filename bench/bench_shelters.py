"""People to shelters with limited places, exactly: against HiGHS, scipy's maximum flow and networkx.

The district is invented: people and shelters in 40 clusters on a square of 15 km, people from a lognormal
law, walks 1.3 times as long as the straight line at 4 km/h. Each answer is compared with the peer's, people
and seconds alike, before its time is told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, vstack
from scipy.sparse.csgraph import maximum_flow
from scipy.spatial import KDTree

from geo.shelters import Sheltering, shelter_people
from geo.times import Times

SIDE_M, DETOUR, WALK_MPS = 15_000.0, 1.3, 4.0 / 3.6


def rows() -> list[dict[str, str]]:
    """Give a row per question: ``work``, ``ours``, ``peer``, ``ratio``, ``target``, ``note``."""
    solve(district(3000, 100, reach_m=2000.0, room=0.9))  # compiles
    out = []
    for part in (_against_highs, _against_networkx, _alone):
        for row in part():
            print(row, flush=True)
            out.append(row)
    return out


def district(
    n_homes: int, n_shelters: int, *, reach_m: float, room: float, seed: int = 1
) -> tuple[Times, pd.Series, pd.Series]:
    """Draw a district: walks within reach, people, and places for ``room`` times as many."""
    g = np.random.default_rng(seed)
    middle = g.random((40, 2)) * SIDE_M
    homes = middle[g.integers(0, 40, n_homes)] + g.normal(0, 1200, (n_homes, 2))
    shelters = middle[g.integers(0, 40, n_shelters)] + g.normal(0, 1500, (n_shelters, 2))
    people = np.rint(g.lognormal(3.5, 1.0, n_homes)) + 1
    size = g.lognormal(0, 0.8, n_shelters)
    places = np.floor(people.sum() * room * size / size.sum())
    near = KDTree(homes).query_ball_point(shelters, reach_m / DETOUR, return_sorted=True)
    start = np.concatenate([[0], np.cumsum([len(row) for row in near])])
    demand = np.concatenate([np.asarray(row, dtype=np.int32) for row in near])
    metres = DETOUR * np.hypot(*(homes[demand] - np.repeat(shelters, np.diff(start), axis=0)).T)
    names = (
        pd.Index([f"s{j:05d}" for j in range(n_shelters)]),
        pd.Index([f"h{i:06d}" for i in range(n_homes)]),
    )
    ms = np.rint(metres / WALK_MPS * 1000).astype(np.int32)
    times = Times(*names, start, demand, ms, limit_s=reach_m / WALK_MPS + 1.0)
    return times, pd.Series(people, index=names[1]), pd.Series(places, index=names[0])


def solve(case: tuple[Times, pd.Series, pd.Series]) -> Sheltering:
    """Send the people, tables in and out."""
    times, people, places = case
    found = shelter_people(times, people, places, limit_s=times.limit_s)
    if not found.is_proven:
        raise AssertionError("the answer is not proven")
    return found


def highs(case: tuple[Times, pd.Series, pd.Series]) -> tuple[int, int]:
    """Give most people by scipy's maximum flow, then the least walking (ms) by HiGHS."""
    times, people, places = case
    n_homes, n_shelters = len(people), len(places)
    home, shelter = times.demand, np.repeat(np.arange(n_shelters), np.diff(times.start))
    heads, room = people.to_numpy(np.int64), places.to_numpy(np.int64)
    end = n_homes + n_shelters + 1
    tail = np.concatenate([np.zeros(n_homes, int), home + 1, np.arange(n_shelters) + 1 + n_homes])
    head = np.concatenate([np.arange(n_homes) + 1, shelter + 1 + n_homes, np.full(n_shelters, end)])
    capacity = np.concatenate([heads, heads[home], room]).astype(np.int32)
    graph = csr_array(coo_array((capacity, (tail, head)), shape=(end + 1, end + 1)))
    most = int(maximum_flow(graph, 0, end).flow_value)
    entry, one = np.arange(len(home)), np.ones(len(home))
    limits = vstack(
        [
            coo_array((one, (home, entry)), shape=(n_homes, len(home))),
            coo_array((one, (shelter, entry)), shape=(n_shelters, len(home))),
        ]
    )
    least = linprog(
        times.ms.astype(float),
        A_ub=limits,
        b_ub=np.concatenate([heads, room]),
        A_eq=coo_array(one[None, :]),
        b_eq=[most],
        method="highs",
    )
    return most, round(least.fun)


def by_networkx(case: tuple[Times, pd.Series, pd.Series]) -> tuple[int, int]:
    """Give most people and the least walking (ms) by ``max_flow_min_cost``."""
    times, people, places = case
    graph = nx.DiGraph()
    for i, n in enumerate(people):
        graph.add_edge("out", ("h", i), capacity=int(n), weight=0)
    for j, n in enumerate(places):
        graph.add_edge(("s", j), "in", capacity=int(n), weight=0)
        for e in range(times.start[j], times.start[j + 1]):
            graph.add_edge(("h", int(times.demand[e])), ("s", j), weight=int(times.ms[e]))
    flow = nx.max_flow_min_cost(graph, "out", "in")
    return sum(flow["out"].values()), nx.cost_of_flow(graph, flow)


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    before = time.perf_counter()
    result = call()
    return time.perf_counter() - before, result


def _row(
    case: tuple[Times, pd.Series, pd.Series], work: str, target: str, peer: Any = None
) -> dict[str, str]:
    seconds, found = _timed(lambda: solve(case))
    note = f"{len(case[0].ms):,} pairs, {found.value:,} of {found.people['people'].sum():,} people, proven"
    row = {
        "work": work,
        "ours": f"{seconds:.2f} s",
        "peer": "-",
        "ratio": "-",
        "target": target,
        "note": note,
    }
    if peer is None:
        return row
    name, call = peer
    spent, answer = _timed(lambda: call(case))
    if answer != (found.value, round(found.walk_s * 1000)):
        raise AssertionError(f"{work}: ours {found.value}, {found.walk_s} s; {name} {answer}")
    return row | {"peer": f"{name} {spent:.1f} s", "ratio": f"{spent / seconds:.0f}x"}


def _against_highs() -> Iterator[dict[str, str]]:
    for room in (0.8, 1.5):
        case = district(20_000, 500, reach_m=1500.0, room=room)
        work = f"20,000 points to 500 shelters within 1.5 km, places for {room:.0%}"
        yield _row(case, work, "30 s", ("scipy maximum flow + HiGHS", highs))


def _against_networkx() -> Iterator[dict[str, str]]:
    case = district(1_000, 50, reach_m=4000.0, room=0.8)
    work = "1,000 points to 50 shelters within 4 km, places for 80%"
    yield _row(case, work, "-", ("networkx", by_networkx))


def _alone() -> Iterator[dict[str, str]]:
    case = district(20_000, 500, reach_m=3000.0, room=1.1)
    yield _row(case, "20,000 points to 500 shelters within 3 km, places for 110% (hard)", "30 s")
    case = district(20_000, 500, reach_m=100_000.0, room=0.8)
    yield _row(case, "20,000 points to 500 shelters, every pair in reach, places for 80%", "-")
