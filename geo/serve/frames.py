"""One message of the server: a JSON header and binary arrays behind it, in one frame."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError
from geo.messages import Message

__all__ = ["BY_PART", "make_frame", "plain_json", "read_frame"]

_ALIGN: Final = 8
_TYPES: Final = ("uint8", "uint16", "uint32", "int32", "float32", "float64")
BY_PART: Final = frozenset({"served_people", "zone_people"})
"""Figures that may come as arrays, which take no time to write and to read."""
_ROWS: Final = {"zone_people": (4, -1)}


def make_frame(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]] | None = None) -> bytes:
    """Write a frame: length of the header (uint32, little endian), the header, then each array.

    The header says under ``"arrays"`` the name, type and length of each; header and arrays are filled up
    to whole eights of bytes, so that a browser reads them in place.

    Examples
    --------
    >>> frame = make_frame({"kind": "codes"}, {"code": np.array([1, 2], np.uint8)})
    >>> header, arrays = read_frame(frame)
    >>> header["kind"], arrays["code"].tolist(), len(frame) % 8
    ('codes', [1, 2], 0)
    """
    given = {name: np.ascontiguousarray(values) for name, values in (arrays or {}).items()}
    listed = [[name, values.dtype.name, values.size] for name, values in given.items()]
    text = json.dumps(
        plain_json({**header, "arrays": listed}), ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()
    text += b" " * (-(len(text) + 4) % _ALIGN)
    parts = [len(text).to_bytes(4, "little"), text]
    for values in given.values():
        if values.dtype.name not in _TYPES:
            raise AssertionError(f"no array of {values.dtype.name} goes to a page")
        parts += [values.tobytes(), bytes(-values.nbytes % _ALIGN)]
    return b"".join(parts)


def read_frame(frame: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read a frame, as a script does; figures by station and zone stand in the header, however they came.

    Raises
    ------
    InputError
        It is none.
    """
    try:
        end = 4 + int.from_bytes(frame[:4], "little")
        header, arrays = json.loads(frame[4:end]), {}
        for name, kind, size in header["arrays"]:
            if kind not in _TYPES:
                raise ValueError(kind)
            arrays[name] = np.frombuffer(frame, dtype=kind, count=size, offset=end)
            end += arrays[name].nbytes + -arrays[name].nbytes % _ALIGN
        for name in BY_PART & arrays.keys():
            header["figures"][name] = arrays.pop(name).reshape(_ROWS.get(name, (-1,))).tolist()
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(Message("serve.no_frame")) from error
    return header, arrays


def plain_json(value: Any) -> Any:
    """Give a value as JSON holds it: numbers of numpy as Python's, ``inf`` and nan as null."""
    if isinstance(value, Mapping):
        return {str(key): plain_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(part) for part in value]
    if isinstance(value, np.ndarray):
        if value.dtype.kind != "O" and np.isfinite(value).all():
            return value.tolist()
        return [plain_json(part) for part in value.tolist()]
    if isinstance(value, np.generic):
        return plain_json(value.item())
    return None if isinstance(value, float) and not math.isfinite(value) else value
