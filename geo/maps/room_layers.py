"""The rooms' findings as layers of the map: places in steps of a degree, classes, pop-ups as text."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.findings import Finding, Style
from geo.maps.geometry import TOLERANCES_M, encode_shapes, to_degrees
from geo.maps.legend import colour_of
from geo.maps.text import MISSING, say_text, say_value
from geo.maps.way_sets import WayBook
from geo.words import Lang, say, say_if_there

__all__ = ["DrawnFindings", "class_label", "column_label", "draw_findings", "not_drawn", "room_heading"]

MAX_POINTS: Final = 10_000
"""A finding with more points than this shows one for each square and class."""
MAX_VERTICES: Final = 60_000
"""A finding whose lines and polygons have more corners than this is simplified, then cut."""
CELLS_M: Final = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
_OTHER: Final = -1
_DIMENSION: Final = {0: "points", 1: "lines", 2: "polygons"}


@dataclass(frozen=True)
class DrawnFindings:
    """Findings ready to draw.

    Parameters
    ----------
    layers : list of dict
        One for each finding that has a style: ``name``, ``group``, ``heading``, ``label``, ``n`` (rows),
        ``is_on``, ``size``, ``classes``, ``caution``, ``columns``, and by drawn row ``class``, ``title``,
        ``mark`` and ``values``; ``points``, ``lines`` and ``polygons`` with the row that each belongs to.
    notes : list of str
        What was assumed by the rooms and left out in drawing, for the panel.
    """

    layers: list[dict[str, Any]]
    notes: list[str]


def draw_findings(findings: Sequence[Finding], *, lang: Lang, book: WayBook | None = None) -> DrawnFindings:
    """Give the findings that have a style as layers, in their order, and the notes of all.

    Parameters
    ----------
    findings : sequence of Finding
        Tables of points, lines or polygons, mixed too, in a metric CRS; one without a style or without
        geometry gives no layer.
    book : WayBook, optional
        Takes the ways to their places; without one no layer has any.

    Raises
    ------
    CrsError
        A finding has no coordinate reference system.
    """
    layers, notes = [], []
    for finding in findings:
        if finding.style is not None and isinstance(finding.table, gpd.GeoDataFrame):
            layer, thinned = _layer(finding, finding.style, finding.table, lang=lang, book=book)
            layers.append(layer)
            notes += thinned
        notes += [note.say(lang) for note in finding.notes]
    return DrawnFindings(layers=layers, notes=list(dict.fromkeys(notes)))


def not_drawn(facilities: gpd.GeoDataFrame, findings: Sequence[Finding]) -> gpd.GeoDataFrame:
    """Leave out the facilities that a finding draws at the same place under the same id.

    The finding tells more of them; a second layer of the same hydrants would only hide the first.
    """
    is_drawn = pd.Series(False, index=facilities.index)
    for finding in findings:
        if finding.style is None or not isinstance(finding.table, gpd.GeoDataFrame):
            continue
        places = finding.table.geometry[finding.table.index.isin(facilities.index)]
        places = places[~places.index.duplicated()]
        same = facilities.geometry.reindex(places.index).geom_equals(places)
        is_drawn.loc[same.index[same]] = True
    return facilities[~is_drawn]


def column_label(words: str, column: str, *, lang: Lang) -> str:
    """Give a column's heading: the room's word, else the map's own, else the column's name."""
    for key in (f"{words}.column_{column}", f"maps.column_{column}"):
        label = say_if_there(key, lang=lang)
        if label is not None:
            return label[:1].upper() + label[1:]
    return column


def class_label(words: str, word: str, *, lang: Lang) -> str | None:
    """Give the label of a class word, None where the room's words have none."""
    key = f"{words}.class_{word}"
    label = say_if_there(key, lang=lang) or say_if_there(key.replace(" ", "_").replace("-", "_"), lang=lang)
    return label[:1].upper() + label[1:] if label else None


def _layer(
    finding: Finding, style: Style, table: gpd.GeoDataFrame, *, lang: Lang, book: WayBook | None
) -> tuple[dict[str, Any], list[str]]:
    label = say(f"{finding.words}.{finding.name}", lang=lang)
    words = list(style.roles)
    classes = _classes_of(table, style, words)
    shapes = np.asarray(table.geometry.array, dtype=object)
    kept, shapes, n_more, notes = _thin(shapes, classes, label, lang=lang)
    rows = table.iloc[kept]
    drawn = _shapes(shapes, gpd.GeoSeries([], crs=table.crs), finding.name)
    layer = {
        "name": finding.name,
        "group": finding.words,
        "heading": room_heading(finding.words, lang=lang),
        "label": label,
        "n": len(table),
        "is_on": style.is_on,
        "size": style.size,
        "caution": say(f"{finding.words}.{style.caution}", lang=lang) if style.caution else "",
        "classes": _legend(finding, style, classes, lang=lang),
        "class": classes[kept].tolist(),
        "title": _texts(rows, style.title, finding, lang=lang),
        "mark": _texts(rows, style.label, finding, lang=lang) if style.label else None,
        "more": n_more.tolist() if n_more.any() else None,
        "columns": [column_label(finding.words, name, lang=lang) for name in style.columns],
        "values": [_texts(rows, name, finding, lang=lang) for name in style.columns],
        "ways": [] if book is None else book.point_to(finding.ways, rows.index),
    }
    return layer | drawn, notes


def room_heading(words: str, *, lang: Lang) -> str:
    """Give the heading under which the layers of a room stand, by its words file."""
    keys = (f"{words}.heading", f"maps.heading_{words}")
    headings = (say_if_there(key, lang=lang) for key in keys)
    return next(filter(None, headings), None) or say("maps.heading_other", lang=lang)


def _classes_of(table: pd.DataFrame, style: Style, words: Sequence[str]) -> NDArray[np.int64]:
    """Give the position of each row's class among the words; that of ``""``, or -1, for any other."""
    if not style.by:
        return np.zeros(len(table), dtype=np.int64)
    position = {word: i for i, word in enumerate(words)}
    other = position.get("", _OTHER)
    column = table[style.by].astype(object)
    return np.array([position.get(_class_word(value), other) for value in column], dtype=np.int64)


def _class_word(value: Any) -> str:
    """Give the word of a class: flags are ``yes`` and ``no``, whole numbers have no decimals."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, float, np.integer, np.floating)):
        return f"{value:g}"
    return str(value)


def _legend(
    finding: Finding, style: Style, classes: NDArray[np.int64], *, lang: Lang
) -> list[dict[str, Any]]:
    """Give label, colour and rows of each class; a class of others stands last where there are some."""
    rows = []
    for i, (word, role) in enumerate(style.roles.items()):
        label = _class_name(finding, word, lang=lang) if style.by else ""
        rows.append({"label": label, "colour": colour_of(role), "n": int((classes == i).sum())})
    if (classes == _OTHER).any():
        label = say("maps.class_other", lang=lang)
        rows.append({"label": label, "colour": colour_of("other"), "n": int((classes == _OTHER).sum())})
    return rows


def _class_name(finding: Finding, word: str, *, lang: Lang) -> str:
    return class_label(finding.words, word, lang=lang) or word or say("maps.class_other", lang=lang)


def _texts(rows: pd.DataFrame, name: str, finding: Finding, *, lang: Lang) -> dict[str, Any]:
    """Give a column as the map says it: the different texts once, and which of them each row has."""
    if name in rows:
        column = rows[name].astype(object)
    elif name == rows.index.name:
        column = rows.index.to_series().astype(object)
    else:
        column = pd.Series([None] * len(rows), index=rows.index, dtype=object)
    is_class = finding.style is not None and name == finding.style.by
    shown = _words_of(column, finding, is_class=is_class, lang=lang)
    if shown is None:
        shown = [say_value(name, value, lang=lang) for value in column]
    at, texts = pd.factorize(np.array(shown, dtype=object))
    return {"texts": list(texts), "at": at.tolist()}


def _words_of(column: pd.Series, finding: Finding, *, is_class: bool, lang: Lang) -> list[str] | None:
    """Say the words of the class, or of a column whose every value is such a word; None for any other."""
    labels: dict[Hashable, str] = {}
    for value in column.dropna().unique():
        label = class_label(finding.words, value, lang=lang) if isinstance(value, str) and value else None
        if label is None and not (is_class and isinstance(value, str)):
            return None
        labels[value] = label or say_text(value)
    return [MISSING if pd.isna(value) else labels[value] for value in column] if labels else None


def _thin(
    shapes: NDArray[Any], classes: NDArray[np.int64], label: str, *, lang: Lang
) -> tuple[NDArray[np.int64], NDArray[Any], NDArray[np.int64], list[str]]:
    """Keep what can be drawn: rows, their shapes, how many more rows stand for each, and what to say."""
    there = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    no_more = np.zeros(len(there), dtype=np.int64)
    notes = []
    if len(there) < len(shapes):
        notes.append(say("maps.about_no_place", lang=lang, layer=label, n=f"{len(shapes) - len(there):,}"))
    if len(there) > MAX_POINTS and (shapely.get_type_id(shapes[there]) == 0).all():
        kept, n_more, width_m = _gather(shapes, there, classes)
        notes.append(
            say("maps.about_gathered", lang=lang, layer=label, n=f"{len(there):,}", m=f"{width_m:,}")
        )
        return kept, shapes[kept], n_more, notes
    kept, drawn, tolerance_m = _simplify(shapes, there)
    if tolerance_m > TOLERANCES_M[0]:
        notes.append(say("maps.about_simplified", lang=lang, layer=label, m=tolerance_m))
    if len(kept) < len(there):
        notes.append(
            say("maps.about_cut", lang=lang, layer=label, n=f"{len(kept):,}", total=f"{len(there):,}")
        )
    return kept, drawn, no_more[: len(kept)], notes


def _gather(
    shapes: NDArray[Any], there: NDArray[np.int64], classes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Keep the first point of each square and class; the squares grow until there are few enough."""
    x, y = shapely.get_x(shapes[there]), shapely.get_y(shapes[there])
    for width_m in CELLS_M:
        cells = np.column_stack([x // width_m, y // width_m, classes[there]])
        _, first, n = np.unique(cells, axis=0, return_index=True, return_counts=True)
        if len(first) <= MAX_POINTS:
            break
    order = np.argsort(first)
    return there[first[order]], n[order] - 1, width_m


def _simplify(shapes: NDArray[Any], there: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[Any], int]:
    """Simplify until the corners fit; what still does not fit loses its smallest shapes."""
    full = shapes[there]
    # Corners that no tolerance takes away: where they are too many, only the last one need be tried.
    least = np.where(np.isin(shapely.get_type_id(full), (0, 4)), 1, 2).sum()
    for tolerance_m in TOLERANCES_M if least <= MAX_VERTICES else TOLERANCES_M[-1:]:
        simple = shapely.simplify(full, tolerance_m)
        drawn = np.where(shapely.is_empty(simple), full, simple)
        corners = shapely.get_num_coordinates(drawn)
        if corners.sum() <= MAX_VERTICES:
            return there, drawn, tolerance_m
    largest = np.lexsort((-shapely.length(drawn), -shapely.area(drawn)))
    fits = np.sort(largest[np.cumsum(corners[largest]) <= MAX_VERTICES])
    return there[fits], drawn[fits], tolerance_m


def _shapes(shapes: NDArray[Any], empty: gpd.GeoSeries, what: str) -> dict[str, Any]:
    """Split rows into points, lines and polygons, each with the position of its row."""
    degrees = to_degrees(gpd.GeoDataFrame(geometry=shapes, crs=empty.crs), what).geometry
    parts, row = shapely.get_parts(np.asarray(degrees.array, dtype=object), return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)  # collections hold multi-part shapes
    row = row[inner]
    dimension = shapely.get_dimensions(parts)
    drawn: dict[str, Any] = {}
    for wanted, name in _DIMENSION.items():
        is_kind = (dimension == wanted) & ~shapely.is_empty(parts)
        drawn[name] = {"row": row[is_kind].tolist(), "shape": encode_shapes(parts[is_kind])}
    return drawn
