"""The most likely parameters of a model of times, and how sure they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from geo.calibration._likelihood import Logs, Recorded, log_likelihood, spread_out

__all__ = ["Estimate", "Model", "estimate"]

Model: TypeAlias = Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]
"""From parameters (p,) the log of each row's modelled seconds (n,), and its slopes (n, p)."""
_STEP: Final = 1e-4
_FLAT: Final = 1e-6
_LEAST_SPREAD, _MOST_SPREAD = np.log(1e-3), np.log(3.0)


class Estimate(NamedTuple):
    """Parameters with their covariance; the last one is the log of the spread.

    Parameters
    ----------
    value : float64 array, shape (p + 1,)
        The most likely parameters.
    covariance : float64 array, shape (p + 1, p + 1)
        Sandwich by cluster: right also where the spread is not the same in all rows, or rows of one call
        belong together.
    reach : float
        Standard errors on either side of a 95 % interval.
    """

    value: NDArray[np.float64]
    covariance: NDArray[np.float64]
    reach: float

    @property
    def half_width(self) -> NDArray[np.float64]:
        """Half the width of each 95 % interval."""
        half: NDArray[np.float64] = self.reach * np.sqrt(np.diag(self.covariance))
        return half


def estimate(
    model: Model,
    recorded: Recorded,
    *,
    start: NDArray[np.float64],
    bounds: list[tuple[float, float]],
    cluster: NDArray[np.int64] | None = None,
) -> Estimate:
    """Give the most likely parameters, with the sandwich covariance where clusters are given.

    Parameters
    ----------
    model : callable
        The model.
    recorded : Recorded
        The times.
    start : float64 array, shape (p,)
        Where the search starts.
    bounds : list of (float, float)
        Of each parameter.
    cluster : int64 array, shape (n,), optional
        Rows of one number belong together (the engines of one call): 0, 1, ... without gaps.
    """
    logs = spread_out(recorded)
    n = len(recorded.seconds)

    def objective(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores, total = _scores(model, logs, values)
        return -total / n, -scores.sum(axis=0) / n

    from scipy.optimize import minimize  # a tenth of a second to load, in every run: few calibrate

    begin = np.append(start, np.log(0.3))
    limits = [*bounds, (_LEAST_SPREAD, _MOST_SPREAD)]
    best = minimize(
        objective, begin, jac=True, bounds=limits, method="L-BFGS-B",
        options={"maxiter": 500, "maxfun": 2000, "ftol": 1e-13, "gtol": 1e-8, "maxcor": 20},
    )  # fmt: skip
    value = np.asarray(best.x, dtype=np.float64)
    if cluster is None:
        return Estimate(value, np.full((len(value), len(value)), np.nan), np.nan)
    scores, _ = _scores(model, logs, value)
    n_clusters = int(cluster.max()) + 1
    root, axes = _curvature(model, logs, value)
    bread = (axes / root) @ axes.T
    scores /= 1.0 - _leverage(model, logs, value, bread)[:, None]
    by_cluster = np.column_stack([np.bincount(cluster, column, n_clusters) for column in scores.T])
    spare = max(n_clusters - len(value), 1)
    covariance = bread @ (by_cluster.T @ by_cluster) @ bread * (n_clusters / spare)
    # Along an axis on which nothing changes the scores are 0 as well, and 0 / 0 would look sure.
    flat = root < _FLAT * root.max()
    covariance += (axes[:, flat] / root[flat]) @ axes[:, flat].T
    return Estimate(value, covariance, float(stdtrit(spare, 0.975)))


def _scores(model: Model, logs: Logs, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Give the slopes of each row's log-likelihood by all parameters, and the sum of the log-likelihoods."""
    log_time, slopes = model(values[:-1])
    row = log_likelihood(logs, log_time, float(values[-1]))
    return np.column_stack([slopes * row.by_log_time[:, None], row.by_log_spread]), float(row.value.sum())


def _leverage(
    model: Model, logs: Logs, value: NDArray[np.float64], bread: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Give how much each row draws the fit to itself: as HC3, its score is enlarged by what it drew off."""
    log_time, slopes = model(value[:-1])
    force = log_likelihood(logs, log_time, float(value[-1])).by_log_time
    drawn = np.einsum("ij,jk,ik->i", slopes, bread[:-1, :-1], slopes) * np.mean(force**2)
    clipped: NDArray[np.float64] = np.clip(drawn, 0.0, 0.9)
    return clipped


def _curvature(
    model: Model, logs: Logs, value: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the axes of minus the second slopes of the log-likelihood, by differences, and how bent each is.

    An axis along which the likelihood is flat gets a root near 0, and so an interval without end.
    """
    columns = []
    for i in range(len(value)):
        step = np.zeros(len(value))
        step[i] = _STEP * max(1.0, abs(value[i]))
        ahead, _ = _scores(model, logs, value + step)
        behind, _ = _scores(model, logs, value - step)
        columns.append((behind - ahead).sum(axis=0) / (2.0 * step[i]))
    matrix = np.column_stack(columns)
    root, axes = np.linalg.eigh((matrix + matrix.T) / 2.0)
    return np.maximum(root, 1e-9 * max(float(root.max()), 1.0)), axes
