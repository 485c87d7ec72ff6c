"""Branch and bound for 'best n sites' with Lagrangian bounds: closes what the prices alone leave open."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo.optimize import Clock
from geo.siting._exact.interchange import swap
from geo.siting._exact.lagrangian import FAR, decided, descend, first_prices, top_sites
from geo.siting._exact.objective import Benefits
from geo.siting._table import Floats, Ints
from geo.siting.plan import Proof

__all__ = ["SAME", "Aim", "Incumbent", "root", "split"]

CHUNK = 60
CHUNKS = 40
SAME = 1e-9
"""Relative difference below which two values are one."""


@dataclass(frozen=True, eq=False)
class Incumbent:
    """A plan (positions in ``Benefits.site``, ascending), its value, a bound, and the prices that gave it."""

    plan: Ints
    value: float
    bound: float
    method: str
    price: Floats
    score: Floats

    def proof(self, scale: float = 1.0) -> Proof:
        """Give value and bound divided by ``scale``, which is below 0 where less is better."""
        return Proof(self.value / scale, self.bound / scale, self.method)


@dataclass(frozen=True, eq=False)
class Aim:
    """What is asked: ``n`` sites, proven, or within ``gap``, or on a known side of ``target``, or in time."""

    benefits: Benefits
    n: int
    clock: Clock
    gap: float = 0.0
    target: float = np.inf

    def step(self, value: float) -> float:
        """Give the least amount by which a better plan is better."""
        return max(self.benefits.grain * (1.0 - 1e-6), SAME * abs(value))

    def is_done(self, value: float, bound: float) -> bool:
        """Tell whether the plan is good enough."""
        is_told = np.isfinite(self.target) and (value >= self.target or bound < self.target)
        return bool(bound - value < max(self.step(value), self.gap * abs(value)) or is_told)

    def better(self, found: Incumbent, plan: Ints) -> Incumbent:
        """Keep the better plan; one that leaves a point unserved that must be served is no plan."""
        value = self.benefits.value(plan)
        if value <= found.value + SAME * abs(found.value):
            return found
        s = self.benefits
        served = np.zeros(s.n_points, dtype=bool)
        for j in plan:
            served[s.point[s.start[j] : s.start[j + 1]]] = True
        if not served[s.must].all():
            return found
        return replace(found, plan=np.sort(plan), value=value, bound=max(found.bound, value))

    def polish(self, found: Incumbent, score: Floats) -> Incumbent:
        """Try the sites with the highest scores, swapped until nothing helps."""
        plan = top_sites(score, self.n)
        swap(*self.benefits.by_site, *self.benefits.by_row, plan, 10_000)
        return self.better(found, plan)


def root(aim: Aim, plan: Ints, *, price: Floats | None = None) -> Incumbent:
    """Bound the best value by moving prices until they stop helping, and try the plans they point to."""
    s = aim.benefits
    open_ = np.zeros(len(s.site), dtype=np.int8)
    lam = first_prices(s.row, s.row_site, s.row_benefit, plan, len(s.site)) if price is None else price
    found = Incumbent(plan, aim.benefits.value(plan), np.inf, "swaps", lam, np.zeros(len(s.site)))
    theta = 1.0
    for _ in range(CHUNKS):
        before = found.bound
        bound, lam, score, theta, _ = descend(
            *(s.row, s.row_site, s.row_benefit, s.must, lam, found.value - s.base, aim.n, open_, CHUNK, theta)
        )
        if bound + s.base < found.bound:
            bound = max(bound + s.base, found.value)
            found = replace(found, bound=bound, price=lam, score=score, method="swaps, Lagrangian bound")
        found = aim.polish(found, score)
        aim.clock.tell(found.value, found.bound)
        stuck = before - found.bound < 0.005 * (found.bound - found.value)
        if aim.is_done(found.value, found.bound) or aim.clock.left_s == 0.0 or stuck:
            break
    return found


def split(aim: Aim, found: Incumbent, *, nodes: int, wide: float) -> Incumbent:
    """Choose a site, bound the plans with it and those without it, go on with the half of the higher bound.

    The prices of a half start from those of the whole; sites that they decide are fixed below. Stops after
    ``nodes`` halves, as soon as the relative gap is below ``wide``.
    """
    s = aim.benefits
    say = np.zeros(len(s.site), dtype=np.int8)
    heap: list[tuple[float, int, NDArray[np.int8], Floats]] = [(-found.bound, 0, say, found.price)]
    done, closed = 0, -np.inf
    while heap:
        bound = -heap[0][0]
        is_enough = done >= nodes and bound - found.value < wide * abs(found.value)
        if is_enough or aim.clock.left_s == 0.0 or aim.is_done(found.value, max(bound, closed)):
            break
        _, _, say, lam = heapq.heappop(heap)
        done += 1
        low, lam, score, _, share = descend(
            *(s.row, s.row_site, s.row_benefit, s.must, lam, found.value - s.base, aim.n, say, CHUNK, 0.3)
        )
        bound = min(bound, low + s.base)
        found = aim.polish(found, score + FAR * say)
        aim.clock.tell(found.value, min(found.bound, max(-heap[0][0] if heap else bound, bound, closed)))
        step = aim.step(found.value)
        if bound < found.value + step:
            continue
        if bound < found.value + aim.gap * abs(found.value):
            closed = max(closed, bound)
            continue
        # The bound belongs to the last prices only where it was they that lowered it.
        said = decided(score, low, aim.n, found.value + step - s.base, say)
        rest = np.flatnonzero(said == 0)
        if (said == 1).sum() >= aim.n or not len(rest):
            continue
        pick = rest[np.argmin(np.abs(share[rest] - 0.5))]
        for k, side in enumerate((1, -1)):
            half = said.copy()
            half[pick] = side
            heapq.heappush(heap, (-bound, 2 * done + k, half, lam))
    top = max(closed, -heap[0][0] if heap else -np.inf, found.value)
    return replace(found, bound=min(top, found.bound), method=found.method + ", branch and bound")
