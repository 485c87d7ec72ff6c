"""Shelters: places and reach by class, area by town, checks, walks, and the report of a small town."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import StudyError
from geo.findings import Finding
from geo.plans import Facts, Plan, area_by_town, evaluate, judge_areas, load_plan
from geo.shelters import (
    ShelterRules,
    check_shelters,
    rate_shelters,
    shelter_people,
    walk_to_shelters,
    weighted_people,
)
from geo.study import Inputs, Study, read_inputs
from geo.study.findings.shelters import MOST_PLANNED, report_shelters
from geo.words import LANGS, say
from tests.studies import frame, points, town_study
from tests.towns import METRIC, ORIGIN, places, town

KPH = 4.0


def rated(spec: ShelterRules, **columns: list[Any]) -> pd.DataFrame:
    table = pd.DataFrame({"level": [None], "area_m2": [300.0], "places": [np.nan]} | columns)
    return rate_shelters(table, spec, walk_kph=KPH)


def test_places_of_the_layer_come_before_those_from_area():
    spec = ShelterRules(m2_per_person=1.5)
    table = rated(spec, level=["I", "I", "I"], area_m2=[300.0, 301.0, np.nan], places=[90.7, np.nan, np.nan])
    assert table["places"].tolist()[:2] == [90.0, 200.0]  # 301 / 1.5 = 200.67: nobody stands on two thirds
    assert table["places_from"].tolist() == ["layer", "area", ""]
    assert np.isnan(table["places"][2])


def test_no_number_from_memory_is_used_unless_the_study_sets_it():
    table = rated(ShelterRules(), level=["紧急"])
    assert np.isnan(table.loc[0, ["places", "limit_s"]].to_numpy(float)).all()


def test_numbers_of_a_class_come_before_those_for_all():
    spec = ShelterRules(
        m2_per_person=1.0,
        m2_per_person_by_level={"Ⅰ类": 3.0},
        reach_m=500.0,
        reach_m_by_level={"II类": 2000.0},
    )
    table = rated(spec, level=["I类", "Ⅱ类", None], area_m2=[300.0] * 3, places=[np.nan] * 3)
    assert table["places"].tolist() == [100.0, 300.0, 300.0]
    assert table["limit_s"].tolist() == [450.0, 1800.0, 450.0]  # 500 m at 4 km/h are 450 s


def test_reach_may_be_given_in_minutes():
    spec = ShelterRules(reach_min=15.0, reach_m_by_level={"I": 500.0})
    assert rated(spec, level=["I", "II"], area_m2=[1.0] * 2, places=[1.0] * 2)["limit_s"].tolist() == [
        450,
        900,
    ]


def test_a_class_may_stand_in_a_longer_text():
    spec = ShelterRules(reach_m=500.0, reach_m_by_level={"Ⅰ类": 1000.0, "区级(I类)": 2000.0, "i": 3000.0})
    table = rated(
        spec,
        level=["街镇级（I类）", "区级（Ⅰ类）", "Ⅱ类", "class I"],
        area_m2=[1.0] * 4,
        places=[1.0] * 4,
    )
    # The longest word that a class holds counts; II holds no I.
    assert table["limit_s"].tolist() == [900.0, 1800.0, 450.0, 2700.0]


def test_area_that_comes_out_a_hair_short_holds_the_whole_person():
    assert rated(ShelterRules(m2_per_person=0.1), area_m2=[0.3])["places"].tolist() == [3.0]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"reach_m": 500.0, "reach_min": 10.0}, "give either reach_m or reach_min, not both"),
        ({"m2_per_person": 0.0}, "m2_per_person = 0.0 should be a number above 0 and up to 1,000,000 m²"),
        ({"reach_m_by_level": {"I": -1.0}}, "reach_m_by_level.I = -1.0 should be a number above 0"),
        ({"night": 1.5}, "night = 1.5 should be a number from 0 to 1 (a share"),
    ],
)
def test_wrong_settings_stop_a_study_when_it_is_read(tmp_path: Path, settings: dict[str, Any], told: str):
    with pytest.raises(StudyError, match=rf"\[shelters\]:? {re.escape(told)}"):
        town_study(tmp_path, shelters=settings)


def shelters_of(**columns: list[Any]) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    base = {"status": ["existing"] * n, "area_m2": [np.nan] * n, "zone": ["N"] * n}
    return pd.DataFrame(base | columns)


def test_only_existing_shelters_count_and_planned_ones_are_told_beside_them():
    table = area_by_town(
        shelters_of(
            status=["existing", "planned", "closed", "candidate"], area_m2=[100.0, 200.0, 400.0, 800.0]
        ),
        pd.Series({"N": 100.0}),
    )
    assert table.loc["N", ["area_m2", "m2_per_person", "planned_m2"]].tolist() == [100.0, 1.0, 200.0]
    assert table.loc["N", "with_planned_m2_per_person"] == 3.0
    assert table.loc["N", "n_shelters"] == 1


@pytest.mark.parametrize(
    ("area", "is_above", "state", "lacks"),
    [
        (770.0, False, "met", 0.0),  # 0.77 m2 for each of 1,000: exactly enough
        (770.0, True, "below", 0.0),  # but not above it
        (769.0, False, "below", 1.0),
    ],
)
def test_a_town_on_the_target(area: float, is_above: bool, state: str, lacks: float):
    table = area_by_town(shelters_of(area_m2=[area]), pd.Series({"N": 1000.0}))
    row = judge_areas(table, target_m2=0.77, is_above=is_above).loc["N"]
    assert row.tolist() == [state, lacks]


def test_unknown_areas_are_enough_for_met_and_not_for_below():
    shelters = shelters_of(area_m2=[800.0, np.nan, 500.0, np.nan], zone=["N", "N", "S", "S"])
    table = area_by_town(shelters, pd.Series({"N": 1000.0, "S": 1000.0, "W": 0.0, "E": 10.0}))
    judged = judge_areas(table, target_m2=0.77)
    assert judged["state"].to_dict() == {"N": "met", "S": "unknown", "W": "nobody", "E": "below"}
    assert table["n_area_unknown"].to_dict() == {"N": 1, "S": 1, "W": 0, "E": 0}
    assert judged["lacks_m2"].to_dict() == {"N": 0.0, "S": 270.0, "W": 0.0, "E": 7.7}
    assert set(judge_areas(table, target_m2=None)["state"]) == {"no target"}


def test_a_shelter_in_no_town_of_the_list_has_a_row_of_its_own():
    shelters = shelters_of(area_m2=[10.0, 20.0], zone=["X", None])
    table = area_by_town(shelters, pd.Series({"N": 1.0}))
    assert table["area_m2"].to_dict() == {"N": 0.0, "X": 10.0, "": 20.0}
    assert np.isnan(table.loc["X", "m2_per_person"])


def test_people_are_weighed_by_day_and_by_night():
    demand = pd.DataFrame(
        {"people": [100.0, 100.0], "people_day": [200.0, np.nan], "people_night": [80.0, 60.0]}
    )
    # 0.25 x 80 + 0.75 x 200; a point that says no people by day has its residents: 0.25 x 60 + 0.75 x 100.
    weighted = weighted_people(demand, night=0.25)
    assert weighted is not None
    assert weighted.tolist() == [170.0, 90.0]
    assert weighted_people(demand[["people"]], night=0.25) is None


def checked(
    levels: list[str | None],
    heads: list[float],
    *,
    people: float = 1000.0,
    built_up: gpd.GeoDataFrame | None = None,
    **settings: Any,
) -> pd.DataFrame:
    xy = {f"s{i}": (1000.0 * i, 0.0) for i in range(len(levels))}
    shelters = places(xy, name=list(xy), level=levels, places=heads, zone=["N"] * len(levels))
    demand = places({"h": (0, 0), "k": (2000, 0)}, people=[people, 0.0], zone=["N", None])
    return check_shelters(shelters, demand, ShelterRules(**settings), built_up=built_up)


@pytest.mark.parametrize(
    ("levels", "heads", "status", "needs"),
    [
        (["Ⅰ类", "Ⅲ类"], [150.0, 900.0], "met", ""),  # exactly 15 % of 1,000; class III is no fixed shelter
        (["Ⅰ类", "Ⅲ类"], [149.0, 900.0], "missed", ""),
        (["固定避难场所", "Ⅱ类"], [149.0, np.nan], "no data", "shelters: places (1)"),
        (["固定避难场所", "Ⅱ类"], [150.0, np.nan], "met", ""),  # what is unknown can only add
        (["Ⅰ类", None], [149.0, 900.0], "no data", "shelters: level (1)"),
    ],
)
def test_fixed_shelters_hold_fifteen_percent(
    levels: list[str | None], heads: list[float], status: str, needs: str
):
    table = checked(levels, heads)
    fixed = table[table["rule"] == "shelter-share-of-people"].set_index("place")
    assert fixed.loc["N", ["status", "needs"]].tolist() == [status, needs]
    assert fixed.loc["N", ["standard", "clause", "level", "mark"]].tolist() == [
        "GB 55028",
        "4.2.2",
        "must",
        "V",
    ]
    assert fixed.loc["", "people"] == 1000.0


def test_planned_people_are_those_of_a_town_that_is_there():
    # 城桥 is 城桥镇; a mistyped town would add its people to the district and be a town without shelters.
    park = places({"s": (0, 0)}, name=["s"], level=["Ⅰ类"], places=[100.0], zone=["城桥镇"])
    homes = places({"h": (0, 0)}, people=[1000.0], zone=["城桥镇"])
    table = check_shelters(park, homes, ShelterRules(planned_people={"城桥": 500.0}))
    assert table.set_index("place")["people"].to_dict() == {"": 500.0, "城桥镇": 500.0}
    new = check_shelters(park, homes, ShelterRules(planned_people={"新城镇": 500.0}), towns=["新城镇"])
    assert new.set_index("place")["people"].to_dict() == {"": 1500.0, "城桥镇": 1000.0, "新城镇": 500.0}
    with pytest.raises(StudyError, match=r"planned_people 'M' is unknown; known: N"):
        checked(["Ⅰ类"], [100.0], planned_people={"M": 500.0})


def test_planned_people_and_classes_are_the_study_s():
    table = checked(["A", "B"], [100.0, 100.0], fixed_levels=["a"], planned_people={"N": 500.0})
    row = table.set_index("place").loc["N"]
    assert (row["value"], row["n_shelters"], row["status"]) == (20.0, 1, "met")


def test_a_central_shelter_serves_what_is_nearest_to_it():
    # Built land 3 x 1 km; the shelters at 0 and 1,000 m part it at 500 m: 1 x 1 km and 2 x 1 km.
    ground = shapely.transform(shapely.box(-500, -500, 2500, 500), lambda xy: xy + ORIGIN)
    land = gpd.GeoDataFrame(geometry=[ground], crs=METRIC)
    table = checked(["中心", "中心"], [1.0, 1.0], people=500_001.0, built_up=land)
    central = table[table["rule"].str.startswith("shelter-central")].set_index(["rule", "place"])
    assert central.loc[("shelter-central-people", "s0"), ["value", "status"]].tolist() == [
        500_001.0,
        "missed",
    ]
    assert central.loc[("shelter-central-people", "s1"), ["value", "status"]].tolist() == [0.0, "met"]
    km2 = central.xs("shelter-central-land")["value"]
    assert km2.to_dict() == {"s0": pytest.approx(1.0), "s1": pytest.approx(2.0)}


def test_central_shelters_without_built_land_are_no_data():
    table = checked(["中心"], [1.0], people=500_000.0).set_index("rule")
    assert table.loc["shelter-central-people", "status"] == "met"  # exactly 500,000
    assert table.loc["shelter-central-land", ["status", "needs"]].tolist() == ["no data", "built_up"]


RIVER = {1: (0, 0), 2: (900, 0), 3: (0, 500), 4: (900, 500)}
SIDES = [(1, 2, 810), (3, 4, 810)]


def sent(links: list[tuple[int, int, float]], *, limit_s: float = 1200.0):
    shelters = places({"near": (900, 0), "over": (0, 500)}, status=["existing"] * 2)
    homes = places({"a": (0, 0), "b": (900, 500)}, people=[10.0, 10.0])
    walks = walk_to_shelters(town(RIVER, links), shelters, homes, limit_s=limit_s, walk_kph=KPH)
    heads = pd.Series({"near": 5.0, "over": 15.0})
    return shelter_people(walks.times, homes["people"], heads, limit_s=limit_s, near=walks.near)


def test_a_shelter_across_the_river_takes_nobody_without_a_bridge():
    # The shelter with room is 500 m away in a straight line, but on the other bank.
    apart = sent(SIDES)
    assert apart.people["sheltered"].tolist() == [5, 10]
    assert apart.people["reason"].tolist() == ["shelters in reach are full", ""]
    assert apart.shelters["unused"].tolist() == [0, 5]
    joined = sent([*SIDES, (1, 3, 450)])
    assert joined.people["sheltered"].tolist() == [10, 10]
    # 5 over the bridge in 450 s, 5 along the bank in 810 s; 10 on the other bank in 810 s.
    assert joined.walk_s == 5 * 450 + 5 * 810 + 10 * 810


def test_an_island_without_a_shelter_is_unreachable():
    shelters = places({"near": (900, 0)}, status=["existing"])
    homes = places({"a": (0, 0), "b": (900, 500)}, people=[10.0, 10.0])
    walks = walk_to_shelters(town(RIVER, SIDES), shelters, homes, limit_s=1200.0, walk_kph=KPH)
    apart = shelter_people(
        walks.times, homes["people"], pd.Series({"near": 5.0}), limit_s=1200.0, near=walks.near
    )
    assert apart.people["reason"].tolist() == ["shelters in reach are full", "unreachable"]
    assert apart.people["nearest_s"].tolist() == [810.0, np.inf]


def test_people_walk_to_the_shelter_and_not_from_it():
    shelters, homes = places({"s": (900, 0)}, status=["existing"]), places({"a": (0, 0)}, people=[1.0])
    one_way = town({1: (0, 0), 2: (900, 0)}, [(1, 2, 800, np.inf)])
    walks = walk_to_shelters(one_way, shelters, homes, limit_s=900.0, walk_kph=KPH)
    assert walks.times.to_dense().loc["a", "s"] == 800.0


SHELTERS = {"park": (1000, 0), "school": (4000, 0), "hall": (2000, 1000)}
SPEC = ShelterRules(reach_m=1400.0, m2_per_person=1.5, target_m2=0.77)
DAY = [0, 500, 300, 1200, 50]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Inputs]:
    """Read the town with a park of 1,200 places, a school of 300 m2 and a hall that is planned."""
    folder = tmp_path_factory.mktemp("town")
    layers = [{"path": "stations.gpkg"}, {"path": "shelters.gpkg", "kind": "shelter"}]
    study = town_study(folder, facilities=layers)
    frame(
        points(*SHELTERS.values()),
        name=list(SHELTERS),
        id=list(SHELTERS),
        status=["existing", "existing", "planned"],
        level=["Ⅰ类", "Ⅱ类", "Ⅲ类"],
        area_m2=[770.0, 300.0, 1000.0],
        places=[1200.0, np.nan, 400.0],
    ).to_file(folder / "shelters.gpkg")
    villages = gpd.read_file(folder / "villages.gpkg")
    villages.assign(日间人口=DAY).to_file(folder / "villages.gpkg")
    return study, read_inputs(study)


def found(read: tuple[Study, Inputs], spec: ShelterRules = SPEC, **changes: Any) -> dict[str, Finding]:
    study, inputs = read
    findings = report_shelters(replace(study, shelters=spec), replace(inputs, **changes))
    return {finding.name: finding for finding in findings}


@pytest.fixture(scope="module")
def report(read: tuple[Study, Inputs]) -> dict[str, Finding]:
    return found(read)


def test_the_town_s_people_are_sent_as_worked_out_by_hand(report: dict[str, Finding]):
    # At 4 km/h 1,400 m are 1,260 s. v1 (1,000) lives at the park; v3 (300) is 1,400 m away, the limit:
    # 200 of it find the places that are left. v4 (200) lives at the school, which holds 300 / 1.5 = 200.
    # v2 (500) is 2,000 m from the park and v5 (50) is on an island.
    left = report["shelter_people"].table.set_index("name")
    assert left["left_over"].to_dict() == {"v2": 500, "v3": 100, "v5": 50}
    assert left["reason"].to_dict() == {
        "v2": "no shelter in reach",
        "v3": "shelters in reach are full",
        "v5": "unreachable",
    }
    assert left.loc["v3", ["nearest", "nearest_s", "walk_s", "goes_to"]].tolist() == [
        "park",
        1260,
        1260,
        "park",
    ]
    assert left["nearest_s"].tolist() == [1800.0, 1260.0, np.inf]
    figures = report["shelter_people"].figures
    assert (figures["people"], figures["people_sheltered"], figures["share_gap"]) == (2050, 1400, 0.0)
    assert figures["people_full"] + figures["people_out_of_reach"] + figures["people_unreachable"] == 650
    assert figures["mean_walk_s"] == 200 * 1260 / 1400


def test_the_shelters_tell_their_use_and_planned_ones_what_they_add(report: dict[str, Finding]):
    table = report["shelters"].table.set_index("name")
    assert table["state"].to_dict() == {"park": "full", "school": "full", "hall": "planned"}
    assert table["used"].tolist()[:2] == [1200, 200]
    assert table["places_from"].tolist() == ["layer", "area", "layer"]
    assert table["people_in_reach"].tolist()[:2] == [1300, 200]
    # The hall stands at v2, whose 500 people fill its 400 places.
    assert table.loc["hall", "adds_people"] == 400
    assert np.isnan(table.loc["hall", ["used", "unused"]].to_numpy(float)).all()
    assert report["shelter_people"].figures["people_sheltered_with_planned"] == 1800
    figures = report["shelters"].figures
    assert figures["m2_per_person"] == 1070 / 2050
    assert figures["with_planned_m2_per_person"] == 2070 / 2050


def test_towns_below_the_target_tell_the_m2_that_they_lack(report: dict[str, Finding]):
    table = report["shelter_towns"].table
    # West: v1, v2, v3 and the park, 770 m2 for 1,800 people; East: v4 and the school.
    assert table.loc["West", ["people", "area_m2", "lacks_m2", "state"]].tolist() == [1800, 770, 616, "below"]
    assert table.loc["East", ["people", "m2_per_person", "state"]].tolist() == [200, 1.5, "met"]
    assert table.loc["", ["people", "left_over"]].tolist() == [50, 50]
    assert table.loc["West", ["sheltered", "left_over", "places", "unused"]].tolist() == [1200, 600, 1200, 0]
    assert table.geometry.isna().tolist() == [False, False, True]
    # The island is in no town: it has a row, and is not counted as one.
    figures = report["shelter_towns"].figures
    assert (figures["n_towns"], figures["n_below"], figures["lacks_m2"]) == (2, 1, 616)


def test_every_text_exists_in_both_languages(report: dict[str, Finding]):
    for finding in report.values():
        # A text in both languages is one column when it is written, in the language of the study.
        columns = dict.fromkeys(re.sub("_(zh|en)$", "", name) for name in finding.table if name != "geometry")
        keys = [finding.name, *(f"column_{name}" for name in columns)]
        if finding.style is not None:
            keys += [f"class_{word}" for word in finding.style.roles]
            assert set(finding.table[finding.style.by]) <= set(finding.style.roles)
            assert set(finding.style.columns) <= set(finding.table)
        for lang in LANGS:
            assert all(say(f"{finding.words}.{key}", lang=lang) for key in keys)
            for note in finding.notes:
                assert note.say(lang)


def test_without_reach_nobody_is_sent_and_the_notes_say_what_to_set(read: tuple[Study, Inputs]):
    findings = found(read, ShelterRules())
    assert set(findings) == {"shelters", "shelter_towns", "shelter_checks"}
    assert findings["shelters"].table["state"].tolist() == ["no data", "no data", "planned"]
    notes = [note.key.removeprefix("shelters.") for note in findings["shelters"].notes]
    assert notes == ["note_only_existing", "note_places_unknown", "note_reach_unknown", "note_not_sent"]
    assert set(findings["shelter_towns"].table["state"]) == {"no target"}
    # Nothing is said of towns below a target that there is not: "0 towns" would read like a good answer.
    assert "n_below" not in findings["shelter_towns"].figures
    for lang in LANGS:
        for note in findings["shelters"].notes:
            assert note.say(lang)


def test_a_shelter_without_places_is_told_apart(read: tuple[Study, Inputs]):
    findings = found(read, ShelterRules(reach_m=1400.0))
    assert findings["shelters"].table["state"].tolist() == ["full", "no data", "planned"]
    assert findings["shelter_people"].figures["people_places_unknown"] == 200


def test_the_target_is_the_plan_s_where_the_study_sets_none(read: tuple[Study, Inputs]):
    study, inputs = read
    own = replace(study, study=replace(study.study, plan="shanghai"))
    towns = found((own, inputs), ShelterRules())["shelter_towns"]
    assert towns.figures["target_m2_per_person"] == 1.5
    # East has exactly 1.5 m2 a person, and the city's plan asks for more than that.
    assert towns.table.loc["East", "state"] == "below"


def test_day_and_night_are_told_beside_the_residents(read: tuple[Study, Inputs]):
    # By day the 1,000 of v1 are at v4 (200 -> 1,200): half of each makes 500 and 700.
    findings = found(read, replace(SPEC, night=0.5))
    figures = findings["shelter_people"].figures
    assert figures["people_sheltered"] == 1400
    # Park: 500 of v1 and all 300 of v3; school: 200 of the 700 of v4.
    assert figures["people_sheltered_weighted"] == 1000
    assert figures["people_weighted"] == 2050
    assert findings["shelters"].table["used_weighted"].tolist()[:2] == [800, 200]
    assert findings["shelter_towns"].table.loc["East", "left_over_weighted"] == 500


def test_a_weight_that_nothing_can_use_is_told(read: tuple[Study, Inputs]):
    demand = read[1].demand.drop(columns="people_day")
    notes = found(read, replace(SPEC, night=0.5), demand=demand)["shelters"].notes
    assert "shelters.note_weight_unused" in [note.key for note in notes]


def test_a_class_that_no_shelter_has_is_told(read: tuple[Study, Inputs]):
    spec = replace(SPEC, reach_m_by_level={"Ⅰ类": 900.0, "Ⅳ类": 900.0}, fixed_levels=["固定"])
    notes = {note.key: note.values for note in found(read, spec)["shelters"].notes}
    assert notes["shelters.note_unmatched"]["levels"] == "Ⅳ类, 固定"


def test_a_study_without_shelters_has_no_findings(read: tuple[Study, Inputs]):
    rows = read[1].facilities
    assert found(read, facilities=rows[rows["kind"] != "shelter"]) == {}


def test_many_planned_shelters_are_tried_together_only(read: tuple[Study, Inputs]):
    rows = read[1].facilities
    hall = rows[rows["name"] == "hall"]
    n = MOST_PLANNED + 1
    halls = gpd.GeoDataFrame(pd.concat([hall] * n), crs=hall.crs).set_axis([f"hall {i}" for i in range(n)])
    more = gpd.GeoDataFrame(pd.concat([rows, halls]), crs=hall.crs)
    findings = found(read, facilities=more)
    assert findings["shelters"].table["adds_people"].isna().all()
    # All but the island: v2 and what is left of v3 go to the halls.
    assert findings["shelter_people"].figures["people_sheltered_with_planned"] == 2000


def target(plan: str, **changes: Any) -> pd.Series:
    base: dict[str, Any] = {
        "status": ["existing", "existing", "planned"],
        "area_m2": [700.0, 70.0, 500.0],
        "zone": ["N", "S", "S"],
    }
    rows = pd.DataFrame(base | changes).assign(kind="shelter")
    facts = Facts(
        layers={"shelters": ["area_m2"], "people": ["people"]},
        people=pd.Series([600.0, 400.0]),
        stations=pd.DataFrame({"name": [], "status": []}),
        served=pd.Series(dtype=float),
        facilities=rows,
        zones=pd.DataFrame({"name": ["N", "S"], "level": "town", "people": [600.0, 400.0]}),
    )
    known: Plan = load_plan(plan)
    only = replace(known, targets=tuple(t for t in known.targets if t.method == "area_per_person"))
    return evaluate(only, facts).iloc[0]


def test_the_plan_s_target_is_met_exactly():
    row = target("jinshan")  # 770 m2 / 1,000 people
    assert (row["status"], row["value"], row["places"]) == ("met", 0.77, "shelter_towns")
    # South has 70 m2 for 400 people: it lacks 0.77 x 400 - 70 = 238 m2.
    assert "1 of 2 towns are below; the lowest: S 0.17 (-238 m²)" in row["evidence_en"]
    assert "1 planned shelters (500 m²)" in row["evidence_en"]
    assert "人均 0.77 平方米" in row["evidence_zh"]


def test_the_plan_s_target_is_missed_by_so_many_m2():
    row = target("songjiang", area_m2=[700.0, 0.0, 500.0])
    assert (row["status"], row["missed_by"]) == ("missed", pytest.approx(0.07))
    assert "70 m² are lacking" in row["evidence_en"]
    above = target("shanghai", area_m2=[1500.0, 0.0, 0.0])
    assert above["status"] == "missed"  # 1.5 is not more than 1.5
    assert target("shanghai", area_m2=[1501.0, 0.0, 0.0])["status"] == "met"


def test_areas_that_are_not_known_are_no_data_unless_the_rest_is_enough():
    row = target("jinshan", area_m2=[700.0, np.nan, 500.0])
    assert (row["status"], row["needs"]) == ("no data", "shelters: area_m2 (1 / 2)")
    enough = target("jinshan", area_m2=[800.0, np.nan, 500.0])
    assert enough["status"] == "met"
    assert "1 of them have no area" in enough["evidence_en"]
