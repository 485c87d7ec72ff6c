"""How kernels are compiled: at their first call, kept on disk, and without holding the lock of Python."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from numba import njit
from numba.extending import register_jitable

__all__ = ["can_keep", "forget_stale", "kernel", "part", "plain_part", "sources_digest"]

_HOUSE: Final = Path(__file__).parents[1]
_NOTE: Final = "kernels.sha256"
_UNFINISHED: Final = "*.nb[ic].tmp.*"
"""Names that numba gives to files while it writes them."""
_IMPORT: Final = re.compile(r"^from geo\.([\w.]+) import (\([^)]*\)|[^\n]*)", re.MULTILINE)
_CONSTANT: Final = re.compile(r"\b_?[A-Z][A-Z0-9_]+\b")
_NO_ENTRANCE: Final[dict[str, Any]] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls; it is kept on disk where any folder can be written."""
    try:
        compiled: Any = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no folder to keep it in: neither beside the file nor in the home
        return njit(nogil=True)(function)
    if hasattr(compiled, "stats"):  # not where NUMBA_DISABLE_JIT leaves the plain function
        _forget_once(Path(compiled.stats.cache_path))
        _keep_where_possible(compiled._cache)
    return compiled


def can_keep() -> bool:
    """Say whether kernels are kept: whether numba finds a folder that can be written for them."""
    try:
        njit(cache=True)(_nothing)
    except RuntimeError:
        return False
    return True


def _nothing() -> None:
    """Do nothing: what stands for any kernel of this folder."""


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


def _keep_where_possible(kept: Any) -> None:
    """Let a kernel run also where the disk is full, or what is kept of it is damaged: it is compiled then.

    numba lets both end the run, the first with an error of the disk, the second with one of whatever kind a
    damaged pickle happens to give.
    """
    save, load = kept.save_overload, kept.load_overload

    def save_if_room(signature: Any, data: Any) -> None:
        with contextlib.suppress(OSError):
            save(signature, data)

    def load_if_whole(signature: Any, context: Any) -> Any:
        try:
            return load(signature, context)
        except Exception:
            with contextlib.suppress(OSError):
                kept.flush()
            return None

    kept.save_overload, kept.load_overload = save_if_room, load_if_whole


@cache
def _forget_once(folder: Path) -> None:
    forget_stale(folder, sources_digest(_HOUSE))


@cache
def sources_digest(house: Path) -> str:
    """Give one hash of all modules below a folder that hold kernels, parts of them or their constants.

    They are found by their import of this package, so that no list has to name them; and those from which
    these import names in capitals, since a kernel keeps such a number as it was when it was compiled.
    """
    sources = {path: path.read_bytes() for path in sorted(house.rglob("*.py"))}
    watched = {path for path, source in sources.items() if b"from geo._jit import" in source}
    fresh = watched
    while fresh:
        fresh = {home for path in fresh for home in _homes_of_constants(sources[path], house)} - watched
        fresh &= sources.keys()
        watched = watched | fresh
    digest = hashlib.sha256()
    for path in sorted(watched):
        digest.update(path.relative_to(house).as_posix().encode() + b"\0" + sources[path])
    return digest.hexdigest()


def _homes_of_constants(source: bytes, house: Path) -> set[Path]:
    """Give where the modules of the house may be from which a module imports names in capitals.

    A room's front names no module, so all of the room's modules are given for one.
    """
    homes: set[Path] = set()
    for module, names in _IMPORT.findall(source.decode("utf-8")):
        if _CONSTANT.search(names):
            place = house.joinpath(*module.split("."))
            homes |= {place.with_suffix(".py"), *place.glob("*.py")}
    return homes


def forget_stale(folder: Path, digest: str) -> None:
    """Forget the kernels kept in a folder unless they were made from sources of this digest.

    numba looks at a kernel's own file only: one that was compiled with parts of another module would go on
    with their old code. A folder that may not be read or written was filled by whoever installed it.
    """
    note = folder / _NOTE
    with contextlib.suppress(OSError):
        # Of runs that were killed. A living one whose file goes keeps that kernel at its next run.
        for left in folder.glob(_UNFINISHED):
            left.unlink(missing_ok=True)
        if note.is_file() and note.read_text(encoding="ascii") == digest:
            return
        for index in folder.glob("*.nbi"):
            index.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        note.write_text(digest, encoding="ascii")
