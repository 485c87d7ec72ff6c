"""Read records of calls: files of rows of which each counts, with a place or without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from geo.errors import InputError
from geo.layers._formats.asked import Asked
from geo.layers._headers import call_kinds
from geo.layers.columns import match_headers
from geo.layers.coordinates import Coordinates
from geo.layers.read import Wanted, read_wanted
from geo.layers.report import LayerRead
from geo.messages import Message
from geo.reading import reads_a_file
from geo.settings import NOTHING

__all__ = ["find_call_columns", "read_records"]

_PLACES: Final = ("lon", "lat", "geometry", "lonlat")
_NO_PLACES: Final = ("layers.no_places", "layers.only_addresses", "layers.none_placed")
"""Why a file whose rows have no place at all is no layer."""


def find_call_columns(headers: Iterable[str]) -> dict[str, str]:
    """Find the headers that records of calls have, each under our name.

    Examples
    --------
    >>> find_call_columns(["接警时间", "到场时间", "备注"])
    {'called_at': '接警时间', 'arrived_at': '到场时间'}
    """
    bare = pd.DataFrame(columns=list(headers), dtype=object)
    own = {ours: kind for ours, kind in call_kinds().items() if ours not in _PLACES}
    return dict(match_headers(bare, kinds=own).header)


@reads_a_file
def read_records(
    path: str | Path,
    *,
    layer: str | None = None,
    crs: str | CRS | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    coordinates: Coordinates | None = None,
) -> LayerRead:
    """Read records of calls: every row stays, also one without a place.

    Parameters
    ----------
    path, layer, crs, encoding, columns, sheet, coordinates
        As of :func:`read_layer`. Headers are those of ``layers/standards/call_headers.toml``; all cells but
        coordinates stay texts, or the datetimes of the file.

    Returns
    -------
    LayerRead
        ``table``: a GeoDataFrame of points, None where a row has none; a plain table where no row has a
        place. ``left_out`` has the rows that only add up others.

    Raises
    ------
    FileError, InputError, CrsError
        As of :func:`read_layer`, but for rows without places.
    """
    written = coordinates or Coordinates()
    columns = columns or NOTHING
    asked = Asked(layer, sheet, encoding, "point")
    try:
        read = read_wanted(Path(path), asked, Wanted("point", columns, call_kinds()), crs, written)
    except InputError as error:
        if not _has_no_place(error.message):
            raise
        asked = Asked(layer, sheet, encoding, "none")
        return read_wanted(Path(path), asked, Wanted("none", columns, call_kinds()), crs, written)
    totals = {fault.row for fault in read.report.faults if fault.reason.key == "layers.total_row"}
    is_total = read.left_out.index.isin(totals)
    bare = read.left_out[~is_total].drop(columns=list(_PLACES), errors="ignore")
    table = read.table
    if len(bare):
        rows = pd.concat([pd.DataFrame(table), bare.assign(geometry=None)]).sort_index()
        table = gpd.GeoDataFrame(rows, geometry="geometry", crs=table.crs)
    faults = tuple(fault for fault in read.report.faults if fault.reason.key != "layers.no_geometry")
    report = replace(read.report, n_kept=len(table), faults=faults)
    return LayerRead(table, report, read.left_out[is_total])


def _has_no_place(message: object) -> bool:
    """Whether a file could not be read only because no row of it has a place."""
    while isinstance(message, Message) and message.key == "layers.of_file":
        message = message.values["why"]
    return isinstance(message, Message) and message.key in _NO_PLACES
