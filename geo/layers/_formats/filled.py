"""Sheets of .xlsx without their blank cells, which are formatted by the million and take minutes to read."""

from __future__ import annotations

import re
from types import TracebackType
from typing import IO, Any, Final

__all__ = ["pass_over_blanks"]

_CHUNK: Final = 2**12
"""Bytes that are given at once: of all their elements the parser makes objects before the first is used."""
_CELL: Final = re.compile(rb'<(?:\w+:)?c\s+r="[A-Z]{1,3}\d{1,7}"[^<>]*/>')
"""A cell that has a place and nothing in it: only with its place may it be left out."""
_ROW: Final = re.compile(
    rb'<(?:\w+:)?row\s+r="\d{1,7}"[^<>]*(?:/>|(?<!/)>\s*</(?:\w+:)?row>)(?=\s*<(?:\w+:)?row\s+r=")'
)
"""A row without cells before another one; the last one stays, as it says how many rows there are."""


def pass_over_blanks(sheet: Any) -> None:
    """Let a sheet that openpyxl reads row by row come without blank cells; the rows keep their numbers."""
    archive, part = sheet.parent._archive, sheet._worksheet_path
    sheet._get_source = lambda: _Filled(archive.open(part))


class _Filled:
    """A part of a workbook as a stream, from which what is blank is left out."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._rest = stream, b""

    def read(self, size: int = -1) -> bytes:
        """Give more bytes, some thousand whatever is asked for; none at the end."""
        while piece := self._stream.read(_CHUNK):
            held = self._rest + piece
            # Cut before a row, so that each is seen whole; before a tag where a row is longer than a piece.
            cut = max(held.rfind(b"<row "), 0) or max(held.rfind(b"<"), 0) or len(held)
            filled, self._rest = _without_blanks(held[:cut]), held[cut:]
            if filled:
                return filled
        last, self._rest = _without_blanks(self._rest), b""
        return last

    def close(self) -> None:
        """Close the part."""
        self._stream.close()

    def __enter__(self) -> _Filled:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _without_blanks(text: bytes) -> bytes:
    """Leave out blank cells and rows; a text with sections or comments stays, as they may hold anything."""
    return text if b"<!" in text else _ROW.sub(b"", _CELL.sub(b"", text))
