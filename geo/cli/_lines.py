"""Lines and tables for a terminal: Chinese signs are two cells wide, and break nearly anywhere."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

__all__ = ["Folding", "fold", "lay_out", "short_name", "short_runs", "terminal_width"]

_NEVER_FIRST: Final = frozenset("）)」”』》〉】〕］]，。、；：？！,.;:?!%％…—")
_NEVER_LAST: Final = frozenset("（(「“『《〈【〔［[")
_TYPED: Final = re.compile(r"(?:：|: )geo |[\x00-\x09\x0b-\x1f]")
"""A command to be copied, or signs that steer the terminal: such a line is left as it is."""
_NARROWEST: Final = 8
"""Cells of a column that was made room from."""
_RUN: Final = re.compile(
    r"""(?<![^\s,;:=|'"(\[{<，。；：、！？“‘（《])"""
    r"""[^\s/\\.,;:=|'"()\[\]{}<>，。；：、！？“”‘’（）《》]{81,}+(?![/\\])"""
)
"""Signs side by side without a mark or a blank: longer than any word, number or hash, and no path."""
_LONGEST_NAME: Final = 60


def short_name(name: str) -> str:
    """Cut a name that would fill the terminal; files have it in full.

    Examples
    --------
    >>> short_name("城桥镇"), len(short_name("very " * 200))
    ('城桥镇', 60)
    """
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def short_runs(text: str) -> str:
    """Cut what looks like an endless name inside a line of text.

    Examples
    --------
    >>> len(short_runs("站" * 1000 + "：重名"))
    63
    """
    return _RUN.sub(lambda run: short_name(run[0]), text)


def terminal_width(*, widest: int = 100, narrowest: int = 40) -> int:
    """Give the cells of a line of the terminal, at most as many as are easy to follow."""
    return min(max(shutil.get_terminal_size().columns, narrowest), widest)


class Folding:
    """A stream to a terminal whose lines break where they may; a path or a command stays in one piece."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._is_new_line = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._stream)

    def write(self, text: str) -> int:
        """Write a text, its long lines folded."""
        if not text:
            return 0
        first, *more = text.split("\n")
        lines = [_folded(first) if self._is_new_line else first, *map(_folded, more)]
        self._stream.write("\n".join(lines))
        self._is_new_line = text.endswith("\n")
        return len(text)


def _folded(line: str) -> str:
    width = shutil.get_terminal_size().columns
    if len(line) <= width // 2 or _TYPED.search(line):
        return line
    line = short_runs(line)
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return "\n".join(fold(line, width, indent=indent))


def fold(text: str, width: int, *, indent: str = "") -> list[str]:
    """Break a line of text so that no line is wider; what has no place to break stays whole.

    Chinese breaks between any two signs, but closing marks do not begin a line, opening ones do not end it,
    and a number is not torn from its unit.

    Parameters
    ----------
    text : str
        One line.
    width : int
        Cells.
    indent : str
        Before each further line.

    Examples
    --------
    >>> fold("减少 1,580 人；另有（两处）。", 12)
    ['减少', '1,580 人；另', '有（两处）。']
    >>> fold("two words", 6, indent="  ")
    ['two', '  words']
    """
    lines, line, used = [], "", 0
    for piece in _pieces(text):
        room = _cells(piece.rstrip())
        if line.strip() and used + room > width:
            lines.append(line.rstrip())
            line, used, piece = indent, _cells(indent), piece.lstrip()
        line += piece
        used += _cells(piece)
    return [*lines, line.rstrip()]


def lay_out(rows: Iterable[Sequence[str]], *, width: int, margin: str = "", gap: int = 2) -> list[str]:
    """Set the cells of a table under each other, folded where the table would be wider than the terminal.

    Examples
    --------
    >>> lay_out([("人口", "22,560"), ("情景", "大桥中断：减少 1,580 人")], width=18)
    ['人口  22,560', '情景  大桥中断：减', '      少 1,580 人']
    """
    listed = [tuple(row) for row in rows]
    widths = _widths(listed, width - len(margin), gap)
    lines = []
    for row in listed:
        cells = [fold(cell, room) for cell, room in zip(row, widths, strict=False)]
        for i in range(max(map(len, cells), default=0)):
            parts = (cell[i] if i < len(cell) else "" for cell in cells)
            padded = (part + " " * (room - _cells(part)) for part, room in zip(parts, widths, strict=False))
            lines.append((margin + (" " * gap).join(padded)).rstrip())
    return lines


def _widths(rows: Sequence[Sequence[str]], width: int, gap: int) -> list[int]:
    """Give each column what it needs; where that is too much, the widest gives way first."""
    n_columns = max(map(len, rows), default=0)
    widths = [max((_cells(row[i]) for row in rows if i < len(row)), default=0) for i in range(n_columns)]
    room = width - gap * (n_columns - 1)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widths[max(range(n_columns), key=lambda i: (widths[i], i))] -= 1
    return widths


def _pieces(text: str) -> Iterator[str]:
    """Cut a text where it may break: behind blanks, and beside wide signs."""
    start = 0
    for i in range(1, len(text)):
        if _may_break(text, i):
            yield text[start:i]
            start = i
    yield text[start:]


def _may_break(text: str, i: int) -> bool:
    before, after = text[i - 1], text[i]
    if after == " " or after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    if before == " ":  # 1,580 人 stays together
        is_number = i > 1 and text[i - 2].isdigit()
        return not (is_number and _is_wide(after))
    return _is_wide(before) or _is_wide(after)


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"


def _cells(text: str) -> int:
    return sum(0 if unicodedata.combining(sign) else 2 if _is_wide(sign) else 1 for sign in text)
