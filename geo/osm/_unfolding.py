"""What a block of a PBF file takes once it is read, counted by a compiled walk over its fields.

Field numbers are those of ``osmformat.proto``: a block has its texts (1) and groups (2); a group has nodes
(1), dense nodes (2), ways (3) and relations (4).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel, part
from geo.osm._fields import count, field, number, signed

__all__ = ["LONG_WAY", "unfold"]

LONG_WAY: Final = 2_000
"""Vertices that a way of OpenStreetMap may have; only files of other origin have longer ones."""
_OBJECT_BYTES: Final = 64
_VERTEX_BYTES: Final = 16
_MEMBER_BYTES: Final = 24
_MOST_TEXT: Final = 1024
"""Bytes of a text; the reader refuses longer ones."""
_TEXTS, _GROUP = 1, 2
_NODE, _DENSE, _WAY, _RELATION = 1, 2, 3, 4
_KEYS, _VALUES, _INFO, _USER = 2, 3, 4, 5
_REFS, _ROLES, _MEMBERS = 8, 8, 9
_DENSE_IDS, _DENSE_INFO, _DENSE_TAGS = 1, 5, 10


@part
def _sum_texts(
    data: NDArray[np.uint8], at: int, end: int, lengths: NDArray[np.int32], is_growing: bool
) -> int:
    """Sum the bytes of the texts that numbers stand for; they may be written as differences."""
    n_bytes = here = 0
    while at < end:
        value, at = number(data, at, end)
        if is_growing:
            here += signed(value)
            value = here
        if 0 <= value < len(lengths):
            n_bytes += int(lengths[value]) + 1
    return n_bytes


@part
def _object(data: NDArray[np.uint8], at: int, end: int, lengths: NDArray[np.int32], kind: int) -> int:
    """Count the bytes of a node, way or relation."""
    n_bytes = _OBJECT_BYTES
    while at < end:
        no, start, at, _ = field(data, at, end)
        if no in (_KEYS, _VALUES) or (no == _ROLES and kind == _RELATION):
            n_bytes += _sum_texts(data, start, at, lengths, False)
        elif no == _REFS and kind == _WAY:
            n_bytes += _VERTEX_BYTES * count(data, start, at)
        elif no == _MEMBERS and kind == _RELATION:
            n_bytes += _MEMBER_BYTES * count(data, start, at)
        elif no == _INFO:
            n_bytes += _user(data, start, at, lengths)
    return n_bytes


@part
def _user(data: NDArray[np.uint8], at: int, end: int, lengths: NDArray[np.int32]) -> int:
    n_bytes = 0
    while at < end:
        no, _, at, value = field(data, at, end)
        if no == -_USER and 0 <= value < len(lengths):
            n_bytes += int(lengths[value]) + 1
    return n_bytes


@part
def _dense(data: NDArray[np.uint8], at: int, end: int, lengths: NDArray[np.int32]) -> tuple[int, int]:
    """Count dense nodes and their bytes."""
    n = n_bytes = 0
    while at < end:
        no, start, at, _ = field(data, at, end)
        if no == _DENSE_IDS:
            n += count(data, start, at)
        elif no == _DENSE_TAGS:
            n_bytes += _sum_texts(data, start, at, lengths, False)
        elif no == _DENSE_INFO:
            here, stop = start, at
            while here < stop:
                inner, first, here, _ = field(data, here, stop)
                if inner == _USER:
                    n_bytes += _sum_texts(data, first, here, lengths, True)
    return n, n_bytes + _OBJECT_BYTES * n


@part
def _text_lengths(data: NDArray[np.uint8]) -> NDArray[np.int32]:
    lengths = np.empty(len(data) // 2 + 1, dtype=np.int32)
    n = at = 0
    while at < len(data):
        no, start, at, _ = field(data, at, len(data))
        here = start
        while no == _TEXTS and here < at:
            inner, first, here, _ = field(data, here, at)
            if inner == 1 and n < len(lengths):
                lengths[n] = min(here - first, _MOST_TEXT)
                n += 1
    return lengths[:n]


@part
def _pairs(data: NDArray[np.uint8], at: int, end: int) -> int:
    """Count the pairs of vertices of a long way."""
    n = 0
    while at < end:
        no, start, at, _ = field(data, at, end)
        if no == _REFS:
            n += count(data, start, at)
    return n * n if n > LONG_WAY else 0


@part
def _has_end_inside(data: NDArray[np.uint8]) -> bool:
    """Whether a text holds the byte 0, which no text of a map does."""
    at = 0
    while at < len(data):
        no, start, at, _ = field(data, at, len(data))
        here = start
        while no == _TEXTS and here < at:
            inner, first, here, _ = field(data, here, at)
            for i in range(first, here):
                if inner == 1 and data[i] == 0:
                    return True
    return False


@kernel
def unfold(data: NDArray[np.uint8]) -> tuple[int, int, int, bool]:
    """Count the objects of a block and the bytes that they take once they are read; look at its texts.

    Parameters
    ----------
    data : uint8 array
        The block, unpacked; what is damaged is counted as far as it goes.

    Returns
    -------
    n_objects, n_bytes : int
        How many, and how much.
    n_pairs : int
        Pairs of vertices of ways longer than ``LONG_WAY``: where they are areas, each may be looked at.
    has_end_inside : bool
        Whether a text holds the byte 0, which no text of a map does.
    """
    lengths = _text_lengths(data)
    n = n_bytes = n_pairs = 0
    at = 0
    while at < len(data):
        no, start, at, _ = field(data, at, len(data))
        here = start
        while no == _GROUP and here < at:
            kind, first, here, _ = field(data, here, at)
            if kind == _DENSE:
                n_dense, n_dense_bytes = _dense(data, first, here, lengths)
                n += n_dense
                n_bytes += n_dense_bytes
            elif kind in (_NODE, _WAY, _RELATION):
                n += 1
                n_bytes += _object(data, first, here, lengths, kind)
                if kind == _WAY:
                    n_pairs += _pairs(data, first, here)
    return n, n_bytes, n_pairs, _has_end_inside(data)
