"""Shapes inside shapes: how deep they go, counted before a reader goes down into each of them."""

from __future__ import annotations

import re
import struct
from typing import Final

from geo import file_limits

__all__ = ["is_nested"]

_HEAD_BYTES: Final = 9
_BRACKET: Final = re.compile(r"[(\[{]|[)\]}]")
_HAS_SRID, _HAS_Z, _HAS_M = 0x20000000, 0x80000000, 0x40000000
_POINT, _POLYGON, _TRIANGLE = 1, 3, 17
_LINES: Final = (2, 8)
_HOLDING: Final = frozenset((4, 5, 6, 7, 9, 10, 11, 12))
"""Kinds of shapes that hold others: several points, lines or polygons, collections, and those of curves."""


def is_nested(shape: str | bytes) -> bool:
    """Whether a shape in WKT, GeoJSON or WKB holds shapes inside shapes beyond all measure.

    Examples
    --------
    >>> is_nested("GEOMETRYCOLLECTION(" * 5000), is_nested("POINT (121 31)")
    (True, False)
    """
    if len(shape) < _HEAD_BYTES * file_limits.MOST_NESTED:  # each takes as much at least
        return False
    if isinstance(shape, bytes):
        try:
            return _is_nested_wkb(shape)
        except (struct.error, IndexError):  # cut off before it is too deep: for the reader to say
            return False
    depth = 0
    for bracket in _BRACKET.finditer(shape):
        depth += 1 if bracket[0] in "([{" else -1
        if depth > file_limits.MOST_NESTED:
            return True
    return False


def _is_nested_wkb(data: bytes) -> bool:
    """Go through the heads of all shapes, without going down into any."""
    left: list[int] = []
    at = 0
    while True:
        order = "<" if data[at] == 1 else ">"
        stated = struct.unpack_from(f"{order}I", data, at + 1)[0]
        at += 9 if stated & _HAS_SRID else 5
        more, kind = divmod(stated & 0x0FFFFFFF, 1000)
        width = 8 * (2 + bool(stated & _HAS_Z) + bool(stated & _HAS_M) + (0, 1, 1, 2)[more])
        if kind == _POINT:
            at += width
        else:
            n = struct.unpack_from(f"{order}I", data, at)[0]
            at += 4
            if kind in _HOLDING:
                left.append(n)
            elif kind in _LINES:
                at += width * n
            elif kind in (_POLYGON, _TRIANGLE):
                for _ in range(n):
                    at += 4 + width * struct.unpack_from(f"{order}I", data, at)[0]
            else:
                return False
        if len(left) > file_limits.MOST_NESTED:
            return True
        while left and not left[-1]:
            left.pop()
        if not left:
            return False
        left[-1] -= 1
