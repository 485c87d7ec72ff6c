"""What targets lack, in the words of the reader and under headers that a table is read by."""

from __future__ import annotations

import re
import tomllib

import pandas as pd
import pytest

from geo.plans import LAYERS, TARGET_COLUMNS, Facts, evaluate, list_plans, load_plan, tell_needs
from geo.plans.needs import write_needs
from geo.words import data_dir

PEOPLE = pd.Series([1000.0])
STATIONS = pd.DataFrame({"name": ["甲站"], "status": ["existing"], "station_class": [None], "staff": [None]})


@pytest.mark.parametrize("plan", list_plans())
@pytest.mark.parametrize("layers", [{}, dict.fromkeys(LAYERS, ())], ids=["no layer", "no column"])
def test_what_is_missing_is_told_without_a_foreign_word(
    plan: str, layers: dict[str, tuple[str, ...]]
) -> None:
    facts = Facts(layers=layers, people=PEOPLE, stations=STATIONS, served=pd.Series(dtype=float))
    table = evaluate(load_plan(plan), facts)
    assert tuple(table.columns) == TARGET_COLUMNS
    lacking = table[table["status"] == "no data"]
    assert len(lacking) > 0
    for needs, evidence in zip(lacking["needs"], lacking["evidence_zh"], strict=True):
        told = tell_needs(needs, lang="zh")
        assert re.findall("[A-Za-z]+", told) == []
        assert evidence == f"无数据：缺少 {told.replace('；', '、')}。"
    assert re.findall("[\u3000-\u9fff]", "".join(lacking["evidence_en"])) == []


def test_the_word_for_a_column_is_a_header_that_a_table_is_read_by() -> None:
    """Who adds a column of that name to her table has given what was missing."""
    headers, words = (
        tomllib.loads((data_dir() / file).read_text(encoding="utf-8"))
        for file in ("standards/headers.toml", "words/plans.toml")
    )
    targets = [target for plan in list_plans() for target in load_plan(plan).targets]
    asked = {column for target in targets for columns in target.layers.values() for column in columns}
    labels = {key.removeprefix("column_"): text["zh"] for key, text in words.items() if "column_" in key}
    assert asked <= set(labels)
    for name, label in labels.items():
        column = next((each for each in headers if name == each or name.endswith(f"_{each}")), None)
        if name != "base_year":
            assert label in headers[column or name]["headers"], name


@pytest.mark.parametrize(
    ("needs", "zh", "en"),
    [
        ((("shelters", ""),), "避难场所", "shelters"),
        ((("hydrants", "colour (1 / 2)"),), "消火栓（colour，缺 1 / 2）", "hydrants (colour (1 / 2))"),
        ((("hydrants", "<script>alert"),), "消火栓（<script>alert）", "hydrants (<script>alert)"),
        ((("depots", "level (3 / 40)"),), "物资库（储备级别，缺 3 / 40）", "depots (level (3 / 40))"),
        ((("stations", "status = existing"),), "消防站（状态 = 现状）", "fire stations (status = existing)"),
        (
            (("people", "people > 0"), ("hazards", "")),
            "人口（人口 > 0）；灾害区",
            "people (people > 0); hazard areas",
        ),
        # What the checks of shelters write.
        ((("built_up", ""),), "建成区", "built-up areas"),
        (
            (("shelters", "places (3)"), ("shelters", "level (4)")),
            "避难场所（容纳人数，缺 3）；避难场所（避难等级，缺 4）",
            "shelters (places (3)); shelters (level (4))",
        ),
        # Names of stations stand in the brackets, with the comma that names have between them.
        (
            (("stations", "station_class (North, level)"), ("roads", "(2 / 5)")),
            "消防站（消防站类别，缺 North, level）；道路（2 / 5）",
            "fire stations (station_class (North, level)); roads (2 / 5)",
        ),
    ],
)
def test_needs_are_told_as_they_were_written(needs: tuple[tuple[str, str], ...], zh: str, en: str) -> None:
    assert (tell_needs(write_needs(needs), lang="zh"), tell_needs(write_needs(needs), lang="en")) == (zh, en)
