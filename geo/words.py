"""The product's words in Chinese and English, and the words of others that it understands.

Both are data. ``layers/words`` holds what the product says, in two languages (:func:`say`).
``layers/standards/*_terms.toml`` holds the terms of planners and map makers by which their files are
understood (:func:`word_lists`).
"""

from __future__ import annotations

import difflib
import itertools
import math
import tomllib
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from geo.errors import StudyError
from geo.signs import printable

__all__ = [
    "LANGS",
    "Lang",
    "data_dir",
    "half_up",
    "nearest_words",
    "percent",
    "read_data",
    "say",
    "say_if_there",
    "whole",
    "word_lists",
]

Lang: TypeAlias = Literal["zh", "en"]
LANGS: Final[tuple[Lang, ...]] = ("zh", "en")

_MOST_LETTERS: Final = 100
"""Of a longer word no like one is looked for: it is no slip of the pen."""
_MOST_COMPARED: Final = 2_000
"""Names that are compared letter by letter, ten in a thousandth of a second."""
_MOST_DIGITS: Final = 7
"""Decimals of a share in per cent."""
_MOST_EXACT: Final = 1e15
"""Greater numbers have no decimals that are told apart."""


@cache
def data_dir() -> Path:
    """Give the folder of the embedded data: ``layers/`` of the checkout, or its copy in the wheel."""
    packed = Path(__file__).parent / "_layers"
    return packed if packed.is_dir() else Path(__file__).parent.parent / "layers"


@cache
def read_data(name: str) -> Mapping[str, Any]:
    """Read a TOML file of the embedded data once, such as ``"standards/headers"``."""
    path = data_dir() / f"{name}.toml"
    return MappingProxyType(tomllib.loads(path.read_text(encoding="utf-8")))


@cache
def word_lists(name: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Give the lists of words by which one sort of layer is understood, in the order of their file.

    Parameters
    ----------
    name : str
        ``"facility"`` reads ``layers/standards/facility_terms.toml``.

    Returns
    -------
    mapping
        By what the words are about and what they mean.

    Examples
    --------
    >>> word_lists("facility")["status"]["candidate"]
    ('候选', '备选', 'candidate')
    """
    sections = read_data(f"standards/{name}_terms")
    return MappingProxyType(
        {
            about: MappingProxyType({meaning: tuple(words) for meaning, words in lists.items()})
            for about, lists in sections.items()
        }
    )


def nearest_words(word: str, known: Iterable[str], *, n: int = 1, cutoff: float = 0.6) -> list[str]:
    """Give the known words that are most like a word that was meant for one of them.

    However many are known, few are compared: those that share its letters and are neither far longer nor far
    shorter.

    Parameters
    ----------
    word : str
        What somebody wrote.
    known : iterable of str
        What could have been meant: ten keys of a section, or a million names of hydrants.
    n : int
        How many to give at most.
    cutoff : float
        How like they must be: 0 nothing in common, 1 the same (:func:`difflib.get_close_matches`).

    Examples
    --------
    >>> nearest_words("statoins", ["roads", "stations"]), nearest_words("x", ["roads"])
    (['stations'], [])
    """
    if len(word) > _MOST_LETTERS:
        return []
    letters, times = set(word), 2 / cutoff - 1
    like = (
        name
        for name in dict.fromkeys(known)
        if len(word) <= times * len(name)
        and len(name) <= times * len(word)
        and 2 * len(letters.intersection(name)) >= cutoff * len(letters)
    )
    return difflib.get_close_matches(word, itertools.islice(like, _MOST_COMPARED), n=n, cutoff=cutoff)


def percent(share: float) -> str:
    """Give a share in per cent, in one decimal, or in so many that no part reads like nothing or like all.

    More than all is told in whole per cent where that does not read like all.

    More than seven decimals are never needed: of all people of China not one stands in the eighth, only what
    sums of fractions leave.

    Examples
    --------
    >>> percent(0.43724), percent(1.0), percent(1.25), percent(0.0)
    ('43.7%', '100%', '125%', '0%')
    >>> percent(1.125), percent(1.0049)
    ('113%', '100.5%')
    >>> percent(0.99999), percent(0.00004), percent(1 - 1e-15)
    ('99.999%', '0.004%', '100%')

    A half goes up, as in a spreadsheet that shows the same share:

    >>> percent(1 / 16)
    '6.3%'
    """
    if not math.isfinite(share) or abs(share) == 1:
        return f"{share:.0%}"
    if share == 0:
        return "0%"
    exact = Decimal(repr(float(share))).scaleb(2)
    for digits in range(1 if abs(share) < 1 else 0, _MOST_DIGITS + 1):
        shown = half_up(exact, digits)
        if abs(shown) not in (0, 100):
            return f"{shown:f}%"
    return f"{half_up(exact, 0):f}%"


def half_up(number: float | Decimal, digits: int) -> Decimal:
    """Round a finite number as a spreadsheet shows it: a half goes away from zero, and no zero has a minus.

    Examples
    --------
    >>> print(half_up(2.675, 2), half_up(-2.5, 0), half_up(-0.001, 2))
    2.68 -3 0.00
    """
    exact = number if isinstance(number, Decimal) else Decimal(repr(float(number)))
    if abs(exact) >= _MOST_EXACT:
        return Decimal(int(exact))
    return exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP) + 0


def whole(number: float) -> str:
    """Say a number of people or things: whole, thousands apart, a half up.

    Examples
    --------
    >>> whole(12_344.5), whole(0.4)
    ('12,345', '0')
    """
    if not math.isfinite(number):
        return f"{number:,.0f}"
    return f"{int(number) if number == int(number) else half_up(number, 0):,}"  # most are whole


def say(key: str, /, *, lang: Lang, **values: Any) -> str:
    """Give a text in a language.

    Parameters
    ----------
    key : str
        ``"section.name"``: table ``name`` of ``layers/words/section.toml``, with keys ``zh`` and ``en``.
    lang : {"zh", "en"}
        The language.
    **values
        Fill the text's ``{placeholders}``.

    Raises
    ------
    StudyError
        The language is not one of ``LANGS``.
    KeyError
        The key is not in the word list: a fault of the program, not of the data.
    """
    if lang not in LANGS:
        raise StudyError(f"language {lang!r} is unknown; choose one of {', '.join(LANGS)}")
    section, name = key.split(".", 1)
    text: str = read_data(f"words/{section}")[name][lang]
    shown = {
        name: printable(value, in_lines=True) if isinstance(value, str) else value
        for name, value in values.items()
    }
    return text.format(**shown)


def say_if_there(key: str, /, *, lang: Lang, **values: Any) -> str | None:
    """Give a text in a language as :func:`say` does, None where the word list has none of that key.

    For words of others, such as a unit of the planner's own; a text that lacks a value stays a fault.

    Examples
    --------
    >>> say_if_there("maps.yes", lang="en"), say_if_there("maps.kind_windmill", lang="en")
    ('Yes', None)
    """
    section, name = key.split(".", 1)
    return say(key, lang=lang, **values) if name in read_data(f"words/{section}") else None
