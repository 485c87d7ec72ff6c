"""Which signs a face can draw, read from its file; and a second face for those that the first lacks."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from geo.messages import Message
from geo.outputs.paper.fonts import PaperFonts, system_fonts
from geo.signs import printable

if TYPE_CHECKING:  # a run without a report loads no typesetter
    import typst

__all__ = ["GETA", "DrawableFonts", "drawable_fonts", "face_signs", "for_paper", "tell_lacking"]

GETA: Final = "〓"
"""What printers set in the place of a sign that their case does not have."""
_MOST_SIGNS: Final = 10
_UNPRINTABLE: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
_SHAPELESS: Final = {"Cc", "Cf", "Zs", "Zl", "Zp"}
_UNICODE: Final = {(0, 3), (0, 4), (0, 6), (3, 1), (3, 10)}
"""Platform and encoding of the tables of a face that go by Unicode."""
_COLLECTION: Final = b"ttcf"
_LAST: Final = 0xFFFF
"""Ends the ranges of format 4; no sign."""


@dataclass(frozen=True)
class DrawableFonts:
    """Faces that can draw a text together.

    Parameters
    ----------
    fonts : PaperFonts
        The faces that were chosen, and further ones behind them for signs that they lack.
    lacking : str
        Signs that no face of this computer has.
    """

    fonts: PaperFonts
    lacking: str


def for_paper(text: str) -> str:
    """Give a text without signs that no file can hold, and without those that a terminal obeys."""
    return _UNPRINTABLE.sub("", printable(text, in_lines=True))


def drawable_fonts(fonts: PaperFonts, texts: Iterable[str]) -> DrawableFonts:
    """Give faces that can draw texts: a second one for what the chosen ones lack, if any has it.

    Parameters
    ----------
    fonts : PaperFonts
        The chosen faces.
    texts : iterable of str
        All that is printed.
    """
    signs = {sign for text in texts for sign in text if _has_shape(sign)}
    faces: dict[str, list[typst.FontInfo]] = {}
    for face in system_fonts().fonts():
        faces.setdefault(face.family, []).append(face)
    drawn = {use: list(getattr(fonts, use)) for use in ("text", "heading", "figures")}
    lacking = set().union(*(signs - _signs_of(faces, families) for families in drawn.values()))
    further = []
    for family in sorted(faces, key=_nearness):
        if not lacking:
            break
        found = lacking & _signs_of(faces, [family])
        if found:
            further.append(family)
            lacking -= found
    behind = {use: (*families, *further) for use, families in drawn.items()}
    return DrawableFonts(replace(fonts, **behind), "".join(sorted(lacking)))


def tell_lacking(lacking: str) -> Message:
    """Say which signs no face has, the first of them with their codes."""
    codes = tuple(f"{sign} (U+{ord(sign):04X})" for sign in lacking[:_MOST_SIGNS])
    return Message("paper.signs_lacking", {"n": len(lacking), "signs": codes, "geta": GETA})


def _has_shape(sign: str) -> bool:
    return unicodedata.category(sign) not in _SHAPELESS and not "\ufe00" <= sign <= "\ufe0f"


def _nearness(family: str) -> tuple[bool, str]:
    """Order families: those for Simplified Chinese first."""
    return (not family.endswith((" SC", " GB", "SimSun-ExtB")), family)


def _signs_of(faces: dict[str, list[typst.FontInfo]], families: Iterable[str]) -> set[str]:
    """Give the signs that the regular face of any of some families has."""
    signs: set[str] = set()
    for family in families:
        regular = sorted(faces.get(family, []), key=lambda face: (face.style != "normal", face.weight != 400))
        for face in regular[:1]:
            signs |= face_signs(face.path, face.index)
    return signs


@cache
def face_signs(path: str | None, index: int) -> frozenset[str]:
    """Read which signs a face has; all of them where its file is not known or cannot be read.

    Parameters
    ----------
    path : str or None
        File of the face (TrueType, OpenType, or a collection of them).
    index : int
        Which face of a collection.
    """
    if not path:
        return _embedded_signs()
    try:
        with open(path, "rb") as file:
            return frozenset(chr(code) for code in _codes(file, index))
    except (OSError, struct.error, ValueError, OverflowError):
        return frozenset()


def _embedded_signs() -> frozenset[str]:
    """Give what the faces that the typesetter brings along surely have: Latin, Greek and Cyrillic letters."""
    letters = (*range(0x20, 0x180), *range(0x391, 0x3CA), *range(0x410, 0x450))
    return frozenset(map(chr, (*letters, *range(0x2013, 0x2027), 0x2032, 0x2212, 0x2264, 0x2265)))


def _codes(file: BinaryIO, index: int) -> Iterator[int]:
    """Give the code points of a face (OpenType 1.9, table cmap, formats 4 and 12)."""
    start = 0
    if _read(file, 0, ">4s")[0] == _COLLECTION:
        (start,) = _read(file, 12 + 4 * index, ">I")
    (n_tables,) = _read(file, start + 4, ">H")
    records = (_read(file, start + 12 + 16 * i, ">4sIII") for i in range(n_tables))
    cmap = next((offset for tag, _, offset, _ in records if tag == b"cmap"), None)
    if cmap is None:
        return
    (n_subtables,) = _read(file, cmap + 2, ">H")
    for i in range(n_subtables):
        platform, encoding, offset = _read(file, cmap + 4 + 8 * i, ">HHI")
        if (platform, encoding) in _UNICODE:
            yield from _subtable(file, cmap + offset)


def _subtable(file: BinaryIO, at: int) -> Iterator[int]:
    (form,) = _read(file, at, ">H")
    if form == 4:
        (twice,) = _read(file, at + 6, ">H")
        n = twice // 2
        ends = _read(file, at + 14, f">{n}H")
        starts = _read(file, at + 16 + twice, f">{n}H")
        for first, last in zip(starts, ends, strict=True):
            yield from range(first, last + 1) if last != _LAST else ()
    elif form == 12:
        (n,) = _read(file, at + 12, ">I")
        groups = _read(file, at + 16, f">{3 * n}I")
        for first, last in zip(groups[::3], groups[1::3], strict=True):
            yield from range(first, last + 1)


def _read(file: BinaryIO, at: int, form: str) -> tuple[Any, ...]:
    file.seek(at)
    return struct.unpack(form, file.read(struct.calcsize(form)))
