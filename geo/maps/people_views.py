"""People of a coverage on a map or in a figure, for notebooks: one column, its classes, a legend in words."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError
from geo.findings import Finding, Style
from geo.maps.figures import band_rows
from geo.maps.layers import CoverageLayer, FindingLayer, MapLayer, MapText, RoadLayer, StationLayer
from geo.maps.legend import COLOURS, QUALITATIVE, RAMP, band_of, colour_of
from geo.maps.room_layers import class_label, column_label
from geo.maps.text import MISSING, say_value
from geo.maps.tiles import Basemap
from geo.maps.web_map import coverage_map
from geo.messages import Message
from geo.words import Lang, say

__all__ = ["PeopleView", "explore_people", "plot_people"]

TOLD: Final = ("name", "people", "first_s", "first_id", "zone", "reason")
"""Columns of the pop-up where none are asked for."""
CLASS: Final = "class_of_column"
CHINESE_FONTS: Final = (
    *("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Serif CJK SC", "SimSun", "Arial Unicode MS"),
)
"""Fonts that draw Chinese, the first that is installed is taken."""


@dataclass(frozen=True, eq=False)
class PeopleView:
    """What is shown of a coverage.

    Parameters
    ----------
    table : GeoDataFrame
        Coverage table: ``people``, ``first_s``, ``first_id``, ``is_covered``, ... (see ``geo.coverage``).
    stations : GeoDataFrame
        The stations, with ``name``.
    roads : GeoDataFrame
        Lines with ``highway``.
    bands_s, limit_s
        Ends of the response bands and the limit, seconds.
    standard, attribution : str
        What stands beside the map.
    lang : {"zh", "en"}
        Language of every word that is not data.
    """

    table: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    bands_s: Sequence[float]
    limit_s: float
    standard: str
    attribution: str
    lang: Lang


@dataclass(frozen=True, eq=False)
class _Classes:
    """The class of each row (-1: none), with the labels and colours of the classes."""

    of: NDArray[np.int64]
    labels: Sequence[str]
    colours: Sequence[str]


def explore_people(
    view: PeopleView,
    column: str = "band",
    *,
    cmap: str | Sequence[str] | None = None,
    k: int = 5,
    tooltip: Sequence[str] | None = None,
    tiles: Sequence[str | Basemap] = (),
    attr: str = "",
    title: str = "",
) -> folium.Map:
    """Draw people, stations and roads on an interactive map that needs no network.

    Parameters
    ----------
    view : PeopleView
        What is shown.
    column : str, default "band"
        What colours the people: ``"band"`` (response time in the study's bands) or a column of the table.
    cmap : str or sequence of str, optional
        A colour map of matplotlib, or a colour for each class.
    k : int, default 5
        Classes of a column of numbers, of about as many rows each.
    tooltip : sequence of str, optional
        Columns of the pop-up; not for bands, whose pop-ups tell all.
    tiles : sequence of str or Basemap
        Online base maps that the reader may switch on: ``"osm"``, ``"gaode"``.
    attr : str
        Credit of your own, beside those of the sources.
    title : str
        Heading; what is shown by default.

    Returns
    -------
    folium.Map
        Legend and words in the view's language; :func:`geo.write_map` saves it.

    Raises
    ------
    InputError
        There is no such column, colour map or base map, or ``k`` is not 1 to 12.
    """
    layers: list[MapLayer] = [RoadLayer(view.roads), StationLayer(view.stations)]
    if column == "band" and cmap is None:
        layers.append(CoverageLayer(view.table, bands_s=view.bands_s, limit_s=view.limit_s))
    else:
        layers.append(_class_layer(view, column, _classes(view, column, cmap=cmap, k=k), tooltip))
    credit = " · ".join(filter(None, (view.attribution, attr)))
    return coverage_map(
        layers,
        title=title or _label(column, view.lang),
        lang=view.lang,
        text=MapText(standard=view.standard, attribution=credit),
        basemaps=[Basemap(tile) if isinstance(tile, str) else tile for tile in tiles],
    )


def _class_layer(
    view: PeopleView, column: str, classes: _Classes, tooltip: Sequence[str] | None
) -> FindingLayer:
    """Make a layer of the people by their classes; its pop-ups hold some columns of the table."""
    table = view.table
    shown = TOLD if tooltip is None else tooltip
    missing = [name for name in shown if name not in table]
    if missing and tooltip is not None:
        raise InputError(_no_column(missing[0], table))
    columns = tuple(name for name in dict.fromkeys([column, *shown]) if name in table)
    words = [*classes.labels, MISSING]
    drawn = table.assign(**{CLASS: [words[i] for i in classes.of]})
    if "name" not in drawn:
        drawn["name"] = drawn.index.astype(str)
    roles = dict(zip(classes.labels, classes.colours, strict=True))
    style = Style(roles, by=CLASS, columns=columns, is_on=True, size=4.0)
    return FindingLayer(Finding("people", "coverage", drawn, style))


def plot_people(
    view: PeopleView,
    column: str = "band",
    *,
    ax: Any = None,
    cmap: str | Sequence[str] | None = None,
    k: int = 5,
    legend: bool = True,
    title: str = "",
    **options: Any,
) -> Any:
    """Draw people, stations and roads in a matplotlib figure.

    Parameters
    ----------
    view, column, cmap, k, title
        As for :func:`explore_people`.
    ax : matplotlib Axes, optional
        Drawn into; a new figure when missing.
    legend : bool, default True
        Whether the classes are named, in the view's language.
    **options
        ``figsize`` (inches), ``legend_kwds``, ``markersize`` (points squared; by people when missing), and
        what ``GeoDataFrame.plot`` takes for points: ``alpha``, ``marker``, ``edgecolor``, ...

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        There is no such column or colour map, or matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise InputError(Message("coverage.no_matplotlib", {"library": "matplotlib"})) from None
    classes, font = _classes(view, column, cmap=cmap, k=k), _font(view.lang)
    figsize, legend_kwds = options.pop("figsize", (9.0, 7.0)), options.pop("legend_kwds", {})
    if ax is None:
        _, ax = plt.subplots(figsize=figsize, layout="constrained")
    view.roads.plot(ax=ax, color=colour_of("road"), linewidth=0.4, zorder=1)
    handles = _plot_classes(view, classes, ax, options)
    if legend:
        # A list: matplotlib 3.9 reads a single text as a pattern of fontconfig, which "sans-serif" is not.
        titled = {"title": _label(column, view.lang), "loc": "best", "prop": {"family": [font]}}
        ax.legend(handles=handles, **{**titled, **legend_kwds}).get_title().set_fontfamily(font)
    ax.set_title(title or _label(column, view.lang), fontfamily=font)
    note = "\n".join(filter(None, (view.standard, view.attribution)))
    place = {"xycoords": "axes fraction", "va": "top"}
    ax.annotate(note, (0, 0), fontsize=7, fontfamily=font, color=colour_of("footnote"), **place)
    ax.set_axis_off()
    return ax


def _plot_classes(view: PeopleView, classes: _Classes, ax: Any, options: dict[str, Any]) -> list[Any]:
    """Draw the people of each class and the stations; give what the legend shows of them."""
    from matplotlib.lines import Line2D

    people = view.table["people"].to_numpy(dtype=float)
    by_people = 4.0 + 60.0 * np.sqrt(people / max(people.max(initial=0.0), 1.0))
    sizes = np.broadcast_to(np.asarray(options.pop("markersize", by_people), dtype=float), people.shape)
    handles = []
    for i, (label, colour) in enumerate(zip(classes.labels, classes.colours, strict=True)):
        rows = classes.of == i
        if rows.any():
            drawn = {"zorder": 2, **options, "color": colour, "markersize": sizes[rows]}
            view.table[rows].plot(ax=ax, **drawn)
            handles.append(Line2D([], [], marker="o", linestyle="", color=colour, label=label))
    site = COLOURS["site"]
    view.stations.plot(ax=ax, color=site, marker="^", markersize=45, zorder=3)
    label = say("maps.stations", lang=view.lang)
    return [*handles, Line2D([], [], marker="^", linestyle="", color=site, label=label)]


def _classes(view: PeopleView, column: str, *, cmap: str | Sequence[str] | None, k: int) -> _Classes:
    """Put the rows into classes: bands of response, words as they are, numbers into ``k`` of equal size."""
    table, lang = view.table, view.lang
    if column == "band":
        rows = band_rows(table, bands_s=view.bands_s, limit_s=view.limit_s, lang=lang)
        seconds = table["first_s"].to_numpy(dtype=float)
        of = np.where(np.isfinite(seconds), band_of(seconds, view.bands_s), len(rows) - 1)
        own = [row["colour"] for row in rows]
        return _Classes(of, [row["label"] for row in rows], _colours(cmap, own))
    if column not in table or column == table.geometry.name:
        raise InputError(_no_column(column, table))
    if pd.api.types.is_numeric_dtype(table[column]) and not pd.api.types.is_bool_dtype(table[column]):
        return _numbers(table[column], lang=lang, cmap=cmap, k=k)
    words = [_word(column, value, lang) for value in table[column]]
    labels = sorted(set(words) - {MISSING}) + ([MISSING] if MISSING in words else [])
    own = [QUALITATIVE[i % len(QUALITATIVE)] for i in range(len(labels))]
    place = {label: i for i, label in enumerate(labels)}
    return _Classes(np.array([place[word] for word in words], dtype=np.int64), labels, _colours(cmap, own))


def _numbers(values: pd.Series, *, lang: Lang, cmap: str | Sequence[str] | None, k: int) -> _Classes:
    """Cut numbers into classes of about as many rows each; what has none, or no route, stands apart."""
    if not 1 <= k <= 12:
        raise InputError(Message("coverage.many_classes", {"k": k}))
    numbers = values.to_numpy(dtype=float)
    finite = np.isfinite(numbers)
    parts = np.arange(1, k + 1) / k
    ends = (
        np.unique(np.quantile(numbers[finite], parts, method="inverted_cdf")) if finite.any() else numbers[:0]
    )
    at = np.searchsorted(ends, numbers[finite])
    low = [float(numbers[finite][at == i].min()) for i in range(len(ends))]
    name = str(values.name)
    shown = [[say_value(name, float(end), lang=lang) for end in pair] for pair in zip(low, ends, strict=True)]
    labels = [first if first == last else f"{first} – {last}" for first, last in shown]
    of = np.full(len(numbers), len(labels))
    of[finite] = at
    own = [RAMP[round(i * (len(RAMP) - 1) / max(len(labels) - 1, 1))] for i in range(len(labels))]
    colours = [*_colours(cmap, own)]
    if np.isinf(numbers).any():
        labels, colours = [*labels, say("maps.unreachable", lang=lang)], [*colours, colour_of("unreached")]
    if np.isnan(numbers).any():
        of = np.where(np.isnan(numbers), len(labels), of)
        labels, colours = [*labels, MISSING], [*colours, colour_of("other")]
    return _Classes(of.astype(np.int64), labels, colours)


def _no_column(column: str, table: gpd.GeoDataFrame) -> Message:
    own = tuple(str(name) for name in table if name != table.geometry.name)
    return Message("coverage.no_column", {"column": column, "columns": ("band", *own)})


def _word(column: str, value: Any, lang: Lang) -> str:
    if column == "reason" and isinstance(value, str) and value:
        return class_label("coverage", value, lang=lang) or value
    return say_value(column, value, lang=lang)


def _label(column: str, lang: Lang) -> str:
    return column_label("coverage", column, lang=lang)


def _colours(cmap: str | Sequence[str] | None, own: Sequence[str]) -> Sequence[str]:
    """Take a colour for each class from a list of colours or a matplotlib colour map."""
    if cmap is None:
        return own
    if isinstance(cmap, str):
        import matplotlib as mpl
        from matplotlib.colors import to_hex

        try:
            ramp = mpl.colormaps[cmap]
        except KeyError:
            raise InputError(Message("coverage.no_colours", {"name": cmap})) from None
        return [to_hex(ramp(i / max(len(own) - 1, 1))) for i in range(len(own))]
    return [cmap[i % len(cmap)] for i in range(len(own))]


def _font(lang: Lang) -> str:
    """Give the first font that is installed and draws Chinese."""
    from matplotlib import font_manager

    there = {font.name for font in font_manager.fontManager.ttflist}
    for name in CHINESE_FONTS:
        if name in there:
            return name
    if lang == "zh":
        warnings.warn(say("coverage.no_font", lang=lang), stacklevel=4)
    return "sans-serif"
