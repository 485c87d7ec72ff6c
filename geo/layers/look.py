"""A look at a file before a study names it: its parts, and what stands in one of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import ShiftedDatum, parse_crs
from geo.errors import CrsError, FileError, GeoError, InputError
from geo.layers._formats.asked import Asked
from geo.layers._formats.gdal import list_names
from geo.layers._formats.opening import layers_in_zip, open_layer
from geo.layers._formats.sqlite_files import opened_sqlite
from geo.layers._formats.table import find_format
from geo.layers._formats.workbooks import list_sheets
from geo.layers._shapes import shape_rows
from geo.layers._totals import find_totals
from geo.layers.columns import marks_of, match_headers, read_columns
from geo.layers.read import without_shapes
from geo.layers.report import RawLayer
from geo.messages import Fault, Message
from geo.reading import reads_a_file
from geo.settings import NOTHING
from geo.sources import require_source

__all__ = ["LayerLook", "Part", "list_parts", "look_at_layer"]

_OF_GDAL: Final = ("gpkg", "gdb", "sqlite")
_WORKBOOKS: Final = ("xlsx", "xls", "xlsb", "ods")


class Part(NamedTuple):
    """One table or layer of a file, as a study file names it.

    Parameters
    ----------
    layer, sheet : str or None
        None where the file has no other.
    is_seen : bool
        False for a sheet that its program hides.
    """

    layer: str | None = None
    sheet: str | None = None
    is_seen: bool = True


@dataclass(frozen=True, eq=False)
class LayerLook:
    """What stands in a layer, whatever its system.

    Parameters
    ----------
    format, encoding : str
        As in :class:`geo.layers.LayerReport`.
    table : DataFrame
        Index ``row``; columns under our names where they were recognised, without rows of totals and without
        places.
    headers : mapping of str to str
        Our column and the header in the file.
    rivals : mapping of str to tuple of str
        Our column and other headers that it could be, the likeliest first.
    shapes : object array or None
        The places with the coordinates of the file, one a row of ``table``, None in it where a row has none;
        None for a table without places.
    no_shapes : str or Message
        Why there are no places.
    stated : CRS, shifted datum or None
        The system that the file states.
    faults, notes : tuple
        Of reading the texts and numbers; places are not judged.
    """

    format: str
    encoding: str
    table: pd.DataFrame
    headers: Mapping[str, str]
    rivals: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)
    shapes: NDArray[np.object_] | None = None
    no_shapes: str | Message = ""
    stated: CRS | ShiftedDatum | None = None
    faults: tuple[Fault, ...] = ()
    notes: tuple[Message, ...] = ()


@reads_a_file
def list_parts(path: Path) -> tuple[Part, ...]:
    """List the sheets of a workbook, the layers of a database, or the layers in a zip.

    Parameters
    ----------
    path : Path
        A file of any format that is read, or the folder of a geodatabase.

    Returns
    -------
    tuple of Part
        One without names where the file is one layer.

    Raises
    ------
    GeoError
        The file cannot be opened.
    """
    require_source(path, may_be_folder=True)
    form = find_format(path)
    if form is None:
        return (Part(),)
    if form.key == "zip":
        return tuple(_of_zip(path))
    if form.key in _WORKBOOKS:
        sheets = list_sheets(path)
        # One sheet needs no name: next year's may be called otherwise.
        return (
            tuple(Part(sheet=name, is_seen=seen) for name, seen in sheets) if len(sheets) > 1 else (Part(),)
        )
    if form.key in _OF_GDAL:
        # As when it is read: its log stays as it is, and no view is waited for.
        with nullcontext(path) if form.key == "gdb" else opened_sqlite(path, form.name.say("en")) as base:
            names = list_names(base)
        return tuple(Part(layer=name) for name in names) if len(names) > 1 else (Part(),)
    return (Part(),)


def _of_zip(path: Path) -> Iterator[Part]:
    with tempfile.TemporaryDirectory(prefix="geo-") as name:
        files = layers_in_zip(path, Path(name))
        for file in files:
            parts = list_parts(file)
            if len(files) == 1:
                yield from parts
            elif len(parts) == 1 or parts[0].layer is None:
                yield from (Part(file.name, part.sheet, part.is_seen) for part in parts)
            else:
                raise FileError(Message("layers.zip_of_databases", {"file": path.name, "inner": file.name}))


@reads_a_file
def look_at_layer(
    path: str | Path, *, layer: str | None = None, sheet: str | None = None, encoding: str | None = None
) -> LayerLook:
    """Read a layer without asking for its system, for which it may not even have a place.

    Parameters
    ----------
    path : path
        As :func:`geo.layers.read_layer` takes it.
    layer, sheet, encoding : str, optional
        As :func:`geo.layers.read_layer` takes them.

    Raises
    ------
    FileError, InputError
        As :func:`geo.layers.read_layer`; a table without places is none.
    """
    path = Path(path)
    raw = open_layer(path, Asked(layer, sheet, encoding, "any"))
    if not len(raw.frame):
        raise InputError(Message("layers.no_rows", {"file": path.name}))
    plain = without_shapes(raw.frame)
    matched = match_headers(plain, units=raw.units)
    read, faults = read_columns(plain, matched, marks=marks_of(plain, matched, path.name, may_stop=False))
    is_total = find_totals(read)
    shapes, why, raw = _shapes(raw, read, path.name, matched.header)
    return LayerLook(
        format=raw.format,
        encoding=raw.encoding,
        table=read[~is_total].drop(columns="geometry", errors="ignore"),
        headers=matched.header,
        rivals=_rivals(plain, matched.header, raw.units),
        shapes=None if shapes is None else shapes[~np.asarray(is_total, dtype=bool)],
        no_shapes=why,
        stated=_stated(raw),
        faults=tuple(faults),
        notes=(*raw.notes, *matched.notes),
    )


def _shapes(
    raw: RawLayer, read: pd.DataFrame, what: str, headers: Mapping[str, str]
) -> tuple[NDArray[np.object_] | None, str | Message, RawLayer]:
    try:
        placed, _, raw = shape_rows(raw, read, what, None, headers)
    except InputError as error:
        return None, error.message, raw
    shapes = placed.geometry.to_numpy(dtype=object)
    has_none = shapely.is_missing(shapes).all()
    return (None, Message("layers.no_geometry"), raw) if has_none else (shapes, "", raw)


def _stated(raw: RawLayer) -> CRS | ShiftedDatum | None:
    if raw.crs is None and raw.crs_said:
        try:
            return parse_crs(raw.crs_said)
        except CrsError:
            return None
    is_json = raw.crs is None and raw.format.startswith(("GeoJSON", "TopoJSON"))
    return CRS.from_epsg(4326) if is_json else raw.crs


def _rivals(
    frame: pd.DataFrame, headers: Mapping[str, str], units: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """Give the headers that are not taken and would be one of our columns if they stood alone."""
    rivals: dict[str, list[str]] = {}
    taken = set(headers.values())
    for header in frame.columns:
        if header in taken:
            continue
        try:
            alone = match_headers(frame[[header]], units=units).header
        except GeoError:  # a unit that is not known
            continue
        for ours in alone:
            rivals.setdefault(ours, []).append(str(header))
    return {ours: tuple(others) for ours, others in rivals.items()}
