"""Rows of hydrants and water points that say of themselves to be several: they count once, and it is told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from geo.layers import read_amounts
from geo.messages import Message, first_few
from geo.study.inputs.log import StudyLayer
from geo.words import word_lists

__all__ = ["tell_several"]

_KINDS: Final = ("hydrant", "water_point")
"""Kinds of which offices list a road with the number of them along it."""
_READ: Final = ("geometry", "lon", "lat", "lonlat", "id", "name", "zone", "village", "status")


def tell_several(layer: StudyLayer, kind: str) -> Iterator[Message]:
    """Note the rows that stand for several facilities by a column such as 数量.

    Parameters
    ----------
    layer : StudyLayer
        A layer of facilities as it was read.
    kind : str
        The kind of its section.
    """
    if kind not in _KINDS:
        return
    known = {guess.column for guess in layer.report.guesses} | set(_READ)
    for column in layer.table.columns:
        if column in known or not _says_number(str(column)):
            continue
        amounts = _amounts(layer.table[column], str(column))
        is_several = amounts.to_numpy(dtype=float) > 1
        if is_several.any() and not (_may_name(str(column)) and amounts.is_unique):
            rows = layer.table.index[is_several]
            values = {"header": str(column), "n": int(is_several.sum()), "rows": first_few(rows)}
            yield Message("study.several_in_row", {**values, "sum": float(np.maximum(amounts, 1.0).sum())})


def _amounts(cells: pd.Series, header: str) -> pd.Series:
    """Read how many a row says to be, also as 2只; one where it says nothing."""
    if not pd.api.types.is_numeric_dtype(cells):
        units = "|".join(word_lists("facility")["several"]["units"])
        cells = cells.astype(object).map(
            lambda cell: re.sub(rf"\s*({units})\s*$", "", str(cell)), na_action="ignore"
        )
    return read_amounts(cells, header)[0].fillna(1.0)


def _plain(header: str) -> str:
    return re.sub(r"[(\[【].*$|\s", "", unicodedata.normalize("NFKC", header).casefold())


def _may_name(header: str) -> bool:
    return _plain(header) in word_lists("facility")["several"]["or_name"]


def _says_number(header: str) -> bool:
    plain, words = _plain(header), word_lists("facility")["several"]
    return plain in words["whole"] or (
        plain.endswith(words["behind"]) and any(w in plain for w in words["of"])
    )
