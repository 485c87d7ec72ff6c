"""Layers of a GeoPackage of results read back with how they are drawn, for maps on paper."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pyogrio

from geo.files import sqlite_address
from geo.outputs.paper.styles_read import TableStyle, read_style
from geo.outputs.qgis_symbols import Drawing
from geo.reading import reads_a_file
from geo.words import Lang, say

__all__ = ["DrawnLayer", "PackageRead"]


@dataclass(frozen=True, eq=False)
class DrawnLayer:
    """A layer of results as it stands in its file.

    Parameters
    ----------
    title : str
        Name that people read.
    description : str
        What its rows are and how they were found; lines.
    table : GeoDataFrame
        Its rows, what a map draws under the program's names of fields, words in the language of the run.
    drawing : Drawing
        How it is drawn; fields as in the table.
    """

    title: str
    description: str
    table: gpd.GeoDataFrame
    drawing: Drawing


class PackageRead:
    """A GeoPackage of results, its layers read when they are asked for.

    Parameters
    ----------
    path : Path
        A file that :func:`geo.outputs.package.write_package` wrote.
    lang : {"zh", "en"}
        Language of its words.
    """

    def __init__(self, path: Path, *, lang: Lang) -> None:
        self._path, self._lang = path, lang
        self._styles = {title: style for style in _read_styles(path) for title in style.drawings}
        self._read: dict[str, DrawnLayer] = {}
        self._tables: dict[str, gpd.GeoDataFrame] = {}

    def layer(self, title: str) -> DrawnLayer | None:
        """Give the layer of a title; None where the run found nothing to put into it."""
        if title not in self._styles:
            return None
        if title not in self._read:
            style = self._styles[title]
            rows, names = self._rows(style, title), style.program_names(self._lang)
            drawing = style.drawings[title]
            own = replace(
                drawing, by=names.get(drawing.by, drawing.by), label=names.get(drawing.label, drawing.label)
            )
            self._read[title] = DrawnLayer(title, self.description(title), rows.rename(columns=names), own)
        return self._read[title]

    def _rows(self, style: TableStyle, title: str) -> gpd.GeoDataFrame:
        """Give the rows of a layer; those of others in the same table are left out."""
        if style.table not in self._tables:
            self._tables[style.table] = _read_table(self._path, style.table)
        table = self._tables[style.table]
        if not style.layer_field:
            return table
        return table[table[style.layer_field] == title].dropna(axis=1, how="all").reset_index(drop=True)

    def description(self, title: str) -> str:
        """Say what the rows of a layer are and how they were found; nothing where it is not there."""
        if title not in self._styles:
            return ""
        style = self._styles[title]
        if not style.layer_field:
            return style.description
        heads = {
            other: say("outputs.about_layer", lang=self._lang, layer=other, about="")
            for other in style.drawings
        }
        lines: list[str] = []
        of = ""
        for line in style.description.splitlines():
            start = next((other for other, head in heads.items() if line.startswith(head.rstrip())), "")
            of = start or of
            if of == title:
                lines.append(line.removeprefix(heads[title].rstrip()).strip() if start else line)
        return "\n".join(lines)


@reads_a_file
def _read_styles(path: Path) -> list[TableStyle]:
    """Read name, description, titles of fields and style of each table."""
    with closing(sqlite3.connect(sqlite_address(path.resolve(), "mode=ro"), uri=True)) as file:
        rows = file.execute(
            "SELECT table_name, told.identifier, told.description, styleQML FROM gpkg_contents AS told "
            "JOIN layer_styles ON table_name = f_table_name"
        ).fetchall()
        fields = file.execute("SELECT table_name, column_name, title FROM gpkg_data_columns").fetchall()
    return [
        read_style(
            str(name),
            str(title),
            str(about or ""),
            {str(column): str(told) for table, column, told in fields if table == name},
            str(style),
        )
        for name, title, about, style in rows
    ]


@reads_a_file
def _read_table(path: Path, name: str) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(path, layer=name)
