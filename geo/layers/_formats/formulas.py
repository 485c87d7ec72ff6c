"""Formulas of workbooks that no program has calculated."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from geo.layers._formats.filled import pass_over_blanks
from geo.layers._formats.sheet_size import has_formulas
from geo.layers._zip import open_zip
from geo.layers.report import RawLayer
from geo.messages import Fault, Message

__all__ = ["find_uncalculated", "with_formulas"]


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
    is_blank = [i >= len(rows) or j >= len(rows[i]) or rows[i][j] == "" for i, j, _ in formulas]
    return formulas if formulas and all(is_blank) else []


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
