"""What results may not take the place of: inputs, and files that no run wrote."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo.errors import FileError
from geo.files.names import below, folded, is_there
from geo.files.record import Earlier, written_by
from geo.files.switch import MARK, is_mark
from geo.messages import Message
from geo.reasons import Reason
from geo.sources import gdal_path

__all__ = ["InputFiles", "foreign_entries", "refuse_taken", "require_new_file", "require_own_folder"]

_OF_SYSTEM: Final = frozenset({"thumbs.db", "desktop.ini", "icon\r", "$recycle.bin"})
"""Files that systems put into folders by themselves."""
_OPEN: Final = ("-wal", "-journal")
"""Files beside an SQLite database that another program has open."""
_SHOWN: Final = 5


@dataclass(frozen=True)
class InputFiles:
    """The inputs of a study as they are on the disk, whatever their names.

    Parameters
    ----------
    files : frozenset of (int, int)
        Disk and number of each file: links to it have the same.
    names : mapping of str to str
        By the real path, folded: how the disk would find it that knows no capitals.
    folders : tuple of Path
        Real folders that are inputs as a whole, such as geodatabases.
    """

    files: frozenset[tuple[int, int]] = frozenset()
    names: frozenset[str] = frozenset()
    folders: tuple[Path, ...] = ()

    @classmethod
    def of(cls, paths: Iterable[Path]) -> InputFiles:
        """Look paths up on the disk; those that are not there are left out."""
        real = {Path(os.path.realpath(path)) for path in paths}
        there = [path for path in real if path.exists()]
        files = [path for path in there if not path.is_dir()]
        return cls(
            # Some network disks number no files: then all of them would be the same one.
            files=frozenset((state.st_dev, state.st_ino) for state in map(os.stat, files) if state.st_ino),
            names=frozenset(folded(str(path)) for path in files),
            folders=tuple(sorted(path for path in there if path.is_dir())),
        )

    def hold(self, path: Path) -> bool:
        """Say whether a path is one of the inputs, or lies in a folder that is one."""
        real = Path(os.path.realpath(path))
        try:
            state = real.stat()
        except OSError:
            return folded(str(real)) in self.names or self.hold_folder(real)
        is_file = (state.st_dev, state.st_ino) in self.files or folded(str(real)) in self.names
        return is_file or self.hold_folder(real)

    def hold_folder(self, folder: Path) -> bool:
        """Say whether a folder is an input as a whole, or lies in one."""
        real = Path(os.path.realpath(folder))
        return any(real.is_relative_to(own) for own in self.folders)


def require_own_folder(
    folder: Path,
    *,
    names: Collection[str],
    earlier: Earlier,
    inputs: InputFiles,
    is_forced: bool = False,
) -> None:
    """Check that results may be written into a folder: before the computation, and again before the exchange.

    Parameters
    ----------
    folder : Path
        Where they shall stand; it may be missing.
    names : collection of str
        Files that may be written, and folders for them (``"scenarios/"``).
    earlier : Earlier
        What the run before wrote there.
    inputs : InputFiles
        Of the study.
    is_forced : bool
        Files of others may stand beside the results; their place is not taken for all that.

    Raises
    ------
    FileError
        The folder is an input, holds inputs or files of others, one of them has the name of a result, or the
        folder cannot be made.
    """
    real = Path(os.path.realpath(folder))
    gdal_path(real)
    if inputs.hold_folder(real):
        raise FileError(Message("files.in_input", {"folder": str(folder)}))
    if not real.is_dir():
        _require_room(real, folder)
        return
    entries = sorted(os.listdir(real))
    own = [name for name in entries if (real / name).is_file() and inputs.hold(real / name)]
    if own and not is_forced:
        values = {"folder": str(folder), "n": len(own), "names": tuple(own[:_SHOWN])}
        raise FileError(Message("files.holds_inputs", values))
    writer = written_by(real)
    if writer is not None and not earlier.record:
        raise FileError(Message("files.of_other", {"folder": str(folder), "command": writer}))
    foreign = [] if earlier.record or is_forced else foreign_entries(real, earlier.names)
    if foreign:
        values = {"folder": str(folder), "n": len(foreign), "names": tuple(foreign[:_SHOWN])}
        raise FileError(Message("files.foreign", values))
    refuse_taken(real, names, earlier)


def _require_room(real: Path, folder: Path) -> None:
    """Check that a missing folder can be made: the nearest place above it is a folder that may be written."""
    above = next(path for path in (real, *real.parents) if is_there(path))
    if not above.is_dir():
        raise FileError(Message("files.no_folder", {"folder": str(folder), "file": str(above)}))
    if not os.access(above, os.W_OK):
        is_read_only = hasattr(os, "statvfs") and bool(os.statvfs(above).f_flag & os.ST_RDONLY)
        code = errno.EROFS if is_read_only else errno.EACCES
        values = {"file": str(folder), "why": Reason(os.strerror(code), code)}
        raise FileError(Message("files.not_written" if is_read_only else "files.denied", values))


def require_new_file(path: Path) -> None:
    """Check that nothing stands at a path, for commands that write one file and keep no record of it.

    Raises
    ------
    FileError
        Something is there, be it a link.
    """
    if is_there(path):
        raise FileError(Message("files.there", {"file": str(path)}))


def foreign_entries(folder: Path, own: Collection[str]) -> list[str]:
    """List what lies in a folder and was put there neither by a run nor by the system.

    Hidden files do not count, nor do empty folders and folders that hold a run's results.
    """
    foreign = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        is_of_system = entry.name.startswith((".", "~$")) or entry.name.casefold() in _OF_SYSTEM
        if is_of_system or entry.name in own or is_mark(folder / entry.name):
            continue
        if not entry.is_dir(follow_symlinks=False) or not _is_own_folder(Path(entry.path), own):
            foreign.append(entry.name)
    return foreign


def _is_own_folder(folder: Path, own: Collection[str]) -> bool:
    if any(name.startswith(f"{folder.name}/") for name in own):
        return True
    return written_by(folder) is not None or not any(_files(folder))


def _files(folder: Path) -> Iterator[Path]:
    """Give what is below a folder and is no folder."""
    return (Path(home) / name for home, _, names in os.walk(folder) for name in names)


def refuse_taken(folder: Path, names: Iterable[str], earlier: Earlier) -> None:
    """Refuse results in whose place something stands that is not of an earlier run.

    Parameters
    ----------
    folder : Path
        Real folder of the results.
    names : iterable of str
        Files, told from the folder; ``"scenarios/"`` is a folder for files.
    earlier : Earlier
        What may be replaced.

    Raises
    ------
    FileError
        The first that is in the way.
    """
    present: dict[Path, dict[str, str]] = {}
    for name in (*names, MARK):
        path = folder / name
        if not below(folder, name.removesuffix("/")):
            raise _taken(folder, path)
        if path.parent not in present:
            listed = os.listdir(path.parent) if path.parent.is_dir() else []
            present[path.parent] = {folded(entry): entry for entry in listed}
        if name in earlier.inputs:
            raise FileError(Message("files.is_input", {"file": str(path)}))
        standing = path.parent / present[path.parent].get(folded(path.name), path.name)
        if standing.name != path.name or (is_there(path) and not _may_go(folder, name, earlier)):
            raise _taken(folder, standing)
        _refuse_open(path, listed=present[path.parent].values())


def _may_go(folder: Path, name: str, earlier: Earlier) -> bool:
    """Say whether what stands under a name is of an earlier run, or nothing."""
    if name.endswith("/"):
        path = folder / name.removesuffix("/")
        return path.is_dir() and not path.is_symlink() and _is_own_folder(path, earlier.names)
    return name in earlier.names or (name == MARK and is_mark(folder / name))


def _taken(folder: Path, standing: Path) -> FileError:
    return FileError(Message("files.taken", {"file": str(standing), "folder": str(folder)}))


def _refuse_open(path: Path, listed: Collection[str]) -> None:
    """Refuse to replace a database that a map program has open: its pages would get into the new one."""
    for side in (f"{path.name}{end}" for end in _OPEN):
        if side in listed:
            raise FileError(Message("files.open_elsewhere", {"file": str(path), "side": side}))
