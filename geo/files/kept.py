"""Files that can be made again, kept for later: the ones that were not used for longest go first."""

from __future__ import annotations

import contextlib
import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Final

__all__ = ["KEPT_OBJECT", "MOST_KEPT_BYTES", "file_sha256", "forget_oldest", "mark_used", "stamp_of"]

MOST_KEPT_BYTES: Final = 2 * 2**30
"""What kept files take on the disk at most, all together."""
KEPT_OBJECT: Final = ".kept"
"""Ending of a kept file of tables and values; networks and layers of OpenStreetMap are arrays."""
MOST_KEPT_FILES: Final = 4000
"""How many there are at most: looking through a folder takes time."""
_KEPT: Final = (".npz", KEPT_OBJECT)


def stamp_of(path: str | Path) -> tuple[int, int] | None:
    """Give bytes and time of the last change (ns) of a file, to see whether it is a new one; None if gone."""
    try:
        info = os.stat(path)
    except OSError:
        return None
    return info.st_size, info.st_mtime_ns


def file_sha256(path: Path) -> str:
    """Hash a file's bytes; once in a process, as long as its size and time stay.

    Raises
    ------
    OSError
        It cannot be read.
    """
    return _sha256_of(path, stamp_of(path))


@lru_cache(maxsize=1024)
def _sha256_of(path: Path, stamp: tuple[int, int] | None) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def mark_used(path: Path) -> None:
    """Let a kept file count as used now."""
    with contextlib.suppress(OSError):  # of another user, or gone: it is read all the same
        os.utime(path)


def forget_oldest(
    folder: Path, *, most_bytes: int = MOST_KEPT_BYTES, most_files: int = MOST_KEPT_FILES
) -> None:
    """Remove the kept files that were not used for longest, until the rest is within bounds.

    A run that reads one of them at this moment reads on; one that comes too late makes it again.

    Parameters
    ----------
    folder : Path
        Where they are kept; other files in it are left alone.
    most_bytes : int
        How much may stay.
    most_files : int
        How many may stay.
    """
    files = []
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            with contextlib.suppress(OSError):
                if entry.name.endswith(_KEPT) and entry.is_file(follow_symlinks=False):
                    info = entry.stat(follow_symlinks=False)
                    files.append((info.st_mtime_ns, info.st_size, entry.path))
    n_bytes = sum(size for _, size, _ in files)
    for n_gone, (_, size, path) in enumerate(sorted(files)):
        if n_bytes <= most_bytes and len(files) - n_gone <= most_files:
            return
        with contextlib.suppress(OSError):
            os.unlink(path)
            n_bytes -= size
