"""A map on paper as one drawing of vectors: window, legend, scale bar, arrow to the north, credits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

from geo.maps import colour_of
from geo.outputs.paper.clearance import symbol_boxes
from geo.outputs.paper.frame import Frame
from geo.outputs.paper.furniture import (
    Writing,
    draw_labels,
    draw_legend,
    draw_lines,
    draw_north,
    draw_scale_bar,
    wrap,
)
from geo.outputs.paper.labels import Label, place_labels
from geo.outputs.paper.patterns import tell_apart
from geo.outputs.paper.strokes import HATCHES, Stroke, draw_stroke
from geo.words import Lang, say

__all__ = ["Picture", "Surround", "draw_paper_map", "family_list"]

_PAPER, _FRAME = colour_of("paper"), colour_of("paper_frame")
_NOTE: Final = colour_of("footnote")
_SMALL: Final = 2.7
"""Height of the face of legends and credits, in millimetres: 7.6 point."""
_BAR_MM: Final = 45.0
_ARROW: Final = (10.0, 14.0)
"""Room for the arrow to the north, in the upper right corner of the window."""
_LATIN: Final = "Arial, Helvetica, sans-serif"


@dataclass(frozen=True)
class Picture:
    """A drawing that is ready.

    Parameters
    ----------
    svg : str
        The drawing, its texts as text.
    width_mm, height_mm : float
        On paper.
    n_left_out : int
        Names that had no room.
    """

    svg: str
    width_mm: float
    height_mm: float
    n_left_out: int = 0


@dataclass(frozen=True)
class Surround:
    """What stands round a map.

    Parameters
    ----------
    lang : {"zh", "en"}
        Of the texts.
    families : sequence of str
        Faces of the texts, the first that is there is taken.
    credit : str
        Sources of the data.
    is_synthetic : bool
        The data is invented, which the map says.
    alt : str
        What the map shows, for those who do not see it.
    """

    lang: Lang
    families: Sequence[str] = field(default=())
    credit: str = ""
    is_synthetic: bool = False
    alt: str = ""


def draw_paper_map(
    frame: Frame, strokes: Sequence[Stroke], labels: Sequence[Label], surround: Surround
) -> Picture:
    """Draw a map.

    Parameters
    ----------
    frame : Frame
        The window.
    strokes : sequence of Stroke
        The lowest first; those with a label make the legend, in their order.
    labels : sequence of Label
        The most important first.
    surround : Surround
        What stands round it.
    """
    strokes = tell_apart(strokes)
    hatches = HATCHES if any(stroke.hatch for stroke in strokes) else ""
    width, height = frame.width_mm, frame.height_mm
    corner = (width - _ARROW[0], 0.0, width, _ARROW[1])
    clear, spared = symbol_boxes(strokes, frame)
    placed, n_left_out = place_labels(
        labels, width_mm=width, height_mm=height, taken=[corner, *clear], spared=spared
    )
    body = [element for stroke in strokes for element in draw_stroke(stroke, frame)]
    legend, bottom = draw_legend(
        strokes, 0.0, height + 3.0, width_mm=width, writing=Writing(surround.lang, _SMALL)
    )
    foot, bottom = _foot(frame, surround, top=bottom)
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.1f}mm" height="{bottom:.1f}mm" '
        f'viewBox="0 0 {width:.2f} {bottom:.2f}" '
        f'font-family="{family_list(surround.families)}" font-size="{_SMALL}" role="img">',
        f"<title>{escape(surround.alt)}</title>",
        f'<defs><clipPath id="window"><rect width="{width:.2f}" height="{height:.2f}"/></clipPath>',
        f"{hatches}</defs>",
        f'<rect width="{width:.2f}" height="{bottom:.2f}" fill="{_PAPER}"/>',
        '<g clip-path="url(#window)">',
        *body,
        *draw_labels(placed),
        "</g>",
        *draw_north(width - 5.0, 0.0, surround.lang),
        f'<rect x="0.1" y="0.1" width="{width - 0.2:.2f}" height="{height - 0.2:.2f}" fill="none" '
        f'stroke="{_FRAME}" stroke-width="0.2"/>',
        *legend,
        *foot,
        "</svg>",
    ]
    return Picture("\n".join(svg), width, bottom, n_left_out)


def family_list(families: Sequence[str]) -> str:
    """Give faces as an attribute of SVG, with those that every computer has behind them."""
    return ", ".join([*(f"'{escape(name)}'" for name in families), _LATIN])


def _foot(frame: Frame, surround: Surround, *, top: float) -> tuple[list[str], float]:
    """Set the scale bar with the scale, then the credits and the mark of invented data."""
    lang, width = surround.lang, frame.width_mm
    writing = Writing(lang, _SMALL)
    scale = say("paper.scale", lang=lang, n=f"{frame.scale:,.0f}")
    most = min(_BAR_MM, width / 3)
    y = top + 4.4
    bar, _ = draw_scale_bar(frame, 0.2, y, most_mm=most, writing=writing, scale=scale)
    lines = [say("paper.synthetic", lang=lang)] if surround.is_synthetic else []
    lines += wrap(surround.credit, width, _SMALL) if surround.credit else []
    notes, bottom = draw_lines(lines, 0.0, y + 0.4 * _SMALL, writing=writing, colour=_NOTE)
    return [*bar, *notes], bottom + 1.0
