"""A second process that compiles kernels for a first run, while the run reads its layers.

Compiling takes a first run longer than its work does, and one kernel after the other keeps one core busy.
The helper compiles those that are needed last, on a few metres of road; the two never compile the same
(:mod:`geo.claims`), and the run takes what the helper made from the disk, where kernels are kept anyway. So
the helper changes no result: without it, or when it fails, the run compiles everything itself.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from geo._jit import Claims, TakenError, kept_names, sharing

__all__ = ["help_compiling", "serve"]

_AREAS, _ZONES = "outlines._march", "zonecells._trace"
"""The kernels that are worth a helper when nothing is kept of them."""
_CODE: Final = """
import os, sys
sys.path[:] = sys.argv[1].split(os.pathsep)
from geo.cli._warmup import serve
serve(sys.argv[2], has_barriers="barriers" in sys.argv, has_zones="zones" in sys.argv)
"""


@contextlib.contextmanager
def help_compiling(*, has_barriers: bool, has_zones: bool) -> Iterator[None]:
    """Let a second process compile missing kernels, within.

    Parameters
    ----------
    has_barriers, has_zones : bool
        What the study has (:func:`geo.rehearsals.rehearsals`).
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, RuntimeError, subprocess.SubprocessError):
            if _is_worth_it({_AREAS, _ZONES} if has_zones else {_AREAS}):
                folder = stack.enter_context(
                    tempfile.TemporaryDirectory(prefix="geo-", ignore_cleanup_errors=True)
                )
                helper = _start(Path(folder), has_barriers * ["barriers"] + has_zones * ["zones"])
                stack.callback(_close, helper)
                claims = Claims(Path(folder), lambda: helper.poll() is None, is_helper=False)
                stack.enter_context(sharing(claims))
        yield


def serve(folder: str, *, has_barriers: bool, has_zones: bool) -> None:
    """Compile what the run has not claimed, until there is no more or the run has ended."""
    is_over = threading.Event()
    threading.Thread(target=_watch, args=(is_over,), daemon=True).start()
    from geo.cli._rehearsals import rehearsals

    claims = Claims(Path(folder), lambda: not is_over.is_set(), is_helper=True)
    with sharing(claims):
        for rehearse in rehearsals(has_barriers=has_barriers, has_zones=has_zones):
            with contextlib.suppress(TakenError):
                rehearse()


def _is_worth_it(wanted: set[str]) -> bool:
    """Say whether kernels are missing, a core is free, and Python may be started a second time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # Python inside another program, or packed into one: its executable is that program
    is_python = Path(sys.executable or "").stem.casefold().startswith("python")
    is_plain = is_python and not getattr(sys, "frozen", False)
    return is_plain and cores > 1 and not wanted <= kept_names()


def _start(folder: Path, asked: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _CODE, os.pathsep.join(sys.path), str(folder), *asked],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _close(helper: subprocess.Popen[bytes]) -> None:
    """Tell the helper that the run has ended; what it is just compiling it keeps."""
    if helper.stdin is not None:
        with contextlib.suppress(OSError):
            helper.stdin.close()
    threading.Thread(target=helper.wait, daemon=True).start()


def _watch(is_over: threading.Event) -> None:
    """Notice the end of the run: it holds the other end of our input."""
    with contextlib.suppress(OSError, ValueError):
        os.read(sys.stdin.fileno(), 1)  # not through a buffer, which could not be closed at our own end
    is_over.set()
