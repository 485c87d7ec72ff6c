"""Mixed-integer models for HiGHS: sparse arrays in, values and a proven bound out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo.optimize.model import Model, Solved

__all__ = ["Clock", "Progress", "Stop", "prices", "solve"]

Progress: TypeAlias = Callable[[float, float], None]
"""Told the value of the best plan so far and the bound, as the search goes on."""
Stop: TypeAlias = Callable[[], bool]
"""Asked now and then whether the search is to end with the best plan so far."""
TELL_S = 0.2
"""HiGHS tells its progress no more often."""


@dataclass(frozen=True)
class Clock:
    """Counts down a time limit in seconds from the moment it is made, and passes progress on.

    What is told is ``scale * value + shift``: the search may work on another scale than the planner.
    """

    limit_s: float = np.inf
    started: float = field(default_factory=time.perf_counter)
    progress: Progress | None = None
    scale: float = 1.0
    shift: float = 0.0
    stop: Stop | None = None

    def tell(self, value: float, bound: float) -> None:
        """Tell the value and the bound so far, if anybody listens."""
        if self.progress is not None:
            self.progress(self.scale * value + self.shift, self.scale * bound + self.shift)

    def scaled(self, scale: float, *, shift: float = 0.0) -> Clock:
        """Give the same clock for a search whose values stand on another scale."""
        return replace(self, scale=scale, shift=shift)

    def part(self, limit_s: float) -> Clock:
        """Give a clock that starts now for a part of the search."""
        return replace(self, limit_s=limit_s, started=time.perf_counter())

    @property
    def silent(self) -> Clock:
        """The same clock, for a search whose values are not those that are asked for."""
        return replace(self, progress=None)

    @property
    def spent_s(self) -> float:
        """Give the seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def left_s(self) -> float:
        """Give the seconds left, never below 0; none where the search is to stop."""
        if self.stop is not None and self.stop():
            return 0.0
        return max(0.0, self.limit_s - self.spent_s)


def solve(
    model: Model,
    *,
    time_limit_s: float = np.inf,
    start: NDArray[np.float64] | None = None,
    grain: float = 0.0,
    gap: float = 0.0,
    most_nodes: int | None = None,
    tell: Progress | None = None,
    stop: Stop | None = None,
) -> Solved:
    """Solve a model with HiGHS on one thread, so that the answer never depends on the machine's load.

    Parameters
    ----------
    model : Model
        What to minimise.
    time_limit_s : float
        Stop after this many seconds with the best answer so far.
    start : float64 array, optional
        A feasible answer to begin with.
    grain : float, default 0
        The objective moves in steps of this size, so a bound closer than it proves the best.
    gap : float, default 0
        Stop at this relative gap.
    most_nodes : int, optional
        Stop after so many nodes of the search: a limit that does not depend on the machine.
    tell : callable, optional
        Told the value and the bound as they get better.
    stop : callable, optional
        Asked now and then whether to stop with the best answer so far.

    Examples
    --------
    >>> from scipy import sparse
    >>> one = np.ones(2)
    >>> rows = sparse.csr_matrix([[1.0, 1.0]])
    >>> solve(Model(one, 0 * one, one, one > 0, rows, one[:1], np.array([np.inf]))).value
    1.0
    """
    from geo.optimize._highs import load, read_answer  # few runs solve a model

    solver = load(
        model, time_limit_s, mip_rel_gap=gap, mip_abs_gap=max(1e-9, grain * (1.0 - 1e-6)), random_seed=0
    )
    if most_nodes is not None:
        solver.setOptionValue("mip_max_nodes", most_nodes)
    if start is not None:
        solver.setSolution(len(start), np.arange(len(start), dtype=np.int32), start.astype(np.float64))
    if tell is not None or stop is not None:
        _listen(solver, tell, stop)
    solver.run()
    solved = read_answer(solver, is_whole=bool(model.is_whole.any()))
    if solved.x is None and start is not None and not solved.is_infeasible:
        return replace(solved, x=start, value=float(model.cost @ start))
    return solved


def _listen(solver: Any, tell: Progress | None, stop: Stop | None) -> None:
    last = [0.0]

    def heard(event: Any) -> None:
        data, now = event.data_out, time.perf_counter()
        if stop is not None and stop():
            event.interrupt()
        if tell is None:
            return
        if now - last[0] >= TELL_S and np.isfinite(data.mip_primal_bound):
            last[0] = now
            tell(data.mip_primal_bound, data.mip_dual_bound)

    solver.cbMipInterrupt += heard


def prices(
    model: Model, *, time_limit_s: float = np.inf
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Give the variables and the price of each constraint in the linear relaxation by interior points.

    None when there are none yet as time runs out. Prices from here are no proof, nor always the best; a bound
    must be computed from them.
    """
    from geo.optimize._highs import load

    relaxed = replace(model, is_whole=np.zeros(len(model.cost), dtype=np.bool_))
    solver = load(relaxed, time_limit_s, solver="ipm", run_crossover="off")
    solver.run()
    solution = solver.getSolution()
    x, price = np.array(solution.col_value), np.array(solution.row_dual)
    is_usable = (
        solution.value_valid and solution.dual_valid and np.isfinite(x).all() and np.isfinite(price).all()
    )
    return (x, price) if is_usable else None
