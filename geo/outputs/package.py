"""One GeoPackage of a study: few layers, named and described in its language, with styles for QGIS."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd

from geo.errors import FileError
from geo.layers import write_layers
from geo.messages import Message
from geo.outputs.qgis_symbols import Drawing, style_text
from geo.outputs.wording import Wording, field_title, in_words, with_named_fields

__all__ = ["Layer", "NamedLayer", "name_layers", "write_package"]

_WRITTEN: Final = "2000-01-01T00:00:00.000Z"
"""The time that all result files note: the same tables give the same bytes."""
_TABLES: Final = (
    """CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT,
    title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name))""",
    """CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL,
    constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC,
    max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))""",
    """CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
    f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30),
    styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME)""",
    """CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT,
    extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))""",
)
_SCHEMA: Final = ("gpkg_schema", "http://www.geopackage.org/spec121/#extension_schema", "read-write")


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of results: its table, and how people see it.

    Parameters
    ----------
    name : str
        The program's name, such as ``"stations"``.
    words : str
        Words file of its room.
    table : GeoDataFrame
        Its rows, in the study's CRS.
    title : str
        Name that people read.
    description : str
        What the rows are and how they were found.
    group : str
        Heading under which a project lists it.
    drawing : Drawing
        How QGIS draws it; fields by the program's names.
    is_on : bool
        Whether it shows when the project opens.
    """

    name: str
    words: str
    table: gpd.GeoDataFrame
    title: str
    description: str
    group: str
    drawing: Drawing
    is_on: bool = False


@dataclass(frozen=True, eq=False)
class NamedLayer:
    """A layer as it stands in the file.

    Parameters
    ----------
    layer : Layer
        What it holds.
    name : str
        Of its table in the GeoPackage.
    table : GeoDataFrame
        Rows in words, fields by their names in the file.
    drawing : Drawing
        Fields by their names in the file.
    aliases : mapping of str to str
        What people read for each field, in the order of the fields.
    """

    layer: Layer
    name: str
    table: gpd.GeoDataFrame
    drawing: Drawing
    aliases: Mapping[str, str]


def name_layers(layers: Iterable[Layer], wording: Wording) -> list[NamedLayer]:
    """Give the layers that have rows as the file holds them: named, in words, no two names the same."""
    named: list[NamedLayer] = []
    for layer in layers:
        if len(layer.table):
            names = [each.name for each in named]
            named.append(_named(layer, names, wording))
    return named


def write_package(layers: Sequence[NamedLayer], path: Path) -> None:
    """Write layers as one GeoPackage: fields with titles, layers with descriptions and styles.

    Raises
    ------
    FileError
        The file may not be written.
    """
    write_layers({layer.name: layer.table for layer in layers}, path)
    if not layers:
        return
    try:
        with closing(sqlite3.connect(path)) as file, file:
            _describe(file, layers)
    except sqlite3.Error as error:
        raise FileError(Message("files.not_written", {"file": path, "why": error})) from error


def _named(layer: Layer, taken: Sequence[str], wording: Wording) -> NamedLayer:
    table = layer.table.reset_index() if layer.table.index.name else layer.table.reset_index(drop=True)
    said = in_words(table, layer.words, wording)
    told = with_named_fields(said, layer.words, wording)
    named = dict(zip(_fields(said), _fields(told), strict=True))
    aliases: dict[str, str] = {}
    for name, field in named.items():
        title = field_title(layer.words, name, lang=wording.lang)
        aliases[field] = title if title not in aliases.values() else f"{title} ({name})"
    drawing = layer.drawing
    own = Drawing(
        drawing.shape,
        drawing.classes,
        by=named.get(drawing.by, drawing.by),
        size_mm=drawing.size_mm,
        opacity=drawing.opacity,
        label=named.get(drawing.label, ""),
    )
    return NamedLayer(layer, _table_name(layer, taken, wording), told, own, aliases)


def _fields(table: gpd.GeoDataFrame) -> list[str]:
    return [str(name) for name in table.columns if name != table.geometry.name]


def _table_name(layer: Layer, taken: Sequence[str], wording: Wording) -> str:
    if wording.lang == "en":
        return layer.name
    plain = re.sub(r"[^\w]+", "_", layer.title).strip("_") or layer.name
    return plain if plain not in taken else f"{plain}_{layer.name}"


def _describe(file: sqlite3.Connection, layers: Sequence[NamedLayer]) -> None:
    """Add titles of fields, descriptions of layers and styles to a GeoPackage."""
    file.execute("PRAGMA synchronous = OFF")
    for table in _TABLES:
        file.execute(table)
    for table_name in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        file.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, ?)", (table_name, *_SCHEMA))
    # A title may be the name of another table, which is its identifier until it is told its own.
    file.execute("UPDATE gpkg_contents SET identifier = 'table ' || table_name")
    titles: set[str] = set()
    for layer in layers:
        title = layer.layer.title if layer.layer.title not in titles else f"{layer.layer.title} {layer.name}"
        titles.add(title)
        told = (title, layer.layer.description, layer.name)
        file.execute("UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?", told)
        file.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title) VALUES (?, ?, ?, ?)",
            [(layer.name, field, alias, alias) for field, alias in layer.aliases.items()],
        )
        _add_style(file, layer)
    file.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
        (_WRITTEN,),
    )


def _add_style(file: sqlite3.Connection, layer: NamedLayer) -> None:
    """Keep a style as QGIS looks for it: an empty schema, not none, and the layer's own geometry column."""
    asked = "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?"
    (geometry,) = file.execute(asked, (layer.name,)).fetchone()
    file.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
        "styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
        "VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', NULL, ?)",
        (
            *(layer.name, geometry, layer.layer.title[:30], style_text(layer.drawing, layer.aliases)),
            *(layer.layer.title, _WRITTEN),
        ),
    )
