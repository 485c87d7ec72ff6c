"""Where everything stands on a sheet: sizes of paper, and boxes for title, map and what is beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from geo.outputs.atlas.sheet_content import Bounds
from geo.outputs.paper import Writing
from geo.study import Orientation, Paper
from geo.words import Lang

__all__ = ["Box", "SheetLayout", "sheet_layout"]

_SIZES: Final[dict[Paper, tuple[float, float]]] = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}
_UNIT: Final[dict[Paper, float]] = {"A4": 0.8, "A3": 1.0}
"""Of faces and gaps: a sheet half as large is held nearer to the eye."""
_FACE_MM: Final[dict[Paper, float]] = {"A4": 2.45, "A3": 2.9}
_MARGIN: Final = 8.0
_TITLE: Final = 14.0
_PANEL: Final = 98.0
"""Width of what is beside a map."""
_FOOT: Final = 112.0
"""Height of what is below a map."""
_NUMBERS: Final = 4.6
"""Room for the numbers of the grid round the window."""
_GAP: Final = 3.0


@dataclass(frozen=True)
class Box:
    """A part of a sheet, in millimetres from its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    def inner(self, gap: float) -> Box:
        """Give the box that lies so far inside it."""
        return Box(self.x + gap, self.y + gap, self.width - 2 * gap, self.height - 2 * gap)


@dataclass(frozen=True)
class SheetLayout:
    """The parts of a sheet.

    Parameters
    ----------
    width_mm, height_mm : float
        Of the paper.
    unit : float
        1 on A3; smaller where the paper is smaller.
    border, title : Box
        The line round all, and the band with the title.
    window : Box
        The map itself; the numbers of its grid stand round it.
    columns : tuple of Box
        What stands beside or below the map: one column beside it, or three below.
    writing : Writing
        Of legend, table and notes.
    """

    width_mm: float
    height_mm: float
    unit: float
    border: Box
    title: Box
    window: Box
    columns: tuple[Box, ...]
    writing: Writing


def sheet_layout(paper: Paper, orientation: Orientation, *, bounds: Bounds, lang: Lang) -> SheetLayout:
    """Lay out a sheet.

    Parameters
    ----------
    paper : {"A4", "A3"}
        Its size.
    orientation : {"auto", "landscape", "portrait"}
        Lying or standing; "auto" takes the one on which the ground is drawn larger.
    bounds : tuple of four floats
        West, south, east and north of the whole district, in metres.
    lang : {"zh", "en"}
        Of the words.
    """
    if orientation == "auto":
        ways = (sheet_layout(paper, way, bounds=bounds, lang=lang) for way in ("landscape", "portrait"))
        return min(ways, key=partial(_metres_per_mm, bounds))  # the first of equals: lying
    short, long = _SIZES[paper]
    unit = _UNIT[paper]
    width, height = (long, short) if orientation == "landscape" else (short, long)
    border = Box(0, 0, width, height).inner(_MARGIN)
    title = Box(border.x, border.y, border.width, _TITLE * unit)
    top, gap = title.bottom, _GAP * unit
    rest = Box(border.x, top, border.width, border.bottom - top)
    if orientation == "landscape":
        panel = Box(rest.right - _PANEL * unit, top, _PANEL * unit, rest.height)
        around = Box(rest.x, top, rest.width - panel.width, rest.height)
        columns: tuple[Box, ...] = (panel.inner(gap),)
    else:
        foot = Box(rest.x, rest.bottom - _FOOT * unit, rest.width, _FOOT * unit)
        around = Box(rest.x, top, rest.width, rest.height - foot.height)
        third = foot.width / 3
        columns = tuple(Box(foot.x + i * third, foot.y, third, foot.height).inner(gap) for i in range(3))
    window = around.inner(_NUMBERS * unit)
    writing = Writing(lang, _FACE_MM[paper])
    return SheetLayout(width, height, unit, border, title, window, columns, writing)


def _metres_per_mm(bounds: Bounds, layout: SheetLayout) -> float:
    west, south, east, north = bounds
    return max((east - west) / layout.window.width, (north - south) / layout.window.height)
