"""How kernels are compiled: at their first call, kept on disk, and without holding the lock of Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from numba import njit

__all__ = ["kernel", "part"]

_NO_ENTRANCE: Final[dict[str, Any]] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls."""
    return njit(cache=True, nogil=True)(function)


def part(function: Callable[..., Any]) -> Any:
    """Compile a function that only kernels call.

    It gets no entrance from Python, which takes longer to compile than many a kernel does.
    """
    return njit(cache=True, nogil=True, **_NO_ENTRANCE)(function)
