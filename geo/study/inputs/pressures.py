"""Pressures that a list of hydrants states: not read, but told where hardly any water comes out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.messages import Message
from geo.standards import get_rule, number
from geo.study.inputs.log import StudyLayer
from geo.words import word_lists

__all__ = ["tell_pressures"]

_RULE: Final = "hydrant-pressure-fire-2022"
_MOST_MPA: Final = 2.0
"""No hydrant has more (PN16 is 1.6 MPa): larger numbers without a unit are in another one."""
_MOST_NAMES: Final = 3
_NUMBER: Final = re.compile(r"(-?\d+(?:\.\d+)?|-?\.\d+)\s*([^\d\s]*)")


def tell_pressures(layer: StudyLayer, facilities: gpd.GeoDataFrame) -> Iterator[Message]:
    """Note hydrants that count as fit for use with less pressure than the standard asks for in a fire.

    Parameters
    ----------
    layer : StudyLayer
        A layer of hydrants or water points as it was read.
    facilities : GeoDataFrame
        The ``Facilities`` made of its rows, in their order.
    """
    if len(facilities) != len(layer.table) or not facilities["kind"].isin(("hydrant", "water_point")).all():
        return
    counts = facilities["status"].eq("existing") & facilities["is_working"].fillna(True).astype(bool)
    for header in _headers(layer):
        mpa = _in_mpa(layer.table[header], header)
        if mpa is None:
            yield Message("study.pressure_unit", {"header": header})
            continue
        is_low = (mpa < number(_RULE)).to_numpy() & counts.to_numpy()
        if is_low.any():
            names = facilities["name"].where(facilities["name"].notna(), facilities.index.to_series())
            shown = tuple(
                Message("study.odd_one", {"name": names.iloc[row], "number": float(mpa.iloc[row])})
                for row in np.flatnonzero(is_low)[:_MOST_NAMES]
            )
            values = {"n": int(is_low.sum()), "header": header, "shown": shown}
            values |= {"least": number(_RULE), "source": get_rule(_RULE).source}
            yield Message("study.pressure_low", values)


def _headers(layer: StudyLayer) -> Iterator[str]:
    """Give the columns of pressures, but those of what a hydrant is built or tested for."""
    words, known = word_lists("facility")["pressure"], {guess.column for guess in layer.report.guesses}
    for column in map(str, layer.table.columns):
        plain = unicodedata.normalize("NFKC", column).casefold()
        is_one, is_none = (any(word in plain for word in words[key]) for key in ("words", "none"))
        if column not in known and is_one and not is_none:
            yield column


def _in_mpa(column: pd.Series, header: str) -> pd.Series | None:
    """Read pressures, blank ones too; None where no unit is said and they can be no megapascals."""
    texts = column.astype("string").fillna("").map(lambda text: unicodedata.normalize("NFKC", text).strip())
    of_header = _unit(unicodedata.normalize("NFKC", header))
    found = texts.map(_NUMBER.search)
    amounts = found.map(lambda match: np.nan if match is None else float(match[1])).astype(float)
    factors = found.map(lambda match: None if match is None else _unit(match[2])).astype(float)
    factors = factors.fillna(of_header) if of_header is not None else factors
    if (amounts[factors.isna()] > _MOST_MPA).any():
        return None
    mpa: pd.Series = amounts * factors.fillna(1.0)
    return mpa


def _unit(text: str) -> float | None:
    """Give the megapascals of the unit that a text names, the longest first; None where it names none."""
    plain = re.sub(r"\s", "", text.casefold()).replace("²", "2")
    units = word_lists("facility")["pressure_units"]
    words = sorted(((word, float(mpa)) for mpa, names in units.items() for word in names), key=_longest)
    return next((mpa for word, mpa in words if word in plain), None)


def _longest(entry: tuple[str, float]) -> int:
    return -len(entry[0])
