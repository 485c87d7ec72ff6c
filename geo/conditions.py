"""What the cell of a status says: whether a thing is there, and whether it can be used."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from geo.words import word_lists

__all__ = [
    "Condition",
    "find_word",
    "in_brackets",
    "is_of_another",
    "opens_later",
    "read_condition",
    "read_remark",
    "read_state",
    "says_opening_alone",
    "seems_out",
    "years_to_come",
]

_CJK: Final = "\u3400-\u9fff"
_PART: Final = re.compile(rf"[、,;。/|+&()\[\]【】〔〕:]+|(?<=[{_CJK}\0])\s+|\s+(?=[{_CJK}\0])")
_LONGEST: Final = 24
"""A longer text is a story, of which the years may be of anything."""
_YEAR: Final = re.compile(r"(?<!\d)(2[01]\d\d)(?:[01]\d[0-3]\d)?(?!\d|\s*[号弄室幢栋组户人辆米元万平件台])")
"""A year, alone or before its month and day (2030年, 20301231); no number of a house or of metres."""
_NOTHING: Final = re.compile(r"[\W\d_年月日号个处第上下午时分天周季度至到约已经被于在的了]*")
"""A date, a number, or signs: a part of a text that says nothing of the state."""


@dataclass(frozen=True)
class Condition:
    """What a text says of a thing.

    Parameters
    ----------
    status : str or None
        One of ``schema.FACILITY_STATUSES``; None where the text does not say.
    works : bool or None
        Whether it can be used; None where the text does not say, or says something that is not known.
    unknown : tuple of str
        Parts of the text that are not known.
    """

    status: str | None
    works: bool | None
    unknown: tuple[str, ...]


@cache
def read_condition(text: str) -> Condition:
    """Read the text of a cell by the lists ``status`` and ``condition`` of ``facility_terms.toml``.

    Of several words the worse counts: what is good and leaks is broken. A part that is not known leaves open
    whether the thing works, unless another part says that it is broken. 未损坏 and "not damaged" are turned
    round.

    Examples
    --------
    >>> [read_condition(text).works for text in ("完好（2023年）", "漏水、缺盖", "正常/无水")]
    [True, False, False]
    >>> read_condition("停勤").status, read_condition("在建").status, read_condition("未损坏").works
    ('closed', 'planned', True)
    >>> read_condition("完好，西侧偏移")
    Condition(status=None, works=None, unknown=('西侧偏移',))
    """
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    statuses: set[str] = set()
    works: set[bool] = set()

    def take(match: re.Match[str]) -> str:
        word, is_turned = match["word"] or match["turned"], match["word"] is None
        meant = _meanings(word)
        if is_turned and not meant & {"working", "broken", "existing"}:
            return match[0]
        if "working" in meant or "broken" in meant:
            works.add(("working" in meant) != is_turned)
        if is_turned:
            statuses.update({"closed"} if "existing" in meant else ())
        else:
            statuses.update(meant - {"working", "broken"})
        return "\0" if _is_cjk(word) else "\1"

    rest = _pattern().sub(take, plain)
    parts = [part.strip() for part in _PART.split(rest)]
    unknown = tuple(part for part in parts if not {"\0", "\1"} & set(part) and not _NOTHING.fullmatch(part))
    status = next((status for status in word_lists("facility")["status"] if status in statuses), None)
    return Condition(status, _worst(works, is_open=bool(unknown)), unknown)


@cache
def read_remark(text: str) -> Condition | None:
    """Read a remark that says plainly, in one of its parts, that a thing is not in service.

    What else a remark tells is no status: 西侧有停车场, and what may be of another thing or another day
    (原站已撤销, 拟撤销) is left to the reader, by the list ``remark`` of ``facility_terms.toml``.

    Returns
    -------
    Condition or None
        Of the first such part: closed, planned, a candidate, or broken.

    Examples
    --------
    >>> read_remark("已撤销，2019年并入城东站").status, read_remark("因道路改造停用").status
    ('closed', 'closed')
    >>> read_remark("无水").works
    False
    >>> [read_remark(text) for text in ("原站已撤销，迁至现址", "东侧有规划路", "2019年新建", "完好")]
    [None, None, None, None]
    """
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    words = word_lists("facility")["remark"]
    if any(word in plain for word in words["unsure"]):
        return None
    for word in words["history"]:
        plain = plain.replace(word, "")
    for part in _PART.split(plain):
        condition = read_condition(part)
        is_out = condition.status not in (None, "existing") or condition.works is False
        if is_out and _says_no_more(part, words["filler"], words["because"]):
            return condition
    return None


@cache
def read_state(text: str, *, is_sure: bool = True) -> Condition | None:
    """Read a cell that says whether a thing is there, and nothing else but when and of which thing.

    Parameters
    ----------
    text : str
        The cell.
    is_sure : bool
        Leave out what may be of another day or thing: 新建, 改建, 原站撤销.

    Returns
    -------
    Condition or None
        None where the text says no status, or more than that.

    Examples
    --------
    >>> [read_state(text).status for text in ("现有", "规划新增", "规划消防站", "在建（2027年）")]
    ['existing', 'planned', 'planned', 'planned']
    >>> [read_state(text) for text in ("新建", "规划路", "一级站", "完好")]
    [None, None, None, None]
    >>> read_state("新建", is_sure=False).status
    'planned'
    """
    words = word_lists("facility")["remark"]
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if is_sure and any(word in plain for word in words["unsure"]):
        return None
    for word in words["history"] if is_sure else ():
        plain = plain.replace(word, "")
    condition = read_condition(plain)
    parts = [part for part in _PART.split(plain) if part.strip()]
    is_plain = all(_says_no_more(part, words["filler"], ()) for part in parts)
    return condition if condition.status is not None and is_plain else None


@cache
def seems_out(text: str) -> bool:
    """Whether a name or a class says in front, behind or in brackets that its thing is not in service.

    Examples
    --------
    >>> [seems_out(text) for text in ("城西站（规划）", "拟建城西站", "规划二级站", "规划路消防站")]
    [True, True, True, False]
    """
    return _called().search(unicodedata.normalize("NFKC", text).strip().casefold()) is not None


def find_word(text: str, words: Mapping[str, Sequence[str]]) -> str | None:
    """Give the first of some words of which a text is one or holds a sign; None where it holds none.

    Examples
    --------
    >>> [find_word(text, word_lists("facility")["station_class"]) for text in ("特勤一级站", "Ⅱ级", "水上站")]
    ['special', 'second', None]
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    for word, signs in words.items():
        if plain == word or any(_has_word(plain, sign) for sign in signs):
            return word
    return None


def _has_word(plain: str, sign: str) -> bool:
    """Whether a text holds a sign, not as the end of another word: inactive is not active, ii级 no i级."""
    before = "(?<![a-z0-9])" if sign[0].isascii() else ""
    return re.search(before + re.escape(sign), plain) is not None


@cache
def in_brackets(text: str, *, is_sure: bool = True) -> str:
    """Give the last brackets of a name that hold a status and nothing else; nothing where none do.

    Examples
    --------
    >>> in_brackets("城西站（规划）"), in_brackets("沪崇高速（北段）（在建）"), in_brackets("城西站（北区）")
    ('规划', '在建', '')
    """
    inside: list[str] = re.findall(r"[(\[【]([^()\[\]【】]+)[)\]】]", unicodedata.normalize("NFKC", text))
    return next((words for words in reversed(inside) if read_state(words, is_sure=is_sure) is not None), "")


def is_of_another(header: str) -> bool:
    """Whether a header is that of what a facility has, or of what is done with it: 车辆情况, 改造时序."""
    plain = "".join(unicodedata.normalize("NFKC", header).casefold().split())
    return any(word.replace(" ", "") in plain for word in word_lists("facility")["of_another"]["headers"])


def years_to_come(text: str, *, last: int) -> bool:
    """Whether the latest year that a text says is after another one.

    Examples
    --------
    >>> [years_to_come(text, last=2026) for text in ("2024-2028", "20301231", "2026", "2030号")]
    [True, True, False, False]
    """
    return max(map(int, _YEAR.findall(text)), default=0) > last


def opens_later(text: str, *, last: int, header: str = "", more: Iterable[str] = ()) -> bool:
    """Whether a short text says that a thing opens after a year, itself or, as a date, by its header.

    Parameters
    ----------
    text, header : str
        A cell, and the header of its column.
    last : int
        The year.
    more : iterable of str
        Words of opening beside those of ``[asks]`` in ``facility_terms.toml``.

    Examples
    --------
    >>> [opens_later(text, last=2026) for text in ("2130年建成", "预计21301231投用", "2009年建成", "2130年")]
    [True, True, False, False]
    >>> opens_later("2130-12-31 00:00:00", last=2026, header="计划建成时间")
    True
    >>> [opens_later("2130", last=2026, header=header) for header in ("计划建成年", "计划建成", "竣工面积")]
    [True, True, False]
    """
    words = (*word_lists("facility")["asks"]["opening"], *more)
    is_date = _NOTHING.fullmatch(re.sub("[前底末初]", "", text)) is not None
    if is_date and re.fullmatch(r"[\d.]+", text):  # 竣工面积 = 2030 is none
        plain = re.sub(r"[\W\d_]+$", "", header).casefold()
        when = word_lists("road")["opening"]["when"]
        is_date = plain.endswith(tuple(words)) or any(word in plain for word in when)
    said = (f"{header}{text}" if is_date else text).casefold()
    is_opening = any(word in said for word in words)
    return is_opening and len(text) <= _LONGEST and years_to_come(text, last=last)


@cache
def says_opening_alone(text: str) -> bool:
    """Whether a text says when a thing opens and nothing else, so that it can be of no other thing.

    Examples
    --------
    >>> [says_opening_alone(text) for text in ("预计2030年底投入使用", "新建，2027.12竣工", "2030-12-31")]
    [True, True, True]
    >>> [says_opening_alone(text) for text in ("2028年扩建完工", "训练塔2027年建成", "2028年迁至新址启用")]
    [False, False, False]
    """
    words = word_lists("facility")
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if any(word in plain for word in (*words["remark"]["unsure"], *words["asks"]["of_opening_unsure"])):
        return False
    for word in sorted(words["asks"]["opening"], key=len, reverse=True):
        plain = plain.replace(word, " ")
    filler = (*words["remark"]["filler"], *words["asks"]["of_opening"])
    return all(_says_no_more(part, filler, ()) for part in _PART.split(plain))


@cache
def _called() -> re.Pattern[str]:
    words = word_lists("facility")["called"]
    state = "|".join(map(re.escape, words["words"]))
    place = "|".join(map(re.escape, words["no_state_before"]))
    called = "|".join(map(re.escape, words["no_state"]))
    return re.compile(rf"(?:^|[(\[【_\s-])(?!{called})(?:{state})(?!.?(?:{place}))|(?:{state})(?:[)\]】]|$)")


def _says_no_more(part: str, filler: Iterable[str], because: Iterable[str]) -> bool:
    """Whether words of the state are all that a part of a text says, but for why, when and of which thing."""
    ends = [match.end() for match in _pattern().finditer(part)]
    if part.startswith(tuple(because)) and ends and ends[-1] == len(part):
        return True
    rest = _pattern().sub(" ", part)
    for word in filler:
        rest = rest.replace(word, " ")
    return _NOTHING.fullmatch(rest) is not None


def _worst(works: Iterable[bool], *, is_open: bool) -> bool | None:
    if False in works:
        return False
    return None if is_open or not works else True


@cache
def _meanings(word: str) -> frozenset[str]:
    facility = word_lists("facility")
    lists = [*facility["status"].items(), *facility["condition"].items()]
    return frozenset(meaning for meaning, words in lists if word in words)


@cache
def _pattern() -> re.Pattern[str]:
    """Make a pattern of all words, the longest first: 无水 before 无 and what it turns round."""
    facility = word_lists("facility")
    lists = [*facility["status"].values(), *facility["condition"].values()]
    words = sorted({word for words in lists for word in words}, key=lambda word: (-len(word), word))
    plain = "|".join(map(_whole, words))
    before = "|".join(
        rf"(?<![a-z]){sign}[\s-]+" if sign.isascii() else re.escape(sign)
        for sign in facility["negation"]["before"]
    )
    inner = "|".join(map(re.escape, words))
    return re.compile(f"(?P<word>{plain})|(?:{before})(?P<turned>{inner})")


def _whole(word: str) -> str:
    """A word in Latin letters counts only where it begins: inactive is not active."""
    return (r"(?<![a-z])" if word[0].isascii() else "") + re.escape(word)


def _is_cjk(word: str) -> bool:
    return not word.isascii()
