"""Read layer files of any vector or table format, with every guess and every fault reported; write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.crs import CRS_CHOICES, TO_WGS84, ShiftedDatum, find_misfits, parse_crs
from geo.errors import CrsError, InputError
from geo.layers._cells import parse_pair
from geo.layers._formats.asked import Asked
from geo.layers._formats.opening import open_layer
from geo.layers._formats.table import FORMATS, LAYER_FORMATS, TABLE_FORMATS, Format, tell_formats
from geo.layers._geometry import clean_shapes
from geo.layers._tables import find_totals
from geo.layers.columns import match_headers, read_columns
from geo.layers.report import LayerRead, LayerReport, RawLayer
from geo.layers.write import write_layer, write_layers, write_text_whole
from geo.messages import Fault, Guess, Message
from geo.words import word_lists

__all__ = [
    "FORMATS",
    "LAYER_FORMATS",
    "TABLE_FORMATS",
    "Fault",
    "Format",
    "Guess",
    "LayerRead",
    "LayerReport",
    "read_layer",
    "tell_formats",
    "write_layer",
    "write_layers",
    "write_text_whole",
]

_PLACES: Final = ("lon", "lat", "geometry")
_PLACES_AND_PAIR: Final = (*_PLACES, "lonlat", "people")
_ALIASES: Final = {"x": "lon", "y": "lat", "wkt": "geometry"}


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
        Any format of :data:`FORMATS`, also zipped; a folder with one shapefile, geodatabase or MapInfo table
        is read too.
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
        Sheet of a workbook; else the first with known headers, else the first that has rows.
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
    raw = open_layer(path, Asked(layer, sheet, encoding, geometry))
    if not len(raw.frame):
        raise InputError(f"{path.name} is empty: it has no rows", faults=[str(fault) for fault in raw.faults])
    matched = match_headers(
        _attributes(raw.frame),
        settled={_ALIASES.get(ours, ours): theirs for ours, theirs in (columns or {}).items()},
        only=_PLACES if geometry == "line" else None,
        units=raw.units,
    )
    _require_calculated(raw.faults, matched.header, path.name)
    read, bad = read_columns(_attributes(raw.frame), matched)
    is_total = find_totals(read)
    bad += [Fault(int(row), "row", "", Message("layers.total_row")) for row in read.index[is_total]]
    table = read[~is_total]
    crs_name, notes = "", [*raw.notes, *matched.notes]
    crs_note: Message | None = None
    if geometry != "none":
        shaped, more = _shape(raw, read, path.name)
        shaped = shaped[~is_total]
        crs_known, crs_note = _settle_crs(declared, raw, shaped, path.name)
        if declared is not None and raw.crs_said and raw.crs_said != declared:
            values = {"stated": raw.crs_said, "declared": str(crs if isinstance(crs, str) else crs_known)}
            notes.append(Message("layers.crs_said_other", values))
        table, of_shapes, more_notes = clean_shapes(shaped, geometry)
        bad, notes = [*bad, *more, *of_shapes], [*notes, *more_notes]
        if not len(table):
            faults = [str(fault) for fault in bad]
            raise InputError(
                f"{path.name}: none of its {len(read)} rows has a usable geometry", faults=faults
            )
        table, more = _drop_misfits(table, crs_known, path.name)
        table, crs_name = _in_crs(table, crs_known)
        bad += more
    bad = [*raw.faults, *bad, *_find_duplicates(table)]
    report = LayerReport(
        path=str(path),
        format=raw.format,
        encoding=raw.encoding,
        n_rows=len(raw.frame) + raw.n_lost,
        n_kept=len(table),
        faults=tuple(sorted(bad, key=lambda fault: fault.row)),
        guesses=matched.guesses,
        crs=crs_name,
        crs_note=crs_note,
        bounds=_bounds(table),
        notes=tuple(notes),
    )
    return LayerRead(table, report, read[~read.index.isin(table.index)])


def _attributes(frame: pd.DataFrame) -> pd.DataFrame:
    if isinstance(frame, gpd.GeoDataFrame):
        return pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return frame


def _shape(raw: RawLayer, read: pd.DataFrame, what: str) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Give the table its geometry: the file's own, from a WKT column, or from longitude and latitude."""
    if isinstance(raw.frame, gpd.GeoDataFrame):
        shapes = raw.frame.geometry.to_numpy()
        return gpd.GeoDataFrame(read.drop(columns="geometry", errors="ignore"), geometry=shapes), []
    if "geometry" in read:
        text = read["geometry"].fillna("").astype(str)
        shapes = shapely.from_wkt(text.to_numpy(dtype=object), on_invalid="ignore")
        bad = shapely.is_missing(shapes) & (text != "").to_numpy()
        faults = [
            Fault(int(row), "geometry", value[:60], Message("layers.not_wkt"))
            for row, value in text[bad].items()
        ]
        return gpd.GeoDataFrame(read.drop(columns="geometry"), geometry=shapes), faults
    if "lonlat" in read and not {"lon", "lat"} <= set(read.columns):
        return _from_pairs(read)
    if not {"lon", "lat"} <= set(read.columns):
        raise InputError(_no_places([str(column) for column in raw.frame.columns], what))
    x, y = read["lon"].to_numpy(dtype=float), read["lat"].to_numpy(dtype=float)
    located = ~np.isnan(x) & ~np.isnan(y)
    shapes = np.full(len(read), None, dtype=object)
    shapes[located] = shapely.points(x[located], y[located])
    return gpd.GeoDataFrame(read.drop(columns=["lon", "lat"]), geometry=shapes), []


def _no_places(headers: list[str], what: str) -> Message:
    """Say what a table without coordinates lacks; one with addresses is on the way to them."""
    values = {"file": what, "columns": ", ".join(headers)}
    words = word_lists("table")["header"]["address"]
    address = [header for header in headers if any(word in header.casefold() for word in words)]
    if address:
        return Message("layers.only_addresses", {**values, "header": address[0]})
    return Message("layers.no_places", values)


def _require_calculated(faults: Sequence[Fault], matched: Mapping[str, str], what: str) -> None:
    """Stop where coordinates are formulas that no program has calculated: the rows would be lost."""
    headers = [matched[ours] for ours in _PLACES_AND_PAIR if ours in matched]
    lost = [
        fault for fault in faults if fault.reason.key == "layers.never_calculated" and fault.column in headers
    ]
    if lost:
        columns = ", ".join(dict.fromkeys(fault.column for fault in lost))
        rows = sorted({fault.row for fault in lost})
        shown = ", ".join(map(str, rows[:5])) + (", ..." if len(rows) > 5 else "")
        values = {"file": what, "n": len(lost), "headers": columns, "rows": shown}
        raise InputError(Message("layers.formulas_stop", values))


def _from_pairs(read: pd.DataFrame) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Make points of cells that hold longitude and latitude."""
    pairs = {text: parse_pair(text) for text in read["lonlat"].dropna().astype(str).unique()}
    shapes, faults = np.full(len(read), None, dtype=object), []
    for place, (row, text) in enumerate(read["lonlat"].items()):
        pair = None if pd.isna(text) else pairs[str(text)]
        if pair is not None:
            shapes[place] = shapely.Point(pair)
        elif not pd.isna(text):
            faults.append(Fault(int(str(row)), "lonlat", str(text)[:60], Message("layers.not_pair")))
    return gpd.GeoDataFrame(read.drop(columns="lonlat"), geometry=shapes), faults


def _settle_crs(
    declared: CRS | ShiftedDatum | None, raw: RawLayer, frame: gpd.GeoDataFrame, what: str
) -> tuple[CRS | ShiftedDatum, Message]:
    """Choose between what the study declares and what the file says; both must agree on degrees or metres."""
    if declared is None and raw.crs is not None:
        return raw.crs, Message("layers.crs_of_file")
    if declared is None and raw.crs_said:
        try:
            return parse_crs(raw.crs_said), Message("layers.crs_of_file")
        except CrsError as error:
            raise CrsError(f"{what}: the file says {raw.crs_said[:60]!r}; {error}") from error
    if declared is None:
        if raw.format.startswith(("GeoJSON", "TopoJSON")):
            return CRS.from_epsg(4326), Message("layers.crs_json")
        hint = f"; {raw.crs_hint}" if raw.crs_hint else ""
        raise CrsError(f"{what}: {_looks_like(frame)}; write {CRS_CHOICES}{hint}")
    if isinstance(declared, str):
        if raw.crs is not None and not raw.crs.is_geographic:
            raise CrsError(
                f"{what}: the file says {raw.crs.name}, which is in metres; it cannot be {declared}"
            )
        return declared, Message("layers.crs_unshifted")
    if raw.crs is None or declared == raw.crs:
        return declared, Message("layers.crs_declared")
    if raw.crs.is_geographic and declared.is_geographic:
        return declared, Message("layers.crs_over_file", {"name": raw.crs.name})
    raise CrsError(f"{what}: the file says {raw.crs.name}, but {declared.name} is declared; leave out crs")


def _looks_like(frame: gpd.GeoDataFrame) -> str:
    bounds = frame.total_bounds
    if np.isfinite(bounds).all() and np.abs(bounds).max() <= 180:
        return "coordinates are degrees, but of which system is not known (it matters by 300-700 m)"
    return "the coordinate system is not known"


def _drop_misfits(
    table: gpd.GeoDataFrame, crs: CRS | ShiftedDatum, what: str
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Raise when the CRS fits less than half of the rows; else each row that does not fit is a fault."""
    corner = table.geometry.bounds.to_numpy()
    x, y = (corner[:, 0] + corner[:, 2]) / 2, (corner[:, 1] + corner[:, 3]) / 2
    misfit, why = find_misfits(x, y, crs)
    if not misfit.any():
        return table, []
    if misfit.mean() > 0.5:
        raise CrsError(f"{what}: {why}")
    faults = []
    for place in np.flatnonzero(misfit):
        _, why = find_misfits(x[[place]], y[[place]], crs)
        coordinates = f"{x[place]:.8g}, {y[place]:.8g}"
        faults.append(
            Fault(int(table.index[place]), "geometry", coordinates, Message("layers.misfit", {"why": why}))
        )
    return table[~misfit], faults


def _in_crs(table: gpd.GeoDataFrame, crs: CRS | ShiftedDatum) -> tuple[gpd.GeoDataFrame, str]:
    if not isinstance(crs, str):
        code = crs.to_epsg()
        return table.set_crs(crs, allow_override=True), f"EPSG:{code}" if code else crs.name
    shapes = table.geometry.to_numpy()
    moved = shapely.transform(shapes, lambda xy: np.column_stack(TO_WGS84[crs](*xy.T)))
    return table.set_geometry(gpd.GeoSeries(moved, index=table.index, crs=4326)), crs


def _bounds(table: pd.DataFrame) -> tuple[float, float, float, float] | None:
    if not isinstance(table, gpd.GeoDataFrame) or not len(table):
        return None
    west, south, east, north = (float(side) for side in table.total_bounds)
    return west, south, east, north


def _find_duplicates(table: pd.DataFrame) -> list[Fault]:
    if "id" not in table:
        return []
    ids = table["id"].dropna().astype(str)
    first: dict[str, object] = {}
    faults = []
    for row, name in ids[ids.duplicated(keep=False)].items():
        if name in first:
            faults.append(
                Fault(int(str(row)), "id", name[:60], Message("layers.double_id", {"row": first[name]}))
            )
        first.setdefault(name, row)
    return faults
