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


def test_figures_flags_and_groups_are_told_in_words() -> None:
    told = geo.readable({"gain_people": 14204.0, "median_saved_s": 61.0}, lang="zh", words="scenarios")
    assert told["数值"].to_dict() == {"新增达标人口": 14204.0, "加快者缩短的时间（秒，中位数）": 61.0}
    groups = pd.DataFrame({"people": [5.0], "is_over": [True]}, index=pd.Index(["gains"], name="change"))
    told = geo.readable(groups, lang="zh", words="scenarios")
    assert told.reset_index().to_numpy().tolist() == [["新增达标（时限内到达）", 5.0, "是"]]
    ranged = pd.DataFrame({"low": [1.0, 2.0]}, index=["people_covered", "mean_s"])
    told = geo.readable(ranged, lang="zh", words="uncertainty")
    assert told.index.tolist() == ["及时人口", "平均响应时间（秒，可到达的人口）"]
    ids = geo.readable(ranged.set_axis(["P1", "people_covered"]), lang="zh", words="uncertainty")
    assert ids.index.tolist() == ["P1", "people_covered"]  # not all are figures: they are ids
    with pytest.raises(InputError, match="no column none"):
        geo.readable({"gain_people": 1.0}, ["none"], lang="en", words="scenarios")


def test_a_column_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(InputError, match=r"no column speed; it has name, status, mean_s") as told:
        geo.readable(STATIONS, ["name", "speed"], lang="en")
    assert "没有列 speed" in told.value.say("zh")
