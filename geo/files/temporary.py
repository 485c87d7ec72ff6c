"""Temporary folders that no dead process leaves behind: each has a lock, and the next one sweeps."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geo.errors import FileError
from geo.files.locks import holding_lock

__all__ = ["private_folder", "remove_dead"]

_RANDOM: Final = re.compile(r"[a-z0-9_]{8,32}")
_LOCK: Final = ".lock"


@contextmanager
def private_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Give a new folder of a random name, which is gone when the block ends.

    Folders of the same prefix whose process is dead are removed first. A lock stands beside each folder,
    taken before the folder is made and given free after the folder is gone: a folder whose lock is free, or
    missing, belongs to nobody.

    Parameters
    ----------
    parent : Path
        Where it is made; must be there.
    prefix : str
        How its name begins.

    Raises
    ------
    OSError
        It may not be made.

    Examples
    --------
    >>> home = getfixture("tmp_path")
    >>> with private_folder(home, ".writing-") as folder:
    ...     folder.is_dir()
    True
    >>> list(home.iterdir())
    []
    """
    remove_dead(parent, prefix)
    folder = parent / f"{prefix}{secrets.token_hex(8)}"
    with holding_lock(_lock_of(folder)):
        try:
            folder.mkdir(mode=0o700)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove_dead(parent: Path, prefix: str) -> None:
    """Remove the temporary folders of processes that ended before they could do so themselves.

    Parameters
    ----------
    parent : Path
        Where they lie.
    prefix : str
        How their names begin; what follows must look like the random part of a name.
    """
    with contextlib.suppress(OSError):
        names = [name for name in os.listdir(parent) if name.startswith(prefix)]
        for name in sorted({name.removesuffix(_LOCK) for name in names}):
            if _RANDOM.fullmatch(name.removeprefix(prefix)):
                _remove_if_dead(parent / name)


def _remove_if_dead(folder: Path) -> None:
    lock = _lock_of(folder)
    # Held by a living process, or not ours to touch: left alone.
    with contextlib.suppress(OSError, FileError):
        try:
            with holding_lock(lock, is_new=False):
                shutil.rmtree(folder, ignore_errors=True)
        except FileNotFoundError:
            # A living one has its lock as long as its folder is there.
            if not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)


def _lock_of(folder: Path) -> Path:
    return folder.with_name(folder.name + _LOCK)
