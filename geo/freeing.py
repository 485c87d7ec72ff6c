"""Memory that is free by now, given back: what reading a city or computing a room in full leaves."""

from __future__ import annotations

import contextlib
import ctypes
from typing import Final

__all__ = ["give_back", "keep_little"]

_MMAP_THRESHOLD: Final = -3
"""Of mallopt: from which size on an array has memory of its own, which goes back when the array does."""
_LARGE_B: Final = 1 << 20


def give_back() -> None:
    """Give the system what the C library keeps for the next time; nothing where it is another than glibc."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def keep_little() -> None:
    """Let arrays of a megabyte and more go back to the system at once, as long as this process runs.

    The C library would take ever larger arrays out of memory that it keeps, and the gaps between them stay:
    of a city that is computed in full again and again, a fifth of all. Nothing where it is not glibc.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE_B)
