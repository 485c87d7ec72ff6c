"""Views of a database: how long they take, and how much comes out, before the reader waits for them.

A view is a question, and may be one that takes years to answer. So it is asked here first, with its steps
counted; what comes of it is only measured. Functions that GDAL and SpatiaLite add give 1 here.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any, Final

from geo import file_limits
from geo.errors import FileError
from geo.messages import Message
from geo.sources import require_number

__all__ = ["count_all", "is_asked", "require_first_row", "require_quick"]

_STEPS: Final = 100_000
"""Steps of the machine of SQLite between two looks at how many there were."""
_MOST_LENGTH: Final = 2**26
_MOST_COLUMNS: Final = 1900
"""Of an answer; SQLite gives at most 2,000."""
_COMPUTED: Final = re.compile(r"\bAS\s*\(", re.IGNORECASE)
_NO_FUNCTION: Final = re.compile(r"no such function: (\w+)")
_REACHING: Final = re.compile(
    r"ogr_\w+|load_extension|readfile|writefile|blobfromfile|blobtofile|xb_loadxml|import\w+|export\w+",
    re.IGNORECASE,
)
"""Functions of GDAL and SpatiaLite that reach other files."""
_OF_FORM: Final = re.compile(r"gpkg_\w+|\w*geometry_columns\w*|spatial_ref_sys\w*", re.IGNORECASE)
"""Tables by which a reader finds the layers: of these it asks for all rows."""
_TOO_LONG: Final = frozenset((sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_NOMEM))


def is_asked(kind: str, text: str) -> bool:
    """Whether the rows of a table or view are computed when they are read: all of a view, or some column."""
    return kind == "view" or (kind == "table" and _COMPUTED.search(text) is not None)


def require_first_row(base: sqlite3.Connection, name: str, file: str) -> None:
    """Check that a view gives its first row soon: for that GDAL asks each when it lists the layers.

    Raises
    ------
    FileError
        It does not, or reaches other files.
    """
    if _OF_FORM.fullmatch(name):
        require_quick(base, name, file, n_bytes=0)
    else:
        _ask(base, f"SELECT * FROM {_quoted(name)} LIMIT 1", name, file)


def require_quick(base: sqlite3.Connection, name: str, file: str, *, n_bytes: int) -> None:
    """Check that a view comes to its end soon, and that it gives no more than is taken in.

    Parameters
    ----------
    base : sqlite3.Connection
        The database, opened for reading.
    name : str
        Of the view.
    file : str
        The database's name, for the message.
    n_bytes : int
        Its size.

    Raises
    ------
    FileError
        It takes too long or gives too much, or reaches other files.
    """
    about = _ask(base, f"PRAGMA table_xinfo({_quoted(name)})", name, file)
    columns = [str(row[1]) for row in about][:_MOST_COLUMNS]
    lengths = ", ".join(f"total(length({_quoted(column)}))" for column in columns)
    answers = _ask(base, f"SELECT count(*), {lengths or 0} FROM {_quoted(name)}", name, file)
    if not answers:
        return
    answer = answers[0]
    most = max(file_limits.SMALL_LETTERS, file_limits.MOST_LETTERS_PER_BYTE * n_bytes)
    require_number(file, int(sum(answer[1:])), "bytes", most)
    require_number(file, int(answer[0]) * len(columns), "values", file_limits.MOST_VALUES)


def count_all(base: sqlite3.Connection, name: str, file: str) -> int:
    """Count the rows of a table or view; 0 where it cannot be asked: the reader says what is wrong.

    Raises
    ------
    FileError
        It takes too long, or reaches other files.
    """
    answers = _ask(base, f"SELECT count(*) FROM {_quoted(name)}", name, file)
    return int(answers[0][0]) if answers else 0


def _ask(base: sqlite3.Connection, question: str, name: str, file: str) -> list[Any]:
    """Ask for rows; none come where the question is wrong, as it will be for the reader."""
    left = file_limits.MOST_VIEW_STEPS // _STEPS

    def count() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_LENGTH)
    base.set_progress_handler(count, _STEPS)
    try:
        while True:
            try:
                return base.execute(question).fetchall()
            except (sqlite3.Error, MemoryError) as error:
                if isinstance(error, MemoryError) or getattr(error, "sqlite_errorcode", 0) in _TOO_LONG:
                    values = {"file": file, "table": name[:60]}
                    raise FileError(Message("layers.view_slow", values)) from error
                unknown = _NO_FUNCTION.search(str(error))
                if unknown is None:
                    return []
                if _REACHING.fullmatch(unknown[1]):
                    values = {"file": file, "table": name[:60]}
                    raise FileError(Message("layers.table_elsewhere", values)) from error
                base.create_function(unknown[1], -1, lambda *values: 1)
    finally:
        base.set_progress_handler(None, 0)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
