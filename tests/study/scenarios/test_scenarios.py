"""Named scenarios of a study: what they change, who gains and loses, and what cannot be asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.coverage import cover
from geo.errors import FaultsError, GeoError, InputError, NetworkError, StudyError
from geo.maps import colour_of
from geo.outputs import draw_difference, figure_rows, write_outputs
from geo.outputs.folder import folder_name
from geo.routing import SnapRules
from geo.scenarios import CHANGES, LOAD_CHANGES, SITE_CHANGES, TARGET_CHANGES, Difference, compare_people
from geo.standards import load_response
from geo.stations import select
from geo.study import (
    AddSpec,
    CloseRoadsSpec,
    LimitSpec,
    MoveSpec,
    ScenarioSpec,
    SlowSpec,
    SpeedSpec,
    StudyResult,
    UpgradeSpec,
    assess,
    compare_scenarios,
    difference_findings,
    parse_study,
    read_inputs,
    read_study,
    run_scenario,
    run_study,
)
from geo.study.scenarios.apply import change_inputs, pick_roads, prepare, preview
from geo.study.scenarios.outages import _nobody_else, outage_findings
from geo.words import LANGS, Lang, say
from tests.browser import visit
from tests.colours import SEEN, least_apart
from tests.studies import frame, lonlat, points, town_study, write_town

# The station of tests/studies.py is at the west end; limit 300 s, of which 60 s turnout; 10 m/s.
TODAY = [160.0, 360.0, 300.0, 460.0, np.inf]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    return run_study(town_study(tmp_path_factory.mktemp("town")))


then = run_scenario


def test_everything_that_a_scenario_cannot_do_is_told_at_once(town: StudyResult) -> None:
    """Two names that are not there, a road and a place; a station that was not added is not missed again."""
    wrong = ScenarioSpec(
        "wrong",
        build=["nowhere"],
        add=(AddSpec(name="new", site="nothing"),),
        close=["Z", "new"],
        close_roads=(CloseRoadsSpec(name="Middel Road"), CloseRoadsSpec(name="Side Road")),
        slow=(SlowSpec(name="Sid Road", factor=0.5),),
    )
    with pytest.raises(FaultsError) as raised:
        change_inputs(town.study, town.inputs, wrong)
    told = [str(error) for error in raised.value.errors]
    assert all(text.startswith("[scenarios 'wrong']") for text in told)
    for text, name in zip(told, ("nowhere", "nothing", "'Z'", "Middle Road", "Side Road"), strict=True):
        assert name in text


def seconds(difference: Difference) -> list[float]:
    return difference.people["after_s"].tolist()


def test_the_planned_station_is_built(town: StudyResult) -> None:
    # P stands at 6,000 m: v4 is 2,000 m from it, 60 + 200 = 260 s; v1, v2 and v3 keep A.
    difference = then(town, ScenarioSpec("east", build=["East"]))
    assert difference.people["before_s"].tolist() == TODAY
    assert seconds(difference) == [160.0, 360.0, 300.0, 260.0, np.inf]
    assert difference.people["change"].tolist() == ["same", "same", "same", "gains", "same"]
    assert difference.figures["gain_people"] == 200
    assert difference.figures["saved_person_s"] == 200 * 200
    assert difference.figures["median_saved_s"] == 200
    assert difference.stations["change"].to_dict() == {
        "A": "relieved",
        "P": "new",
    }
    assert difference.stations["after_people"].tolist() == [1800, 200]
    assert difference.zones.loc["East", ["before_in_time_people", "after_in_time_people"]].tolist() == [
        0,
        200,
    ]
    assert difference.sites["change"].tolist() == ["built"]


def test_a_station_added_moved_upgraded_and_closed(town: StudyResult) -> None:
    (lon, lat), (lon2, lat2) = lonlat((2000, 500), (4000, 0))
    added = then(town, ScenarioSpec("add", add=(AddSpec(name="Side", lon=lon, lat=lat, turnout_s=30.0),)))
    # From (2000, 500): v2 500 m, 30 + 50; v3 500 + 400 m, 30 + 90; v4 500 + 2,000 m, 30 + 250; v1 from A 160.
    assert seconds(added) == pytest.approx([160.0, 80.0, 120.0, 280.0, np.inf], abs=0.01)
    moved = then(town, ScenarioSpec("move", move=(MoveSpec(facility="A", lon=lon2, lat=lat2),)))
    # From (4000, 0): v1 3,000 m, v2 2,000 + 1,000 m, v3 1,600 m, v4 0 m.
    assert seconds(moved) == pytest.approx([360.0, 360.0, 220.0, 60.0, np.inf], abs=0.01)
    assert moved.people["change"].tolist()[:4] == ["loses", "same", "faster", "gains"]
    quick = then(
        town, ScenarioSpec("quick", upgrade=(UpgradeSpec(facility="West", turnout_s=0.0, staff=40.0),))
    )
    assert seconds(quick) == [100.0, 300.0, 240.0, 400.0, np.inf]
    assert quick.sites["change"].tolist() == ["upgraded"]
    both = ScenarioSpec("swap", build=["P"], close=["West Fire Station"])
    # From 6,000 m: v1 5,000 m, v2 4,000 + 1,000 m, v3 3,600 m, v4 2,000 m.
    assert seconds(then(town, both)) == [560.0, 560.0, 420.0, 260.0, np.inf]


def test_a_closed_road_of_the_only_station_stops_the_run_and_says_so(town: StudyResult) -> None:
    closed = (CloseRoadsSpec(name="West Road"),)
    with pytest.raises(NetworkError, match="none of the 1 stations stands on an open road") as raised:
        then(town, ScenarioSpec("flood", close_roads=closed))
    assert "CRS" not in str(raised.value), "its coordinates are not at fault"
    ((lon, lat),) = lonlat((2000, 500))
    # The way out that is told: one at (2000, 500) is on Side Road, 500 m from v2.
    other = AddSpec(name="Side", lon=lon, lat=lat)
    assert np.isfinite(seconds(then(town, ScenarioSpec("flood", close_roads=closed, add=(other,))))).any()


def test_a_closed_road_cuts_off_what_lies_behind_it_and_on_it(town: StudyResult) -> None:
    difference = then(town, ScenarioSpec("flood", close_roads=(CloseRoadsSpec(name="Middle Road"),)))
    # v3 (2,400 m) and v4 (4,000 m, the end of the road: the junction, behind it) are on or behind it.
    assert seconds(difference) == [160.0, 360.0, np.inf, np.inf, np.inf]
    assert difference.people["change"].tolist() == ["same", "same", "unreachable", "unreachable", "same"]
    assert difference.figures["lose_people"] == 300
    assert difference.figures["unreachable_people"] == 500
    assert difference.roads[["name", "change"]].to_numpy().tolist() == [["Middle Road", "closed"]]
    changed = change_inputs(
        town.study, town.inputs, ScenarioSpec("flood", close_roads=(CloseRoadsSpec(name="Middle Road"),))
    )
    reasons = assess(town.study, changed).coverage.table["reason"].tolist()
    assert reasons == ["", "", "closed road", "island", "island"]


def test_slow_traffic_by_class_and_in_an_area(town: StudyResult, tmp_path: Path) -> None:
    half = then(town, ScenarioSpec("jam", slow=(SlowSpec(highway=["residential"], factor=0.5),)))
    # The driving takes twice as long: 60 + 2 x 100, 300, 240, 400.
    assert seconds(half) == [260.0, 660.0, 540.0, 860.0, np.inf]
    everywhere = then(town, ScenarioSpec("jam", slow=(SlowSpec(factor=0.5),)))
    assert seconds(everywhere) == seconds(half)
    frame([shapely.box(1000, -10, 2000, 10)]).to_file(tmp_path / "works.gpkg")
    study = replace(town.study, folder=tmp_path)
    scenario = ScenarioSpec("works", slow=(SlowSpec(path="works.gpkg", factor=0.5),))
    changed = change_inputs(study, town.inputs, scenario)
    # Half of West Road lies in the area: 100 + 100 / 0.5 = 300 s for 200 s. Times are spread over the edge,
    # so v1 at its middle takes 150 s; the others 100 s more, and v2 1 s for 10 m of Side Road in the area.
    assert assess(town.study, changed).coverage.table["first_s"].tolist() == [
        210.0,
        461.0,
        400.0,
        560.0,
        np.inf,
    ]


def test_a_night_with_later_turnout_and_faster_roads(town: StudyResult) -> None:
    # 90 s instead of 60 s; the driving of 100, 300, 240 and 400 s at 1.25 of the speed.
    night = then(town, ScenarioSpec("night", turnout_s=90.0, speed_factor=1.25))
    assert seconds(night) == [170.0, 330.0, 282.0, 410.0, np.inf]
    assert night.sites["change"].tolist() == ["turnout"]
    assert set(night.roads["change"]) == {"faster"}
    # v2 (500 people) is 30 s sooner, v3 (300) 18 s and v4 (200) 50 s; nobody by more than a minute.
    assert (night.figures["faster_people"], night.figures["faster_minute_people"]) == (1000, 0)
    rain = then(town, ScenarioSpec("rain", speed_factor=0.8))
    assert seconds(rain) == [185.0, 435.0, 360.0, 560.0, np.inf]


def test_one_road_has_its_own_speed(town: StudyResult) -> None:
    slow = then(town, ScenarioSpec("works", speed=(SpeedSpec(name="Middle Road", kph=18.0),)))
    # Middle Road begins at 2,000 m: 400 m and 2,000 m of it at 5 instead of 10 m a second.
    assert seconds(slow) == [160.0, 360.0, 340.0, 660.0, np.inf]
    assert slow.roads[["name", "change"]].to_numpy().tolist() == [["Middle Road", "slower"]]


def test_a_limit_closes_a_road_to_a_vehicle_that_is_over_it(town: StudyResult, tmp_path: Path) -> None:
    limited = ScenarioSpec("bridge", limit=(LimitSpec(name="Middle Road", weight_t=13.0),))
    with pytest.raises(InputError, match="weight_t"):
        then(town, limited)  # the profile says nothing of the vehicle
    own = (town.study.folder / "speeds.toml").read_text(encoding="utf-8")
    heavy = tmp_path / "heavy.toml"
    heavy.write_text(own.replace("mode =", "weight_t = 15\nmode =", 1), encoding="utf-8")
    study = replace(town.study, roads=replace(town.study.roads, profile=str(heavy)))
    changed = change_inputs(study, town.inputs, limited)
    closed = change_inputs(
        town.study, town.inputs, ScenarioSpec("x", close_roads=(CloseRoadsSpec(name="Middle Road"),))
    )
    np.testing.assert_array_equal(changed.network.edge_ms, closed.network.edge_ms)
    light = ScenarioSpec("bridge", limit=(LimitSpec(name="Middle Road", weight_t=15.0),))
    assert change_inputs(study, town.inputs, light).network is town.inputs.network, "15 t is not over 15 t"


def test_a_station_out_is_answered_as_if_it_were_closed(tmp_path: Path) -> None:
    study = town_study(tmp_path, scenarios=[{"close": "each station"}])
    east = change_inputs(study, read_inputs(study), ScenarioSpec("east", build=["P"]))
    today = assess(study, east)
    findings = {finding.name: finding for finding in outage_findings(today)}
    outages = findings["outages"].table
    assert set(outages.index) == set(today.coverage.stations.index)
    for station, row in outages.iterrows():
        closed = run_scenario(today, ScenarioSpec("out", close=[str(station)]))
        figures = closed.figures
        assert row["lose_people"] == figures["lose_people"]
        assert row["cut_off_people"] == figures["unreachable_people"]
        assert row["share_covered"] == pytest.approx(closed.after["share_covered"], abs=1e-12)
        mine = (closed.people["before_id"] == station).to_numpy()
        marked = findings["outage_people"].table
        np.testing.assert_array_equal(
            marked["after_s"][(marked["first_id"] == station).to_numpy()], closed.people["after_s"][mine]
        )
    answers = findings["outage_answers"].table
    assert answers["people"].sum() == today.coverage.stations["people_served"].sum()
    # West serves v1 (1,000), v2 (500) and v3 (300); East reaches them late: 560, 560 and 420 s.
    west = outages.loc["A"]
    assert west[
        ["people_served", "before_in_time_people", "after_in_time_people", "lose_people"]
    ].tolist() == [
        1800,
        1300,
        0,
        1300,
    ]
    assert outages.index[0] == "A", "the worst first"
    assert len(findings["outages"].notes) == 1, "each is answered by the other: nobody is left to name"


def test_a_station_whose_people_nobody_else_reaches_is_named_although_another_loses_more(
    town: StudyResult,
) -> None:
    stations = town.coverage.stations.iloc[[0, 0]].assign(
        name=["West", "East"], lose_people=[900.0, 20.0], cut_off_people=[0.0, 40.0]
    )
    stations.index = ["A", "P"]
    (note,) = _nobody_else(stations)
    assert note.say("en") == "With their engines out people are reached by no other station: East 40."
    assert not list(_nobody_else(stations.iloc[::-1])), "the worst of all is told already"


def test_roads_are_closed_by_area_place_and_hazard(town: StudyResult, tmp_path: Path) -> None:
    frame([shapely.box(2900, -10, 3100, 10)], name=["flood"]).to_file(tmp_path / "flood.gpkg")
    study, inputs = replace(town.study, folder=tmp_path), town.inputs
    network = inputs.network
    middle = [1]
    (at, west, east) = lonlat((3000, 5), (2000, 0), (4000, 0))
    for roads in (
        CloseRoadsSpec(path="flood.gpkg"),
        CloseRoadsSpec(at=list(at)),
        CloseRoadsSpec(between=[list(west), list(east)]),
        CloseRoadsSpec(highway=["residential"], name="Middle Road"),
        CloseRoadsSpec(id=[int(network.edge_source[1])]),
    ):
        assert np.flatnonzero(pick_roads(study, inputs, network, roads)).tolist() == middle
    with pytest.raises(InputError, match=r"no \[\[hazards\]\]"):
        pick_roads(study, inputs, network, CloseRoadsSpec(hazards=True))
    wet = replace(
        inputs,
        context=replace(inputs.context, hazards=frame([shapely.box(2900, -10, 3100, 10)], name=["flood"])),
    )
    assert (
        np.flatnonzero(pick_roads(study, wet, network, CloseRoadsSpec(hazards=["flood"]))).tolist() == middle
    )
    with pytest.raises(InputError, match="no hazard is called 'fire'; there are flood"):
        pick_roads(study, wet, network, CloseRoadsSpec(hazards=["fire"]))
    with pytest.raises(InputError, match="no road fits all conditions"):
        pick_roads(study, wet, network, CloseRoadsSpec(hazards=True, name="Side Road"))


def test_an_area_is_written_by_its_corners_and_counts_as_one_of_a_file(
    town: StudyResult, tmp_path: Path
) -> None:
    corners = [(2500, -100), (3500, -100), (3500, 2000), (2500, 2000)]  # touches Middle Road alone
    frame([shapely.Polygon(corners)]).to_file(tmp_path / "flood.gpkg")
    typed = CloseRoadsSpec(area=tuple(lonlat(*corners)))
    exchanged = CloseRoadsSpec(area=tuple((lat, lon) for lon, lat in lonlat(*corners)), order="lat,lon")
    read = CloseRoadsSpec(path=str(tmp_path / "flood.gpkg"))
    for roads in (typed, exchanged, read):
        share = pick_roads(town.study, town.inputs, town.inputs.network, roads)
        names = np.array(town.inputs.network.names)[town.inputs.network.edge_name[share > 0]]
        assert set(names) == {"Middle Road"}
    slow = SlowSpec(area=typed.area, factor=0.5)
    share = pick_roads(town.study, town.inputs, town.inputs.network, slow)
    assert share.max() == pytest.approx(0.5, abs=1e-4), "1,000 of its 2,000 m lie in it"
    both = CloseRoadsSpec(area=typed.area, name="Side Road")
    with pytest.raises(InputError, match="no road fits all conditions"):
        pick_roads(town.study, town.inputs, town.inputs.network, both)
    bow = CloseRoadsSpec(area=tuple(lonlat((0, -50), (4000, 50), (4000, -50), (0, 50))))
    line = CloseRoadsSpec(area=tuple(lonlat((0, 0), (4000, 0), (2000, 0))))
    for crossed in (bow, line):
        with pytest.raises(InputError, match="crosses itself"):
            then(town, ScenarioSpec("crossed", close_roads=(crossed,)))


def test_nothing_is_changed_in_place(town: StudyResult) -> None:
    inputs = town.inputs
    status, ms = inputs.facilities["status"].tolist(), inputs.network.edge_ms.copy()
    scenario = ScenarioSpec("all", build=["P"], close=["A"], close_roads=(CloseRoadsSpec(name="Side Road"),))
    changed = change_inputs(town.study, inputs, scenario)
    assert inputs.facilities["status"].tolist() == status
    assert (inputs.network.edge_ms == ms).all()
    assert changed.demand is inputs.demand
    assert changed.facilities["status"].tolist() == ["closed", "closed", "existing"]


def test_adding_and_closing_the_same_is_no_change(town: StudyResult) -> None:
    (place,) = lonlat((2000, 500))
    add = (AddSpec(name="Side", lon=place[0], lat=place[1]),)
    difference = then(town, ScenarioSpec("back", add=add, close=["Side"]))
    assert set(difference.people["change"]) == {"same"}
    assert difference.stations["change"].tolist() == ["same"]


def test_independent_changes_may_come_in_any_order(town: StudyResult) -> None:
    one = ScenarioSpec("one", build=["P"])
    two = ScenarioSpec("two", close_roads=(CloseRoadsSpec(name="Side Road"),))
    study, inputs = town.study, town.inputs
    first = change_inputs(study, change_inputs(study, inputs, one), two)
    second = change_inputs(study, change_inputs(study, inputs, two), one)
    together = change_inputs(study, inputs, one.joined(two, name="both"))
    tables = [assess(study, changed).coverage.table for changed in (first, second, together)]
    for table in tables[1:]:
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(tables[0]))


def test_a_preview_gives_the_numbers_of_the_scenario(town: StudyResult) -> None:
    today = prepare(town.coverage, max_snap_m=town.study.snap.max_m, access_kph=town.study.snap.access_kph)
    quick = compare_people(town.coverage.table, preview(today, add=town.inputs.facilities.loc[["P"]]))
    slow = then(town, ScenarioSpec("east", build=["P"])).people
    slow = slow.drop(columns="reason")  # a preview does not ask why somebody is not reached
    pd.testing.assert_frame_equal(pd.DataFrame(quick), pd.DataFrame(slow))


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        (ScenarioSpec("x", close=["Nowhere"]), "no facility has the id or name 'Nowhere'"),
        (ScenarioSpec("x", build=["Z"]), "no facility has the id or name 'Z'"),
        (ScenarioSpec("x", build=["A"]), "it is there already"),
        (ScenarioSpec("x", close=["Old Fire Station"]), "no facility has the id or name"),
        (ScenarioSpec("x", close_roads=(CloseRoadsSpec(name="Midle Road"),)), "Middle Road"),
        (ScenarioSpec("x", slow=(SlowSpec(highway=["trunk"], factor=0.5),)), "there are residential"),
        (ScenarioSpec("x", add=(AddSpec(name="Sea", lon=123.0, lat=31.0),)), "would stand on no road"),
        (ScenarioSpec("x", add=(AddSpec(name="Sea", lon=31.0, lat=121.0),)), "exchanged"),
        (ScenarioSpec("x"), "changes nothing"),
    ],
)
def test_what_cannot_be_done_names_the_scenario(
    town: StudyResult, scenario: ScenarioSpec, message: str
) -> None:
    with pytest.raises(GeoError, match=message) as error:
        change_inputs(town.study, town.inputs, scenario)
    assert "'x'" in str(error.value)


def test_a_scenario_without_any_station_left_is_an_error(town: StudyResult) -> None:
    with pytest.raises(StudyError, match=r"scenarios 'none'.*there are no fire stations"):
        then(town, ScenarioSpec("none", close=["A"]))


SCENARIOS: list[dict[str, Any]] = [
    {"name": "East <script>alert(1)</script>", "build": ["P"]},
    {"name": 'Flood: "Middle Road"', "close_roads": [{"name": "Middle Road"}]},
]


def test_a_run_writes_the_comparison_and_a_map_for_each(tmp_path: Path) -> None:
    study = town_study(tmp_path, scenarios=SCENARIOS)
    result = run_study(study)
    table = result.findings["scenario_comparison"].table
    assert table["name"].tolist() == ["today 现状", *(scenario["name"] for scenario in SCENARIOS)]
    assert table["covered_people"].tolist() == [1300, 1500, 1000]
    assert table["change_in_time_people"].tolist() == [0, 200, -300]
    assert table["unreachable_people"].tolist() == [50, 50, 550]
    assert table["n_met"].isna().all(), "there is no plan"
    out = tmp_path / "out"
    written = write_outputs(result, out)
    folders = [folder_name(i, scenario["name"]) for i, scenario in enumerate(SCENARIOS, start=1)]
    assert folders == ["1-East _script_alert(1)_script_", "2-Flood_ _Middle Road_"]
    for name in folders:
        page = (out / "scenarios" / name / "map.html").read_text(encoding="utf-8")
        assert "<script>alert" not in page
        people = pd.read_csv(out / "scenarios" / name / "difference_people.csv")
        assert len(people) == 5
        assert {"lon", "lat"} <= set(people) or "geometry" not in people
        assert f"scenarios/{name}/map.html" in written
        layers = gpd.list_layers(out / "scenarios" / name / "differences.gpkg")["name"]
        assert {"difference_people", "difference_stations", "difference_towns"} <= set(layers)
    told = pd.read_csv(out / "scenarios" / folders[1] / "difference_people.csv")
    assert told["after_s"].isna().tolist() == [False, False, True, True, True], "inf is left empty in files"
    # A run without scenarios leaves none of an earlier one.
    write_outputs(replace(result, scenarios=()), out)
    assert not (out / "scenarios").exists()


@pytest.mark.parametrize("lang", LANGS)
def test_every_word_of_a_difference_is_said_in_both_languages(town: StudyResult, lang: Lang) -> None:
    words = {*CHANGES, *LOAD_CHANGES, *SITE_CHANGES, *TARGET_CHANGES, "slower", "more", "fewer"}
    for word in words:
        assert say(f"scenarios.class_{word.replace(' ', '_')}", lang=lang)
    difference = then(town, ScenarioSpec("east", build=["P"], slow=(SlowSpec(factor=0.9),)))
    findings = difference_findings(difference, town.inputs.zones)
    assert [finding.name for finding in findings] == [
        "difference_roads",
        "difference_towns",
        "difference_people",
        "difference_sites",
        "difference_stations",
    ]
    for finding in (*findings, *compare_scenarios(town, [difference])):
        assert say(f"scenarios.{finding.name}", lang=lang)
        shown = finding.style.columns if finding.style is not None else finding.table.columns
        for column in shown:
            assert say(f"scenarios.column_{column}", lang=lang)


@pytest.mark.parametrize("deficiency", SEEN)
def test_changes_are_told_apart_by_colour_blind_readers(town: StudyResult, deficiency: str) -> None:
    difference = then(town, ScenarioSpec("east", build=["P"], slow=(SlowSpec(factor=0.9),)))
    for finding in difference_findings(difference, town.inputs.zones):
        assert finding.style is not None
        assert least_apart(map(colour_of, finding.style.roles.values()), deficiency) > 30, finding.name


def test_people_on_foot_cannot_pass_a_closed_road_but_no_jam_slows_them(town: StudyResult) -> None:
    inputs = replace(town.inputs, walking=town.inputs.network)
    shut = ScenarioSpec("shut", close_roads=(CloseRoadsSpec(name="Side Road"),))
    jam = ScenarioSpec("jam", slow=(SlowSpec(factor=0.5),))
    closed = change_inputs(town.study, inputs, shut).walking
    assert closed is not None
    assert np.isinf(closed.edges["travel_time"]).tolist() == [False, False, False, True, False]
    assert change_inputs(town.study, inputs, jam).walking is inputs.walking


def test_the_bridge_of_the_sample_closed_strands_an_island_without_a_station() -> None:
    study = read_study("sample")
    calm = replace(study, study=replace(study.study, plan=None), zones=(), projects=None)
    inputs = read_inputs(calm)
    options = {
        "standard": load_response(study.response.standard),
        "snapping": SnapRules(max_m=study.snap.max_m, barriers=inputs.barriers),
    }

    def reached(scenario: ScenarioSpec | None) -> pd.DataFrame:
        state = inputs if scenario is None else change_inputs(calm, inputs, scenario)
        stations = select(state.facilities, kind="fire_station", status="existing")
        return cover(state.network, stations, state.demand, **options).table

    bridge = (CloseRoadsSpec(name="澄汀大桥"),)
    today, alone = reached(None), reached(ScenarioSpec("bridge", close_roads=bridge))
    stranded = reached(ScenarioSpec("both", close_roads=bridge, close=["栖鸥消防救援站"]))
    island = today["zone"] == "栖鸥镇"
    # Its own station reaches it; the second came over the bridge.
    assert (alone.loc[island, "first_s"] == today.loc[island, "first_s"]).all()
    assert np.isfinite(today.loc[island, "second_s"]).all()
    assert np.isinf(alone.loc[island, "second_s"]).all()
    assert (stranded.loc[island, "reason"] == "island").all()
    assert (stranded["first_s"] >= today["first_s"]).all()


def test_the_scenarios_come_back_from_the_manifest(tmp_path: Path) -> None:
    study = town_study(tmp_path, scenarios=SCENARIOS)
    again = parse_study(study.settings(), folder=tmp_path)
    assert again.scenarios == study.scenarios


def test_the_stations_of_a_plan_are_ready_made_scenarios(tmp_path: Path) -> None:
    sections = write_town(tmp_path)
    planned = frame(points((6000, 0)), name=["圆沙消防救援站"], id=["Y"], status=["planned"])
    planned.to_file(tmp_path / "planned.gpkg")
    sections["study"]["plan"] = "chongming"
    sections["facilities"] = [*sections["facilities"], {"path": "planned.gpkg"}]
    sections["scenarios"] = [{"plan_projects": True}]
    result = run_study(parse_study(sections, folder=tmp_path))
    assert [difference.name for difference in result.scenarios] == ["圆沙消防救援站"]
    comparison = result.findings["scenario_comparison"]
    assert comparison.table["change_in_time_people"].tolist() == [
        0,
        200,
    ]  # as P, which stands at the same place
    (note,) = comparison.notes
    assert (note.key, note.values["names"]) == ("scenarios.note_missing", ("岱山", "陈家镇"))
    assert result.scenarios[0].targets is not None
    page = draw_difference(result, result.scenarios[0]).get_root().render()
    assert "Targets met" in page
    # Medians of two changes, of different people, are no 'today -> then'.
    medians = [row["value"] for row in figure_rows(result.scenarios[0], limit_s=300.0, lang="zh")][-1]
    assert " / " in medians
    assert "→" not in medians
    # A plan none of whose stations has a place gives today alone, and says so.
    sections["facilities"] = sections["facilities"][:1]
    none = run_study(parse_study(sections, folder=tmp_path))
    assert len(none.findings["scenario_comparison"].table) == 1
    assert "scenario_changes" not in none.findings
    sections["study"].pop("plan")
    with pytest.raises(StudyError, match="plan_projects needs a plan"):
        run_study(parse_study(sections, folder=tmp_path))


def test_a_scenario_map_opens_offline(chromium: Any, tmp_path: Path) -> None:
    result = run_study(town_study(tmp_path, scenarios=SCENARIOS))
    path = tmp_path / "map.html"
    draw_difference(result, result.scenarios[0]).save(path)
    seen = visit(chromium, path)
    assert not seen.requests
    assert not seen.complaints
    text = seen.page.inner_text("body")
    assert "scenario 1: East <script>alert(1)</script>" in text
    assert "63.4% → 73.2%" in text  # 1,300 and 1,500 of 2,050
    assert "200 people gain, 0 lose" in text


@pytest.mark.parametrize(
    ("scenarios", "message"),
    [
        ([{"name": "empty"}], "'empty' changes nothing"),
        ([{"close": ["A"]}], "the name is missing"),
        ([{"name": "a", "close": ["A"]}, {"name": "a", "close": ["A"]}], "same name"),
        ([{"name": "a", "clos": ["A"]}], "did you mean 'close'"),
        ([{"name": "a", "add": [{"name": "b", "lon": 121.0}]}], "give lon and lat, or site"),
        (
            [{"name": "a", "add": [{"name": "b", "site": "P", "kind": "firestation"}]}],
            "did you mean 'fire_station'",
        ),
        ([{"name": "a", "add": [{"name": "b", "site": "P", "staff": -3}]}], "staff = -3"),
        ([{"name": "a", "upgrade": [{"facility": "A"}]}], "give station_class"),
        (
            [{"name": "a", "slow": [{"factor": 1.3}]}],
            "factor = 1.3 should be a number at least 0.01 and below 1",
        ),
        ([{"name": "a", "close_roads": [{}]}], "give name, highway"),
        ([{"name": "a", "close_roads": [{"between": [[1.0, 2.0]]}]}], "two places"),
        ([{"name": "a", "close_roads": [{"area": [[1.0, 2.0], [2.0, 2.0]]}]}], "3 corners or more"),
        ([{"name": "a", "close_roads": [{"area": [[1.0, 2.0], [2.0], [2.0, 1.0]]}]}], "3 corners or more"),
        ([{"plan_projects": True, "close": ["A"]}], "stands alone"),
        ([{"close": "each station", "speed_factor": 0.8}], "stands alone; give speed_factor"),
        ([{"name": "a", "close": "every station"}], "each station"),
        ([{"name": "a", "speed_factor": 1}], "not 1"),
        ([{"name": "a", "speed_factor": 3.0}], "speed_factor = 3.0 should be a number from 0.01 to 2"),
        ([{"name": "a", "turnout_s": -1}], "turnout_s = -1"),
        ([{"name": "a", "turnout_s": 4000}], "from 0 to 3,600 s"),
        ([{"name": "a", "speed": [{"name": "Middle Road", "kph": 500}]}], "5 to 130 km/h"),
        ([{"name": "a", "speed": [{"kph": 50}]}], "give name, highway"),
        ([{"name": "a", "limit": [{"name": "Middle Road"}]}], "give weight_t"),
        ([{"name": "a", "limit": [{"name": "Middle Road", "weight_t": 0}]}], "weight_t = 0"),
    ],
)
def test_faults_of_scenarios_are_told_before_anything_is_read(
    tmp_path: Path, scenarios: list[dict[str, Any]], message: str
) -> None:
    sections = {**write_town(tmp_path), "scenarios": scenarios}
    with pytest.raises(StudyError, match=message):
        parse_study(sections, folder=tmp_path)


def test_an_unusable_scenario_stops_the_run_before_the_long_part(tmp_path: Path) -> None:
    steps: list[str] = []
    study = town_study(tmp_path, scenarios=[{"name": "bad", "close": ["Nowhere"]}])
    with pytest.raises(InputError, match="scenarios 'bad'"):
        run_study(study, step=steps.append)
    assert "times" not in steps
