"""Headers that a shapefile has cut: ten bytes are three Chinese signs in UTF-8, and five in GBK."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Final

from geo.words import word_lists

__all__ = ["cut_headers"]

_BYTES: Final = 10
_ENCODINGS: Final = ("utf-8", "gb18030")
_LEAST: Final = 3
"""Signs that must be left: 道路 is the beginning of half of all headers."""


@cache
def cut_headers() -> Mapping[str, Mapping[str, str]]:
    """Give what a shapefile leaves of the headers of each column that ``road_terms.toml`` knows.

    What may be left of the headers of two columns is of none, and what is a header itself is that.

    Returns
    -------
    mapping of str to mapping of str to str
        Our column, the header as it was cut, and the whole header.

    Examples
    --------
    >>> cut_headers()["oneway"]["单行方"], cut_headers()["maxspeed"]["speed_limi"]
    ('单行方向', 'speed_limit')
    >>> any("道路限" in cut for cut in cut_headers().values())
    False
    """
    columns = word_lists("road")["columns"]
    whole = {header for headers in columns.values() for header in headers}
    left: dict[str, dict[str, str]] = defaultdict(dict)
    for column, headers in columns.items():
        for header in headers:
            for encoding in _ENCODINGS:
                raw = header.encode(encoding)
                cut = raw[:_BYTES].decode(encoding, "ignore")
                if len(raw) > _BYTES and len(cut) >= _LEAST and cut not in whole:
                    left[cut].setdefault(column, header)
    of: dict[str, dict[str, str]] = {column: {} for column in columns}
    for cut, known in left.items():
        if len(known) == 1:
            ((column, header),) = known.items()
            of[column][cut] = header
    return of
