"""A sheet of an atlas as one drawing of vectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import Final

import shapely

from geo.maps import colour_of
from geo.outputs.atlas.layout import Box, SheetLayout
from geo.outputs.atlas.panel import draw_panel
from geo.outputs.atlas.sheet_content import Sheet, Surroundings
from geo.outputs.paper import (
    HATCHES,
    Frame,
    Picture,
    Stroke,
    Theme,
    Writing,
    draw_grid,
    draw_labels,
    draw_north,
    draw_scale_bar,
    draw_stroke,
    family_list,
    find_grid,
    fit_scale,
    place_labels,
    shorten,
    symbol_boxes,
    tell_apart,
    text_width,
)
from geo.words import say

__all__ = ["SheetDrawer"]

_PAPER, _INK = colour_of("paper"), colour_of("paper_frame")
_TEXT, _NOTE, _ALERT = colour_of("paper_text"), colour_of("footnote"), colour_of("hydrant.broken")
_NORTH_MM: Final = (11.0, 15.0)
_BAR_MM: Final = 60.0
_SMALLEST: Final = 0.6
"""A title that is too long is set smaller, but not below this; then it is cut."""


class SheetDrawer:
    """Draws the sheets of one atlas; what stands on several of them in one window is drawn once.

    Parameters
    ----------
    layout : SheetLayout
        Of all sheets.
    surroundings : Surroundings
        What they share.
    n_sheets : int
        How many there are.
    """

    def __init__(self, layout: SheetLayout, surroundings: Surroundings, *, n_sheets: int) -> None:
        self._layout, self._around, self._n_sheets = layout, surroundings, n_sheets
        self._drawn: dict[tuple[int, Frame], tuple[Stroke, list[str]]] = {}

    def draw(self, sheet: Sheet, number: int) -> Picture:
        """Draw a sheet.

        Parameters
        ----------
        sheet : Sheet
            What it says.
        number : int
            Its place in the atlas, from 1.
        """
        layout, around = self._layout, self._around
        window = layout.window
        frame = fit_scale(sheet.bounds, width_mm=window.width, height_mm=window.height)
        strokes = tell_apart(_seen(sheet.theme.strokes, frame))
        inside, n_left_out = self._window(sheet.theme, strokes, frame)
        n_left_out += sheet.n_unnamed
        panel = draw_panel(
            sheet, strokes, frame, layout, around, number=(number, self._n_sheets), n_left_out=n_left_out
        )
        banner = _Banner(around.banner, layout)
        width, height = layout.width_mm, layout.height_mm
        svg = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
            f'viewBox="0 0 {width:g} {height:g}" font-family="{family_list(around.families)}" '
            f'font-size="{layout.writing.size_mm:g}" role="img">',
            f"<title>{escape(_spoken(sheet, around))}</title>",
            f'<defs><clipPath id="window"><rect width="{window.width:.2f}" height="{window.height:.2f}"/>'
            f"</clipPath>{HATCHES}</defs>",
            f'<rect width="{width:g}" height="{height:g}" fill="{_PAPER}"/>',
            '<g id="title">',
            *_title(sheet, around, layout, room=layout.title.width - banner.width),
            *banner.draw(),
            "</g>",
            f'<g transform="translate({window.x:.2f} {window.y:.2f})">',
            *inside,
            "</g>",
            *panel,
            *_borders(layout),
            "</svg>",
        ]
        return Picture("\n".join(svg), width, height, n_left_out)

    def _window(self, theme: Theme, strokes: list[Stroke], frame: Frame) -> tuple[list[str], int]:
        """Draw what is in the window, from its upper left corner, and the numbers of the grid round it."""
        lang = self._layout.writing.lang
        width, height = frame.width_mm, frame.height_mm
        bar, bar_box = _scale_bar(frame, self._layout.writing)
        clear, spared = symbol_boxes(strokes, frame)
        taken = [
            *clear,
            (width - _NORTH_MM[0], 0.0, width, _NORTH_MM[1]),
            (bar_box.x, bar_box.y, bar_box.right, bar_box.bottom),
        ]
        placed, n_left_out = place_labels(
            theme.labels(frame), width_mm=width, height_mm=height, taken=taken, spared=spared
        )
        lines = find_grid(frame, self._around.grid, crs=self._around.crs)
        grid, numbers = draw_grid(lines, frame, size_mm=0.82 * self._layout.writing.size_mm)
        body = [element for stroke in strokes for element in self._stroke(stroke, frame)]
        return [
            '<g clip-path="url(#window)">',
            '<g id="map">',
            *body,
            "</g>",
            f'<g id="grid">{"".join(grid)}</g>',
            '<g id="labels">',
            *draw_labels(placed),
            "</g>",
            "</g>",
            *_plate(Box(width - _NORTH_MM[0], 0.0, *_NORTH_MM).inner(0.8)),
            *draw_north(width - _NORTH_MM[0] / 2, 0.8, lang),
            *_plate(bar_box),
            *bar,
            f'<rect width="{width:.2f}" height="{height:.2f}" fill="none" stroke="{_INK}" '
            'stroke-width="0.3"/>',
            f'<g id="grid-numbers">{"".join(numbers)}</g>',
        ], n_left_out

    def _stroke(self, stroke: Stroke, frame: Frame) -> list[str]:
        """Draw a stroke, or give it as it was drawn in the same window before."""
        key = (id(stroke.shapes), frame)
        before = self._drawn.get(key)
        if before is not None and _alike(before[0], stroke):
            return before[1]
        elements = list(draw_stroke(stroke, frame))
        self._drawn[key] = (stroke, elements)
        return elements


def _spoken(sheet: Sheet, around: Surroundings) -> str:
    """Say what the drawing is, for programs that read it aloud."""
    return f"{shorten(sheet.title, most=40)} {shorten(around.study, most=40)}"


def _alike(one: Stroke, other: Stroke) -> bool:
    """Say whether strokes of the same shapes are drawn alike."""
    names = ("shape", "colour", "size_mm", "symbol", "opacity", "border", "dash", "hatch")
    same = all(getattr(one, name) == getattr(other, name) for name in names)
    return same and one.shapes is other.shapes and one.sizes is other.sizes


def _seen(strokes: tuple[Stroke, ...], frame: Frame) -> list[Stroke]:
    """Give the strokes that are in the window, without their shapes outside it."""
    window = (frame.west, frame.south, frame.east, frame.north)
    box = shapely.box(*window)
    shapely.prepare(box)
    seen = []
    for stroke in strokes:
        bounds = shapely.bounds(stroke.shapes)
        west, south, east, north = (bounds[:, i] for i in range(4))
        is_in = (west <= window[2]) & (east >= window[0]) & (south <= window[3]) & (north >= window[1])
        if stroke.shape != "marker":  # the box of islands may lie in the window, and no island of them
            is_in[is_in] = shapely.intersects(stroke.shapes[is_in], box)
        if is_in.all():
            seen.append(stroke)
        elif is_in.any():
            sizes = None if stroke.sizes is None else stroke.sizes[is_in]
            seen.append(replace(stroke, shapes=stroke.shapes[is_in], sizes=sizes))
    return seen


def _scale_bar(frame: Frame, writing: Writing) -> tuple[list[str], Box]:
    """Draw the scale bar in the lower left corner; give it with the room it takes."""
    most = min(_BAR_MM, frame.width_mm / 4)
    scale = say("paper.scale_exact", lang=writing.lang, n=f"{frame.scale:,.0f}")
    x, y, height = 1.5, frame.height_mm - 8.5, 7.0
    bar, right = draw_scale_bar(frame, x + 2.0, y + height - 2.4, most_mm=most, writing=writing, scale=scale)
    return bar, Box(x, y, right + 2.4 - x, height)


def _plate(box: Box) -> Iterator[str]:
    """Draw a white plate on which things are read over a map."""
    yield (
        f'<rect x="{box.x:.2f}" y="{box.y:.2f}" width="{box.width:.2f}" height="{box.height:.2f}" '
        f'fill="{_PAPER}" fill-opacity="0.88"/>'
    )


def _title(sheet: Sheet, around: Surroundings, layout: SheetLayout, *, room: float) -> Iterator[str]:
    """Write the title of the sheet, and the study behind it."""
    box, unit = layout.title, layout.unit
    large, small = 6.2 * unit, 3.5 * unit
    y = box.y + box.height / 2 + 0.36 * large
    x = box.x + 4.0 * unit
    left = room - 8.0 * unit
    large *= max(min(1.0, 0.92 * left / text_width(sheet.title, large)), _SMALLEST)
    title = shorten(sheet.title, most=0.95 * left / large)
    yield (
        f'<text x="{x:.2f}" y="{y:.2f}" font-size="{large:.2f}" font-weight="bold" fill="{_TEXT}">'
        f"{escape(title)}</text>"
    )
    x += text_width(title, 1.04 * large) + 5.0 * unit
    most = (box.x + left - x) / small
    if most > 4:
        study = shorten(around.study, most=most)
        yield f'<text x="{x:.2f}" y="{y:.2f}" font-size="{small:.2f}" fill="{_NOTE}">{escape(study)}</text>'


class _Banner:
    """The words that say of invented data that it is; at the right end of the title."""

    def __init__(self, text: str, layout: SheetLayout) -> None:
        self._text, self._layout = text, layout
        self._size = 3.6 * layout.unit
        self.width = text_width(text, 1.05 * self._size) + 10.0 * layout.unit if text else 0.0

    def draw(self) -> Iterator[str]:
        if not self._text:
            return
        box, size = self._layout.title, self._size
        x, height = box.right - self.width + 2.0, 2.0 * size
        y = box.y + (box.height - height) / 2
        yield (
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{self.width - 5.0:.2f}" height="{height:.2f}" rx="0.8" '
            f'fill="{_ALERT}"/>'
        )
        yield (
            f'<text x="{x + (self.width - 5.0) / 2:.2f}" y="{y + height / 2 + 0.36 * size:.2f}" '
            f'font-size="{size:.2f}" font-weight="bold" text-anchor="middle" fill="{_PAPER}">'
            f"{escape(self._text)}</text>"
        )


def _borders(layout: SheetLayout) -> Iterator[str]:
    """Draw the line round the sheet, and those between its parts."""
    border, title = layout.border, layout.title
    yield (
        f'<rect x="{border.x:.2f}" y="{border.y:.2f}" width="{border.width:.2f}" '
        f'height="{border.height:.2f}" fill="none" stroke="{_INK}" stroke-width="0.6"/>'
    )
    path = f"M{border.x:.2f} {title.bottom:.2f}H{border.right:.2f}"
    gap = 3.0 * layout.unit
    if len(layout.columns) == 1:
        path += f"M{layout.columns[0].x - gap:.2f} {title.bottom:.2f}V{border.bottom:.2f}"
    else:
        top = layout.columns[0].y - gap
        path += f"M{border.x:.2f} {top:.2f}H{border.right:.2f}"
        path += "".join(
            f"M{column.x - gap:.2f} {top:.2f}V{border.bottom:.2f}" for column in layout.columns[1:]
        )
    yield f'<path d="{path}" fill="none" stroke="{_INK}" stroke-width="0.25"/>'
