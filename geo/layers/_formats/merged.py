"""Merged cells of a sheet: what they say of all their rows is written into each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from geo import file_limits
from geo.messages import Message
from geo.sources import require_number

__all__ = ["Area", "blank_inside", "fill_merged", "require_few"]

Area: TypeAlias = tuple[int, int, int, int]
"""Left, top, right and bottom of merged cells, from 1."""


def require_few(rows: Sequence[Sequence[str]], merged: Sequence[Area], what: str) -> None:
    """Check that merged areas are no more than is filled: one may say that it covers all of a sheet."""
    width = max(map(len, rows), default=0)
    sizes = (
        max(min(bottom, len(rows)) - top + 1, 0) * max(min(right, width) - left + 1, 1)
        for left, top, right, bottom in merged
    )
    require_number(what, sum(sizes), "filled", file_limits.MOST_FILLED)


def blank_inside(rows: Sequence[list[str]], merged: Sequence[Area]) -> None:
    """Take out what merged cells hold beside their first, which no program shows."""
    for left, top, right, bottom in merged:
        for i, row in enumerate(rows[top - 1 : bottom]):
            start = left if i == 0 else left - 1
            stop = min(right, len(row))
            row[start:stop] = [""] * max(stop - start, 0)


def fill_merged(rows: Sequence[list[str]], merged: Sequence[Area]) -> list[Message]:
    """Write the text of merged cells into all of their rows; give what is to be told."""
    n_filled = 0
    for left, top, _, bottom in merged:
        if top > len(rows) or left > len(rows[top - 1]):
            continue
        value = rows[top - 1][left - 1]
        for row in rows[top:bottom]:
            # Sideways only the header of a group is merged; its name is not the name of each column.
            if value:
                row.extend([""] * (left - len(row)))
                row[left - 1] = value
                n_filled += 1
    return [Message("layers.merged_filled", {"n": n_filled})] if n_filled else []
