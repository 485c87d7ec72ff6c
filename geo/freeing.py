"""Memory that is free by now, given back: what reading a city or computing it in full leaves."""

from __future__ import annotations

import contextlib
import ctypes

__all__ = ["give_back"]


def give_back() -> None:
    """Give the system what the C library keeps for the next time; nothing where it is another than glibc."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
