"""The small map that shows where a sheet lies: in its district, or on the globe where it shows all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.maps import colour_of
from geo.outputs.atlas.layout import Box
from geo.outputs.atlas.sheet_content import Bounds, Locator
from geo.outputs.paper import Frame, Writing, draw_stroke, find_grid, fit_scale
from geo.words import say

__all__ = ["draw_locator"]

_PAPER, _INK, _HERE = colour_of("paper"), colour_of("paper_frame"), colour_of("hydrant.broken")
_LINE: Final = colour_of("paper_grid")
_WIDER: Final = 2.2
"""How many times as wide as the district its surroundings are, where a sheet shows the whole district."""
_WHOLE: Final = 0.8
"""A window that shows more of the district than this shows the whole."""


def draw_locator(locator: Locator, frame: Frame, box: Box, *, crs: str, writing: Writing) -> Iterator[str]:
    """Draw where a window lies.

    Parameters
    ----------
    locator : Locator
        The whole district.
    frame : Frame
        The window of the sheet.
    box : Box
        Where the small map stands.
    crs : str
        System of the shapes.
    writing : Writing
        Of its texts.
    """
    west, south, east, north = locator.bounds
    is_whole = frame.east - frame.west > _WHOLE * (east - west) and frame.north - frame.south > _WHOLE * (
        north - south
    )
    bounds = _wider(locator.bounds) if is_whole else locator.bounds
    small = fit_scale(bounds, width_mm=box.width, height_mm=box.height)
    yield f'<g id="locator" transform="translate({box.x:.2f} {box.y:.2f})">'
    yield (
        f'<clipPath id="locator-window"><rect width="{box.width:.2f}" height="{box.height:.2f}"/></clipPath>'
    )
    yield f'<rect width="{box.width:.2f}" height="{box.height:.2f}" fill="{_PAPER}"/>'
    yield '<g clip-path="url(#locator-window)">'
    for stroke in locator.strokes:
        yield from draw_stroke(replace(stroke, size_mm=0.15, dash=""), small)
    if is_whole:
        yield from _degrees(small, crs, writing)
    (left, top), (right, bottom) = small.place(_corners(frame))
    yield (
        f'<rect x="{left:.2f}" y="{top:.2f}" width="{right - left:.2f}" height="{bottom - top:.2f}" '
        f'fill="none" stroke="{_HERE}" stroke-width="0.6"/>'
    )
    yield "</g>"
    yield (
        f'<rect width="{box.width:.2f}" height="{box.height:.2f}" fill="none" stroke="{_INK}" '
        'stroke-width="0.25"/>'
    )
    text = say("atlas.locator", lang=writing.lang)
    yield from _written(text, 1.2, 1.35 * writing.size_mm, 0.9 * writing.size_mm, "start")
    yield "</g>"


def _corners(frame: Frame) -> NDArray[np.float64]:
    return np.array([[frame.west, frame.north], [frame.east, frame.south]])


def _wider(bounds: Bounds) -> Bounds:
    """Give ground so many times as wide, with the district in its middle."""
    west, south, east, north = bounds
    x, y = (west + east) / 2, (south + north) / 2
    half = max(east - west, north - south, 1000.0) / 2 * _WIDER
    return x - half, y - half, x + half, y + half


def _degrees(frame: Frame, crs: str, writing: Writing) -> Iterator[str]:
    """Draw lines of longitude and latitude with their numbers, which say where on the globe this is."""
    size = 0.75 * writing.size_mm
    for line in find_grid(frame, "degrees", crs=crs, apart_mm=30.0):
        path = "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in line.points)
        yield f'<path d="{path}" fill="none" stroke="{_LINE}" stroke-width="0.15"/>'
        order = np.argsort(line.points[:, 1 if line.is_upright else 0])
        along = line.points[order]
        if line.is_upright:
            x = float(np.interp(frame.height_mm, along[:, 1], along[:, 0]))
            yield from _written(line.text, x, frame.height_mm - 0.5 * size, size, "middle")
        else:
            y = float(np.interp(0.0, along[:, 0], along[:, 1]))
            if y - size < 2.0 * writing.size_mm:  # there stands what this map is
                continue
            yield from _written(line.text, 0.8, y - 0.3 * size, size, "start")


def _written(text: str, x: float, y: float, size: float, anchor: str) -> Iterator[str]:
    yield (
        f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:.2f}" text-anchor="{anchor}" fill="{_INK}">'
        f"{escape(text)}</text>"
    )
