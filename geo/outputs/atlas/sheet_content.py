"""What one sheet of an atlas says, before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from geo.outputs.paper import Grid, Stroke, Theme
from geo.study import SheetKind

__all__ = ["Bounds", "Locator", "PanelTable", "Sheet", "Surroundings"]

Bounds: TypeAlias = tuple[float, float, float, float]
"""West, south, east and north, in metres."""


@dataclass(frozen=True)
class PanelTable:
    """A small table beside a map.

    Parameters
    ----------
    caption : str
        What it tells.
    heads : tuple of str
        One a column.
    rows : tuple of tuples of str
        As they are printed.
    is_number : tuple of bool
        Columns that are set to the right.
    source : str
        Sheet of the workbook where all rows stand; empty where none was left out and none could be.
    n_more : int
        Rows that the caller left out.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_number: tuple[bool, ...]
    source: str = ""
    n_more: int = 0


@dataclass(frozen=True, eq=False)
class Locator:
    """The small map that shows where a sheet lies.

    Parameters
    ----------
    strokes : tuple of Stroke
        What it shows.
    bounds : tuple of float
        West, south, east and north of all that it shows.
    """

    strokes: tuple[Stroke, ...]
    bounds: Bounds


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet.

    Parameters
    ----------
    key : str
        Kind of the sheet, as ``[atlas] sheets`` names it.
    name : str
        Of its file, without number and ending.
    title : str
        What its map shows.
    group : str
        Heading of the bookmarks under which it stands; empty for none.
    theme : Theme
        Its map.
    bounds : tuple of float
        Ground that must be seen.
    table : PanelTable or None
        Beside the map.
    notes : tuple of str
        What else the sheet says of itself.
    n_unnamed : int
        Names that were not even tried, since there are too many.
    """

    key: SheetKind
    name: str
    title: str
    group: str
    theme: Theme
    bounds: Bounds
    table: PanelTable | None = None
    notes: tuple[str, ...] = ()
    n_unnamed: int = 0


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What all sheets of an atlas share.

    Parameters
    ----------
    study : str
        Name of the study, or the title that is asked for.
    facts : tuple of (str, str)
        Rows of the title block: scale and number of the sheet come before them.
    notes : tuple of str
        Clock, speeds, sources.
    banner : str
        What is said of invented data; empty for real data.
    crs : str
        System of all shapes.
    grid : str
        ``"metres"``, ``"degrees"`` or ``"none"``.
    families : tuple of str
        Faces.
    locator : Locator
        Of the whole district.
    """

    study: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    banner: str
    crs: str
    grid: Grid
    families: tuple[str, ...]
    locator: Locator
