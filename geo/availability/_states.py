"""Kernels of the hypercube: all states of busy crews, their balance, and what follows from it.

A state holds the number of busy crews of each station, a digit between 0 and the station's crews; its index
is that number in mixed radix. A station is "out" when all its crews are busy; the stations that are out are a
mask of bits. Which station is sent depends on the mask alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo._jit import kernel, part

__all__ = ["level_flows", "mean_busy", "out_mass", "rescale", "sent_rates", "sweep"]


@kernel
def sent_rates(order: Any, n_reached: Any, calls: Any, n_stations: int) -> Any:
    """Give the calls per hour that each station is sent to, by which others are out: masks by stations.

    A station is sent when all stations before it in a place's order are out, whatever others do. So the
    rate is a sum over subsets of the mask: calls are entered at the mask of the stations before, and summed
    up bit by bit (the zeta transform). Whether the station itself is out does not matter to its column.
    """
    n_masks = 1 << n_stations
    rates = np.zeros((n_masks, n_stations))
    for j in range(len(calls)):
        mask = 0
        for k in range(n_reached[j]):
            s = order[j, k]
            rates[mask, s] += calls[j]
            mask |= 1 << s
    for b in range(n_stations):
        bit = 1 << b
        for mask in range(n_masks):
            if mask & bit:
                for s in range(n_stations):
                    rates[mask, s] += rates[mask ^ bit, s]
    return rates


@part
def _step(digit: Any, crews: Any, mask: int, forward: bool) -> int:
    """Move the digits to the next state, or the one before, and give the mask of stations that are out."""
    for s in range(len(crews)):
        if forward:
            if digit[s] < crews[s]:
                digit[s] += 1
                return mask | (1 << s) if digit[s] == crews[s] else mask & ~(1 << s)
            digit[s] = 0
            mask &= ~(1 << s)
        else:
            if digit[s] > 0:
                digit[s] -= 1
                return mask & ~(1 << s)
            digit[s] = crews[s]
            mask |= 1 << s
    return mask


@kernel
def sweep(p: Any, rates: Any, crews: Any, stride: Any, free_per_h: Any, forward: bool) -> float:
    """Put each state in balance with its neighbours, one after the other (Gauss-Seidel).

    Gives the flow that was out of balance when each state was met, as a share of all flow.
    """
    n, n_stations = len(p), len(crews)
    digit = np.zeros(n_stations, dtype=np.int64)
    mask = 0
    if not forward:
        digit[:] = crews
        mask = (1 << n_stations) - 1
    wrong, flow = 0.0, 0.0
    for step in range(n):
        i = step if forward else n - 1 - step
        into, out = 0.0, 0.0
        for s in range(n_stations):
            if digit[s] > 0:
                out += digit[s] * free_per_h[s]
                into += p[i - stride[s]] * rates[mask, s]
            if digit[s] < crews[s]:
                out += rates[mask, s]
                into += p[i + stride[s]] * (digit[s] + 1) * free_per_h[s]
        wrong += abs(p[i] * out - into)
        flow += into
        if out > 0.0:
            p[i] = into / out
        mask = _step(digit, crews, mask, forward)
    return wrong / flow if flow > 0.0 else 0.0


@kernel
def level_flows(p: Any, rates: Any, crews: Any, free_per_h: Any) -> Any:
    """Give, by the number of busy crews, the mass of the states and their flows up and down."""
    n_stations = len(crews)
    flows = np.zeros((3, crews.sum() + 1))
    digit = np.zeros(n_stations, dtype=np.int64)
    mask = 0
    for i in range(len(p)):
        level, up, down = 0, 0.0, 0.0
        for s in range(n_stations):
            level += digit[s]
            down += digit[s] * free_per_h[s]
            if digit[s] < crews[s]:
                up += rates[mask, s]
        flows[0, level] += p[i]
        flows[1, level] += p[i] * up
        flows[2, level] += p[i] * down
        mask = _step(digit, crews, mask, True)
    return flows


@kernel
def rescale(p: Any, crews: Any, factor: Any) -> None:
    """Multiply each state by the factor of its number of busy crews."""
    digit = np.zeros(len(crews), dtype=np.int64)
    for i in range(len(p)):
        p[i] *= factor[digit.sum()]
        _step(digit, crews, 0, True)


@kernel
def mean_busy(p: Any, crews: Any) -> Any:
    """Give the mean number of busy crews of each station."""
    busy = np.zeros(len(crews))
    digit = np.zeros(len(crews), dtype=np.int64)
    for i in range(len(p)):
        for s in range(len(crews)):
            busy[s] += p[i] * digit[s]
        _step(digit, crews, 0, True)
    return busy


@kernel
def out_mass(p: Any, crews: Any) -> Any:
    """Give for each mask of stations the probability that all of them are out, whatever others do."""
    n_stations = len(crews)
    mass = np.zeros(1 << n_stations)
    digit = np.zeros(n_stations, dtype=np.int64)
    mask = 0
    for i in range(len(p)):
        mass[mask] += p[i]
        mask = _step(digit, crews, mask, True)
    for b in range(n_stations):
        bit = 1 << b
        for m in range(len(mass)):
            if not m & bit:
                mass[m] += mass[m | bit]
    return mass
