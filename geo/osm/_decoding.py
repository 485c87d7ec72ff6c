"""Nodes and ways of a block of a PBF file as arrays, read by a compiled walk over its fields.

It reads blocks as nearly all programs write them, and says of any other that it is not plain: those are
left to the reader of OpenStreetMap files. Field numbers are those of ``osmformat.proto``.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel, part
from geo.osm._fields import count, field, number, signed

__all__ = ["Objects", "decode"]

_MOST_TEXT: Final = 1024
_MOST_ID: Final = 1 << 40
_MOST_LON: Final = 1_800_000_000
_MOST_LAT: Final = 900_000_000
"""Places on earth, in 1e-7 degrees."""
_TEXTS, _GROUP, _GRANULARITY, _DATES, _LAT_OFFSET, _LON_OFFSET = 1, 2, 17, 18, 19, 20
_DENSE, _WAY, _RELATION = 2, 3, 4
_ID, _KEYS, _VALUES, _INFO, _REFS = 1, 2, 3, 4, 8
_DENSE_INFO, _LAT, _LON, _DENSE_TAGS = 5, 8, 9, 10
_VISIBLE = 6


class Objects(NamedTuple):
    """Nodes and ways of a block.

    Parameters
    ----------
    is_plain : bool
        Whether all of it could be read, in ascending ids, nodes before ways before relations; else
        nothing counts.
    texts : int64 array, shape (S, 2)
        Where each text begins and ends in the block.
    node : int64 array, shape (N,)
        Ids of nodes.
    lon, lat : int32 arrays, shape (N,)
        Their places, in 1e-7 degrees.
    node_tag : int32 array, shape (T, 3)
        Tags of nodes: position of the node, and the texts of key and value.
    way : int64 array, shape (W,)
        Ids of ways.
    start : int64 array, shape (W + 1,)
        Nodes of way ``w`` are ``ref[start[w]:start[w + 1]]``.
    ref : int64 array
        Ids of those nodes.
    way_tag : int32 array, shape (U, 3)
        Tags of ways, as those of nodes.
    first_kind, last_kind : int
        Kinds of the first and last object: 2 nodes, 3 way, 4 relation; 0 without any.
    """

    is_plain: bool
    texts: NDArray[np.int64]
    node: NDArray[np.int64]
    lon: NDArray[np.int32]
    lat: NDArray[np.int32]
    node_tag: NDArray[np.int32]
    way: NDArray[np.int64]
    start: NDArray[np.int64]
    ref: NDArray[np.int64]
    way_tag: NDArray[np.int32]
    first_kind: int
    last_kind: int


class _Room(NamedTuple):
    """What was read so far, with room for the rest of the block."""

    node: NDArray[np.int64]
    lon: NDArray[np.int32]
    lat: NDArray[np.int32]
    node_tag: NDArray[np.int32]
    way: NDArray[np.int64]
    start: NDArray[np.int64]
    ref: NDArray[np.int64]
    way_tag: NDArray[np.int32]
    n: NDArray[np.int64]


_N_NODES, _N_NODE_TAGS, _N_WAYS, _N_REFS, _N_WAY_TAGS, _LAST_ID = range(6)


@part
def _frame(data: NDArray[np.uint8]) -> tuple[bool, int, NDArray[np.int64], NDArray[np.int64]]:
    """Read what stands beside the objects: how many texts, where each is, and scale and offsets of places."""
    texts = np.empty((len(data) // 2 + 1, 2), dtype=np.int64)
    scale = np.array([100, 0, 0], dtype=np.int64)
    n, at, is_plain = 0, 0, True
    while at < len(data):
        no, start, at, value = field(data, at, len(data))
        here = start
        is_plain &= no != _TEXTS or n == 0  # the other reader refuses a block with two lists of texts
        while no == _TEXTS and here < at:
            inner, first, here, _ = field(data, here, at)
            is_plain &= inner == 1 and here - first <= _MOST_TEXT
            texts[n] = first, here
            n += 1
        if no == -_GRANULARITY:
            scale[0] = value
        elif no == -_LAT_OFFSET:
            scale[1] = value
        elif no == -_LON_OFFSET:
            scale[2] = value
        elif no not in (_TEXTS, _GROUP, -_DATES):
            is_plain = False
    return is_plain and scale[0] > 0, n, texts, scale


@part
def _is_shown(data: NDArray[np.uint8], at: int, end: int) -> bool:
    """Whether no object is said to be deleted: in the account of one object, or of many."""
    while at < end:
        no, _, at, _ = field(data, at, end)
        if no in (0, _VISIBLE, -_VISIBLE):
            return False
    return True


@part
def _read_ids(data: NDArray[np.uint8], span: NDArray[np.int64], into: NDArray[np.int64]) -> int:
    """Read numbers that are written as differences; give how many."""
    at, end = span
    n = here = 0
    while at < end:
        value, at = number(data, at, end)
        here += signed(value)
        into[n] = here
        n += 1
    return n


@part
def _read_places(
    data: NDArray[np.uint8],
    span: NDArray[np.int64],
    into: NDArray[np.int32],
    scale: int,
    offset: int,
    most: int,
) -> bool:
    """Read places in 1e-7 degrees, cut off towards 0 as the other reader does; False where not on earth."""
    at, end = span
    n = here = 0
    while at < end:
        value, at = number(data, at, end)
        here += signed(value)
        nano = here * scale + offset
        place = nano // 100 if nano >= 0 else -(-nano // 100)
        if not -most <= place <= most:
            return False
        into[n] = place
        n += 1
    return True


@part
def _read_dense_tags(
    data: NDArray[np.uint8], span: NDArray[np.int64], owner: int, room: _Room, n_texts: int
) -> bool:
    """Read the tags of dense nodes: those of each, ended by 0; False where they do not fit the nodes."""
    at, end = span
    is_none = at == end
    n = room.n[_N_NODE_TAGS]
    while at < end:
        key, at = number(data, at, end)
        if key == 0:
            owner += 1
            continue
        value, at = number(data, at, end)
        if owner >= room.n[_N_NODES] or not (0 < key < n_texts and 0 <= value < n_texts):
            return False
        room.node_tag[n] = owner, key, value
        n += 1
    room.n[_N_NODE_TAGS] = n
    return bool(is_none or owner == room.n[_N_NODES])


@part
def _read_tags(
    data: NDArray[np.uint8], spans: NDArray[np.int64], owner: int, room: _Room, n_texts: int
) -> bool:
    """Read keys and values; False where they do not go together."""
    key_at, key_end = spans[_KEYS]
    value_at, value_end = spans[_VALUES]
    n = room.n[_N_WAY_TAGS]
    while key_at < key_end and value_at < value_end:
        key, key_at = number(data, key_at, key_end)
        value, value_at = number(data, value_at, value_end)
        if not (0 <= key < n_texts and 0 <= value < n_texts):
            return False
        room.way_tag[n] = owner, key, value
        n += 1
    room.n[_N_WAY_TAGS] = n
    return bool(key_at == key_end and value_at == value_end)


@part
def _dense(
    data: NDArray[np.uint8], at: int, end: int, room: _Room, scale: NDArray[np.int64], n_texts: int
) -> bool:
    """Read dense nodes; False where they are not plain."""
    spans = np.zeros((11, 2), dtype=np.int64)
    while at < end:
        no, start, at, _ = field(data, at, end)
        if no not in (_ID, _LAT, _LON, _DENSE_TAGS, _DENSE_INFO) or spans[no, 1]:
            return False
        spans[no] = start, at
    n_new = count(data, spans[_ID, 0], spans[_ID, 1])
    for no in (_LAT, _LON):
        if count(data, spans[no, 0], spans[no, 1]) != n_new:
            return False
    n = room.n[_N_NODES]
    _read_ids(data, spans[_ID], room.node[n:])
    is_plain = _read_places(data, spans[_LAT], room.lat[n:], scale[0], scale[1], _MOST_LAT)
    is_plain &= _read_places(data, spans[_LON], room.lon[n:], scale[0], scale[2], _MOST_LON)
    is_plain &= _is_shown(data, spans[_DENSE_INFO, 0], spans[_DENSE_INFO, 1])
    for i in range(n, n + n_new):
        is_plain &= room.n[_LAST_ID] < room.node[i] < _MOST_ID
        room.n[_LAST_ID] = room.node[i]
    room.n[_N_NODES] += n_new
    return bool(is_plain) and _read_dense_tags(data, spans[_DENSE_TAGS], n, room, n_texts)


@part
def _way(data: NDArray[np.uint8], at: int, end: int, room: _Room, n_texts: int) -> bool:
    """Read a way; False where it is not plain."""
    spans = np.zeros((9, 2), dtype=np.int64)
    own_id = 0
    while at < end:
        no, start, at, value = field(data, at, end)
        if no == -_ID:
            own_id = value
        elif no not in (_KEYS, _VALUES, _INFO, _REFS) or spans[no, 1]:
            return False
        else:
            spans[no] = start, at
    n = room.n[_N_WAYS]
    is_plain = room.n[_LAST_ID] < own_id < _MOST_ID and _is_shown(data, spans[_INFO, 0], spans[_INFO, 1])
    room.n[_LAST_ID] = room.way[n] = own_id
    room.n[_N_REFS] += _read_ids(data, spans[_REFS], room.ref[room.n[_N_REFS] :])
    room.start[n + 1] = room.n[_N_REFS]
    room.n[_N_WAYS] += 1
    return bool(is_plain) and _read_tags(data, spans, n, room, n_texts)


@part
def _new_room(size: int) -> _Room:
    return _Room(
        np.empty(size // 3 + 1, dtype=np.int64), np.empty(size // 3 + 1, dtype=np.int32),
        np.empty(size // 3 + 1, dtype=np.int32), np.empty((size // 2 + 1, 3), dtype=np.int32),
        np.empty(size // 2 + 1, dtype=np.int64), np.zeros(size // 2 + 2, dtype=np.int64),
        np.empty(size + 1, dtype=np.int64), np.empty((size // 2 + 1, 3), dtype=np.int32),
        np.zeros(6, dtype=np.int64),
    )  # fmt: skip


@kernel
def decode(data: NDArray[np.uint8]) -> Objects:
    """Read the nodes and ways of a block.

    Parameters
    ----------
    data : uint8 array
        The block, unpacked.
    """
    is_plain, n_texts, texts, scale = _frame(data)
    room = _new_room(len(data))
    at = first_kind = last_kind = 0
    while is_plain and at < len(data):
        no, first, at, _ = field(data, at, len(data))
        here = first
        while no == _GROUP and is_plain and here < at:
            kind, start, here, _ = field(data, here, at)
            if kind not in (_DENSE, _WAY, _RELATION) or kind < last_kind:
                is_plain = False
                break
            if kind > last_kind:
                room.n[_LAST_ID] = 0
            last_kind = kind
            first_kind = first_kind if first_kind > 0 else kind
            if kind == _DENSE:
                is_plain = _dense(data, start, here, room, scale, n_texts)
            elif kind == _WAY:
                is_plain = _way(data, start, here, room, n_texts)
    n_nodes, n_node_tags, n_ways, n_refs, n_way_tags = room.n[:_LAST_ID]
    return Objects(
        is_plain,
        texts[:n_texts].copy(),
        room.node[:n_nodes].copy(),
        room.lon[:n_nodes].copy(),
        room.lat[:n_nodes].copy(),
        room.node_tag[:n_node_tags].copy(),
        room.way[:n_ways].copy(),
        room.start[: n_ways + 1].copy(),
        room.ref[:n_refs].copy(),
        room.way_tag[:n_way_tags].copy(),
        first_kind,
        last_kind,
    )
