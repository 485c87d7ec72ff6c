"""What goes wrong while a file is read, told as one kind of error with a way out."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from geo import file_limits
from geo.errors import FileError, GeoError
from geo.messages import Message
from geo.reasons import Reason
from geo.sources import require_source

__all__ = ["exists", "parse_toml", "read_toml_text", "reading", "reads_a_file"]

Reader = TypeVar("Reader", bound=Callable[..., Any])

_MOST_LETTERS: Final = 200


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Turn whatever fails while a file is read into a :class:`FileError` that names the file.

    Readers know what their libraries raise of damaged files, and say it better. What they do not know, since
    a library may raise anything of a file that it has never met, ends here; it stays behind the error as its
    cause, so that a fault of this package is found in a notebook or a log.

    Parameters
    ----------
    path : path
        The file that the block reads.

    Raises
    ------
    FileError
        Something other than a :class:`GeoError` came out of the block.

    Examples
    --------
    >>> try:
    ...     with reading("data/stations.xlsx"):
    ...         raise KeyError("xl/workbook.xml")
    ... except FileError as error:
    ...     print(str(error).split(";")[0])
    stations.xlsx is damaged or unusual and cannot be read (KeyError: 'xl/workbook.xml')
    """
    try:
        yield
    except GeoError:
        raise
    except MemoryError as error:
        raise FileError(Message("reading.memory", {"file": Path(path).name})) from error
    except OSError as error:
        raise FileError(Message("reading.system", {"file": path, "why": error})) from error
    except BaseException as error:
        # What panics in a library written in Rust is no Exception to Python.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        why = " ".join(f"{type(error).__name__}: {error}".split())[:_MOST_LETTERS]
        raise FileError(Message("reading.damaged", {"file": Path(path).name, "why": Reason(why)})) from error


def reads_a_file(read: Reader) -> Reader:
    """Let a reader, whose first argument is the ``path`` of a file, fail only as :func:`reading` says."""

    @wraps(read)
    def read_safely(path: str | Path, *args: Any, **options: Any) -> Any:
        with reading(path):
            return read(path, *args, **options)

    return cast(Reader, read_safely)


def exists(path: Path) -> bool:
    """Whether there is a file or folder; a name that no disk can hold, or a circle of links, is none.

    Examples
    --------
    >>> exists(Path("a" * 5000)), exists(Path(""))
    (False, True)
    """
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def read_toml_text(path: Path) -> str:
    """Read the text of a TOML file.

    Raises
    ------
    FileError
        The file is missing, no UTF-8, or far too large for settings.
    """
    try:
        require_source(path)  # a pipe would be waited for
        if path.stat().st_size > file_limits.MOST_SETTINGS_BYTES:
            raise FileError(Message("reading.toml_large", {"file": path}))
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        if isinstance(error, FileError):
            raise
        if isinstance(error, UnicodeDecodeError):
            raise FileError(Message("reading.not_utf8", {"file": path})) from error
        raise FileError(Message("reading.system", {"file": path, "why": error})) from error


def parse_toml(text: str) -> dict[str, Any]:
    """Parse a text of TOML.

    Raises
    ------
    tomllib.TOMLDecodeError
        It is none: also where the parser itself gives up, on numbers of thousands of digits and brackets
        within thousands of brackets.

    Examples
    --------
    >>> parse_toml("n = 3")
    {'n': 3}
    >>> parse_toml("n = " + "9" * 5000)
    Traceback (most recent call last):
    ...
    tomllib.TOMLDecodeError: a number has too many digits (at end of document)
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError as error:
        raise tomllib.TOMLDecodeError("brackets are nested too deep (at end of document)") from error
    except ValueError as error:
        raise tomllib.TOMLDecodeError("a number has too many digits (at end of document)") from error
