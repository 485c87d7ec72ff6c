"""The table of counties: codes, names, boundaries, and all other columns as texts for the template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from geo.batch.settings import BatchFile
from geo.errors import GeoError, InputError
from geo.files import below
from geo.layers import Coordinates, LayerRead, Shape, read_layer
from geo.messages import Message, name_some
from geo.settings import NOTHING
from geo.study import LayerSpec

__all__ = ["County", "CountyTable", "read_counties"]

_WGS84: Final = "EPSG:4326"
_MOST_FAULTS: Final = 5
"""So many stand in a note."""


@dataclass(frozen=True, eq=False)
class County:
    """One county of a batch.

    Parameters
    ----------
    code, name : str
        What tells it apart, and how people call it.
    row : int
        Its row as the planner counts.
    values : mapping of str to str
        All columns of its row, by header.
    boundary : shapely.Geometry or None
        In degrees (WGS 84); None where none is known.
    error : GeoError or None
        What is wrong with its row; it is told, and the other counties are run.
    """

    code: str
    name: str
    row: int = 0
    values: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    boundary: Any | None = None
    error: GeoError | None = None


@dataclass(frozen=True, eq=False)
class CountyTable:
    """All counties of a batch, in the order of their table.

    Parameters
    ----------
    counties : tuple of County
        Each code once.
    columns : tuple of str
        Headers that a template may name.
    notes : tuple of Message
        What was noticed.
    """

    counties: tuple[County, ...]
    columns: tuple[str, ...]
    notes: tuple[Message, ...] = ()


def read_counties(batch: BatchFile) -> CountyTable:
    """Read the table of counties with their boundaries.

    Raises
    ------
    GeoError
        A file cannot be read; a column is missing; there are no rows, or rows of one code.
    """
    spec = batch.counties
    file = batch.path(spec.path)
    read = _read(spec, file, "none")
    table = read.table
    headers = {guess.column: guess.header for guess in read.report.guesses}
    texts = pd.DataFrame(
        {
            str(headers.get(name, name)): table[name].map(_text)
            for name in table.columns
            if name != "geometry"
        },
        index=table.index,
    )
    code = spec.code or str(headers.get("id", "code"))
    name = spec.name or str(headers.get("name", "name"))
    _require_columns(texts, [code, name, *([spec.boundary] if spec.boundary else [])], file)
    texts = texts[(texts[[code, name]] != "").any(axis=1)]
    if not len(texts):
        raise InputError(Message("batch.no_counties", {"file": file.name}))
    _require_apart(texts[code], file)
    notes = [*_faults_told(read, file)]
    shapes = _shapes_by_code(batch, texts[code], notes)
    counties = [_county(batch, int(row), values, shapes, keys=(code, name)) for row, values in _rows(texts)]
    strange = sorted(set(shapes) - {county.code for county in counties})
    if strange:
        notes.append(Message("batch.boundaries_unused", {"n": len(strange), "codes": name_some(strange)}))
    return CountyTable(tuple(counties), tuple(map(str, texts.columns)), tuple(notes))


def _faults_told(read: LayerRead, file: Path) -> Iterator[Message]:
    """Say which rows of a file are not used, or not as they stand."""
    if faults := read.report.faults:
        some = tuple(faults[:_MOST_FAULTS])
        yield Message("batch.rows_at_fault", {"file": file.name, "n": len(faults), "faults": some})


def _rows(texts: pd.DataFrame) -> Iterator[tuple[Any, dict[str, str]]]:
    for row, values in zip(texts.index, texts.to_dict("records"), strict=True):
        yield row, {str(name): str(value) for name, value in values.items()}


def _county(
    batch: BatchFile, row: int, values: Mapping[str, str], shapes: Mapping[str, Any], *, keys: tuple[str, str]
) -> County:
    """Make the county of a row; what is wrong with it stays with it."""
    spec = batch.counties
    code, name = values[keys[0]], values[keys[1]] or values[keys[0]]
    county = County(code, name, row, values)
    try:
        if not code:
            raise InputError(Message("batch.no_code", {"column": keys[0]}))
        if not _may_name_folder(code):
            raise InputError(Message("batch.code_unsafe", {"column": keys[0], "code": code}))
        boundary = shapes.get(code)
        if boundary is None and spec.boundary and values[spec.boundary]:
            boundary = _union(
                _read(LayerSpec(values[spec.boundary]), batch.path(values[spec.boundary]), "polygon").table
            )
        return County(code, name, row, values, boundary)
    except GeoError as error:
        called = code if _may_name_folder(code) else f"row-{row}"
        return County(called, name, row, county.values, error=error)


def _may_name_folder(code: str) -> bool:
    """Whether a folder may be called so, on every system."""
    return "/" not in code and below(Path(), code)


def _read(spec: LayerSpec, file: Path, shape: Shape) -> LayerRead:
    return read_layer(
        file,
        layer=spec.layer,
        crs=spec.crs,
        encoding=spec.encoding,
        columns=spec.columns,
        sheet=spec.sheet,
        geometry=shape,
        coordinates=Coordinates(spec.order, spec.angles, decimal=spec.decimal),
    )


def _shapes_by_code(batch: BatchFile, codes: pd.Series, notes: list[Message]) -> dict[str, Any]:
    """Give each code its boundary, of the table itself or of the layer beside it; parts are put together."""
    if batch.boundaries is None:
        return _own_shapes(batch, codes, notes)
    spec = batch.boundaries
    file = batch.path(spec.path)
    read = _read(spec, file, "polygon")
    notes += _faults_told(read, file)
    headers = {guess.column: guess.header for guess in read.report.guesses}
    theirs = {str(headers.get(name, name)): name for name in read.table.columns}
    code = spec.code or str(codes.name)
    _require_columns(pd.DataFrame(columns=list(theirs)), [code], file)
    named = read.table[theirs[code]].map(_text)
    return {str(code): _union(part) for code, part in read.table.groupby(named.to_numpy()) if code}


def _own_shapes(batch: BatchFile, codes: pd.Series, notes: list[Message]) -> dict[str, Any]:
    """Give the boundaries that stand in the table of counties; a row without one is a county all the same."""
    file = batch.path(batch.counties.path)
    try:
        read = _read(batch.counties, file, "polygon")
    except InputError as error:
        if getattr(error.message, "key", "") != "layers.no_places":  # a plain table
            notes.append(Message("batch.no_shapes", {"why": error.message}))
        return {}
    notes += [note for note in _faults_told(read, file) if note not in notes]
    table = read.table
    return {code: _union(table.loc[[row]]) for row, code in codes.items() if code and row in table.index}


def _union(table: gpd.GeoDataFrame) -> Any:
    degrees = table.to_crs(_WGS84).geometry.dropna()
    return shapely.union_all(shapely.make_valid(degrees.to_numpy())) if len(degrees) else None


def _require_columns(table: pd.DataFrame, names: list[str], file: Path) -> None:
    for name in names:
        if name not in table.columns:
            values = {"file": file.name, "header": name, "columns": ", ".join(map(str, table.columns))}
            raise InputError(Message("study.no_column", values))


def _require_apart(codes: pd.Series, file: Path) -> None:
    """Check that no code stands twice: folders and results are named by it."""
    twice = codes[codes.str.casefold().duplicated(keep=False) & (codes != "")]
    if len(twice):
        values = {"file": file.name, "codes": name_some(dict.fromkeys(twice)), "rows": name_some(twice.index)}
        raise InputError(Message("batch.code_twice", values))


def _text(value: Any) -> str:
    """Give a cell as the planner wrote it: a code that a workbook holds as a number has no decimals."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
