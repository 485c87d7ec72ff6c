"""How kernels are compiled: at their first call, kept on disk, and without holding the lock of Python."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final

from numba import njit

__all__ = ["MODULES", "forget_stale", "kernel", "part"]

MODULES: Final = (
    "buckets",
    "covercuts",
    "ground",
    "hydrantbound",
    "hydrantwalk",
    "kernels",
    "labels",
    "lanes",
    "lagrange",
    "merging",
    "outlines",
    "pieces",
    "pivots",
    "registers",
    "rows",
    "sitingtable",
    "swaps",
    "walls",
    "zonecells",
    "zonesides",
)
"""Modules that hold kernels or parts of them."""
_NO_ENTRANCE: Final[dict[str, Any]] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls."""
    return njit(cache=True, nogil=True)(function)


def part(function: Callable[..., Any]) -> Any:
    """Compile a function that only kernels call.

    It gets no entrance from Python, which takes longer to compile than many a kernel does. Nor is it kept on
    disk: a kernel is kept with all its parts.
    """
    return njit(nogil=True, **_NO_ENTRANCE)(function)


def forget_stale(folder: Path, modules: Collection[str]) -> None:
    """Forget the kernels kept in a folder's ``__pycache__`` when a module that holds any has changed.

    numba looks at a kernel's own file only: one that was compiled with parts of another module would go on
    with their old code. A folder that may not be read or written was installed as a whole, all files at once.
    """
    note = folder / "__pycache__" / "kernels.txt"
    with contextlib.suppress(OSError):
        stamps = ((name, (folder / f"{name}.py").stat()) for name in sorted(modules))
        told = "\n".join(f"{name} {stamp.st_mtime_ns} {stamp.st_size}" for name, stamp in stamps)
        if note.is_file() and note.read_text(encoding="utf-8") == told:
            return
        note.parent.mkdir(exist_ok=True)
        for index in note.parent.glob("*.nbi"):
            index.unlink(missing_ok=True)
        note.write_text(told, encoding="utf-8")


forget_stale(Path(__file__).parent, MODULES)
