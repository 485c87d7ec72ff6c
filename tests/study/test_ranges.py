"""Ranges of the town on paper (``tests/studies.py``): turnout alone is drawn, of size 0.2 about 60 s.

v1 is 100 s away: in time with a turnout up to 200 s, 6.6 times the size off: always. v3 is 240 s away: in
time with up to 60 s, which is a half of the draws. v2 and v4 are 300 and 400 s away: never. So 1,000 people
are surely in time, 300 are in doubt, 750 are surely late; a draw has 1,000 or 1,300 of 2,050 in time, 48.8 or
63.4 %.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geo.errors import StudyError
from geo.outputs.wording import field_title
from geo.study import (
    Step,
    Study,
    StudyResult,
    UncertaintySpec,
    assess,
    check_study,
    parse_study,
    read_inputs,
    read_study,
    report_ranges,
    report_sites,
    run_steps,
    run_study,
    site_study,
    sizes_of,
)
from geo.study.settings import ScenarioSpec
from geo.uncertainty import Sizes
from tests.outputs.test_fields import told
from tests.studies import changed, town_study, write_town
from tests.study.sites.test_run import sections as with_plots

NOTHING: dict[str, float] = dict.fromkeys(
    (
        *("speed", "speed_by_class", "junction_delay", "access", "turnout", "turnout_by_station"),
        *("start_loss", "position_m", "station_position_m", "people", "people_by_place"),
    ),
    0.0,
)
TURNOUT = {**NOTHING, "turnout": 0.2, "draws": 100}
PLAN = """
[plan]
id = "own"
name_zh = "规划"
name_en = "Plan"
document = "by hand"
base_year = 2020
target_year = 2025
"""
TARGET = """
[[target]]
id = "{id}"
name_zh = "指标"
name_en = "Target"
comparator = ">="
value = {value}
unit = "%"
kind = "goal"
method = "covered_share"
settings = {{ standard = "{standard}" }}
layers = {{ stations = [], roads = [], people = ["people"] }}
source = "by hand"
"""


def ranged(folder: Path, **uncertainty: Any) -> StudyResult:
    return run_study(town_study(folder, uncertainty=uncertainty))


def tables(result: StudyResult) -> dict[str, pd.DataFrame]:
    return {name: finding.table for name, finding in result.findings.items() if name.startswith("ranges")}


def figure(result: StudyResult, name: str) -> pd.Series:
    return result.findings["ranges"].table.set_index("figure_en").loc[name]


def test_without_the_section_nothing_is_drawn(tmp_path: Path) -> None:
    study = town_study(tmp_path)
    assert not tables(run_study(study))
    assert Step.RANGES not in run_steps(study)


def test_turnout_alone_puts_the_place_at_the_limit_in_doubt(tmp_path: Path) -> None:
    result = ranged(tmp_path, **TURNOUT)
    places = result.findings["ranges_places"].table.set_index("name")
    assert places["class"].to_dict() == {
        "v1": "surely_in_time",
        "v2": "surely_late",
        "v3": "in_doubt",
        "v4": "surely_late",
        "v5": "surely_late",
    }
    # a half of 100 draws, within four standard errors of the binomial
    assert places.loc["v3", "share_in_time"] == pytest.approx(0.5, abs=0.2)
    sure = result.findings["ranges_sureness"].table
    assert sure["people"].tolist() == [1000.0, 300.0, 750.0]
    assert sure["n_points"].tolist() == [1, 1, 3]
    row = figure(result, "People in time")
    assert row[["computed", "low", "high"]].tolist() == [1300.0, 1000.0, 1300.0]
    share = figure(result, "Share of people in time")
    assert share[["computed", "low", "high"]].tolist() == [63.41, 48.78, 63.41]
    assert figure(result, "People")[["low", "high"]].tolist() == [2050.0, 2050.0]
    # 60 s times 1 / 1.2 to 1.2 in 95 of 100 draws: v1 at 150 to 172 s, all by as much as the turnout
    mean = figure(result, "Mean response of those reached")
    assert 0.0 < mean["high"] - mean["low"] < 2 * 12.0 / 60.0
    towns = result.findings["ranges_towns"].table.set_index("zone")
    assert towns.loc["West", ["people_surely_in_time", "people_in_doubt", "people_surely_late"]].tolist() == [
        *(1000.0, 300.0, 500.0)
    ]
    assert towns.loc["West", "share_low"] == pytest.approx(1000 / 1800)
    assert towns.loc["East", ["share_computed", "share_high"]].tolist() == [0.0, 0.0]
    station = result.findings["ranges_stations"].table.loc["A"]
    assert station[["people_served", "people_low", "people_high"]].tolist() == [2000.0] * 3
    assert station["share_over_limit"] == 0.0


def test_sizes_of_0_give_the_figures_as_computed(tmp_path: Path) -> None:
    result = ranged(tmp_path, **NOTHING, draws=3)
    table = result.findings["ranges"].table
    for end in ("low", "median", "high"):
        assert table[end].equals(table["computed"])
    assert table["is_inside"].all()
    places = result.findings["ranges_places"].table
    is_sure = places["class"] == "surely_in_time"
    assert (is_sure == places["is_covered"]).all()
    assert not (places["class"] == "in_doubt").any()
    notes = [note.key for note in result.findings["ranges_places"].notes]
    assert "uncertainty.note_size" not in notes
    assert "uncertainty.note_not_held" in notes


def test_a_target_between_the_ends_of_the_range_flips(tmp_path: Path) -> None:
    # 48.8 or 63.4 % in time: 40 % is always met, 60 % in a half of the draws, 70 % never; on a clock of
    # 300 s of travel alone turnout does not count: v1, v3 and v2 are in time, 1,800 people, in every draw.
    targets = [("a", 40, "clock.toml"), ("b", 60, "clock.toml"), ("c", 70, "clock.toml")]
    text = PLAN + "".join(TARGET.format(id=i, value=v, standard=s) for i, v, s in targets)
    text += TARGET.format(id="d", value=80, standard="drive-5min")
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    result = run_study(town_study(tmp_path, uncertainty=TURNOUT, study={"plan": "plan.toml"}))
    table = result.findings["ranges_targets"].table
    assert table["class"].tolist() == ["always_met", "flips", "always_missed", "always_met"]
    assert table.loc["b", "share_met"] == pytest.approx(0.5, abs=0.2)
    assert table.loc["b", ["value_low", "value_high"]].round(1).tolist() == [48.8, 63.4]
    assert table.loc["d", ["value_low", "value_high"]].round(1).tolist() == [87.8, 87.8]
    assert result.findings["ranges_targets"].figures["n_flips"] == 1.0


def test_the_same_seed_is_the_same_and_another_is_not(tmp_path: Path) -> None:
    one, same, other = (ranged(tmp_path, draws=20, seed=seed).findings["ranges"].table for seed in (3, 3, 4))
    assert one.equals(same)
    assert not one.equals(other)


def test_sizes_are_set_else_measured_else_assumed_and_each_says_so(tmp_path: Path) -> None:
    study = town_study(tmp_path, uncertainty={"turnout_by_station": 0.4, "people": 0.0})
    speeds = (tmp_path / "speeds.toml").read_text("utf-8")
    head, _, tail = speeds.partition("[plain.speeds_kph]")
    intervals = "intervals = { access_kph = [30, 43.2], speeds_kph = { residential = [30, 43.2] } }\n"
    (tmp_path / "speeds.toml").write_text(f"{head}{intervals}[plain.speeds_kph]{tail}", "utf-8")
    clock = tmp_path / "clock.toml"
    clock.write_text(clock.read_text("utf-8") + "intervals = { turnout_s = [50, 72] }\n", "utf-8")
    result = run_study(study)
    spec = study.uncertainty
    assert spec is not None
    sized = sizes_of(study, spec, result.coverage)
    # 30 to 43.2 is 36 / 1.2 to 36 x 1.2, and so is 50 to 72 about 60
    assert sized.sizes.classes == pytest.approx({"residential": 0.2})
    assert sized.sizes.access == pytest.approx(0.2)
    assert sized.sizes.turnout == pytest.approx(0.2)
    assert sized.sizes.turnout_by_station == 0.4
    assert sized.sizes.speed == 0.0  # the classes were measured: nothing more for all of them together
    assert sized.sizes.junction == sized.sizes.start_loss == sized.sizes.people == 0.0
    assert sized.sizes.position_m == 50.0
    said = [note.say("en") for note in sized.notes]
    assert sum("(measured interval)" in text for text in said) == 2
    assert sum("(as the study sets it)" in text for text in said) == 1
    assert any("1 classes of road" in text for text in said)
    assert any("within 50 m in 95 of 100 draws (assumed)" in text for text in said)


def test_assumed_sizes_are_those_of_the_data_each_with_a_source() -> None:
    from geo.words import read_data

    data = read_data("standards/uncertainty")
    assert all(item["mark"] and item["source"] for item in data.values())
    names = {field.name for field in dataclasses.fields(UncertaintySpec)}
    assert {name.removesuffix("_m") for name in names & set(NOTHING)} == set(data)
    assert {field.name for field in dataclasses.fields(Sizes)} == {
        *(
            name.replace("speed_by_class", "by_class").replace("junction_delay", "junction")
            for name in NOTHING
        ),
        "classes",
    }


def test_a_scenario_is_told_on_the_same_chance(tmp_path: Path) -> None:
    # The planned station at 6,000 m brings v4 in time, 2,000 m away: 200 people more in every draw.
    scenario = ScenarioSpec("built", build=["P"])
    study = dataclasses.replace(town_study(tmp_path, uncertainty=TURNOUT), scenarios=(scenario,))
    table = run_study(study).findings["ranges_scenarios"].table.set_index("figure_en")
    row = table.loc["People in time"]
    assert row[["computed", "low", "high", "share_more", "share_less"]].tolist() == [200.0] * 3 + [1.0, 0.0]
    assert table.loc["90th percentile of response", "high"] <= 0.0
    without = dataclasses.replace(study, uncertainty=UncertaintySpec(draws=2, scenarios=False))
    assert "ranges_scenarios" not in run_study(without).findings


def test_a_figure_outside_its_range_is_named(tmp_path: Path) -> None:
    # All places stand on their road: moved by 300 m they are off it, and answered later on the mean.
    result = ranged(tmp_path, **{**NOTHING, "position_m": 300.0, "draws": 40})
    mean = figure(result, "Mean response of those reached")
    assert mean["low"] > mean["computed"]
    assert not mean["is_inside"]
    notes = {note.key: note.say("en") for note in result.findings["ranges_places"].notes}
    assert "Mean response of those reached" in notes["uncertainty.note_outside"]


def sited(folder: Path, **uncertainty: Any) -> Any:
    return site_study(parse_study({**with_plots(folder), "uncertainty": uncertainty}, folder=folder))


def test_the_plan_that_stays_best_is_told(tmp_path: Path) -> None:
    # middle: v2, v3 and v4 beside v1, 2,000 people in any draw. side: v1, v2 and v3 1,800, a tenth less; v4
    # too, 250 s away, with a turnout up to 50 s: 1 / 1.2 of 60 s, which is the lowest 2.5 % of the draws.
    result = sited(tmp_path, **TURNOUT)
    assert result.ranges is not None
    table = result.ranges.table
    assert table["sites"].tolist() == ["middle", "side"]
    assert table["class"].tolist() == ["shown", "other"]
    assert table[["computed", "low", "high"]].to_numpy().tolist() == [[2000.0] * 3, [1800.0] * 3]
    assert table["share_best"].tolist() == pytest.approx([1.0, 0.025], abs=0.06)
    assert table.loc[0, "share_best"] == 1.0
    assert table["share_worst_loss"].tolist() == pytest.approx([0.0, 0.1])
    assert any(note.key == "uncertainty.note_plans" for note in result.ranges.notes)
    proposed = report_sites(result)[0]  # whose notes stand beside the map, in the summary and in the report
    assert set(result.ranges.notes) <= set(proposed.notes)


def test_a_mean_is_told_in_minutes_the_lower_first(tmp_path: Path) -> None:
    study = parse_study(
        {**with_plots(tmp_path, goal="mean"), "uncertainty": {**TURNOUT, "plans": 1}}, folder=tmp_path
    )
    ranges = site_study(study).ranges
    assert ranges is not None
    (row,) = ranges.table.to_dict("records")
    assert row["unit_en"] == "min"
    assert 0.0 < row["low"] < row["computed"] < row["high"]
    assert ranges.notes[0].key == "uncertainty.note_plan_alone"


@pytest.mark.parametrize(
    "section",
    [{"draws": 0}, {"range_share": 1.0}, {"sure_share": 0.5}, {"speed": -0.1}, {"positions_m": 3.0}],
)
def test_a_fault_of_the_section_is_told(tmp_path: Path, section: dict[str, Any]) -> None:
    with pytest.raises(StudyError, match=rf"\[uncertainty\].*{next(iter(section))}"):
        town_study(tmp_path, uncertainty=section)


def test_a_wrong_interval_names_its_section(tmp_path: Path) -> None:
    sections = changed(write_town(tmp_path), uncertainty=TURNOUT)
    clock = tmp_path / "clock.toml"
    clock.write_text(clock.read_text("utf-8") + "intervals = { turnout_s = [70, 72] }\n", "utf-8")
    study = parse_study(sections, folder=tmp_path)
    with pytest.raises(StudyError, match=r"\[response\].*not in its interval"):
        run_study(study)
    assert any("区间" in error.say("zh") for error in check_study(study, lang="zh").errors)


def test_the_check_tells_each_size(tmp_path: Path) -> None:
    text = check_study(town_study(tmp_path, uncertainty=TURNOUT), lang="en").text
    assert (
        "[uncertainty] Turnout of all stations: 0.833 to 1.2 times in 95 of 100 draws (as the study" in text
    )


def test_every_field_of_these_tables_stands_in_the_docs(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(
        PLAN + TARGET.format(id="a", value=40, standard="clock.toml"), encoding="utf-8"
    )
    sections = {**with_plots(tmp_path), "uncertainty": {"draws": 2}}
    sections = changed(sections, study={"plan": "plan.toml"}, scenarios=[{"name": "built", "build": ["P"]}])
    study = parse_study(sections, folder=tmp_path)
    sites = site_study(study)
    assert sites.ranges is not None
    found = {**tables(run_study(study)), "ranges_plans": sites.ranges.table}
    assert len(found) == 8
    fields = {
        str(name).removesuffix("_zh").removesuffix("_en")
        for table in found.values()
        for name in pd.DataFrame(table).drop(columns="geometry", errors="ignore").columns
    }
    rows = {
        (name, *(field_title("uncertainty", name, lang=lang) for lang in ("zh", "en"))) for name in fields
    }
    assert rows - told() == set()


def test_nothing_is_lost_where_nobody_lives_in_a_town(tmp_path: Path) -> None:
    study: Study = town_study(tmp_path, uncertainty=TURNOUT, zones=None)
    result = run_study(study)
    assert "ranges_towns" not in result.findings
    assert float(result.findings["ranges_sureness"].table["people"].sum()) == 2050.0


def test_road_and_land_within_the_limit_are_ranges_too(tmp_path: Path) -> None:
    # 10 m/s: 2,400 m of West and Middle Road and 400 m of Side Road at 60 s of turnout, of 8,000 m in all;
    # 10 m more or less of both for each second of the turnout, 50 to 72 s in 95 of 100 draws.
    result = ranged(tmp_path, **TURNOUT, land_draws=2)
    road = figure(result, "Share of roads within the limit")
    assert road["computed"] == 35.0
    assert (2 * (2400 - 120) - 2000) / 80.0 < road["low"] < 35.0 < road["high"] < (2 * 2500 - 2000) / 80.0
    land = figure(result, "Share of land within the limit")
    assert 0.0 < land["low"] <= land["high"] < 100.0
    notes = {note.key: note.say("en") for note in result.findings["ranges_places"].notes}
    assert "first 2 draws" in notes["uncertainty.note_land"]
    nothing = ranged(tmp_path, **NOTHING, draws=2, land_draws=1)
    for name in ("Share of roads within the limit", "Share of land within the limit"):
        row = figure(nothing, name)
        assert row["low"] == row["computed"] == row["high"]


def test_targets_of_every_method_are_those_of_the_run_where_nothing_is_drawn() -> None:
    study = read_study("sample")
    spec = UncertaintySpec(draws=1, scenarios=False, **NOTHING)  # type: ignore[arg-type]
    result = assess(study, read_inputs(study), draw_areas=False)
    result = dataclasses.replace(result, study=dataclasses.replace(study, uncertainty=spec))
    (finding,) = [each for each in report_ranges(result) if each.name == "ranges_targets"]
    drawn = finding.table[finding.table["class"] != "not_drawn"]
    assert {"CM-1", "CM-1b", "CM-2", "CM-3", "JS-1", "JS-1b", "JS-1c", "JS-2"} <= set(drawn.index)
    for end in ("value_low", "value_median", "value_high"):
        assert drawn[end].to_numpy() == pytest.approx(drawn["value"].to_numpy(), rel=1e-12)
    assert (drawn["share_met"] == (drawn["status"] == "met")).all()
    assert finding.figures["n_flips"] == 0.0
