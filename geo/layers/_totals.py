"""Rows that are no places of their own: sums of other rows, their averages, and parts of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.words import word_lists

__all__ = ["find_totals", "plain_name", "says_total"]

_NAMING: Final = ("id", "name", "zone", "village")
_PLACES: Final = ("name", "village")
_MOST_HEADS: Final = 2
"""So many of the first columns of texts may name a row, where they are none of ours."""
_NUMBER: Final = re.compile(r"\d")
_OLD: Final = str.maketrans("計總縣區鎮鄉鄰彙滙", "计总县区镇乡邻汇汇")


def find_totals(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows add up others (合计, 小计, 其中) or give their average: by a cell, or by their sum.

    What says a sum and nothing else (合计, 小计（人）, 合计72个村, 城桥镇小计) is one in any column of texts.
    Other words (全县, 平均, 本页小计) count where a row is named: in our columns of names, or the first two
    columns of texts, and 全县 only for a row without another name. A row without any name is a total
    where its people are those of all other rows. A sum with its number is a remark where the row has a name:
    a station with 共计12人 is no total.
    """
    is_total = np.zeros(len(table), dtype=bool)
    texts = [column for column in table.columns if pd.api.types.is_string_dtype(table[column])]
    first = [column for column in table.columns[:4] if column in texts][:_MOST_HEADS]
    heads = list(dict.fromkeys([*(column for column in _NAMING if column in table), *first]))
    for column in dict.fromkeys([*heads, *texts]):
        cells = _cells(table[column])
        if column not in heads:
            is_total |= _marked(cells, _words().anywhere, _says_only_total) & ~_counts_parts(table, column)
        elif _words().in_names.search(_BLANKS.sub("", unicodedata.normalize("NFKC", "\n".join(cells)))):
            is_total |= _marked(cells, None, says_total) & ~_counts_parts(table, column)
            is_total |= _marked(cells, None, _words().whole.__contains__) & ~_have_names(table, column)
    if "people" in table and len(table) > 2 and heads and not is_total.any():
        people = pd.to_numeric(table["people"], errors="coerce").fillna(0).to_numpy(dtype=float)
        for row in np.flatnonzero((people > 0) & np.isclose(people * 2, people.sum(), rtol=1e-9)):
            named = "".join(_cells(table[heads].iloc[row]))
            is_total[row] = not _SIGNS.sub("", named)
    return is_total


def _marked(
    cells: Sequence[str], sign: re.Pattern[str] | None, says: Callable[[str], bool]
) -> NDArray[np.bool_]:
    """Tell the cells whose plain text says so; with a sign only cells that bear it are looked at."""
    known: dict[str, bool] = {}
    for cell in cells:
        if cell not in known:
            known[cell] = (sign is None or sign.search(cell) is not None) and says(plain_name(cell))
    return np.fromiter(map(known.__getitem__, cells), dtype=bool, count=len(cells))


def _counts_parts(table: pd.DataFrame, column: str) -> NDArray[np.bool_]:
    """Tell the rows of which a column of remarks may say how many people or engines they have."""
    if column in _NAMING:
        return np.zeros(len(table), dtype=bool)
    has_number = np.array([_NUMBER.search(cell) is not None for cell in _cells(table[column])], dtype=bool)
    counts: NDArray[np.bool_] = has_number & _have_names(table, column)
    return counts


def _have_names(table: pd.DataFrame, beside: str) -> NDArray[np.bool_]:
    """Tell the rows that are named in another of our columns of places than one."""
    is_named = np.zeros(len(table), dtype=bool)
    for column in _PLACES:
        if column in table and column != beside:
            is_named |= np.array([cell.strip() != "" for cell in _cells(table[column])], dtype=bool)
    return is_named


def says_total(plain: str) -> bool:
    """Whether a name, made plain by :func:`plain_name`, is that of a sum, an average or a part.

    Examples
    --------
    >>> [says_total(plain_name(name)) for name in ("合计", "城桥镇小计", "Grand total", "平均")]
    [True, True, True, True]
    >>> [says_total(plain_name(name)) for name in ("合计（共72个村）", "本页小计", "总计村", "和合计划村")]
    [True, True, False, False]
    """
    words = _words()
    return (
        _says_only_total(plain)
        or plain in words.average
        or plain.endswith(words.behind)
        or plain.startswith(words.before)
    )


def _says_only_total(plain: str) -> bool:
    """Whether a text is a sum and nothing else, perhaps of a place: 合计, 小计人, 城桥镇小计."""
    return _words().sum.fullmatch(plain) is not None


def _cells(column: pd.Series) -> list[str]:
    cells: list[str] = column.fillna("").astype(str).tolist()
    return cells


def plain_name(text: str) -> str:
    """Give a name without signs and blanks, and without what stands in brackets behind it.

    Examples
    --------
    >>> plain_name("合 计（共72个村）："), plain_name("【小計】"), plain_name("Sub-total")
    ('合计', '小计', 'subtotal')
    """
    text = unicodedata.normalize("NFKC", text).casefold().translate(_OLD)
    bare = _BRACKETS.sub("", text) if "(" in text or "[" in text or "【" in text else text
    return _SIGNS.sub("", bare) or _SIGNS.sub("", text)


_BRACKETS: Final = re.compile(r"[(\[【〔][^()\[\]【】〔〕]*[)\]】〕]")
_BLANKS: Final = re.compile(r"[ \t\u3000]+")
_SIGNS: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class _Words:
    """What says a sum, from ``table_terms.toml``."""

    sum: re.Pattern[str]
    behind: tuple[str, ...]
    before: tuple[str, ...]
    whole: frozenset[str]
    average: frozenset[str]
    in_names: re.Pattern[str]
    anywhere: re.Pattern[str]


def _any_of(words: Collection[str]) -> str:
    """Give a pattern of any of some words, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


@cache
def _words() -> _Words:
    lists = word_lists("table")["cell"]
    counts = _any_of(lists["total_counts"])
    more = [f"{of_all}{count}" for of_all in ("", "总") for count in lists["total_counts"]]
    said = {*lists["total"], *lists["average"], *lists["part_before"], *lists["whole"]}
    how_many = r"\d+(?:[个名条处座家所户]?\w{0,4})?"
    places = rf"(?:.*[{lists['town_signs'][0]}])?"
    return _Words(
        sum=re.compile(rf"{places}(?:{_any_of(lists['total'])})(?:{counts})?共?(?:{how_many})?"),
        behind=tuple(lists["total_behind"]),
        before=tuple(lists["part_before"]),
        whole=frozenset(f"{name}{count}" for name in lists["whole"] for count in ("", *more)),
        average=frozenset(lists["average"]),
        in_names=re.compile(f"{_any_of(said)}|[計總]", re.IGNORECASE),
        anywhere=re.compile("[计計]|[总總]和|[汇匯彙][总總]|total|sum", re.IGNORECASE),
    )
