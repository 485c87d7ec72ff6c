"""What stands beside the map of a sheet: where it lies, its legend, a table, notes, and the title block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import Final

from geo.maps import colour_of
from geo.outputs.atlas.layout import Box, SheetLayout
from geo.outputs.atlas.locator import draw_locator
from geo.outputs.atlas.sheet_content import PanelTable, Sheet, Surroundings
from geo.outputs.atlas.table import draw_table
from geo.outputs.paper import Frame, Stroke, Writing, draw_legend, draw_lines, shorten, text_width, wrap
from geo.words import say

__all__ = ["draw_panel"]

_TEXT, _NOTE, _INK = colour_of("paper_text"), colour_of("footnote"), colour_of("paper_frame")
_HEADING: Final = colour_of("heading")
_LOCATOR: Final = 0.5
"""Height of the small map, of its width."""
_SMALLEST: Final = 0.6
"""A legend that is longer than its column is set smaller, but not below this."""


def draw_panel(
    sheet: Sheet,
    strokes: Sequence[Stroke],
    frame: Frame,
    layout: SheetLayout,
    around: Surroundings,
    *,
    number: tuple[int, int],
    n_left_out: int,
) -> Iterator[str]:
    """Draw all that stands beside or below a map.

    Parameters
    ----------
    sheet : Sheet
        What it says.
    strokes : sequence of Stroke
        What is drawn on the map: the legend.
    frame : Frame
        The window.
    layout : SheetLayout
        Where everything stands.
    around : Surroundings
        What all sheets share.
    number : (int, int)
        Of the sheet, and how many there are.
    n_left_out : int
        Names that had no room.
    """
    writing, gap = layout.writing, 3.0 * layout.unit
    facts = [*_own_facts(sheet, frame, number, writing), *around.facts]
    notes = _notes(sheet, around, n_left_out, writing)
    first, last = layout.columns[0], layout.columns[-1]
    block, block_top = _block(facts, last, writing)
    yield from block
    if len(layout.columns) == 1:
        small = Box(first.x, first.y, first.width, _LOCATOR * first.width)
        yield from draw_locator(around.locator, frame, small, crs=around.crs, writing=writing)
        room = Box(first.x, small.bottom + gap, first.width, block_top - small.bottom - 2 * gap)
        yield from _stacked(strokes, sheet.table, notes, room, writing)
        return
    legend, _ = _legend(strokes, first, writing, most=first.height - 1.6 * writing.line_mm)
    yield from legend
    if sheet.table is not None:
        yield from draw_table(sheet.table, layout.columns[1], writing)
    small = Box(last.x, last.y, last.width, 0.36 * last.width)
    yield from draw_locator(around.locator, frame, small, crs=around.crs, writing=writing)
    top = small.bottom + gap
    yield from _notes_at(notes, Box(last.x, top, last.width, block_top - top - gap), writing)


def _stacked(
    strokes: Sequence[Stroke], table: PanelTable | None, notes: Sequence[str], room: Box, writing: Writing
) -> Iterator[str]:
    """Set legend, table and notes one below the other: the legend whole, the table what is left."""
    small, heading = _small(writing), 1.6 * writing.line_mm
    n_lines = sum(len(wrap(note, room.width, small.size_mm)) for note in notes)
    notes_height = min(n_lines * small.line_mm + heading, 0.4 * room.height)
    legend, bottom = _legend(strokes, room, writing, most=room.height - notes_height - heading)
    yield from legend
    gap = 0.9 * writing.line_mm
    notes_top = room.bottom - notes_height
    if table is not None and notes_top - bottom > 5 * writing.line_mm:
        yield from draw_table(
            table, Box(room.x, bottom + gap, room.width, notes_top - bottom - 2 * gap), writing
        )
    yield from _notes_at(notes, Box(room.x, notes_top, room.width, notes_height), writing)


def _small(writing: Writing) -> Writing:
    return replace(writing, size_mm=0.82 * writing.size_mm)


def _notes_at(notes: Sequence[str], room: Box, writing: Writing) -> Iterator[str]:
    """Write the notes with their heading; lines that have no room are left out, which an ellipsis says."""
    small, heading = _small(writing), 1.6 * writing.line_mm
    lines = [line for note in notes for line in wrap(note, room.width, small.size_mm)]
    most = max(int((room.height - heading) / small.line_mm + 1e-6), 1)
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][:-1]}…"]
    yield '<g id="notes">'
    yield from _heading(say("atlas.notes", lang=writing.lang), room.x, room.y, writing)
    yield from draw_lines(lines, room.x, room.y + heading, writing=small, colour=_NOTE)[0]
    yield "</g>"


def _legend(
    strokes: Sequence[Stroke], room: Box, writing: Writing, *, most: float
) -> tuple[list[str], float]:
    """Set the legend with its heading, smaller where it would be too long."""
    head = list(_heading(say("atlas.legend", lang=writing.lang), room.x, room.y, writing))
    top = room.y + 1.6 * writing.line_mm
    share = 1.0
    while True:
        own = replace(writing, size_mm=share * writing.size_mm)
        rows, bottom = draw_legend(strokes, room.x, top, width_mm=room.width, writing=own)
        if bottom - top <= most or share <= _SMALLEST:
            return ['<g id="legend">', *head, *rows, "</g>"], bottom
        share -= 0.1


def _heading(text: str, x: float, top: float, writing: Writing) -> Iterator[str]:
    size = 1.15 * writing.size_mm
    yield (
        f'<text x="{x:.2f}" y="{top + size:.2f}" font-size="{size:.2f}" font-weight="bold" '
        f'fill="{_HEADING}">{escape(text)}</text>'
    )


def _own_facts(
    sheet: Sheet, frame: Frame, number: tuple[int, int], writing: Writing
) -> Iterator[tuple[str, str]]:
    lang = writing.lang
    yield say("atlas.fact_sheet", lang=lang), sheet.title
    yield say("atlas.fact_number", lang=lang), f"{number[0]} / {number[1]}"
    yield say("atlas.fact_scale", lang=lang), f"1 : {frame.scale:,.0f}"


def _notes(sheet: Sheet, around: Surroundings, n_left_out: int, writing: Writing) -> list[str]:
    left_out = [say("atlas.left_out", lang=writing.lang, n=f"{n_left_out:,}")] if n_left_out else []
    return [*left_out, *sheet.notes, *around.notes]


def _block(facts: Sequence[tuple[str, str]], column: Box, writing: Writing) -> tuple[list[str], float]:
    """Draw the title block at the foot of a column: rows of what and value; give it with its upper edge."""
    row = 1.75 * writing.size_mm
    wide = max(text_width(what, writing.size_mm) for what, _ in facts) + 2.4
    wide = min(wide, 0.45 * column.width)
    top = column.bottom - row * len(facts)
    most = (column.width - wide - 2.4) / writing.size_mm
    elements = ['<g id="block">']
    for i, (what, value) in enumerate(facts):
        y = top + i * row
        base = y + row / 2 + 0.36 * writing.size_mm
        elements.append(
            f'<rect x="{column.x:.2f}" y="{y:.2f}" width="{column.width:.2f}" height="{row:.2f}" '
            f'fill="none" stroke="{_INK}" stroke-width="0.15"/>'
        )
        head = shorten(what, most=(wide - 2.0) / writing.size_mm)
        for x, text, colour in ((1.2, head, _NOTE), (wide + 1.2, shorten(value, most=most), _TEXT)):
            elements.append(
                f'<text x="{column.x + x:.2f}" y="{base:.2f}" fill="{colour}">{escape(text)}</text>'
            )
    line = f"M{column.x + wide:.2f} {top:.2f}V{column.bottom:.2f}"
    elements += [f'<path d="{line}" fill="none" stroke="{_INK}" stroke-width="0.15"/>', "</g>"]
    return elements, top
