"""Whether the objects of a PBF file stand in order, found by a compiled walk over its fields.

A file may say in its head that it is sorted, and editors and writers copy that line without heeding it; so
the objects themselves are looked at. Field numbers are those of ``osmformat.proto``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel, part
from geo.osm._fields import field, number, signed

__all__ = ["OUT_OF_ORDER", "goes_on"]

OUT_OF_ORDER: Final = -2
"""In the place of a rank or an id: the objects do not stand in order."""
_GROUP: Final = 2
_NODE, _DENSE, _WAY, _RELATION = 1, 2, 3, 4
_ID, _INFO, _DENSE_INFO, _VISIBLE = 1, 4, 5, 6
_MOST_NUMBER: Final = 1 << 62
"""Numbers below zero are written as those above this one."""


@part
def _is_hidden(data: NDArray[np.uint8], at: int, end: int) -> bool:
    """Whether an object is said to be deleted: in the account of one object, or of many."""
    while at < end:
        no, start, at, value = field(data, at, end)
        if no == -_VISIBLE and value == 0:
            return True
        for i in range(start, at if no == _VISIBLE else start):
            if data[i] == 0:
                return True
    return False


@part
def _look_at_nodes(data: NDArray[np.uint8], at: int, end: int, last: int) -> int:
    """Give the last id of dense nodes; OUT_OF_ORDER where one is new, deleted, or stands twice in a row."""
    while at < end:
        no, start, at, _ = field(data, at, end)
        if no == _ID:
            here, own = start, 0
            while here < at:
                step, here = number(data, here, at)
                own += signed(step)
                if own < 0 or own == last:
                    return OUT_OF_ORDER
                last = own
        elif no == _DENSE_INFO and _is_hidden(data, start, at):
            return OUT_OF_ORDER
    return last


@part
def _look_at_one(data: NDArray[np.uint8], at: int, end: int, kind: int, last: int) -> int:
    """Give the id of a node, way or relation; OUT_OF_ORDER where it is new, deleted, or not after the last.

    Nodes may stand in any order: the reader finds their places by their ids.
    """
    own = 0
    while at < end:
        no, start, at, value = field(data, at, end)
        if no == -_ID:
            own = signed(value) if kind == _NODE else value
        elif no == _INFO and _is_hidden(data, start, at):
            return OUT_OF_ORDER
    is_new = own < 0 or own > _MOST_NUMBER
    is_after = own != last if kind == _NODE else own > last
    return own if is_after and not is_new else OUT_OF_ORDER


@kernel
def goes_on(data: NDArray[np.uint8], rank: int, last: int) -> tuple[int, int]:
    """Look whether the objects of a block follow those before it.

    In order are nodes before ways before relations, of which the ids of ways and of relations grow, none is
    new (a negative id) or deleted, and no node stands twice in a row.

    Parameters
    ----------
    data : uint8 array
        The block, unpacked.
    rank, last : int
        As given for the block before; 0 and -1 for the first.

    Returns
    -------
    (rank, last) : int
        Kind and id of the last object; ``OUT_OF_ORDER`` as rank where they do not follow.
    """
    at = 0
    while at < len(data):
        no, start, at, _ = field(data, at, len(data))
        here = start
        while no == _GROUP and here < at:
            kind, first, here, _ = field(data, here, at)
            if kind not in (_NODE, _DENSE, _WAY, _RELATION):
                continue
            its_rank = _DENSE if kind == _NODE else kind
            if its_rank > rank:
                last = -1
            if its_rank < rank:
                return OUT_OF_ORDER, last
            rank = its_rank
            if kind == _DENSE:
                last = _look_at_nodes(data, first, here, last)
            else:
                last = _look_at_one(data, first, here, kind, last)
            if last == OUT_OF_ORDER:
                return OUT_OF_ORDER, last
    return rank, last
