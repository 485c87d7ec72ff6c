"""Ways of a PBF file, read block by block without an object of Python for each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.crs import ranges
from geo.network import limiting_keys
from geo.osm._blocks import read_blocks_of_map
from geo.osm._decoding import Objects, decode
from geo.osm._way_table import KIND_KEYS, UNBUILT, WayCollector

__all__ = ["NotPlainError", "read_ways"]

_MOST_BYTES: Final = 2**23
"""Larger blocks, of which each byte takes thirty while it is read, are left to the other reader."""


class NotPlainError(Exception):
    """A file that is written in an unusual way, or damaged: the other reader is to be asked."""


def read_ways(path: Path, into: WayCollector, *, within: Any = None) -> NDArray[np.float64]:
    """Read the ways and barriers of a PBF file, and give the places of the nodes of its ways.

    Parameters
    ----------
    path : Path
        A file whose blocks were checked by :func:`geo.osm._blocks.check_blocks`.
    into : WayCollector
        Receives ways and barriers.
    within : shapely.Geometry, optional
        Only nodes in the extent of this area are kept, and ways with one of them.

    Returns
    -------
    float64 array, shape (V, 2)
        Longitude and latitude of ``into.refs``, nan where the file has no such node, or outside.

    Raises
    ------
    NotPlainError
        Not all of it could be read for certain.
    """
    places = _Places(None if within is None else within.bounds)
    last_kind, last_node, last_way, n_bytes = 0, 0, 0, 0
    with path.open("rb") as file:
        for i, block in enumerate(read_blocks_of_map(file)):
            n_bytes = file.tell()
            if (i == 0) != block.is_head or not block.is_whole or len(block.content) > _MOST_BYTES:
                raise NotPlainError
            if block.is_head:
                continue
            objects = decode(np.frombuffer(block.content, dtype=np.uint8))
            is_after = objects.first_kind == 0 or objects.first_kind >= last_kind
            is_after &= not len(objects.node) or objects.node[0] > last_node
            is_after &= not len(objects.way) or objects.way[0] > last_way
            if not objects.is_plain or not is_after:
                raise NotPlainError
            last_kind = objects.last_kind or last_kind
            last_node = objects.node[-1] if len(objects.node) else last_node
            last_way = objects.way[-1] if len(objects.way) else last_way
            places.add(objects)
            _add_block(block.content, objects, into, None if within is None else places)
    if not n_bytes or n_bytes != path.stat().st_size:
        raise NotPlainError
    return places.of(into.refs)


class _Places:
    """Places of the nodes of a file, in ascending ids; only those in an extent, where there is one."""

    def __init__(self, extent: tuple[float, float, float, float] | None) -> None:
        self._extent = extent
        self._parts: list[tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]] = []

    def add(self, objects: Objects) -> None:
        node, lon, lat = objects.node, objects.lon, objects.lat
        if self._extent is not None:
            west, south, east, north = (side * 1e7 for side in self._extent)
            is_in = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
            node, lon, lat = node[is_in], lon[is_in], lat[is_in]
        if len(node):
            self._parts.append((node, lon, lat))

    def _joined(self) -> tuple[NDArray[Any], ...]:
        """Put the parts together; the ways stand behind all nodes, so it is done once."""
        if len(self._parts) > 1:
            node, lon, lat = (np.concatenate(part) for part in zip(*self._parts, strict=True))
            self._parts[:] = [(node, lon, lat)]
        return self._parts[0]

    def find(self, refs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Give where nodes stand among those kept, and which of them do."""
        if not self._parts:
            return np.zeros(len(refs), dtype=np.int64), np.zeros(len(refs), dtype=bool)
        node = self._joined()[0]
        at = np.minimum(np.searchsorted(node, refs), len(node) - 1)
        return at, node[at] == refs

    def of(self, refs: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give longitude and latitude of nodes in degrees, nan where a node is not kept."""
        at, is_here = self.find(refs)
        lonlat = np.full((len(refs), 2), np.nan)
        for column in (0, 1) if is_here.any() else ():
            lonlat[is_here, column] = self._joined()[1 + column][at[is_here]] / 1e7
        return lonlat


def _add_block(content: bytes, objects: Objects, into: WayCollector, places: _Places | None) -> None:
    """Hand over the barriers of a block and its wanted ways, of which a node is kept where that is asked."""
    texts = _texts(content, objects.texts)
    for node, tags in _nodes_with(limiting_keys(), texts, objects):
        into.add_barrier(node, tags)
    owner, key, value = objects.way_tag.T
    is_wanted = np.zeros(len(objects.way), dtype=bool)
    is_wanted[owner[_are(KIND_KEYS, texts, key)]] = True
    is_wanted &= np.diff(objects.start) >= 2
    rows = np.flatnonzero(is_wanted)
    rules = _rules(rows, texts, objects.way_tag[is_wanted[owner]], into)
    into.count_unbuilt(int((rules == UNBUILT).sum()))
    rows, rules = rows[rules >= 0], rules[rules >= 0]
    if places is not None and len(rows):
        flat, first = ranges(objects.start[rows], objects.start[rows + 1])
        is_in = np.logical_or.reduceat(places.find(objects.ref[flat])[1], first[:-1])
        into.n_outside += int((~is_in).sum())
        rows, rules = rows[is_in], rules[is_in]
    name = np.full(len(objects.way), -1)
    named = _are(("name",), texts, key)
    name[owner[named]] = value[named]
    names = [texts[i] if i >= 0 else "" for i in name[rows].tolist()]
    first, end = objects.start[rows], objects.start[rows + 1]
    into.add_many(objects.way[rows], rules, names, objects.ref[ranges(first, end)[0]], end - first)


def _texts(content: bytes, spans: NDArray[np.int64]) -> list[str]:
    parts = [content[start:end] for start, end in spans.tolist()]
    try:
        texts = b"\0".join(parts).decode().split("\0") if parts else []
    except UnicodeDecodeError:
        raise NotPlainError from None
    if len(texts) != len(parts):
        raise NotPlainError
    return texts


def _are(words: Collection[str], texts: list[str], key: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Mark the keys that are one of some words; a text may stand twice in a block."""
    is_one = np.zeros(len(texts), dtype=bool)
    is_one[[i for i in _used(key, len(texts)) if texts[i] in words]] = True
    return is_one[key]


def _used(key: NDArray[np.int32], n_texts: int) -> list[int]:
    """Give the texts that are keys."""
    is_used = np.zeros(n_texts, dtype=bool)
    is_used[key] = True
    positions: list[int] = np.flatnonzero(is_used).tolist()
    return positions


def _nodes_with(
    words: Collection[str], texts: list[str], objects: Objects
) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the ids and tags of the nodes that have one of some keys."""
    owner, key, value = objects.node_tag.T
    for node in np.unique(owner[_are(words, texts, key)]).tolist():
        first, end = np.searchsorted(owner, [node, node + 1])
        pairs = zip(key[first:end].tolist(), value[first:end].tolist(), strict=True)
        yield int(objects.node[node]), {texts[k]: texts[v] for k, v in pairs}


def _rules(
    rows: NDArray[np.int64], texts: list[str], tags: NDArray[np.int32], into: WayCollector
) -> NDArray[np.int32]:
    """Give the number of the rules of each wanted way, by the tags of those ways."""
    keys = [i for i in _used(tags[:, 1], len(texts)) if into.is_ruling(texts[i])]
    is_ruling = np.zeros(len(texts), dtype=bool)
    is_ruling[keys] = True
    owner, key, value = tags[is_ruling[tags[:, 1]]].T
    pairs = (key.astype(np.int64) << 32 | value).tolist()
    first, end = np.searchsorted(owner, rows).tolist(), np.searchsorted(owner, rows, side="right").tolist()
    known: dict[tuple[int, ...], int] = {}
    rules = np.empty(len(rows), dtype=np.int32)
    for i, (a, b) in enumerate(zip(first, end, strict=True)):
        same = tuple(pairs[a:b])
        rule = known.get(same)
        if rule is None:
            words = tuple((texts[pair >> 32], texts[pair & 0xFFFFFFFF]) for pair in same)
            rule = known[same] = into.rules_of(words)
        rules[i] = rule
    return rules
