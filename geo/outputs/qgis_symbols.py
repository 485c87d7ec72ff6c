"""How QGIS draws a layer: its symbols, classes, labels and aliases as the XML of a style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias
from xml.etree import ElementTree as ET

__all__ = ["Drawing", "DrawnClass", "DrawnPart", "Shape", "style_elements", "style_text"]

Shape: TypeAlias = Literal["marker", "line", "fill"]
VERSION: Final = "3.22.16"
"""The release of QGIS whose styles these are; later ones read them too."""
_DOCTYPE: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_GEOMETRY: Final = {"marker": "0", "line": "1", "fill": "2"}
_CLASSES: Final = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
_BORDER: Final = (70, 70, 70)

POINTS_FIRST: Final = 10
AREAS_LAST: Final = 0
"""The most and the least of QGIS's priorities of labels."""


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


@dataclass(frozen=True)
class DrawnPart:
    """A layer in a table that it may share with others.

    Parameters
    ----------
    title : str
        Name that people read.
    among : str
        What tells its rows among those of others; empty where the table is its own.
    drawing : Drawing
        Its ``by`` and ``label`` name fields of the table.
    is_on : bool
        Whether it shows at first.
    """

    title: str
    among: str
    drawing: Drawing
    is_on: bool = True


def style_text(parts: Sequence[DrawnPart], aliases: Mapping[str, str]) -> str:
    """Give a style as QGIS keeps it in ``layer_styles`` (QML).

    Parameters
    ----------
    parts : sequence of DrawnPart
        The layers of the table, the uppermost first; one without ``among`` for a table of one layer.
    aliases : mapping of str to str
        What QGIS shows for each field.
    """
    drawings = [part.drawing for part in parts]
    root = ET.Element("qgis", {"version": VERSION, "styleCategories": "AllStyleCategories"})
    root.set("labelsEnabled", str(int(any(drawing.label for drawing in drawings))))
    if parts[0].among:
        root.extend(_elements(_rules(parts), _labels_of(parts), aliases))
    else:
        root.extend(style_elements(drawings[0], aliases))
    ET.SubElement(root, "layerGeometryType").text = _GEOMETRY[drawings[0].shape]
    return _DOCTYPE + ET.tostring(root, encoding="unicode")


def style_elements(drawing: Drawing, aliases: Mapping[str, str]) -> list[ET.Element]:
    """Give the elements that a style and a layer of a project have alike."""
    return _elements(_renderer(drawing), _labels(drawing) if drawing.label else None, aliases)


def _elements(
    renderer: ET.Element, labels: ET.Element | None, aliases: Mapping[str, str]
) -> list[ET.Element]:
    elements = [renderer, *([] if labels is None else [labels])]
    elements += [_text("blendMode", "0"), _text("featureBlendMode", "0"), _text("layerOpacity", "1")]
    named = ET.Element("aliases")
    for index, (field, alias) in enumerate(aliases.items()):
        ET.SubElement(named, "alias", {"index": str(index), "field": field, "name": alias})
    return [*elements, named]


def _rules(parts: Sequence[DrawnPart]) -> ET.Element:
    """Give a rule for each layer of a table, and within it one for each of its classes."""
    root = ET.Element("renderer-v2", {"type": "RuleRenderer", "symbollevels": "0", "forceraster": "0"})
    root.set("enableorderby", "0")
    rules = ET.SubElement(root, "rules", {"key": "all"})
    symbols = ET.SubElement(root, "symbols")
    n = 0
    for number, part in enumerate(parts):
        drawing = part.drawing
        own = ET.SubElement(rules, "rule", {"key": f"layer {number}", "filter": part.among})
        own.set("label", part.title)
        own.set("checkstate", str(int(part.is_on)))
        for drawn in drawing.classes:
            rule = own
            if drawing.by:
                rule = ET.SubElement(own, "rule", {"key": f"class {n}", "label": drawn.label})
                rule.set("filter", _filter(drawing.by, drawn))
            rule.set("symbol", str(n))
            symbols.append(_symbol(str(n), drawn, drawing))
            n += 1
    return root


def _filter(by: str, drawn: DrawnClass) -> str:
    """Say in words of QGIS which rows a class has; that of all others takes what no other does."""
    field = _field(by)
    if drawn.upto is not None:
        low, high = drawn.upto
        return f"{field} >= {low:.15f} AND {field} <= {high:.15f}"
    if drawn.value == "":
        return "ELSE"
    return f"{field} = {drawn.value if isinstance(drawn.value, int) else _literal(drawn.value)}"


def _field(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _labels_of(parts: Sequence[DrawnPart]) -> ET.Element | None:
    """Give the labels of the layers of a table that show and have some; the others have an empty text."""
    labelled = [(part.among, part.drawing) for part in parts if part.drawing.label and part.is_on]
    if not labelled:
        return None
    cases = " ".join(f"WHEN {among} THEN {_field(drawing.label)}" for among, drawing in labelled)
    root = _labels(replace(labelled[0][1], label=f"CASE {cases} END"))
    for style in root.iter("text-style"):
        style.set("isExpression", "1")
    return root


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
    is_point = drawing.shape == "marker"
    # Around points, over the middle of areas: 0 and 1 of QGIS's list of ways. A point's name goes before that
    # of the area around it, which else is an obstacle to all names inside.
    placement = {"placement": "0" if is_point else "1", "dist": "1", "distUnits": "MM"}
    placement["priority"] = str(POINTS_FIRST if is_point else AREAS_LAST)
    ET.SubElement(settings, "placement", {**placement, "centroidInside": "1"})
    rendering = {"drawLabels": "1", "displayAll": "0", "obstacle": str(int(is_point))}
    ET.SubElement(settings, "rendering", rendering)
    return root


def _text(name: str, text: str) -> ET.Element:
    element = ET.Element(name)
    element.text = text
    return element
