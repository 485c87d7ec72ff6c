"""Read layer files of any vector or table format, with every guess and every fault reported; write them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.crs import (
    CRS_CHOICES,
    ShiftedDatum,
    bd09_to_wgs84,
    find_misfits,
    gcj02_to_wgs84,
    parse_crs,
)
from geo.errors import CrsError, FileError, InputError
from geo.headers import match_headers, read_columns
from geo.reports import Fault, Guess, LayerRead, LayerReport
from geo.shapes import GeometryKind, clean_shapes
from geo.tables import read_text, read_workbook
from geo.vectors import VECTOR_FORMATS, pick_file, read_vectors, unpack
from geo.writing import write_layer, write_text_whole

__all__ = [
    "LAYER_FORMATS",
    "Fault",
    "Guess",
    "LayerRead",
    "LayerReport",
    "read_layer",
    "write_layer",
    "write_text_whole",
]

_TABLE_FORMATS: Final = {".csv": "CSV", ".tsv": "TSV", ".txt": "CSV", ".xlsx": "XLSX", ".xlsm": "XLSX"}
LAYER_FORMATS: Final = (*_TABLE_FORMATS, *VECTOR_FORMATS, ".zip")
"""Endings of the files that :func:`read_layer` reads; a folder with one shapefile is read too."""
_Source: TypeAlias = tuple[pd.DataFrame, int, str, CRS | None, str, list[Fault], list[str]]


def read_layer(
    path: str | Path,
    *,
    layer: str | None = None,
    crs: str | CRS | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    geometry: Literal["any", "point", "line", "polygon", "none"] = "any",
) -> LayerRead:
    """Read a layer from a file.

    Parameters
    ----------
    path : path
        CSV, TSV, XLSX, GeoJSON, GeoPackage, Shapefile (``.shp``, its folder or zipped), GeoParquet, FlatGeobuf, KML.
    layer : str, optional
        Layer of a file that has several.
    crs : str or CRS, optional
        As :func:`geo.crs.parse_crs` takes it; needed where the file does not say it.
    encoding : str, optional
        Found by itself between UTF-8, UTF-16 and GB18030 when left out.
    columns : mapping of str to str, optional
        Our column -> header in the file; these are not guessed. Line layers keep their own headers
        unless they are settled here.
    sheet : str, optional
        Sheet of a workbook; else the first that has rows.
    geometry : {"any", "point", "line", "polygon", "none"}
        The kind wanted. Rows of another kind are faults and are not kept; ``"none"`` reads a plain table.

    Returns
    -------
    LayerRead
        ``table`` in its declared CRS (GCJ-02 and BD-09 already turned into EPSG:4326), and ``report``.

    Raises
    ------
    FileError
        The file is missing, damaged, cut off, too large, of an unknown format or in an unknown encoding.
    InputError
        It is empty, has no geometry, or lacks a settled column.
    CrsError
        Its coordinate system is not known, or is not what it is said to be.
    """
    path = Path(path)
    declared = None if crs is None else parse_crs(crs)
    source, form = _read_any(path, layer, encoding, sheet)
    frame, n_rows, found, file_crs, crs_note, faults, notes = source
    if not len(frame):
        raise InputError(f"{path.name} is empty: it has no rows" + (f" ({faults[0]})" if faults else ""))
    wanted = None if geometry != "line" else ("lon", "lat", "geometry")
    settled = {{"x": "lon", "y": "lat"}.get(ours, ours): theirs for ours, theirs in (columns or {}).items()}
    matched = match_headers(_attributes(frame), settled=settled, only=wanted)
    frame = _with_attributes(frame, *read_columns(_attributes(frame), matched), faults)
    notes += matched.notes
    if geometry == "none":
        table: pd.DataFrame = pd.DataFrame(_attributes(frame))
        crs_text, note = "", ""
    else:
        table, crs_text, note = _place(
            frame, declared, file_crs, crs_note, geometry, faults, notes, path.name
        )
    faults += _find_duplicates(table)
    bounds = (
        tuple(float(side) for side in table.total_bounds) if isinstance(table, gpd.GeoDataFrame) else None
    )
    report = LayerReport(
        path=str(path),
        format=form,
        encoding=found,
        n_rows=n_rows,
        n_kept=len(table),
        faults=tuple(sorted(faults, key=lambda fault: fault.row)),
        guesses=matched.guesses,
        crs=crs_text,
        crs_note=note,
        bounds=bounds,  # type: ignore[arg-type]
        notes=tuple(notes),
    )
    return LayerRead(table, report)


def _read_any(path: Path, layer: str | None, encoding: str | None, sheet: str | None) -> tuple[_Source, str]:
    if not path.exists():
        raise FileError(f"{path} does not exist")
    if path.is_dir():
        path = pick_file(sorted(path.glob("*.[sS][hH][pP]")), layer, path.name)
        layer = None
    suffix = path.suffix.casefold()
    if suffix not in LAYER_FORMATS:
        hint = "; save it as .xlsx" if suffix == ".xls" else f"; known are {', '.join(LAYER_FORMATS)}"
        raise FileError(f"{path.name}: format {suffix or '(no ending)'} is not known{hint}")
    try:
        if not path.stat().st_size:
            raise InputError(f"{path.name} is empty: 0 bytes")
        if suffix == ".zip":
            with unpack(
                path, layer=layer, wanted=[form for form in LAYER_FORMATS if form != ".zip"]
            ) as inner:
                source, form = _read_any(
                    inner, None if layer in {inner.stem, inner.name} else layer, encoding, sheet
                )
                return source, f"{form} (zipped)"
        if suffix in _TABLE_FORMATS:
            text = (
                read_workbook(path, sheet=sheet)
                if suffix.startswith(".xls")
                else read_text(path, encoding=encoding)
            )
            return (
                text.frame,
                text.n_rows,
                text.encoding,
                None,
                "",
                list(text.faults),
                list(text.notes),
            ), _TABLE_FORMATS[suffix]
        vector = read_vectors(path, layer=layer, encoding=encoding)
    except PermissionError as error:
        raise FileError(f"{path.name} may not be read: is it open in another program?") from error
    notes = list(vector.notes)
    return (
        vector.frame,
        len(vector.frame),
        vector.encoding,
        vector.crs,
        vector.crs_note,
        [],
        notes,
    ), VECTOR_FORMATS[suffix]


def _attributes(frame: pd.DataFrame) -> pd.DataFrame:
    if isinstance(frame, gpd.GeoDataFrame):
        return pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return frame


def _with_attributes(
    frame: pd.DataFrame, read: pd.DataFrame, bad: list[Fault], faults: list[Fault]
) -> pd.DataFrame:
    faults += bad
    if isinstance(frame, gpd.GeoDataFrame):
        return gpd.GeoDataFrame(read, geometry=frame.geometry, crs=frame.crs)
    return read


def _place(
    frame: pd.DataFrame,
    declared: CRS | ShiftedDatum | None,
    file_crs: CRS | None,
    crs_note: str,
    kind: GeometryKind,
    faults: list[Fault],
    notes: list[str],
    what: str,
) -> tuple[gpd.GeoDataFrame, str, str]:
    """Give every row its geometry in its CRS."""
    is_table = not isinstance(frame, gpd.GeoDataFrame)
    frame, more = _locate(frame, what) if is_table else (frame, [])
    faults += more
    is_json = what.casefold().endswith(("json", ".kml", ".kmz"))
    crs, note = _settle_crs(declared, file_crs, crs_note, is_json, frame, what)
    table, more, said = clean_shapes(frame, kind)
    faults += more
    notes += said
    if not len(table):
        raise InputError(
            f"{what}: none of its {len(frame)} rows has a usable geometry", faults=[str(f) for f in faults]
        )
    table, more = _drop_misfits(table, crs, what)
    faults += more
    if isinstance(crs, str):
        return _unshift(table, crs), crs, f"{note}; turned into EPSG:4326"
    code = crs.to_epsg()
    return table.set_crs(crs, allow_override=True), f"EPSG:{code}" if code else crs.name, note


def _locate(frame: pd.DataFrame, what: str) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Make geometry from a WKT column or from longitude and latitude."""
    if "geometry" in frame:
        text = frame["geometry"].fillna("").astype(str)
        shapes = shapely.from_wkt(text.to_numpy(dtype=object), on_invalid="ignore")
        bad = shapely.is_missing(shapes) & (text != "").to_numpy()
        faults = [Fault(int(row), "geometry", value[:60], "is no WKT") for row, value in text[bad].items()]
        return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes), faults
    if not {"lon", "lat"} <= set(frame.columns):
        raise InputError(
            f"{what} has no geometry: no columns of longitude and latitude among {', '.join(map(str, frame.columns))}; "
            "settle columns = { lon = ..., lat = ... }"
        )
    x, y = frame["lon"].to_numpy(float), frame["lat"].to_numpy(float)
    shapes = np.full(len(frame), None, dtype=object)
    located = ~np.isnan(x) & ~np.isnan(y)
    shapes[located] = shapely.points(x[located], y[located])
    return gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=shapes), []


def _settle_crs(
    declared: CRS | ShiftedDatum | None,
    file_crs: CRS | None,
    crs_note: str,
    is_json: bool,
    frame: gpd.GeoDataFrame,
    what: str,
) -> tuple[CRS | ShiftedDatum, str]:
    if declared is None:
        if file_crs is not None:
            return file_crs, crs_note
        if is_json:
            return CRS.from_epsg(4326), "GeoJSON that names none is WGS 84 by its standard"
        raise CrsError(f"{what}: {_looks_like(frame)}; write {CRS_CHOICES}")
    if file_crs is None or isinstance(declared, str) or declared == file_crs:
        if isinstance(declared, str) and file_crs is not None and not file_crs.is_geographic:
            raise CrsError(
                f"{what}: the file says {file_crs.name}, which is in metres; it cannot be {declared}"
            )
        return declared, "as declared"
    if file_crs.is_geographic and declared.is_geographic:
        return declared, f"as declared; the file says {file_crs.name}"
    raise CrsError(f"{what}: the file says {file_crs.name}, but {declared.name} is declared; leave out crs")


def _looks_like(frame: gpd.GeoDataFrame) -> str:
    bounds = frame.total_bounds
    if np.isfinite(bounds).all() and np.abs(bounds).max() <= 180:
        return "coordinates are degrees, but of which system is not known (it matters by 300-700 m)"
    return "the coordinate system is not known"


def _drop_misfits(
    table: gpd.GeoDataFrame, crs: CRS | ShiftedDatum, what: str
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Raise when the CRS fits less than half of the rows; else the rows that do not fit are faults."""
    corner = table.geometry.bounds.to_numpy()
    x, y = (corner[:, 0] + corner[:, 2]) / 2, (corner[:, 1] + corner[:, 3]) / 2
    misfit, why = find_misfits(x, y, crs)
    if not misfit.any():
        return table, []
    if misfit.mean() > 0.5:
        raise CrsError(f"{what}: {why}")
    rows = table.index[misfit]
    faults = [
        Fault(
            int(row),
            "geometry",
            f"{px:.8g}, {py:.8g}",
            f"{find_misfits(np.array([px]), np.array([py]), crs)[1]}; not kept",
        )
        for row, px, py in zip(rows, x[misfit], y[misfit], strict=True)
    ]
    return table[~misfit], faults


def _unshift(table: gpd.GeoDataFrame, datum: ShiftedDatum) -> gpd.GeoDataFrame:
    change = gcj02_to_wgs84 if datum == "GCJ-02" else bd09_to_wgs84
    moved = shapely.transform(
        table.geometry.to_numpy(), lambda xy: np.column_stack(change(xy[:, 0], xy[:, 1]))
    )
    return table.set_geometry(gpd.GeoSeries(moved, index=table.index, crs=4326))


def _find_duplicates(table: pd.DataFrame) -> list[Fault]:
    if "id" not in table:
        return []
    ids = table["id"].dropna().astype(str)
    first = {}
    faults = []
    for row, name in ids[ids.duplicated(keep=False)].items():
        if name in first:
            faults.append(Fault(int(row), "id", name[:60], f"is the id of row {first[name]} too"))  # type: ignore[call-overload]
        else:
            first[name] = row
    return faults
