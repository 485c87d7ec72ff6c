"""Fields of the messages that the blocks of a PBF file are made of, for compiled walks over them.

Source: https://protobuf.dev/programming-guides/encoding and ``osmformat.proto`` of OSM-binary.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo._jit import part

__all__ = ["count", "field", "number", "signed"]


@part
def number(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, int]:
    """Read a number; what is cut off ends at the end."""
    value, shift = 0, 0
    while at < end:
        byte = np.int64(data[at])
        at += 1
        if shift < 63:
            value |= int((byte & 127) << shift)
        shift += 7
        if byte < 128:
            break
    return value, at


@part
def signed(value: int) -> int:
    """Give the number that is written as 0, -1, 1, -2 ... in the order of its size."""
    return (value >> 1) ^ -(value & 1)


@part
def field(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, int, int, int]:
    """Read a field: its number, where its bytes begin and end, and its value.

    Of a field that is a number and holds no bytes, its own number is given below zero.
    """
    key, at = number(data, at, end)
    way = key & 7
    if way == 2:
        size, at = number(data, at, end)
        stop = at + size if size < end - at else end  # in this order: no sum goes beyond what numbers hold
        return key >> 3, at, stop, 0
    if way == 0:
        value, stop = number(data, at, end)
        return -(key >> 3), at, stop, value
    stop = at + 8 if way == 1 else at + 4 if way == 5 else end
    return 0, at, min(stop, end), 0


@part
def count(data: NDArray[np.uint8], at: int, end: int) -> int:
    """Count numbers: each ends in a byte below 128."""
    n = 0
    for i in range(at, end):
        if data[i] < 128:
            n += 1
    return n
