"""UTF-8, UTF-16 and GB18030 told apart by their bytes; a text that is none of them is an error."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from typing import Final

from geo.errors import FileError
from geo.messages import Message

__all__ = ["decode_lines", "decode_text", "find_encoding", "whole_part"]

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DASH_AND_DOT: Final = "—·"
"""Of GB 2312 too, but Python's codec of that name maps them to U+2015 and U+30FB."""
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]+")
_COMMON_SHARE: Final = 0.9


def decode_text(data: bytes, *, encoding: str | None = None, what: str = "the file") -> tuple[str, str]:
    """Turn bytes into text; give the text and the encoding.

    Raises
    ------
    FileError
        As :func:`find_encoding`.
    """
    if encoding is not None:
        return _decode(data, encoding, what), encoding
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decode(data, name, what), name
    if b"\0" in data:
        return _decode_utf16(data, what)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        return _decode_gb(data, error, what), "gb18030"


def find_encoding(data: bytes, *, encoding: str | None = None, what: str = "the file") -> str:
    """Find the encoding of a text, in which all of it can be read.

    Strict UTF-8 is tried first: a GB18030 text of more than a few characters is never valid UTF-8. GB18030 is
    taken only when nearly all its characters are then common Chinese ones, because damaged UTF-8 or
    Big5 can also be 'read' as GB18030, into nonsense.

    Raises
    ------
    FileError
        The text is in neither, is cut off within a character, or cannot be read in the ``encoding`` that was
        asked for; the message has the place.

    Examples
    --------
    >>> find_encoding("站名,经度".encode("gb18030")), find_encoding("站名".encode())
    ('gb18030', 'utf-8')
    """
    return decode_text(data, encoding=encoding, what=what)[1]


def whole_part(cell: bytes, encoding: str) -> bytes:
    """Leave out a character that is cut off at the end of a cell.

    Examples
    --------
    >>> whole_part("救援站".encode("gb18030")[:5], "gb18030").decode("gb18030")
    '救援'
    """
    for n_bytes in range(4):
        part = cell[: len(cell) - n_bytes]
        try:
            part.decode(encoding)
        except UnicodeDecodeError:
            continue
        except (LookupError, ValueError):  # no name of an encoding
            return cell
        return part
    return cell


def decode_lines(data: bytes, *, encoding: str | None = None) -> tuple[str, str, list[tuple[int, str]]]:
    """Turn the lines of a table into text where they are not all in one encoding or some are cut.

    Each line is read in the encoding of most lines, else in the other of UTF-8 and GB18030, else cell by cell
    without the letters that cannot be read.

    Returns
    -------
    text, encoding : str
        The text, and the encoding of most lines.
    odd : list of (int, str)
        Numbers from 1 of the lines that are not in it, and how each was read: the other encoding, or "".

    Raises
    ------
    FileError
        Most lines are in neither, the text has zero bytes, or it ends within a character.
    """
    lines = data.removeprefix(codecs.BOM_UTF8).split(b"\n")
    foreign = [line for line in lines if not line.isascii()]
    fits = {name: sum(_fits(line, name) for line in foreign) for name in ("utf-8", "gb18030")}
    # GB18030 reads nearly any bytes; UTF-8 is never right by chance.
    main = encoding or ("utf-8" if fits["utf-8"] * 2 >= len(foreign) else "gb18030")
    if b"\0" in data or sum(_fits(line, main) for line in foreign) * 2 < len(foreign):
        raise FileError(Message("layers.few_lines", {"encoding": main}))
    if lines[-1] and not _fits(lines[-1], main) and _fits(whole_part(lines[-1], main), main):
        # The last line has no end, not even of its last character: whatever came behind it is lost.
        raise FileError(Message("layers.cut_end"))
    other = "gb18030" if main == "utf-8" else "utf-8"
    texts, odd = [], []
    for number, line in enumerate(lines, start=1):
        name = main if _fits(line, main) else other if _fits(line, other) else ""
        texts.append(line.decode(name) if name else _by_cells(line, main))
        if name != main:
            odd.append((number, name))
    return "\n".join(texts), main, odd


def _fits(line: bytes, encoding: str) -> bool:
    """Whether a line is right in an encoding, and of common letters where nearly any bytes are right."""
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError:
        return False
    letters = "".join(_FOREIGN.findall(text))
    return encoding != "gb18030" or sum(map(_is_common, letters)) >= _COMMON_SHARE * len(letters)


def _by_cells(line: bytes, encoding: str) -> str:
    """Read a line cell by cell, each without what cannot be read at its end or in it."""
    return b",".join(
        whole_part(cell, encoding).decode(encoding, "ignore").encode(encoding) for cell in line.split(b",")
    ).decode(encoding)


def _decode(data: bytes, encoding: str, what: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeError as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise FileError(
            Message("layers.encoding_wrong", {"file": what, "encoding": encoding, "at": at})
        ) from error
    except (LookupError, ValueError) as error:  # a name with a zero character is a ValueError
        raise FileError(Message("layers.encoding_unknown", {"encoding": encoding})) from error


def _decode_utf16(data: bytes, what: str) -> tuple[str, str]:
    """UTF-16 without a mark: in a table most commas, digits and line ends have a zero byte on one side."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    offset = data.index(0)
    if len(data) % 2 == 0 and max(even, odd) > 10 * min(even, odd):
        name = "utf-16-le" if odd > even else "utf-16-be"
        return _decode(data, name, what), name
    raise FileError(Message("layers.zero_byte", {"file": what, "at": offset}))


def _decode_gb(data: bytes, error: UnicodeDecodeError, what: str) -> str:
    if (
        error.end == len(data)
        and error.reason == "unexpected end of data"
        and not data[: error.start].isascii()
    ):
        raise FileError(Message("layers.cut_at", {"file": what, "at": error.start})) from error
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as other:
        raise FileError(
            Message("layers.encoding_none", {"file": what, "at": error.start, "other": other.start})
        ) from other
    counts = Counter("".join(_FOREIGN.findall(text)))
    foreign, common = counts.total(), sum(n for char, n in counts.items() if _is_common(char))
    if common < _COMMON_SHARE * foreign:
        raise FileError(
            Message("layers.rare_letters", {"file": what, "at": error.start, "common": common, "n": foreign})
        ) from error
    return text


def _is_common(char: str) -> bool:
    if char in _DASH_AND_DOT:
        return True
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
