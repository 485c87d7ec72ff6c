"""The projects of a plan: what is planned counts as built, nothing counts twice, and the change is told.

Paper Town (see ``tests/studies.py``): 2,050 people; station A exists, P is planned at (6000, 0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from geo.errors import StudyError
from geo.plans import copy_plan, load_plan
from geo.schema import FACILITY_KINDS, check_facilities
from geo.study import Inputs, read_inputs, run_study
from geo.study.projects import (
    COMPARED_COLUMNS,
    absent_stations,
    build_projects,
    compare_targets,
    wanted_projects,
)
from geo.words import LANGS, say
from tests.studies import CRS, frame, points, town_study


def plan_of(folder: Path) -> str:
    """Copy the Jinshan plan with the value of its first target changed: 2,050 people make 0.205."""
    copy_plan("paper", folder / "paper.toml", source="jinshan")
    text = (folder / "paper.toml").read_text(encoding="utf-8").replace("value = 12", "value = 0.15", 1)
    (folder / "paper.toml").write_text(text, encoding="utf-8")
    return "paper.toml"


def inputs_of(folder: Path, **changes: Any) -> Inputs:
    inputs = read_inputs(town_study(folder, **changes))
    short = [place.rsplit("-", 1)[-1] for place in inputs.facilities.index]
    return replace(inputs, facilities=inputs.facilities.set_axis(short).rename_axis("facility_id"))


def test_a_planned_station_turns_a_missed_target_into_a_met_one(tmp_path: Path) -> None:
    # At most 0.15 x 10,000 people a station: 2,050 / 1 = 0.205 misses it, 2,050 / 2 = 0.1025 meets it.
    study = town_study(tmp_path, study={"plan": plan_of(tmp_path)}, projects={})
    result = run_study(study)
    finding = result.findings["targets_compared"]
    row = finding.table.loc["JS-1"]
    assert (row["today_status"], row["with_status"], row["flips"]) == ("missed", "met", "met")
    assert [row["today"], row["with_projects"], row["change"]] == pytest.approx([0.205, 0.1025, -0.1025])
    assert finding.figures["n_missed_to_met"] == 1
    assert finding.figures["n_projects"] == 1
    # The district as it stands is told as before.
    assert result.targets is not None
    assert result.targets.loc["JS-1", "status"] == "missed"
    assert finding.table.index.equals(result.targets.index)
    assert finding.table.columns.tolist() == list(COMPARED_COLUMNS)


def test_a_target_without_data_stays_without_data(tmp_path: Path) -> None:
    study = town_study(tmp_path, study={"plan": "jinshan"}, projects={})
    row = run_study(study).findings["targets_compared"].table.loc["JS-2"]
    assert (row["today_status"], row["with_status"], row["flips"]) == ("no data", "no data", "")
    assert np.isnan(row["change"])


def test_without_the_section_nothing_is_compared(tmp_path: Path) -> None:
    assert "targets_compared" not in run_study(town_study(tmp_path, study={"plan": "jinshan"})).findings


def test_projects_without_a_plan_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="name one in"):
        run_study(town_study(tmp_path, projects={}))


def test_the_year_is_the_plans_target_year_unless_the_study_says_another(tmp_path: Path) -> None:
    for section, year in (({}, 2025), ({"opened_year": 2023}, 2023)):
        study = town_study(tmp_path, study={"plan": "jinshan"}, projects=section)
        places = run_study(study).findings["projects_built"].table
        assert places["opened_year"].tolist() == [year]
        assert places["name"].tolist() == ["East Fire Station"]


def test_the_same_study_gives_the_same_comparison(tmp_path: Path) -> None:
    study = town_study(tmp_path, study={"plan": "jinshan"}, projects={})
    one, other = (run_study(study).findings["targets_compared"].table for _ in range(2))
    assert_frame_equal(one, other)


def test_what_is_planned_exists_and_the_rest_stays(tmp_path: Path) -> None:
    inputs = inputs_of(tmp_path)
    before = inputs.facilities.copy()
    built = build_projects(inputs, opened_year=2025)
    assert built.inputs.facilities["status"].to_dict() == {"A": "existing", "C": "closed", "P": "existing"}
    assert built.inputs.facilities.loc["P", "opened_year"] == 2025
    assert pd.isna(built.inputs.facilities.loc["A", "opened_year"])
    assert built.counted.index.tolist() == ["P"]
    assert_frame_equal(inputs.facilities, before)
    assert built.inputs.network is inputs.network
    check_facilities(built.inputs.facilities)


def test_a_rebuilt_station_counts_once(tmp_path: Path) -> None:
    inputs = inputs_of(tmp_path)
    rows = inputs.facilities
    # P is to be A rebuilt; a shelter of that name is something else.
    shelter = rows.loc[["A"]].assign(kind="shelter").rename(index={"A": "S"})
    rows = gpd.GeoDataFrame(
        pd.concat([rows.assign(name=rows["name"].where(rows.index != "P", rows.at["A", "name"])), shelter]),
        crs=rows.crs,
    )
    built = build_projects(replace(inputs, facilities=rows), opened_year=2025)
    status = built.inputs.facilities["status"]
    assert status.to_dict() == {"A": "closed", "C": "closed", "P": "existing", "S": "existing"}
    assert built.replaced.index.tolist() == ["A"]


def test_a_name_that_many_bear_rebuilds_none_of_them(tmp_path: Path) -> None:
    # Hydrants are often all called "hydrant": one planned hydrant must not close the existing ones.
    inputs = inputs_of(tmp_path)
    row = inputs.facilities.loc[["A"]].assign(kind="hydrant", name="hydrant")
    rows = gpd.GeoDataFrame(
        pd.concat(
            [
                row.rename(index={"A": "H1"}),
                row.rename(index={"A": "H2"}),
                row.assign(status="planned").rename(index={"A": "N1"}),
            ]
        ),
        crs=row.crs,
    )
    built = build_projects(replace(inputs, facilities=rows), opened_year=2025)
    assert built.inputs.facilities["status"].tolist() == ["existing"] * 3
    assert built.replaced.empty
    assert built.n_shared == 1
    # Nor do two planned ones of one name rebuild the only one there is.
    two = rows.rename(index={"H2": "N2"}).assign(status=["existing", "planned", "planned"])
    assert build_projects(replace(inputs, facilities=two), opened_year=2025).replaced.empty


def test_stations_without_a_name_replace_nothing(tmp_path: Path) -> None:
    inputs = inputs_of(tmp_path)
    built = build_projects(replace(inputs, facilities=inputs.facilities.assign(name=None)), opened_year=2025)
    assert built.replaced.empty


@pytest.mark.parametrize(
    ("wanted", "proposed", "taken", "short"),
    [
        (3, 5, 3, {}),  # the best three of five
        (5, 5, 5, {}),
        (6, 5, 5, {"hydrant": 1}),
        (2, 0, 0, {"hydrant": 2}),
    ],
)
def test_proposed_hydrants_are_taken_in_their_order(
    tmp_path: Path, wanted: int, proposed: int, taken: int, short: dict[str, int]
) -> None:
    inputs = inputs_of(tmp_path)
    places = frame(points(*((100.0 * i, 0.0) for i in range(proposed)))) if proposed else None
    offered = {} if places is None else {"hydrant": places}
    built = build_projects(inputs, opened_year=2024, wanted={"hydrant": wanted}, proposed=offered)
    hydrants = built.inputs.facilities[built.inputs.facilities["kind"] == "hydrant"]
    assert len(hydrants) == taken
    assert built.short == short
    if taken and places is not None:
        assert hydrants.geometry.tolist() == places.geometry.tolist()[:taken]
        assert set(hydrants["opened_year"]) == {2024}
        assert hydrants["is_working"].all()
    assert len(built.counted) == taken + 1
    check_facilities(built.inputs.facilities)


PROPOSED = {"hydrant": frame(points((0, 0), (100, 0)))}


def test_planned_rows_count_before_proposed_ones(tmp_path: Path) -> None:
    inputs = inputs_of(tmp_path)
    planned = inputs.facilities.loc[["P"]].assign(kind="hydrant", name=None).rename(index={"P": "H1"})
    rows = gpd.GeoDataFrame(pd.concat([inputs.facilities, planned]), crs=CRS)
    built = build_projects(
        replace(inputs, facilities=rows),
        opened_year=2025,
        wanted={"hydrant": 2},
        proposed=PROPOSED,
    )
    assert built.counted.index.tolist() == ["P", "H1", "proposed hydrant 1"]
    assert built.counted["name"].tolist()[1:] == [None, "proposed hydrant 1"]
    again = build_projects(
        built.inputs, opened_year=2026, wanted={"hydrant": 1}, proposed=PROPOSED, lang="en"
    )
    assert again.counted.index.tolist() == ["proposed hydrant 1 (2026)"]
    told = build_projects(inputs, opened_year=2025, wanted={"hydrant": 1}, proposed=PROPOSED, lang="zh")
    assert told.counted.index.tolist() == ["P", "建议消火栓 1"]


def compared(values: Sequence[tuple[float, str]], after: Sequence[tuple[float, str]]) -> list[str]:
    def table(rows: Sequence[tuple[float, str]]) -> pd.DataFrame:
        told = {"name_zh": "x", "name_en": "x", "comparator": ">=", "target": 1.0, "unit": "stations"}
        return pd.DataFrame(rows, columns=["value", "status"]).assign(**told)

    return compare_targets(table(values), table(after))["flips"].tolist()


def test_a_target_flips_between_met_and_missed_only() -> None:
    nan = float("nan")
    before = [(0, "missed"), (1, "met"), (1, "met"), (nan, "no data"), (0, "missed"), (0, "missed")]
    after = [(1, "met"), (0, "missed"), (2, "met"), (1, "met"), (0, "missed"), (nan, "not computed")]
    assert compared(before, after) == ["met", "missed", "", "", "", ""]


def test_what_opened_after_the_base_year_is_made_already(tmp_path: Path) -> None:
    # The plan asks for 600 hydrants and 180 water points. Of three hydrants one opened in 2020, the base
    # year, one in 2021, and one of 2022 is closed: 599 are to come.
    rows = inputs_of(tmp_path).facilities.assign(
        kind="hydrant", status=["existing", "closed", "existing"], opened_year=[2020.0, 2022.0, 2021.0]
    )
    plan = load_plan("chongming")
    assert wanted_projects(plan, rows, base_year=2020) == {"hydrant": 599, "water_point": 180}
    assert wanted_projects(plan, rows, base_year=2019) == {"hydrant": 598, "water_point": 180}
    assert wanted_projects(plan, rows, base_year=None) == {"hydrant": 600, "water_point": 180}
    assert wanted_projects(load_plan("shanghai"), rows, base_year=2020) == {}


def test_no_fewer_than_none_are_to_come(tmp_path: Path) -> None:
    rows = inputs_of(tmp_path).facilities
    many = gpd.GeoDataFrame(pd.concat([rows] * 3, ignore_index=True), crs=CRS)
    many = many.assign(kind="gas_repair", status="existing", opened_year=2023.0)
    assert wanted_projects(load_plan("songjiang"), many, base_year=2020) == {"gas_repair": 0}


def test_stations_of_the_plan_that_no_layer_has_are_named(tmp_path: Path) -> None:
    rows = inputs_of(tmp_path).facilities.assign(name=["圆沙消防站", "岱山站", "陈家镇小型站"])
    # C, which is closed, is no 岱山.
    assert absent_stations(load_plan("chongming"), rows) == ("岱山",)


def test_the_study_s_base_year_holds_with_the_projects_too(tmp_path: Path) -> None:
    places = frame(points((0, 0)), name=["G"], opened_year=[2022], status=["existing"])
    places.to_file(tmp_path / "gas.gpkg")
    layers = [{"path": "stations.gpkg"}, {"path": "gas.gpkg", "kind": "gas_repair"}]
    for base_year, n in ((2021, 1), (2022, 0)):
        study = town_study(
            tmp_path,
            study={"plan": "songjiang"},
            facilities=layers,
            projects={"base_year": base_year},
        )
        row = run_study(study).findings["targets_compared"].table.loc["SJ-4"]
        assert (row["today"], row["with_projects"]) == (n, n)


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_short_and_assumed_is_said(tmp_path: Path, lang: Any) -> None:
    study = town_study(
        tmp_path, study={"plan": "jinshan"}, projects={"hydrants": 60, "water_points": 3, "base_year": 2019}
    )
    finding = run_study(study).findings["targets_compared"]
    keys = [note.key.removeprefix("study.projects_") for note in finding.notes]
    assert keys == ["assumed", "short_hydrant", "short_water_point", "absent"]
    told = " ".join(note.say(lang) for note in finding.notes)
    assert "60" in told
    assert "2025" in told
    for column in finding.table.reset_index():
        assert say(f"study.column_{column}", lang=lang)
    for kind in FACILITY_KINDS:
        assert kind == "fire_station" or say(f"study.projects_short_{kind}", lang=lang, n=1)
        assert say(f"study.class_{kind}", lang=lang)
