"""SQLite databases (GeoPackage, SpatiaLite) read without a change to them, with what their log holds.

SQLite writes when it only reads: it puts the log of a program that is still open into the database, undoes a
change that was broken off, and makes files beside one that is kept with a log. So such a database is copied
together with its log, and the copy is read.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geo.errors import FileError
from geo.files import sqlite_address
from geo.layers._formats.views import count_all, is_asked, require_first_row, require_quick
from geo.messages import Message

__all__ = ["count_rows", "opened_sqlite", "require_quick_layer"]

_LOGS: Final = ("-wal", "-journal")
_HARMLESS: Final = frozenset(
    ("rtree", "rtree_i32", "geopoly", "fts3", "fts3tokenize", "fts4", "fts5", "virtualspatialindex")
) | {"virtualelementary", "virtualknn", "virtualknn2"}
"""Modules of virtual tables that hold no more than the database itself; others read other files."""
_MODULE: Final = re.compile(r"^\s*CREATE\s+VIRTUAL\s+TABLE\b.*?\bUSING\s+[\"'`\[]?(\w+)", re.I | re.S)
_TRIES: Final = 3


@contextmanager
def opened_sqlite(path: Path, form: str) -> Iterator[Path]:
    """Give a database to be read: the file itself, or a copy of it and its log.

    Parameters
    ----------
    path : Path
        The database.
    form : str
        What it is called in a message.

    Raises
    ------
    FileError
        It is no database, is cut off or being written, or takes its rows from other files.
    """
    is_logged = _check_sqlite(path, form)
    if not is_logged:
        _require_own_rows(path)
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="geo-") as folder:
        copy = Path(folder) / path.name
        _copy_at_rest(path, copy)
        _settle(copy)
        _require_own_rows(copy)
        yield copy


def _check_sqlite(path: Path, form: str) -> bool:
    """Check that a database is whole; give whether it is kept with a log, or one lies beside it."""
    with path.open("rb") as file:
        head = file.read(32)
    if not head.startswith(b"SQLite format 3\0") or len(head) < 32:
        raise FileError(Message("layers.is_no_form", {"file": path.name, "form": form}))
    logs = [log for log in _beside(path) if log.is_file() and log.stat().st_size]
    page, n_pages = struct.unpack(">H", head[16:18])[0], struct.unpack(">I", head[28:32])[0]
    page = 65536 if page == 1 else page
    if page * n_pages > path.stat().st_size and not logs:
        raise FileError(
            Message(
                "layers.bytes_missing", {"file": path.name, "n": path.stat().st_size, "all": page * n_pages}
            )
        )
    return bool(logs) or 2 in head[18:20]


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in _LOGS]


def _copy_at_rest(path: Path, copy: Path) -> None:
    """Copy a database and its log; once more where a program has written meanwhile."""
    for _ in range(_TRIES):
        files = [file for file in (path, *_beside(path)) if file.is_file()]
        before = [(file, file.stat().st_mtime_ns, file.stat().st_size) for file in files]
        for file in files:
            shutil.copyfile(file, copy.with_name(file.name))
        with contextlib.suppress(FileNotFoundError):
            if before == [(file, file.stat().st_mtime_ns, file.stat().st_size) for file in files]:
                return
    raise FileError(Message("layers.being_written", {"file": path.name}))


def _settle(copy: Path) -> None:
    """Bring what the log holds into a copy, which needs none afterwards."""
    try:
        with contextlib.closing(sqlite3.connect(copy)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            base.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        values = {"file": copy.name, "why": error}
        raise FileError(Message("layers.log_damaged", values)) from error


def _require_own_rows(path: Path) -> None:
    """Check that no table or view of a database takes its rows from elsewhere."""
    with _unchanged(path) as base:
        rows = base.execute("SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        for name, _, text in rows:
            module = _MODULE.match(str(text))
            if module and module[1].casefold() not in _HARMLESS:
                values = {"file": path.name, "table": str(name)[:60]}
                raise FileError(Message("layers.table_elsewhere", values))
        for name, kind, text in rows:
            if is_asked(kind, str(text)):
                require_first_row(base, str(name), path.name)


def require_quick_layer(path: Path, name: str) -> None:
    """Check of the layer that is read, where it is a view, that it comes to its end soon.

    Raises
    ------
    FileError
        It takes too long, or gives far more than the file holds.
    """
    with _unchanged(path) as base:
        found = base.execute("SELECT type, sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        if found and is_asked(found[0], str(found[1])):
            require_quick(base, name, path.name, n_bytes=path.stat().st_size)


def count_rows(path: Path, name: str) -> int:
    """Count the rows of a layer; what ``gpkg_ogr_contents`` states may be of another day.

    Raises
    ------
    FileError
        The database is damaged, or the layer a view that takes too long.
    """
    with _unchanged(path) as base:
        return count_all(base, name, path.name)


@contextmanager
def _unchanged(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database so that nothing is written, not even a lock."""
    address = sqlite_address(path.resolve(), "mode=ro&immutable=1")
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as base:
            yield base
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise FileError(Message("layers.database_damaged", {"file": path.name, "why": error})) from error
