"""Headers of columns that count households, staff or some of the people, and not all who live in a place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from geo.words import word_lists

__all__ = ["Part", "counts_households", "part_of_people"]

Part: TypeAlias = Literal["staff", "some", "visitors", "expected", "served", ""]
_OTHERS: Final[tuple[Part, ...]] = ("visitors", "expected", "served")


_HOUSEHOLDS: Final = re.compile(r"户(数|\W|\d|$)")


def counts_households(header: str) -> bool:
    """Tell whether a header says that its column counts households, and not people.

    Examples
    --------
    >>> [counts_households(header) for header in ("总户数", "常住户（户）", "HH", "户籍人口", "农户人口")]
    [True, True, True, False, False]
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", header).casefold())
    bare = re.sub(r"[(\[].*$", "", plain)
    return bare in word_lists("people")["header"]["households"] or _HOUSEHOLDS.search(bare) is not None


def part_of_people(header: str) -> Part:
    """Tell whether a header says that its column counts a part of the people.

    Parameters
    ----------
    header : str
        As it stands in the file, with or without a unit.

    Returns
    -------
    {"staff", "some", "visitors", "expected", "served", ""}
        Staff; some of those who live there, such as the old or those who moved in; those who come by day,
        whom a plan expects or whom a thing serves; else nothing: everybody.

    Examples
    --------
    >>> part_of_people("职工人数（人）"), part_of_people("60岁以上人口"), part_of_people("流动人口")
    ('staff', 'some', 'some')
    >>> part_of_people("2024年末常住人口"), part_of_people("总人口（含流动人口）")
    ('', '')
    >>> part_of_people("其中：户籍"), part_of_people("residents over 60"), part_of_people("规划人口")
    ('some', 'some', 'expected')
    """
    words = word_lists("people")["part"]
    plain = unicodedata.normalize("NFKC", header).casefold()
    plain = re.sub("|".join(words["everybody"]), "", plain)
    beside = "|".join(re.escape(word) for word in words["beside"])
    whole = re.split(beside, plain, maxsplit=1)[0]
    said = whole if whole.strip(" (（") else plain
    if plain.lstrip(" (").startswith(tuple(words["of_which"])):
        return "some"
    # Here + and 及 are of the age: 60+, 65及以上.
    alone = re.split("|".join(words["counted_too"]), plain, maxsplit=1)[0]
    if _says(said, words["some"]) or any(re.search(age, alone) for age in words["ages"]):
        return "some"
    for other in _OTHERS:
        if _says(plain, words[other]):
            return other
    return "staff" if _says(said, words["staff"]) and not _says(said, words["residents"]) else ""


def _says(text: str, words: Iterable[str]) -> bool:
    return any(_is_in(word, text) for word in words)


def _is_in(word: str, text: str) -> bool:
    return re.search(rf"(?<![a-z]){word}(?![a-z])", text) is not None if word.isascii() else word in text
