"""Compound files of Microsoft ([MS-CFB]): a file system in one file, in which an .xls keeps its workbook."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["read_stream"]

_U4 = NDArray[np.uint32]
_MOST_SECTOR: Final = 0xFFFFFFFA
"""Larger numbers mean the end of a chain, or no sector."""
_ENTRY: Final = 128


def read_stream(data: bytes, name: str) -> bytes | None:
    """Give the bytes of a stream of a compound file; None where it has none of this name, or is damaged.

    Streams of less than 4,096 bytes are kept another way and are not given: no workbook is so short.

    Source: Microsoft, [MS-CFB] Compound File Binary File Format.
    """
    try:
        return _read(data, name)
    except (struct.error, IndexError, ValueError):
        return None


def _read(data: bytes, name: str) -> bytes | None:
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    directory_at, least = (struct.unpack_from("<I", data, at)[0] for at in (48, 56))
    table = np.frombuffer(b"".join(_block(data, place, size) for place in _places(data, size)), "<u4")
    directory = b"".join(_block(data, place, size) for place in _chain(table, directory_at))
    entries = [directory[at : at + _ENTRY] for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)]
    start, length = next((_extent(entry) for entry in entries if _name(entry) == name), (0, 0))
    if length < least:
        return None
    return b"".join(_block(data, place, size) for place in _chain(table, start))[:length]


def _places(data: bytes, size: int) -> list[int]:
    """Give the sectors that hold the table of sectors: 109 in the head, others in a chain of their own."""
    places = list(np.frombuffer(data[76:512], "<u4"))
    more_at, n_more = struct.unpack_from("<II", data, 68)
    for _ in range(min(n_more, len(data) // size)):
        if more_at > _MOST_SECTOR:
            break
        block = np.frombuffer(_block(data, more_at, size), "<u4")
        places += list(block[:-1])
        more_at = int(block[-1])
    return [int(place) for place in places if place <= _MOST_SECTOR]


def _chain(table: _U4, start: int) -> list[int]:
    chain: list[int] = []
    while start <= _MOST_SECTOR and len(chain) <= len(table):
        chain.append(start)
        start = int(table[start])
    return chain


def _block(data: bytes, place: int, size: int) -> bytes:
    return data[(place + 1) * size : (place + 2) * size]


def _name(entry: bytes) -> str:
    n_bytes = struct.unpack_from("<H", entry, 64)[0]
    return entry[: max(n_bytes - 2, 0)].decode("utf-16-le", "replace") if n_bytes <= 64 else ""


def _extent(entry: bytes) -> tuple[int, int]:
    start, length = struct.unpack_from("<II", entry, 116)
    return int(start), int(length)
