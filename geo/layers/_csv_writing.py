"""Tables as CSV, a block of rows at a time and column by column: the text that pandas gives, sooner."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.files import FORMULA_SIGNS

__all__ = ["csv_blocks"]

_ROWS: Final = 50_000
"""Rows that are text at once: more of them take memory and save no time."""
_END: Final = "\r\n"
_TEXT: Final = pa.large_string()
_EMPTY: Final = pa.scalar("", _TEXT)
_RUN: Final = f"^[{re.escape(''.join(FORMULA_SIGNS))}]"
"""What a spreadsheet would run begins so."""
_PARTS: Final = '[,"\r\n]'
"""What would part a cell in two stands in quotation marks."""
_LEAST, _MOST = 1e-4, 1e10
"""Between them Arrow writes a number as Python does, but for the ``.0`` of whole ones."""


def csv_blocks(columns: Mapping[str, pd.Series]) -> Iterator[bytes]:
    r"""Give a table as CSV in UTF-8: its header, then block after block of rows.

    What ``to_csv`` of pandas gives, but that infinite numbers are empty as missing ones are, and that a text
    which a spreadsheet would run gets an apostrophe in front. The index is not written.

    Parameters
    ----------
    columns : mapping of str to Series
        The columns, equally long and without shapes: a table of their own would be a copy of them.

    Examples
    --------
    >>> table = pd.DataFrame({"name": ["=A1", "a,b"], "n": [1.0, np.inf]})
    >>> b"".join(csv_blocks(dict(table.items())))
    b'name,n\r\n\'=A1,1.0\r\n"a,b",\r\n'
    """
    header = io.StringIO()
    csv.writer(header, lineterminator=_END).writerow(columns)
    yield header.getvalue().encode("utf-8")
    if len(columns) < 2 or any(column.dtype.kind in "mM" for column in columns.values()):
        # Dates are written by what all of them have in common, and a line of nothing would be no row.
        yield _by_pandas(columns).encode("utf-8")
        return
    for first in range(0, len(next(iter(columns.values()))), _ROWS):
        lines = _join(
            *(_cells(column.iloc[first : first + _ROWS]) for column in columns.values()), between=","
        )
        yield _join(lines, _END).buffers()[2].to_pybytes()


def _by_pandas(columns: Mapping[str, pd.Series]) -> str:
    plain = {
        name: column.where(np.isfinite(column))
        if column.dtype.kind == "f"
        else column
        if pd.api.types.is_numeric_dtype(column)
        else column.map(_neutral)
        for name, column in columns.items()
    }
    return str(pd.DataFrame(plain).to_csv(index=False, header=False, lineterminator=_END))


def _cells(column: pd.Series) -> Any:
    """Give the text of each cell, none missing."""
    kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else "O"
    if column.dtype == np.float64:
        return _numbers(column.to_numpy())
    if kind == "b":
        return pc.if_else(pa.array(column.to_numpy()), pa.scalar("True", _TEXT), pa.scalar("False", _TEXT))
    if kind in "iu":
        return pc.cast(pa.array(column.to_numpy()), _TEXT)
    if kind == "f":
        column = column.where(np.isfinite(column)).astype(str)
    is_missing = column.isna().to_numpy(dtype=bool)
    if pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty"):
        texts = pa.array(column.to_numpy(dtype=object), _TEXT, mask=is_missing)
    else:
        cells = zip(column, is_missing, strict=True)
        texts = pa.array([None if missing else str(_neutral(cell)) for cell, missing in cells], _TEXT)
        return _quoted(pc.fill_null(texts, _EMPTY))
    texts = pc.fill_null(texts, _EMPTY)
    if not pc.any(pc.match_substring_regex(texts, f"{_RUN}|{_PARTS}")).as_py():
        return texts
    return _quoted(pc.if_else(pc.match_substring_regex(texts, _RUN), _join("'", texts), texts))


def _quoted(texts: Any) -> Any:
    return pc.if_else(
        pc.match_substring_regex(texts, _PARTS),
        _join('"', pc.replace_substring(texts, '"', '""'), '"'),
        texts,
    )


def _numbers(values: Any) -> Any:
    size = np.abs(values)
    is_plain = ((size >= _LEAST) & (size < _MOST)) | (size == 0)
    is_whole = is_plain & (values == np.floor(values))
    is_odd = np.isfinite(values) & ~is_plain
    texts = pc.cast(pa.array(values, mask=~(is_plain | is_odd)), _TEXT)
    texts = pc.if_else(is_whole, _join(texts, ".0"), texts)
    if is_odd.any():
        texts = pc.replace_with_mask(texts, is_odd, pa.array(values[is_odd].astype(str).tolist(), _TEXT))
    return pc.fill_null(texts, _EMPTY)


def _join(*parts: Any, between: str = "") -> Any:
    """Join columns and texts that stand in every row."""
    texts = (pa.scalar(part, _TEXT) if isinstance(part, str) else part for part in (*parts, between))
    return pc.binary_join_element_wise(*texts)


def _neutral(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value
