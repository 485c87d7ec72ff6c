"""Tables of a notebook in the language of its reader."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

import geo
from geo.errors import InputError
from geo.findings import Finding
from tests.studies import frame, points

STATIONS = gpd.GeoDataFrame(
    frame(
        points((0, 0), (100, 0)), name=["West", "East"], status=["existing", "planned"], mean_s=[312.4, None]
    ),
).set_index(pd.Index(["F1", "F2"], name="facility_id"))


def test_headings_and_codes_are_in_the_language_of_the_reader() -> None:
    told = geo.readable(STATIONS, lang="zh")
    assert told.columns.tolist() == ["名称", "状态", "平均响应时间（秒）"]
    assert told["状态"].tolist() == ["现状", "规划"]
    assert told.index.name == "编号"
    assert told.index.tolist() == ["F1", "F2"]  # the planner's own ids
    assert told["平均响应时间（秒）"].iloc[0] == 312.4
    assert geo.readable(STATIONS, ["mean_s"], lang="en").columns.tolist() == ["Mean response (s)"]
    assert STATIONS.columns.tolist() == [
        "name",
        "status",
        "mean_s",
        "geometry",
    ]  # nothing is changed in place


def test_a_finding_brings_its_own_words_and_texts_of_two_languages_become_one() -> None:
    table = pd.DataFrame({"name_zh": ["镇"], "name_en": ["Town"], "answering": ["A"]})
    finding = Finding("outage_answers", "scenarios", table)
    assert geo.readable(finding, ["name", "answering"], lang="zh").to_numpy().tolist() == [["镇", "A"]]
    assert geo.readable(finding, lang="zh").columns.tolist() == ["名称", "应答的站"]


def test_people_outside_all_zones_are_called_so_in_the_index_too() -> None:
    table = pd.DataFrame({"people": [5.0]}, index=pd.Index(["outside all zones"], name="zone_id"))
    assert geo.readable(table, lang="zh").index.tolist() == ["各分区以外"]


def test_a_column_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(InputError, match=r"no column speed; it has name, status, mean_s") as told:
        geo.readable(STATIONS, ["name", "speed"], lang="en")
    assert "没有列 speed" in told.value.say("zh")
