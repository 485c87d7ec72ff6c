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
        ("规划", ["", "", "√", "√", ""], [E_, E_, P, P, E_]),
        ("拟建", ["0", "1", "0", "0", "1"], [E_, P, E_, E_, P]),
        ("是否建成", [1, 1, 0, 1, 1], [E_, E_, P, E_, E_]),
        ("已撤销", ["是", "", "", "", "否"], [C, E_, E_, E_, E_]),
        ("是否完成", ["是", "是", "否", "否", "是"], [E_, E_, P, P, E_]),
        ("是否已竣工", ["是", "否", "是", "", "是"], [E_, P, E_, E_, E_]),
        ("是否通过验收", ["√", "×", "√", "√", "√"], [E_, P, E_, E_, E_]),
        ("是否交付使用", ["是", "是", "否", "是", "是"], [E_, E_, P, E_, E_]),
        ("工程节点", ["竣工", "完工", "未完工", "未开工", "建成"], [E_, E_, P, P, E_]),
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
        ("改造情况", ["", "", "", f"{NEXT_YEAR}年完工", f"{NEXT_YEAR}年竣工"], "study.opens_later"),
        ("name", ["甲站", "新建镇站（新建）", "丙站", "丁站（新建）", "戊站（原规划）"], "study.remarked"),
        # What is said of a part of a station, of a plan for it or of the source of a row is not its status.
        ("训练塔", ["已建", "已建", "已建", "未建", "规划"], "study.remarked"),
        ("改造时序", ["", "", "", "近期", "远期"], "study.remarked"),
        ("规划措施", ["保留", "保留", "保留", "拆除", "撤并"], "study.remarked"),
        ("资料来源", ["现状", "现状", "现状", "规划", "规划"], "study.remarked"),
        ("车辆情况", ["正常", "正常", "正常", "报废", "报废"], "study.remarked"),
        ("是否保留", ["是", "是", "是", "否", "否"], "study.answered_out"),
        ("设施类型", ["消防站", "消防站", "消防站", "专职消防队", "专职队"], "study.brigades"),
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
        ("改建年份", ["2015年", "", "2018年", "", ""]),
        ("建成年代", ["1998年建成", "2001年投用", "", "2005年建成", "1976年"]),
        ("区域", ["建成区", "规划区", "建成区", "规划区", "规划新区"]),
        ("建设单位", ["规划局", "规划和自然资源局", "规划设计院", "消防支队", "区政府"]),
        ("name", ["规划区消防站", "新建镇消防站（新建）", "规划新区站", "甲站", "乙站"]),
        ("类别", ["企业专职消防队", "政府专职队", "一级站", "二级站", "小型站"]),
    ],
)
def test_what_says_nothing_of_the_kind_is_not_told(header: str, cells: list[Any], tmp_path: Path) -> None:
    inputs = read_stations(tmp_path, **{header: cells})
    assert inputs.facilities["status"].tolist() == [E_] * 5
    told = {"study.column_states", "study.remarked", "study.opens_later", "study.brigades"}
    told |= {"study.opens_planned"}
    assert not told & set(notes_of(inputs))


def test_a_brigade_is_not_told_whose_class_says_whose_it_is(tmp_path: Path) -> None:
    kinds = ["消防站", "消防站", "消防站", "消防站", "专职消防队"]
    inputs = read_stations(tmp_path, 设施类型=kinds, 等级=["一级", "一级", "二级", "二级", "企业专职"])
    assert inputs.facilities["station_class"].iloc[-1] == "enterprise"
    assert "study.brigades" not in notes_of(inputs)


def test_what_has_moved_away_is_closed(tmp_path: Path) -> None:
    inputs = read_stations(tmp_path, 状态=["在用", "在用", "已搬迁", "迁走", "已搬迁（2021年）"])
    assert inputs.facilities["status"].tolist() == [E_, E_, C, C, C]
    assert "3 行不算现状" in notes_of(inputs)["study.own_statuses"]
