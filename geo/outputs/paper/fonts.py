"""The faces that a printed page is set in: the first of a list that this computer has, never a box."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from geo.errors import InputError
from geo.messages import Message
from geo.words import Lang, read_data

if TYPE_CHECKING:  # a run without a report loads no typesetter
    import typst

__all__ = ["PaperFonts", "choose_fonts", "choose_fonts_before", "has_chinese", "system_fonts"]

_FIRST_WIDE: Final = "\u2e80"
"""No Chinese sign comes before it."""


@dataclass(frozen=True)
class PaperFonts:
    """Families of faces, each list in the order in which a sign is looked for.

    Parameters
    ----------
    text, heading, figures : tuple of str
        For running text, for headings, and for maps and tables.
    """

    text: tuple[str, ...]
    heading: tuple[str, ...]
    figures: tuple[str, ...]


@cache
def system_fonts() -> typst.Fonts:
    """Give the faces of this computer and those that the typesetter brings along."""
    import typst

    return typst.Fonts()


def has_chinese(texts: Iterable[str]) -> bool:
    """Tell whether any text has a Chinese sign.

    Examples
    --------
    >>> has_chinese(["Vaduz"]), has_chinese(["Vaduz", "城桥镇"])
    (False, True)
    """
    signs = (sign for text in texts for sign in text if sign >= _FIRST_WIDE)
    return any(unicodedata.east_asian_width(sign) == "W" for sign in signs)


def choose_fonts(
    *, lang: Lang, is_chinese: bool, wanted: Sequence[str] = (), families: Iterable[str] | None = None
) -> PaperFonts:
    """Choose the faces of a document.

    Parameters
    ----------
    lang : {"zh", "en"}
        Language of the document.
    is_chinese : bool
        Whether any of its texts has a Chinese sign: names of places may have them in an English one.
    wanted : sequence of str
        Families that the study asks for, before those of the list.
    families : iterable of str, optional
        Those that there are; of this computer when missing.

    Raises
    ------
    InputError
        No face for Chinese is there, or none of those that the study asks for; the message says what to
        install.

    Examples
    --------
    >>> there = ["Libertinus Serif", "Noto Serif CJK SC", "Noto Sans CJK SC", "DejaVu Sans"]
    >>> choose_fonts(lang="zh", is_chinese=True, families=there).text
    ('Noto Serif CJK SC',)
    """
    there = {name.casefold(): name for name in (system_fonts().families() if families is None else families)}
    own = [there[name.casefold()] for name in wanted if name.casefold() in there]
    if wanted and not own:
        raise InputError(Message("paper.font_unknown", {"names": tuple(wanted)}))
    tongues: list[Lang] = [lang] if lang == "zh" or not is_chinese else [lang, "zh"]
    chosen: dict[str, tuple[str, ...]] = {}
    for use in ("text", "heading", "figures"):
        names = list(own)
        for tongue in tongues:
            listed = read_data("standards/fonts")[tongue][use]
            first = next((there[name.casefold()] for name in listed if name.casefold() in there), None)
            if first is None and tongue == "zh" and not own:
                raise InputError(Message("paper.no_chinese_font", {"names": tuple(listed[:4])}))
            names += [] if first is None else [first]
        chosen[use] = tuple(dict.fromkeys(names))
    return PaperFonts(**chosen)


def choose_fonts_before(*, lang: Lang, wanted: Sequence[str] = ()) -> PaperFonts:
    """Choose the faces of a document before its texts are known: names in an English one may be Chinese.

    Raises
    ------
    InputError
        As :func:`choose_fonts`; for want of a Chinese face only where the document is in Chinese.
    """
    try:
        return choose_fonts(lang=lang, is_chinese=True, wanted=wanted)
    except InputError:
        if lang == "zh":
            raise
        return choose_fonts(lang="en", is_chinese=False, wanted=wanted)
