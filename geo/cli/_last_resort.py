"""What is told when the program itself is at fault: one line, and the traceback in a file."""

from __future__ import annotations

import errno
import platform
import sys
import tempfile
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from geo.reasons import Reason
from geo.words import Lang, say

__all__ = ["tell_failure"]

_OF_THE_SYSTEM: Final = frozenset(
    {
        *(errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE),
        *(errno.ENAMETOOLONG, errno.ELOOP, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)),
    }
)
"""What the machine refuses: no fault of the program."""


def tell_failure(error: Exception, lang: Lang) -> tuple[str, bool]:
    """Tell an error that nothing foresaw; keep its traceback in a file where it is the program's own.

    Parameters
    ----------
    error : Exception
        What came out of the command.
    lang : {"zh", "en"}
        Language of the message.

    Returns
    -------
    message : str
        One line: what, where in the study, and what to do.
    is_own : bool
        False where the machine is at fault: out of memory, a full or read-only disk.
    """
    if isinstance(error, MemoryError):
        return say("cli.memory", lang=lang, where=_where(error)), False
    if isinstance(error, OSError) and error.errno in _OF_THE_SYSTEM:
        name = f" ({error.filename})" if error.filename else ""
        return say("cli.system", lang=lang, why=f"{Reason.of(error).say(lang)}{name}"), False
    # In Chinese the kind alone: what a library says in English is in the log.
    what = type(error).__name__
    if lang == "en":
        what = " ".join(f"{what}: {error}".split())[:200]
    log = _write_log(error)
    if log is None:
        traceback.print_exception(error)
        return say("cli.own_fault_unkept", lang=lang, what=what, where=_where(error)), True
    return say("cli.own_fault", lang=lang, what=what, where=_where(error), log=log), True


def _where(error: BaseException) -> str:
    """Give the section of the study file, or the step, that the error left on its way out."""
    notes = getattr(error, "__notes__", ())
    return f" ({', '.join(dict.fromkeys(notes))})" if notes else ""


def _write_log(error: Exception) -> Path | None:
    """Write the traceback over that of the last time; None where nothing can be written."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    head = f"{now}\nPython {platform.python_version()} {platform.platform()}\n{' '.join(sys.argv)}\n\n"
    text = head + "".join(traceback.format_exception(error))
    for folder in _folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / "last-error.txt"
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        except (OSError, ValueError):
            continue
        return path
    return None


def _folders() -> Iterator[Path]:
    try:
        from geo.study import cache_folder

        yield cache_folder()
    except Exception:  # whatever failed may fail here again, and must not hide the first error
        pass
    yield Path(tempfile.gettempdir()) / "emergency-geo"
