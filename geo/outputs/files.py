"""What result files share: the mark of invented data, plain numbers, one GeoPackage."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from geo.layers import write_layer, write_layers

__all__ = ["as_json", "mark", "plain_number", "write_package", "write_table"]


def mark(table: pd.DataFrame, *, is_synthetic: bool) -> pd.DataFrame:
    """Say on each row that the data is invented, where it is: tables are copied without their folder."""
    return table.assign(data="synthetic 合成") if is_synthetic else table


def plain_number(value: float) -> float | int | None:
    """Give a number as JSON can hold it: no nan, no infinity, no digits that only rounding made.

    Examples
    --------
    >>> plain_number(3.0), plain_number(0.1 + 0.2), plain_number(float("inf"))
    (3, 0.3, None)
    """
    if not math.isfinite(value):
        return None
    return int(value) if float(value).is_integer() else round(float(value), 6)


def as_json(data: Mapping[str, Any]) -> str:
    """Write plain data as JSON text that people can read.

    Raises
    ------
    ValueError
        A number is not finite.
    """
    return json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def write_table(table: pd.DataFrame, path: Path, *, is_synthetic: bool) -> None:
    """Write a table of results as CSV, its numbers to six decimals, without digits that only rounding made.

    The last of sixteen digits may move with a newer library; what a planner compares must not.

    Raises
    ------
    FileError
        The file may not be written.
    """
    numbers = {name: table[name].round(6) for name in table.columns if table[name].dtype.kind == "f"}
    write_layer(mark(table.assign(**numbers), is_synthetic=is_synthetic), path)


def write_package(layers: Mapping[str, pd.DataFrame], path: Path, *, is_synthetic: bool) -> None:
    """Write the tables that have rows as layers of one GeoPackage, whole or not at all.

    Raises
    ------
    FileError
        The file may not be written.
    """
    marked = {name: mark(table, is_synthetic=is_synthetic) for name, table in layers.items() if len(table)}
    write_layers(marked, path)
