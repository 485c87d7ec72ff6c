"""Feather and Arrow files: tables of Arrow as they stand in memory, whole or as a stream, perhaps packed."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

import geopandas as gpd
import pyarrow as pa
import shapely
from pyarrow import feather

from geo import file_limits
from geo.errors import FileError
from geo.layers._formats.asked import Asked
from geo.layers._formats.gdal import damaged
from geo.layers._formats.parquet import plain_layer, require_shallow
from geo.layers._formats.parquet_size import require_few_values, unfolded_bytes
from geo.layers.report import RawLayer
from geo.messages import Message
from geo.sources import require_number

__all__ = ["read_feather"]

_FIRST: Final = b"FEA1"
_HEAD: Final = b"ARROW1\0\0"
_END: Final = b"\xff\xff\xff\xff\0\0\0\0"
_ERRORS: Final = (ValueError, OSError, KeyError, TypeError, struct.error, pa.ArrowException)


def read_feather(path: Path, asked: Asked) -> RawLayer:
    """Read a Feather file or an Arrow file or stream, with geometry however it is kept.

    Raises
    ------
    FileError
        It is damaged, no table of Arrow, of the first version, or unfolds to more than is taken in.
    """
    try:
        table = _table(path.absolute())
        table.validate(full=True)
        size = path.stat().st_size
        require_few_values(path.name, table.num_rows * table.num_columns, size)
        most = max(file_limits.SMALL_LETTERS, file_limits.MOST_LETTERS_PER_BYTE * size)
        n_bytes = sum(unfolded_bytes(chunk) for column in table.columns for chunk in column.chunks)
        require_number(path.name, n_bytes, "bytes", most)
        if b"geo" not in (table.schema.metadata or {}):
            return plain_layer(table, {}, "Feather")
        require_shallow(table.schema, table.to_batches())
        packed = pa.BufferOutputStream()
        feather.write_feather(table, packed, compression="uncompressed")
        frame = gpd.read_feather(pa.BufferReader(packed.getvalue()))
        return RawLayer(frame, "Feather", crs=frame.crs)
    except FileError:
        raise
    except (*_ERRORS, shapely.errors.GEOSException) as error:
        raise damaged(path.name, error) from error


def _table(path: Path) -> pa.Table:
    """Take the table; what its parts unfold to is known before they are unpacked."""
    content = pa.py_buffer(path.read_bytes())
    if content[:4].to_pybytes() == _FIRST:
        raise FileError(Message("layers.feather_old", {"file": path.name}))
    # A whole file is a stream between two marks: what was looked through is what is read.
    is_file = content[: len(_HEAD)].to_pybytes() == _HEAD
    end = _HEAD.rstrip(b"\0") if is_file else _END
    if content[-len(end) :].to_pybytes() != end:  # cut off between two parts it would read as a whole
        raise ValueError("its end is missing")
    stream = content[len(_HEAD) :] if is_file else content
    _require_size(path, stream)
    with pa.ipc.open_stream(pa.BufferReader(stream)) as reader:
        return reader.read_all()


def _require_size(path: Path, stream: pa.Buffer) -> None:
    """Add up what the parts of a stream say that they unfold to, and their rows."""
    size = stream.size
    most = max(file_limits.SMALL_BYTES, file_limits.MOST_RATIO * size)
    n_bytes = n_values = 0
    messages = pa.ipc.MessageReader.open_stream(pa.BufferReader(stream))
    for message in messages:
        if message.type == "schema":
            continue
        n, held = _part(message)
        n_values, n_bytes = n_values + n, n_bytes + held
        require_few_values(path.name, n_values, size)
        require_number(path.name, n_bytes, "bytes", most)


def _part(message: pa.ipc.Message) -> tuple[int, int]:
    """Give the values of a part of a stream, and the bytes that they unfold to.

    Each packed buffer begins with the length that it unfolds to (Arrow Columnar Format, "Compression": 64
    bits, -1 where it is not packed). Where the buffers lie stands in the head of the part, a FlatBuffer.
    """
    head, body = message.metadata.to_pybytes(), message.body
    table = _field(head, struct.unpack_from("<I", head)[0], 2)
    if message.type == "dictionary":
        table = None if table is None else _field(head, _follow(head, table), 1)
    if table is None:
        raise ValueError("a part without rows")
    batch = _follow(head, table)
    nodes, buffers, packing = (_field(head, batch, k) for k in (1, 2, 3))
    n_values = sum(_pairs(head, nodes)[::2])
    places = _pairs(head, buffers)
    if packing is None:
        return n_values, sum(places[1::2])
    n_bytes = 0
    for start, length in zip(places[::2], places[1::2], strict=True):
        if length >= 8:
            stated = struct.unpack("<q", body[start : start + 8].to_pybytes())[0]
            n_bytes += length if stated < 0 else stated
    return n_values, n_bytes


def _field(head: bytes, table: int, number: int) -> int | None:
    """Find where a field of a FlatBuffer's table stands; None where it is left out."""
    places = table - int(struct.unpack_from("<i", head, table)[0])
    if 6 + 2 * number > struct.unpack_from("<H", head, places)[0]:
        return None
    offset = int(struct.unpack_from("<H", head, places + 4 + 2 * number)[0])
    return table + offset if offset else None


def _follow(head: bytes, at: int) -> int:
    return at + int(struct.unpack_from("<I", head, at)[0])


def _pairs(head: bytes, at: int | None) -> tuple[int, ...]:
    """Give the numbers of a list of pairs of 64 bits, one after the other."""
    if at is None:
        return ()
    start = _follow(head, at)
    n = int(struct.unpack_from("<I", head, start)[0])
    return struct.unpack_from(f"<{2 * n}q", head, start + 4)
