"""Layers of a GeoPackage of results read back with how they are drawn, for maps on paper."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, get_args
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio

from geo.outputs.qgis_symbols import Drawing, DrawnClass, Shape
from geo.outputs.read_back import program_names
from geo.reading import reads_a_file

__all__ = ["DrawnLayer", "PackageRead"]

_SIZES: Final = {"marker": "size", "line": "line_width", "fill": "outline_width"}


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
        Its rows, fields by the program's names, words in the language of the run.
    drawing : Drawing
        How it is drawn; fields by the program's names.
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
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told = _read_styles(path)
        self._read: dict[str, DrawnLayer] = {}

    def layer(self, title: str) -> DrawnLayer | None:
        """Give the layer of a title; None where the run found nothing to put into it."""
        if title not in self._told:
            return None
        if title not in self._read:
            name, description, style = self._told[title]
            table = _read_table(self._path, name)
            self._read[title] = _with_program_names(DrawnLayer(title, description, table, _drawing(style)))
        return self._read[title]

    def description(self, title: str) -> str:
        """Say what the rows of a layer are and how they were found; nothing where it is not there."""
        return self._told[title][1] if title in self._told else ""


@reads_a_file
def _read_styles(path: Path) -> dict[str, tuple[str, str, str]]:
    """Read name, description and style of each layer, by its title."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
        rows = file.execute(
            "SELECT told.identifier, table_name, told.description, styleQML FROM gpkg_contents AS told "
            "JOIN layer_styles ON table_name = f_table_name"
        ).fetchall()
    return {str(title): (str(name), str(told or ""), str(style)) for title, name, told, style in rows}


@reads_a_file
def _read_table(path: Path, name: str) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(path, layer=name)


def _with_program_names(layer: DrawnLayer) -> DrawnLayer:
    own = program_names("outputs")
    names = {name: own.get(str(name), str(name)) for name in layer.table.columns if name != "geometry"}
    if len(set(names.values())) < len(names):  # two fields of one meaning keep the names of the file
        names = {}
    drawing = layer.drawing
    drawn = replace(
        drawing, by=names.get(drawing.by, drawing.by), label=names.get(drawing.label, drawing.label)
    )
    return replace(layer, table=layer.table.rename(columns=names), drawing=drawn)


def _drawing(style: str) -> Drawing:
    """Read what :func:`geo.outputs.qgis_symbols.style_text` wrote."""
    root = ET.fromstring(style[style.index("<qgis") :])
    renderer = root.find("renderer-v2")
    assert renderer is not None
    symbols = {symbol.get("name", ""): symbol for symbol in renderer.iterfind("symbols/symbol")}
    kind = next(iter(symbols.values())).get("type", "marker")
    shape = next(each for each in get_args(Shape) if each == kind)
    classes = list(_classes(renderer, symbols, shape))
    label = root.find("labeling/settings/text-style")
    sizes = [float(value) for symbol in symbols.values() for value in _option(symbol, _SIZES[shape])]
    return Drawing(
        shape,
        classes,
        by=renderer.get("attr", ""),
        size_mm=sizes[0],
        opacity=_opacity(next(iter(symbols.values()))) if shape == "fill" else 1.0,
        label="" if label is None else label.get("fieldName", ""),
    )


def _classes(renderer: ET.Element, symbols: dict[str, ET.Element], shape: Shape) -> Iterator[DrawnClass]:
    colours = {name: _colour(symbol, shape) for name, symbol in symbols.items()}
    rows = [*renderer.iterfind("categories/category"), *renderer.iterfind("ranges/range")]
    if not rows:
        yield DrawnClass("", next(iter(colours.values())))
    for row in rows:
        label, colour = row.get("label", ""), colours[row.get("symbol", "")]
        if row.tag == "range":
            bounds = (float(row.get("lower", "0")), float(row.get("upper", "0")))
            yield DrawnClass(label, colour, upto=bounds)
        else:
            value = row.get("value", "")
            yield DrawnClass(label, colour, value=int(value) if row.get("type") == "long" else value)


def _option(symbol: ET.Element, name: str) -> Iterator[str]:
    for option in symbol.iterfind("layer/Option/Option"):
        if option.get("name") == name:
            yield option.get("value", "")


def _colour(symbol: ET.Element, shape: Shape) -> str:
    (told,) = _option(symbol, "line_color" if shape == "line" else "color")
    red, green, blue = (int(part) for part in told.split(",")[:3])
    return f"#{red:02x}{green:02x}{blue:02x}"


def _opacity(symbol: ET.Element) -> float:
    (told,) = _option(symbol, "color")
    return int(told.split(",")[3]) / 255
