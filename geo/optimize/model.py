"""A mixed-integer model and its answer, as sparse arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["Model", "Solved"]


@dataclass(frozen=True, eq=False)
class Model:
    """Minimise ``cost @ x`` with ``row_low <= rows @ x <= row_high`` and ``low <= x <= high``.

    Parameters
    ----------
    cost, low, high : float64 arrays
        One value per variable.
    is_whole : bool array
        Variables that must be whole numbers.
    rows : scipy.sparse matrix
        Constraints by variables.
    row_low, row_high : float64 arrays
        Sides of each constraint, ``inf`` for none.
    """

    cost: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    is_whole: NDArray[np.bool_]
    rows: sparse.spmatrix
    row_low: NDArray[np.float64]
    row_high: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Solved:
    """What came back: the best ``x`` (None when none was found), a proven bound, if there is no answer."""

    x: NDArray[np.float64] | None
    value: float
    bound: float
    is_infeasible: bool
