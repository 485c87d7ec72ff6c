"""What a room of the study finds: a table with its figures, and how a map draws it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pandas as pd

from geo.messages import Message

__all__ = ["Finding", "Style", "class_roles"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Style:
    """How a map draws a finding.

    Parameters
    ----------
    roles : mapping of str to str
        Word of each class and the role that gives its colour (one of ``geo.maps.legend.COLOURS``, or a colour
        ``"#rrggbb"`` of your own), in the order of the legend; the word ``""`` alone for a finding of one
        colour.
    by : str
        Column that holds the class; empty for one colour.
    columns : tuple of str
        Columns of the pop-up, in order.
    title : str
        Column of the pop-up's heading.
    is_on : bool
        Whether the layer shows when the map opens.
    size : float
        Width of a line or radius of a point, in pixels.
    label : str
        Column whose text stands on the point, such as a rank; empty for plain points.
    """

    roles: Mapping[str, str]
    by: str = ""
    columns: tuple[str, ...] = ()
    title: str = "name"
    is_on: bool = False
    size: float = 3.0
    label: str = ""


def class_roles(family: str, words: Iterable[str]) -> dict[str, str]:
    """Give each class word its role in a family of colours.

    Examples
    --------
    >>> class_roles("hydrant", ("working", "broken"))
    {'working': 'hydrant.working', 'broken': 'hydrant.broken'}
    """
    return {word: f"{family}.{word}" for word in words}


@dataclass(frozen=True, eq=False)
class Finding:
    """One result table of a room.

    Parameters
    ----------
    name : str
        Unique, snake_case: layer of the GeoPackage, name of the CSV file, key of ``Facts.tables``.
    words : str
        File of ``layers/words`` with its texts: the label ``"<words>.<name>"``, a class
        ``"<words>.class_<word>"``, a column ``"<words>.column_<column>"``.
    table : DataFrame or GeoDataFrame
        In the study's CRS; columns end in their unit (``_s _m _km2``; ``n_``, ``share_`` 0-1, ``people``).
    style : Style, optional
        How the map draws it; None for a table without a layer.
    figures : mapping of str to float
        Headline numbers, units in the names.
    notes : tuple of Message
        What was assumed, told beside the map.
    """

    name: str
    words: str
    table: pd.DataFrame
    style: Style | None = None
    figures: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    notes: tuple[Message, ...] = ()

    def __repr__(self) -> str:
        """Name the finding, its rows and its figures."""
        return f"Finding({self.name!r}, {len(self.table)} rows, figures={dict(self.figures)})"
