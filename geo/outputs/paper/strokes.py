"""What is drawn on a map, class by class, each with its row of the legend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.maps import colour_of
from geo.outputs.paper.drawn_layers import DrawnLayer
from geo.outputs.paper.frame import Frame
from geo.outputs.qgis_symbols import DrawnClass, Shape

__all__ = ["Stroke", "Symbol", "draw_stroke", "draw_swatch", "layer_strokes"]

Symbol: TypeAlias = Literal["dot", "square", "triangle", "cross", "ring"]
_PAPER: Final = colour_of("paper")
_BORDER: Final = colour_of("footnote")
_EDGE_MM: Final = 0.25
"""White rim of a point, which parts it from those that it touches."""
_NOTHING: Final = np.empty(0, dtype=object)


@dataclass(frozen=True, eq=False)
class Stroke:
    """Shapes that are drawn alike.

    Parameters
    ----------
    label : str
        What the legend says; without one it has no row.
    shape : {"marker", "line", "fill"}
        What the shapes are.
    colour : str
        ``"#rrggbb"``, or ``"none"`` for areas that have a border alone.
    shapes : array of shapely geometries
        In the map's CRS.
    size_mm : float
        Diameter of points, width of lines and borders.
    symbol : str
        Of points: in grey print shapes tell the classes apart.
    opacity : float
        Of areas, 0-1.
    border : str
        Colour of the border of areas.
    dash : str
        Pattern of lines and borders, as SVG writes it.
    sizes : array of float
        Diameter of each point, where they differ.
    """

    label: str
    shape: Shape
    colour: str
    shapes: NDArray[Any] = field(default_factory=lambda: _NOTHING)
    size_mm: float = 1.6
    symbol: Symbol = "dot"
    opacity: float = 1.0
    border: str = _BORDER
    dash: str = ""
    sizes: NDArray[np.float64] | None = None


def layer_strokes(layer: DrawnLayer, *, size_mm: float | None = None) -> list[Stroke]:
    """Give a layer of results as its classes, in their order; classes without rows are left out."""
    drawing, table = layer.drawing, layer.table[layer.table.geometry.notna()]
    rest = np.ones(len(table), dtype=bool)
    strokes = []
    for each in drawing.classes:
        rows = _rows(table, drawing.by, each, rest)
        rest = rest & ~rows
        shapes = table.geometry.to_numpy()[rows]
        if len(shapes):
            strokes.append(
                Stroke(
                    each.label or layer.title,
                    drawing.shape,
                    each.colour,
                    shapes,
                    size_mm=size_mm or drawing.size_mm,
                    opacity=drawing.opacity,
                )
            )
    return strokes


def _rows(table: gpd.GeoDataFrame, by: str, drawn: DrawnClass, rest: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell the rows of a class; that without a value holds all that no other has."""
    if not by or by not in table or (drawn.upto is None and drawn.value == ""):
        return rest
    if drawn.upto is not None:
        values = table[by].to_numpy(dtype=float)
        is_own = (values >= drawn.upto[0]) & (values <= drawn.upto[1])
    else:
        is_own = (table[by].astype(object) == drawn.value).to_numpy(dtype=bool)
    rows: NDArray[np.bool_] = is_own & rest
    return rows


def draw_stroke(stroke: Stroke, frame: Frame) -> Iterator[str]:
    """Give the elements of a stroke on a map."""
    if not len(stroke.shapes):
        return
    if stroke.shape == "marker":
        points = shapely.get_coordinates(shapely.centroid(frame.shown(stroke.shapes)))
        yield from _points(stroke, points)
    elif stroke.shape == "line":
        yield _line(stroke, frame.path(stroke.shapes))
    else:  # one path an area: those that overlap must not cancel each other
        yield from (_area(stroke, frame.path([shape])) for shape in stroke.shapes)


def draw_swatch(stroke: Stroke, x: float, y: float, *, width_mm: float) -> Iterator[str]:
    """Give the elements of a stroke in a legend, its middle left at a point."""
    if stroke.shape == "marker":
        size = min(max(stroke.size_mm, 1.2), 3.2)
        one = Stroke("", "marker", stroke.colour, size_mm=size, symbol=stroke.symbol)
        yield from _points(one, np.array([[x + width_mm / 2, y]]))
    elif stroke.shape == "line":
        yield _line(stroke, f"M{x:.2f} {y:.2f}H{x + width_mm:.2f}")
    else:
        yield _area(stroke, f"M{x:.2f} {y - 1.2:.2f}h{width_mm:.2f}v2.4h-{width_mm:.2f}Z")


def _points(stroke: Stroke, points: NDArray[np.float64]) -> Iterator[str]:
    size = stroke.size_mm
    if stroke.sizes is not None:
        order = np.argsort(-stroke.sizes, kind="stable")  # small ones over great ones
        for (x, y), own in zip(points[order], stroke.sizes[order], strict=True):
            yield (
                f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{own / 2:.2f}" fill="{stroke.colour}" '
                f'fill-opacity="0.75" stroke="{_PAPER}" stroke-width="0.2"/>'
            )
        return
    if stroke.symbol == "cross":
        half = 0.36 * size
        path = "".join(
            f"M{x - half:.2f} {y - half:.2f}l{2 * half:.2f} {2 * half:.2f}M{x - half:.2f} {y + half:.2f}"
            f"l{2 * half:.2f} -{2 * half:.2f}"
            for x, y in points
        )
        yield f'<path d="{path}" fill="none" stroke="{stroke.colour}" stroke-width="{0.26 * size:.2f}"/>'
    elif stroke.symbol == "triangle":
        half, rise = 0.55 * size, 0.95 * size
        path = "".join(
            f"M{x:.2f} {y - 0.6 * rise:.2f}l{half:.2f} {rise:.2f}h-{2 * half:.2f}Z" for x, y in points
        )
        yield f'<path d="{path}" fill="{stroke.colour}" stroke="{_PAPER}" stroke-width="{_EDGE_MM:.2f}"/>'
    else:
        yield from _dots(stroke, points)


def _dots(stroke: Stroke, points: NDArray[np.float64]) -> Iterator[str]:
    """Draw dots and squares as ends of lines without length: one path for thousands of points."""
    cap, size = ("square", 0.85) if stroke.symbol == "square" else ("round", 1.0)
    path = "".join(f"M{x:.2f} {y:.2f}h.01" for x, y in points)
    inner = (_PAPER, 0.55) if stroke.symbol == "ring" else None
    rim = size * stroke.size_mm + 2 * _EDGE_MM
    ways = [(_PAPER, rim), (stroke.colour, size * stroke.size_mm)]
    ways += [(inner[0], inner[1] * stroke.size_mm)] if inner else []
    for colour, width in ways:
        yield (
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:.2f}" '
            f'stroke-linecap="{cap}"/>'
        )


def _line(stroke: Stroke, path: str) -> str:
    dash = f' stroke-dasharray="{escape(stroke.dash)}"' if stroke.dash else ""
    return (
        f'<path d="{path}" fill="none" stroke="{stroke.colour}" stroke-width="{stroke.size_mm:.2f}" '
        f'stroke-linejoin="round" stroke-linecap="round"{dash}/>'
    )


def _area(stroke: Stroke, path: str) -> str:
    dash = f' stroke-dasharray="{escape(stroke.dash)}"' if stroke.dash else ""
    return (
        f'<path d="{path}" fill="{stroke.colour}" fill-opacity="{stroke.opacity:.2f}" fill-rule="evenodd" '
        f'stroke="{stroke.border}" stroke-width="{min(stroke.size_mm, 0.35):.2f}"{dash}/>'
    )
