"""What result files share: all or none of a run, the mark of invented data, plain numbers, one GeoPackage."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import FileError, GeoError
from geo.layers import write_layer, write_layers

__all__ = ["as_json", "mark", "plain_number", "write_package", "write_table", "writing_results"]


@contextmanager
def writing_results(folder: Path, earlier: Callable[[Path], Iterable[Path]]) -> Iterator[Path]:
    """Give a folder to write the files of a run into; at the end they take the place of an earlier run's.

    Until all are written ``folder`` stays as it was, and it stays so when anything fails or the run is
    stopped: there is never half a result, nor a file of one run among those of another.

    Parameters
    ----------
    folder : Path
        Of the results; made when missing.
    earlier : callable
        Lists the files of the run before, given ``folder``; asked when the new ones are written.

    Raises
    ------
    FileError
        The folder or a file may not be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=folder) as made:
            new, old = Path(made), Path(made, ".old")
            yield new
            written = sorted(path.relative_to(new) for path in new.rglob("*") if path.is_file())
            before = {path.relative_to(folder) for path in earlier(folder)} | set(written)
            going = [name for name in sorted(before) if (folder / name).is_file()]
            _move(
                [(folder / name, old / name) for name in going]
                + [(new / name, folder / name) for name in written]
            )
            _drop_empty(folder, going)
    except GeoError:
        raise
    except OSError as error:
        raise FileError(f"{folder} cannot be written: {error.strerror or error}") from error


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


def mark(table: pd.DataFrame, *, is_synthetic: bool) -> pd.DataFrame:
    """Say on each row that the data is invented, where it is: tables are copied without their folder."""
    return table.assign(data="synthetic 合成") if is_synthetic else table


def plain_number(value: float) -> float | int | None:
    """Give a number as JSON can hold it: no nan, no infinity, no digits that only rounding made.

    Examples
    --------
    >>> plain_number(3.0), plain_number(0.1 + 0.2), plain_number(float("inf"))
    (3, 0.3, None)
    """
    if not math.isfinite(value):
        return None
    return int(value) if float(value).is_integer() else round(float(value), 6)


def as_json(data: Mapping[str, Any]) -> str:
    """Write plain data as JSON text that people can read.

    Raises
    ------
    ValueError
        A number is not finite.
    """
    return json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def write_table(table: pd.DataFrame, path: Path, *, is_synthetic: bool) -> None:
    """Write a table of results as CSV, its numbers to six decimals, without digits that only rounding made.

    The last of sixteen digits may move with a newer library; what a planner compares must not.

    Raises
    ------
    FileError
        The file may not be written.
    """
    numbers = {name: table[name].round(6) for name in table.columns if table[name].dtype.kind == "f"}
    write_layer(mark(table.assign(**numbers), is_synthetic=is_synthetic), path)


def write_package(layers: Mapping[str, pd.DataFrame], path: Path, *, is_synthetic: bool) -> None:
    """Write the tables that have rows as layers of one GeoPackage, whole or not at all.

    Raises
    ------
    FileError
        The file may not be written.
    """
    marked = {name: mark(table, is_synthetic=is_synthetic) for name, table in layers.items() if len(table)}
    write_layers(marked, path)
