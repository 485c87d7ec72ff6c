"""Siting over a study on disk; see tests/studies.py for the town and its sums.

Candidate plots, all on the road (10 m/s; engines leave after 60 s, so 2,400 m is the limit):

    plot      at            reaches in time                              cost  m2
    middle    (3000, 0)     v2 2,000 m, v3 600, v4 1,000, v1 2,000          5  3000
    east      (4000, 0)     v3 1,600 m, v4 0 (v2: 3,000 m, late)            1  2000
    side      (2000, 500)   v1 1,500 m, v2 500, v3 900 (v4: 2,500, late)    1  2500
    island    (800, 5000)   v5 300 m                                        2  4000

Today A brings v1 and v3 in time: 1,300 of 2,050 people.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from rich.console import Console
from typer.testing import CliRunner

from geo.cli.command import app
from geo.cli.site import print_sites
from geo.errors import GeoError, InfeasibleError, InputError, StudyError
from geo.outputs import read_manifest, require_same_results, say_goal, summarise_sites, write_sites
from geo.study import SiteResult, Study, figures, parse_study, report_sites, site_study
from geo.study.sites.sifted import list_candidates
from geo.words import say
from tests.studies import changed, frame, points, write_study, write_town

PLOTS = {"middle": (3000, 0), "east": (4000, 0), "side": (2000, 500), "island": (800, 5000)}


def sections(folder: Path, **siting: Any) -> dict[str, Any]:
    told = write_town(folder)
    table = frame(
        points(*PLOTS.values()),
        name=list(PLOTS),
        cost=[5.0, 1.0, 1.0, 2.0],
        area_m2=[3000.0, 2000.0, 2500.0, 4000.0],
    )
    table.to_file(folder / "plots.gpkg")
    return changed(told, plots=[{"path": "plots.gpkg"}], siting={"goal": "best", "n": 1, **siting})


def asked(folder: Path, *, candidates: Any = None, more: Any = None, **siting: Any) -> Study:
    told = sections(folder, **siting) | (more or {})
    if candidates is not None:
        told["candidates"] = candidates
    return parse_study(told, folder=folder)


def solved(folder: Path, **options: Any) -> SiteResult:
    return site_study(asked(folder, **options))


def by_name(result: SiteResult) -> list[str]:
    return sorted(result.sifted.kept.loc[list(result.answer.plan.site_ids), "name"])


def test_a_cost_that_is_no_number_is_left_empty_and_told_by_its_row(tmp_path: Path) -> None:
    study = asked(tmp_path)
    words = ["5", "about two", None, "1,000"]
    gpd.read_file(tmp_path / "plots.gpkg").assign(cost=words).to_file(tmp_path / "plots.gpkg")
    result = site_study(study)
    assert result.sifted.kept.set_index("name")["cost"].reindex(["middle", "side"]).tolist()[0] == 5.0
    (report,) = [report for section, report in result.inputs.reports if section == "plots 1"]
    assert [(fault.row, fault.column, fault.value) for fault in report.faults] == [(2, "cost", "about two")]


def test_the_best_site_brings_most_people_in_time(tmp_path: Path) -> None:
    result = solved(tmp_path)
    assert by_name(result) == ["middle"]
    assert result.answer.plan.value == 2000  # 1,300 + v2 500 + v4 200
    assert result.answer.plan.is_proven
    told = figures(result)
    assert (told["people_before"], told["people_after"], told["people_new"]) == (1300, 2000, 700)


def test_means_before_and_after_are_of_the_same_people(tmp_path: Path) -> None:
    # Two sites: the middle and the island. v1 ... v4 are reached both times; v5 gets its first route.
    # before: (1,000 x 160 + 500 x 360 + 300 x 300 + 200 x 460) / 2,000 = 261 s
    # after:  (1,000 x 160 + 500 x 260 + 300 x 120 + 200 x 160) / 2,000 = 179 s; with v5 at 90 s it is less
    told = figures(solved(tmp_path, n=2))
    assert told["both_people"] == 2000
    assert (told["both_before_mean_s"], told["both_after_mean_s"]) == (261, 179)
    assert told["mean_after_s"] == pytest.approx((2000 * 179 + 50 * 90) / 2050)


def test_the_table_holds_responses_on_the_clock(tmp_path: Path) -> None:
    times = solved(tmp_path).question.times.to_dense()
    # 60 s of turnout; v4 is 1,000 m from the middle, v2 2,000 m; v5 has no road to it.
    assert times.loc[times.index[3], "middle"] == 160
    assert times.loc[times.index[1], "middle"] == 260
    assert times.loc[times.index[2], "A"] == 300
    assert times.loc[times.index[4]].drop("island").min() == float("inf")


def test_a_new_site_brings_in_time_what_the_plan_says(tmp_path: Path) -> None:
    # An independent way: the coverage with the sites built.
    for n in (1, 2, 3, 4):
        result = solved(tmp_path, n=n)
        assert figures(result)["people_after"] == result.answer.plan.n_people_covered


def test_a_stations_own_turnout_is_heeded(tmp_path: Path) -> None:
    study = asked(tmp_path)
    stations = gpd.read_file(tmp_path / "stations.gpkg")
    stations.assign(turnout_s=[90.0, None, None]).to_file(tmp_path / "stations.gpkg")
    result = site_study(study)
    # 90 + 240 s to v3 at 2,400 m is late now, and it is the new site that brings it in time.
    assert figures(result)["people_before"] == 1000
    assert figures(result)["people_after"] == 2000


def test_the_fewest_sites_for_a_share(tmp_path: Path) -> None:
    result = solved(tmp_path, goal="fewest", share=1.0)
    assert by_name(result) == ["island", "middle"]
    assert result.answer.plan.value == 2


def test_the_cheapest_sites_for_a_share(tmp_path: Path) -> None:
    result = solved(tmp_path, goal="fewest", share=0.95, by_cost=True)
    assert by_name(result) == ["east", "side"]  # 2,000 of 2,050 people for 2, the middle alone costs 5
    assert result.answer.plan.value == 2


def test_most_people_in_time_of_engines_that_may_be_out(tmp_path: Path) -> None:
    """Out a fifth of the time, one station in time is worth 0.8 of the people, two of them 0.96.

    A has v1 and v3, 1,300 people. The side brings them a second station and v2 a first one, the middle v4 as
    well: 0.96 * 1,300 + 0.8 * 700.
    """
    result = solved(tmp_path, goal="expected", busy_share=0.2)
    assert by_name(result) == ["middle"]
    assert result.answer.plan.value == pytest.approx(0.96 * 1300 + 0.8 * 700)
    assert result.answer.plan.is_proven
    sure = solved(tmp_path, goal="reliable", busy_share=0.2, reliability=0.9)  # two in time: 0.96
    assert sure.answer.plan.value == 1300
    assert "20%" in say_goal(sure.spec, lang="en", people_limit=1.0)
    assert "90%" in say_goal(sure.spec, lang="zh", people_limit=1.0)


def test_how_busy_engines_are_must_be_said(tmp_path: Path) -> None:
    for goal in ("expected", "reliable"):
        with pytest.raises(StudyError, match="busy_share"):
            asked(tmp_path, goal=goal)
    with pytest.raises(StudyError, match="busy_share"):
        asked(tmp_path, goal="alternatives", of="expected")


def test_most_people_for_a_budget(tmp_path: Path) -> None:
    assert by_name(solved(tmp_path, goal="budget", max_cost=1.0)) == ["side"]
    assert by_name(solved(tmp_path, goal="budget", max_cost=2.0)) == ["east", "side"]
    forced = solved(tmp_path, goal="budget", max_cost=5.0, forced_in=["middle"])
    assert by_name(forced) == ["middle"]
    with pytest.raises(InputError, match="cost 5, more than the budget of 4: middle"):
        solved(tmp_path, goal="budget", max_cost=4.0, forced_in=["middle"])


def test_a_programme_builds_year_by_year(tmp_path: Path) -> None:
    table = report_sites(solved(tmp_path, goal="programme", n_per_year=[1, 1]))[0].table
    assert table["name"].tolist() == ["middle", "island"]
    assert table["year"].tolist() == [1, 2]
    assert table["people_new"].tolist() == [700, 50]
    assert table["people_in_all"].tolist() == [2000, 2050]


def test_a_trade_off_tells_every_number(tmp_path: Path) -> None:
    result = solved(tmp_path, goal="trade_off", n=3)
    curve = {finding.name: finding for finding in report_sites(result)}["site_curve"].table
    assert curve["value"].tolist() == [1300, 2000, 2050, 2050]
    assert result.answer.curve is not None
    assert result.answer.curve.knee == 1
    assert by_name(result) == ["middle"]


def test_alternatives_tell_how_they_differ(tmp_path: Path) -> None:
    result = solved(tmp_path, goal="alternatives", n=1, k=3, max_loss=0.2)
    table = {finding.name: finding for finding in report_sites(result)}["site_alternatives"].table
    assert table["name"].tolist() == ["middle", "side"]  # 2,000; 1,800; the east gives 1,500, 25 % less
    assert table["role"].tolist() == ["same", "other"]
    assert table["share_lost"].round(3).tolist() == [0, 0.1]
    plans = {finding.name: finding for finding in report_sites(result)}["site_plans"].table
    assert plans["sites_in"].tolist() == ["", "side"]
    assert plans["sites_out"].tolist() == ["", "middle"]
    assert plans["is_proven"].all()


@pytest.mark.parametrize(
    ("of", "values", "plans"),
    [
        ("best", [2000, 1800], ["middle", "side"]),
        ("backup", [1300, 1300], ["middle", "side"]),
        ("capacity", [2000, 1800], ["middle", "side"]),
        # Seconds of travel are metres / 10, after a minute of turnout: v2 is 2,000 m from the middle, v4
        # 2,500 m from the side.
        ("worst", [260, 310], ["middle", "side"]),
        # 95 % of 2,050 people: the middle alone, or 1,300 + v4 200 with the east + v2 500 with the side.
        ("fewest", [1, 2], ["middle", "east side"]),
    ],
)
def test_every_goal_has_other_plans(tmp_path: Path, of: str, values: list[int], plans: list[str]) -> None:
    more: dict[str, Any] = {"forced_out": ["island"]} if of == "worst" else {"share": 0.95}
    more |= {"n": 1, "max_people": 100_000.0}
    result = solved(tmp_path, goal="alternatives", of=of, k=2, max_loss=1.0, **more)
    others = result.answer.others
    assert others is not None
    assert [plan.value for plan in others.plans] == values
    assert [" ".join(sorted(plan.site_ids)) for plan in others.plans] == plans
    assert by_name(solved(tmp_path, goal=of, **more)) == by_name(result)
    for lang in ("zh", "en"):
        own = say_goal(result.spec, lang=lang, people_limit=1.0)
        plain = say_goal(replace(result.spec, goal=of), lang=lang, people_limit=1.0)
        assert own.endswith(plain)


def test_other_plans_for_the_mean(tmp_path: Path) -> None:
    result = solved(tmp_path, goal="alternatives", of="mean", k=2, max_loss=1.0)
    assert result.answer.others is not None
    side, middle = result.answer.others.plans
    assert (side.site_ids, middle.site_ids) == (("side",), ("middle",))
    # The side saves 200,000 s and the middle 164,000 s (see below) of 2,050 people.
    assert middle.value - side.value == pytest.approx(36_000 / 2050)


def test_the_curve_looks_at_two_goals_only(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="goes with alternatives"):
        asked(tmp_path, goal="trade_off", of="worst")


def test_the_command_tells_how_plans_differ(tmp_path: Path) -> None:
    result = solved(tmp_path, goal="alternatives", n=1, k=3, max_loss=0.2)
    for lang, words in (
        ("en", ["in: side; out: middle", "no further plan"]),
        ("zh", ["换入 side；换出 middle"]),
    ):
        shown = Console(width=200, record=True, file=io.StringIO())
        print_sites(replace(result, lang=lang), tmp_path / "map.html", console=shown)
        text = shown.export_text()
        assert all(word in text for word in words)


@pytest.mark.parametrize(
    ("goal", "sites"),
    [
        ("mean", "side"),
        ("worst", "middle"),
        ("backup", "middle"),
        ("capacity", "middle"),
    ],
)
def test_each_goal_has_its_own_answer(tmp_path: Path, goal: str, sites: str) -> None:
    """One site beside A; seconds of travel are metres / 10.

    mean: the side saves v2 250 s, v3 150 s, v4 150 s (500 * 250 + 300 * 150 + 200 * 150 = 200,000), the
    middle 500 * 100 + 300 * 180 + 200 * 300 = 164,000, the east 300 * 80 + 200 * 400 = 104,000, the island
    50 people who count 1,800 s else, at most 90,000.
    worst, with the island forbidden, so that v5 is out of reach and left out: the side leaves v4 at 250 s,
    the middle v2 at 200 s, the east v2 at 300 s.
    backup: the middle and the side are both second to v1 and v3 (1,300 people); the lower id wins.
    capacity: nobody is full, so it is the best site.
    """
    out = {"forced_out": ["island"]} if goal == "worst" else {}
    assert by_name(solved(tmp_path, goal=goal, max_people=100_000.0, **out)) == [sites]


def test_planned_stations_may_be_candidates(tmp_path: Path) -> None:
    result = solved(tmp_path, candidates={"with_planned": True}, n=1, forced_in=["East Fire Station"])
    assert by_name(result) == ["East Fire Station"]
    assert figures(result)["people_new"] == 200  # v4 is 2,000 m away


def test_land_rules_are_applied_and_told(tmp_path: Path) -> None:
    keep_out = frame([shapely.box(2900, -50, 3100, 50)], name=["reservoir"])
    keep_out.to_file(tmp_path / "keep.gpkg")
    frame(points((3990, 0)), name=["tank"], kind=["hazmat"]).to_file(tmp_path / "tank.gpkg")
    more = {"keep_out": [{"path": "keep.gpkg"}], "sensitive": [{"path": "tank.gpkg"}]}
    rules = {"station_class": "second", "min_area_m2": {"second": 2300.0}}
    result = solved(tmp_path, candidates=rules, more=more)
    assert by_name(result) == ["side"]
    found = {finding.name: finding for finding in report_sites(result)}
    removed = found["candidates_removed"].table
    assert dict(zip(removed["name"], removed["reason"], strict=True)) == {
        "middle": "keep_out",
        "east": "hazmat",
    }
    table = found["candidate_rules"].table.set_index("rule")
    assert table.loc["hazmat", ["n_before", "n_removed", "n_left", "limit"]].tolist() == [3, 1, 2, 300]
    assert "152-2017" in table.loc["hazmat", "source"]
    notes = {note.key: note.values for note in found["proposed_sites"].notes}
    assert notes["siting.note_hazmat"]["n"] == 0  # 10 m: both editions forbid it


@pytest.mark.parametrize("source", ["roads", "nodes", "grid"])
def test_candidates_without_plots(tmp_path: Path, source: str) -> None:
    told = changed(write_town(tmp_path), candidates={"source": source, "spacing_m": 500.0})
    result = site_study(parse_study(told, folder=tmp_path))
    assert figures(result)["people_after"] == 2050
    assert result.sifted.kept["name"].str.len().min() > 0


def test_without_plots_the_study_says_what_to_do(tmp_path: Path) -> None:
    told = changed(write_town(tmp_path), candidates={"source": "plots"})
    with pytest.raises(StudyError, match=r"\[candidates\] takes plots, but the study names no layer"):
        site_study(parse_study(told, folder=tmp_path))


def test_roads_stand_in_for_plots_and_that_is_said(tmp_path: Path) -> None:
    result = site_study(parse_study(write_town(tmp_path), folder=tmp_path))
    assert (result.sifted.kept["origin"] == "road").all()
    assert "siting.note_no_plots" in {note.key for note in report_sites(result)[0].notes}


# Wrong questions, each told before any search


def test_people_whom_no_candidate_reaches_are_named(tmp_path: Path) -> None:
    with pytest.raises(
        InfeasibleError, match=r"50 people at 1 places .* no candidate: v5; share can be 0.9756"
    ):
        solved(tmp_path, goal="fewest", share=1.0, forced_out=["island"])


def test_more_sites_than_candidates(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="5 sites are asked for, but only 4 candidates"):
        solved(tmp_path, n=5)


def test_one_place_larger_than_a_station(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="1 places have more people than one station may serve"):
        solved(tmp_path, goal="capacity", max_people=999.0)
    assert solved(tmp_path, goal="capacity", max_people=999.0, is_split=True).answer.plan.shares is not None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"forced_in": ["middel"]}, "no candidate is called 'middel'; did you mean 'middle'"),
        ({"forced_in": ["middle", "east"]}, "1 sites are asked for, but 2 are forced in"),
        ({"forced_in": ["middle"], "forced_out": ["middle"]}, "forced in and forced out; choose one"),
        ({"share": 1.5}, r"share = 1.5 should be a number from 0 to 1"),
        ({"goal": "programme"}, "needs n_per_year"),
        ({"goal": "budget"}, "needs max_cost"),
        ({"n": -1}, "n = -1 should be a whole number from 0 to"),
        ({"goal": "bst"}, "should be one of"),
        ({"time_limit_s": float("nan")}, "time_limit_s = nan should be a number from 0 to 604,800 s"),
    ],
)
def test_a_wrong_question_is_told(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(GeoError, match=message):
        solved(tmp_path, **options)


def test_a_forced_site_that_a_rule_removed(tmp_path: Path) -> None:
    rules = {"min_area_m2": {"second": 2300.0}}
    with pytest.raises(InputError, match="'east' was removed by the rule 'plot too small'"):
        solved(tmp_path, candidates=rules, forced_in=["east"])


def test_a_missing_cost_is_named(tmp_path: Path) -> None:
    study = asked(tmp_path, goal="budget", max_cost=3.0)
    gpd.read_file(tmp_path / "plots.gpkg").assign(cost=[5.0, None, 1.0, 2.0]).to_file(tmp_path / "plots.gpkg")
    with pytest.raises(InputError, match="1 candidates have no cost of 0 or more: east"):
        site_study(study)


def test_no_candidate_left_names_the_rules(tmp_path: Path) -> None:
    with pytest.raises(InfeasibleError, match=r"no candidate is left of 4: plot too small removed 4 of 4"):
        solved(tmp_path, candidates={"min_area_m2": {"second": 9000.0}})


# Files


def test_results_are_written_and_replayed(tmp_path: Path) -> None:
    result = solved(tmp_path, goal="trade_off", n=2)
    write_sites(result, tmp_path / "a")
    write_sites(site_study(result.study), tmp_path / "b")
    require_same_results(read_manifest(tmp_path / "a" / "manifest.json"), tmp_path / "b")
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["is_replayable"]
    assert "summary.json" in manifest["results"]
    assert manifest["plan"] == [str(site) for site in result.answer.plan.site_ids]
    assert "seconds" not in (tmp_path / "a" / "summary.json").read_text(encoding="utf-8")
    layers = set(gpd.list_layers(tmp_path / "a" / "sites.gpkg")["name"])
    assert {"gaps_and_proposals", "places", "facilities", "roads", "service_areas"} <= layers


def test_a_plan_that_is_not_proven_binds_no_replay(tmp_path: Path) -> None:
    told = {"source": "roads", "spacing_m": 100.0}
    result = solved(tmp_path, goal="backup", n=3, second=0.6, time_limit_s=0.0, candidates=told)
    write_sites(result, tmp_path / "a")
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["is_replayable"] == result.answer.plan.is_proven
    assert ("summary.json" in manifest["results"]) == result.answer.plan.is_proven


def test_everything_told_has_words_in_both_languages(tmp_path: Path) -> None:
    frame([shapely.box(2900, -50, 3100, 50)], name=["reservoir"]).to_file(tmp_path / "keep.gpkg")
    more = {"keep_out": [{"path": "keep.gpkg"}]}
    for goal in ("trade_off", "alternatives", "capacity", "programme", "worst", "fewest", "mean", "backup"):
        result = solved(tmp_path, goal=goal, more=more, n_per_year=[1])
        for finding in report_sites(result):
            names = [finding.name, *(f"column_{column}" for column in _told(finding.table))]
            style = finding.style
            names += [f"class_{word}" for word in style.roles if word] if style is not None else []
            for name in names:
                assert say(f"siting.{name}", lang="zh") != say(f"siting.{name}", lang="en")
            for note in finding.notes:
                assert note.say("zh") != note.say("en")
        assert summarise_sites(result)["question"]["zh"]


def _told(table: Any) -> list[str]:
    return [str(column) for column in table.columns if column != "geometry"]


def test_progress_is_told(tmp_path: Path) -> None:
    heard: list[tuple[float, float]] = []
    result = site_study(asked(tmp_path, goal="mean"), progress=lambda v, b: heard.append((v, b)))
    assert heard
    assert heard[-1][0] == pytest.approx(result.answer.plan.value)
    assert all(bound <= value + 1e-6 for value, bound in heard)  # a shortest mean is bounded from below


def test_the_command(tmp_path: Path) -> None:
    file = write_study(tmp_path, sections(tmp_path, n=2))
    ran = CliRunner().invoke(app, ["site", str(file), "--out", str(tmp_path / "out"), "--lang", "en"])
    assert ran.exit_code == 0, ran.output
    assert "middle" in ran.output
    assert re.search(r"proven best \([\d,]+\)", ran.output)  # people are whole
    again = CliRunner().invoke(app, ["site", str(tmp_path / "out" / "manifest.json"), "--lang", "en"])
    assert again.exit_code == 0, again.output
    assert "same as those of the manifest" in again.output
    quiet = CliRunner().invoke(app, ["site", str(file), "--out", str(tmp_path / "out"), "-q"])
    assert quiet.output == ""


def test_candidates_get_towns_and_roads(tmp_path: Path) -> None:
    from geo.study import read_inputs

    study = asked(tmp_path)
    kept = list_candidates(study, read_inputs(study)).kept
    assert kept["zone"].tolist() == ["West", "East", "West", "West"]  # 3,000 m is on the border
    assert kept["road"].tolist()[2:] == ["Side Road", "Island Road"]
