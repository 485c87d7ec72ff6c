"""What the planner is told, in Chinese or English: sentences, faults of the data, and what was guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from geo.words import Lang, say

__all__ = ["Fault", "Guess", "Sentence", "in_lang", "name_rows"]


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
