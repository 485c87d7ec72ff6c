"""What may stand in Latin letters in a Chinese sentence: names of settings, values, formats and systems."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final, get_args, get_type_hints

from geo import schema
from geo.network.classes import ranked_classes
from geo.plans import KINDS, METHODS, Plan, Project, Target
from geo.standards import ResponseStandard, SpeedProfile
from geo.study import Study
from geo.words import data_dir

CHINESE: Final = r"[\u3400-\u9fff\u3000-\u303f\uff01-\uff5e]"
_RUN: Final = re.compile(r"[A-Za-z]{3,}")
_PATH: Final = re.compile(r"(?:--?|[./~]|https?:)[\w./:~*-]+|[\w*~-]+\.[a-z]\w{1,8}\b|\w*[\d_:]\w*|\w+=\w+")
"""Paths, names of files, options of the command, and words that hold a digit, a colon or an underscore."""

_NAMES: Final = """
CSV TSV XLS XLSX XLSM ODS WPS GeoPackage GeoJSON GeoJSONSeq GeoParquet Parquet FlatGeobuf Shapefile
KML KMZ GPX GML DXF DWG DGN TAB MIF MapInfo GDB FileGDB SQLite SpatiaLite GraphML GeoTIFF TIFF ASCII
JSON TOML XML HTML PDF PNG ZIP RAR Word Excel Access QGIS ArcGIS SuperMap MapGIS AutoCAD CAD CASS
JOSM Overpass Overture OpenStreetMap OSM Nominatim osmnx GIS GDAL FTW NULL NaN UTF GBK GB Unicode
BOM BIFF OLE DBF SHX PRJ CPG Web Python emergency geo manifest HiGHS OpenDocument dBASE TopoJSON
Esri Feather Arrow ArcSDE ArcInfo LibreOffice WKB WorldPop LandScan Leaflet BSD Google Earth DOCTYPE osmium
Strict run check serve site new plan compare sample fetch formats list show rules key apply geom body coverage
waypoints routes tracks project target targets rule toml true false fengxian CJJ Ctrl Alt Enter Backspace Esc
simulate calibrate calibrated measured batch dask worker distributed boundary pip install docs intervals warm
Windows Debian Ubuntu SHA SimSun BabelStone Han
CGCS WGS EPSG UTM GCJ MPa geopandas pandas sum
BD WKT PROJ Gauss Kruger GPS TFW Xian Beijing min max ppm lon lat way node nodes ways ID ids
"""
"""Formats, programs, systems, commands, faces, and words of other files."""
NAMES: Final = frozenset(name.casefold() for name in _NAMES.split())


def _fields(cls: type[Any]) -> Iterator[str]:
    """Give the names of the settings of a dataclass, of those inside it, and of their choices."""
    hints = get_type_hints(cls)
    for field in dataclasses.fields(cls):
        yield field.name
        yield from _choices(hints[field.name])


def _choices(kind: Any) -> Iterator[str]:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        yield from _fields(kind)
    for part in get_args(kind):
        if isinstance(part, str):
            yield part
        else:
            yield from _choices(part)


def _terms() -> Iterator[str]:
    """Give the words that a planner types: settings, values, columns, methods and names of the standards."""
    for cls in (Study, SpeedProfile, ResponseStandard, Plan, Target, Project):
        yield from _fields(cls)
    for name in vars(schema):
        value = getattr(schema, name)
        if name.isupper() and isinstance(value, tuple):
            yield from value
    yield from (*METHODS, *KINDS, *ranked_classes())
    for method in METHODS.values():
        yield from (*method.settings, *method.optional)
    for file in ("speeds", "response", "road_terms", "headers", "call_headers", "access"):
        content = tomllib.loads((data_dir() / "standards" / f"{file}.toml").read_text(encoding="utf-8"))
        yield from _keys(content)
    yield from (path.stem for path in (data_dir() / "plans").glob("*.toml"))


def _keys(table: dict[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        yield key
        if isinstance(value, dict):
            yield from _keys(value)


KNOWN: Final = NAMES | {part.casefold() for term in _terms() for part in (term, *re.split(r"[\W_\d]+", term))}


def latin_words(text: str, *, own: frozenset[str] = frozenset()) -> list[str]:
    """List the words in Latin letters of a Chinese sentence that are neither names nor the planner's own."""
    plain = _PATH.sub(" ", text)
    return [
        word for word in _RUN.findall(plain) if word.casefold() not in KNOWN and word.casefold() not in own
    ]
