"""The table of formats: endings, what reads them, and what to do with those that are not read.

Every list of formats in the product is made of this table; the words are in ``layers/words/layers.toml``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from geo.layers._formats.asked import Asked
from geo.layers.report import RawLayer
from geo.messages import Message
from geo.words import Lang, say

__all__ = [
    "FORMATS",
    "LAYER_FORMATS",
    "TABLE_FORMATS",
    "Format",
    "find_format",
    "find_reader",
    "tell_formats",
]


@dataclass(frozen=True)
class Format:
    """A format that planners hand over.

    Parameters
    ----------
    key : str
        Its words are ``formats.<key>``, its name ``formats.name_<key>``.
    endings : tuple of str
        Of its files, in small letters.
    reader : str
        ``"module.function"`` that reads it as a layer; empty where it is not read as one.
    is_read : bool
        Whether the product reads it at all: roads of an OpenStreetMap file are read, but not as a layer.
    is_table : bool
        Whether it has no shapes, so that places stand in columns if anywhere.
    """

    key: str
    endings: tuple[str, ...]
    reader: str = ""
    is_read: bool = False
    is_table: bool = False

    @property
    def name(self) -> Message:
        """What it is called."""
        return Message(f"layers.name_{self.key}")

    @property
    def advice(self) -> Message:
        """What is read of it, or what to do with it."""
        return Message(f"layers.{self.key}")


def _read(key: str, endings: str, reader: str) -> Format:
    return Format(key, tuple(endings.split()), reader, is_read=True)


def _table(key: str, endings: str, reader: str) -> Format:
    return Format(key, tuple(endings.split()), reader, is_read=True, is_table=True)


def _elsewhere(key: str, endings: str) -> Format:
    return Format(key, tuple(endings.split()), is_read=True)


def _not_read(key: str, endings: str) -> Format:
    return Format(key, tuple(endings.split()))


FORMATS: Final = (
    _table("csv", ".csv .tsv .txt", "texts.read_text_layer"),
    _table("xlsx", ".xlsx .xlsm", "workbooks.read_workbook"),
    _table("xls", ".xls", "workbooks.read_old_workbook"),
    _table("xlsb", ".xlsb", "workbooks.read_old_workbook"),
    _table("ods", ".ods", "workbooks.read_old_workbook"),
    _table("dbf", ".dbf", "shapefiles.read_dbf"),
    _read("geojson", ".geojson .json", "json_files.read_json"),
    _read("geojsonl", ".geojsonl .geojsons .ndjson .jsonl", "json_files.read_json_lines"),
    _read("topojson", ".topojson .json", "json_files.read_json"),
    _read("esrijson", ".esrijson .json", "json_files.read_json"),
    _read("overpass", ".json", "json_files.read_json"),
    _read("places", ".json", "json_files.read_json"),
    _read("gpkg", ".gpkg", "databases.read_geopackage"),
    _read("shp", ".shp", "shapefiles.read_shapefile"),
    _read("gdb", ".gdb", "databases.read_geodatabase"),
    _read("sqlite", ".sqlite .sqlite3 .spatialite .db", "databases.read_sqlite"),
    _read("tab", ".tab", "mapinfo.read_mapinfo"),
    _read("mif", ".mif", "mapinfo.read_mapinfo"),
    _read("parquet", ".parquet .geoparquet", "parquet.read_parquet"),
    _read("feather", ".feather .arrow .arrows .ipc", "feather.read_feather"),
    _read("fgb", ".fgb", "databases.read_flatgeobuf"),
    _read("kml", ".kml .kmz", "kml.read_kml"),
    _read("gpx", ".gpx", "tracks.read_gpx"),
    _read("gml", ".gml", "tracks.read_gml"),
    _read("dxf", ".dxf", "drawings.read_dxf"),
    _read("zip", ".zip", "opening.read_zip"),
    _elsewhere("osm", ".pbf .osm .osm.gz .osm.bz2"),
    _elsewhere("graphml", ".graphml"),
    _elsewhere("raster", ".tif .tiff .asc .img .flt .bil"),
    _not_read("dwg", ".dwg .dgn .dwt .dws"),
    _not_read("et", ".et .ett .wps .wpt .dps"),
    _not_read("word", ".doc .docx .rtf .odt"),
    _not_read("pdf", ".pdf .ofd .ppt .pptx"),
    _not_read("picture", ".jpg .jpeg .png .bmp .gif .webp .heic .svg"),
    _not_read("page", ".html .htm .mht .mhtml"),
    _not_read("ovital", ".ovobj .ovkml .ovkmz .ovjsn .ovsmp"),
    _not_read("access", ".mdb .accdb"),
    _not_read("sde", ".sde"),
    _not_read("project", ".mxd .aprx .lyr .lyrx .mpk .lpk .mpkx .lpkx .qgz .qgs .qlr"),
    _not_read("supermap", ".udb .udd .udbx .smwu .sxwu"),
    _not_read("mapgis", ".wt .wl .wp .mpj .hdf .hdb .mapx"),
    _not_read("workspace", ".wor .mws"),
    _not_read("e00", ".e00 .adf"),
    _not_read("archive", ".rar .7z .tar .gz .tgz .bz2 .xz"),
    _not_read(
        "side",
        ".shx .prj .cpg .sbn .sbx .qpj .dat .map .id .ind .mid .gdbtable .gdbtablx .xsd .gfs",
    ),
)
TABLE_FORMATS: Final = tuple(end for form in FORMATS if form.is_table for end in form.endings)
"""Endings of files without shapes."""
LAYER_FORMATS: Final = tuple(dict.fromkeys(end for form in FORMATS if form.reader for end in form.endings))
"""Endings of the files that :func:`geo.layers.read_layer` reads; a folder with one layer is read too."""


def tell_formats(lang: Lang) -> tuple[str, tuple[str, ...], list[tuple[str, ...]]]:
    """Give the table of formats for a reader: its title, its header, and a row for each format.

    Examples
    --------
    >>> title, header, rows = tell_formats("en")
    >>> header
    ('Format', 'Endings', 'Read', 'What is read, or what to do')
    >>> rows[0][:3]
    ('CSV, TSV', '.csv .tsv .txt', 'yes')
    """
    header = tuple(say(f"layers.head_{name}", lang=lang) for name in ("format", "endings", "read", "advice"))
    is_read = {side: say(f"layers.{word}", lang=lang) for side, word in ((True, "yes"), (False, "no"))}
    rows: list[tuple[str, ...]] = [
        (form.name.say(lang), " ".join(form.endings), is_read[form.is_read], form.advice.say(lang))
        for form in FORMATS
    ]
    return say("layers.title", lang=lang), header, rows


def find_format(path: Path) -> Format | None:
    """Find the format of a file by its ending, the longest first; the first where several have it."""
    name = path.name.casefold()
    fits = [(end, form) for form in FORMATS for end in form.endings if name.endswith(end)]
    return max(fits, key=lambda fit: len(fit[0]))[1] if fits else None


@cache
def find_reader(reader: str) -> Callable[[Path, Asked], RawLayer]:
    """Load the function that reads a format: one format does not wait for the libraries of the others."""
    module, _, name = reader.partition(".")
    loaded: Callable[[Path, Asked], RawLayer] = getattr(
        importlib.import_module(f"geo.layers._formats.{module}"), name
    )
    return loaded
