"""Cells of a raster of people, read in windows: where they are and how many people each holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from rasterio.errors import RasterioError
from rasterio.warp import transform_bounds
from rasterio.windows import Window, from_bounds

from geo.errors import CrsError, FileError, InputError

__all__ = ["Cells", "read_cells"]

_WINDOW: Final = 2048


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells with people, in rows from the north.

    Parameters
    ----------
    number : int64 array, shape (N,)
        Row x width + column in the raster: the same whatever part of it is read.
    xy : float64 array, shape (N, 2)
        Centres in the CRS that was asked for, metres.
    people : float64 array, shape (N,)
        More than 0.
    n_negative : int
        Negative cells that are not the file's 'no data' value; they count as no data.
    n_bands : int
        Bands in the file; the first one is read.
    people_dropped : float
        People in cells with fewer than ``min_people``.
    """

    number: NDArray[np.int64]
    xy: NDArray[np.float64]
    people: NDArray[np.float64]
    n_negative: int
    n_bands: int
    people_dropped: float


def read_cells(
    path: str | os.PathLike[str],
    *,
    crs: CRS,
    bounds: tuple[float, float, float, float] | None = None,
    min_people: float = 0.0,
) -> Cells:
    """Read the cells of a raster in which people live.

    Parameters
    ----------
    path : path
        GeoTIFF, or another raster that GDAL reads; people per cell.
    crs : pyproj.CRS
        Metric CRS of the result. The centres are moved, nobody is resampled.
    bounds : tuple of float, optional
        West, south, east, north in ``crs``: read this part only.
    min_people : float
        Leave out cells with fewer people.

    Raises
    ------
    FileError
        Missing, or not a raster, or damaged.
    CrsError
        The raster has no CRS.
    InputError
        The bounds do not touch the raster.
    """
    try:
        with rasterio.open(path) as source:
            if source.crs is None:
                raise CrsError(f"{path}: the raster has no coordinate system; set it with gdal_edit")
            move = Transformer.from_crs(CRS.from_user_input(source.crs), crs, always_xy=True)
            parts = [
                _part(source, window, min_people=min_people) for window in _windows(source, crs, bounds, path)
            ]
            width, affine, n_bands = source.width, source.transform, source.count
    except RasterioError as error:
        raise FileError(f"{path}: cannot be read as a raster ({error})") from error
    row, column, people = (np.concatenate([part[k] for part in parts]) for k in range(3))
    number = row * width + column
    order = np.argsort(number)
    right, down = column[order] + 0.5, row[order] + 0.5
    x = affine.a * right + affine.b * down + affine.c
    y = affine.d * right + affine.e * down + affine.f
    return Cells(
        number=number[order],
        xy=np.column_stack(move.transform(x, y)),
        people=people[order],
        n_negative=sum(part[3] for part in parts),
        n_bands=n_bands,
        people_dropped=float(sum(part[4] for part in parts)),
    )


def _windows(
    source: rasterio.DatasetReader,
    crs: CRS,
    bounds: tuple[float, float, float, float] | None,
    path: str | os.PathLike[str],
) -> Iterator[Window]:
    """Cut the raster, or the part inside the bounds, into windows that fit in memory."""
    left, top, right, bottom = 0, 0, source.width, source.height
    if bounds is not None:
        there = transform_bounds(crs.to_wkt(), source.crs, *bounds)
        wish = from_bounds(*there, transform=source.transform)
        left, right = max(0, int(wish.col_off) - 1), min(right, int(wish.col_off + wish.width) + 2)
        top, bottom = max(0, int(wish.row_off) - 1), min(bottom, int(wish.row_off + wish.height) + 2)
    if left >= right or top >= bottom:
        raise InputError(f"{path}: the raster does not cover the study area; check both coordinate systems")
    for row in range(top, bottom, _WINDOW):
        for column in range(left, right, _WINDOW):
            yield Window(column, row, min(_WINDOW, right - column), min(_WINDOW, bottom - row))


def _part(
    source: rasterio.DatasetReader, window: Window, *, min_people: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], int, float]:
    read = source.read(1, window=window, masked=True)
    # A file may keep whole numbers and say by what to multiply them.
    stored = read.filled(0).astype(np.float64) * source.scales[0] + source.offsets[0]
    people = np.where(np.ma.getmaskarray(read), 0.0, stored)
    people[~np.isfinite(people)] = 0.0
    few = (people > 0) & (people < min_people)
    row, column = np.nonzero((people > 0) & ~few)
    inhabited = people[row, column]
    return (
        row + int(window.row_off),
        column + int(window.col_off),
        inhabited,
        int((people < 0).sum()),
        float(people[few].sum()),
    )
