"""Names of files inside a folder: which are safe to follow, which are taken, which are free."""

from __future__ import annotations

import os
import re
import time
import unicodedata
from pathlib import Path, PurePath, PurePosixPath
from typing import Final

__all__ = ["below", "folded", "free_name", "is_there", "moved", "path_from", "sqlite_address"]

_UNSAFE: Final = re.compile(r'[\x00-\x1f<>:"\\|?*]')
_OF_WINDOWS: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
"""Names of devices, with any ending; Windows also takes ``a.csv.`` and ``a.csv `` for ``a.csv``."""
_IS_WINDOWS: Final = os.name == "nt"
_PAUSES_S: Final = (0.05, 0.1, 0.2, 0.4, 0.8)


def sqlite_address(path: PurePath, options: str) -> str:
    r"""Give the address at which SQLite opens a file without writing to it.

    A share of a network (``\\server\share``, and a letter of a drive that stands for one) is no host to
    SQLite, which would refuse it: it has to stand in the path.

    Parameters
    ----------
    path : path
        From the root of its disk or share.
    options : str
        Such as ``"mode=ro"``.

    Examples
    --------
    >>> from pathlib import PureWindowsPath
    >>> sqlite_address(PureWindowsPath("//bureau/plans/a b.gpkg"), "mode=ro")
    'file:////bureau/plans/a%20b.gpkg?mode=ro'
    """
    address = path.as_uri()
    if not address.startswith("file:///"):
        address = address.replace("file://", "file:////", 1)
    return f"{address}?{options}"


def below(folder: Path, name: str) -> bool:
    """Say whether a name that a file told leads to a place inside a folder, by no link and no way round.

    Parameters
    ----------
    folder : Path
        A real folder.
    name : str
        Told from it, with ``/`` between the parts. The last part may be anything; the folders on the way may
        be missing.

    Examples
    --------
    >>> home = getfixture("tmp_path")
    >>> [below(home, name) for name in ("a.csv", "deep/a.csv", "../a.csv", "/a.csv", "C:/a.csv", "")]
    [True, True, False, False, False, False]
    >>> [below(home, name) for name in ("nul", "deep/COM1.csv", "a.csv.", "deep /a.csv", "con-1.csv")]
    [False, False, False, False, True]
    """
    parts = name.split("/")
    if _UNSAFE.search(name) or any(part == "" or part.endswith((".", " ")) for part in parts):
        return False
    if any(_OF_WINDOWS.fullmatch(part) for part in parts):
        return False
    on_the_way = [folder / "/".join(parts[:n]) for n in range(1, len(parts))]
    return all(not path.is_symlink() and (path.is_dir() or not path.exists()) for path in on_the_way)


def folded(name: str) -> str:
    """Give a name as a disk compares it that knows no capitals and no two ways to write one letter.

    Examples
    --------
    >>> folded("Depots.CSV") == folded("depots.csv")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def is_there(path: Path) -> bool:
    """Say whether something stands at a path, be it a link that leads nowhere."""
    return os.path.lexists(path)


def moved(source: Path, target: Path) -> None:
    """Rename a file over whatever stands at the target.

    On Windows a scanner for viruses opens each new file for a moment, and none may rename it meanwhile: then
    it is tried again for a second and a half.

    Raises
    ------
    OSError
        It may not be renamed.
    """
    for pause in _PAUSES_S if _IS_WINDOWS else ():
        try:
            os.replace(source, target)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    os.replace(source, target)


def free_name(path: Path, word: str) -> Path:
    """Give a path beside another with a word in its name, at which nothing stands yet.

    Examples
    --------
    >>> free_name(getfixture("tmp_path") / "tables.xlsx", "edited").name
    'tables.edited.xlsx'
    """
    name = PurePosixPath(path.name)
    candidate, n = path.with_name(f"{name.stem}.{word}{name.suffix}"), 1
    while is_there(candidate):
        n += 1
        candidate = path.with_name(f"{name.stem}.{word}-{n}{name.suffix}")
    return candidate


def path_from(start: str | Path, path: str | Path) -> str:
    """Give a path as it is written from a folder, with ``/`` between the parts.

    On Windows a path on another drive has no way there, and stays whole.

    Parameters
    ----------
    start : path
        The folder.
    path : path
        Where to.

    Examples
    --------
    >>> path_from("out/live", "out/clock.toml")
    '../clock.toml'
    """
    try:
        return Path(os.path.relpath(path, start)).as_posix()
    except ValueError:
        return Path(path).as_posix()
