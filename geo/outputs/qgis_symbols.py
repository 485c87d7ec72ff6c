"""How QGIS draws a layer: its symbols, classes, labels and aliases as the XML of a style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias
from xml.etree import ElementTree as ET

__all__ = ["Drawing", "DrawnClass", "Shape", "style_elements", "style_text"]

Shape: TypeAlias = Literal["marker", "line", "fill"]
VERSION: Final = "3.22.16"
"""The release of QGIS whose styles these are; later ones read them too."""
_DOCTYPE: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_GEOMETRY: Final = {"marker": "0", "line": "1", "fill": "2"}
_CLASSES: Final = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
_BORDER: Final = (70, 70, 70)


@dataclass(frozen=True)
class DrawnClass:
    """A class of a legend: its label, its colour, and the value or the range of values in it.

    Parameters
    ----------
    label : str
        What the legend says.
    colour : str
        ``"#rrggbb"``.
    value : str or int
        Of the field; ``""`` stands for all that no other class has.
    upto : tuple of float, optional
        Lowest and highest value, of a class of numbers.
    """

    label: str
    colour: str
    value: str | int = ""
    upto: tuple[float, float] | None = None


@dataclass(frozen=True)
class Drawing:
    """How a layer is drawn.

    Parameters
    ----------
    shape : {"marker", "line", "fill"}
        What its rows are.
    classes : sequence of DrawnClass
        The legend, in its order; one class for a layer of one colour.
    by : str
        Field that tells the class; empty for one colour.
    size_mm : float
        Diameter of points, width of lines and borders.
    opacity : float
        Of fills, 0-1.
    label : str
        Field whose text stands beside each row; empty for none.
    """

    shape: Shape
    classes: Sequence[DrawnClass]
    by: str = ""
    size_mm: float = 2.0
    opacity: float = 1.0
    label: str = ""


def style_text(drawing: Drawing, aliases: Mapping[str, str]) -> str:
    """Give a style as QGIS keeps it in ``layer_styles`` (QML).

    Parameters
    ----------
    drawing : Drawing
        Its ``by`` and ``label`` name fields of the layer.
    aliases : mapping of str to str
        What QGIS shows for each field.
    """
    root = ET.Element("qgis", {"version": VERSION, "styleCategories": "AllStyleCategories"})
    root.set("labelsEnabled", str(int(bool(drawing.label))))
    root.extend(style_elements(drawing, aliases))
    ET.SubElement(root, "layerGeometryType").text = _GEOMETRY[drawing.shape]
    return _DOCTYPE + ET.tostring(root, encoding="unicode")


def style_elements(drawing: Drawing, aliases: Mapping[str, str]) -> list[ET.Element]:
    """Give the elements that a style and a layer of a project have alike."""
    elements = [_renderer(drawing)]
    if drawing.label:
        elements.append(_labels(drawing))
    elements += [_text("blendMode", "0"), _text("featureBlendMode", "0"), _text("layerOpacity", "1")]
    named = ET.Element("aliases")
    for index, (field, alias) in enumerate(aliases.items(), start=1):  # the number of the row comes first
        ET.SubElement(named, "alias", {"index": str(index), "field": field, "name": alias})
    return [*elements, named]


def _renderer(drawing: Drawing) -> ET.Element:
    is_ranged = any(each.upto is not None for each in drawing.classes)
    kind = "singleSymbol" if not drawing.by else "graduatedSymbol" if is_ranged else "categorizedSymbol"
    root = ET.Element("renderer-v2", {"type": kind, "symbollevels": "0", "forceraster": "0"})
    root.set("enableorderby", "0")
    if drawing.by:
        root.set("attr", drawing.by)
    if is_ranged:
        root.set("graduatedMethod", "GraduatedColor")
    if drawing.by:
        root.append(_ranges(drawing) if is_ranged else _categories(drawing))
    symbols = ET.SubElement(root, "symbols")
    symbols.extend(_symbol(str(i), each, drawing) for i, each in enumerate(drawing.classes))
    return root


def _ranges(drawing: Drawing) -> ET.Element:
    rows = ET.Element("ranges")
    for i, each in enumerate(drawing.classes):
        low, high = each.upto or (0.0, 0.0)
        told = {"label": each.label, "render": "true", "symbol": str(i)}
        ET.SubElement(rows, "range", {**told, "lower": f"{low:.15f}", "upper": f"{high:.15f}"})
    return rows


def _categories(drawing: Drawing) -> ET.Element:
    rows = ET.Element("categories")
    for i, each in enumerate(drawing.classes):
        kind = "long" if isinstance(each.value, int) else "string"
        told = {"label": each.label, "render": "true", "symbol": str(i)}
        ET.SubElement(rows, "category", {**told, "value": str(each.value), "type": kind})
    return rows


def _symbol(name: str, drawn: DrawnClass, drawing: Drawing) -> ET.Element:
    symbol = ET.Element("symbol", {"name": name, "type": drawing.shape, "alpha": "1", "clip_to_extent": "1"})
    symbol.set("force_rhr", "0")
    layer = ET.SubElement(symbol, "layer", {"class": _CLASSES[drawing.shape], "enabled": "1", "pass": "0"})
    layer.set("locked", "0")
    values = _SHAPES[drawing.shape](drawn, drawing)
    options = ET.SubElement(layer, "Option", {"type": "Map"})
    for key, value in values.items():
        ET.SubElement(options, "Option", {"name": key, "type": "QString", "value": value})
    for key, value in values.items():  # as releases before 3.22 read it
        ET.SubElement(layer, "prop", {"k": key, "v": value})
    return symbol


def _marker(drawn: DrawnClass, drawing: Drawing) -> dict[str, str]:
    return {
        "name": "circle",
        "color": _colour(drawn.colour),
        "size": f"{drawing.size_mm:g}",
        "size_unit": "MM",
        "scale_method": "diameter",
        "outline_color": "255,255,255,255",
        "outline_style": "solid",
        "outline_width": "0.2",
        "outline_width_unit": "MM",
    }


def _line(drawn: DrawnClass, drawing: Drawing) -> dict[str, str]:
    return {
        "line_color": _colour(drawn.colour),
        "line_style": "solid",
        "line_width": f"{drawing.size_mm:g}",
        "line_width_unit": "MM",
        "capstyle": "round",
        "joinstyle": "round",
    }


def _fill(drawn: DrawnClass, drawing: Drawing) -> dict[str, str]:
    return {
        "color": _colour(drawn.colour, drawing.opacity),
        "style": "solid" if drawing.opacity > 0 else "no",
        "outline_color": ",".join(map(str, (*_BORDER, 255))),
        "outline_style": "solid",
        "outline_width": f"{drawing.size_mm:g}",
        "outline_width_unit": "MM",
        "joinstyle": "bevel",
    }


_SHAPES: Final = {"marker": _marker, "line": _line, "fill": _fill}


def _colour(colour: str, opacity: float = 1.0) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def _labels(drawing: Drawing) -> ET.Element:
    root = ET.Element("labeling", {"type": "simple"})
    settings = ET.SubElement(root, "settings")
    style = ET.SubElement(settings, "text-style", {"fieldName": drawing.label, "isExpression": "0"})
    for key, value in {"fontSize": "9", "fontSizeUnit": "Point", "textColor": "30,30,30,255"}.items():
        style.set(key, value)
    buffer = {"bufferDraw": "1", "bufferSize": "0.8", "bufferSizeUnits": "MM", "bufferNoFill": "1"}
    ET.SubElement(style, "text-buffer", {**buffer, "bufferColor": "255,255,255,255", "bufferOpacity": "1"})
    # Around points, over the middle of areas: 0 and 1 of QGIS's list of ways.
    placement = {"placement": "0" if drawing.shape == "marker" else "1", "dist": "1", "distUnits": "MM"}
    ET.SubElement(settings, "placement", {**placement, "centroidInside": "1"})
    ET.SubElement(settings, "rendering", {"drawLabels": "1", "displayAll": "0", "obstacle": "1"})
    return root


def _text(name: str, text: str) -> ET.Element:
    element = ET.Element(name)
    element.text = text
    return element
