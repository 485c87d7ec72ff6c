"""Which rasters are opened, with which files beside them, and how much of them is taken in."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import rasterio
from numpy.typing import NDArray

from geo import file_limits
from geo.errors import FileError
from geo.messages import Message
from geo.sources import ALONE, RASTER_DRIVERS, require_alone, require_number, require_source

__all__ = ["Part", "few_parts", "open_alone", "require_few_cells", "texts_of"]

Part: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
"""Rows, columns and what is stored in cells of a raster."""
_IMAGES: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"EHFA_HEADER_TAG")
"""How masks and overviews begin: GDAL opens them by their content, also as a list of other files."""
_ELSEWHERE: Final = re.compile(rb"OVERVIEW_FILE[^>]*>(?!\s*:::BASE:::[^/\\<]*<)|<!(?:DOCTYPE|ENTITY)\b", re.I)

_TELLING: Final = ("unit", "desc", "title", "name", "comment", "abstract", "content", "variable")
"""Parts of the keys under which rasters say in words what they hold."""
_LONGEST_TEXT: Final = 2000


def open_alone(path: Path) -> rasterio.DatasetReader:
    """Open a raster as what its ending says, with no files but those beside it.

    Raises
    ------
    FileError
        It is no plain file of an ending that is read, or refers to other files.
    """
    require_source(path)
    driver = RASTER_DRIVERS.get(path.suffix.casefold())
    if driver is None:
        known = ", ".join(RASTER_DRIVERS)
        raise FileError(Message("demand.raster_format", {"file": path.name, "known": known}))
    for side in path.parent.glob(f"{glob.escape(path.stem)}.*"):
        _require_own(side, path)
    with rasterio.Env(**ALONE):
        # From the root: a path that begins with the name of a driver would lead to another file.
        source = rasterio.open(path.absolute(), driver=driver)
        stated = source.tags(ns="OVERVIEWS").get("OVERVIEW_FILE", "")
        if stated and not re.fullmatch(r":::BASE:::[^/\\]*", stated):
            source.close()
            raise FileError(Message("sources.virtual_content", {"file": path.name}))
    return source


def _require_own(side: Path, path: Path) -> None:
    """Check a file beside a raster: a mask or overviews must hold cells, notes must name no other file."""
    if side.is_dir():
        return
    require_source(side)
    ending = side.name.casefold().removeprefix(path.stem.casefold())
    with side.open("rb") as file:
        head = file.read(16)
    if ending.endswith((".msk", ".ovr")) and head and not head.startswith(_IMAGES):
        raise FileError(Message("sources.virtual_content", {"file": side.name}))
    if ending.endswith(".xml"):
        content = side.read_bytes() if side.stat().st_size < file_limits.MOST_SETTINGS_BYTES else b"<!ENTITY"
        require_alone(content, side.name)
        if _ELSEWHERE.search(content):
            raise FileError(Message("sources.virtual_content", {"file": side.name}))


def require_few_cells(source: rasterio.DatasetReader, n_cells: int, file: str) -> None:
    """Check that a part of a raster is no more than is looked through: a small file may say any size.

    Raises
    ------
    FileError
        It has too many cells, or they are packed in blocks that are too large to be unpacked.
    """
    require_number(file, n_cells, "raster", file_limits.MOST_RASTER_CELLS)
    sizes = zip(source.block_shapes, source.dtypes, strict=True)
    block = max(high * wide * np.dtype(kind).itemsize for (high, wide), kind in sizes)
    if block > file_limits.MOST_RASTER_BLOCK_BYTES:
        values = {"file": file, "mb": block / 2**20, "most": file_limits.MOST_RASTER_BLOCK_BYTES / 2**20}
        raise FileError(Message("demand.raster_block", values))


def few_parts(parts: Iterable[Part], file: str) -> Iterator[Part]:
    """Pass on the cells of each window, as long as they are not too many.

    Raises
    ------
    FileError
        They are.
    """
    n = 0
    for part in parts:
        n += len(part[0])
        require_number(file, n, "peopled", file_limits.MOST_PEOPLED_CELLS)
        yield part


def texts_of(source: rasterio.DatasetReader, band: int) -> tuple[str, ...]:
    """Give what the notes of a raster and of a band say in words: its unit, description and title."""
    unit = source.units[band - 1]
    notes = [(key, text) for about in (source.tags(band), source.tags()) for key, text in about.items()]
    told = [text for key, text in notes if any(word in key.casefold() for word in _TELLING)]
    return tuple(text for text in (unit, *told) if text and len(text) <= _LONGEST_TEXT)
