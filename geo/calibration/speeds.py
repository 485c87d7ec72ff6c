"""The fit of speeds, junction delay, start loss and factors of the hours to trips whose ways are known.

The modelled time of a trip is T(F, L) of :mod:`geo.calibration.law` with

    F = f_hours * f_weather * (sum over classes c of k_c t_c + d n),

t_c its seconds at the profile's speed on class c, n the junctions, k_c the factor on the time (the speed is
the profile's / k_c), d the junction delay, L the start loss. Factors of the hours, and those of the
weather, have a mean log of 0 over the trips that have one: the speeds are those of the mean hour and weather.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from geo.calibration._estimate import Estimate, Model, estimate
from geo.calibration._likelihood import Recorded
from geo.calibration.law import log_slopes, travel_time
from geo.calibration.routes import Parts

__all__ = ["Shape", "SpeedFit", "fit_shape", "modelled_s", "part_factors"]

_MOST_JUNCTION, _MOST_LOSS = 120.0, 300.0
_FARTHEST: Final = float(np.log(20.0))


@dataclass(frozen=True)
class Shape:
    """Which parameters are asked of the trips.

    Parameters
    ----------
    groups : tuple of tuple of int
        Columns of ``Parts.seconds`` with one factor together.
    bands : tuple of int
        Bands of hours with a factor of their own, two or more, or none; a trip of another band has factor 1.
    weather : tuple of int
        Classes of weather, likewise.
    has_junctions, has_loss : bool
        Whether junction delay and start loss are asked.
    junction_delay_s : float
        What is taken where it is not asked; a start loss that is not asked is 0.
    """

    groups: tuple[tuple[int, ...], ...]
    bands: tuple[int, ...]
    has_junctions: bool = True
    has_loss: bool = True
    junction_delay_s: float = 0.0
    weather: tuple[int, ...] = ()

    @property
    def n_contrasts(self) -> int:
        """Free parameters of the hours and the weather: of each one fewer than it has classes."""
        return max(len(self.bands) - 1, 0) + max(len(self.weather) - 1, 0)

    @property
    def conditions(self) -> tuple[tuple[int, int], ...]:
        """Column and code of each class of hours and weather, in the order of the rows of a contrast."""
        return (*((0, one) for one in self.bands), *((1, one) for one in self.weather))


@dataclass(frozen=True, eq=False)
class SpeedFit:
    """Parameters of a shape with their covariance: groups, junctions, loss, hours, weather, spread.

    Parameters
    ----------
    shape : Shape
        What was asked.
    estimate : Estimate
        Log factors; junction delay and start loss in seconds / ``scale``; contrasts of log factors of
        hours and of weather; log spread.
    scale : float
        About how many times the profile's the recorded times are: a unit, so that times twice as long give
        the same search.
    contrast : float64 array, shape (classes, contrasts)
        From the contrasts to the log factors of hours and weather.
    """

    shape: Shape
    estimate: Estimate
    scale: float
    contrast: NDArray[np.float64]

    @property
    def start(self) -> tuple[int, int, int]:
        """Positions of the junction delay, the start loss and the contrasts."""
        n = len(self.shape.groups)
        return n, n + self.shape.has_junctions, n + self.shape.has_junctions + self.shape.has_loss

    @property
    def junction_delay_s(self) -> float:
        """Seconds at each junction."""
        at = self.start[0]
        value = self.estimate.value
        return float(value[at] * self.scale) if self.shape.has_junctions else self.shape.junction_delay_s

    @property
    def start_loss_s(self) -> float:
        """Seconds lost in getting up to speed and in stopping."""
        return float(self.estimate.value[self.start[1]] * self.scale) if self.shape.has_loss else 0.0

    @property
    def condition_logs(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Log factors of hours and weather on the time, and half their 95 % intervals."""
        rows = slice(self.start[2], self.start[2] + self.shape.n_contrasts)
        cover = self.estimate.covariance[rows, rows]
        spread = np.sqrt(np.einsum("ij,jk,ik->i", self.contrast, cover, self.contrast))
        return self.contrast @ self.estimate.value[rows], self.estimate.reach * spread


def part_factors(fit: SpeedFit, n_parts: int) -> NDArray[np.float64]:
    """Give the factor on the time of each column of ``Parts.seconds``; 1 where it is not asked."""
    factor = np.ones(n_parts)
    for value, group in zip(fit.estimate.value, fit.shape.groups, strict=False):
        factor[list(group)] = np.exp(value)
    return factor


def modelled_s(fit: SpeedFit, parts: Parts, when: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the modelled seconds of trips."""
    log_time, _ = _model(fit.shape, parts, when, fit.scale, fit.contrast)(fit.estimate.value[:-1])
    return np.exp(log_time)


def fit_shape(
    shape: Shape,
    parts: Parts,
    when: NDArray[np.int64],
    recorded: Recorded,
    *,
    cluster: NDArray[np.int64] | None = None,
) -> SpeedFit:
    """Fit the parameters of a shape; with clusters also their covariance.

    Parameters
    ----------
    shape : Shape
        What is asked.
    parts : Parts
        The ways of the trips, all routed.
    when : int64 array, shape (n, 2)
        Band of hours and class of weather of each trip; -1 where it has none.
    recorded : Recorded
        Recorded seconds.
    cluster : int64 array, shape (n,), optional
        The call of each trip: 0, 1, ...
    """
    profile_s = parts.seconds.sum(axis=1) + shape.junction_delay_s * parts.n_junctions
    scale = float(np.median(np.maximum(recorded.seconds, recorded.unit_s / 4.0) / np.maximum(profile_s, 1.0)))
    scale = scale if scale > 0 else 1.0
    contrast = _contrast(shape, when)
    begin = np.concatenate([np.full(len(shape.groups), np.log(scale)), np.zeros(shape.n_contrasts)])
    bounds = [(np.log(scale) - _FARTHEST, np.log(scale) + _FARTHEST)] * len(shape.groups)
    more = [(1.0, _MOST_JUNCTION)] * shape.has_junctions + [(5.0, _MOST_LOSS)] * shape.has_loss
    begin = np.insert(begin, len(shape.groups), [value for value, _ in more])
    bounds += [(0.0, most) for _, most in more] + [(-_FARTHEST, _FARTHEST)] * shape.n_contrasts
    model = _model(shape, parts, when, scale, contrast)
    return SpeedFit(
        shape, estimate(model, recorded, start=begin, bounds=bounds, cluster=cluster), scale, contrast
    )


def _contrast(shape: Shape, when: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the matrix that lets the log factors of hours, and of weather, have a mean of 0 over the trips."""
    blocks = []
    for column, classes in enumerate((shape.bands, shape.weather)):
        if not classes:
            continue
        count = np.array([(when[:, column] == one).sum() for one in classes], dtype=np.float64)
        blocks.append(np.vstack([np.eye(len(classes) - 1), -count[:-1] / max(count[-1], 1.0)]))
    return block_diag(*blocks) if blocks else np.zeros((0, 0))


def _model(
    shape: Shape, parts: Parts, when: NDArray[np.int64], scale: float, contrast: NDArray[np.float64]
) -> Model:
    """Give the log of the modelled time as a function of the parameters."""
    n = len(parts.seconds)
    together = np.column_stack([parts.seconds[:, list(group)].sum(axis=1) for group in shape.groups])
    asked = [column for group in shape.groups for column in group]
    kept = np.delete(parts.seconds, asked, axis=1).sum(axis=1)
    of_trip = np.zeros((n, contrast.shape[1]))
    for row, (column, one) in zip(contrast, shape.conditions, strict=True):
        of_trip[when[:, column] == one] += row
    k = len(shape.groups)

    def model(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        rest = list(values[k:])
        delay = rest.pop(0) * scale if shape.has_junctions else shape.junction_delay_s
        loss = rest.pop(0) * scale if shape.has_loss else 0.0
        factor = np.exp(of_trip @ np.array(rest)) if rest else np.ones(n)
        by_group = together * np.exp(values[:k])
        plain = np.maximum(kept + by_group.sum(axis=1) + delay * parts.n_junctions, 1e-3)
        cruise = factor * plain
        by_cruise, by_loss = log_slopes(cruise, loss)
        slopes = [by_group * (by_cruise * factor)[:, None]]
        if shape.has_junctions:
            slopes.append((by_cruise * factor * parts.n_junctions * scale)[:, None])
        if shape.has_loss:
            slopes.append((by_loss * scale)[:, None])
        slopes.append(of_trip * (by_cruise * cruise)[:, None])
        return np.log(np.maximum(travel_time(cruise, loss), 1e-9)), np.column_stack(slopes)

    return model
