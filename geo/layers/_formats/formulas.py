"""Formulas of workbooks that no program has calculated."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

from geo.errors import InputError
from geo.layers._formats.filled import pass_over_blanks
from geo.layers._formats.sheet_size import has_formulas
from geo.layers._zip import open_zip
from geo.layers.report import RawLayer
from geo.messages import Fault, Message, first_few

__all__ = ["blank_formulas", "find_uncalculated", "require_calculated", "with_formulas"]


def find_uncalculated(path: Path, sheet: str, rows: Sequence[Sequence[str]]) -> list[tuple[int, int, str]]:
    """Find formulas without a value: rows, columns (from 0) and texts.

    Programs that write a workbook without calculating it leave all of them empty; Excel and WPS leave none.
    Where some have a value, the empty ones mean a blank.
    """
    import openpyxl

    with open_zip(path) as archive:
        if not has_formulas(archive):
            return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path, read_only=True)
    with closing(book):  # Windows removes no file that is open
        book[sheet].reset_dimensions()
        pass_over_blanks(book[sheet])
        formulas = [
            (i, cell.column - 1, str(getattr(cell.value, "text", cell.value)))
            for i, cells in enumerate(book[sheet].iter_rows())
            for cell in cells
            if cell.data_type == "f"
        ]
    return formulas if _are_blank(formulas, rows) else []


def blank_formulas(
    cells: Sequence[tuple[int, int]], rows: Sequence[Sequence[str]]
) -> list[tuple[int, int, str]]:
    """Give the cells with formulas as :func:`find_uncalculated` does, without their texts."""
    formulas = [(i, j, "=") for i, j in cells]
    return formulas if _are_blank(formulas, rows) else []


def _are_blank(formulas: Sequence[tuple[int, int, str]], rows: Sequence[Sequence[str]]) -> bool:
    """Whether there are formulas, and all of them without a value."""
    is_blank = [i >= len(rows) or j >= len(rows[i]) or rows[i][j] == "" for i, j, _ in formulas]
    return bool(formulas) and all(is_blank)


def with_formulas(raw: RawLayer, formulas: Sequence[tuple[int, int, str]]) -> RawLayer:
    """Make each formula of the table that was never calculated a fault."""
    rows, headers = set(raw.frame.index), list(raw.frame.columns)
    reason = Message("layers.never_calculated")
    faults = [
        Fault(i + 1, headers[j], text[:60], reason)
        for i, j, text in formulas
        if i + 1 in rows and j < len(headers)
    ]
    return dataclasses.replace(raw, faults=(*raw.faults, *faults))


def require_calculated(
    faults: Sequence[Fault], headers: Collection[str], totals: Collection[int], what: str
) -> None:
    """Stop where coordinates or people are formulas that no program has calculated: the rows would be lost.

    What a row of totals would add up is not needed.

    Raises
    ------
    InputError
        Some are.
    """
    lost = [
        fault
        for fault in faults
        if fault.reason.key == "layers.never_calculated"
        and fault.column in headers
        and fault.row not in totals
    ]
    if lost:
        columns = ", ".join(dict.fromkeys(fault.column for fault in lost))
        rows = sorted({fault.row for fault in lost})
        shown = first_few(rows)
        values = {"file": what, "n": len(lost), "headers": columns, "rows": shown}
        raise InputError(Message("layers.formulas_stop", values))
