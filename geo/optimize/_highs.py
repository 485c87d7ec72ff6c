"""HiGHS itself: a model passed in, what it found read out; loaded where a model is first solved."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
from scipy import sparse

from geo.optimize.model import Model, Solved

__all__ = ["load", "read_answer"]

SLACK_S = 1.0
"""HiGHS looks at the clock between its steps only: it is told to stop up to so much (or a tenth) earlier."""


class _Silent(highspy.Highs):
    """HiGHS that prints nothing: that of 1.16 greets, the first time, before an option of it can be set."""

    def enableCallbacks(self) -> None:  # noqa: N802 (its own name; the greeting is printed in here)
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def load(model: Model, time_limit_s: float, **options: object) -> Any:
    """Give HiGHS with a model in it, to run within a time limit on one thread."""
    columns = sparse.csc_matrix(model.rows)
    columns.sort_indices()
    solver: Any = _Silent()  # type: ignore[no-untyped-call]
    for name, value in {"output_flag": False, "threads": 1, "parallel": "off", **options}.items():
        solver.setOptionValue(name, value)
    if np.isfinite(time_limit_s):
        solver.setOptionValue("time_limit", max(time_limit_s - min(SLACK_S, 0.1 * time_limit_s), 0.01))
    inf = highspy.kHighsInf
    finite = [np.clip(a, -inf, inf) for a in (model.low, model.high, model.row_low, model.row_high)]
    solver.passModel(
        columns.shape[1],
        columns.shape[0],
        columns.nnz,
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        model.cost.astype(np.float64),
        *finite,
        columns.indptr.astype(np.int32),
        columns.indices.astype(np.int32),
        columns.data.astype(np.float64),
        model.is_whole.astype(np.int32),
    )
    return solver


def read_answer(solver: Any, *, is_whole: bool) -> Solved:
    """Give what HiGHS found once it ran."""
    status, info = solver.getModelStatus(), solver.getInfo()
    # Presolve may not tell apart two ways of having no best answer; with bounded variables it is this one.
    none = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
    if status in none:
        return Solved(None, np.inf, np.inf, True)
    is_best = status == highspy.HighsModelStatus.kOptimal
    if info.primal_solution_status != 2:  # 2: feasible
        return Solved(None, np.inf, info.mip_dual_bound if is_whole else -np.inf, False)
    value = info.objective_function_value
    bound = info.mip_dual_bound if is_whole else (value if is_best else -np.inf)
    x = np.array(solver.getSolution().col_value)
    return Solved(x, value, min(bound, value), False)
