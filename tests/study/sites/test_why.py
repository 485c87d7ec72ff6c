"""What candidates are worth and why not here, in the town of tests/studies.py; the sums stand in test_run.py.

Today v1 and v3 are in time: 1,300. Alone the middle brings v2 and v4 (700), the east v4 (200), the side v2
(500), the island v5 (50). The best site is the middle: 2,000.

    beside the middle   island 50, east and side nothing
    in its place        side 500 - 700 = -200, east 200 - 700 = -500, island 50 - 700 = -650
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from geo.cli.command import app
from geo.coverage import cover
from geo.errors import InputError
from geo.outputs import write_sites
from geo.study import Reasons, SiteResult, ask_why, build_sites, parse_study, report_sites, site_study
from geo.words import LANGS
from tests.studies import changed, frame, points, write_study
from tests.study.sites.test_run import asked, sections, solved


def values(result: SiteResult) -> dict[str, list[float]]:
    names = result.sifted.kept["name"]
    table = result.values.filter(regex="_(alone|beside|exchanged)").set_axis(names, axis=0)
    return {str(name): row for name, row in zip(table.index, table.to_numpy().tolist(), strict=True)}


def reasons(result: SiteResult) -> dict[str, Reasons]:
    return {why.name: why for why in result.why}


def keys(why: Reasons) -> list[str]:
    return [message.key.removeprefix("siting.") for message in why.told]


def test_the_value_of_each_candidate(tmp_path: Path) -> None:
    result = solved(tmp_path)
    assert values(result) == {
        "middle": [700, 700, -200],
        "east": [200, 0, -500],
        "side": [500, 0, -200],
        "island": [50, 50, -650],
    }
    assert result.values["standing"].tolist() == ["chosen", "less", "less", "less"]
    found = {finding.name: finding for finding in report_sites(result)}
    table = found["candidates"].table.set_index("name")
    assert table["people_alone"].to_dict() == {"middle": 700, "east": 200, "side": 500, "island": 50}
    assert table.at["middle", "exchanged_for"] == "side"
    assert table.at["east", "exchanged_for"] == "middle"
    proposed = found["proposed_sites"].table.iloc[0]
    assert (proposed["people_alone"], proposed["people_beside"], proposed["people_exchanged"]) == (
        700,
        700,
        -200,
    )


def test_a_value_alone_is_that_of_the_study_with_the_site_built(tmp_path: Path) -> None:
    result = solved(tmp_path)
    for site in result.sifted.kept.index:
        built = pd.concat([result.before.stations, build_sites(result.sifted.kept.loc[[site]], result.study)])
        again = cover(
            result.inputs.network, built, result.inputs.demand, standard=result.before.standard
        ).table
        gained = again.loc[again["is_covered"], "people"].sum() - 1300
        assert result.values.at[site, "people_alone"] == gained


@pytest.mark.parametrize(
    ("siting", "expected"),
    [
        # Mean over 2,050 with 1,800 s charged for v5. Today 160 * 1000 + 360 * 500 + 300 * 300 + 460 * 200,
        # and 50 * 1800. The middle answers v2 after 60 + 200 = 260 s, v3 after 120, v4 after 160, v5 never.
        ({"goal": "mean", "n": 1}, [700, 700, (100 * 500 + 180 * 300 + 300 * 200) / 2050]),
        # v5 is reached from the island alone: without it there is no longest time.
        ({"goal": "worst", "n": 1}, [700, 700, np.nan]),
        # In time of two by the middle and A: v1 and v3.
        ({"goal": "backup", "n": 1}, [700, 700, 1300]),
        ({"goal": "capacity", "n": 1, "max_people": 5000, "is_split": True}, [700, 700, 700]),
        ({"goal": "capacity", "n": 1, "max_people": 5000}, [700, 700, np.nan]),
    ],
)
def test_each_goal_has_its_own_values(tmp_path: Path, siting: dict[str, Any], expected: list[float]) -> None:
    result = solved(tmp_path, **siting)
    row = result.values.iloc[0]
    names = [name for name in result.values if name.split("_s")[0].endswith(("alone", "beside"))]
    assert names[:2] == ["people_alone", "people_beside"]
    assert row["people_alone"] == expected[0]
    assert row[names[2]] == pytest.approx(expected[2], nan_ok=True)
    notes = {note.key for finding in report_sites(result) for note in finding.notes}
    assert "siting.note_values" in notes
    if siting["goal"] in ("worst", "backup"):
        assert f"siting.note_values_{siting['goal']}" in notes
    if siting["goal"] == "capacity":
        key = "shared" if siting.get("is_split") else "capacity"
        assert f"siting.note_values_{key}" in notes


def test_of_the_fewest_sites_an_exchange_that_keeps_the_share_is_as_good(tmp_path: Path) -> None:
    # 85 % of 2,050 are 1,742.5: the middle (2,000) or the side (1,800) will do, the east (1,500) will not.
    result = solved(tmp_path, goal="fewest", share=0.85)
    assert len(result.answer.plan.site_ids) == 1
    standing = result.values["standing"].to_dict()
    assert {standing["middle"], standing["side"]} == {"chosen", "equal"}
    assert standing["east"] == standing["island"] == "less"


def test_why_not_here(tmp_path: Path) -> None:
    result = solved(tmp_path, why=["side", "middle", "island"])
    side, middle, island = (reasons(result)[name] for name in ("side", "middle", "island"))
    assert keys(middle) == ["why_chosen", "why_today", "why_replaced"]
    assert middle.told[-1].values["other"] == "side"
    assert keys(side) == ["why_worth", "why_today", "why_plan", "why_exchange", "why_with"]
    assert side.figures["people_in_reach"] == 1800
    assert side.figures["people_today"] == 1300
    # Of v1 and v3 A is first today, after (160 * 1000 + 300 * 300) / 1300 s; v2 the middle after 260 s.
    assert side.figures["station_today"] == "West Fire Station"
    assert side.figures["today_mean_s"] == pytest.approx(250_000 / 1300)
    assert (side.figures["station_plan"], side.figures["plan_mean_s"]) == ("middle", 260.0)
    assert (side.figures["value_with"], side.figures["value_lost"], side.figures["is_proven"]) == (
        1800,
        200,
        True,
    )
    assert keys(island) == ["why_worth", "why_exchange", "why_with"]
    assert island.figures["value_lost"] == 650
    assert "200 人" in side.say("zh")
    assert "200 people" in side.say("en")
    for lang in LANGS:
        assert "{" not in side.say(lang)


def test_a_tie_is_told(tmp_path: Path) -> None:
    told = sections(tmp_path, why=["twin"])
    twin = frame(points((3000, 0), (3000, 0)), name=["one", "twin"], area_m2=[3000.0, 3000.0])
    twin.to_file(tmp_path / "plots.gpkg")
    result = site_study(parse_study(told, folder=tmp_path))
    assert result.answer.plan.site_ids == ("one",)
    why = result.why[0]
    assert why.standing == "equal"
    assert keys(why)[-1] == "why_tie"
    assert why.figures["value_lost"] == 0.0


def test_a_place_on_an_island_of_roads_without_people_is_told(tmp_path: Path) -> None:
    told = sections(tmp_path, why=["island"])
    people = frame(points((1000, 0), (2000, 1000)), name=["v1", "v2"], heads=[1000, 500])
    people.to_file(tmp_path / "villages.gpkg")
    plots = frame(points((3000, 0), (800, 5000)), name=["middle", "island"])
    plots.to_file(tmp_path / "plots.gpkg")
    told["candidates"] = {"outside_m": 9000.0}
    result = site_study(parse_study(told, folder=tmp_path))
    assert keys(result.why[0])[:2] == ["why_worth", "why_island"]
    assert result.why[0].standing == "nothing"


def test_a_barred_place_and_a_full_plan_are_told(tmp_path: Path) -> None:
    result = solved(tmp_path, forced_out=["side"], forced_in=["east"], why=["side", "island"])
    side, island = reasons(result)["side"], reasons(result)["island"]
    assert side.standing == "barred"
    assert "why_barred" in keys(side)
    assert keys(island)[-1] == "why_no_room"


def test_why_no_plan_holds_a_place_is_told_with_its_reason(tmp_path: Path) -> None:
    # The middle costs 5.
    why = solved(tmp_path, goal="budget", max_cost=2.0, why=["middle"]).why[0]
    assert keys(why)[-1] == "why_impossible"
    assert "cost 5, more than the budget of 2: middle" in why.say("en")
    assert "合计 5，预算 2：middle" in why.say("zh")
    assert np.isnan(why.figures["value_with"])


def test_a_plan_without_sites_has_no_place_to_give(tmp_path: Path) -> None:
    told = sections(tmp_path, goal="trade_off", n=1, why=["depot"])
    frame(points((100, 0)), name=["depot"]).to_file(tmp_path / "plots.gpkg")
    result = site_study(parse_study(told, folder=tmp_path))
    assert result.answer.plan.site_ids == ()
    assert keys(result.why[0])[-1] == "why_no_site"
    assert result.why[0].standing == "nothing"


@pytest.mark.parametrize("at", [(60_000, 0), (9000, 9000)], ids=["far", "outside"])
def test_a_place_outside_of_the_district_is_left_out_and_told(
    tmp_path: Path, at: tuple[float, float]
) -> None:
    told = sections(tmp_path, why=["odd"])
    plots = frame(points((3000, 0), at), name=["middle", "odd"])
    plots.to_file(tmp_path / "plots.gpkg")
    result = site_study(parse_study(told, folder=tmp_path))
    assert result.sifted.removed["reason"].to_dict() == {"odd": "off_district"}
    assert keys(result.why[0])[0] == ("why_removed_far" if at[0] > 50_000 else "why_removed_at")
    removed = {finding.name: finding for finding in report_sites(result)}["candidates_removed"].table
    assert removed.geometry.is_empty.tolist() == [at[0] > 50_000]


def test_a_place_off_the_roads_is_told_with_its_distance(tmp_path: Path) -> None:
    told = sections(tmp_path, why=["field"])
    frame(points((3000, 0), (1000, 800)), name=["middle", "field"]).to_file(tmp_path / "plots.gpkg")
    why = site_study(parse_study(told, folder=tmp_path)).why[0]
    assert why.standing == "removed"
    assert why.told[0].values["measured"] == "800"
    assert "800 米" in why.say("zh")


def test_a_plot_in_water_is_told_as_such(tmp_path: Path) -> None:
    told = sections(tmp_path, why=["pond"])
    frame(points((3000, 0), (2500, 1200)), name=["middle", "pond"]).to_file(tmp_path / "plots.gpkg")
    pond = points((2500, 1200))[0].buffer(100)
    frame([pond], name=["water"]).to_file(tmp_path / "water.gpkg")
    told["barriers"] = [{"path": "water.gpkg"}]
    why = site_study(parse_study(told, folder=tmp_path)).why[0]
    assert why.told[0].values["rule"].key == "siting.class_in_water"


def test_an_unknown_or_doubtful_name_is_asked_again(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean: middle"):
        solved(tmp_path, why=["midle"])
    with pytest.raises(InputError, match="no candidate is called 'zzz'"):
        solved(tmp_path, why=["zzz"])
    told = sections(tmp_path, why=["twin"])
    twins = frame(points((3000, 0), (4000, 0)), name=["twin", "twin"])
    twins.to_file(tmp_path / "plots.gpkg")
    with pytest.raises(InputError, match="plot-1"):
        site_study(parse_study(told, folder=tmp_path))


def test_the_command_asks_why_and_the_files_tell_it(tmp_path: Path) -> None:
    study = write_study(tmp_path, sections(tmp_path))
    ran = CliRunner().invoke(
        app,
        [
            "site",
            str(study),
            "--out",
            str(tmp_path / "o"),
            "--lang",
            "zh",
            "--why",
            "side",
            "--why",
            "middle",
        ],
    )
    assert "为什么：side" in ran.output
    table = pd.read_csv(tmp_path / "o" / "site_why.csv")
    assert table["standing"].tolist() == ["换入后效果变差", "已入选"]
    assert table["why"].str.contains("及时到达").all()
    summary = json.loads((tmp_path / "o" / "summary.json").read_text(encoding="utf-8"))
    assert [why["site"] for why in summary["why"]] == ["side", "middle"]
    page = (tmp_path / "o" / "map.html").read_text(encoding="utf-8")
    assert "用它换下方案中的middle" in page
    again = CliRunner().invoke(
        app, ["site", str(tmp_path / "o" / "manifest.json"), "--out", str(tmp_path / "o2")]
    )
    assert "为什么：side" in again.output  # the record holds what was asked


def test_asking_in_python_adds_to_the_study(tmp_path: Path) -> None:
    study = asked(tmp_path, why=["side"])
    both = ask_why(study, ["side", "east"]).siting
    assert both is not None
    assert both.why == ("side", "east")
    assert ask_why(study, []) is study


def test_the_files_of_a_plan_without_sites_are_written(tmp_path: Path) -> None:
    told = changed(sections(tmp_path), siting={"goal": "fewest", "share": 0.5, "why": ["side"]})
    result = site_study(parse_study(told, folder=tmp_path))
    assert result.answer.plan.site_ids == ()
    assert keys(result.why[0])[-1] in ("why_with", "why_tie")
    assert (tmp_path / "o" / "candidates.csv") in write_sites(result, tmp_path / "o").values()
