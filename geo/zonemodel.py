"""Points given whole to stations as a mixed-integer model: exact on small cases, in three steps."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.highs import Model, solve
from geo.loadflow import Clocks, add_up
from geo.times import UNREACHED_MS
from geo.transport import Ints
from geo.zonewhole import WholeLoads, improve, measure

__all__ = ["MOST_PAIRS", "prove_whole"]

MOST_PAIRS: Final = 5_000
"""More pairs of points and stations are not given to the solver."""
_NODES: Final = 30
"""Nodes of the search in each step."""


def prove_whole(clocks: Clocks, people: Ints, room: Ints, found: WholeLoads) -> WholeLoads:
    """Improve an answer and its bounds with HiGHS: first the most in time, then served, then the least time.

    Each step keeps what the steps before it reached. Answers of the solver are counted again in whole
    numbers; its bounds are those of its search, which ends after a number of nodes.

    Parameters
    ----------
    clocks : Clocks
        Times of all pairs.
    people, room : int64 arrays
        People of each point and the most that each station may serve.
    found : WholeLoads
        An answer with bounds.
    """
    point, station = np.nonzero((clocks.ms < UNREACHED_MS) & (people[:, None] <= room))
    if not 0 < len(point) <= MOST_PAIRS:
        return found
    ms, scale, grain = clocks.ms[point, station], float(people.mean()), float(np.gcd.reduce(people))
    mean_ms = max(1.0, float(ms.mean()))
    n = people[point] / scale
    model, timely = _model(n, point, station, room / scale), n * (ms <= clocks.limit_ms)
    for step, cost in enumerate((-timely, -n, n * (ms / mean_ms))):
        had = measure(clocks, people, found.station)
        if had[step] == (found.most_timely, found.most_served, found.least_ms)[step]:
            continue
        # What the steps before reached is kept.
        kept = sparse.csr_array(np.stack([timely, n])[:step])
        solved = solve(
            replace(
                model,
                cost=cost,
                rows=sparse.vstack([model.rows, kept]),
                row_low=np.append(model.row_low, np.array(had[:step]) / scale),
                row_high=np.append(model.row_high, np.full(step, np.inf)),
            ),
            start=(found.station[point] == station).astype(float),
            grain=grain / scale if step < 2 else 0.0,
            most_nodes=_NODES,
        )
        if solved.x is not None:
            found = _better(clocks, people, room, found, point[solved.x > 0.5], station[solved.x > 0.5])
        if step == 2:
            least = math.floor(solved.bound * scale * mean_ms)
            value = measure(clocks, people, found.station)[2]
            return replace(found, least_ms=min(max(found.least_ms, least), value))
        most = int(math.floor(-solved.bound * scale / grain + 1e-6) * grain)
        name = ("most_timely", "most_served")[step]
        found = replace(found, **{name: min(getattr(found, name), most)})
    return found


def _model(n: NDArray[np.float64], point: Ints, station: Ints, room: NDArray[np.float64]) -> Model:
    """Give each point to one station at most, and no station more than its room."""
    size, n_points = len(n), int(point.max()) + 1
    every, one = np.arange(size), np.ones(size)
    return Model(
        cost=np.zeros(size),
        low=np.zeros(size),
        high=one,
        is_whole=np.ones(size, dtype=np.bool_),
        rows=sparse.vstack(
            [
                sparse.csr_array((one, (point, every)), shape=(n_points, size)),
                sparse.csr_array((n, (station, every)), shape=(len(room), size)),
            ]
        ),
        row_low=np.full(n_points + len(room), -np.inf),
        row_high=np.append(np.ones(n_points), room),
    )


def _better(
    clocks: Clocks, people: Ints, room: Ints, found: WholeLoads, point: Ints, station: Ints
) -> WholeLoads:
    """Take the answer of the solver if it holds in whole numbers and is better."""
    every = np.full(len(people), -1)
    every[point] = station
    if len(np.unique(point)) < len(point) or (add_up(people[point], station, len(room)) > room).any():
        return found
    every = improve(clocks, people, room, every)
    ours, theirs = (measure(clocks, people, answer) for answer in (found.station, every))
    is_better = (theirs[0], theirs[1], -theirs[2]) > (ours[0], ours[1], -ours[2])
    return replace(found, station=every) if is_better else found
