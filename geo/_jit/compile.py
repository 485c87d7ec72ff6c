"""How kernels are compiled: at their first call, kept on disk, and without holding the lock of Python."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from numba import config, njit
from numba.core.caching import FunctionCache

from geo._jit.claims import Claims

__all__ = ["MODULES", "forget_stale", "kept_names", "kernel", "part", "sharing"]

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
    "roworder",
    "sitingtable",
    "swaps",
    "walls",
    "zonecells",
    "zonesides",
)
"""Modules that hold kernels or parts of them."""
_NO_ENTRANCE: Final[dict[str, Any]] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_claims: Final[list[Claims]] = []
"""What this process may compile while another compiles too; empty when it is alone."""


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls."""
    made: Any = njit(cache=True, nogil=True)(function)
    if not getattr(config, "DISABLE_JIT", False):
        made.compile = partial(_compile, made.compile, f"{function.__module__}.{function.__name__}")
    return made


def part(function: Callable[..., Any]) -> Any:
    """Compile a function that only kernels call.

    It gets no entrance from Python, which takes longer to compile than many a kernel does. Nor is it kept on
    disk: a kernel is kept with all its parts.
    """
    return njit(nogil=True, **_NO_ENTRANCE)(function)


@contextlib.contextmanager
def sharing(claims: Claims) -> Iterator[None]:
    """Within, compile no kernel while another process compiles it; what that one has kept is loaded."""
    _claims.append(claims)
    try:
        yield
    finally:
        _claims.remove(claims)


def kept_names() -> set[str]:
    """Give the kernels that are kept on disk for some types of arguments, as ``module.name``."""
    cache: Callable[..., Any] = FunctionCache
    folder = Path(cache(kept_names).cache_path)
    return {path.name.partition("-")[0] for path in folder.glob("*.nbi")}


def _compile(compile_or_load: Callable[[Any], Any], name: str, types: Any) -> Any:
    """Stand before numba's own way to a kernel, and outside its lock: other threads may compile meanwhile."""
    claims = _claims[-1] if _claims else None
    if claims:
        claims.take(name)
    try:
        with _kept_garbage():
            return compile_or_load(types)
    finally:
        if claims:
            claims.finish(name)


@contextlib.contextmanager
def _kept_garbage() -> Iterator[None]:
    """Look for no garbage: that takes an eighth of the time of compiling, which makes little."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


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
