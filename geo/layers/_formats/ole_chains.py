"""Compound files, as which .xls are kept: whether their chains of sectors come to an end.

The reader of old workbooks follows a chain until it ends. Where a damaged table of sectors leads in a circle,
it takes all the memory there is: 5 kilobytes of zeros are enough.

Source: Microsoft, [MS-CFB] Compound File Binary File Format.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.errors import FileError
from geo.messages import Message

__all__ = ["require_ends"]

_Table = NDArray[np.uint32]
_MOST_SECTOR: Final = 0xFFFFFFFA
"""Larger numbers are the end of a chain, or no sector."""
_ENTRY: Final = 128
_IN_HEAD: Final = 109
"""Sectors of the table that the head of the file names; others stand in a chain of their own."""


def require_ends(path: Path) -> None:
    """Check that each chain of a compound file ends inside the file.

    Raises
    ------
    FileError
        One leads in a circle or out of the file, or the head is cut off.
    """
    data = path.read_bytes()
    try:
        ends = _all_end(data)
    except (struct.error, IndexError, ValueError):
        ends = False
    if not ends:
        raise FileError(Message("layers.chains_damaged", {"file": path.name}))


def _all_end(data: bytes) -> bool:
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    directory_at, small_at, more_at = (struct.unpack_from("<I", data, at)[0] for at in (48, 60, 68))
    table = np.frombuffer(
        b"".join(_block(data, place, size) for place in _places(data, size, more_at)), "<u4"
    )
    directory_chain, small_chain = _chain(table, directory_at), _chain(table, small_at)
    if directory_chain is None or small_chain is None:
        return False
    small = np.frombuffer(b"".join(_block(data, place, size) for place in small_chain), "<u4")
    directory = b"".join(_block(data, place, size) for place in directory_chain)
    least = struct.unpack_from("<I", data, 56)[0]
    for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        kind, (start, length) = directory[at + 66], struct.unpack_from("<II", directory, at + 116)
        is_small = kind == 2 and length < least
        if kind in (2, 5) and length and _chain(small if is_small else table, start) is None:
            return False
    return True


def _places(data: bytes, size: int, more_at: int) -> list[int]:
    """Give the sectors of the table of sectors; raise where their own chain does not end."""
    places = list(np.frombuffer(data[76 : 76 + 4 * _IN_HEAD], "<u4"))
    seen: set[int] = set()
    while more_at <= _MOST_SECTOR:
        if more_at in seen:
            raise ValueError("the chain leads in a circle")
        seen.add(more_at)
        block = np.frombuffer(_block(data, more_at, size), "<u4")
        places += list(block[:-1])
        more_at = int(block[-1])
    return [int(place) for place in places if place <= _MOST_SECTOR]


def _chain(table: _Table, start: int) -> list[int] | None:
    """Follow a chain; None where it leads in a circle or out of the table."""
    chain: list[int] = []
    while start <= _MOST_SECTOR:
        if start >= len(table) or len(chain) > len(table):
            return None
        chain.append(start)
        start = int(table[start])
    return chain


def _block(data: bytes, place: int, size: int) -> bytes:
    return data[(place + 1) * size : (place + 2) * size]
