"""What an earlier run wrote into a folder, by its own record: with hashes and a seal over the list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from filecmp import cmp
from pathlib import Path
from typing import Any, Final

from geo.files.names import below
from geo.files.switch import NEW

__all__ = ["Earlier", "file_digest", "find_earlier", "find_same", "seal_files", "written_by"]

_MOST_BYTES: Final = 50_000_000
"""No record is longer; what is longer is not read."""
_SQLITE: Final = b"SQLite format 3\0"
_COUNTED: Final = (slice(18, 20), slice(24, 28), slice(92, 100))
"""Bytes of an SQLite head (versions of the format, counter of changes) that a program changes by looking."""


@dataclass(frozen=True)
class Earlier:
    """Files of an earlier run that stand in a folder.

    Parameters
    ----------
    intact : tuple of str
        As the run wrote them: they go when new ones come.
    changed : tuple of str
        Somebody changed them since: they stay, under another name where a new file needs theirs.
    inputs : tuple of str
        They are read as inputs now: nothing may take their place.
    record : str
        The record itself; it goes first and comes last.
    """

    intact: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    record: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Every file that the earlier run wrote and that is there."""
        return frozenset((*self.intact, *self.changed, *self.inputs))


def seal_files(folder: Path, *, by: str) -> dict[str, Any]:
    """Describe all files below a folder, as the record of a run holds them under ``"written"``.

    Parameters
    ----------
    folder : Path
        Where the files of the run are, all but the record.
    by : str
        The command, such as ``"geo run"``: another one does not take these files for its own.

    Returns
    -------
    dict
        ``by``; ``files``: SHA-256 by name; ``seal``: SHA-256 of both, which tells a list that was edited.
    """
    files = {
        path.relative_to(folder).as_posix(): file_digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return {"by": by, "files": files, "seal": _seal(by, files)}


def find_same(folder: Path) -> Earlier:
    """Find the files in a folder that are, to the byte, those that shall be written there anew.

    For commands that keep no record: what they would write again may be replaced, and nothing else.
    """
    new = folder / NEW
    names = [path.relative_to(new).as_posix() for path in sorted(new.rglob("*")) if path.is_file()]
    plain = [name for name in names if _is_plain(folder, name)]
    return Earlier(intact=tuple(name for name in plain if cmp(folder / name, new / name, shallow=False)))


def find_earlier(
    folder: Path,
    *,
    record: str,
    by: str,
    is_input: Callable[[Path], bool] = lambda path: False,
    is_compared: bool = True,
) -> Earlier:
    """Find what an earlier run of the same command wrote into a folder; nothing where no record says so.

    A record that is damaged, edited, of another command or of another program counts as none, and of what it
    lists only plain files inside the folder count.

    Parameters
    ----------
    folder : Path
        Of the results.
    record : str
        Name of the record, such as ``"manifest.json"``.
    by : str
        The command, as :func:`seal_files` noted it.
    is_input : callable
        Says of a path whether it is an input now.
    is_compared : bool
        Tell files that were changed since from those that were not; where only names count, no file need be
        read, and all are given as intact.
    """
    path = folder / record
    files = _listed(path, by)
    if files is None:
        return Earlier()
    names = [name for name in files if _is_plain(folder, name)]
    inputs = [name for name in (record, *names) if is_input(folder / name)]
    own = [name for name in names if name not in inputs]
    changed = [name for name in own if is_compared and file_digest(folder / name) != files[name]]
    intact = [name for name in own if name not in changed]
    return Earlier(
        intact=tuple(intact if record in inputs else (record, *intact)),
        changed=tuple(changed),
        inputs=tuple(inputs),
        record=record,
    )


def file_digest(path: Path) -> str:
    """Hash a file's content; of SQLite files without the counters that change when one looks at them.

    A map program that opens a GeoPackage turns its journal on and off again. No table differs for it.
    """
    with path.open("rb") as file:
        head = bytearray(file.read(100))
        if not head.startswith(_SQLITE):
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()
        for part in _COUNTED:
            head[part] = bytes(len(head[part]))
        digest = hashlib.sha256(head)
        while block := file.read(1 << 20):
            digest.update(block)
        return digest.hexdigest()


def written_by(folder: Path) -> str | None:
    """Say which command wrote the results in a folder, by its record; None where there is none."""
    read = _read(folder / "manifest.json") or _read(folder / "source.json")
    return None if read is None else read[0]


def _listed(path: Path, by: str) -> Mapping[str, str] | None:
    """Give the list of a record; None where it is none, or not of this command."""
    read = _read(path)
    return read[1] if read is not None and read[0] == by else None


def _read(path: Path) -> tuple[str, Mapping[str, str]] | None:
    """Read who wrote which files; None where it is no record or its seal is broken."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        written = json.loads(path.read_text(encoding="utf-8"))["written"]
        by, files = written["by"], written["files"]
        if written["seal"] != _seal(by, files):
            return None
        return str(by), {str(name): str(digest) for name, digest in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _seal(by: object, files: object) -> str:
    return hashlib.sha256(json.dumps([by, files], sort_keys=True).encode()).hexdigest()


def _is_plain(folder: Path, name: str) -> bool:
    path = folder / name
    return below(folder, name) and path.is_file() and not path.is_symlink()
