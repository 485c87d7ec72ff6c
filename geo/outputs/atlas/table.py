"""A small table beside a map: as many rows as have room, and how many more there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import Final

from geo.maps import colour_of
from geo.outputs.atlas.layout import Box
from geo.outputs.atlas.sheet_content import PanelTable
from geo.outputs.paper import NEVER_FIRST, Writing, draw_lines, has_chinese, shorten, text_width, wrap
from geo.words import say

__all__ = ["draw_table"]

_TEXT, _NOTE, _HEADING = colour_of("paper_text"), colour_of("footnote"), colour_of("heading")
_RULE: Final = colour_of("paper_border")
_APART: Final = 2.0
"""Room between two columns."""
_NARROWEST: Final = 4.5
"""A column has room for so many Chinese signs at least."""


def draw_table(table: PanelTable, room: Box, writing: Writing) -> Iterator[str]:
    """Draw a table.

    Parameters
    ----------
    table : PanelTable
        Its cells as they are printed.
    room : Box
        Where it may stand; rows that have no room are counted below it.
    writing : Writing
        Of its caption; cells are a little smaller.
    """
    cells = replace(writing, size_mm=0.9 * writing.size_mm)
    widths = _widths(table, room.width, cells.size_mm)
    heads = [_head(head, width, cells.size_mm) for head, width in zip(table.heads, widths, strict=True)]
    caption = wrap(table.caption, room.width, 1.05 * writing.size_mm)
    caption_writing = replace(writing, size_mm=1.05 * writing.size_mm)
    elements, y = draw_lines(
        caption[:3], room.x, room.y, writing=caption_writing, colour=_HEADING, weight="bold"
    )
    head_height = max(map(len, heads)) * cells.line_mm + 1.0
    row = 1.55 * cells.size_mm
    n_all = len(table.rows) + table.n_more
    depth = room.bottom - y - head_height - 1.0
    broken = [_broken(values, widths, table.is_number, cells.size_mm) for values in table.rows]
    n_more_lines = sum(max(map(len, each)) - 1 for each in broken)
    # names are broken where all rows have room even so, and cut where they have not
    is_broken = n_all == len(table.rows) and n_all * row + n_more_lines * cells.line_mm <= depth
    n_room = n_all if is_broken else max(int(depth / row), 0)
    n_shown = (
        len(table.rows) if len(table.rows) == n_all <= n_room else min(len(table.rows), max(n_room - 2, 0))
    )
    if not n_shown:
        return
    yield '<g id="table">'
    yield from elements
    lefts = [room.x + sum(widths[:i]) + i * _APART for i in range(len(widths))]
    y += 0.6
    yield _rule(room, y, 0.3)
    for lines, left, width, is_number in zip(heads, lefts, widths, table.is_number, strict=True):
        for i, line in enumerate(lines):
            base = y + head_height - (len(lines) - i - 0.72) * cells.line_mm
            yield _cell(line, left, width, base, cells.size_mm, is_number=is_number, weight="bold")
    y += head_height
    yield _rule(room, y + 0.4, 0.2)
    if not is_broken:
        broken = [_cut(values, widths, table.is_number, cells.size_mm) for values in table.rows[:n_shown]]
    for lines_of in broken[:n_shown]:
        y += row
        for lines, left, width, is_number in zip(lines_of, lefts, widths, table.is_number, strict=True):
            for i, line in enumerate(lines):
                base = y - 0.1 + i * cells.line_mm
                yield _cell(line, left, width, base, cells.size_mm, is_number=is_number)
        y += (max(map(len, lines_of)) - 1) * cells.line_mm
    yield _rule(room, y + 0.9, 0.3)
    if n_shown < n_all:
        n_left = f"{n_all - n_shown:,}"
        key = "atlas.rows_left" if table.source else "atlas.figures_left"
        text = say(key, lang=writing.lang, n=n_left, sheet=table.source)
        lines = wrap(text, room.width, 0.82 * writing.size_mm)
        small = replace(writing, size_mm=0.82 * writing.size_mm)
        yield from draw_lines(lines[:2], room.x, y + 1.6, writing=small, colour=_NOTE)[0]
    yield "</g>"


def _head(text: str, width: float, size: float) -> list[str]:
    """Break a heading into lines of about the same length, three at most."""
    n_lines = len(wrap(text, width, size))
    for share in (0.5, 0.6, 0.7, 0.8, 0.9):
        lines = wrap(text, share * width, size)
        is_whole = has_chinese([text]) or " ".join(lines) == text
        if len(lines) == n_lines and is_whole and not any(line[0] in NEVER_FIRST for line in lines[1:]):
            return lines
    lines = wrap(text, width, size)
    return lines if len(lines) <= 3 else [*lines[:2], f"{lines[2][:-1]}…"]


def _broken(
    values: Sequence[str], widths: Sequence[float], is_number: Sequence[bool], size: float
) -> list[list[str]]:
    """Break the texts of a row into lines; a number is one line however long it is."""
    return [
        [value] if number else (wrap(value, width, size) or [""])
        for value, width, number in zip(values, widths, is_number, strict=True)
    ]


def _cut(
    values: Sequence[str], widths: Sequence[float], is_number: Sequence[bool], size: float
) -> list[list[str]]:
    """Cut the texts of a row to one line; a number stays whole."""
    return [
        [value if number else shorten(value, most=width / size)]
        for value, width, number in zip(values, widths, is_number, strict=True)
    ]


def _widths(table: PanelTable, room: float, size: float) -> list[float]:
    """Share the room: numbers get what they need, texts what is left."""
    free = room - _APART * (len(table.heads) - 1)
    needs = []
    for i, head in enumerate(table.heads):
        values = [text_width(row[i], size) for row in table.rows]
        longest = max(values, default=0.0)
        word = max(text_width(part, size) for part in head.split(" ")) if not has_chinese([head]) else 0.0
        needs.append(max(longest, min(text_width(head, size), max(_NARROWEST * size, word))))
    texts = [i for i, is_number in enumerate(table.is_number) if not is_number]
    numbers = sum(need for i, need in enumerate(needs) if i not in texts)
    left = max(free - numbers, _NARROWEST * size * len(texts))
    wanted = sum(needs[i] for i in texts)
    if not texts or wanted <= left:
        spare = (free - sum(needs)) / len(needs)
        return [need + max(spare, 0.0) for need in needs]
    for i in texts:
        needs[i] = needs[i] * left / wanted
    return needs


def _cell(
    text: str, left: float, width: float, y: float, size: float, *, is_number: bool, weight: str = "normal"
) -> str:
    x, anchor = (left + width, "end") if is_number else (left, "start")
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:.2f}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{_TEXT}">{escape(text)}</text>'
    )


def _rule(room: Box, y: float, width: float) -> str:
    return f'<path d="M{room.x:.2f} {y:.2f}H{room.right:.2f}" stroke="{_RULE}" stroke-width="{width}"/>'
