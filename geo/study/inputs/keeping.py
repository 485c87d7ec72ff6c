"""What was read once is kept by all that decides it, so that the next run or search need not read it again.

A part of a study is kept under a key of everything that could change it: the settings that it is read by,
the bytes of every file that these name, what lies beside such a file, the program itself and its libraries.
To leave a setting out of a key is to leave it out of what the reader is given: nothing else makes sure that
the reader does not look at it.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final, TypeVar

import geopandas as gpd
import pandas as pd
import shapely

from geo.errors import FileError
from geo.files import (
    KEPT_OBJECT,
    load_object,
    mark_used,
    save_object,
    stamp_of,
)
from geo.study.inputs.stamps import study_files
from geo.study.settings import Study
from geo.words import data_dir

__all__ = ["Keeper", "as_read", "keeper_of", "without_places"]

_LIBRARIES: Final = (
    *("geopandas", "numba", "numpy", "osmium", "pandas", "pyarrow", "pyogrio", "pyproj", "python-calamine"),
    *("rasterio", "scipy", "shapely"),
)
_OF_LIBRARIES: Final = ("CPL_", "GDAL_", "OGR_", "OSM_", "PROJ_", "SHAPE_")
"""How names of variables begin by which libraries read otherwise."""
_MOST_BESIDE: Final = 10_000
"""A folder of more files is not looked through: nothing read from it is kept."""

T = TypeVar("T")


def as_read(study: Study) -> Study:
    """Give a study without what is asked of the layers once they are read: sites, ranges, papers, looks."""
    return replace(study, siting=None, uncertainty=None, output=None, report=None, atlas=None)


def without_places(study: Study, **others: Any) -> Study:
    """Give a study of which no more is asked than the layers that no facility changes."""
    return replace(as_read(study), facilities=(), calls=(), scenarios=(), candidates=None, **others)


@dataclass(frozen=True)
class Keeper:
    """Keeps what is made of the files of a study, and gives it again as long as none of them has changed.

    Parameters
    ----------
    folder : Path or None
        Where it is kept; None keeps nothing.
    stamps : mapping
        Size and time of every file and of what lies beside it, before any of them was read.
    sums : mapping
        Hash of every file that the study names, taken after its stamp: a file saved anew with the size and
        time of the old one has another.
    """

    folder: Path | None
    stamps: Mapping[Path, tuple[int, int] | None]
    sums: Mapping[Path, str]

    def give(
        self,
        name: str,
        study: Study,
        make: Callable[[], T],
        *,
        may_keep: Callable[[T], bool] = lambda made: True,
        rows: gpd.GeoDataFrame | None = None,
    ) -> T:
        """Give what was kept, or make and keep it.

        Parameters
        ----------
        name : str
            What it is, a word in the name of the file.
        study : Study
            What it is made by: no more of the study may be looked at.
        make : callable
            Makes it.
        may_keep : callable
            Says of what was made whether it is whole and may be kept.
        rows : GeoDataFrame, optional
            A table that it is made by beside the study.
        """
        if self.folder is None or (key := _key_of(name, study, self.sums, rows)) is None:
            return make()
        if rows is not None and not self._is_current():
            return make()  # the table, and all that was read before it, may be of the new content
        file = self.folder / f"study-{name}-{key}{KEPT_OBJECT}"
        try:
            kept: T = load_object(file)
        except FileError:
            pass
        else:
            mark_used(file)
            return kept
        made = make()
        # Saved anew meanwhile, it would be kept for the content from before.
        if may_keep(made) and self._is_current():
            with suppress(FileError):  # a full or closed disk: the next run reads the files again
                save_object(file, made)
        return made

    def _is_current(self) -> bool:
        return all(stamp_of(path) == stamp for path, stamp in self.stamps.items())


def keeper_of(study: Study, folder: Path | None) -> Keeper:
    """Give what keeps the layers of a study in a folder; nothing is kept where there is none."""
    if folder is None:
        return Keeper(None, {}, {})
    try:
        stamps = {path: stamp_of(path) for path in _all_files(study)}
        return Keeper(folder, stamps, {file: _sum_of(file) for file in map(study.file, study_files(study))})
    except OSError:
        return Keeper(None, {}, {})


def _sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _key_of(name: str, study: Study, sums: Mapping[Path, str], rows: gpd.GeoDataFrame | None) -> str | None:
    """Hash all that decides what is read; None where that cannot be told."""
    try:
        files = {text: study.file(text) for text in study_files(study)}
        named = {text: [str(file), sums[file]] for text, file in files.items()}
        # What lies beside is hashed by size and time: mostly it is another layer, and none of the readers'.
        beside = {str(path): stamp_of(path) for path in _beside(study)}
    except (OSError, KeyError):  # a file came or went meanwhile
        return None
    content = [name, str(study.folder), study.settings(), named, beside, _surroundings()]
    content += [] if rows is None else _written(rows)
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _written(rows: gpd.GeoDataFrame) -> list[str]:
    """Write out all that a table holds, numbers to their last bit."""
    columns = [rows.index, *(rows[name] for name in rows.columns if name != rows.geometry.name)]
    shapes = shapely.to_wkb(rows.geometry.to_numpy(), hex=True).tolist()
    cells = [f"{column.name} {column.dtype} {column.tolist()!r}" for column in columns]
    return [*cells, f"{rows.geometry.name} {rows.crs} {shapes!r}"]


def _all_files(study: Study) -> Iterator[Path]:
    yield from map(study.file, study_files(study))
    yield from _beside(study)


def _beside(study: Study) -> Iterator[Path]:
    """Give what a reader may open beside the files that a study names, and what is in its folders."""
    stems: dict[Path, set[str]] = {}
    for path in map(study.file, study_files(study)):
        stems.setdefault(path.parent, set()).add(path.name.partition(".")[0].casefold())
    for home, names in stems.items():
        for entry in _entries(home):
            if entry.name.partition(".")[0].casefold() in names and entry.is_file():
                yield Path(entry.path)
    for home in dict.fromkeys(_folders(study, study.settings())):
        for entry in _entries(home):
            yield Path(entry.path)


def _entries(home: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(home) as entries:
        for n, entry in enumerate(entries):
            if n == _MOST_BESIDE:
                raise OSError(f"{home} holds too many files")
            yield entry


def _folders(study: Study, value: object, key: str = "") -> Iterator[Path]:
    """Give the folders that stand for layers, as geodatabases and shapefiles may."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _folders(study, part, name)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _folders(study, part, key)
    elif isinstance(value, str) and key not in ("name", "out", "attribution"):
        name = value.partition("#")[0]
        if name and "\0" not in name and (study.folder / name).is_dir():
            yield study.folder / name


def _surroundings() -> list[Any]:
    """Give what beside study and files decides what is read: the program, its libraries, how they are set."""
    variables = {name: value for name, value in os.environ.items() if name.startswith(_OF_LIBRARIES)}
    # A station counts as planned until the year of its opening.
    return [*_program(), pd.get_option("mode.string_storage"), date.today().year, variables]


@cache
def _program() -> tuple[str, ...]:
    """Give a digest of code, words and standards, and the versions of what reads and computes."""
    digest = hashlib.sha256()
    for home, ending in ((Path(__file__).parents[2], ".py"), (data_dir(), ".toml")):
        for path in sorted(home.rglob(f"*{ending}")):
            digest.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes())
    versions = (f"{name} {_version(name)}" for name in _LIBRARIES)
    return digest.hexdigest(), platform.python_version(), platform.machine(), *versions


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
