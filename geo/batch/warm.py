"""What a worker is before its first county: of the same program, its kernels compiled once a machine."""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import platform
import tempfile
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

from geo._jit import sources_digest
from geo.errors import GeoError
from geo.files import holding_lock, write_text_whole
from geo.words import data_dir

__all__ = ["compile_before", "compile_kernels", "make_ready", "say_program"]

_WAIT_S: Final = 900.0
"""How long one worker waits while another compiles."""
_GARBAGE: Final = (100_000, 20, 50)
"""New objects before Python looks for unreachable cycles, as in the command itself."""


@cache
def make_ready() -> None:
    """Make a worker ready for its first county: kernels compiled, Python's collector as in the command."""
    gc.set_threshold(*_GARBAGE)
    compile_kernels()


def say_program() -> tuple[str, str]:
    """Say what decides the numbers of a worker: version, and a digest of code, words and standards."""
    from geo.outputs import product_version

    house, digest = Path(__file__).parents[1], hashlib.sha256()
    for home, pattern in ((house, "*.py"), (data_dir(), "*.toml")):
        for path in sorted(home.rglob(pattern)):
            digest.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes())
    return product_version(), digest.hexdigest()


def compile_before() -> None:
    """Compile the kernels before workers start, in a process of its own that gives its memory back."""
    if not _mark().is_file():
        child = multiprocessing.get_context("spawn").Process(target=compile_kernels)
        child.start()
        child.join()


def compile_kernels() -> bool:
    """Compile the kernels of a run and keep them, unless this has been done for this state of the program.

    Of several workers of one machine one compiles and the others wait; each then loads them from the disk.

    Returns
    -------
    bool
        Whether they were compiled now.
    """
    mark = _mark()
    try:
        if mark.is_file():
            return False
        mark.parent.mkdir(parents=True, exist_ok=True)
        with holding_lock(mark.with_suffix(".lock"), wait_s=_WAIT_S):
            if mark.is_file():
                return False
            _run_sample()
            write_text_whole(mark, "")
            return True
    except (OSError, GeoError):  # nothing can be kept there: each worker compiles for itself
        return False


def _mark() -> Path:
    """Give the file that says that the kernels of this state of the program, in its place, are kept."""
    from geo.study import cache_folder

    house = Path(__file__).parents[1]
    state = f"{house} {sources_digest(house)} {metadata.version('numba')} {platform.python_version()}"
    return cache_folder() / "kernels" / f"{hashlib.sha256(state.encode()).hexdigest()[:20]}.kept"


def _run_sample() -> None:
    """Run a little synthetic district: every room, so that every kernel is met."""
    from geo.outputs import write_outputs
    from geo.sample import write_sample
    from geo.study import read_study, run_study

    with tempfile.TemporaryDirectory(prefix="geo-") as name:
        folder = Path(name)
        write_sample(folder / "in", towns=3, seed=1, nodes=500)
        write_outputs(run_study(read_study(folder / "in" / "study.toml")), folder / "out")
