"""How wide the columns of a printed table are, by what stands in them."""

from __future__ import annotations

from typing import Final

from geo.outputs.paper import text_width
from geo.outputs.report.content import Table

__all__ = ["column_widths"]

_LEAST: Final = 2.6
_MOST: Final = 20.0
_LONG: Final = 60.0
"""A column of sentences has more room than one of names, and grows slowly."""
_SHORT: Final = 9.0
"""Columns as narrow as this keep their width: numbers and ids are not broken."""
_ROOM: Final = 54.0
"""Signs of a table's face side by side on a page."""
_EDGE: Final = 1.0
_BOLD: Final = 1.15
"""A bold word needs so much more room: two headings side by side must not read as one."""
_SIGNS: Final = 3.0
"""A heading has at least so many signs of Chinese side by side: it is never set one below the other."""


def column_widths(table: Table) -> list[float]:
    """Give the share of each column in the width of its table, in Chinese signs.

    Numbers have the room that the longest needs; texts up to twenty signs, and more goes to further lines. A
    heading is set in two or three lines where its column is narrow. Where all together is too much, the
    columns of texts give way.
    """
    widths = []
    for i, head in enumerate(table.heads):
        longest = max((text_width(row[i], 1.0) for row in table.rows), default=0.0) + _EDGE
        word = max((text_width(part, 1.0) for part in head.split()), default=0.0) if head.isascii() else 0.0
        wide = text_width(head, 1.0)
        heading = max(wide / 3, min(wide, _SIGNS), min(_BOLD * word, 7.0)) + _EDGE
        wide = _MOST + 0.2 * (min(longest, _LONG + _MOST) - _MOST) if longest > _MOST else longest
        widths.append(max(wide, min(heading, _MOST), _LEAST))
    kept = sum(width for width in widths if width <= _SHORT)
    loose = sum(widths) - kept
    if loose and kept + loose > _ROOM:
        shrunk = max(_ROOM - kept, 0.3 * _ROOM) / loose
        widths = [width if width <= _SHORT else max(width * shrunk, _SHORT / 2) for width in widths]
    return [round(width, 2) for width in widths]
