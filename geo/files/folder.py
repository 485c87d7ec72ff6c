"""A folder of results, exchanged as a whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geo.errors import FileError
from geo.files.guard import refuse_taken
from geo.files.locks import holding_lock
from geo.files.names import free_name
from geo.files.record import Earlier
from geo.files.stops import holding_stops
from geo.files.switch import NEW, OLD, WORK, Move, settle, switch
from geo.files.temporary import remove_dead
from geo.files.whole import telling_disk_faults
from geo.messages import Message

__all__ = ["folder_at_rest", "writing_folder"]

_LOCK: Final = f"{WORK}.lock"
_WAIT_S: Final = 60.0
"""How long one run waits until another has written its files into the same folder."""


@contextmanager
def writing_folder(
    folder: Path,
    earlier: Callable[[Path], Earlier] = lambda folder: Earlier(),
    *,
    tell: Callable[[Message], None] = lambda message: None,
) -> Iterator[Path]:
    """Give a folder to write files into; at the end they take the place of those of an earlier run.

    Until all are written ``folder`` stays as it was, and it stays so when anything fails or the run is
    stopped. Where it is killed while the files are exchanged, ``UNFINISHED.txt`` stands beside them until the
    next run has put the earlier ones back. Of two runs into one folder the second waits.

    Parameters
    ----------
    folder : Path
        Of the results; made when missing.
    earlier : callable, optional
        Says what the run before wrote, given ``folder``; asked when the new files are written. Nothing by
        default: then no file may be in the way.
    tell : callable
        Told what somebody had changed and was therefore kept.

    Raises
    ------
    FileError
        The folder or a file may not be written, a file in the way is not of an earlier run, or another run is
        writing there all the time.
    """
    told, folder = folder, Path(os.path.realpath(folder))
    with telling_disk_faults(told):
        folder.mkdir(parents=True, exist_ok=True)
        with _holding(folder, wait_s=_WAIT_S):
            _recover(folder)
            try:
                (folder / NEW).mkdir(parents=True)
                yield folder / NEW
                before = earlier(folder)
                names = _written(folder / NEW, before.record)
                refuse_taken(folder, names, before)
                moves, kept = _moves(folder, names, before)
                with holding_stops():
                    try:
                        switch(folder, moves)
                    finally:
                        settle(folder)
            finally:
                with holding_stops():
                    settle(folder)
    for message in kept:
        tell(message)


@contextmanager
def folder_at_rest(folder: Path) -> Iterator[Path]:
    """Give the real folder while no run is writing there, for a look before a run begins.

    What a killed run left half done there is undone first. A folder that is missing stays so.

    Raises
    ------
    FileError
        The folder may not be written, what was left cannot be undone, or another run is writing all the time.
    """
    told, folder = folder, Path(os.path.realpath(folder))
    with telling_disk_faults(told):
        if not folder.is_dir():
            yield folder
            return
        with _holding(folder, wait_s=_WAIT_S):
            _recover(folder)
            yield folder


def _recover(folder: Path) -> None:
    with holding_stops():
        settle(folder)
    remove_dead(folder, ".writing-")


@contextmanager
def _holding(folder: Path, *, wait_s: float) -> Iterator[None]:
    """Hold the lock of a folder; who writes there all the time is told of."""
    lock = holding_lock(folder / _LOCK, wait_s=wait_s)
    try:
        lock.__enter__()
    except BlockingIOError as error:
        raise FileError(Message("files.busy", {"folder": str(folder), "seconds": f"{wait_s:g}"})) from error
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def _written(new: Path, record: str) -> list[str]:
    """List the new files, the record at the end."""
    names = sorted(path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file())
    return sorted(names, key=lambda name: name == record)


def _moves(folder: Path, names: Sequence[str], before: Earlier) -> tuple[list[Move], list[Message]]:
    """Say what goes where, the record of the run before first, and what is kept for the planner."""
    going = sorted(before.intact, key=lambda name: name != before.record)
    moves = [Move(name, f"{OLD}/{name}") for name in going]
    kept = []
    for name in before.changed:
        if name not in names:
            kept.append(Message("files.stays", {"file": name}))
            continue
        aside = free_name(folder / name, "edited").relative_to(folder).as_posix()
        moves.append(Move(name, aside))
        kept.append(Message("files.kept", {"file": name, "kept": aside}))
    return [*moves, *(Move(f"{NEW}/{name}", name) for name in names)], kept
