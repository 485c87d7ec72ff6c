"""What was read from a layer file: the table, its rows and faults, what was guessed, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
from pyproj import CRS

from geo.messages import Fault, Guess, Message

__all__ = ["LayerRead", "LayerReport", "RawLayer"]


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
    crs_note : Message or None
        Where the coordinate system was learnt, and what was done about it.
    bounds : tuple of float or None
        West, south, east, north in the table's coordinate system.
    notes : tuple of Message
        Whatever else was done: title rows passed over, sheet chosen, merged cells filled.
    crs_notes : tuple of Message
        What moves the whole layer: a system that the file says otherwise, a datum shift, own parameters, the
        way that angles are written.
    """

    path: str
    format: str
    encoding: str
    n_rows: int
    n_kept: int
    faults: tuple[Fault, ...]
    guesses: tuple[Guess, ...]
    crs: str
    crs_note: Message | None
    bounds: tuple[float, float, float, float] | None
    notes: tuple[Message, ...]
    crs_notes: tuple[Message, ...] = ()


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
    left_out : DataFrame
        The rows that were not kept, without their shapes; each has a fault.
    """

    table: pd.DataFrame
    report: LayerReport
    left_out: pd.DataFrame = field(default_factory=pd.DataFrame)


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
    crs_hint : Message, optional
        What else to tell where the coordinate system is in neither the file nor the study.
    faults, notes, crs_notes : tuple
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
    notes: tuple[Message, ...] = ()
    n_lost: int = 0
    units: tuple[str, ...] = ()
    crs_said: str = ""
    crs_hint: Message | None = None
    crs_notes: tuple[Message, ...] = ()
