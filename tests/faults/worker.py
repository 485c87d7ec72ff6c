"""Tries bad inputs one after the other, under a limit of memory, and tells a line of JSON of each."""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import geo
from geo.errors import GeoError
from tests.faults.cases import hash_of, make_case

__all__ = ["try_case"]

HOUSE: Final = str(Path(geo.__file__).parent)
MOST_BYTES: Final = 2 * 2**30
"""What one input may take beyond the program itself."""


def try_case(number: int, *, seed: int, seeds: Path, keep: Path | None = None) -> dict[str, Any]:
    """Try the input of a number; say how it ended, how long it took and whether a file was changed.

    It ends ``clean`` (read or run), in an ``error`` (a :class:`GeoError`, as promised), in ``memory``, in a
    ``traceback`` (any other exception), or ``own``: a fault of a line of this package that was told as
    that of a damaged file.
    """
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        case = make_case(number, seed=seed, seeds=seeds, folder=folder)
        before, began, busy = hash_of(case.folder), time.monotonic(), time.process_time()
        told = {"number": number, "case": case.name, **_end_of(case.act)}
        told["seconds"] = round(time.monotonic() - began, 2)
        told["busy_s"] = round(time.process_time() - busy, 2)
        told |= {"changed": hash_of(case.folder) != before}
        if keep is not None and (told["end"] not in ("clean", "error") or told["changed"]):
            shutil.copytree(case.folder, keep / str(number), dirs_exist_ok=True)
    return told


def _end_of(act: Any) -> dict[str, Any]:
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            act()
    except GeoError as error:
        message = _say(error)
        if isinstance(message, Exception):
            return _traceback(message)
        if _is_memory(error):
            return {"end": "memory", "what": message}
        own = _own_fault(error)
        return {"end": "error", "what": message[:300]} if own is None else {**_traceback(own), "end": "own"}
    except MemoryError as error:
        return {**_traceback(error), "end": "memory"}
    except BaseException as error:  # what panics in Rust is no Exception
        return _traceback(error)
    return {"end": "clean", "what": ""}


def _say(error: GeoError) -> str | Exception:
    """Say an error in both languages; words that cannot be put together are a fault as well."""
    try:
        return f"{error.say('zh')} | {error.say('en')}"
    except Exception as fault:
        return fault


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _is_memory(error: BaseException) -> bool:
    return any(isinstance(cause, MemoryError) for cause in _causes(error))


def _own_fault(error: GeoError) -> Exception | None:
    """Give what stands behind 'damaged or unusual' if it came out of a line of this package."""
    message = getattr(error, "message", error.args[0] if error.args else None)
    if getattr(message, "key", "") != "reading.damaged":
        return None
    for cause in _causes(error):
        frames = traceback.extract_tb(cause.__traceback__)
        if frames and frames[-1].filename.startswith(HOUSE) and isinstance(cause, Exception):
            return cause
    return None


def _traceback(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(HOUSE)]
    place = f"{Path(ours[-1].filename).relative_to(HOUSE)}:{ours[-1].lineno}" if ours else "?"
    last = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return {"end": "traceback", "what": f"{type(error).__name__} at {place} ({last}): {str(error)[:200]}"}


def limit_memory() -> None:
    """Let this process take so much more address space than it has now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        now = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (now + MOST_BYTES, now + MOST_BYTES))


def main(seed: int, seeds: Path, keep: Path | None, numbers: Iterator[int]) -> None:
    """Try the inputs whose numbers come in, and tell how each ended."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    limit_memory()
    for number in numbers:
        print(json.dumps({"number": number, "end": "begun"}), file=out, flush=True)
        told = try_case(number, seed=seed, seeds=seeds, keep=keep)
        print(json.dumps(told, ensure_ascii=True), file=out, flush=True)


if __name__ == "__main__":
    kept = Path(sys.argv[3]) if sys.argv[3] else None
    main(int(sys.argv[1]), Path(sys.argv[2]), kept, map(int, sys.argv[4:]))
