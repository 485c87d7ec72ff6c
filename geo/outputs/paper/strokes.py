"""What is drawn on a map, class by class, each with its row of the legend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
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

__all__ = [
    "HATCHES",
    "Hatch",
    "Stroke",
    "Symbol",
    "draw_stroke",
    "draw_swatch",
    "greyness",
    "has_shape",
    "layer_strokes",
]

Symbol: TypeAlias = Literal[
    "dot", "square", "triangle", "cross", "ring", "diamond", "plus", "wedge", "hollow"
]
Hatch: TypeAlias = Literal["", "rising", "falling", "level", "upright", "crossed"]
_PAPER: Final = colour_of("paper")
_BORDER: Final = colour_of("footnote")
_EDGE_MM: Final = 0.25
"""White rim of a point, which parts it from those that it touches."""
_INK: Final = colour_of("paper_frame")
_DARK: Final = 110.0
"""Areas darker than this (0 black, 255 white) have a white hatch."""
_HATCHED: Final[Mapping[Hatch, tuple[int, str]]] = {
    "rising": (-45, "M0 0.8H1.6"),
    "falling": (45, "M0 0.8H1.6"),
    "level": (0, "M0 0.8H1.6"),
    "upright": (90, "M0 0.8H1.6"),
    "crossed": (45, "M0 0.8H1.6M0.8 0V1.6"),
}
"""How each hatch is turned, and its lines in a square of 1.6 mm."""
HATCHES: Final = "".join(
    f'<pattern id="{name}-{ink}" patternUnits="userSpaceOnUse" width="1.6" height="1.6" '
    f'patternTransform="rotate({turn})"><path d="{path}" fill="none" stroke="{colour}" stroke-width="0.2"/>'
    "</pattern>"
    for name, (turn, path) in _HATCHED.items()
    for ink, colour in (("dark", _INK), ("light", _PAPER))
)
"""Definitions of SVG that hatched areas need."""
_HIDDEN: Final = 6.0
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
    hatch : str
        Pattern of lines over areas; empty for none.
    is_ground : bool
        It lies below what a map shows, as land and roads do, and is no class of it.
    is_kept_clear : bool
        No name covers its points: a map is no use without them, as without stations.
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
    hatch: Hatch = ""
    is_ground: bool = False
    is_kept_clear: bool = False


def layer_strokes(layer: DrawnLayer, *, size_mm: float | None = None) -> list[Stroke]:
    """Give a layer of results as its classes, in their order; classes without rows are left out."""
    drawing, table = layer.drawing, layer.table[has_shape(layer.table)]
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


def has_shape(table: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell the rows that have a shape, and none that is empty."""
    shapes = table.geometry.to_numpy()
    has_one: NDArray[np.bool_] = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return has_one


def _rows(table: gpd.GeoDataFrame, by: str, drawn: DrawnClass, rest: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell the rows of a class; that without a value holds all that no other has."""
    if not by or (drawn.upto is None and drawn.value == ""):
        return rest
    if by not in table:  # no row has a value: a class must not be drawn for want of one
        return np.zeros(len(table), dtype=bool)
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
        yield from _points(
            stroke, points if stroke.sizes is not None else _seen_apart(points, stroke.size_mm)
        )
    elif stroke.shape == "line":
        if path := frame.path(stroke.shapes):
            yield _line(stroke, path)
    else:  # one path an area: those that overlap must not cancel each other
        for shape in stroke.shapes:
            if path := frame.path([shape]):
                yield from _area(stroke, path)


def _seen_apart(points: NDArray[np.float64], size_mm: float) -> NDArray[np.float64]:
    """Give points without those that lie under another one of the same look: a sixth of its size apart."""
    _, first = np.unique(np.floor(points * (_HIDDEN / size_mm)), axis=0, return_index=True)
    shown: NDArray[np.float64] = points[np.sort(first)]
    return shown


def draw_swatch(
    stroke: Stroke, x: float, y: float, *, width_mm: float, height_mm: float = 2.4
) -> Iterator[str]:
    """Give the elements of a stroke in a legend, its middle left at a point."""
    if stroke.shape == "marker":
        size = min(max(stroke.size_mm, 1.2), 3.2)
        one = Stroke("", "marker", stroke.colour, size_mm=size, symbol=stroke.symbol)
        if stroke.sizes is not None:
            one = replace(one, sizes=np.array([size]))
        yield from _points(one, np.array([[x + width_mm / 2, y]]))
    elif stroke.shape == "line":
        yield _line(stroke, f"M{x:.2f} {y:.2f}H{x + width_mm:.2f}")
    else:
        path = f"M{x:.2f} {y - height_mm / 2:.2f}h{width_mm:.2f}v{height_mm:.2f}h-{width_mm:.2f}Z"
        yield from _area(stroke, path)


_OUTLINES: Final[Mapping[str, tuple[tuple[float, float], ...]]] = {
    "triangle": ((0, -0.57), (0.55, 0.38), (-0.55, 0.38)),
    "hollow": ((0, -0.57), (0.55, 0.38), (-0.55, 0.38)),
    "wedge": ((0, 0.66), (0.64, -0.44), (-0.64, -0.44)),
    "diamond": ((0, -0.8), (0.68, 0), (0, 0.8), (-0.68, 0)),
    "plus": (
        *((-0.26, -0.75), (0.26, -0.75), (0.26, -0.26), (0.75, -0.26), (0.75, 0.26), (0.26, 0.26)),
        *((0.26, 0.75), (-0.26, 0.75), (-0.26, 0.26), (-0.75, 0.26), (-0.75, -0.26), (-0.26, -0.26)),
    ),
}
"""Corners of symbols of the size of one, from their middle."""


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
    elif stroke.symbol in _OUTLINES:
        corners = size * np.array(_OUTLINES[stroke.symbol])
        path = "".join(
            "M" + "L".join(f"{x + right:.2f} {y + down:.2f}" for right, down in corners) + "Z"
            for x, y in points
        )
        if stroke.symbol == "hollow":
            rim = f'stroke="{stroke.colour}" stroke-width="{0.17 * size:.2f}"'
            yield f'<path d="{path}" fill="{_PAPER}" {rim}/>'
            return
        # all rims below all signs: where they stand close, a rim must not cover its neighbour
        yield f'<path d="{path}" fill="{_PAPER}" stroke="{_PAPER}" stroke-width="{2 * _EDGE_MM:.2f}"/>'
        yield f'<path d="{path}" fill="{stroke.colour}"/>'
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


def _area(stroke: Stroke, path: str) -> Iterator[str]:
    dash = f' stroke-dasharray="{escape(stroke.dash)}"' if stroke.dash else ""
    yield (
        f'<path d="{path}" fill="{stroke.colour}" fill-opacity="{stroke.opacity:.2f}" fill-rule="evenodd" '
        f'stroke="{stroke.border}" stroke-width="{min(stroke.size_mm, 0.35):.2f}"{dash}/>'
    )
    if stroke.hatch:
        ink = "light" if greyness(stroke.colour, opacity=stroke.opacity) < _DARK else "dark"
        yield f'<path d="{path}" fill="url(#{stroke.hatch}-{ink})" fill-rule="evenodd"/>'


def greyness(colour: str, *, opacity: float = 1.0) -> float:
    """Give how light a colour is on white paper when it is printed in grey: 0 is black, 255 white.

    Examples
    --------
    >>> round(greyness("#ff0000")), round(greyness("#000000", opacity=0.5))
    (76, 128)
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    own = 0.299 * red + 0.587 * green + 0.114 * blue
    return 255.0 - opacity * (255.0 - own)
