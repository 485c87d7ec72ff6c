"""Locks that end with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geo.errors import FileError
from geo.files.stops import holding_stops
from geo.messages import Message

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = ["holding_lock"]

_PAUSE_S: Final = 0.05
_TRIES: Final = 100
_IS_WINDOWS: Final = os.name == "nt"
_NO_LOCKS: Final = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
"""What a disk answers that knows no locks."""
_OPEN: Final = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def holding_lock(path: Path, *, wait_s: float = 0.0, is_new: bool = True) -> Iterator[None]:
    """Hold a lock while the block runs; its file is there only as long.

    The lock hangs on the open file, not on the file's being there: when the process ends in whatever way, the
    system gives the lock free, and the next one takes it.

    Parameters
    ----------
    path : Path
        The lock's file; its folder must be there.
    wait_s : float
        How long to wait while another process, or another part of this one, holds it.
    is_new : bool
        Make the file when it is missing.

    Raises
    ------
    BlockingIOError
        Another holds it still.
    FileError
        The disk knows no locks.
    OSError
        The file may not be made, or is missing and ``is_new`` is false.
    """
    until = time.monotonic() + wait_s
    flags = _OPEN | (os.O_CREAT if is_new else 0)
    descriptor: int | None = None
    try:
        while True:
            with holding_stops():  # who is stopped here knows what is to be given free
                descriptor = _taken(path, flags)
            if descriptor is not None:
                break
            if time.monotonic() >= until:
                raise BlockingIOError(errno.EAGAIN, "another process is writing there", str(path))
            time.sleep(_PAUSE_S)
        yield
    finally:
        if descriptor is not None:
            _give_free(descriptor, path)


def _taken(path: Path, flags: int) -> int | None:
    """Open the file and lock it; None when another holds it."""
    for _ in range(_TRIES):
        descriptor = os.open(path, flags, 0o666)
        try:
            is_ours = _lock(descriptor, path)
            is_there = is_ours and _is_at(descriptor, path)
        except BaseException:
            os.close(descriptor)
            raise
        if is_there:
            return descriptor
        os.close(descriptor)
        if not is_ours:
            return None
        # Else its last holder removed the file between our opening and locking it: once more.
    return None  # or the disk gives a file another number each time: to be waited for, but not for ever


def _lock(descriptor: int, path: Path) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            raise FileError(Message("files.no_locks", {"folder": str(path.parent)})) from error
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            return False
        raise
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    """Say whether the open file is still the one of that name; on Windows an open one cannot be removed."""
    if _IS_WINDOWS:
        return True
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _give_free(descriptor: int, path: Path) -> None:
    """Remove the file while it is locked, so that nobody locks one that is gone; Windows must close first."""
    if sys.platform == "win32":
        os.close(descriptor)
        with contextlib.suppress(OSError):  # the next one has it open already
            os.unlink(path)
        return
    try:
        if _is_at(descriptor, path):
            os.unlink(path)
    except OSError:  # the folder may not be written any more; the file that stays is locked by nobody
        return
    finally:
        os.close(descriptor)
