"""The people of a layer accounted for: those in the file are those placed and those left out, by reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from geo.demand import DemandRead, LeftOut
from geo.messages import Message
from geo.study.inputs.log import StudyLayer
from geo.study.settings import DemandSpec

__all__ = ["LEFT_COLUMNS", "PeopleAccount", "account_for_cells", "account_for_rows"]

LEFT_COLUMNS = ("section", "file", "row", "name", "zone", "people", "reason")
"""Columns of the rows that are left out; ``reason`` is a Message."""
_NO_PLACE = ("study.no_place_of_name", "study.several_places")
"""Reasons of rows that name no place, or several: they stand under the column of names."""


@dataclass(frozen=True, eq=False)
class PeopleAccount:
    """Where the people of one layer went.

    Parameters
    ----------
    file : str
        Its name.
    people_in : float
        People in the file.
    placed : float
        People in the table of the study.
    left_out : tuple of LeftOut
        The others, by reason.
    rows : DataFrame
        The rows that are not placed, or count nobody: :data:`LEFT_COLUMNS`.
    totals : tuple of float
        What the rows of the file say that add up others; they are in none of the sums.
    """

    file: str
    people_in: float
    placed: float
    left_out: tuple[LeftOut, ...]
    rows: pd.DataFrame
    totals: tuple[float, ...] = ()

    def notes(self) -> tuple[Message, ...]:
        """Say both sums, who is left out why, and where a row of totals says something else."""
        said = [*self.totals, sum(self.totals)]  # one of all, or those of the towns together
        odd = self.totals and not np.isclose(said, self.people_in, rtol=1e-6, atol=0.5).any()
        values = {"file": self.file, "people_in": self.people_in, "total": max(self.totals, default=0.0)}
        return (self._sums(), Message("study.people_total_differs", values)) if odd else (self._sums(),)

    def _sums(self) -> Message:
        left = sum(part.people for part in self.left_out)
        values = {"file": self.file, "people_in": self.people_in, "placed": self.placed, "left": left}
        if not self.left_out:
            return Message("study.people_sum", values)
        parts = tuple(
            Message("study.people_left", {"n": part.n, "people": part.people, "reason": part.reason})
            for part in self.left_out
        )
        return Message("study.people_sum_left", {**values, "parts": parts})


def account_for_rows(layer: StudyLayer, read: DemandRead, spec: DemandSpec) -> PeopleAccount:
    """Account for the people of the rows of a table.

    Parameters
    ----------
    layer : StudyLayer
        The rows that were kept, with those that were not.
    read : DemandRead
        The people made of those that were kept.
    spec : DemandSpec
        Says whether people stand in a column, are a number a row, or a total.
    """
    placed = float(read.table["people"].sum())
    file = Path(layer.report.path).name
    every = _rows(layer, layer.left_out, spec)
    is_total = every["reason"].map(lambda reason: reason.key == "layers.total_row").to_numpy(dtype=bool)
    lost, passed = every[~is_total], _rows(layer, layer.not_selected, spec)
    blank = _blank(layer, spec)
    left = [
        LeftOut(group["reason"].iloc[0], len(group), float(group["people"].sum()))
        for _, group in lost.groupby(lost["reason"].map(lambda reason: reason.key), sort=False)
    ]
    if len(passed):
        left.append(LeftOut(Message("study.left_where"), len(passed), float(passed["people"].sum())))
    left += read.left_out
    people_in = _people_in(layer, read, spec) + float(lost["people"].sum()) + float(passed["people"].sum())
    account = _whole(file, people_in, placed, left, pd.concat([lost, blank], ignore_index=True))
    said = every.loc[is_total, "people"].dropna().astype(float)
    # What is no more than the largest row is no sum of the rows: an average of them, or the largest itself.
    return replace(account, totals=tuple(said[said > _largest(layer)]))


def _largest(layer: StudyLayer) -> float:
    people = pd.to_numeric(layer.table.get("people", pd.Series(dtype=float)), errors="coerce").max()
    return 0.0 if pd.isna(people) else float(people)


def account_for_cells(file: Path, read: DemandRead) -> PeopleAccount:
    """Account for the people of a raster, or of any layer without rows to name."""
    none = pd.DataFrame(columns=list(LEFT_COLUMNS))
    return _whole(file.name, read.people_in, float(read.table["people"].sum()), read.left_out, none)


def _whole(
    file: str, people_in: float, placed: float, left: Sequence[LeftOut], rows: pd.DataFrame
) -> PeopleAccount:
    """Put the sums together; people whom no reason explains are told as such."""
    missing = people_in - placed - sum(part.people for part in left)
    unknown = (
        [LeftOut(Message("study.left_unknown"), 0, missing)] if abs(missing) > 1e-6 * people_in + 1e-6 else []
    )
    return PeopleAccount(file, people_in, placed, (*left, *unknown), rows)


def _people_in(layer: StudyLayer, read: DemandRead, spec: DemandSpec) -> float:
    """Give the people of the rows that were kept, as the file has them."""
    if spec.total is not None:
        return float(spec.total)
    if isinstance(spec.people, float):
        return spec.people * len(layer.table)
    if spec.unit in ("per_km2", "per_ha") or "people" not in layer.table:
        return read.people_in
    return float(pd.to_numeric(layer.table["people"], errors="coerce").sum())


def _rows(layer: StudyLayer, rows: pd.DataFrame, spec: DemandSpec) -> pd.DataFrame:
    """List rows that were not kept, with their people and why."""
    why = {
        fault.row: fault.reason
        for fault in layer.report.faults
        if fault.column in ("row", "geometry") or fault.reason.key in _NO_PLACE
    }
    unplaced = Message("layers.no_geometry")
    people = pd.Series(np.nan, index=rows.index)
    if isinstance(spec.people, float):
        people[:] = spec.people
    elif spec.total is None and spec.unit in (None, "people") and "people" in rows:
        people = pd.to_numeric(rows["people"], errors="coerce")
    return _listed(layer, rows, people, [why.get(int(row), unplaced) for row in rows.index])


def _blank(layer: StudyLayer, spec: DemandSpec) -> pd.DataFrame:
    """List rows that were kept and whose people are not known."""
    column = layer.table["people"] if "people" in layer.table else pd.Series(0.0, index=layer.table.index)
    if spec.total is not None or isinstance(spec.people, float):
        column = pd.Series(0.0, index=layer.table.index)
    rows = layer.table[column.isna().to_numpy()]
    header = next((guess.header for guess in layer.report.guesses if guess.column == "people"), spec.people)
    why = {fault.row: fault.reason for fault in layer.report.faults if fault.column == header}
    unknown = Message("study.left_blank")
    return _listed(
        layer,
        rows,
        pd.Series(np.nan, index=rows.index),
        [why.get(int(row), unknown) for row in rows.index],
    )


def _listed(
    layer: StudyLayer, rows: pd.DataFrame, people: pd.Series, reasons: Sequence[Message]
) -> pd.DataFrame:
    nothing = pd.Series(None, index=rows.index, dtype=object)
    return pd.DataFrame(
        {
            "section": layer.section,
            "file": Path(layer.report.path).name,
            "row": rows.index.to_numpy(),
            "name": rows.get("name", nothing).to_numpy(),
            "zone": rows.get("zone", nothing).to_numpy(),
            "people": people.to_numpy(dtype=float),
            "reason": pd.Series(list(reasons), dtype=object).to_numpy(),
        },
        columns=list(LEFT_COLUMNS),
    )
