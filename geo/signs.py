"""Texts of somebody's data as they may be shown: a terminal obeys some signs instead of showing them."""

from __future__ import annotations

from typing import Final

__all__ = ["printable"]

_BLANKS: Final = "\t\n\v\f\r\x85\u2028\u2029"
_TURNING: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Marks that turn the direction of a line: a name with one shows the text around it in another order."""
_SHOWN: Final = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    0x7F: "\u2421",
    **dict.fromkeys([*range(0x80, 0xA0), *map(ord, _TURNING)], "\ufffd"),
    **dict.fromkeys(map(ord, _BLANKS), " "),
}
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
