"""Classes of fire stations under any header, such as the initials of a survey."""

from __future__ import annotations

import pandas as pd
import pytest

from geo.conditions import find_word
from geo.layers import LayerReport
from geo.study.inputs.log import StudyLayer
from geo.study.inputs.station_classes import settle_classes
from geo.words import word_lists


def layer_of(header: str, cells: list[str | None]) -> StudyLayer:
    table = pd.DataFrame({"name": list("甲乙丙丁"), header: cells}, index=range(2, 6))
    return StudyLayer("facilities 1", table, LayerReport("s.gdb", "", "", 4, 4, (), (), "", None, None, ()))


def test_a_column_of_nothing_but_classes_counts_and_is_told() -> None:
    settled, (note,) = settle_classes(layer_of("LB", ["特勤站", "一级", None, "战勤保障站"]))
    assert settled.table["station_class"].tolist() == ["特勤站", "一级", None, "战勤保障站"]
    assert "“LB”列写的是消防站等级" in note.say("zh")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("耐火等级", ["一级", "二级", "一级", "二级"]),  # of the building
        ("LB", ["特勤站", "一级站", "水上站", "二级站"]),  # one is none
        ("车辆类型", ["特勤", "特勤", "普通一级", "小型"]),  # of its engines
        ("LB", ["特勤站", None, None, None]),
    ],
)
def test_a_column_of_anything_else_is_none(header: str, cells: list[str | None]) -> None:
    layer = layer_of(header, cells)
    assert settle_classes(layer) == (layer, [])


def test_what_a_column_of_classes_says_goes_first() -> None:
    layer = layer_of("LB", ["特勤站", "一级站", "小型站", "二级站"])
    layer.table["station_class"] = ["一级", None, None, None]
    assert settle_classes(layer)[1] == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("特勤一级站", "special"),
        ("一级特勤", "special"),
        ("战保站", "logistics"),
        ("企业一级专职队", "enterprise"),
        ("乡镇二级专职消防队", "government"),
        ("小型普通消防站", "small"),
        ("街镇小型站", "small"),
        ("乡镇志愿消防队", None),  # no full-time brigade
        ("一级普通消防站", "first"),
        ("Ⅱ级", "second"),
    ],
)
def test_the_whose_goes_before_the_number_of_a_class(text: str, meant: str | None) -> None:
    assert find_word(text, word_lists("facility")["station_class"]) == meant
