"""Classes of roads in the words and codes of others, as OpenStreetMap's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Final

from geo.messages import Message
from geo.network.tags import is_in_series, listed_values
from geo.words import word_lists

__all__ = [
    "MIXED",
    "best_class",
    "is_from_memory",
    "is_on_foot",
    "is_unbuilt",
    "known_class",
    "name_classes",
    "osm_class",
    "ranked_classes",
    "read_as",
]

MIXED: Final = "+"
"""Stands between the best road and the least footway of an edge that is joined of both."""
_ON_FOOT: Final = "footway"
"""From this class on, in the order of their rank, no vehicle uses a road."""
_LEVELS: Final = {"i": "一", "ii": "二", "iii": "三", "iv": "四"}
_CODED: Final = ("function", "tomtom", "technical", "navigation")
_SHAPES: Final = (("geofabrik", r"51\d\d"), ("surveying", r"4\d{5}"), ("amap", r"[45]\d000|49"))


def ranked_classes() -> tuple[str, ...]:
    """Give the classes that are known, the greatest first."""
    return word_lists("road_class")["rank"]["order"]


@cache
def _unbuilt() -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Give what a word says of a road that is not there yet, and the words for one that is there."""
    lists = word_lists("road_class")["built"]
    return {word: kind for kind in ("proposed", "construction") for word in lists[kind]}, lists["there"]


@cache
def _classes_of(section: str) -> Mapping[str, str]:
    """Give the class of each word or code of a section of ``road_class_terms.toml``."""
    lists = word_lists("road_class")[section]
    return {_plain(word): kind for kind, words in lists.items() for word in words}


def _plain(word: str) -> str:
    """Give a word in one width and case, without what stands in brackets."""
    text = re.sub(r"\(.*?\)", "", unicodedata.normalize("NFKC", word)).casefold().strip()
    return re.sub(r"[\s\-]+", "_", text)


def known_class(word: str, *, header: str = "", kept: Collection[str] = ()) -> str | None:
    """Give our class of a word or code, None where it is not known; of several on one road the greatest.

    A list as osmnx writes it is of several roads one after another, joined into one. Where one of them is a
    footway or steps no vehicle gets through: both classes are given, as :func:`geo.network.mixed.part_mixed`
    takes them apart.

    Parameters
    ----------
    word : str
        A cell, such as ``"主干路"``, ``"5113"`` or ``"unclassified;tertiary"``.
    header : str
        Header of its column: codes of one digit mean different things under ``FC`` and 技术等级.
    kept : collection of str
        Words that stand for themselves, such as those of the planner's own speed profile.

    Examples
    --------
    >>> known_class("主干路"), known_class("unclassified;tertiary"), known_class("4", header="FC")
    ('primary', 'tertiary', 'tertiary')
    >>> known_class("4") is None
    True
    """
    if word in kept:
        return word
    classes = [kind for part in listed_values(word) if (kind := _one_class(part, header, kept)) is not None]
    if is_in_series(word):
        on_foot = [kind for kind in classes if is_on_foot(kind)]
        driven = best_class(kind for kind in classes if kind not in on_foot)
        if on_foot:
            least = max(on_foot, key=ranked_classes().index)
            return least if driven is None else f"{driven}{MIXED}{least}"
    return best_class(classes)


def osm_class(value: str, *, kept: Collection[str] = ()) -> str | None:
    """Give the class of a value of OpenStreetMap's tag ``highway``; None where nobody knows what it says.

    Values of OpenStreetMap itself stand for themselves. Others are read as in the columns of line layers: in
    another case, with spaces, several on one way, Chinese words.

    Examples
    --------
    >>> osm_class("footway"), osm_class("Residential "), osm_class("次干路"), osm_class("residental") is None
    ('footway', 'residential', 'secondary', True)
    >>> osm_class("tertiary;residential"), osm_class("construction;residential")
    ('tertiary', 'construction')
    """
    known = (*ranked_classes(), *word_lists("road_class")["osm"]["others"])
    if value in kept or value in known:
        return value
    plain = value.strip().casefold()
    if plain in known:
        return plain
    parts = [part.casefold() for part in listed_values(value)]
    unbuilt = next(filter(is_unbuilt, parts), None)  # construction;residential is no street yet
    return unbuilt or known_class(value, kept=kept)


def is_unbuilt(kind: str) -> bool:
    """Whether a class is of roads that are planned or being built."""
    return kind in word_lists("road_class")["osm"]["unbuilt"]


def is_on_foot(kind: str) -> bool:
    """Whether a class is one that no vehicle uses: from footways on in the order of their rank."""
    order = ranked_classes()
    return kind in order and order.index(kind) >= order.index(_ON_FOOT)


def is_from_memory(word: str) -> bool:
    """Whether a code is one whose meaning no source confirms.

    Examples
    --------
    >>> is_from_memory("430503"), is_from_memory("430502"), is_from_memory("支路")
    (True, False, False)
    """
    codes = word_lists("road_class")["from_memory"].values()
    return any(_plain(part) in listed for part in listed_values(word) for listed in codes)


def name_classes(classes: Iterable[str]) -> tuple[Message | str, ...]:
    """Name classes of roads for a sentence; a class of the planner's own is named as it is written.

    Examples
    --------
    >>> [str(name) for name in name_classes(["trunk", "village lane"])]
    ['trunk road', 'village lane']
    """
    known = ranked_classes()
    return tuple(Message(f"network.class_{kind}") if kind in known else kind for kind in classes)


def read_as(text: str, kind: str) -> Message:
    """Say as which class a word was read."""
    return Message("network.class_read", {"text": text, "meant": name_classes([kind])[0]})


def best_class(classes: Iterable[str]) -> str | None:
    """Give the greatest of some classes; of those that have no rank the first."""
    rank = {kind: i for i, kind in enumerate(ranked_classes())}
    return min(classes, key=lambda kind: rank.get(kind, -1), default=None)


def _one_class(word: str, header: str, kept: Collection[str]) -> str | None:
    if word in kept:
        return word
    text = _plain(word)
    if text in ranked_classes():
        return text
    said, words = _said_unbuilt(word), _classes_of("words")
    if said is not None:
        return said
    if text.startswith(_unbuilt()[1]):
        text = next(text.removeprefix(there) for there in _unbuilt()[1] if text.startswith(there))
    if "兼" in text:  # 二级公路兼次干路
        return best_class(filter(None, (_one_class(part, header, kept) for part in text.split("兼"))))
    number = next((kind for kind, shape in _numbered() if re.fullmatch(shape, text)), None)
    if number is not None:
        return number
    text = re.sub(r"^(i{1,3}|iv)级", lambda roman: _LEVELS[roman[1]] + "级", text)  # Ⅱ级公路
    city = re.sub(r"^(城市|城镇|市政)", "", text)
    for form in (
        text,
        city,
        re.sub(r"_?([一二三四1-4]|i{1,3}|iv)(级|类)$", "", city),  # 主干路Ⅰ级
        re.sub(r"^[a-z]?\d+|[a-z]?\d+线?$", "", text),  # G320国道, 国道320, 国道320线
        re.sub(r"^([gsxycz])\d+$", r"\1", text),  # G320
    ):
        if form in words:
            return words[form]
    return _coded_class(text, _plain(header))


@cache
def _numbered() -> tuple[tuple[str, str], ...]:
    """Give the classes of roads by the shape of their numbers."""
    lists = word_lists("road_class")["numbers"]
    return tuple((kind, shape) for kind, shapes in lists.items() for shape in shapes)


def _said_unbuilt(word: str) -> str | None:
    """Give ``proposed`` or ``construction`` where a word begins so, or says so in brackets: 支路（在建）."""
    text = unicodedata.normalize("NFKC", word).casefold().strip()
    unbuilt, _ = _unbuilt()
    parts = [text, *re.findall(r"[(\[【〔](.*?)[)\]】〕]", text)]
    return next((kind for part in parts for start, kind in unbuilt.items() if part.startswith(start)), None)


def _coded_class(code: str, header: str) -> str | None:
    for section, shape in _SHAPES:
        if re.fullmatch(shape, code):
            return _classes_of(section).get(code)
    named = re.fullmatch(r"(frc|fc)_?(\d)", code)  # FC3
    if named:
        return _classes_of("function" if named[1] == "fc" else "tomtom").get(named[2])
    headers = word_lists("road")["class_headers"]
    for section in _CODED:
        if header in map(_plain, headers[section]):
            kind = _navigation_class(code) if section == "navigation" else _classes_of(section).get(code)
            if kind is not None:
                return kind
    return None


def _navigation_class(code: str) -> str | None:
    """Read a kind of navigation data, of which programs often drop the leading zeros."""
    if not re.fullmatch(r"(0x)?[0-9a-f]{1,4}", code):
        return None
    digits = code.removeprefix("0x")
    digits = digits.zfill(2 if len(digits) < 3 else 4)
    kind = _classes_of("navigation").get(digits[:2])
    is_link = digits[2:] in word_lists("road_class")["navigation_form"]["link"]
    has_link = kind in ("motorway", "trunk", "primary", "secondary", "tertiary")
    return f"{kind}_link" if is_link and has_link else kind
