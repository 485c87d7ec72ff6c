"""What the planner is told, in Chinese or English: messages, faults of the data, and what was guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from geo.reasons import Reason
from geo.signs import printable
from geo.words import Lang, say

if TYPE_CHECKING:  # messages load nothing heavy
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Fault", "Guess", "Message", "first_few", "name_some", "say_source"]

_OURS: Final = ("geometry", "row", "village", "id", "status", "kind", "level")
"""Columns that a file need not have: they are called by what they are."""
_MOST_NAMED: Final = 5
"""So many rows or names stand in a sentence."""


@dataclass(frozen=True)
class Message:
    """One sentence to a planner, kept as what it says, and put into words when it is told.

    Parameters
    ----------
    key : str
        ``"section.name"``, as :func:`geo.words.say` takes it.
    values : mapping of str to object
        Fill the text's placeholders: numbers, texts, further messages, errors of every kind, and tuples of
        them, which are listed (a dash where there is nothing to list).

    Examples
    --------
    >>> note = Message("layers.blank_rows", {"n": 2})
    >>> str(note), note.say("zh")
    ('2 blank rows passed over', '跳过 2 个空行')
    >>> note == Message("layers.blank_rows", {"n": 2})
    True

    A message in a message is said in the same language:

    >>> towns = Message("plans.layer_with", {"layer": Message("plans.layer_towns"), "what": ("name", "zone")})
    >>> str(towns), towns.say("zh")
    ('towns (name, zone)', '乡镇（name、zone）')
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def say(self, lang: Lang) -> str:
        """Give the sentence in a language."""
        return say(self.key, lang=lang, **{name: _said(value, lang) for name, value in self.values.items()})

    def __str__(self) -> str:
        return self.say("en")

    def __hash__(self) -> int:
        # By the names alone: a mapping has no hash, and equal messages have equal names.
        return hash((self.key, frozenset(self.values)))


@dataclass(frozen=True)
class Fault:
    r"""Something in the data that could not be used as it stands.

    Parameters
    ----------
    row : int
        The row the planner sees: the spreadsheet row including the header, or the number of the
        feature counted from 1. 0 stands for the whole layer.
    column : str
        Header in the file, or ``"geometry"``.
    value : str
        What was found, cut to 60 characters.
    reason : Message
        What is wrong and what was done with it.

    Examples
    --------
    >>> fault = Fault(row=9, column="人口", value="约3万", reason=Message("layers.not_number"))
    >>> print(fault, fault.say("zh"), sep="\n")
    row 9, 人口 '约3万': is not a number; left empty
    第 9 行 人口 '约3万': 不是数字；已留空
    """

    row: int
    column: str
    value: str
    reason: Message

    def say(self, lang: Lang) -> str:
        """Give the fault in a language: where it is, what stands there, what is wrong."""
        row = say("messages.row", lang=lang, row=self.row) if self.row else ""
        ours = self.column in _OURS
        column = say(f"messages.column_{self.column}", lang=lang) if ours else printable(self.column)
        value = f" '{printable(self.value)}'" if self.value else ""
        if lang == "zh" and self.column == "row" and row and not value:
            return f"{row.rstrip()}：{self.reason.say(lang)}"  # of the whole row, of no column
        return f"{row}{column}{value}: {self.reason.say(lang)}"

    def __str__(self) -> str:
        return self.say("en")


@dataclass(frozen=True)
class Guess:
    """A column that was recognised: ``column`` is ours, ``header`` the file's, ``why`` the reason."""

    column: str
    header: str
    why: Message


def name_some(ids: Iterable[object]) -> Message:
    r"""Name the first five ids.

    Examples
    --------
    >>> print(name_some(["a", "b"]), name_some(range(9)), name_some(range(9)).say("zh"), sep="\n")
    a, b
    0, 1, 2, 3, 4 and 4 more
    0、1、2、3、4 及另外 4 个
    """
    names = [str(name) for name in ids]
    return Message(f"messages.{'names' if len(names) <= _MOST_NAMED else 'more_names'}", _first_five(names))


def first_few(items: Sequence[object] | NDArray[Any] | pd.Index, most: int = 5) -> str:
    """Name the first rows, ways or words, as far as a line has room, with dots where there are more.

    Examples
    --------
    >>> first_few([3, 7]), first_few(range(9)), first_few(["a", "b"], 1)
    ('3, 7', '0, 1, 2, 3, 4, ...', 'a, ...')
    """
    return ", ".join(map(str, items[:most])) + (", ..." if len(items) > most else "")


def say_source(source: str) -> Message | str:
    """Give where a row comes from in words, as the column ``source`` of a table has it.

    Examples
    --------
    >>> say_source("stations.xlsx row 3").say("zh"), say_source("proposed")
    ('stations.xlsx 第 3 行', 'proposed')
    """
    file, _, row = source.rpartition(" row ")
    return Message("messages.row_of", {"file": file, "row": row}) if file else source


def _first_five(names: Sequence[str]) -> dict[str, Any]:
    return {"names": tuple(names[:_MOST_NAMED]), "n_more": len(names) - _MOST_NAMED}


def _said(value: Any, lang: Lang) -> Any:
    """Put the messages and errors in a value into words, and a list of values on one line, printable."""
    if isinstance(value, str):
        return printable(value)
    if hasattr(value, "say"):  # a message, or an error that has one
        return value.say(lang)
    if isinstance(value, BaseException):  # of a library or the system
        return printable(Reason.of(value).say(lang))
    if isinstance(value, tuple):
        between = say("messages.between_names", lang=lang)
        return between.join(str(_said(entry, lang)) for entry in value) or "–"
    return value
