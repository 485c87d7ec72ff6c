"""A command as a process: one temporary folder that goes with it, and one way to be stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

from geo.cli.exit_codes import EXIT_STOPPED
from geo.files import ENDING, private_folder

__all__ = ["ending_cleanly", "stopped_code"]

_PREFIX: Final = "emergency-geo-"
_VARIABLES: Final = ("TMPDIR", "TEMP", "TMP")
_stopped_by: list[int] = []


@contextmanager
def ending_cleanly() -> Iterator[None]:
    """Let a block end the same way whatever stops it, and leave no temporary file behind.

    A request of the system to end (SIGTERM, SIGHUP; Ctrl-Break on Windows) is treated like Ctrl-C. Temporary
    files of all libraries go into one folder, which is removed at the end; those of killed processes are
    removed at the beginning.
    """
    with _stopping_alike(), _own_temporary_files():
        yield


def stopped_code() -> int:
    """Give the exit code of a command that was stopped: 130 by Ctrl-C, 143 by SIGTERM."""
    return 128 + _stopped_by[-1] if _stopped_by else EXIT_STOPPED


@contextmanager
def _stopping_alike() -> Iterator[None]:
    _stopped_by.clear()

    def stop(number: int, frame: FrameType | None) -> None:
        _stopped_by.append(number)
        raise KeyboardInterrupt

    before: dict[int, Any] = {}
    with contextlib.suppress(ValueError):  # not in the main thread: signals do not come here
        for number in ENDING:
            if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP, and so do we
                before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _own_temporary_files() -> Iterator[None]:
    kept = tempfile.tempdir, {name: os.environ.get(name) for name in _VARIABLES}
    with ExitStack() as stack:
        with contextlib.suppress(OSError):  # no folder for temporary files: who needs one says so
            folder = stack.enter_context(private_folder(Path(tempfile.gettempdir()), _PREFIX))
            tempfile.tempdir = str(folder)
            os.environ.update(dict.fromkeys(_VARIABLES, str(folder)))
        try:
            yield
        finally:
            tempfile.tempdir = kept[0]
            for name, value in kept[1].items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
