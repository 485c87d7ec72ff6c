"""Columns that say whether a thing can be used: answers, words of its condition, codes."""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.conditions import read_condition
from geo.layers._cells import is_blank
from geo.words import word_lists

__all__ = ["read_answers", "said_statuses", "says_condition"]

_GONE = ("closed", "planned", "candidate")


def read_answers(column: pd.Series, *, is_of_faults: bool = False) -> tuple[pd.Series, NDArray[np.bool_]]:
    """Read whether things work: by 是 and 否, 1 and 0, or words of their condition.

    Codes are answers only where there are no others than 1 and 0. Under a header such as 是否损坏 a yes says
    that the thing does not work, and the result tells that: it is True where something is broken.

    Parameters
    ----------
    column : Series
        The cells.
    is_of_faults : bool
        Whether the header asks for faults.

    Returns
    -------
    values : boolean Series
        Missing where a cell is blank or not understood.
    unreadable : bool array
        True where there is a text that is not understood.
    """
    plain = column.astype("string").fillna("").map(_plain)
    is_code = plain.str.fullmatch(r"\d+(\.0)?").fillna(False).astype(bool)
    has_others = not plain[is_code].isin(["0", "1", "0.0", "1.0"]).all()
    answers = word_lists("facility")["answer"]

    def read(text: str) -> bool | None:
        if text in answers["yes"] or text in answers["no"]:
            return text in answers["yes"]
        works = read_condition(text).works
        return None if works is None else works != is_of_faults

    by_text = {text: read(text) for text in plain.unique()}
    values = plain.map(by_text).astype(object)
    if has_others:
        values[is_code] = None
    readings = plain.map(read_condition)
    says_gone = readings.map(lambda entry: entry.status in _GONE and not entry.unknown)
    bad = values.isna() & ~plain.map(is_blank).astype(bool) & ~says_gone.astype(bool)
    return values.where(values.notna(), None).astype("boolean"), np.asarray(bad, dtype=np.bool_)


def said_statuses(column: pd.Series) -> pd.Series:
    """Give the texts that say that a thing is gone or still to be built, and not only that it is broken.

    停用 in a column of conditions is a thing that stands there and does not work; 拆除 is none.
    """
    gone = word_lists("facility")["gone"]["words"]
    texts = column.astype("string").fillna("")

    def says(text: str) -> bool:
        plain, status = _plain(text), read_condition(text).status
        return status in ("planned", "candidate") or (
            status == "closed" and any(word in plain for word in gone)
        )

    return texts.astype(object).where(texts.map(says).astype(bool), None)


def says_condition(column: pd.Series) -> bool:
    """Whether the words under a header of status tell if things work, and not if they are built."""
    texts = {_plain(text) for text in column.dropna().astype(str).unique()[:200]}
    readings = [read_condition(text) for text in texts if not is_blank(text)]
    works = [entry.works is not None for entry in readings]
    builds = [entry.status is not None and entry.works is None for entry in readings]
    return any(works) and not any(builds)


def _plain(text: object) -> str:
    return unicodedata.normalize("NFKC", str(text)).strip().casefold()
