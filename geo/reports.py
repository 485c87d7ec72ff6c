"""What was read from a layer file: rows, faults, guesses and the coordinate system, for the planner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pyproj import CRS

from geo.words import Lang, say

__all__ = ["Fault", "Guess", "LayerRead", "LayerReport", "RawLayer", "Sentence", "in_lang", "name_rows"]


class Sentence(str):
    """An English sentence of ``layers/words/layers.toml`` that :func:`in_lang` can say in Chinese.

    Examples
    --------
    >>> note = Sentence("blank_rows", n=2)
    >>> note, in_lang(note, "zh")
    ('2 blank rows passed over', '跳过 2 个空行')
    """

    key: str
    values: dict[str, Any]

    def __new__(cls, key: str, **values: Any) -> Sentence:
        """Fill the sentence."""
        text = super().__new__(cls, say(f"layers.{key}", lang="en", **values))
        text.key, text.values = key, values
        return text


def in_lang(text: str, lang: Lang) -> str:
    """Say a sentence in a language; any other text stays as it is."""
    return say(f"layers.{text.key}", lang=lang, **text.values) if isinstance(text, Sentence) else text


@dataclass(frozen=True)
class Fault:
    """Something in the data that could not be used as it stands.

    Parameters
    ----------
    row : int
        The row the planner sees: the spreadsheet row including the header, or the number of the
        feature counted from 1. 0 stands for the whole layer.
    column : str
        Header in the file, or ``"geometry"``.
    value : str
        What was found, cut to 60 characters.
    reason : str
        What is wrong and what was done with it, in English; ``in_lang(reason, "zh")`` says it in Chinese.

    Examples
    --------
    >>> print(Fault(row=9, column="人口", value="约3万", reason="is not a number; left empty"))
    row 9, 人口 '约3万': is not a number; left empty
    """

    row: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        place = f"row {self.row}, {self.column}" if self.row else self.column
        return f"{place} '{self.value}': {self.reason}" if self.value else f"{place}: {self.reason}"


@dataclass(frozen=True)
class Guess:
    """A column that was recognised: ``column`` is ours, ``header`` the file's, ``why`` the reason."""

    column: str
    header: str
    why: str


@dataclass(frozen=True)
class LayerReport:
    """All that a planner must know about one layer that was read.

    Parameters
    ----------
    path, format, encoding : str
        The file, its format and the encoding of its text (empty where the format fixes it).
    n_rows, n_kept : int
        Rows in the file and rows in the table; each row that is missing has a fault.
    faults : tuple of Fault
        Ordered by row.
    guesses : tuple of Guess
        Columns recognised by their header, and units taken from it.
    crs : str
        Coordinate system of the coordinates in the file (empty for a table without geometry).
    crs_note : str
        Where the coordinate system was learnt, and what was done about it.
    bounds : tuple of float or None
        West, south, east, north in the table's coordinate system.
    notes : tuple of str
        Whatever else was done: title rows passed over, sheet chosen, merged cells filled.
    """

    path: str
    format: str
    encoding: str
    n_rows: int
    n_kept: int
    faults: tuple[Fault, ...]
    guesses: tuple[Guess, ...]
    crs: str
    crs_note: str
    bounds: tuple[float, float, float, float] | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class LayerRead:
    """A layer and the report on it.

    Parameters
    ----------
    table : GeoDataFrame or DataFrame
        Index ``row`` (the row the planner sees); columns under our names where they were
        recognised or settled, under their own header otherwise.
    report : LayerReport
        What was read and what was wrong.
    """

    table: pd.DataFrame
    report: LayerReport


@dataclass(frozen=True)
class RawLayer:
    """What a reader of one format hands on: a table as it stands in the file.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        Index ``row`` as the planner counts; texts where the format has only texts.
    format, encoding : str
        As in :class:`LayerReport`.
    crs : CRS or None
        Coordinate system that the file states.
    crs_said : str
        What the file says of its coordinate system where that is no known one.
    faults, notes : tuple
        As in :class:`LayerReport`; a row that is not in the frame has a fault.
    n_lost : int
        Rows of the file that are not in the frame.
    units : tuple of str
        Units that stand above the table.
    """

    frame: pd.DataFrame
    format: str
    encoding: str = ""
    crs: CRS | None = None
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    n_lost: int = 0
    units: tuple[str, ...] = ()
    crs_said: str = ""


def name_rows(rows: Iterable[object]) -> str:
    """Name the first five rows in a sentence.

    Examples
    --------
    >>> name_rows([3])
    'row 3'
    >>> name_rows(range(2, 10))
    'rows 2, 3, 4, 5, 6 and 3 more'
    """
    numbers: Sequence[str] = [str(row) for row in rows]
    shown = ", ".join(numbers[:5])
    more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
    return f"row{'s' if len(numbers) > 1 else ''} {shown}{more}"
