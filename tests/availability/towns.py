"""Towns of points for the tests of busy engines, and their chain written out in full."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from geo.availability import DispatchTable, dispatch_table


def town(
    n_places: int,
    n_stations: int,
    *,
    load: float,
    seed: int = 0,
    crews: int | list[int] = 1,
    differs: bool = False,
    reach_s: float = np.inf,
) -> DispatchTable:
    """Draw a town; ``load`` is calls per mean time of service and crew."""
    g = np.random.default_rng(seed)
    a, b = g.random((n_places, 2)), g.random((n_stations, 2))
    times = pd.DataFrame(np.rint(np.linalg.norm(a[:, None] - b[None], axis=2) * 1e6) / 1e3)
    n_crews = pd.Series(crews, index=times.columns)
    calls = pd.Series(g.random(n_places))
    calls *= load * n_crews.sum() / calls.sum()
    minutes = pd.Series(60.0 * (0.5 + g.random(n_stations) if differs else np.ones(n_stations)))
    return dispatch_table(times.where(times <= reach_s, np.inf), calls, crews=n_crews, service_min=minutes)


def chain_by_hand(table: DispatchTable, *, queue: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Solve the chain of all states by linear algebra, crew by crew, with room for ``queue`` waiting calls.

    Every crew is its own server here, so states are twice as many as in the product for each further crew.
    Gives the busy share by station, the share of each place's calls by station, and the share lost by place.
    """
    station = np.repeat(np.arange(len(table.crews)), table.crews)
    n = len(station)
    states = [*itertools.product((0, 1), repeat=n), *(("queue", k) for k in range(1, queue + 1))]
    at = {state: i for i, state in enumerate(states)}
    full, rate = (1,) * n, 1.0 / table.service_h[station]
    flow = np.zeros((len(states), len(states)))
    sent_from = np.zeros((len(states), len(table.demand_id), len(table.crews)))
    asked = np.where(table.n_reached > 0, table.calls_per_h, 0.0)
    for state in itertools.product((0, 1), repeat=n):
        for e in np.flatnonzero(state):
            flow[at[state], at[(*state[:e], 0, *state[e + 1 :])]] += rate[e]
        for j, calls in enumerate(table.calls_per_h):
            for s in table.order[j, : table.n_reached[j]]:
                free = [e for e in range(n) if station[e] == s and not state[e]]
                if free:
                    after = (*state[: free[0]], 1, *state[free[0] + 1 :])
                    flow[at[state], at[after]] += calls
                    sent_from[at[state], j, s] = 1.0
                    break
    for k in range(queue):
        lower = full if k == 0 else ("queue", k)
        flow[at[lower], at[("queue", k + 1)]] += asked.sum()
        flow[at[("queue", k + 1)], at[lower]] += rate.sum()
    balance = (flow - np.diag(flow.sum(axis=1))).T
    balance[-1] = 1.0
    p = np.linalg.solve(balance, np.append(np.zeros(len(states) - 1), 1.0))
    is_busy = np.array([state if state[0] != "queue" else full for state in states], dtype=float)
    busy = np.array([(p @ is_busy[:, station == s]).mean() for s in range(len(table.crews))])
    sent = np.einsum("b,bjs->js", p, sent_from)
    return busy, sent, 1.0 - sent.sum(axis=1)
