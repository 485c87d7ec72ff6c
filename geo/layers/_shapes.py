"""Shapes of the rows of a table: from longitude and latitude, both in one cell, or WKT, WKB or GeoJSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjError

from geo.errors import InputError
from geo.layers._angles import pair_notes, parse_packed, parse_pair, split_pair
from geo.layers.report import RawLayer
from geo.messages import Fault, Message
from geo.nesting import is_nested
from geo.words import word_lists

__all__ = ["Angles", "shape_rows"]

Angles: TypeAlias = Literal["packed"]
_WKT: Final = re.compile(
    r"\s*(?:SRID\s*=\s*(\d+)\s*;)?\s*((?:MULTI)?(?:POINT|LINESTRING|POLYGON)\b.*|GEOMETRYCOLLECTION\b.*)",
    re.IGNORECASE | re.DOTALL,
)
_WKB: Final = re.compile(r"\s*(?:\\x)?((?:00|01)(?:[0-9A-Fa-f]{2}){8,})\s*")
_LINK: Final = re.compile(r"\s*(?:https?://|www\.)", re.IGNORECASE)


def shape_rows(
    raw: RawLayer, read: pd.DataFrame, what: str, angles: Angles | None, headers: Mapping[str, str]
) -> tuple[gpd.GeoDataFrame, list[Fault], RawLayer]:
    """Give a table its geometry.

    Parameters
    ----------
    raw : RawLayer
        As the file holds it; its own shapes count before all columns.
    read : DataFrame
        The rows under our names.
    what : str
        The file, for messages.
    angles : {"packed"}, optional
        How angles in one cell are written.
    headers : mapping of str to str
        Our column -> header in the file, for messages.

    Returns
    -------
    table : GeoDataFrame
        With shapes, none where a row has no readable place.
    faults : list of Fault
        Cells that are no place.
    raw : RawLayer
        With the system that the shapes state, if they all state one.

    Raises
    ------
    InputError
        No column holds places.
    """
    if isinstance(raw.frame, gpd.GeoDataFrame):
        shapes = raw.frame.geometry.to_numpy()
        return gpd.GeoDataFrame(read.drop(columns="geometry", errors="ignore"), geometry=shapes), [], raw
    has_both = {"lon", "lat"} <= set(read.columns)
    for column in ("geometry", "lonlat"):
        if column in read and (column == "geometry" or (not has_both and _holds_shapes(read[column]))):
            return _from_shapes(raw, read, column, headers.get(column, column))
    if "lonlat" in read and not has_both:
        header = headers.get("lonlat", "lonlat")
        notes = (*raw.crs_notes, *pair_notes(read["lonlat"], header))
        return (*_from_pairs(read, angles, header), replace(raw, crs_notes=notes))
    if not has_both:
        raise InputError(_no_places([str(column) for column in raw.frame.columns], what))
    x, y = read["lon"].to_numpy(dtype=float), read["lat"].to_numpy(dtype=float)
    located = ~np.isnan(x) & ~np.isnan(y)
    shapes = np.full(len(read), None, dtype=object)
    shapes[located] = shapely.points(x[located], y[located])
    return gpd.GeoDataFrame(read.drop(columns=["lon", "lat"]), geometry=shapes), [], raw


def _holds_shapes(cells: pd.Series) -> bool:
    texts = cells.dropna().astype(str)
    return bool(len(texts) and texts.map(lambda text: _says_shape(text) is not None).mean() > 0.5)


def _says_shape(text: str) -> Literal["wkt", "wkb", "json"] | None:
    if text.lstrip().startswith("{"):
        return "json"
    if _WKB.fullmatch(text):
        return "wkb"
    return "wkt" if _WKT.fullmatch(text) else None


def _from_shapes(
    raw: RawLayer, read: pd.DataFrame, column: str, header: str
) -> tuple[gpd.GeoDataFrame, list[Fault], RawLayer]:
    texts = read[column].fillna("").astype(str)
    shapes, codes = np.full(len(texts), None, dtype=object), set()
    for place, text in enumerate(texts):
        shapes[place], code = _shape_of(text)
        codes |= {code} if shapes[place] is not None else set()
    bad = shapely.is_missing(shapes) & (texts.str.strip() != "").to_numpy()
    reason = Message("layers.not_wkt")
    faults = [Fault(int(str(row)), header, text[:60], reason) for row, text in texts[bad].items()]
    stated = _system(codes.pop()) if len(codes) == 1 and raw.crs is None else None
    raw = raw if stated is None else replace(raw, crs=stated)
    return gpd.GeoDataFrame(read.drop(columns=column), geometry=shapes), faults, raw


def _shape_of(text: str) -> tuple[shapely.Geometry | None, int]:
    """Read a shape and the code of its system, 0 where it states none."""
    kind = _says_shape(text)
    if is_nested(text):
        return None, 0
    if kind == "json":
        return shapely.from_geojson(text, on_invalid="ignore"), 0
    if kind == "wkb":
        match = _WKB.fullmatch(text)
        data = bytes.fromhex(match[1]) if match and len(match[1]) % 2 == 0 else b""
        shape = None if is_nested(data) else shapely.from_wkb(data, on_invalid="ignore")
        return shape, 0 if shape is None else int(shapely.get_srid(shape))
    match = _WKT.fullmatch(text)
    if match is None:
        return None, 0
    return shapely.from_wkt(match[2], on_invalid="ignore"), int(match[1] or 0)


def _system(code: int) -> CRS | None:
    try:
        return CRS.from_epsg(code) if code else None
    except ProjError:
        return None


def _from_pairs(
    read: pd.DataFrame, angles: Angles | None, header: str
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Make points of cells that hold longitude and latitude."""
    parse = _packed_pair if angles == "packed" else parse_pair
    pairs = {text: parse(text) for text in read["lonlat"].dropna().astype(str).unique()}
    shapes: NDArray[np.object_] = np.full(len(read), None, dtype=object)
    faults = []
    for place, (row, text) in enumerate(read["lonlat"].items()):
        pair = None if pd.isna(text) else pairs[str(text)]
        if pair is not None:
            shapes[place] = shapely.Point(pair)
        elif not pd.isna(text):
            reason = Message("layers.map_link" if _LINK.match(str(text)) else "layers.not_pair")
            faults.append(Fault(int(str(row)), header, str(text)[:60], reason))
    return gpd.GeoDataFrame(read.drop(columns="lonlat"), geometry=shapes), faults


def _packed_pair(text: str) -> tuple[float, float] | None:
    values = [parse_packed(part) for part in split_pair(text)]
    return (values[0], values[1]) if len(values) == 2 and None not in values else None  # type: ignore[return-value]


def _no_places(headers: list[str], what: str) -> Message:
    """Say what a table without coordinates lacks; one with addresses is on the way to them."""
    values = {"file": what, "columns": ", ".join(headers)}
    words = word_lists("table")["header"]["address"]
    address = [header for header in headers if any(word in header.casefold() for word in words)]
    if address:
        return Message("layers.only_addresses", {**values, "header": address[0]})
    return Message("layers.no_places", values)
