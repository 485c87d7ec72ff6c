"""Texts of somebody's data as they are shown and written: a terminal obeys signs, TOML escapes others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["printable", "toml_key", "toml_value"]

_BLANKS: Final = "\t\n\v\f\r\x85\u2028\u2029"
_TURNING: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Marks that turn the direction of a line: a name with one shows the text around it in another order."""
_SHOWN: Final = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    0x7F: "\u2421",
    **dict.fromkeys([*range(0x80, 0xA0), *map(ord, _TURNING)], "\ufffd"),
    **dict.fromkeys(map(ord, _BLANKS), " "),
}
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_SHOWN_IN_LINES: Final = {code: shown for code, shown in _SHOWN.items() if code != ord("\n")}


def printable(text: str, *, in_lines: bool = False) -> str:
    r"""Give a text without signs that a terminal obeys: colours, moves, other directions of writing.

    Parameters
    ----------
    text : str
        A text that may hold names of somebody's data.
    in_lines : bool
        Whether it is more than one line, and its line ends stay.

    Examples
    --------
    >>> printable("\x1b[31m红\n站")
    '␛[31m红 站'
    >>> printable("one\ntwo", in_lines=True)
    'one\ntwo'
    """
    return text.translate(_SHOWN_IN_LINES if in_lines else _SHOWN)


def toml_value(value: Any) -> str:
    r"""Write a value as TOML.

    Examples
    --------
    >>> toml_value('a "b" \\ 村\n'), toml_value(True), toml_value({"类型": ["学校", 2]})
    ('"a \\"b\\" \\\\ 村\\n"', 'true', '{ "类型" = ["学校", 2] }')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{toml_key(key)} = {toml_value(part)}" for key, part in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return '"' + "".join(map(_escaped, str(value))) + '"'


def toml_key(name: str) -> str:
    """Write a key of TOML, in quotes where it has signs that need them."""
    return name if _BARE.fullmatch(name) else toml_value(name)


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    return f"\\u{ord(letter):04x}" if ord(letter) < 32 or ord(letter) == 127 else letter
