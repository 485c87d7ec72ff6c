"""A row that stands for several hydrants counts once, and says so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from geo.study.inputs.several import tell_several


def told(header: str, cells: list[Any], *, kind: str = "hydrant") -> list[str]:
    table = pd.DataFrame({"name": ["甲路", "乙路", "丙路"], header: cells}, index=[2, 3, 4])
    layer = SimpleNamespace(table=table, report=SimpleNamespace(guesses=()))
    return [note.say("zh") for note in tell_several(layer, kind)]  # type: ignore[arg-type]


@pytest.mark.parametrize("header", ["数量", "消火栓数量（只）", "市政消火栓数", "Count"])
def test_the_number_in_a_row_is_told_with_its_sum(header: str) -> None:
    """1 + 3 + 2 = 6 of three rows; a blank cell is one."""
    (note,) = told(header, ["1", "3", "2"])
    assert "2 行各有不止 1 处（第 3, 4 行），全列合计 6 处" in note
    (note,) = told(header, [None, 4, 1])
    assert "（第 3 行），全列合计 6 处" in note


def test_units_in_cells_are_read_and_numbers_that_are_names_are_not() -> None:
    (note,) = told("数量", ["2只", " 1 只", "3座"])
    assert "（第 2, 4 行），全列合计 6 处" in note
    assert told("Number", [1, 2, 3]) == []  # the hydrants are numbered
    (note,) = told("Number", [1, 2, 1])
    assert "（第 3 行），全列合计 4 处" in note
    assert told("数量", [True, False, True]) == []


@pytest.mark.parametrize("header", ["序号", "车辆数", "阀门数量", "口径"])
def test_other_numbers_count_no_hydrants(header: str) -> None:
    assert told(header, [1, 3, 2]) == []


def test_one_each_is_nothing_to_tell_nor_are_goods_in_a_depot() -> None:
    assert told("数量", [1, 1, 1]) == []
    assert told("数量", [100, 200, 300], kind="depot") == []
