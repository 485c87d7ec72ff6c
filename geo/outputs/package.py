"""One GeoPackage of a study: few layers, named and described in its language, with styles for QGIS."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import geopandas as gpd

from geo.errors import FileError
from geo.layers import write_layers
from geo.messages import Message
from geo.outputs.package_tables import (
    LAYER,
    join_titles,
    named_fields,
    place_in_table,
    stack_rows,
    table_of,
)
from geo.outputs.qgis_symbols import Drawing, DrawnPart, style_text
from geo.outputs.wording import Wording, in_words
from geo.words import say

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
    """A layer as it stands in the file: all rows of a table, or those of one layer among others.

    Parameters
    ----------
    layer : Layer
        What it holds.
    name : str
        Of its table in the GeoPackage.
    table : GeoDataFrame
        Rows in words, fields by the program's names.
    drawing : Drawing
        Fields by their names in the file.
    names : mapping of str to str
        Name in the file of every field of the table that it stands in, in their order.
    aliases : mapping of str to str
        What people read for each field, by its name in the file.
    told : (str, str)
        Title and description of the table.
    among : str
        What tells its rows among those of others; empty where the table is its own.
    """

    layer: Layer
    name: str
    table: gpd.GeoDataFrame
    drawing: Drawing
    names: Mapping[str, str]
    aliases: Mapping[str, str]
    told: tuple[str, str]
    among: str = ""


def name_layers(layers: Iterable[Layer], wording: Wording) -> list[NamedLayer]:
    """Give the layers that have rows as the file holds them: named, in words, no two names the same."""
    shared: dict[str, list[Layer]] = {}
    there = [layer for layer in layers if len(layer.table)]
    for layer in there:
        key = table_of(layer.name, layer.drawing.shape) or f"{layer.name} alone"
        shared.setdefault(key, []).append(layer)
    taken: list[str] = []
    named: dict[str, NamedLayer] = {}
    for key, parts in shared.items():
        parts.sort(key=lambda layer: place_in_table(layer.name))
        for each in _named(key, parts, taken, wording):
            named[each.layer.name] = each
        taken.append(named[parts[0].name].name)
    return [named[layer.name] for layer in there]


def write_package(layers: Sequence[NamedLayer], path: Path) -> None:
    """Write layers as one GeoPackage: fields with titles, tables with descriptions and styles.

    Raises
    ------
    FileError
        The file may not be written.
    """
    tables: dict[str, list[NamedLayer]] = {}
    for layer in layers:
        tables.setdefault(layer.name, []).append(layer)
    for parts in tables.values():
        parts.sort(key=lambda part: place_in_table(part.layer.name))
    write_layers({name: _rows(parts) for name, parts in tables.items()}, path)
    if not layers:
        return
    try:
        with closing(sqlite3.connect(path)) as file, file:
            _describe(file, tables)
    except sqlite3.Error as error:
        raise FileError(Message("files.not_written", {"file": path, "why": error})) from error


def _rows(parts: Sequence[NamedLayer]) -> gpd.GeoDataFrame:
    """Give the rows of a table with its fields as they are named in the file."""
    table = parts[0].table
    if parts[0].among:
        table = stack_rows([part.table for part in parts], [part.layer.title for part in parts])
    shape = table.geometry.name
    ordered = [*parts[0].names, shape]
    if list(table.columns) != ordered:  # else it would be a copy for nothing
        table = table[ordered]
    return table.rename(columns=parts[0].names)


def _named(key: str, parts: Sequence[Layer], taken: Sequence[str], wording: Wording) -> list[NamedLayer]:
    """Name the layers of one table: its fields are those of all of them."""
    lang = wording.lang
    tables = []
    for layer in parts:
        table = layer.table.reset_index() if layer.table.index.name else layer.table.reset_index(drop=True)
        tables.append(in_words(table, layer.words, wording))
    is_shared = not key.endswith(" alone")
    fields = [
        (layer.words, name)
        for layer, table in zip(parts, tables, strict=True)
        for name in map(str, table.columns)
        if name not in (table.geometry.name, "data")
    ]
    fields = [*([("outputs", LAYER)] if is_shared else []), *fields]
    fields += [("outputs", "data")] if any("data" in table for table in tables) else []
    titles = join_titles(fields, lang=lang)
    names = named_fields(titles, lang=wording.field_names)
    told = (parts[0].title, parts[0].description)
    if is_shared:
        about = say(f"outputs.about_table_{key}", lang=lang)
        lines = [say("outputs.about_layer", lang=lang, layer=p.title, about=p.description) for p in parts]
        told = (say(f"outputs.table_{key}", lang=lang), "\n".join([about, *lines]))
    name = _table_name(key.removesuffix(" alone"), told[0], taken, wording)
    return [
        NamedLayer(
            layer,
            name,
            table,
            _own(layer.drawing, names),
            names,
            {"fid": say("outputs.column_fid", lang=lang)}
            | {names[field]: title for field, title in titles.items()},
            told,
            among=f'"{names[LAYER]}" = {_quoted(layer.title)}' if is_shared else "",
        )
        for layer, table in zip(parts, tables, strict=True)
    ]


def _own(drawing: Drawing, names: Mapping[str, str]) -> Drawing:
    """Give a drawing with the fields as they are named in the file."""
    by, label = names.get(drawing.by, drawing.by), names.get(drawing.label, "")
    return replace(drawing, by=by, label=label)


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _table_name(name: str, title: str, taken: Sequence[str], wording: Wording) -> str:
    if wording.lang == "en":
        return name
    plain = re.sub(r"[^\w]+", "_", title).strip("_") or name
    return plain if plain not in taken else f"{plain}_{name}"


def _describe(file: sqlite3.Connection, tables: Mapping[str, Sequence[NamedLayer]]) -> None:
    """Add titles of fields, descriptions of tables and styles to a GeoPackage."""
    file.execute("PRAGMA synchronous = OFF")
    for table in _TABLES:
        file.execute(table)
    for table_name in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        file.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, ?)", (table_name, *_SCHEMA))
    # A title may be the name of another table, which is its identifier until it is told its own.
    file.execute("UPDATE gpkg_contents SET identifier = 'table ' || table_name")
    titles: set[str] = set()
    for name, parts in tables.items():
        told, description = parts[0].told
        title = told if told not in titles else f"{told} {name}"
        titles.add(title)
        about = (title, description, name)
        file.execute("UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?", about)
        file.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title) VALUES (?, ?, ?, ?)",
            [(name, field, alias, alias) for field, alias in parts[0].aliases.items()],
        )
        _add_style(file, parts, title)
    file.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
        (_WRITTEN,),
    )


def _add_style(file: sqlite3.Connection, parts: Sequence[NamedLayer], title: str) -> None:
    """Keep a style as QGIS looks for it: an empty schema, not none, and the table's own geometry column."""
    asked = "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?"
    (geometry,) = file.execute(asked, (parts[0].name,)).fetchone()
    is_any_on = any(part.layer.is_on for part in parts)
    drawn = [
        DrawnPart(part.layer.title, part.among, part.drawing, part.layer.is_on or (not is_any_on and i == 0))
        for i, part in enumerate(parts)
    ]
    file.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
        "styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
        "VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', NULL, ?)",
        (
            *(parts[0].name, geometry, title[:30], style_text(drawn, parts[0].aliases)),
            *(title, _WRITTEN),
        ),
    )
