"""Many files put in the place of others in one go: a journal says what is moved, and undoes it."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from geo.errors import FileError
from geo.files.names import below, free_name, is_there, moved
from geo.messages import Message
from geo.words import LANGS, say

__all__ = ["MARK", "NEW", "OLD", "WORK", "Move", "is_mark", "settle", "switch"]

WORK: Final = ".writing"
"""Folder inside a folder of results, in which the next ones are made."""
NEW: Final = f"{WORK}/new"
OLD: Final = f"{WORK}/old"
MARK: Final = "UNFINISHED.txt"
"""Stands beside the results while they are exchanged, so that whoever looks in between knows."""
_JOURNAL: Final = "journal.json"


@dataclass(frozen=True)
class Move:
    """One renaming inside a folder: both paths are told from it, with ``/`` between names."""

    source: str
    target: str


@dataclass(frozen=True)
class _Noted(Move):
    """A move with the size and time of its file, by which a file that somebody changed since is known."""

    size: int
    mtime_ns: int


def switch(folder: Path, moves: Sequence[Move]) -> None:
    """Do the moves, all of them or none: whoever is stopped in between, :func:`settle` undoes what was done.

    The end is one step, the removal of the journal: before it the earlier files count, after it the new ones.

    Parameters
    ----------
    folder : Path
        With what is to be placed under ``NEW``; its lock is held.
    moves : sequence of Move
        In their order. No target may be there, unless an earlier move takes it away.

    Raises
    ------
    OSError
        A file may not be moved; :func:`settle` must follow.
    """
    journal = folder / WORK / _JOURNAL
    (folder / OLD).mkdir(exist_ok=True)
    _place(folder, folder / MARK, _mark())
    noted = [_noted(folder, move) for move in moves]
    _place(folder, journal, json.dumps([asdict(move) for move in noted]).encode())
    for move in moves:
        target = folder / move.target
        target.parent.mkdir(parents=True, exist_ok=True)
        moved(folder / move.source, target)
    _drop_empty(folder, [move.source for move in moves])
    journal.unlink()


def settle(folder: Path) -> None:
    """Bring a folder to rest: undo a switch that was cut short, and remove what it left behind.

    What somebody changed or added since is kept, under another name where it stands in the way.

    Parameters
    ----------
    folder : Path
        Its lock is held.

    Raises
    ------
    FileError
        The journal cannot be followed.
    OSError
        A file may not be moved back; the journal stays for the next time.
    """
    work = folder / WORK
    if work.is_symlink():
        raise FileError(Message("files.work_is_link", {"file": str(work)}))
    journal = work / _JOURNAL
    if journal.is_file():
        moves = _read(folder, journal)
        for move in reversed(moves):
            _undo(folder, move)
        _drop_empty(folder, [move.target for move in moves])
        journal.unlink()
    mark = folder / MARK
    if is_mark(mark):
        mark.unlink()
    shutil.rmtree(work, ignore_errors=True)


def is_mark(path: Path) -> bool:
    """Say whether a file is the mark of an unfinished exchange, and not one of the planner's of that name."""
    try:
        return path.is_file() and not path.is_symlink() and path.read_bytes() == _mark()
    except OSError:
        return False


def _noted(folder: Path, move: Move) -> _Noted:
    state = (folder / move.source).lstat() if is_there(folder / move.source) else None
    return _Noted(move.source, move.target, state.st_size if state else 0, state.st_mtime_ns if state else 0)


def _undo(folder: Path, move: _Noted) -> None:
    """Undo one move if it was done, which the disk tells: undoing twice is undoing once."""
    source, target = folder / move.source, folder / move.target
    if move.source.startswith(f"{NEW}/"):
        _take_back(source, target, move)
    elif is_there(target):
        if not is_there(source):
            source.parent.mkdir(parents=True, exist_ok=True)
            moved(target, source)
        elif move.target.startswith(f"{OLD}/"):  # somebody put a file in its place since: both stay
            moved(target, free_name(source, "earlier"))


def _take_back(source: Path, target: Path, move: _Noted) -> None:
    """Take a new file away again, unless it never came or somebody changed it since."""
    if is_there(source) or not is_there(target):
        return
    state = target.lstat()
    if (state.st_size, state.st_mtime_ns) == (move.size, move.mtime_ns):
        source.parent.mkdir(parents=True, exist_ok=True)
        moved(target, source)
    else:
        moved(target, free_name(target, "edited"))


def _read(folder: Path, journal: Path) -> list[_Noted]:
    """Read a journal; it may only speak of files below the folder."""
    try:
        rows: Any = json.loads(journal.read_text(encoding="utf-8"))
        moves = [_Noted(**row) for row in rows]
        if not all(below(folder, name) for move in moves for name in (move.source, move.target)):
            raise ValueError("a name leads out of the folder")
    except (OSError, ValueError, TypeError, RecursionError) as error:
        values = {"file": str(journal), "old": str(folder / OLD), "mark": MARK, "why": error}
        raise FileError(Message("files.journal_damaged", values)) from error
    return moves


def _place(folder: Path, path: Path, content: bytes) -> None:
    temporary = folder / WORK / "next"
    temporary.write_bytes(content)
    moved(temporary, path)


def _mark() -> bytes:
    return "\n".join(say("files.unfinished", lang=lang) for lang in LANGS).encode("utf-8")


def _drop_empty(folder: Path, names: Iterable[str]) -> None:
    """Remove the folders that held the files and hold nothing any more, and those above them."""
    above = {parent for name in names for parent in Path(name).parents if parent != Path()}
    for name in sorted(above, key=lambda path: len(path.parts), reverse=True):
        if name.parts[0] != WORK:
            with contextlib.suppress(OSError):  # not empty, or gone
                (folder / name).rmdir()
