"""Single files written whole or not at all, and the signs with which a spreadsheet's formula begins."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geo.errors import FileError, GeoError
from geo.files.names import moved
from geo.files.switch import NEW
from geo.files.temporary import private_folder
from geo.messages import Message
from geo.sources import is_too_long

__all__ = ["FORMULA_SIGNS", "telling_disk_faults", "write_text_whole", "writing_whole"]

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""A cell that begins with one of these may run as a formula when a spreadsheet opens the file; an East Asian
Excel takes the wide signs too."""


def write_text_whole(path: str | Path, content: str | bytes) -> None:
    """Write a file under a temporary name in its folder, then rename it; the folder is made if missing.

    Parameters
    ----------
    path : path
        The file.
    content : str or bytes
        A text is written as UTF-8, its line ends as they are.

    Raises
    ------
    FileError
        The folder or file may not be written.
    """
    with writing_whole(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def writing_whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary path with the file's own name; when the block ends, it takes the file's place.

    Until then the file stays as it was, and it stays so when the block fails or is stopped. What a process
    that was killed left behind is removed when the next file is written there.

    Parameters
    ----------
    path : path
        The file; its folder is made when missing.

    Raises
    ------
    FileError
        The folder or file may not be written.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> with writing_whole(folder / "new" / "a.txt") as temporary:
    ...     _ = temporary.write_text("whole", encoding="utf-8")
    >>> (folder / "new" / "a.txt").read_text(encoding="utf-8")
    'whole'
    """
    path = Path(path)
    with telling_disk_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with private_folder(path.parent, ".writing-") as folder:
            yield folder / path.name
            moved(folder / path.name, path)


def _in_its_place(path: Path) -> Path:
    """Give the place of a file once the folder of results that it is being made for has been exchanged."""
    parts, made_in = path.parts, tuple(NEW.split("/"))
    for i in range(len(parts) - len(made_in)):
        if parts[i : i + len(made_in)] == made_in:
            return Path(*parts[:i], *parts[i + len(made_in) :])
    return path


@contextmanager
def telling_disk_faults(path: Path) -> Iterator[None]:
    """Turn the faults of the disk in a block into an error that names a path.

    Raises
    ------
    FileError
        The path cannot be written; the message says why.
    """
    try:
        yield
    except GeoError:
        raise
    except OSError as error:
        for place in (error.filename, path):
            if isinstance(place, str | Path) and is_too_long(Path(place)):
                long = {"file": str(_in_its_place(Path(place)))[-60:], "n": len(os.path.abspath(place))}
                raise FileError(Message("files.name_long", long)) from error
        values = {"file": str(_in_its_place(path)), "why": error}
        key = "files.denied" if isinstance(error, PermissionError) else "files.not_written"
        raise FileError(Message(key, values)) from error
