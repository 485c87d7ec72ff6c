"""Files written whole or not at all, and the signs with which a spreadsheet's formula begins."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geo.errors import FileError, GeoError

__all__ = ["FORMULA_SIGNS", "write_text_whole", "writing_folder", "writing_whole"]

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

    Until then the file stays as it was, and it stays so when the block fails or is stopped.

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
    with _beside(path.parent, path) as folder:
        yield folder / path.name
        os.replace(folder / path.name, path)


@contextmanager
def writing_folder(
    folder: Path, earlier: Callable[[Path], Iterable[Path]] = lambda folder: ()
) -> Iterator[Path]:
    """Give a folder to write files into; at the end they take the place of those of an earlier time.

    Until all are written ``folder`` stays as it was, and it stays so when anything fails or the run is
    stopped: there is never half a result, nor a file of one run among those of another.

    Parameters
    ----------
    folder : Path
        Of the results; made when missing.
    earlier : callable, optional
        Lists the files of the run before, given ``folder``; asked when the new ones are written. None by
        default: then only files of the same name are replaced.

    Raises
    ------
    FileError
        The folder or a file may not be written.
    """
    with _beside(folder, folder) as new:
        old = new / ".old"
        yield new
        written = sorted(path.relative_to(new) for path in new.rglob("*") if path.is_file())
        before = {path.relative_to(folder) for path in earlier(folder)} | set(written)
        going = [name for name in sorted(before) if (folder / name).is_file()]
        _move(
            [(folder / name, old / name) for name in going]
            + [(new / name, folder / name) for name in written]
        )
        _drop_empty(folder, going)


@contextmanager
def _beside(folder: Path, path: Path) -> Iterator[Path]:
    """Give a temporary folder inside a folder, on the same disk; faults of the disk name the path."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=folder) as temporary:
            yield Path(temporary)
    except GeoError:
        raise
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror or error}") from error


def _move(moves: Iterable[tuple[Path, Path]]) -> None:
    """Rename files, all of them or none."""
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(source, target)
            done.append((source, target))
    except BaseException:
        for source, target in reversed(done):
            os.replace(target, source)
        raise


def _drop_empty(folder: Path, names: Iterable[Path]) -> None:
    """Remove the folders that held the files and hold nothing any more, and those above them."""
    above = {parent for name in names for parent in name.parents if parent != Path()}
    for name in sorted(above, key=lambda path: len(path.parts), reverse=True):
        if not any((folder / name).iterdir()):
            (folder / name).rmdir()
