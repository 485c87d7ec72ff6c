"""Texts of a study as its map says them: marks of sources and sections of the study file in words."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from geo.words import Lang, read_data, say, say_if_there

__all__ = ["name_ids", "say_credit", "say_plainly", "tell_marks"]

_MARK: Final = re.compile(r"\s*\[(V2?|M|measured)\]")
_SECTION: Final = re.compile(r"^\[([a-z_]+)(?: (\d+))?\][:：]?\s*")
_STAGE: Final = re.compile(r"\bdraft for approval\b")
"""The edition of a plan that was not adopted yet, as the data of the standards tell it."""
_OSM: Final = re.compile(r"©?\s*OpenStreetMap contributors")
_SQUARE_METRES: Final = re.compile(r"\bm2\b")


def tell_marks(text: str, *, lang: Lang) -> str:
    """Say the marks of sources in words, and ids of profiles and clocks behind their word.

    Examples
    --------
    >>> tell_marks("GB 50974-2014 7.2.5 [V2]", lang="en")
    'GB 50974-2014 7.2.5 (read in a secondary source)'
    >>> tell_marks("2021, draft for approval [V]", lang="zh")
    '2021, 报批稿（已查原文）'
    """
    text = name_ids(text, lang=lang)
    worded = _MARK.sub(lambda found: _bracketed(say(f"maps.mark_{found[1]}", lang=lang), lang), text)
    return _STAGE.sub(say("maps.draft_for_approval", lang=lang), worded)


def _bracketed(text: str, lang: Lang) -> str:
    return f"（{text}）" if lang == "zh" else f" ({text})"


def say_plainly(text: str, *, lang: Lang) -> str:
    """Say marks (``[V]``, ``[M]``) and a section at the start of a line in the reader's words.

    Where a text tells what to write into the study file, it stays as it is to be typed.

    Examples
    --------
    >>> say_plainly("[facilities 2] planned.csv: 3 rows", lang="en")
    'Facilities 2: planned.csv: 3 rows'
    >>> say_plainly("GB 50974-2014 7.2.5 [V2]；在 [roads] 中设 split_crossings = true", lang="zh")
    'GB 50974-2014 7.2.5（据二手资料）；在 [roads] 中设 split_crossings = true'
    """
    worded = _SQUARE_METRES.sub(say("maps.square_metres", lang=lang), tell_marks(text, lang=lang))
    if lang == "en":
        worded = worded.replace("、", ", ")  # lists of names, as evidence joins them
    section = _SECTION.match(worded)
    name = None if section is None else say_if_there(f"maps.section_{section[1]}", lang=lang)
    if section is None or name is None:
        return worded
    number = f" {section[2]}" if section[2] else ""
    return say("maps.in_section", lang=lang, section=name + number, text=worded[section.end() :])


def say_credit(text: str, *, lang: Lang) -> str:
    """Say the credit of OpenStreetMap as it writes it in the reader's language; other credits stay as given.

    Examples
    --------
    >>> say_credit("© OpenStreetMap contributors, ODbL 1.0", lang="zh")
    '© OpenStreetMap 贡献者, ODbL 1.0'
    """
    return _OSM.sub(say("maps.credit_osm", lang=lang), text)


def name_ids(text: str, *, lang: Lang) -> str:
    """Put the word of a speed profile or a response clock before its id, which then stands in brackets.

    Examples
    --------
    >>> name_ids("车速方案 fire_engine 中 ferries = false", lang="zh")
    '车速方案 消防车（fire_engine）中 ferries = false'
    >>> name_ids("行驶 300 秒（drive-5min；不计出动时间）", lang="zh")
    '行驶 300 秒（drive-5min；不计出动时间）'
    """
    if lang == "en":
        return text
    return _ids().sub(lambda found: f"{say(f'standards.named_{found[1]}', lang=lang)}（{found[1]}）", text)


@cache
def _ids() -> re.Pattern[str]:
    """Match the id of a profile or clock that does not stand in brackets already."""
    begin = "named_"
    names = [key.removeprefix(begin) for key in read_data("words/standards") if key.startswith(begin)]
    any_name = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![（\w.\"'#\[-])({any_name})(?![\w.\"'-])(?! =) ?")
