"""Checks of the options of siting functions."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import InputError

__all__ = ["check_number", "check_whole", "name_some"]


def name_some(ids: Sequence[Hashable] | pd.Index) -> str:
    """Name the first five ids.

    Examples
    --------
    >>> name_some(["a", "b"]), name_some(range(9))
    ('a, b', '0, 1, 2, 3, 4 and 4 more')
    """
    shown = ", ".join(str(i) for i in list(ids[:5]))
    return shown if len(ids) <= 5 else f"{shown} and {len(ids) - 5} more"


def check_number(name: str, value: Any, *, low: float, high: float = np.inf) -> float:
    """Check that an option is a number from ``low`` to ``high``."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise InputError(f"{name} must be a number, not {value!r}")
    if not low <= value <= high:
        span = f">= {low:g}" if high == np.inf else f"from {low:g} to {high:g}"
        raise InputError(f"{name} must be {span}, not {value!r}")
    return float(value)


def check_whole(name: str, value: Any, *, low: int) -> int:
    """Check that an option is a whole number of at least ``low``.

    Examples
    --------
    >>> check_whole("n", 3, low=0)
    3
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < low:
        raise InputError(f"{name} must be a whole number >= {low}, not {value!r}")
    return int(value)
