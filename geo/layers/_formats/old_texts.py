"""Texts of an .xls that its cells share: how long each is, before a reader copies it for each cell.

Source: Microsoft, [MS-XLS], records SST (2.4.265), Continue (2.4.58), XLUnicodeRichExtendedString (2.5.293).
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["shared_lengths"]

_SHARED: Final = 0x00FC
_MORE: Final = 0x003C
_LEAST_BYTES: Final = 3
"""Of a text: the number of its letters and a byte that says how they are kept."""


def shared_lengths(book: bytes, at: int) -> NDArray[np.int64]:
    """Give the number of letters of each text that cells share.

    Parameters
    ----------
    book : bytes
        The stream of the workbook.
    at : int
        Where the record of the texts begins.

    Raises
    ------
    ValueError
        More texts are stated than there is room for, or they are cut off.
    """
    pieces = _pieces(book, at)
    n_texts = struct.unpack_from("<I", pieces[0], 4)[0]
    if n_texts * _LEAST_BYTES > sum(map(len, pieces)):
        raise ValueError("more texts are stated than are there")
    reader = _Texts(pieces)
    try:
        return np.array([reader.length() for _ in range(n_texts)], dtype=np.int64)
    except (IndexError, struct.error) as error:
        raise ValueError("the texts are cut off") from error


def _pieces(book: bytes, at: int) -> list[bytes]:
    """Give what a record holds, and each of those that go on with it: none is longer than 8 kilobytes."""
    pieces: list[bytes] = []
    kind, size = struct.unpack_from("<HH", book, at)
    while kind == _SHARED or (pieces and kind == _MORE):
        pieces.append(book[at + 4 : at + 4 + size])
        at += 4 + size
        kind, size = struct.unpack_from("<HH", book, at) if at + 4 <= len(book) else (0, 0)
    return pieces


class _Texts:
    """The texts one after the other; where one goes on in the next piece, a byte says anew how it is kept."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces, self._place, self._at = pieces, 0, 8

    def length(self) -> int:
        """Give the letters of the next text."""
        if self._at >= len(self._piece):
            self._next_piece()
        n_letters, flags = struct.unpack_from("<HB", self._piece, self._at)
        self._at += 3
        behind = 0
        if flags & 8:  # marks of letters, four bytes each
            behind += 4 * struct.unpack_from("<H", self._piece, self._at)[0]
            self._at += 2
        if flags & 4:  # how it is pronounced
            behind += struct.unpack_from("<I", self._piece, self._at)[0]
            self._at += 4
        self._pass_letters(n_letters, 1 + (flags & 1))
        self._pass(behind)
        return int(n_letters)

    @property
    def _piece(self) -> bytes:
        return self._pieces[self._place]

    def _next_piece(self) -> None:
        self._place, self._at = self._place + 1, 0

    def _pass_letters(self, n: int, width: int) -> None:
        while n > (room := (len(self._piece) - self._at) // width):
            n -= room
            self._next_piece()
            width, self._at = 1 + (self._piece[0] & 1), 1
        self._at += n * width

    def _pass(self, n: int) -> None:
        while n > (room := len(self._piece) - self._at):
            n -= room
            self._next_piece()
        self._at += n
