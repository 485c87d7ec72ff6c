"""How wide the columns of a printed table are, by what stands in them."""

from __future__ import annotations

from typing import Final

from geo.outputs.paper import text_width
from geo.outputs.report.content import Table

__all__ = ["column_widths"]

_LEAST: Final = 3.2
_MOST: Final = 20.0


def column_widths(table: Table) -> list[float]:
    """Give the share of each column in the width of its table, in Chinese signs.

    Numbers have the room that the longest needs; texts up to twenty signs, and more goes to further lines. A
    heading is set in two or three lines where its column is narrow.
    """
    widths = []
    for i, head in enumerate(table.heads):
        cells = [text_width(row[i], 1.0) for row in table.rows]
        longest = max(cells, default=0.0) + 0.8
        words = max((text_width(word, 1.0) for word in head.split()), default=0.0)
        heading = max(text_width(head, 1.0) / 3, min(words, 7.0) if head.isascii() else 0.0) + 0.8
        widths.append(round(min(max(longest, heading, _LEAST), _MOST), 2))
    return widths
