"""What opens in a year to come is planned, by the year of the study; who says that it is there counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from geo.layers import LayerReport
from geo.messages import Guess, Message
from geo.study.inputs.log import StudyLayer
from geo.study.inputs.openings import settle_openings

YEAR = 2026
HEADERS = {"opened_year": "建成年份", "status": "状态", "name": "站名"}


def layer_of(**columns: list[Any]) -> StudyLayer:
    table = pd.DataFrame(columns, index=pd.RangeIndex(2, 2 + len(next(iter(columns.values())))))
    why = Message("layers.usual_header", {"column": "x"})
    guesses = tuple(Guess(ours, header, why) for ours, header in HEADERS.items() if ours in table)
    n = len(table)
    return StudyLayer(
        "facilities 1", table, LayerReport("s.xlsx", "XLSX", "", n, n, (), guesses, "", None, None, ())
    )


def planned(layer: StudyLayer) -> list[bool]:
    status = layer.table.get("status", pd.Series(None, index=layer.table.index, dtype=object))
    return [text == "规划" for text in status]


@pytest.mark.parametrize(
    "columns",
    [
        {"opened_year": [1998, 2026, 2027]},  # the year itself has come
        {"建成年代": ["1998年建成", "2026年建成", "2027年建成"]},
        {"备注": ["", "2019年新建", "2027.12竣工"]},
        {"name": ["甲站", "乙站（2020年建成）", "丙站（2027年建成）"]},
        {"status": ["在用", "在用", "2027年建成"]},
        {"计划建成时间": ["", "2026", "2027年"]},
        {"进展": ["", "", "预计2030年投入使用"]},
        {"备注": ["", "2026年12月启用", "力争2027年底前建成"]},
        {"计划建成时间": ["", "20261231", "20271231"]},  # dates as files have them
        {"计划建成日期": ["", "2026-12-31 00:00:00", "2027-01-01 00:00:00"]},
        {"计划竣工": ["", "2026/6", "2027/6"]},
        {"计划建成年": [None, 2026, 2027]},  # numbers of a database
    ],
)
def test_what_opens_after_the_year_is_planned_and_told_with_that_year(columns: dict[str, list[Any]]) -> None:
    settled, (note,) = settle_openings(layer_of(**columns), year=YEAR)
    assert planned(settled) == [False, False, True]
    assert note.key == "study.opens_planned"
    for text in ("1 行按规划计入", "第 4 行", "2026 由 [study] 的 year 设定"):
        assert text in note.say("zh")
    # The way back: the year of the study.
    settled, notes = settle_openings(layer_of(**columns), year=2030)
    assert planned(settled) == [False] * 3
    assert notes == []


@pytest.mark.parametrize(
    "columns",
    [
        {"opened_year": [1998, 2027, 2027], "status": ["在用", "在用", "在建"]},
        {"status": ["在用", "在用，2027年完工", "在建"]},
    ],
)
def test_who_says_to_be_there_counts_and_is_told(columns: dict[str, list[Any]]) -> None:
    settled, (note,) = settle_openings(layer_of(**columns), year=YEAR)
    assert settled.table["status"].tolist() == columns["status"]
    assert note.key == "study.opens_later"
    assert "1 行按现状计入" in note.say("zh")


@pytest.mark.parametrize(
    "columns",
    [
        {"改造时序": ["", "2027年完工"]},
        {"车辆情况": ["", "2027年启用"]},
        {"备注": ["", "训练塔2027年建成"]},  # no word of the station itself
        {"备注": ["", "2028年扩建完工"]},
        {"备注": ["在用", "2028年迁至新址启用"]},
    ],
)
def test_what_another_thing_does_is_told_and_the_row_counts(columns: dict[str, list[Any]]) -> None:
    settled, (note,) = settle_openings(layer_of(**columns), year=YEAR)
    assert planned(settled) == [False, False]
    assert note.key == "study.opens_later"


def test_without_a_year_of_the_study_the_note_says_that_it_is_today_s() -> None:
    year = date.today().year
    _, (note,) = settle_openings(layer_of(opened_year=[year, year + 1]), year=None)
    assert f"{year} 是今天所在的年份" in note.say("zh")


@pytest.mark.parametrize(
    "columns",
    [
        {"电话": ["20271234", "2099"]},
        {"地址": ["2027号", "建成路2099号"]},
        {"备注": ["门前道路2028年通车", "2027年地铁开通"]},  # stations do not open so
        {"opened_year": [float("nan")] * 2},
        {"竣工面积": [2030, 2100.5]},
        {"竣工面积": ["2030", "2100"]},
    ],
)
def test_other_numbers_are_no_years_of_opening(columns: dict[str, list[Any]]) -> None:
    settled, notes = settle_openings(layer_of(**columns), year=YEAR)
    assert notes == []
    assert planned(settled) == [False, False]
