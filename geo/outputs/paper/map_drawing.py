"""A map on paper as one drawing of vectors: window, legend, scale bar, arrow to the north, credits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

from geo.maps import colour_of
from geo.outputs.paper.frame import Frame
from geo.outputs.paper.labels import Label, PlacedLabel, place_labels, shorten, text_width
from geo.outputs.paper.strokes import Stroke, draw_stroke, draw_swatch
from geo.words import Lang, say

__all__ = ["Picture", "Surround", "draw_paper_map"]

_PAPER, _FRAME = colour_of("paper"), colour_of("paper_frame")
_TEXT, _NOTE = colour_of("paper_text"), colour_of("footnote")
_SMALL: Final = 2.7
"""Height of the face of legends and credits, in millimetres: 7.6 point."""
_ROW: Final = 4.6
_SWATCH: Final = 6.0
_GAP: Final = 4.0
_LONGEST: Final = 36.0
"""Longest row of a legend, in Chinese signs."""
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
    width, height = frame.width_mm, frame.height_mm
    corner = (width - _ARROW[0], 0.0, width, _ARROW[1])
    placed, n_left_out = place_labels(labels, width_mm=width, height_mm=height, taken=[corner])
    body = [element for stroke in strokes for element in draw_stroke(stroke, frame)]
    legend, bottom = _legend([stroke for stroke in strokes if stroke.label], width, top=height + 3.0)
    foot, bottom = _foot(frame, surround, top=bottom)
    families = ", ".join([*(f"'{escape(name)}'" for name in surround.families), _LATIN])
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.1f}mm" height="{bottom:.1f}mm" '
        f'viewBox="0 0 {width:.2f} {bottom:.2f}" font-family="{families}" font-size="{_SMALL}" role="img">',
        f"<title>{escape(surround.alt)}</title>",
        f'<defs><clipPath id="window"><rect width="{width:.2f}" height="{height:.2f}"/></clipPath></defs>',
        f'<rect width="{width:.2f}" height="{bottom:.2f}" fill="{_PAPER}"/>',
        '<g clip-path="url(#window)">',
        *body,
        *_label_elements(placed),
        "</g>",
        *_north(width, surround.lang),
        f'<rect x="0.1" y="0.1" width="{width - 0.2:.2f}" height="{height - 0.2:.2f}" fill="none" '
        f'stroke="{_FRAME}" stroke-width="0.2"/>',
        *legend,
        *foot,
        "</svg>",
    ]
    return Picture("\n".join(svg), width, bottom, n_left_out)


def _label_elements(placed: Sequence[PlacedLabel]) -> Iterator[str]:
    """Write each label twice: a white rim below, so that it is read over lines, and the text."""
    for each in placed:
        label = each.label
        text = escape(label.text)
        at = f'x="{each.x:.2f}" y="{each.y:.2f}" font-size="{label.size_mm:.2f}" font-weight="{label.weight}"'
        yield (
            f'<text {at} fill="{_PAPER}" stroke="{_PAPER}" stroke-width="{0.28 * label.size_mm:.2f}" '
            f'stroke-linejoin="round" aria-hidden="true">{text}</text>'
        )
        yield f'<text {at} fill="{label.colour}">{text}</text>'


def _north(width: float, lang: Lang) -> Iterator[str]:
    x = width - 5.0
    yield f'<path d="M{x:.2f} 6l2 6.4l-2 -1.4l-2 1.4Z" fill="{_TEXT}" stroke="{_PAPER}" stroke-width="0.2"/>'
    yield (
        f'<text x="{x:.2f}" y="5.2" font-size="3.2" text-anchor="middle" fill="{_TEXT}">'
        f"{escape(say('paper.north', lang=lang))}</text>"
    )


def _legend(strokes: Sequence[Stroke], width: float, *, top: float) -> tuple[list[str], float]:
    """Set the rows of a legend side by side, as many columns as have room."""
    if not strokes:
        return [], top
    texts = [shorten(stroke.label, most=_LONGEST) for stroke in strokes]
    column = max(text_width(text, _SMALL) for text in texts) + _SWATCH + 1.5 + _GAP
    n_columns = max(int((width + _GAP) // column), 1)
    n_rows = -(-len(strokes) // n_columns)
    elements: list[str] = []
    for i, (stroke, text) in enumerate(zip(strokes, texts, strict=True)):
        x, y = (i // n_rows) * column, top + (i % n_rows) * _ROW + _ROW / 2
        elements += draw_swatch(stroke, x, y, width_mm=_SWATCH)
        elements.append(
            f'<text x="{x + _SWATCH + 1.5:.2f}" y="{y + 0.36 * _SMALL:.2f}" fill="{_TEXT}">'
            f"{escape(text)}</text>"
        )
    return elements, top + n_rows * _ROW


def _foot(frame: Frame, surround: Surround, *, top: float) -> tuple[list[str], float]:
    """Set the scale bar with the scale, then the credits and the mark of invented data."""
    lang, width = surround.lang, frame.width_mm
    ground = frame.scale_bar_m(most_mm=min(_BAR_MM, width / 3))
    bar = ground * frame.mm_per_m
    y = top + 4.4
    text = (
        say("paper.kilometres", lang=lang, n=f"{ground / 1000:g}")
        if ground >= 1000
        else say("paper.metres", lang=lang, n=f"{ground:g}")
    )
    scale = say("paper.scale", lang=lang, n=f"{frame.scale:,.0f}")
    elements = [
        f'<path d="M0.2 {y - 1.4:.2f}v1.4h{bar:.2f}v-1.4" fill="none" stroke="{_TEXT}" stroke-width="0.35"/>',
        f'<rect x="0.2" y="{y - 0.7:.2f}" width="{bar / 2:.2f}" height="0.7" fill="{_TEXT}"/>',
        f'<text x="{bar + 1.8:.2f}" y="{y:.2f}" fill="{_TEXT}">{escape(f"{text}    {scale}")}</text>',
    ]
    lines = [say("paper.synthetic", lang=lang)] if surround.is_synthetic else []
    lines += _wrapped(surround.credit, width) if surround.credit else []
    for i, line in enumerate(lines, start=1):
        elements.append(
            f'<text x="0" y="{y + i * 1.4 * _SMALL:.2f}" fill="{_NOTE}">{escape(line)}</text>',
        )
    return elements, y + len(lines) * 1.4 * _SMALL + 1.2


def _wrapped(text: str, width: float) -> list[str]:
    """Break a text at blanks, and within words that are longer than a line."""
    lines, line = [], ""
    for word in text.split(" "):
        while text_width(word, _SMALL) > width:
            n = int(width / _SMALL)
            lines += [line] if line else []
            line = ""
            lines.append(word[:n])
            word = word[n:]
        longer = f"{line} {word}".strip()
        if text_width(longer, _SMALL) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line] if line else lines
