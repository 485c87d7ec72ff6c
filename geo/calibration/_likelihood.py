"""Times recorded roughly, with some wild ones: Student's t about the log of the modelled time.

Four degrees of freedom let a wild value pull with a force that falls with its distance. A time between two
stamps cut to whole minutes is off by the difference of two even errors: triangular, up to a minute either
way. It is integrated over, not taken at its word. Of a capped time it counts that it was at least so long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, stdtr

__all__ = ["Logs", "Recorded", "Slopes", "log_likelihood", "spread_out"]

DEGREES: Final = 4.0
_N_NODES: Final = 24
_LOG_CONSTANT: Final = float(
    gammaln((DEGREES + 1.0) / 2.0) - gammaln(DEGREES / 2.0) - 0.5 * np.log(DEGREES * np.pi)
)


@dataclass(frozen=True, eq=False)
class Recorded:
    """Times as they were recorded.

    Parameters
    ----------
    seconds : float64 array, shape (n,)
        Not negative; above 0 where the unit is 0.
    unit_s : float64 array, shape (n,)
        What the stamps were cut to (60 for whole minutes); 0 where they are exact.
    is_capped : bool array, shape (n,)
        Whether the time was at least so long.
    """

    seconds: NDArray[np.float64]
    unit_s: NDArray[np.float64]
    is_capped: NDArray[np.bool_]

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Recorded:
        """Give some of the times."""
        return Recorded(self.seconds[rows], self.unit_s[rows], self.is_capped[rows])

    def scaled(self, factor: float) -> Recorded:
        """Give all times and units multiplied."""
        return Recorded(self.seconds * factor, self.unit_s * factor, self.is_capped)


class Logs(NamedTuple):
    """Times that may stand behind the recorded ones: a few for a rounded one.

    ``first[i]`` is where those of row ``i`` begin, ``row`` whose each is, ``log`` the log of its seconds,
    ``weight`` the log of its weight (over its seconds, the slope of the log).
    """

    first: NDArray[np.int64]
    row: NDArray[np.int64]
    log: NDArray[np.float64]
    weight: NDArray[np.float64]
    is_capped: NDArray[np.bool_]


class Slopes(NamedTuple):
    """By row: the log-likelihood, and its slopes by the log of the modelled time and of the spread."""

    value: NDArray[np.float64]
    by_log_time: NDArray[np.float64]
    by_log_spread: NDArray[np.float64]


def spread_out(recorded: Recorded) -> Logs:
    """List the times that may stand behind each recorded one, with their weights."""
    n = len(recorded.seconds)
    node = (np.arange(_N_NODES) + 0.5) / _N_NODES * 2.0 - 1.0
    is_rough = (recorded.unit_s > 0) & ~recorded.is_capped
    count = np.where(is_rough, _N_NODES, 1)
    row = np.repeat(np.arange(n), count)
    first = np.cumsum(count) - count
    offset = np.zeros(len(row))
    share = np.ones(len(row))
    offset[is_rough[row]] = np.tile(node, int(is_rough.sum()))
    share[is_rough[row]] = np.tile((1.0 - np.abs(node)) * 2.0 / _N_NODES, int(is_rough.sum()))
    seconds = recorded.seconds[row] + offset * recorded.unit_s[row]
    is_time = seconds > 0
    safe = np.where(is_time, seconds, 1.0)
    weight = np.where(is_time, np.log(share) - np.log(safe), -np.inf)
    return Logs(first, row, np.log(safe), weight, recorded.is_capped)


def log_likelihood(logs: Logs, log_time: NDArray[np.float64], log_spread: float) -> Slopes:
    """Give the log-likelihood of each row and its slopes."""
    spread = np.exp(log_spread)
    away = (logs.log - log_time[logs.row]) / spread
    square = away * away
    value = _LOG_CONSTANT - log_spread - (DEGREES + 1.0) / 2.0 * np.log1p(square / DEGREES) + logs.weight
    pull = (DEGREES + 1.0) * away / (DEGREES + square) / spread
    width = (DEGREES + 1.0) * square / (DEGREES + square) - 1.0
    if len(logs.row) > len(logs.first):
        value, pull, width = _joined(logs, value, pull, width)
    if logs.is_capped.any():
        value, pull, width = _over(logs, away, spread, (value, pull, width))
    return Slopes(value, pull, width)


def _joined(
    logs: Logs, value: NDArray[np.float64], pull: NDArray[np.float64], width: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Add up what may stand behind each row; slopes are means weighted by how likely each is."""
    most = np.maximum.reduceat(value, logs.first)
    share = np.exp(value - most[logs.row])
    total = np.add.reduceat(share, logs.first)
    means = [np.add.reduceat(share * slope, logs.first) / total for slope in (pull, width)]
    return most + np.log(total), means[0], means[1]


def _over(
    logs: Logs,
    away: NDArray[np.float64],
    spread: float,
    slopes: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of a capped time let it count that it was at least so long."""
    capped = logs.is_capped
    z = away[logs.first[capped]]
    beyond = np.maximum(stdtr(DEGREES, -z), 1e-300)
    density = np.exp(_LOG_CONSTANT - (DEGREES + 1.0) / 2.0 * np.log1p(z * z / DEGREES))
    hazard = density / beyond
    filled = [slope.copy() for slope in slopes]
    for slope, own in zip(filled, (np.log(beyond), hazard / spread, hazard * z), strict=True):
        slope[capped] = own
    return filled[0], filled[1], filled[2]
