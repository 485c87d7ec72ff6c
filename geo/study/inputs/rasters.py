"""The people of a raster of a study: unpacked, read as its section says, told."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
from pyproj import CRS

from geo.crs import NOWHERE, Whereabouts, find_system
from geo.demand import RASTER_ENDINGS, DemandRead, RasterReading, demand_from_raster
from geo.errors import FileError
from geo.layers import extract_zip
from geo.messages import Message
from geo.study.settings import DemandSpec

__all__ = ["read_raster"]


def read_raster(
    spec: DemandSpec, file: Path, *, crs: CRS, zones: gpd.GeoDataFrame, known: Whereabouts = NOWHERE
) -> DemandRead:
    """Read a raster of people, also one in a zip.

    Parameters
    ----------
    spec : DemandSpec
        What the study file says of it.
    file : Path
        The raster, or a zip that holds one.
    crs : CRS
        Metric CRS of the study.
    zones : GeoDataFrame
        Cells are cut at their borders.
    known : Whereabouts
        Own systems, and where the roads are.

    Raises
    ------
    GeoError
        As :func:`geo.demand.demand_from_raster`; a zip holds no raster, or several.
    """
    declared = None if spec.crs is None else find_system(spec.crs, known)
    reading = RasterReading(crs=declared, unit=spec.unit, nodata=spec.nodata, band=spec.band, known=known)
    with _unpacked(file, spec.layer) as raster:
        read = demand_from_raster(
            raster, crs=crs, zones=zones if len(zones) else None, keep_outside=True, reading=reading
        )
        return read if raster == file else replace(read, label=f"{raster.stem} {read.label}".strip())


@contextmanager
def _unpacked(file: Path, layer: str | None) -> Iterator[Path]:
    """Give the raster in a zip, in a folder that is gone afterwards; any other file as it is."""
    if file.suffix.casefold() != ".zip" or not file.is_file():
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="geo-") as name:
        inside = [each for each in extract_zip(file, Path(name)) if each.suffix.casefold() in RASTER_ENDINGS]
        named = [each for each in inside if layer in {each.stem, each.name}] or inside
        if len(named) != 1:
            names = ", ".join(sorted(each.name for each in inside)) or "-"
            raise FileError(
                Message("study.raster_zip", {"file": file.name, "n": len(inside), "names": names})
            )
        yield named[0]
