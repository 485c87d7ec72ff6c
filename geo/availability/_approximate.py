"""Larson's approximation of the hypercube: one number a station instead of one a state.

The chance that the first k engines of a list are out and the next is free is that of engines that are busy
independently of each other, times a factor Q that holds exactly where engines are sent by lot (R. C. Larson,
"Approximating the performance of urban emergency service systems", Operations Research 23, 1975; J. P.
Jarvis, "Approximating the equilibrium behavior of multi-server loss systems", Management Science 31, 1985,
for times of service that differ).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo._jit import kernel
from geo.availability.dispatch import DispatchTable, Floats
from geo.errors import GeoError

__all__ = ["Approximated", "approximate", "correction_factors", "state_counts"]

MOST_ROUNDS = 10_000
CLOSE = 1e-12


@dataclass(frozen=True, eq=False)
class Approximated:
    """Busy shares of the stations, and the chance by place that the first k of its stations are out."""

    busy_share: Floats
    out: Floats
    all_out: float


def state_counts(n: int, load: float, *, is_queued: bool) -> Floats:
    """Give the probability that 0, 1, ... n engines are busy when all are alike (M/M/n).

    Parameters
    ----------
    n : int
        Engines.
    load : float
        Calls per mean time of service.
    is_queued : bool
        Whether calls wait; the last probability then holds all states in which all are busy.

    Examples
    --------
    Erlang's loss formula for one engine, and his delay formula for three at half load:

    >>> state_counts(1, 1.0, is_queued=False).tolist()
    [0.5, 0.5]
    >>> round(float(state_counts(3, 1.5, is_queued=True)[-1]), 5)
    0.23684
    """
    log_p = np.concatenate([[0.0], np.cumsum(np.log(load) - np.log(np.arange(1, n + 1)))]) if load else None
    if log_p is None:
        return np.asarray(np.eye(n + 1)[0], dtype=np.float64)
    p = np.exp(log_p - log_p.max())
    if is_queued:
        p[-1] /= 1.0 - load / n
    return np.asarray(p / p.sum(), dtype=np.float64)


def correction_factors(n: int, load: float, *, is_queued: bool) -> Floats:
    """Give Q(n, load / n, j) for j = 0, ... n - 1.

    By lot, the chance that j given engines are busy and another is free, when k of n are busy, is
    ``C(n - j - 1, k - j) / C(n, k)``. Q is its mean over k, divided by ``r**j (1 - r)``, where r is the mean
    share that is busy.

    Examples
    --------
    >>> correction_factors(3, 1.5, is_queued=True).round(5).tolist()
    [1.0, 0.73684, 0.63158]
    """
    p = state_counts(n, load, is_queued=is_queued)
    k = np.arange(n + 1)
    r = float(p @ k) / n
    if r == 0.0:
        return np.ones(n)
    factors = np.empty(n)
    share = (n - k) / n  # C(n - j - 1, k - j) / C(n, k) for j = 0
    for j in range(n):
        factors[j] = float(p @ share) / (r**j * (1.0 - r)) if r**j > 0.0 else 1.0
        if j < n - 1:
            share = share * np.maximum(k - j, 0) / (n - j - 1)
    return factors


def approximate(table: DispatchTable, *, is_queued: bool) -> Approximated:
    """Find the busy shares that agree with each other, by Larson's iteration.

    Raises
    ------
    GeoError
        The iteration does not settle.
    """
    n, total = int(table.crews.sum()), table.reached_per_h
    free_per_h = table.crews / table.service_h
    busy = np.full(len(table.crews), 0.5)
    service_h = float(table.crews @ table.service_h) / n
    asked = np.where(table.n_reached > 0, table.calls_per_h, 0.0)
    for _ in range(MOST_ROUNDS):
        p = state_counts(n, total * service_h, is_queued=is_queued)
        factors = correction_factors(n, total * service_h, is_queued=is_queued)
        offered, _ = _walk(table.order, table.n_reached, asked, table.crews, busy, factors)
        waits = total * float(p[-1]) / free_per_h.sum() if is_queued else 0.0
        value = offered / free_per_h
        after = (value + waits) / (1.0 + value)
        if table.is_complete:
            kept = 1.0 if is_queued else 1.0 - float(p[-1])
            after *= total * service_h * kept / max(float(table.crews @ after), 1e-300)
        after = np.minimum(after, 1.0)
        sent = after * free_per_h
        service_h = float(sent @ table.service_h) / float(sent.sum()) if sent.sum() else service_h
        if np.abs(after - busy).max() <= CLOSE:
            break
        busy = 0.5 * (after + busy)
    else:
        raise GeoError("the approximation of busy stations does not settle: give fewer stations or calls")
    _, out = _walk(table.order, table.n_reached, asked, table.crews, after, factors)
    return Approximated(after, _scaled(table, out, float(p[-1])), float(p[-1]))


def _scaled(table: DispatchTable, out: Floats, all_out: float) -> Floats:
    """Scale the chances of each full list so that all engines are out as often as Erlang says."""
    full = table.n_reached == len(table.station_id)
    last = np.take_along_axis(out, table.n_reached[:, None], axis=1)[:, 0]
    sent = np.where(full & (last < 1.0), 1.0 - last, 1.0)
    scale = np.where(full & (last < 1.0), (1.0 - all_out) / sent, 1.0)
    return np.clip(1.0 - (1.0 - out) * scale[:, None], 0.0, 1.0)


@kernel
def _walk(order: Any, n_reached: Any, calls: Any, crews: Any, busy: Any, factors: Any) -> Any:
    """Give the calls per hour that each station would be sent to if it were free, and who is out by place."""
    offered = np.zeros(len(crews))
    out = np.ones((len(calls), len(crews) + 1))
    for j in range(len(calls)):
        n, chance, sent = 0, 1.0, 0.0
        for k in range(n_reached[j]):
            s = order[j, k]
            for _ in range(crews[s]):
                asked = chance * factors[n]
                offered[s] += calls[j] * asked
                sent += asked * (1.0 - busy[s])
                chance *= busy[s]
                n += 1
            out[j, k + 1] = max(1.0 - sent, 0.0)
        for k in range(n_reached[j], len(crews)):
            out[j, k + 1] = out[j, n_reached[j]]
    return offered, out
