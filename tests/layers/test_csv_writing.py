"""Tables as CSV: byte for byte what pandas writes, but for texts that run and numbers without end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.files import FORMULA_SIGNS
from geo.layers._csv_writing import csv_blocks

TEXTS = ["a", "=1", "a,b", 'q"x', "l\r\nm", "l\nm", "\r", "＝x", "", "@", "中文", "'", " x ", "-", "\t", None]
ODD = [1.5, None, "x", True, 3, np.float64(2), np.inf, "=k", (1, 2)]


def by_pandas(table: pd.DataFrame) -> bytes:
    plain = table.copy()
    for name, column in table.items():
        if column.dtype.kind == "f":
            plain[name] = column.where(np.isfinite(column))
        elif not pd.api.types.is_numeric_dtype(column):
            plain[name] = column.map(
                lambda v: f"'{v}" if isinstance(v, str) and v.startswith(FORMULA_SIGNS) else v
            )
    return str(plain.to_csv(index=False, lineterminator="\r\n")).encode()


def written(table: pd.DataFrame) -> bytes:
    return b"".join(csv_blocks(dict(table.items())))


def drawn(n: int, seed: int = 7) -> pd.DataFrame:
    g = np.random.default_rng(seed)

    def choose(values: list[Any]) -> np.ndarray:
        chosen = np.empty(n, dtype=object)
        chosen[:] = [values[k] for k in g.integers(0, len(values), n)]
        return chosen

    return pd.DataFrame(
        {
            "rounded": np.round(g.uniform(-1e4, 1e4, n), 6),
            # from far below 1e-4 to far above 1e16, where Python turns to powers of ten
            "any size": 10.0 ** g.uniform(-14, 25, n) * g.choice([-1, 1], n),
            "gaps": np.where(
                g.random(n) < 0.3, np.inf, np.where(g.random(n) < 0.3, np.nan, g.integers(0, 50, n))
            ),
            "single": g.random(n).astype(np.float32),
            "whole": g.integers(-(10**12), 10**12, n),
            "flag": g.random(n) < 0.5,
            'text,"': choose(TEXTS),
            "str": pd.array(choose(TEXTS), dtype="str"),
            "odd": choose(ODD),
            "Int64": pd.array(choose([None, 1, -7]), dtype="Int64"),
            "Float64": pd.array(choose([None, 1.25, 2.0]), dtype="Float64"),
            "boolean": pd.array(choose([None, True]), dtype="boolean"),
            "kinds": pd.Categorical(choose(["x", "=y", "z,"])),
            "nothing": [None] * n,
        }
    )


@pytest.mark.parametrize("storage", ["python", "pyarrow"])
def test_every_kind_of_column_is_written_as_pandas_writes_it(storage):
    with pd.option_context("mode.string_storage", storage):
        table = drawn(500)
        assert written(table) == by_pandas(table)


def test_blocks_follow_each_other_without_a_seam(monkeypatch):
    monkeypatch.setattr("geo.layers._csv_writing._ROWS", 7)
    table = drawn(50)
    assert written(table) == by_pandas(table)


@pytest.mark.parametrize(
    "table",
    [
        drawn(0),
        drawn(1),
        pd.DataFrame({"one": ["", None, "=a", "b"]}),
        pd.DataFrame({"day": pd.to_datetime(["2020-01-01", "2021-02-03"]), "n": [1, 2]}),
        pd.DataFrame({"n": [0.0, -0.0, 1e-4, 9.999e-5, 1e10, 1e10 - 1, 1e15, 1e16, 5e-324], "k": range(9)}),
    ],
)
def test_edges_are_written_as_pandas_writes_them(table):
    # One column with an empty cell needs quotation marks; dates share their form; numbers at the very sizes
    # where Arrow and Python part.
    assert written(table) == by_pandas(table)
