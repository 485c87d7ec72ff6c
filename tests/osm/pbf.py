"""PBF maps put together by hand, block by block."""

from __future__ import annotations

import struct
import zlib

__all__ = ["pbf_block", "pbf_field", "pbf_number"]


def pbf_number(value: int) -> bytes:
    """Write a number in as few bytes as it takes."""
    held = b""
    while value > 127:
        held += bytes([value & 127 | 128])
        value >>= 7
    return held + bytes([value])


def pbf_field(no: int, held: bytes | int) -> bytes:
    """Write a field; a number is written as one."""
    if isinstance(held, int):
        return pbf_number(no << 3) + pbf_number(held)
    return pbf_number(no << 3 | 2) + pbf_number(len(held)) + held


def pbf_block(kind: str, content: bytes, size: int | None = None) -> bytes:
    """Write a block; it may state another size than it has."""
    wrapped = pbf_field(2, len(content) if size is None else size) + pbf_field(3, zlib.compress(content, 9))
    head = pbf_field(1, kind.encode()) + pbf_field(3, len(wrapped))
    return struct.pack(">I", len(head)) + head + wrapped
