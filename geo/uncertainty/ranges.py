"""Ranges of draws: from which number to which, who is surely in time, and what a change surely brings."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from geo.errors import InputError

__all__ = ["SURENESS", "chance_error", "compare_draws", "rank_draws", "sureness", "tell_ranges"]

SURENESS: Final = ("surely_in_time", "in_doubt", "surely_late")
"""Classes of a place: in time in nearly all draws, in some, in nearly none."""
_EDGE: Final = 1e-9


def tell_ranges(draws: pd.DataFrame, computed: pd.Series, *, level: float) -> pd.DataFrame:
    """Give the range of each figure.

    Parameters
    ----------
    draws : DataFrame
        One row per draw.
    computed : Series
        The figures without chance, by the columns of ``draws``.
    level : float
        Share of the draws that the range holds at least, above 0 and below 1: 0.9 is from 5 to 95 %.

    Returns
    -------
    DataFrame
        Index the columns of ``draws``; ``computed``, ``low``, ``median``, ``high`` (values that some draw
        has; ``inf`` where people are not reached; nan where a draw has no value), ``is_inside``
        (whether the computed figure lies in the range).

    Raises
    ------
    InputError
        The level is no share above 0 and below 1.

    Examples
    --------
    >>> draws = pd.DataFrame({"people": [float(n) for n in range(1, 101)]})
    >>> told = tell_ranges(draws, pd.Series({"people": 4.0}), level=0.9).loc["people"]
    >>> told[["low", "median", "high"]].astype(float).tolist(), bool(told["is_inside"])
    ([5.0, 50.0, 96.0], False)
    """
    if not 0.0 < level < 1.0:
        raise InputError(f"the level must be above 0 and below 1; found {level}")
    tail = (1.0 - level) / 2.0
    values = draws.to_numpy(dtype=float)
    # As many draws lie below the range as above it.
    low, high = _observed(values, tail), -_observed(-values, tail)
    known = computed.reindex(draws.columns).astype(float)
    below, above = (_EDGE * np.abs(np.where(np.isfinite(end), end, 0.0)) for end in (low, high))
    return pd.DataFrame(
        {
            "computed": known,
            "low": low,
            "median": _observed(values, 0.5),
            "high": high,
            "is_inside": (known.to_numpy() >= low - below) & (known.to_numpy() <= high + above),
        },
        index=draws.columns,
    )


def _observed(values: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Give of each column the smallest value that at least this share of the draws does not exceed."""
    at = max(math.ceil(share * len(values) - _EDGE), 1) - 1
    chosen: NDArray[np.float64] = np.sort(values, axis=0)[at]
    return np.where(np.isnan(values).any(axis=0), np.nan, chosen)


def sureness(n_in_time: pd.Series, n_draws: int, *, sure: float) -> pd.Series:
    """Give the class of each place by the draws in which it is in time.

    Parameters
    ----------
    n_in_time : Series
        Draws in which each is in time.
    n_draws : int
        All draws.
    sure : float
        Share of the draws from which on something is sure, above a half: with 0.95 a place is surely in time
        in at least 95 of 100 draws, and surely late in at most 5.

    Raises
    ------
    InputError
        The share is not above 0.5 and at most 1.

    Examples
    --------
    >>> sureness(pd.Series([100, 95, 94, 6, 5, 0]), 100, sure=0.95).tolist()
    ['surely_in_time', 'surely_in_time', 'in_doubt', 'in_doubt', 'surely_late', 'surely_late']
    """
    if not 0.5 < sure <= 1.0:
        raise InputError(f"sure must be above 0.5 and at most 1; found {sure}")
    least = sure * n_draws - _EDGE
    is_sure, is_late = n_in_time >= least, n_draws - n_in_time >= least
    words = np.select([is_sure, is_late], [SURENESS[0], SURENESS[2]], default=SURENESS[1])
    return pd.Series(words, index=n_in_time.index, dtype=object)


def chance_error(n_draws: int, *, share: float = 0.5, level: float = 0.95) -> float:
    """Give how far a share of draws may be from that of endlessly many, from their number alone.

    ``z sqrt(p (1 - p) / n)``, the normal approximation of the binomial; at most at a share of one half.

    Examples
    --------
    >>> round(chance_error(200), 3), round(chance_error(200, share=0.95), 3)
    (0.069, 0.03)
    """
    return float(ndtri((1.0 + level) / 2.0)) * math.sqrt(share * (1.0 - share) / n_draws)


def compare_draws(before: pd.DataFrame, after: pd.DataFrame, *, level: float) -> pd.DataFrame:
    """Give the range of the change of each figure, draw by draw: both states met the same chance.

    Parameters
    ----------
    before, after : DataFrame
        Figures of the same draws.
    level : float
        As in :func:`tell_ranges`.

    Returns
    -------
    DataFrame
        Index the figures; ``low``, ``median``, ``high`` of ``after - before``; ``share_more`` and
        ``share_less``, the draws (0-1) in which the figure is greater and smaller after.

    Raises
    ------
    InputError
        The draws are not the same number; or the level, as :func:`tell_ranges`.
    """
    if len(before) != len(after):
        raise InputError(f"{len(before)} draws and {len(after)} cannot be compared one by one")
    with np.errstate(invalid="ignore"):
        change = after - before[after.columns]
    # People whom no one reaches before and after: their time is endless both times, and has not changed.
    change = change.mask(np.isposinf(before[after.columns]) & np.isposinf(after), 0.0)
    told = tell_ranges(change, pd.Series(dtype=float), level=level)
    return told[["low", "median", "high"]].assign(
        share_more=(change > 0.0).mean(), share_less=(change < 0.0).mean()
    )


def rank_draws(values: pd.DataFrame, *, near: float) -> pd.DataFrame:
    """Tell how often each plan is the best, or nearly, of those compared.

    Parameters
    ----------
    values : DataFrame
        Draws by plans; more is better.
    near : float
        Part of the best value that a plan may lack and still be nearly as good.

    Returns
    -------
    DataFrame
        Index the plans; ``share_best`` (draws, 0-1, in which no other is better: equals count each),
        ``share_near``, ``worst_loss`` (greatest part of the best value that it lacks in a draw; nan where
        the best is 0).

    Examples
    --------
    >>> values = pd.DataFrame({"a": [100.0, 99.0], "b": [50.0, 100.0]})
    >>> rank_draws(values, near=0.01).round(2).values.tolist()
    [[0.5, 1.0, 0.01], [0.5, 0.5, 0.5]]
    """
    best = values.max(axis=1)
    lacking = values.rsub(best, axis=0)
    scale = best.abs()
    part = lacking.div(scale.where(scale > 0.0), axis=0)
    edge = _EDGE * scale.clip(lower=1.0)
    return pd.DataFrame(
        {
            "share_best": lacking.le(edge, axis=0).mean(),
            "share_near": lacking.le(near * scale + edge, axis=0).mean(),
            "worst_loss": part.max(),
        }
    )
