"""Styles of a GeoPackage of results read back: which layers a table holds, and how each of them is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, get_args
from xml.etree import ElementTree as ET

from geo.outputs.qgis_symbols import Drawing, DrawnClass, Shape
from geo.outputs.wording import field_title
from geo.words import Lang

__all__ = ["TableStyle", "read_style"]

_SIZES: Final = {"marker": "size", "line": "line_width", "fill": "outline_width"}
_FIELD: Final = r'"((?:[^"]|"")*)"'
_EQUAL: Final = re.compile(rf"{_FIELD} = (?:'((?:[^'\\]|\\.|'')*)'|(-?\d+))", re.DOTALL)
_RANGE: Final = re.compile(rf"{_FIELD} >= ([\d.eE+-]+) AND {_FIELD} <= ([\d.eE+-]+)")
_CASE: Final = re.compile(rf"WHEN {_FIELD} = '((?:[^']|'')*)' THEN {_FIELD}")
_DRAWN: Final = (
    *("name", "people_served", "people", "rank", "band", "highway", "share_people", "colour", "zone"),
    *("level", "before_s", "after_s", "change"),
)
"""Fields by which maps on paper draw and label; of two that may have one heading the narrower comes first."""
_WORDS: Final = ("outputs", "maps", "zones", "siting", "scenarios")


@dataclass(frozen=True)
class TableStyle:
    """A table of a GeoPackage and the layers in it.

    Parameters
    ----------
    table : str
        Its name in the file.
    description : str
        Of the table; that of each layer on lines of its own.
    titles : mapping of str to str
        What people read for each field.
    layer_field : str
        Field that says to which layer a row belongs; empty where the table is one layer.
    drawings : mapping of str to Drawing
        How each layer is drawn, by its title; fields by their names in the file.
    """

    table: str
    description: str
    titles: Mapping[str, str]
    layer_field: str
    drawings: Mapping[str, Drawing]

    def program_names(self, lang: Lang) -> dict[str, str]:
        """Give the program's name of each field by which maps draw, by its name in the file."""
        names: dict[str, str] = {}
        for name in _DRAWN:
            wanted = {field_title(words, name, lang=lang) for words in _WORDS}
            columns = [
                column
                for column, told in self.titles.items()
                if column not in _DRAWN and wanted & set(told.split(" / "))
            ]
            if name in self.titles:
                columns = [name]
            names |= {column: name for column in columns[:1] if column not in names}
        return names


def read_style(table: str, title: str, description: str, titles: Mapping[str, str], style: str) -> TableStyle:
    """Read what :func:`geo.outputs.qgis_symbols.style_text` wrote.

    Parameters
    ----------
    table, title, description : str
        Of the table.
    titles : mapping of str to str
        Of its fields.
    style : str
        The style as QGIS keeps it.
    """
    root = ET.fromstring(style[style.index("<qgis") :])
    renderer = root.find("renderer-v2")
    assert renderer is not None
    symbols = {symbol.get("name", ""): symbol for symbol in renderer.iterfind("symbols/symbol")}
    label = root.find("labeling/settings/text-style")
    expression = "" if label is None else label.get("fieldName", "")
    rules = renderer.findall("rules/rule")
    if not rules:
        drawing = _drawing(list(_classes(renderer, symbols)), symbols, renderer.get("attr", ""), expression)
        return TableStyle(table, description, titles, "", {title: drawing})
    labels = {_plain(of): _field(field) for _, of, field in _CASE.findall(expression)}
    drawings = {}
    for rule in rules:
        name = rule.get("label", "")
        by, classes = _rule_classes(rule, symbols)
        own = {key: symbols[key] for key in _symbol_keys(rule)}
        drawings[name] = _drawing(classes, own, by, labels.get(name, ""))
    field = next(each for each in (_EQUAL.fullmatch(rule.get("filter", "")) for rule in rules) if each)[1]
    return TableStyle(table, description, titles, _field(field), drawings)


def _drawing(classes: list[DrawnClass], symbols: Mapping[str, ET.Element], by: str, label: str) -> Drawing:
    first = next(iter(symbols.values()))
    shape = _shape(first)
    (size,) = _option(first, _SIZES[shape])
    opacity = _opacity(first) if shape == "fill" else 1.0
    return Drawing(shape, classes, by=by, size_mm=float(size), opacity=opacity, label=label)


def _symbol_keys(rule: ET.Element) -> Iterator[str]:
    for each in rule.iter("rule"):
        if each.get("symbol") is not None:
            yield each.get("symbol", "")


def _rule_classes(rule: ET.Element, symbols: Mapping[str, ET.Element]) -> tuple[str, list[DrawnClass]]:
    """Give the field that tells the classes of a layer, and the classes."""
    by, classes = "", []
    for each in rule.findall("rule"):
        colour, label, told = (
            _colour(symbols[each.get("symbol", "")]),
            each.get("label", ""),
            each.get("filter", ""),
        )
        between, equal = _RANGE.fullmatch(told), _EQUAL.fullmatch(told)
        if between is not None:
            by = _field(between[1])
            classes.append(DrawnClass(label, colour, upto=(float(between[2]), float(between[4]))))
        elif equal is not None:
            by = _field(equal[1])
            value = int(equal[3]) if equal[3] is not None else re.sub(r"\\(.)", r"\1", equal[2])
            classes.append(DrawnClass(label, colour, value=value))
        else:  # ELSE: all that no other class has
            classes.append(DrawnClass(label, colour))
    return by, classes or [DrawnClass("", _colour(symbols[rule.get("symbol", "")]))]


def _classes(renderer: ET.Element, symbols: Mapping[str, ET.Element]) -> Iterator[DrawnClass]:
    rows = [*renderer.iterfind("categories/category"), *renderer.iterfind("ranges/range")]
    if not rows:
        yield DrawnClass("", _colour(next(iter(symbols.values()))))
    for row in rows:
        label, colour = row.get("label", ""), _colour(symbols[row.get("symbol", "")])
        if row.tag == "range":
            bounds = (float(row.get("lower", "0")), float(row.get("upper", "0")))
            yield DrawnClass(label, colour, upto=bounds)
        else:
            value = row.get("value", "")
            yield DrawnClass(label, colour, value=int(value) if row.get("type") == "long" else value)


def _field(name: str) -> str:
    return name.replace('""', '"')


def _plain(text: str) -> str:
    return text.replace("''", "'")


def _shape(symbol: ET.Element) -> Shape:
    return next(each for each in get_args(Shape) if each == symbol.get("type", "marker"))


def _option(symbol: ET.Element, name: str) -> Iterator[str]:
    for option in symbol.iterfind("layer/Option/Option"):
        if option.get("name") == name:
            yield option.get("value", "")


def _channels(symbol: ET.Element) -> list[int]:
    (told,) = _option(symbol, "line_color" if _shape(symbol) == "line" else "color")
    return [int(part) for part in told.split(",")]


def _colour(symbol: ET.Element) -> str:
    red, green, blue = _channels(symbol)[:3]
    return f"#{red:02x}{green:02x}{blue:02x}"


def _opacity(symbol: ET.Element) -> float:
    return _channels(symbol)[3] / 255
