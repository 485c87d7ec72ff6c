"""How kernels are compiled: at their first call, kept on disk, and without holding the lock of Python."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from numba import njit
from numba.extending import register_jitable

__all__ = ["forget_stale", "kernel", "part", "plain_part", "sources_digest"]

_HOUSE: Final = Path(__file__).parents[1]
_NOTE: Final = "kernels.sha256"
_NO_ENTRANCE: Final[dict[str, Any]] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls; it is kept on disk where any folder can be written."""
    try:
        compiled: Any = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no folder to keep it in: neither beside the file nor in the home
        return njit(nogil=True)(function)
    if hasattr(compiled, "stats"):  # not where NUMBA_DISABLE_JIT leaves the plain function
        _forget_once(Path(compiled.stats.cache_path))
    return compiled


def part(function: Callable[..., Any]) -> Any:
    """Compile a function that only kernels call.

    It gets no entrance from Python, which takes longer to compile than many a kernel does. Nor is it kept on
    disk: a kernel is kept with all its parts.
    """
    return njit(nogil=True, **_NO_ENTRANCE)(function)


def plain_part(function: Callable[..., Any]) -> Any:
    """Let kernels compile a function into themselves, and Python call it as it stands.

    For kernels that run small questions uncompiled (``kernel.py_func``), since compiling takes longer.
    """
    return register_jitable(nogil=True)(function)


@cache
def _forget_once(folder: Path) -> None:
    forget_stale(folder, sources_digest(_HOUSE))


@cache
def sources_digest(house: Path) -> str:
    """Give one hash of all modules below a folder that hold kernels or parts of them.

    They are found by their import of this package, so that no list has to name them.
    """
    digest = hashlib.sha256()
    for path in sorted(house.rglob("*.py")):
        source = path.read_bytes()
        if b"from geo._jit import" in source:
            digest.update(path.relative_to(house).as_posix().encode() + b"\0" + source)
    return digest.hexdigest()


def forget_stale(folder: Path, digest: str) -> None:
    """Forget the kernels kept in a folder unless they were made from sources of this digest.

    numba looks at a kernel's own file only: one that was compiled with parts of another module would go on
    with their old code. A folder that may not be read or written was filled by whoever installed it.
    """
    note = folder / _NOTE
    with contextlib.suppress(OSError):
        if note.is_file() and note.read_text(encoding="ascii") == digest:
            return
        for index in folder.glob("*.nbi"):
            index.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        note.write_text(digest, encoding="ascii")
