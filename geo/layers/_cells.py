"""The text of a cell as a number, a year or yes/no: only what it says, never a guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.words import word_lists

__all__ = ["is_blank", "parse_column", "parse_number", "parse_year"]

_PLAIN: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?")
_ASCII_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_DATE: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(0?[1-9]|1[0-2])(\s*[-/.月].*)?")


def is_blank(text: str) -> bool:
    """Whether a cell says that there is no value.

    Examples
    --------
    >>> is_blank(" — "), is_blank("无"), is_blank("0")
    (True, True, False)
    """
    return _plain(text) in _blanks()


@cache
def _blanks() -> frozenset[str]:
    return frozenset(word_lists("table")["cell"]["blank"])


def parse_number(text: str, *, units: Mapping[str, float] | None = None) -> float | None:
    """Read a number, with thousands commas or full-width digits, and at most our own unit behind it.

    Parameters
    ----------
    text : str
        The cell.
    units : mapping of str to float, optional
        Factor of each unit; only units of factor 1 may stand behind the number.

    Returns
    -------
    float or None
        None where the text is no number: nothing is guessed.

    Examples
    --------
    >>> parse_number("１，２３４．５"), parse_number("45 人", units={"人": 1}), parse_number("约3万")
    (1234.5, 45.0, None)
    >>> parse_number("12,34") is None, parse_number("inf") is None
    (True, True)
    """
    plain = _plain(text).replace(" ", "")
    for unit, factor in (units or {}).items():
        if factor == 1 and plain.endswith(unit):
            plain = plain.removesuffix(unit)
            break
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _PLAIN.fullmatch(plain):
        return None
    value = float(plain)
    return value if np.isfinite(value) else None


def parse_year(text: str) -> float | None:
    """Read a year, also out of a date that begins with it.

    Examples
    --------
    >>> parse_year("2012"), parse_year("2010-05-01"), parse_year("2010年5月"), parse_year("5月")
    (2012.0, 2010.0, 2010.0, None)
    """
    dated = _DATE.fullmatch(_plain(text))
    return float(dated[1]) if dated else parse_number(text, units={"年": 1})


def parse_column(
    texts: pd.Series, parse: Callable[[str], float | None]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Read a column of texts: plain numbers all at once, the rest one distinct text at a time.

    Returns
    -------
    values : float array
        NaN where blank or unreadable.
    unreadable : bool array
        True where there is a text that is no value.
    """
    known = texts.fillna("").astype(str).to_numpy(dtype=object)
    values = np.full(len(known), np.nan)
    unreadable = np.zeros(len(known), dtype=bool)
    filled = known != ""
    plain = _all_plain(known[filled])
    if plain is not None:
        values[filled] = plain
        return values, unreadable
    read = {text: _read_cell(text, parse) for text in set(known[filled])}
    values[filled] = [read[text][0] for text in known[filled]]
    unreadable[filled] = [read[text][1] for text in known[filled]]
    return values, unreadable


def _all_plain(texts: NDArray[np.object_]) -> NDArray[np.float64] | None:
    """The numbers of a column in which every cell is a plain one, else None."""
    try:
        values = texts.astype(float)
    except ValueError:
        return None
    # Python also reads "1_000" and "inf", which are no numbers to a planner.
    is_plain = np.isfinite(values).all() and not any("_" in text for text in texts)
    return values if is_plain else None


def _read_cell(text: str, parse: Callable[[str], float | None]) -> tuple[float, bool]:
    value = float(text) if _ASCII_NUMBER.fullmatch(text) else parse(text)
    if value is not None:
        return value, False
    return np.nan, not is_blank(text)


def _plain(text: str) -> str:
    # NFKC turns the prime of minutes into itself but splits the double prime into two.
    kept = unicodedata.normalize("NFKC", str(text)).replace("′′", "″").replace("−", "-")
    return kept.strip().casefold()
