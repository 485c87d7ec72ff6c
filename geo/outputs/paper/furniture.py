"""What stands on every map on paper: names, legend, scale bar, arrow to the north, lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, TypeAlias

from geo.maps import colour_of
from geo.outputs.paper.frame import Frame
from geo.outputs.paper.labels import PlacedLabel, shorten, text_width
from geo.outputs.paper.strokes import Stroke, draw_swatch
from geo.words import Lang, say

__all__ = [
    "NEVER_FIRST",
    "Writing",
    "draw_labels",
    "draw_legend",
    "draw_lines",
    "draw_north",
    "draw_scale_bar",
    "wrap",
]

_PAPER, _TEXT = colour_of("paper"), colour_of("paper_text")
_LONGEST: Final = 60.0
"""Longest row of a legend, in Chinese signs."""
NEVER_FIRST: Final = "）)」”，。、；：%"
"""No line of a broken word begins with them."""
NEVER_LAST: Final = "（(「“"
"""No line of a broken word ends with them."""
_PER_EM: Final = 4.6 / 2.7
"""Height of a row of a legend, of the face."""


@dataclass(frozen=True)
class Writing:
    """How texts beside a map are written.

    Parameters
    ----------
    lang : {"zh", "en"}
        Of the words.
    size_mm : float
        Height of the face; 2.7 mm are 7.6 point.
    """

    lang: Lang
    size_mm: float = 2.7

    @property
    def row_mm(self) -> float:
        """Height of a row of a legend."""
        return _PER_EM * self.size_mm

    @property
    def line_mm(self) -> float:
        """Height of a line of text."""
        return 1.4 * self.size_mm

    @property
    def swatch_mm(self) -> float:
        """Width of a swatch of a legend."""
        return 2.2 * self.size_mm


def draw_labels(placed: Sequence[PlacedLabel]) -> Iterator[str]:
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


def draw_north(x: float, top: float, lang: Lang) -> Iterator[str]:
    """Draw an arrow to the north, 12.4 mm high, its middle at ``x``."""
    yield (
        f'<path d="M{x:.2f} {top + 6:.2f}l2 6.4l-2 -1.4l-2 1.4Z" fill="{_TEXT}" stroke="{_PAPER}" '
        'stroke-width="0.2"/>'
    )
    yield (
        f'<text x="{x:.2f}" y="{top + 5.2:.2f}" font-size="3.2" text-anchor="middle" fill="{_TEXT}">'
        f"{escape(say('paper.north', lang=lang))}</text>"
    )


def draw_legend(
    strokes: Sequence[Stroke], x: float, top: float, *, width_mm: float, writing: Writing
) -> tuple[list[str], float]:
    """Set the rows of a legend side by side, as many columns as have room; strokes of one name share a row.

    Parameters
    ----------
    strokes : sequence of Stroke
        In the order of the rows; those without a label have none.
    x, top : float
        Upper left corner, in millimetres.
    width_mm : float
        Room from left to right.
    writing : Writing
        Of the rows.

    Returns
    -------
    list of str, float
        The elements, and where the legend ends.
    """
    rows: dict[str, list[Stroke]] = {}
    for stroke in strokes:
        if stroke.label:
            rows.setdefault(shorten(stroke.label, most=_LONGEST), []).append(stroke)
    if not rows:
        return [], top
    columns = min(
        (_legend_columns(list(rows), n, width_mm=width_mm, writing=writing) for n in (3, 2, 1)),
        key=lambda columns: max(map(_height, columns)),
    )
    size, swatch = writing.size_mm, writing.swatch_mm
    elements: list[str] = []
    for i, column in enumerate(columns):
        left, y = x + i * (width_mm + 1.5 * size) / len(columns), top
        for label, lines in column:
            height = _row_height(lines, writing)
            own = rows[label]
            part = swatch / len(own)
            for j, stroke in enumerate(own):
                elements += draw_swatch(
                    stroke, left + j * part, y + height / 2, width_mm=part, height_mm=0.9 * size
                )
            first = y + height / 2 + 0.36 * size - (len(lines) - 1) * 0.58 * size
            elements += [
                f'<text x="{left + swatch + 0.55 * size:.2f}" y="{first + k * 1.16 * size:.2f}" '
                f'font-size="{size:.2f}" fill="{_TEXT}">{escape(line)}</text>'
                for k, line in enumerate(lines)
            ]
            y += height
    return elements, top + max(sum(_row_height(lines, writing) for _, lines in each) for each in columns)


_Column: TypeAlias = list[tuple[str, list[str]]]


def _legend_columns(labels: list[str], n: int, *, width_mm: float, writing: Writing) -> list[_Column]:
    """Share the rows of a legend among columns, long names broken into lines; none of them is cut."""
    size = writing.size_mm
    room = (width_mm - 1.5 * size * (n - 1)) / n - writing.swatch_mm - 0.6 * size
    lines = {label: wrap(label, room, size) or [""] for label in labels}
    n_rows = -(-len(labels) // n)
    return [
        [(label, lines[label]) for label in labels[i : i + n_rows]] for i in range(0, len(labels), n_rows)
    ]


def _row_height(lines: Sequence[str], writing: Writing) -> float:
    return writing.row_mm + (len(lines) - 1) * 1.16 * writing.size_mm


def _height(column: _Column) -> float:
    """Say how high a column is, in rows; broken names count more than their height: they read badly."""
    return sum(1.0 + 2.0 * (len(lines) - 1) + (3.0 if len(lines) > 2 else 0.0) for _, lines in column)


def draw_scale_bar(
    frame: Frame, x: float, y: float, *, most_mm: float, writing: Writing, scale: str = ""
) -> tuple[list[str], float]:
    """Draw a bar for a round length of ground, with the length and a text behind it; ``y`` is its foot.

    Returns
    -------
    list of str, float
        The elements, and where the text ends.
    """
    ground = frame.scale_bar_m(most_mm=most_mm)
    bar = ground * frame.mm_per_m
    unit, number = ("kilometres", ground / 1000) if ground >= 1000 else ("metres", ground)
    text = "    ".join(
        part for part in (say(f"paper.{unit}", lang=writing.lang, n=f"{number:g}"), scale) if part
    )
    left = x + bar + 1.6
    elements = [
        f'<path d="M{x:.2f} {y - 1.4:.2f}v1.4h{bar:.2f}v-1.4" fill="none" stroke="{_TEXT}" '
        'stroke-width="0.35"/>',
        f'<rect x="{x:.2f}" y="{y - 0.7:.2f}" width="{bar / 2:.2f}" height="0.7" fill="{_TEXT}"/>',
        f'<text x="{left:.2f}" y="{y:.2f}" font-size="{writing.size_mm:.2f}" fill="{_TEXT}">'
        f"{escape(text)}</text>",
    ]
    return elements, left + text_width(text, writing.size_mm)


def draw_lines(
    lines: Sequence[str], x: float, top: float, *, writing: Writing, colour: str, weight: str = "normal"
) -> tuple[list[str], float]:
    """Write lines one below the other; give the elements, and where they end."""
    elements = [
        f'<text x="{x:.2f}" y="{top + i * writing.line_mm + writing.size_mm:.2f}" '
        f'font-size="{writing.size_mm:.2f}" font-weight="{weight}" fill="{colour}">{escape(line)}</text>'
        for i, line in enumerate(lines)
    ]
    return elements, top + len(lines) * writing.line_mm


def wrap(text: str, width_mm: float, size_mm: float) -> list[str]:
    """Break a text at blanks, and within words that are longer than a line.

    Examples
    --------
    >>> wrap("a bb ccc", 5.0, 1.5), wrap("城桥镇堡镇", 6.0, 2.0)
    (['a bb', 'ccc'], ['城桥镇', '堡镇'])
    >>> wrap("人均面积（平方米）", 10.0, 2.0)
    ['人均面积', '（平方米）']
    """
    lines, line = [], ""
    for word in text.split(" "):
        while text_width(word, size_mm) > width_mm:
            n = _fitting(word, width_mm - (text_width(f"{line} ", size_mm) if line else 0.0), size_mm)
            if n > 1 and word[n] in NEVER_FIRST:
                n -= 1
            if n > 1 and word[n - 1] in NEVER_LAST:
                n -= 1
            if not n and not line:
                n = 1
            lines.append(f"{line} {word[:n]}".strip())
            line, word = "", word[n:]
        longer = f"{line} {word}".strip()
        if text_width(longer, size_mm) > width_mm:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line] if line else lines


def _fitting(word: str, width_mm: float, size_mm: float) -> int:
    """Count the signs of a word that have room."""
    width, n = 0.0, 0
    for sign in word:
        width += text_width(sign, size_mm)
        if width > width_mm:
            break
        n += 1
    return n
