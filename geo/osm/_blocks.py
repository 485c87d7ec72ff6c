"""Blocks of a PBF file: how much they unfold to, counted before the reader takes memory for them.

A block is packed, its numbers are as short as they can be, and its texts stand once however many objects
bear them: two kilobytes may state two million objects, or two gigabytes of tags.

Source: https://wiki.openstreetmap.org/wiki/PBF_Format and ``osmformat.proto`` of OSM-binary.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

import numpy as np

from geo import file_limits
from geo.errors import FileError
from geo.messages import Message
from geo.sources import require_number

__all__ = ["check_blocks", "read_blocks_of_map"]

_MOST_FIELDS: Final = 20
"""Fields of the head of a block and of its wrapping, which have five each."""
_MOST_HEAD_BYTES: Final = 2**16
_MOST_BLOCK_BYTES: Final = 2**25
"""What the format allows; the reader refuses more by itself."""
_PLAIN, _PLAIN_SIZE, _ZLIB, _LZ4 = 1, 2, 3, 6
_KIND, _SIZE = 1, 3
_NUMBER, _BYTES = 0, 2


class _Block(NamedTuple):
    """A block as it stands in the file, what it is unpacked to, and whether a sum shows that it is whole."""

    is_head: bool
    is_whole: bool
    n_packed: int
    content: bytes


def check_blocks(path: Path) -> bool:
    """Check what the blocks of a PBF file unfold to; what is damaged is left to the reader.

    Returns
    -------
    bool
        Whether the objects stand in order, as :func:`geo.osm._ordering.goes_on` says.

    Raises
    ------
    FileError
        There are more objects than files of that size have, a block takes far more than on the disk, or a
        text holds the byte 0, which no map does.
    """
    from geo.osm._ordering import OUT_OF_ORDER, goes_on  # numba takes a second to load
    from geo.osm._unfolding import unfold

    size = path.stat().st_size
    most_objects = max(file_limits.SMALL_OBJECTS, file_limits.MOST_OBJECTS_PER_BYTE * size)
    most_content = max(file_limits.SMALL_BYTES, file_limits.MOST_RATIO * size)
    n_objects = n_content = n_all_pairs = rank = 0
    last = -1
    with path.open("rb") as file:
        for block in read_blocks_of_map(file):
            n_content += len(block.content)
            if n_content > most_content:
                raise FileError(Message("osm.bomb", {"file": path.name, "ratio": file_limits.MOST_RATIO}))
            n, n_bytes, n_pairs, has_end_inside = (
                (0, len(block.content), 0, False) if block.is_head else unfold(_numbers(block.content))
            )
            if has_end_inside:
                raise FileError(Message("osm.text_ends_inside", {"file": path.name}))
            n_objects += n
            n_all_pairs += n_pairs
            require_number(path.name, n_objects, "objects", most_objects)
            if n_all_pairs > file_limits.MOST_LONG_WAY_PAIRS:
                raise FileError(Message("osm.ways_long", {"file": path.name}))
            most = max(file_limits.SMALL_BLOCK_BYTES, file_limits.MOST_BLOCK_BYTES_PER_BYTE * block.n_packed)
            if n_bytes > (file_limits.MOST_OSM_HEAD_BYTES if block.is_head else most):
                values = {"file": path.name, "kb": block.n_packed / 1024, "mb": n_bytes / 2**20}
                raise FileError(Message("osm.block_unfolds", values))
            if not block.is_head and rank != OUT_OF_ORDER:
                rank, last = goes_on(_numbers(block.content), rank, last)
    return rank != OUT_OF_ORDER


def _numbers(content: bytes) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer(content, dtype=np.uint8)


def read_blocks_of_map(file: IO[bytes]) -> Iterator[_Block]:
    """Give block after block, up to the first that is damaged or larger than the format allows."""
    try:
        while start := file.read(4):
            n_head = int.from_bytes(start, "big")
            if n_head > _MOST_HEAD_BYTES:
                return
            head = _fields(file.read(n_head))
            size, kind = head[_SIZE, _NUMBER], head[_KIND, _BYTES]
            if not isinstance(size, int) or size > _MOST_BLOCK_BYTES:
                return
            wrapped = file.read(size)
            is_known = kind in (b"OSMHeader", b"OSMData") and len(wrapped) == size
            content, is_whole = _unpacked(_fields(wrapped))
            yield _Block(kind == b"OSMHeader", is_known and is_whole, size, content)
    except (IndexError, KeyError, ValueError, OSError, zlib.error):
        return


def _unpacked(wrapping: dict[tuple[int, int], int | bytes]) -> tuple[bytes, bool]:
    """Unpack the content of a block, and say whether a sum shows that it is whole and has its size."""
    plain = wrapping.get((_PLAIN, _BYTES))
    if isinstance(plain, bytes):
        return plain, False
    size = wrapping[_PLAIN_SIZE, _NUMBER]
    if not isinstance(size, int) or not 0 < size <= _MOST_BLOCK_BYTES:
        raise ValueError("more than the format allows")
    if isinstance(packed := wrapping.get((_LZ4, _BYTES)), bytes):
        import pyarrow as pa  # few files are packed so

        return bytes(pa.Codec("lz4_raw").decompress(packed, size, asbytes=True)), False
    packed = wrapping[_ZLIB, _BYTES]
    assert isinstance(packed, bytes)
    unpack = zlib.decompressobj()
    content = unpack.decompress(packed, size)
    rest = unpack.decompress(unpack.unconsumed_tail, 1)  # the sum at the end is checked only when it is read
    return content, unpack.eof and not rest and not unpack.unused_data and len(content) == size


def _fields(data: bytes) -> dict[tuple[int, int], int | bytes]:
    """Read the fields of a short message by number and way of writing; the last of a number counts."""
    fields: dict[tuple[int, int], int | bytes] = {}
    at = 0
    for _ in range(_MOST_FIELDS):
        if at >= len(data):
            return fields
        key, at = _number(data, at)
        value, at = _number(data, at)
        if key & 7 == _BYTES:
            end = at + value
            if end > len(data):
                raise ValueError("cut off")
            fields[key >> 3, _BYTES] = data[at:end]
            at = end
        elif key & 7 == _NUMBER:
            fields[key >> 3, _NUMBER] = value
        else:
            raise ValueError("no field of a block")
    raise ValueError("too many fields")


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        if data[at] < 128:
            return value, at + 1
        at, shift = at + 1, shift + 7
