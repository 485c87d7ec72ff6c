"""Hydrants of a district: states, cover, gaps, water, proposals and the targets they answer."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo import hydrants
from geo.errors import NetworkError, StudyError
from geo.maps import colour_of
from geo.messages import Message
from geo.plans import Facts, Target, load_plan
from geo.plans.measures.hydrants import MEASURES
from geo.schema import FACILITY_COLUMNS
from geo.study import Inputs, Study, read_inputs, read_study
from geo.study.findings.hydrants import report_hydrants
from geo.study.inputs.surroundings import Context
from geo.words import say
from tests.colours import SEEN, least_apart
from tests.studies import CRS, EAST, NORTH
from tests.towns import places, town

# A street of 600 m, one way east; a home at each end and one in the middle.
STREET = town({1: (0, 0), 2: (300, 0), 3: (600, 0)}, [(1, 2, 30, math.inf), (2, 3, 30, math.inf)])
ROADS = hydrants.make_roads(STREET)
HOMES = places(
    {"west": (0, 10), "middle": (300, 10), "east": (600, 10)},
    people=[10.0, 20.0, 30.0],
    risk=[1.0, 1.0, 1.0],
    zone=["甲", "甲", "乙"],
    group=[None] * 3,
    name=["西村", "中村", "东村"],
)
RULES = hydrants.load_rules()


def facilities(rows: dict[str, tuple[float, float]], **columns: list[object]) -> gpd.GeoDataFrame:
    """Make facilities; what is not said is missing."""
    n = len(rows)
    given: dict[str, list[Any]] = {column: [None] * n for column in FACILITY_COLUMNS if column != "geometry"}
    given |= {"kind": ["hydrant"] * n, "status": ["existing"] * n, "source": [""] * n, "name": list(rows)}
    table = places(rows, **(given | columns))
    return table.assign(is_working=table["is_working"].astype("boolean"))


def test_broken_hydrants_are_counted_apart_and_cover_nothing() -> None:
    rows = facilities({"good": (0, 0), "bad": (600, 0), "new": (300, 0)}, is_working=[True, False, None])
    state = hydrants.judge_hydrants(ROADS, rows, HOMES, rules=RULES)
    assert state.hydrants["state"].tolist() == ["working", "broken", "unknown"]
    assert state.people["is_covered"].tolist() == [True, True, False]
    # Within 150 m of 0 and of 300 along the street: 150 + 300 of 600 m.
    assert state.cover.share == 0.75
    strict = hydrants.judge_hydrants(ROADS, rows, HOMES, rules=RULES, unknown_works=False)
    assert strict.people["is_covered"].tolist() == [True, False, False]
    assert strict.cover.share == 0.25


def test_only_existing_hydrants_count() -> None:
    rows = facilities(
        {"there": (0, 0), "planned": (300, 0), "closed": (300, 0), "idea": (600, 0)},
        status=["existing", "planned", "closed", "candidate"],
    )
    state = hydrants.judge_hydrants(ROADS, rows, HOMES, rules=RULES)
    assert state.hydrants.index.tolist() == ["there"]
    assert state.people["is_covered"].sum() == 1


def test_a_hydrant_off_the_road_covers_by_radius_but_spaces_no_road() -> None:
    rows = facilities({"yard": (300, 31)})
    state = hydrants.judge_hydrants(ROADS, rows, HOMES, rules=RULES)
    assert not state.hydrants["is_on_road"].any()
    assert state.people["is_covered"].tolist() == [False, True, False]
    assert state.spacing.gap_m == 600.0


def test_a_network_without_hydrant_roads_is_told() -> None:
    with pytest.raises(NetworkError, match=r"set \[hydrants\] classes"):
        hydrants.make_roads(STREET, classes=["motorway"])


def test_proposals_close_what_they_say() -> None:
    state = hydrants.judge_hydrants(ROADS, facilities({"H": (0, 0)}), HOMES, rules=RULES)
    least = hydrants.least_hydrants(state.roads, state.placed, state.spacing)
    # From 0 to a dead end at 600: 120 n + 120 >= 600.
    assert least.n == 4
    assert hydrants.add_proposals(state, least.edge, least.at_mm).gap_m == 0.0
    assert hydrants.add_proposals(state, least.edge[:-1], least.at_mm[:-1]).gap_m > 0.0


def test_water_is_driven_from_the_point_along_one_way_streets() -> None:
    # The street leads east only: from the point at 300 m the engine reaches middle and east, never west.
    point = places({"W": (300, -5)})
    found = hydrants.drive_to_water(STREET, point, HOMES)
    # 5 m to the street and 10 m from it, plus 300 m: 315.
    assert found["water_m"].tolist() == [math.inf, 15.0, 315.0]
    assert found["water_id"].where(found["water_id"].notna(), None).tolist() == [None, "W", "W"]


def test_water_short_places_are_beyond_hydrants_and_water_points() -> None:
    state = hydrants.judge_hydrants(ROADS, facilities({"H": (0, 0)}), HOMES, rules=RULES)
    people = state.people.join(hydrants.drive_to_water(STREET, places({"W": (300, -5)}), HOMES))
    short = [
        hydrants.water_short_places(people, water_m=limit, reach_m=100.0)["name"].tolist()
        for limit in (None, 314.999, 315.0)
    ]
    assert short == [["乙 东村", "甲 中村"], ["乙 东村"], []]


def test_rules_carry_their_source() -> None:
    assert (RULES.radius_m, RULES.spacing_m, RULES.both_sides_m, RULES.flow_lps) == (150, 120, 60, 15)
    assert RULES.sources["radius_m"] == "GB 50974-2014 7.2.5 [V2]"
    assert RULES.sources["both_sides_m"] == "GB 50974-2014 7.2.4 [V2]"


# Targets


def facts(rows: gpd.GeoDataFrame, **figures: dict[str, float]) -> Facts:
    return Facts(
        layers={"hydrants": ["status"]},
        people=HOMES["people"],
        stations=pd.DataFrame(),
        served=pd.Series(dtype=float),
        facilities=pd.DataFrame(rows.drop(columns="geometry")),
        figures=figures,
    )


def target(plan: str, target_id: str, **changes: object) -> Target:
    found = next(target for target in load_plan(plan).targets if target.id == target_id)
    return replace(found, **changes)


@pytest.mark.parametrize(
    ("works", "value", "is_open"),
    [
        ([True, True, True, True], 100.0, False),
        ([True, True, True, False], 75.0, False),
        ([True, True, True, None], 75.0, True),  # all may work
        ([True, True, None, False], 50.0, False),  # even then one is broken
    ],
)
def test_share_in_working_order_with_unknown_ones(works: list[object], value: float, is_open: bool) -> None:
    rows = facilities({f"H{i}": (i, 0) for i in range(4)}, is_working=works)
    measure = MEASURES["working_share"](target("chongming", "CM-6b"), facts(rows))
    assert measure.value == value
    assert bool(measure.needs) == is_open
    lower = MEASURES["working_share"](target("chongming", "CM-6b", value=50.0), facts(rows))
    assert not lower.needs


def test_new_hydrants_are_those_opened_after_the_base_year() -> None:
    rows = facilities({f"H{i}": (i, 0) for i in range(4)}, opened_year=[2020, 2021, 2023, None])
    measure = MEASURES["hydrant_siting"](target("chongming", "CM-6"), facts(rows))
    assert measure.value == 2.0
    assert not measure.needs  # one undated hydrant cannot make 600
    assert measure.if_missed == (Message("plans.hydrants_short", {"n": 598}),)
    assert measure.places == "hydrant_proposals"
    undecided = MEASURES["hydrant_siting"](target("chongming", "CM-6", value=3.0), facts(rows))
    assert undecided.needs == (("hydrants", "opened_year (1 / 4)"),)
    undated_target = target("chongming", "CM-6", settings={})
    assert MEASURES["hydrant_siting"](undated_target, facts(rows)).needs == (("hydrants", "base_year"),)
    by_plan = replace(facts(rows), base_year=2021)
    assert MEASURES["hydrant_siting"](undated_target, by_plan).value == 1.0
    nothing = MEASURES["working_share"](target("chongming", "CM-6b"), facts(rows.iloc[:0]))
    assert nothing.needs == (("hydrants", "status = existing"),)


# The study


@pytest.fixture(scope="module")
def sample() -> tuple[Study, Inputs]:
    study = read_study("sample")
    return study, read_inputs(study)


def test_the_sample_tells_its_hydrants(sample: tuple[Study, Inputs]) -> None:
    study, inputs = sample
    study = replace(study, hydrants=replace(study.hydrants, propose=40, water_point_m=1500.0))
    found = {finding.name: finding for finding in report_hydrants(study, inputs)}
    assert list(found) == [
        "hydrants", "hydrant_gaps", "hydrant_uncovered_roads", "hydrant_proposals", "water_short_areas",
        "water_points", "hydrants_by_zone",
    ]  # fmt: skip
    figures = found["hydrants"].figures
    rows = inputs.facilities
    n = int(((rows["kind"] == "hydrant") & (rows["status"] == "existing")).sum())
    assert figures["n_working"] + figures["n_broken"] + figures["n_unknown"] == figures["n_hydrants"] == n > 0
    gaps, sites = found["hydrant_gaps"].figures, found["hydrant_proposals"].figures
    assert gaps["gap_km"] == pytest.approx(found["hydrant_gaps"].table["length_m"].sum() / 1000.0)
    assert 0 < gaps["n_least_bound"] <= gaps["n_least"]
    assert sites["gap_km_after"] < gaps["gap_km"]
    assert sites["n_proposed"] == 40
    assert set(found["hydrant_proposals"].table["gap"]) <= set(found["hydrant_gaps"].table["gap"])
    assert sites["value"] <= sites["value_bound"]
    towns = found["hydrants_by_zone"].table
    assert towns["people"].sum() == inputs.demand["people"].sum()
    covered = (towns["people"] * towns["share_people_covered"]).sum()
    assert covered == pytest.approx(figures["people_covered"])
    assert towns["people_short"].sum() == pytest.approx(found["water_short_areas"].figures["people_short"])


def test_every_text_of_the_findings_is_there_in_both_languages(sample: tuple[Study, Inputs]) -> None:
    study, inputs = sample
    study = replace(study, hydrants=replace(study.hydrants, propose=2))
    for finding in report_hydrants(study, inputs):
        columns = [column for column in finding.table if column != "geometry"]
        classes = [word for word in (finding.style.roles if finding.style else ()) if word]
        keys = [finding.name, *(f"column_{c}" for c in columns), *(f"class_{word}" for word in classes)]
        for lang in ("zh", "en"):
            assert all(say(f"hydrants.{key}", lang=lang) for key in keys)
            assert all(note.say(lang) for note in finding.notes)
        if finding.style:
            assert set(finding.style.columns) <= set(columns)
            for deficiency in SEEN:
                assert least_apart(map(colour_of, finding.style.roles.values()), deficiency) > 30, (
                    finding.name
                )


def test_the_number_of_proposals_is_the_plans_unless_the_study_says(sample: tuple[Study, Inputs]) -> None:
    study, inputs = sample
    one = facilities({"H": (0, 0)})
    small = replace(inputs, network=STREET, facilities=one, demand=HOMES, barriers=None, context=Context())
    found = {f.name: f for f in report_hydrants(study, small)}
    # 600 are asked for by CM-6; on 600 m of street a few are enough.
    assert 4 <= found["hydrant_proposals"].figures["n_proposed"] < 20
    none = replace(study, hydrants=replace(study.hydrants, propose=0))
    found = {f.name: f for f in report_hydrants(none, small)}
    assert found["hydrant_proposals"].table.empty
    assert "water_points" not in found
    with pytest.raises(StudyError, match="must not be negative"):
        report_hydrants(replace(study, hydrants=replace(study.hydrants, propose=-1)), small)


def test_one_place_without_a_way_to_water_leaves_its_town_a_mean(sample: tuple[Study, Inputs]) -> None:
    # 10 people 100 m from the water point and 20 people 200 m: 5,000 / 30. 5 are on no road.
    study, inputs = sample
    at = places({"a": (100, 0), "b": (200, 0), "c": (200, 9000)})
    homes = at.assign(people=[10.0, 20.0, 5.0], risk=1.0, zone="town", name=["a", "b", "c"])
    water = facilities({"W": (0, 0)}).assign(kind="water_point")
    small = replace(inputs, network=STREET, facilities=water, demand=homes, barriers=None, context=Context())
    table = {f.name: f for f in report_hydrants(study, small)}["hydrants_by_zone"].table
    assert table["mean_water_m"].tolist() == pytest.approx([5000 / 30], abs=0.01)
    assert table["people_no_water"].tolist() == [5.0]
    none = replace(small, facilities=facilities({"H": (0, 0)}))
    table = {f.name: f for f in report_hydrants(study, none)}["hydrants_by_zone"].table
    assert table["people_no_water"].isna().all(), "nobody lacks a way to what is not there"


def test_built_up_areas_without_a_road_are_told(sample: tuple[Study, Inputs]) -> None:
    # No gap and no proposal would otherwise read as a town without faults.
    study, inputs = sample
    small = replace(inputs, network=STREET, facilities=facilities({"H": (0, 0)}), demand=HOMES, barriers=None)
    for east, is_told in ((0.0, False), (9e4, True)):
        box = shapely.box(EAST + east - 50, NORTH - 50, EAST + east + 300, NORTH + 50)
        built_up = gpd.GeoDataFrame({"name": ["b"]}, geometry=[box], crs=CRS)
        found = report_hydrants(study, replace(small, context=Context(built_up=built_up)))
        assert ("hydrants.note_nowhere" in {note.key for note in found[0].notes}) is is_told


def test_a_study_without_hydrants_has_no_findings(sample: tuple[Study, Inputs]) -> None:
    study, inputs = sample
    none = inputs.facilities[inputs.facilities["kind"] == "fire_station"]
    assert report_hydrants(study, replace(inputs, facilities=none)) == ()
