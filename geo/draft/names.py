"""What the name of a folder, file, sheet or header says: a role, a status, a date, which version."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from geo.words import word_lists

__all__ = [
    "Version",
    "find_status",
    "find_words",
    "name_of_list",
    "read_version",
    "says",
    "system_of",
    "town_in",
    "years_in",
]

_DATE: Final = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?:[.\-_年/]?(?P<month>1[0-2]|0?[1-9])(?:[.\-_月/]?(?P<day>3[01]|[12]\d|0?[1-9])[日号]?)?)?"
    r"(?:年|月|年度|年末|年底)?(?!\d)"
)
_NUMBER: Final = re.compile(r"(?:(?<![a-z])v|版本|第|\()\s*(\d{1,2}(?:\.\d{1,2})*)\s*(?:稿|版|\)|\b)")
_TOWN: Final = re.compile(r"([\u4e00-\u9fff]+?)(街道办事处|街道|镇|乡)(?![界级镇])")
_NO_TOWN: Final = re.compile(r"[乡城村集街]|.*(?:[各全本个乡]|所[属在辖]|建制)")
"""What stands before 镇 or 乡 in a common noun: 各镇, 乡镇, 城镇."""
_SHORT: Final = 5
_YEAR: Final = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")


@dataclass(frozen=True, order=True)
class Version:
    """What a name says of its version: a later one is greater.

    Parameters
    ----------
    date : tuple of int
        Year, month, day as far as they are said; empty without a date.
    standing : int
        1 for a final one (定稿), -1 for a draft or copy (初稿, 副本), else 0.
    number : tuple of int
        Of ``v2.1``, ``第3稿``, ``(2)``.
    """

    date: tuple[int, ...] = ()
    standing: int = 0
    number: tuple[int, ...] = ()


def read_version(name: str) -> Version:
    """Read the date, the standing and the number of a version from a name.

    Examples
    --------
    >>> read_version("消防站一览表(2024.3定稿)")
    Version(date=(2024, 3), standing=1, number=())
    >>> read_version("stations_v2 copy").standing, read_version("stations_v2").number
    (-1, (2,))
    >>> read_version("消防站（旧）") < read_version("消防站") < read_version("消防站最终版")
    True
    """
    plain = _plain(name)
    dates = [
        tuple(int(part) for part in match.groups() if part is not None)
        for match in _DATE.finditer(plain)
        if _is_date(match)
    ]
    words = word_lists("role")["version"]
    is_early = any(_has(plain, word, is_whole=True) for word in words["early"])
    is_final = any(_has(plain, word, is_whole=True) for word in words["final"])
    undated = _DATE.sub(" ", plain)
    number = _NUMBER.search(undated)
    return Version(
        date=max(dates, default=()),
        standing=-1 if is_early else int(is_final),
        number=tuple(int(part) for part in number[1].split(".")) if number else (),
    )


def _is_date(match: re.Match[str]) -> bool:
    try:
        datetime.date(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1))
    except ValueError:
        return False
    return True


def years_in(text: str) -> tuple[int, ...]:
    """Find the years that a text names.

    Examples
    --------
    >>> years_in("2025年数据/人口2025.xlsx"), years_in("消防站12025")
    ((2025, 2025), ())
    """
    return tuple(int(match[0]) for match in _YEAR.finditer(text))


def name_of_list(name: str) -> str:
    """Give what a name says without its date, version and words that any list has.

    Examples
    --------
    >>> name_of_list("消防站一览表(2024.3定稿)"), name_of_list("消防站汇总 最终版 - 副本")
    ('消防站', '消防站')
    """
    plain = _NUMBER.sub(" ", _DATE.sub(" ", _plain(name)))
    lists = word_lists("role")["version"]
    for word in sorted((word for listed in lists.values() for word in listed), key=len, reverse=True):
        plain = re.sub(_pattern_of(word, is_whole=True), " ", plain)
    return re.sub(r"[\s()\[\]【】.,、\-版年月日]+", "", plain)


def town_in(names: Iterable[str]) -> str:
    """Give the town that the names of a source say, the nearest first; empty where none does.

    Examples
    --------
    >>> [town_in(names) for names in (["Sheet1", "附件2 2024年陈家镇人口", "各镇上报"], ["堡镇"], ["新村乡"])]
    ['陈家镇', '堡镇', '新村乡']
    >>> [town_in([name]) for name in ("各乡镇人口", "乡镇街道界", "泽区城镇", "全区各街道", "建制镇")]
    ['', '', '泽区城镇', '', '']
    """
    for name in names:
        for match in _TOWN.finditer(_DATE.sub(" ", _plain(name))):
            if not _NO_TOWN.fullmatch(match[1]):
                return match[0].removesuffix("办事处")
    return ""


def find_words(name: str) -> list[tuple[str, str]]:
    """Find the words of roles in a name, in its order: the role and the word.

    Examples
    --------
    >>> find_words("微型消防站(规划)"), find_words("村居人口")
    ([('micro_station', '微型消防站')], [('villages', '村居'), ('people', '人口')])
    >>> find_words("micro_stations"), find_words("消防站辖区")
    ([('micro_station', 'micro station')], [('fire_station', '消防站'), ('other', '辖区')])
    """
    roles = _roles()
    words = (match[0] for match in _roles_pattern().finditer(_plain(name)))
    # A short word in Latin letters may stand in its plural.
    known = (next(form for form in (word, word[:-1], word[:-2]) if form in roles) for word in words)
    return [(roles[word], word) for word in known]


def says(about: str, name: str) -> str:
    """Give what a name says of a raster or grid by its words; empty if nothing."""
    plain = _plain(name)
    lists = word_lists("role")[about]
    return next((meaning for meaning, words in lists.items() if any(_has(plain, word) for word in words)), "")


def find_status(name: str) -> tuple[str, bool]:
    """Find the status that a name says, the last of several, and whether it says so of what it is about.

    Examples
    --------
    >>> find_status("规划消防站"), find_status("stations_planned"), find_status("现状")
    (('planned', True), ('planned', True), ('existing', True))
    >>> find_status("2035规划/附表 消防站"), find_status("区规划局 消防站"), find_status("消防站")
    (('planned', False), ('', False), ('', False))
    >>> find_status("已撤销"), find_status("拟建站点名单"), find_status("规划新建的")
    (('closed', True), ('planned', True), ('planned', True))
    >>> find_status("拟撤销消防站"), find_status("现状规划"), find_status("部分停用")
    (('closed', False), ('planned', False), ('closed', False))
    """
    plain = _plain(name)
    for words in word_lists("role")["status"]["none"]:
        plain = plain.replace(words, " ")
    lists = word_lists("role")["status"]
    hits = [
        (match.start(), status, match)
        for status, words in lists.items()
        if status != "none"
        for word in words
        for match in re.finditer(_pattern_of(word), plain)
    ]
    if not hits:
        return "", False
    _, status, match = max(hits, key=lambda hit: hit[0])
    before, behind = (
        re.sub(r"[\W\d_]+", "", part) for part in (plain[: match.start()], plain[match.end() :])
    )
    about = tuple(re.sub(r"\s", "", word) for word in _roles())
    is_beside = before.endswith((*about, *(f"{word}s" for word in about))) or behind.startswith(about)
    to_come = (*lists["planned"], *word_lists("role")["status_beside"]["to_come"])
    if status == "closed" and before.endswith(to_come):
        return status, False
    before, behind = _beside(status).sub("", before), _beside(status, "behind").sub("", behind)
    return status, is_beside or not (before or behind)


@cache
def _beside(status: str, *more: str) -> re.Pattern[str]:
    """Find what may stand beside a status and says nothing else: its other words too, not another status."""
    lists = word_lists("role")
    words = {*lists["status"][status], *lists["version"]["filler"]}
    words.update(*(lists["status_beside"][name] for name in ("words", *more)))
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))


def system_of(*texts: str) -> tuple[str, str]:
    """Find the system of coordinates that texts name, and the word; empty if none.

    Examples
    --------
    >>> system_of("消防站", "高德经度"), system_of("经度")
    (('GCJ-02', '高德'), ('', ''))
    """
    for system, words in word_lists("role")["system"].items():
        for text in texts:
            word = next((word for word in words if _has(_plain(text), word)), None)
            if word is not None:
                return system, word
    return "", ""


@cache
def _roles() -> dict[str, str]:
    """Give the role of each word; those of kinds of facility stand in their own list too."""
    roles = {_plain(word): kind for kind, words in word_lists("facility")["kind"].items() for word in words}
    return roles | {
        _plain(word): role for role, words in word_lists("role")["name"].items() for word in words
    }


@cache
def _roles_pattern() -> re.Pattern[str]:
    words = sorted(_roles(), key=lambda word: (-len(word), word))
    return re.compile("|".join(_pattern_of(word) for word in words))


@cache
def _pattern_of(word: str, *, is_whole: bool = False) -> str:
    """Give the pattern of a word; a short one in Latin letters counts whole: sea is not in season."""
    if not (word[0].isascii() and word[0].isalpha()):
        return re.escape(word)
    is_short = is_whole or len(word) <= _SHORT
    return rf"(?<![a-z]){re.escape(word)}" + (r"(?:e?s)?(?![a-z])" if is_short else "")


def _has(plain: str, word: str, *, is_whole: bool = False) -> bool:
    return re.search(_pattern_of(word, is_whole=is_whole), plain) is not None


@cache
def _plain(text: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    plain = unicodedata.normalize("NFKC", spaced).casefold()
    plain = re.sub(r"[_\s]+|(?<=[a-z])-", " ", plain)
    for words in word_lists("role")["version"]["unnamed"]:
        plain = plain.replace(words, " ")
    return plain.strip()
