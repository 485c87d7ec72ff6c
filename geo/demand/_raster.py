"""Cells of a raster of people, read in windows: where they are and how many people each holds."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from geo.crs import NOWHERE, Reading, System, Whereabouts, settle_system, transform_xy
from geo.demand._formats import Unit
from geo.demand._raster_opening import few_parts, open_alone, require_few_cells, texts_of
from geo.errors import CrsError, FileError, InputError
from geo.messages import Message

__all__ = ["Cells", "Grid", "RasterFrame", "RasterReading", "raster_frame", "read_cells"]

_Bounds: TypeAlias = tuple[float, float, float, float]
_WINDOW: Final = 2048
_SAMPLE: Final = 8
"""So many places across and down stand for a raster."""
_PER_M2: Final[dict[str, float]] = {"per_km2": 1e-6, "per_ha": 1e-4}


@dataclass(frozen=True)
class RasterReading:
    """What the planner says of a raster.

    Parameters
    ----------
    crs : CRS, "GCJ-02", "BD-09" or OwnSystem, optional
        Holds whatever the file says.
    unit : {"people", "per_km2", "per_ha"}, optional
        Whether cells hold people or densities; None takes people, and looks for signs of densities.
    nodata : float or "none", optional
        Value of cells that say nothing, on top of the file's own; "none": no further value does.
    band : int
        The band that is read, from 1.
    known : Whereabouts
        The study's own systems, and where its roads are.
    """

    crs: System | None = None
    unit: Unit | None = None
    nodata: float | Literal["none"] | None = None
    band: int = 1
    known: Whereabouts = NOWHERE


@dataclass(frozen=True, eq=False)
class Grid:
    """Where the cells of a raster lie.

    Parameters
    ----------
    width : int
        Cells in a row.
    affine : affine.Affine
        Column and row to the raster's coordinates; it may be turned, or run from the south.
    move : callable
        Raster's coordinates to those that were asked for, metres.
    """

    width: int
    affine: rasterio.Affine
    move: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]

    def place(self, column: NDArray[np.float64], row: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the coordinates of places in the raster, shape (..., 2)."""
        return self.move(*_apply(self.affine, column, row))

    def outlines(self, number: NDArray[np.int64]) -> NDArray[np.object_]:
        """Give the outlines of cells by their numbers."""
        row, column = np.divmod(number, self.width)
        right, down = np.array([0, 1, 1, 0, 0]), np.array([0, 0, 1, 1, 0])
        corners = self.place(column[:, None] + right.astype(float), row[:, None] + down.astype(float))
        outlines: NDArray[np.object_] = shapely.polygons(corners)
        return outlines

    def areas(self, number: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the areas of cells, m2: one for each row of the raster, measured at its middle."""
        row, column = np.divmod(number, self.width)
        rows, of_row = np.unique(row, return_inverse=True)
        middle = np.full(len(rows), int(column.mean()) if len(column) else 0, dtype=np.int64)
        areas: NDArray[np.float64] = shapely.area(self.outlines(rows * self.width + middle))[of_row]
        return areas


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells with people, in rows from the first of the raster.

    Parameters
    ----------
    grid : Grid
        Where they lie.
    number : int64 array, shape (N,)
        Row x width + column in the raster: the same whatever part of it is read.
    xy : float64 array, shape (N, 2)
        Centres in the CRS that was asked for, metres.
    people : float64 array, shape (N,)
        More than 0.
    stored : float64 array, shape (N,)
        What the file holds there, before scale, offset and unit.
    on_rim : bool array, shape (N,)
        Whether the cell is of the outermost ring of what was read.
    n_rim : int
        Cells of that ring.
    n_negative : int
        Negative cells that are not the file's 'no data' value; they count as no data.
    negative : float
        The value most often found in them, as the file holds it.
    n_bands : int
        Bands in the file.
    people_dropped : float
        People in cells with fewer than ``min_people``.
    crs_notes : tuple of Message
        What moves all cells: a system other than the file's, an own system, a change of datum.
    label : str
        Name of the band in the file, if any.
    texts : tuple of str
        What the file says of itself and of the band: unit, description, title.
    scale, offset : float
        By which the stored numbers were turned into people.
    """

    grid: Grid
    number: NDArray[np.int64]
    xy: NDArray[np.float64]
    people: NDArray[np.float64]
    stored: NDArray[np.float64]
    on_rim: NDArray[np.bool_]
    n_rim: int
    n_negative: int
    negative: float
    n_bands: int
    people_dropped: float
    crs_notes: tuple[Message, ...]
    label: str
    texts: tuple[str, ...]
    scale: float
    offset: float


def read_cells(
    path: str | os.PathLike[str],
    *,
    crs: CRS,
    bounds: _Bounds | None = None,
    min_people: float = 0.0,
    reading: RasterReading | None = None,
) -> Cells:
    """Read the cells of a raster in which people live.

    Parameters
    ----------
    path : path
        A raster of one of :data:`RASTER_ENDINGS`.
    crs : pyproj.CRS
        Metric CRS of the result. The centres are moved, nobody is resampled.
    bounds : tuple of float, optional
        West, south, east, north in ``crs``: read this part only.
    min_people : float
        Leave out cells with fewer people.
    reading : RasterReading, optional
        What the planner says of the raster.

    Raises
    ------
    FileError
        Missing, or not a raster of a format that is read, or damaged.
    CrsError
        Neither the raster nor the planner says its CRS, or it cannot be the one that is said.
    InputError
        The bounds do not touch the raster, it has no such band, or it is a picture.
    """
    reading = reading or RasterReading()
    try:
        with _open(Path(path)) as source:
            _check_band(source, reading.band, path)
            settled = _settle(source, reading, path)
            grid = Grid(source.width, source.transform, _mover(settled, crs))
            left, top, right, bottom = _extent(source, settled, crs, bounds, path)
            windows = _windows(left, top, right, bottom)
            parts = list(few_parts((_part(source, window, reading) for window in windows), Path(path).name))
            band = reading.band - 1
            scale, offset = float(source.scales[band]), float(source.offsets[band])
            label, n_bands = source.descriptions[band] or "", source.count
            texts = texts_of(source, reading.band)
    except RasterioError as error:
        raise FileError(Message("demand.raster_damaged", {"file": path, "why": error})) from error
    row, column, stored = (np.concatenate([part[k] for part in parts]) for k in range(3))
    order = np.argsort(row * source.width + column)
    row, column, stored = row[order], column[order], stored[order]
    number = row * source.width + column
    people = stored * scale + offset
    if reading.unit in _PER_M2:
        people = people * (grid.areas(number) * _PER_M2[reading.unit])
    is_negative = people < 0
    few = (people > 0) & (people < min_people)
    lived_in = (people > 0) & ~few
    on_rim = (row == top) | (row == bottom - 1) | (column == left) | (column == right - 1)
    n_inside = max(right - left - 2, 0) * max(bottom - top - 2, 0)
    return Cells(
        grid=grid,
        number=number[lived_in],
        xy=grid.place(column[lived_in] + 0.5, row[lived_in] + 0.5),
        people=people[lived_in],
        stored=stored[lived_in],
        on_rim=on_rim[lived_in],
        n_rim=(right - left) * (bottom - top) - n_inside,
        n_negative=int(is_negative.sum()),
        negative=_most_frequent(stored[is_negative]),
        n_bands=n_bands,
        people_dropped=float(people[few].sum()),
        crs_notes=settled.notes,
        label=label,
        texts=texts,
        scale=scale,
        offset=offset,
    )


class RasterFrame(NamedTuple):
    """Where a raster lies: its corners in its own system, that system if it says one, its band's name."""

    corners: NDArray[np.float64]
    crs: CRS | None
    label: str


def raster_frame(path: Path) -> RasterFrame:
    """Read where a raster lies, and none of its cells.

    Raises
    ------
    FileError
        It is no raster of a format that is read, or damaged.
    """
    try:
        with _open(path) as source:
            left, bottom, right, top = source.bounds
            corners = np.array([[left, bottom], [right, bottom], [right, top], [left, top]])
            crs = None if source.crs is None else CRS.from_user_input(source.crs)
            return RasterFrame(corners, crs, source.descriptions[0] or "")
    except RasterioError as error:
        values = {"file": path, "why": error}
        raise FileError(Message("demand.raster_damaged", values)) from error


def _open(path: Path) -> rasterio.DatasetReader:
    with warnings.catch_warnings():
        # A raster without a place is told by its missing system.
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        return open_alone(path)


def _check_band(source: rasterio.DatasetReader, band: int, path: str | os.PathLike[str]) -> None:
    name = Path(path).name
    if not 1 <= band <= source.count:
        raise InputError(Message("demand.raster_no_band", {"file": name, "band": band, "n": source.count}))
    if source.colorinterp[band - 1] in (ColorInterp.red, ColorInterp.palette):
        raise InputError(Message("demand.raster_picture", {"file": name}))


def _settle(source: rasterio.DatasetReader, reading: RasterReading, path: str | os.PathLike[str]) -> Reading:
    """Settle the system of a raster as that of any layer; it may be far larger than the study."""
    stated = None if source.crs is None else CRS.from_user_input(source.crs)
    system = reading.crs if reading.crs is not None else stated
    if system is None:
        corner = max(map(abs, _apply(source.transform, np.zeros(1), np.zeros(1))))
        key = "raster_no_crs_degrees" if float(corner[0]) <= 180 else "raster_no_crs"
        raise CrsError(Message(f"demand.{key}", {"file": Path(path).name}))
    sample = _cells_of_roads(source, system, reading.known)
    try:
        return settle_system(reading.crs, stated, sample, Whereabouts(reading.known.systems))
    except CrsError as error:
        raise CrsError(Message("demand.raster_misfit", {"file": Path(path).name, "why": error})) from error


def _cells_of_roads(
    source: rasterio.DatasetReader, system: System, known: Whereabouts
) -> NDArray[np.float64]:
    """Give places of a raster that stand for it: where the roads are, else from all over it."""
    part = (np.arange(_SAMPLE) + 0.5) / _SAMPLE
    column, row = np.meshgrid(part * source.width, part * source.height)
    spread = np.column_stack(_apply(source.transform, column.ravel(), row.ravel()))
    if known.lonlat is None or not isinstance(system, CRS):
        return spread
    roads = transform_xy(known.lonlat, CRS.from_epsg(4326), system)
    column, row = _apply(~source.transform, *roads.T)
    inside = (column >= 0) & (column < source.width) & (row >= 0) & (row < source.height)
    return roads[inside] if inside.any() else spread


def _mover(
    settled: Reading, crs: CRS
) -> Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]:
    """Give the way from a raster's coordinates to those that are asked for."""

    def move(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        xy = settled.to_crs(np.column_stack([np.ravel(x), np.ravel(y)]))
        return transform_xy(xy, settled.crs, crs).reshape(*np.shape(x), 2)

    return move


def _extent(
    source: rasterio.DatasetReader,
    settled: Reading,
    crs: CRS,
    bounds: _Bounds | None,
    path: str | os.PathLike[str],
) -> tuple[int, int, int, int]:
    """Give left, top, right and bottom of the part inside the bounds, in cells."""
    left, top, right, bottom = 0, 0, source.width, source.height
    system = settled.system
    # Of an own system there is no way back: all of it is read.
    if bounds is not None and isinstance(system, str | CRS):
        degrees = CRS.from_epsg(4326) if isinstance(system, str) else system
        west, south, east, north = transform_bounds(crs.to_wkt(), degrees.to_wkt(), *bounds)
        # GCJ-02 and BD-09 are up to 0.02 degrees away, old datums some 100 m.
        margin = 0.0 if settled.change is None else 0.02 if degrees.is_geographic else 200.0
        x = np.array([west - margin, east + margin] * 2)
        column, row = _apply(~source.transform, x, np.repeat([south - margin, north + margin], 2))
        left, right = max(0, int(min(column)) - 1), min(right, int(max(column)) + 2)
        top, bottom = max(0, int(min(row)) - 1), min(bottom, int(max(row)) + 2)
    if left >= right or top >= bottom:
        raise InputError(Message("demand.raster_elsewhere", {"file": Path(path).name}))
    require_few_cells(source, (right - left) * (bottom - top), Path(path).name)
    return left, top, right, bottom


def _windows(left: int, top: int, right: int, bottom: int) -> Iterator[Window]:
    """Cut a part of a raster into windows that fit in memory."""
    for row in range(top, bottom, _WINDOW):
        for column in range(left, right, _WINDOW):
            yield Window(column, row, min(_WINDOW, right - column), min(_WINDOW, bottom - row))


def _part(
    source: rasterio.DatasetReader, window: Window, reading: RasterReading
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Read the cells of a window that say anything but nothing: row, column and what is stored."""
    raw = source.read(reading.band, window=window)
    # GDAL hands out either a mask or the 'no data' value; a file may have both, and both mean it.
    is_told = source.read_masks(reading.band, window=window) > 0
    stored = raw.astype(np.float64)
    for nothing in (source.nodatavals[reading.band - 1], reading.nodata):
        if isinstance(nothing, (int, float)):
            is_told &= raw != _as_stored(nothing, raw.dtype)
    is_told &= np.isfinite(stored)
    if source.offsets[reading.band - 1] == 0:
        is_told &= raw != 0
    row, column = np.nonzero(is_told)
    return row + int(window.row_off), column + int(window.col_off), stored[row, column]


def _apply(
    affine: rasterio.Affine, first: NDArray[np.float64], second: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn pairs of coordinates; affine 3.1 wants @ for this, and the versions before it *."""
    return (
        affine.a * first + affine.b * second + affine.c,
        affine.d * first + affine.e * second + affine.f,
    )


def _as_stored(value: float, dtype: np.dtype[np.generic]) -> float:
    """Give a value as the raster's type keeps it: -3.4e38 of a header is not that of a float32."""
    if dtype == np.float32 and np.isfinite(value) and abs(value) <= 3.5e38:
        limit = float(np.finfo(np.float32).max)
        return float(np.float32(min(max(value, -limit), limit)))
    return value


def _most_frequent(values: NDArray[np.float64]) -> float:
    if not len(values):
        return float("nan")
    each, n = np.unique(values, return_counts=True)
    return float(each[np.argmax(n)])
