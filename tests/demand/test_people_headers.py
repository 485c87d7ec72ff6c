"""Headers that say staff or a part of the people are told from those of everybody."""

from __future__ import annotations

import pytest

from geo.demand import counts_households, part_of_people
from geo.layers._headers import all_kinds


@pytest.mark.parametrize(
    "header",
    [
        "人员数",
        "编制人数",
        "工作人员",
        "职工",
        "职工人数（人）",
        "从业人员数",
        "在岗人数",
        "staff",
        "Number of employees",
    ],
)
def test_staff_is_no_people(header: str) -> None:
    assert part_of_people(header) == "staff"


@pytest.mark.parametrize(
    "header",
    [
        "60岁以上人口",
        "65岁及以上",
        "流动人口",
        "外来人口数",
        "非户籍人口",
        "党员人数",
        "常住老年人口",
        "男",
        "women",
        "children_0_14",
        "residents over 60",
        "people over 65",
        "persons_over_60",
        "60+",
        "65及以上",
        "0-14",
        "pop_20_59",
        "pop60p",
        "其中：60+",
        "其中：户籍",
        "常住人口（其中：外来人口）",
        "of whom women",
    ],
)
def test_a_part_is_not_everybody(header: str) -> None:
    assert part_of_people(header) == "some"


@pytest.mark.parametrize(
    "header",
    [
        "2024年末常住人口",
        "总人口（含流动人口）",
        "常住和流动人口",
        "常住人员",
        "实有人口",
        "和平村人口",
        "人数",
        "inhabitants",
        "人口（万人）",
        "2020年人口",
        "pop2020",
        "常住人口（2020-2021）",
        "常住人口2020-12",
        "2020-11-01常住人口",
        "总人口23-12-31",
        "人口（2020.11.01-2020.12.31）",
        "1-12月人口",
        "总人口（含65+）",
        "人口2020+",
        "规划区人口",
    ],
)
def test_everybody_is_everybody(header: str) -> None:
    assert part_of_people(header) == ""


def test_no_usual_header_of_people_is_a_part() -> None:
    """Those of the list are taken without a question."""
    assert [header for header in all_kinds()["people"].headers if part_of_people(header)] == []


@pytest.mark.parametrize(
    "header", ["户数", "总 户 数（户）", "常住户", "户籍户", "户数2024", "HH", "households"]
)
def test_households_are_no_people(header: str) -> None:
    assert counts_households(header)


@pytest.mark.parametrize(
    "header", ["户籍人口", "户 籍 人 口", "常住户籍人口", "农户人口", "户内人数", "人口（户籍）", "入户人口"]
)
def test_the_people_of_households_are_people(header: str) -> None:
    assert not counts_households(header)


@pytest.mark.parametrize("header", ["总人口（不分男女）", "男女总人口", "population (men and women)"])
def test_men_and_women_together_are_everybody(header: str) -> None:
    assert part_of_people(header) == ""


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("规划人口", "expected"),
        ("人口（规划）", "expected"),
        ("2035年预测人口", "expected"),
        ("旅游人口", "visitors"),
        ("最大瞬时人口", "visitors"),
        ("服务人口", "served"),
        ("population served", "served"),
    ],
)
def test_who_is_expected_visits_or_is_served_need_not_live_there(header: str, part: str) -> None:
    assert part_of_people(header) == part
