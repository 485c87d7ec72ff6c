"""A town whose engine may be out: by Erlang's formula, by hand, and call by call.

The town of ``tests/studies.py``: one station with one engine, 2,000 people on its roads, 50 on an island.
With 43,800 calls a year for 10,000 people the 2,000 call 2,000 x 4.38 = 8,760 times a year: once an hour.
A call takes an hour, so the load is 1 and the engine is out 1 / (1 + 1) = half of the time (Erlang B).
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from geo.availability import erlang_loss
from geo.coverage import summary
from geo.errors import StudyError
from geo.study import (
    Study,
    StudyResult,
    assess,
    assess_scenario,
    change_inputs,
    check_study,
    parse_study,
    read_inputs,
    report_simulation,
    simulate_study,
)
from geo.study.settings import TODAY, CloseRoadsSpec, ScenarioSpec
from tests.outputs.test_fields import rows_of, told
from tests.studies import changed, town_study, write_town

HOURLY = {"calls_per_year_per_10000": 43_800.0, "service_min": 60.0}


def found(study: Study) -> StudyResult:
    return assess(study, read_inputs(study), draw_areas=False)


def figures(result: StudyResult) -> dict[str, float]:
    return dict(result.findings["availability"].figures)


def with_crews(folder: Path, crews: list[float], **availability: Any) -> Study:
    """Give the town with engines in a column of its stations."""
    sections = changed(write_town(folder), availability=availability or HOURLY)
    stations = gpd.read_file(folder / "stations.gpkg").assign(**{"车辆数": crews})
    stations.to_file(folder / "stations.gpkg")
    return parse_study(sections, folder=folder)


def test_without_the_section_nothing_is_said(tmp_path: Path) -> None:
    assert not [name for name in found(town_study(tmp_path)).findings if name.startswith("availability")]


def test_no_load_is_static_coverage_to_the_person(tmp_path: Path) -> None:
    result = found(town_study(tmp_path, availability={"calls_per_year_per_10000": 0.0}))
    people = summary(result.coverage)["people_covered"]
    assert people == 1300.0
    assert figures(result)["people_in_time"] == figures(result)["people_in_time_if_free"] == people
    table = result.findings["availability"].table
    assert (table["share_in_time"] == result.coverage.table["is_covered"]).all()
    assert (table["expected_s"].to_numpy() == result.coverage.table["first_s"].to_numpy()).all()


def test_one_engine_is_out_half_of_the_time(tmp_path: Path) -> None:
    result = found(town_study(tmp_path, availability=HOURLY))
    place = result.findings["availability"].table.set_index("name")
    # v1 and v3 find it in half of the time, v2 and v4 are late anyway, nobody ever comes to v5
    assert place["share_in_time"].round(9).tolist() == [0.5, 0.0, 0.5, 0.0, 0.0]
    assert place["share_lost"].round(9).tolist() == [0.5, 0.5, 0.5, 0.5, 0.0]
    assert place["share_unreached"].tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]  # an engine more helps nobody there
    assert place["class"].tolist() == [
        "chance_50",
        "chance_none",
        "chance_50",
        "chance_none",
        "chance_none",
    ]
    station = result.findings["availability_stations"].table.loc["A"]
    assert station["share_busy"] == pytest.approx(0.5)
    assert station["calls_per_year"] == pytest.approx(4380.0)  # half of the 8,760 that it could go to
    told_by_town = result.findings["availability_towns"].table.set_index("zone")
    assert told_by_town.loc["West", "people_in_time"] == pytest.approx(650.0)  # (1000 + 300) / 2
    assert told_by_town.loc["West", "people_in_time_if_free"] == 1300.0
    got = figures(result)
    assert got["calls_per_year"] == pytest.approx(2050 * 4.38)
    assert got["lost_per_year"] == pytest.approx(4380)  # half of the 8,760 calls that can be reached
    assert got["unreached_per_year"] == pytest.approx(219)  # 50 people x 4.38
    assert got["lost_share"] + got["unreached_share"] == pytest.approx((4380 + 219) / (2050 * 4.38))
    assert got["people_in_time"] == pytest.approx(650.0)


def test_two_engines_of_the_list_are_lost_as_erlang_says(tmp_path: Path) -> None:
    result = found(with_crews(tmp_path, [2, 1, 1]))
    assert result.findings["availability_stations"].table["crews"].tolist() == [2]
    # load 1 on two engines: (1 / 2) / (1 + 1 + 1 / 2) = 0.2
    place = result.findings["availability"].table.set_index("name")
    assert place.loc["v1", "share_lost"] == pytest.approx(0.2)
    keys = [note.key for note in result.findings["availability"].notes]
    assert "availability.note_crews_told" in keys
    assert "availability.note_crews_assumed" not in keys


def test_endless_load_is_erlangs_loss(tmp_path: Path) -> None:
    rate = {"calls_per_year_per_10000": 1e6, "service_min": 60.0, "crews": 3}
    got = figures(found(town_study(tmp_path, availability=rate)))
    load = 2000 * 100 / 8760
    lost = erlang_loss(3, load)
    assert got["people_in_time"] == pytest.approx(1300 * (1 - lost))
    assert lost > 0.85


@pytest.mark.parametrize("crews", [0.0, 1.5])
def test_a_station_without_a_whole_engine_is_named(tmp_path: Path, crews: float) -> None:
    study = with_crews(tmp_path, [crews, 1, 1])
    with pytest.raises(StudyError, match=r"\[availability\].*West Fire Station"):
        found(study)
    told_by_check = check_study(study, lang="zh")
    assert any("车辆" in error.say("zh") for error in told_by_check.errors)


def test_calls_of_a_column_count_where_they_are(tmp_path: Path) -> None:
    sections = changed(write_town(tmp_path), availability={"calls_column": "calls", "calls_source": "119"})
    villages = gpd.read_file(tmp_path / "villages.gpkg").assign(calls=[0.0, 876.0, np.nan, 0.0, 0.0])
    villages.to_file(tmp_path / "villages.gpkg")
    result = found(parse_study(sections, folder=tmp_path))
    assert result.findings["availability"].table["calls_per_year"].tolist() == [0.0, 876.0, 0.0, 0.0, 0.0]
    # 0.1 calls an hour, all of them late: 0.1 / 1.1 of them find nobody
    assert figures(result)["lost_share"] == pytest.approx(0.1 / 1.1)
    assert figures(result)["share_in_time_if_free"] == 0.0
    notes = [note.say("en") for note in result.findings["availability"].notes]
    assert any("119" in note for note in notes)
    assert any("empty in 1 places" in note for note in notes)


@pytest.mark.parametrize(
    ("section", "word"),
    [
        ({}, "calls_per_year_per_10000"),
        ({"calls_per_year_per_10000": 1.0, "calls_column": "x"}, "one of them"),
        ({**HOURLY, "crews": 0}, "crews"),
        ({**HOURLY, "hour_shares": [1.0, 2.0]}, "24"),
        ({**HOURLY, "month_shares": [0.0] * 12}, "12"),
        ({**HOURLY, "service_min": 0.0}, "service_min"),
        ({**HOURLY, "force": [{"name": "a", "limit_min": 5}, {"name": "a", "limit_min": 9}]}, "name"),
        ({**HOURLY, "force": [{"name": "a", "limit_min": 5, "risk_from": 2.0, "risk_below": 1.0}]}, "risk"),
    ],
)
def test_a_fault_of_the_section_is_told_before_anything_is_read(
    tmp_path: Path, section: dict[str, Any], word: str
) -> None:
    with pytest.raises(StudyError, match=word):
        town_study(tmp_path, availability=section)


def test_a_column_of_calls_needs_layers_of_points(tmp_path: Path) -> None:
    zones = [{"path": "villages.gpkg", "method": "zones", "people": "heads"}]
    with pytest.raises(StudyError, match="calls_column"):
        town_study(tmp_path, availability={"calls_column": "x"}, demand=zones)


def force_study(folder: Path, **force: Any) -> Study:
    asked = {"name": "two", "limit_min": 8, "n_engines": 2, **force}
    return town_study(
        folder,
        availability={**HOURLY, "force": [asked]},
        response={"standard": "clock.toml", "facility_status": ["existing", "planned"]},
    )


def test_a_force_is_there_with_its_last_engine(tmp_path: Path) -> None:
    result = found(force_study(tmp_path))
    # A at 0 and P at 6,000 m: v1 160 and 60 + 500 = 560 s; v3 300 and 420; v4 460 and 260; v2 360 and 560
    whole = result.findings["availability_force"].table.iloc[0]
    assert whole["people"] == 2050.0
    assert whole["people_in_time"] == 500.0  # v3 420 s and v4 460 s, within 480 s
    assert whole["people_never"] == 50.0
    late = result.findings["availability_force_late"].table.set_index("name")
    assert late["force_s"].to_dict() == {"v1": 560.0, "v2": 560.0, "v5": np.inf}
    assert late["class"].tolist() == ["force_late", "force_late", "force_never"]


def test_firefighters_are_counted_as_far_as_they_are_known(tmp_path: Path) -> None:
    # A has a staff of 4, P says none: four are there with A, five never come together
    four, five = (
        found(force_study(tmp_path, n_engines=1, n_firefighters=n)).findings["availability_force"]
        for n in (4.0, 5.0)
    )
    assert four.table.iloc[0]["people_in_time"] == 2000.0
    assert five.table.iloc[0]["people_never"] == 2050.0
    assert "availability.note_no_staff" in [note.key for note in five.notes]


def test_a_class_of_risk_without_people_is_named(tmp_path: Path) -> None:
    (finding,) = (
        found(force_study(tmp_path, risk_from=2.0)).findings[name] for name in ("availability_force",)
    )
    assert np.isnan(finding.table.iloc[0]["share_people"])
    assert any("two" in note.say("en") for note in finding.notes if note.key == "availability.note_no_risk")


@pytest.mark.parametrize(
    ("scenario", "in_time"),
    [
        # P at 6,000 m: v4 is 2,000 m away, v3 3,600 m: P alone keeps v4's limit
        (ScenarioSpec("built", build=["P"]), "more"),
        (ScenarioSpec("closed", close_roads=[CloseRoadsSpec(name="Side Road")]), "same"),
    ],
)
def test_scenarios_are_compared_by_stations_and_by_roads(
    tmp_path: Path, scenario: ScenarioSpec, in_time: str
) -> None:
    today = found(town_study(tmp_path, availability=HOURLY))
    state = change_inputs(today.study, today.inputs, scenario)
    resources = assess_scenario(today, state, name=scenario.name).resources
    assert resources is not None
    row = resources.loc["availability.people_in_time"]
    assert row["before"] == pytest.approx(650.0)
    anew = assess(today.study, state, draw_areas=False)
    assert row["after"] == pytest.approx(figures(anew)["people_in_time"])
    # with v2 cut off the engine is in for others more often
    assert row["after"] > row["before"], in_time


def simulated(folder: Path, **availability: Any) -> Study:
    spec = {**HOURLY, "years": 0.25, "runs": 12, "seed": 3, **availability}
    return town_study(folder, availability=spec, scenarios=[{"name": "built", "build": ["P"]}])


def test_simulated_calls_meet_the_hypercube_within_their_interval(tmp_path: Path) -> None:
    study = simulated(tmp_path)
    result = simulate_study(study)
    exact = figures(found(dataclasses.replace(study, scenarios=())))
    got = result.today.simulated.figures(level=0.999)
    pairs = (
        ("share_in_time", "share_in_time"),
        ("share_lost", "lost_share"),
        ("share_unreached", "unreached_share"),
    )
    for name, word in pairs:
        assert got.loc[name, "low"] < exact[word] < got.loc[name, "high"], name
    assert got.loc["busy_share", "low"] < exact["busy_share"] < got.loc["busy_share", "high"]


def test_every_call_is_counted_once_and_scenarios_meet_the_same(tmp_path: Path) -> None:
    result = simulate_study(simulated(tmp_path))
    tables = {finding.name: finding.table for finding in report_simulation(result)}
    n = {name: int(state.simulated.runs["n_calls"].sum()) for name, state in result.states.items()}
    assert n[TODAY] == n["built"] > 0
    by_town = tables["simulated_towns"].groupby("scenario_name")["n_calls"].sum()
    assert by_town.to_dict() == n
    assert tables["simulated_places"]["n_calls"].sum() == n[TODAY]
    last = tables["simulated_response"].groupby("scenario_name").last()
    for name, state in result.states.items():
        runs = state.simulated.runs
        lost = float(((runs["share_lost"] + runs["share_unreached"]) * runs["n_calls"]).sum())
        assert last.loc[name, "n_calls"] + lost == pytest.approx(n[name])
    change = tables["simulated_changes"].set_index("figure").loc["share_lost"]
    assert change["is_sure"]
    assert change["change"] < 0.0


def test_one_run_has_no_interval_and_says_so(tmp_path: Path) -> None:
    result = simulate_study(simulated(tmp_path, runs=1))
    tables = {finding.name: finding for finding in report_simulation(result)}
    assert tables["simulated"].table["low"].isna().all()
    assert not tables["simulated_changes"].table["is_sure"].any()
    assert "availability.note_one_run" in [note.key for note in tables["simulated"].notes]


def test_nobody_to_simulate_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no calls to simulate"):
        simulate_study(simulated(tmp_path, calls_per_year_per_10000=0.0))
    with pytest.raises(StudyError, match="no section"):
        simulate_study(town_study(tmp_path))


def test_moves_to_cover_and_queues_are_simulated(tmp_path: Path) -> None:
    spec = simulated(tmp_path).availability
    assert spec is not None
    moving = dataclasses.replace(spec, cover_moves=True, cover_keep=0, runs=3)
    study = dataclasses.replace(force_study(tmp_path), availability=moving)
    assert simulate_study(study).today.simulated.runs["n_moves"].min() > 0
    waiting = dataclasses.replace(moving, cover_moves=False, is_queued=True, years=0.02)
    runs = simulate_study(dataclasses.replace(study, availability=waiting)).today.simulated.runs
    assert (runs["share_lost"] == 0.0).all()  # all others wait
    assert (runs["share_unreached"] > 0.0).all()
    assert (runs["share_unreached"] < 0.1).all()  # only the island's


def test_every_field_of_these_tables_stands_in_the_docs(tmp_path: Path) -> None:
    result = found(force_study(tmp_path))
    findings = [*result.findings.values(), *report_simulation(simulate_study(simulated(tmp_path)))]
    assert rows_of(findings, "availability", names=("availability", "simulated")) - told() == set()
