"""Branch and bound for 'best n sites' with Lagrangian bounds: closes what the prices alone leave open.

Lemma. Every plan lies in a half that is still open or in one that was closed, since each half is split by
"with this site" and "without it", and sites are decided only where every better plan has decided so. A half
is closed when its bound is no better than the incumbent by the least step, or within the gap asked for. So
no plan is better than the largest of the incumbent, the bounds of open halves and those closed by the gap.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo.optimize import Clock
from geo.siting._exact.interchange import interchange
from geo.siting._exact.lagrangian import FAR, decide, first_prices, subgradient_descent, top_sites
from geo.siting._exact.objective import Benefits
from geo.siting._table import Floats, Ints
from geo.siting.plan import Proof
from geo.siting.search_steps import SearchStep

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
    steps: tuple[SearchStep, ...]
    price: Floats
    score: Floats

    def proof(self, scale: float = 1.0) -> Proof:
        """Give value and bound divided by ``scale``, which is below 0 where less is better."""
        return Proof(self.value / scale, self.bound / scale, self.steps)


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

    def better(self, incumbent: Incumbent, plan: Ints) -> Incumbent:
        """Keep the better plan; one that leaves a point unserved that must be served is no plan."""
        value = self.benefits.value(plan)
        if value <= incumbent.value + SAME * abs(incumbent.value):
            return incumbent
        start, point, _ = self.benefits.by_site
        served = np.zeros(self.benefits.n_points, dtype=bool)
        for j in plan:
            served[point[start[j] : start[j + 1]]] = True
        if not served[self.benefits.must].all():
            return incumbent
        return replace(incumbent, plan=np.sort(plan), value=value, bound=max(incumbent.bound, value))

    def polish(self, incumbent: Incumbent, score: Floats) -> Incumbent:
        """Try the sites with the highest scores, swapped until nothing helps."""
        plan = top_sites(score, self.n)
        interchange(self.benefits.raised_by_site, self.benefits.raised_by_point, plan, 10_000)
        return self.better(incumbent, plan)

    def lower(
        self, incumbent: Incumbent, price: Floats, decision: NDArray[np.int8], factor: float
    ) -> tuple[float, Floats, Floats, float, Floats]:
        """Move prices so that the bound falls towards the incumbent: see ``subgradient_descent``."""
        b = self.benefits
        bound, price, score, factor, share = subgradient_descent(
            b.by_point, b.must, price, incumbent.value - b.base, self.n, decision, CHUNK, factor
        )
        return bound, price, score, factor, share


def root(aim: Aim, plan: Ints, *, price: Floats | None = None) -> Incumbent:
    """Bound the best value by moving prices until they stop helping, and try the plans they point to."""
    b = aim.benefits
    undecided = np.zeros(len(b.site), dtype=np.int8)
    price = first_prices(b.by_point, plan, len(b.site)) if price is None else price
    best = Incumbent(plan, b.value(plan), np.inf, (SearchStep.SWAPS,), price, np.zeros(len(b.site)))
    factor = 1.0
    for _ in range(CHUNKS):
        before = best.bound
        bound, price, score, factor, _ = aim.lower(best, price, undecided, factor)
        if bound + b.base < best.bound:
            bound = max(bound + b.base, best.value)
            best = replace(
                best, bound=bound, price=price, score=score, steps=(SearchStep.SWAPS, SearchStep.LAGRANGE)
            )
        best = aim.polish(best, score)
        aim.clock.tell(best.value, best.bound)
        stuck = before - best.bound < 0.005 * (best.bound - best.value)
        if aim.is_done(best.value, best.bound) or aim.clock.left_s == 0.0 or stuck:
            break
    return best


def split(aim: Aim, best: Incumbent, *, nodes: int, wide: float) -> Incumbent:
    """Choose a site, bound the plans with it and those without it, go on with the half of the higher bound.

    The prices of a half start from those of the whole; sites that they decide are fixed below. Stops after
    ``nodes`` halves, as soon as the relative gap is below ``wide``.
    """
    b = aim.benefits
    decision = np.zeros(len(b.site), dtype=np.int8)
    heap: list[tuple[float, int, NDArray[np.int8], Floats]] = [(-best.bound, 0, decision, best.price)]
    done, closed = 0, -np.inf
    while heap:
        bound = -heap[0][0]
        is_enough = done >= nodes and bound - best.value < wide * abs(best.value)
        if is_enough or aim.clock.left_s == 0.0 or aim.is_done(best.value, max(bound, closed)):
            break
        _, _, decision, price = heapq.heappop(heap)
        done += 1
        low, price, score, _, share = aim.lower(best, price, decision, 0.3)
        bound = min(bound, low + b.base)
        best = aim.polish(best, score + FAR * decision)
        aim.clock.tell(best.value, min(best.bound, max(-heap[0][0] if heap else bound, bound, closed)))
        step = aim.step(best.value)
        if bound < best.value + step:
            continue
        if bound < best.value + aim.gap * abs(best.value):
            closed = max(closed, bound)
            continue
        # The bound belongs to the last prices only where it was they that lowered it.
        decided = decide(score, low, aim.n, best.value + step - b.base, decision)
        rest = np.flatnonzero(decided == 0)
        if (decided == 1).sum() >= aim.n or not len(rest):
            continue
        pick = rest[np.argmin(np.abs(share[rest] - 0.5))]
        for k, side in enumerate((1, -1)):
            half = decided.copy()
            half[pick] = side
            heapq.heappush(heap, (-bound, 2 * done + k, half, price))
    top = max(closed, -heap[0][0] if heap else -np.inf, best.value)
    return replace(best, bound=min(top, best.bound), steps=(*best.steps, SearchStep.BRANCHING))
