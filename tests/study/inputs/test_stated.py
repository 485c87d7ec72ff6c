"""What says under any header that a facility is not there: it counts where plain, else it is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geo.study import Inputs, read_inputs
from tests.studies import VILLAGES, lonlat, town_study

NEXT_YEAR = date.today().year + 1
E_, P, C = "existing", "planned", "closed"


def read_stations(folder: Path, **columns: list[Any]) -> Inputs:
    """Read five stations with further columns."""
    table = pd.DataFrame(lonlat(*VILLAGES.values()), columns=["lon", "lat"])
    table.assign(**{"name": list(VILLAGES), **columns}).to_csv(folder / "s.csv", index=False)
    return read_inputs(town_study(folder, facilities=[{"path": "s.csv", "crs": "EPSG:4326"}]))


def notes_of(inputs: Inputs) -> dict[str, str]:
    return {note.key: note.say("zh") for section, note in inputs.notes if section == "facilities 1"}


@pytest.mark.parametrize(
    ("header", "cells", "statuses"),
    [
        ("建成状态", ["现有", "现有", "现有", "规划", "规划"], [E_, E_, E_, P, P]),
        ("现状或规划", ["现状", "现状", "在建", "规划", ""], [E_, E_, P, P, E_]),
        ("规划性质", ["现状保留", "现状", "规划新增", "拟建", "现状"], [E_, E_, P, P, E_]),
        ("实施时序", ["已建成", "已建", "近期", "远期", "已建"], [E_, E_, P, P, E_]),
        ("STAT", ["existing", "existing", "planned", "closed", "existing"], [E_, E_, P, C, E_]),
        ("备用字段", ["", "", "", "已撤销", "规划"], [E_, E_, E_, C, P]),
        (
            "name",
            ["甲站", "乙站[规划]", "丙站（在建）", "丁站（已撤销）", "戊站（一级站）"],
            [E_, P, P, C, E_],
        ),
        ("是否建成", ["是", "是", "否", "是", "是"], [E_, E_, P, E_, E_]),
        ("是否投用", ["是", "√", "否", "是", ""], [E_, E_, C, E_, E_]),
        ("是否规划", ["否", "否", "是", "否", "是"], [E_, E_, P, E_, P]),
    ],
)
def test_a_column_of_nothing_but_statuses_counts_under_any_header(
    header: str, cells: list[str], statuses: list[str], tmp_path: Path
) -> None:
    inputs = read_stations(tmp_path, **{header: cells})
    assert inputs.facilities["status"].tolist() == statuses
    told = notes_of(inputs)["study.column_states"]
    assert header in told
    assert f"{sum(status != E_ for status in statuses)} 行不算现状" in told
    # The way out: a column of statuses says otherwise, and goes before it.
    inputs = read_stations(tmp_path, **{header: cells, "状态": ["在用"] * 5})
    assert inputs.facilities["status"].tolist() == [E_] * 5
    assert "study.column_states" not in notes_of(inputs)


@pytest.mark.parametrize(
    ("header", "cells", "key"),
    [
        ("建设性质", ["现状", "改建", "现状", "新建", "新建"], "study.remarked"),
        ("类别", ["一级站", "二级站", "小型站", "规划二级站", "规划小型站"], "study.remarked"),
        ("name", ["甲站", "乙站", "丙站", "拟建丁站", "规划戊站"], "study.remarked"),
        ("是否已建", ["√", "√", "√", "", ""], "study.asked_blank"),
        ("建设年份", [2001, 2005, 2012, NEXT_YEAR, NEXT_YEAR + 1], "study.opens_later"),
    ],
)
def test_what_may_say_so_is_told_with_its_rows_and_the_row_counts(
    header: str, cells: list[Any], key: str, tmp_path: Path
) -> None:
    inputs = read_stations(tmp_path, **{header: cells})
    assert inputs.facilities["status"].tolist() == [E_] * 5
    told = notes_of(inputs)[key]
    assert all(text in told for text in ("2 行", "5, 6"))


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("产权", ["自有", "租用", "自有", "自有", "租用"]),
        ("地址", ["规划路1号", "新建路2号", "规划二路", "运行路", "停车场旁"]),
        ("name", ["规划路消防站", "新建村消防站", "规划馆站", "甲站", "乙站"]),
        ("建设年份", [1999, 2001, 2005, 2010, 2012]),
        ("是否有人", ["是", "否", "是", "是", "否"]),
    ],
)
def test_what_says_nothing_of_the_kind_is_not_told(header: str, cells: list[Any], tmp_path: Path) -> None:
    inputs = read_stations(tmp_path, **{header: cells})
    assert inputs.facilities["status"].tolist() == [E_] * 5
    assert not {"study.column_states", "study.remarked", "study.opens_later"} & set(notes_of(inputs))
