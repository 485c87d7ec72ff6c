"""Measures from tables alone: the whole answer, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.messages import Message
from geo.plans import Facts, Target
from geo.plans.evidence import Measure
from geo.plans.measures import MEASURES

TARGET = Target("X-1", "", "", ">=", 90.0, "%", "binding", "", {}, "")


def measure(method: str, target: Target = TARGET, **facts: Any) -> Measure:
    given = {
        "layers": {},
        "people": pd.Series([600.0, 400.0]),
        "stations": pd.DataFrame(),
        "served": pd.Series(dtype=float),
    }
    known = Facts(**{**given, **facts})
    return MEASURES[method](target, known)


# --- fire stations ---------------------------------------------------------------------------------------


def no_value(**parts: Any) -> Measure:
    """Give an answer without a value: nan equals no nan, from Python 3.13 on also inside a dataclass."""
    return Measure(value=pytest.approx(np.nan, nan_ok=True), **parts)


def stations(*names: str | float | None, status: str = "existing") -> pd.DataFrame:
    """Stations A, B, ... of a status, and a planned one that does not count."""
    ids = [*"ABCDEFG"[: len(names)], "P"]
    return pd.DataFrame(
        {"name": [*names, "规划站"], "status": [status] * len(names) + ["planned"]}, index=ids
    )


def test_people_a_station_are_those_of_the_district_over_the_existing_stations() -> None:
    # 250,000 people and two stations: 12.5 (10,000 each); three would be needed for at most 12.
    people = pd.Series([150_000.0, 100_000.0])
    asked = replace(TARGET, comparator="<=", value=12.0)
    assert measure("people_per_station", asked, people=people, stations=stations("甲", "乙")) == Measure(
        value=12.5,
        evidence=(Message("plans.people_per_station", {"people": 250_000.0, "n": 2, "value": 12.5}),),
        if_missed=(Message("plans.short_stations", {"n": 1}),),
        places="stations",
    )
    nobody = measure("people_per_station", asked, people=people, stations=stations())
    assert nobody.value == np.inf
    assert nobody.if_missed == (Message("plans.short_stations", {"n": 3}),)
    # 240,024 people: three at 12, as two would serve 12.0012 each.
    close = measure("people_per_station", asked, people=pd.Series([240_024.0]), stations=stations("甲", "乙"))
    assert close.if_missed == (Message("plans.short_stations", {"n": 1}),)


def test_the_busiest_station_and_what_is_too_much_for_all() -> None:
    # Most: 120,000. A serves 150,000, B as many as it may, C 130,000; 1,000 people are served by none.
    served = pd.Series({"A": 150_000.0, "B": 120_000.0, "C": 130_000.0})
    asked = replace(TARGET, comparator="<=", value=12.0)
    facts = {"people": pd.Series([401_000.0]), "served": served}
    numbers = {"name": "甲", "most": 150_000.0, "n_over": 2, "n": 3, "unserved": 1000.0}
    excess = {"n": 40_000.0, "n_over": 2, "most": 120_000.0}
    answer = measure("most_loaded_station", asked, stations=stations("甲", "乙", "丙"), **facts)
    assert answer == Measure(
        value=15.0,
        evidence=(Message("plans.most_loaded", numbers),),
        if_missed=(Message("plans.excess_people", excess),),
        places="stations",
    )
    # A station without a name, or that the table does not know, is called by its id.
    for table in (stations(None, "乙"), stations(np.nan, "乙"), stations("甲").iloc[1:]):
        named = measure("most_loaded_station", asked, stations=table, **facts).evidence[0].values["name"]
        assert named == "A"
    nobody = no_value(needs=(("stations", "status = existing"),))
    assert measure("most_loaded_station", asked, stations=stations("甲")) == nobody


def test_the_growth_of_stations_is_told_against_the_base_year() -> None:
    # 4 stations, 5 today: 25 % more; 50 % are wanted, that is 6.
    asked = replace(TARGET, value=50.0, settings=MappingProxyType({"base": 4}))
    five = stations("甲", "乙", "丙", "丁", "戊")
    assert measure("station_growth", asked, stations=five) == Measure(
        value=25.0,
        evidence=(Message("plans.station_growth", {"n": 5, "base": 4.0, "value": 25.0}),),
        if_missed=(Message("plans.short_stations", {"n": 1}),),
    )
    # 25.5 % of 400 are 102, and 502 are wanted.
    many = replace(asked, value=25.5, settings=MappingProxyType({"base": 400}))
    short = measure("station_growth", many, stations=five).if_missed
    assert short == (Message("plans.short_stations", {"n": 497}),)


# --- zones -------------------------------------------------------------------------------------------


def zone_tables(*rows: tuple[str, str, str, str], stations: str = "ABCDE") -> dict[str, pd.DataFrame]:
    """Zones of stations A, B, ... and one without a station; rows of checks: station, check, level, state."""
    return {
        "station_zones": pd.DataFrame(
            {"facility_id": [*stations, None], "name": [f"{letter}站" for letter in stations] + ["沙洲"]}
        ),
        "zone_checks": pd.DataFrame(rows, columns=["facility_id", "check", "level", "state"]),
    }


def test_stations_conform_by_area_and_time_and_what_is_missed_is_told_apart() -> None:
    # A keeps both; B's area misses a 'should', C's a 'must'; D is late and too large; E is exempt. Obstacles
    # do not count.
    tables = zone_tables(
        *[(letter, "edge_time", "must", "missed" if letter == "D" else "met") for letter in "ABCDE"],
        ("A", "area_first", "should", "met"),
        ("B", "area_second", "should", "missed"),
        ("C", "area_first", "must", "missed"),
        ("D", "area_first", "should", "missed"),
        ("E", "area_special", "should", "exempt"),
        ("A", "crosses_river", "should", "missed"),
    )
    assert measure("jurisdictions", tables=tables) == Measure(
        value=40.0,
        evidence=(
            Message("plans.jurisdictions", {"ok": 2, "n": 5, "exempt": 1, "should": 2, "must": 1, "late": 1}),
            Message("plans.jurisdictions_failing", {"names": ("B站", "C站", "D站")}),
        ),
        if_missed=(Message("plans.short_jurisdictions", {"n": 3}),),
        places="station_zones",
    )


def test_stations_are_judged_in_the_order_of_their_zones_also_those_without_any_check() -> None:
    # C has no check: nobody knows. B is late. A conforms.
    tables = zone_tables(
        ("A", "edge_time", "must", "met"),
        ("A", "area_first", "should", "met"),
        ("B", "edge_time", "must", "missed"),
        stations="CBA",
    )
    answer = measure("jurisdictions", replace(TARGET, value=50.0), tables=tables)
    assert answer.value == pytest.approx(100 / 3)
    assert answer.evidence[1] == Message("plans.jurisdictions_failing", {"names": ("B站",)})
    assert answer.needs == (("stations", "station_class (1 / 3)"),)


def test_where_all_conform_none_is_named_and_of_many_the_first_five() -> None:
    letters = "ABCDEF"
    fine = zone_tables(
        *[(letter, check, "must", "met") for letter in letters for check in ("edge_time", "area_first")],
        stations=letters,
    )
    all_well = measure("jurisdictions", tables=fine)
    assert all_well.value == 100.0
    assert len(all_well.evidence) == 1
    late = zone_tables(*[(letter, "edge_time", "must", "missed") for letter in letters], stations=letters)
    none_well = measure("jurisdictions", tables=late)
    assert none_well.value == 0.0
    assert none_well.evidence[1] == Message(
        "plans.jurisdictions_failing", {"names": ("A站", "B站", "C站", "D站", "E站", "…")}
    )
    five = zone_tables(*[(letter, "edge_time", "must", "missed") for letter in "ABCDE"])
    assert measure("jurisdictions", tables=five).evidence[1].values["names"] == tuple(
        f"{letter}站" for letter in "ABCDE"
    )


@pytest.mark.parametrize(
    ("wanted", "needs"),
    [
        (60.0, ()),  # three of five conform, whatever the other two are
        (60.1, (("stations", "station_class (1 / 5)"),)),  # the two decide; one has no class, so no area
        (100.0, (("stations", "station_class (1 / 5)"),)),  # met if both conform
        (100.1, ()),  # missed even then
    ],
)
def test_stations_that_could_not_be_checked_decide_only_where_they_can(wanted: float, needs: Any) -> None:
    # A, B, C conform; D has no class, so that its area is not checked; the way to E's edge is not known.
    tables = zone_tables(
        *[(letter, "edge_time", "must", "met") for letter in "ABCD"],
        *[(letter, "area_first", "should", "met") for letter in "ABCE"],
        ("E", "edge_time", "must", "no_data"),
    )
    answer = measure("jurisdictions", replace(TARGET, value=wanted), tables=tables)
    assert answer.value == 60.0
    assert answer.needs == needs


def test_where_only_times_are_unknown_the_roads_are_what_is_missing() -> None:
    tables = zone_tables(
        *[(letter, "area_first", "should", "met") for letter in "AB"],
        ("A", "edge_time", "must", "met"),
        ("B", "edge_time", "must", "no_data"),
        stations="AB",
    )
    assert measure("jurisdictions", tables=tables).needs == (("roads", "(1 / 2)"),)


def test_without_zones_or_stations_the_measure_says_what_is_missing() -> None:
    whole = zone_tables(("A", "edge_time", "must", "met"))
    for left_out in whole:
        tables = {name: table for name, table in whole.items() if name != left_out}
        assert measure("jurisdictions", tables=tables) == no_value(needs=(("stations", "station_class"),))
    nobody = zone_tables(("A", "edge_time", "must", "met"), stations="")
    assert measure("jurisdictions", tables=nobody) == no_value(needs=(("stations", "status = existing"),))


# --- hydrants ------------------------------------------------------------------------------------------


def hydrants(n_working: int, n_broken: int, n_unknown: int = 0, **columns: Any) -> pd.DataFrame:
    works = [True] * n_working + [False] * n_broken + [None] * n_unknown
    made = {"kind": "hydrant", "status": "existing", "is_working": works, "opened_year": np.nan, **columns}
    table = pd.DataFrame(made, index=range(len(works)))
    # What is planned, closed, or no hydrant does not count.
    others = pd.DataFrame(
        {"kind": ["hydrant", "hydrant", "water_point"], "status": ["planned", "closed", "existing"]}
    ).assign(is_working=False, opened_year=2024.0)
    return pd.concat([table, others], ignore_index=True)


def test_hydrants_in_order_are_a_share_of_those_that_exist() -> None:
    assert measure("working_share", facilities=hydrants(7, 3)) == Measure(
        value=70.0,
        evidence=(
            Message(
                "plans.hydrants_working",
                {"n": 10, "n_working": 7, "n_broken": 3, "unknown": 0, "value": 70.0},
            ),
        ),
        if_missed=(Message("plans.hydrants_to_mend", {"n": 2}),),  # 90 % of 10 are 9
        places="hydrants",
    )
    assert measure("working_share", facilities=hydrants(0, 0)) == no_value(
        needs=(("hydrants", "status = existing"),)
    )


@pytest.mark.parametrize(
    ("wanted", "is_open", "to_mend"),
    [(60.0, False, 0), (60.1, True, 1), (80.0, True, 2), (80.1, False, 3), (90.0, False, 3)],
)
def test_hydrants_of_unknown_state_decide_only_where_they_can(
    wanted: float, is_open: bool, to_mend: int
) -> None:
    # 6 work, 2 do not, of 2 nobody knows: between 60 and 80 %.
    answer = measure("working_share", replace(TARGET, value=wanted), facilities=hydrants(6, 2, 2))
    numbers = {"n": 10, "n_working": 6, "n_broken": 2, "unknown": 2, "value": 60.0}
    assert answer == Measure(
        value=60.0,
        evidence=(Message("plans.hydrants_working", numbers), Message("plans.hydrants_unknown", numbers)),
        if_missed=(Message("plans.hydrants_to_mend", {"n": to_mend}),),
        needs=(("hydrants", "is_working (2 / 10)"),) if is_open else (),
        places="hydrants",
    )


def test_one_hydrant_of_unknown_state_or_year_is_enough_to_decide() -> None:
    # 8 work, 1 does not, of 1 nobody knows: 80 or 90 %. One is new and one has no year: one or two.
    assert measure("working_share", facilities=hydrants(8, 1, 1)).needs == (
        ("hydrants", "is_working (1 / 10)"),
    )
    table = hydrants(2, 0, opened_year=[2021.0, np.nan])
    answer = measure("hydrant_siting", replace(TARGET, value=2.0), facilities=table, base_year=2020)
    assert answer.needs == (("hydrants", "opened_year (1 / 2)"),)


def test_a_table_without_the_columns_knows_of_no_hydrant_whether_it_works_or_is_new() -> None:
    bare = pd.DataFrame({"kind": ["hydrant"] * 3, "status": ["existing"] * 3})
    assert measure("working_share", facilities=bare).needs == (("hydrants", "is_working (3 / 3)"),)
    answer = measure("hydrant_siting", replace(TARGET, value=2.0), facilities=bare, base_year=2020)
    assert (answer.value, answer.needs) == (0.0, (("hydrants", "opened_year (3 / 3)"),))


def test_hydrants_to_mend_are_not_one_more_for_a_rounding() -> None:
    # 7 % of 100: 0.07 * 100 is a little more than 7 in the machine.
    assert 7.0 / 100.0 * 100 > 7
    answer = measure("working_share", replace(TARGET, value=7.0), facilities=hydrants(5, 95))
    assert answer.if_missed == (Message("plans.hydrants_to_mend", {"n": 2}),)


def test_new_hydrants_are_counted_after_the_year_that_the_target_or_else_the_plan_names() -> None:
    years = [2019.0, 2020.0, 2021.0, 2024.0]
    table = hydrants(4, 0, opened_year=years)
    siting = replace(TARGET, value=5.0)
    assert measure("hydrant_siting", siting, facilities=table, base_year=2020) == Measure(
        value=2.0,
        evidence=(Message("plans.hydrants_new", {"n": 4, "n_new": 2, "since": 2020, "unknown": 0}),),
        if_missed=(Message("plans.hydrants_short", {"n": 3}),),
        places="hydrant_proposals",
    )
    own = replace(siting, settings=MappingProxyType({"new_since": 2018}))
    assert measure("hydrant_siting", own, facilities=table, base_year=2020).value == 4.0
    assert measure("hydrant_siting", siting, facilities=table) == no_value(needs=(("hydrants", "base_year"),))


@pytest.mark.parametrize(
    ("wanted", "is_open", "short"), [(1.0, False, 0), (1.5, True, 1), (3.0, True, 2), (3.5, False, 3)]
)
def test_hydrants_without_a_year_decide_only_where_they_can(wanted: float, is_open: bool, short: int) -> None:
    # One is new, one old, and two have no year that can be read: one to three.
    table = hydrants(4, 0, opened_year=[2021.0, 2019.0, np.nan, "不详"])
    answer = measure("hydrant_siting", replace(TARGET, value=wanted), facilities=table, base_year=2020)
    numbers = {"n": 4, "n_new": 1, "since": 2020, "unknown": 2}
    assert answer == Measure(
        value=1.0,
        evidence=(Message("plans.hydrants_new", numbers), Message("plans.hydrants_undated", numbers)),
        if_missed=(Message("plans.hydrants_short", {"n": short}),),
        needs=(("hydrants", "opened_year (2 / 4)"),) if is_open else (),
        places="hydrant_proposals",
    )


def test_what_lacks_a_hydrant_and_what_is_proposed_is_told_beside_the_count() -> None:
    figures = {"hydrant_gaps": {"n_gaps": 3.0}, "hydrant_proposals": {"n_proposed": 2.0}}
    told = [
        Message("plans.hydrant_gaps", {"n_gaps": 3.0}),
        Message("plans.hydrant_proposals", {"n_proposed": 2.0}),
    ]
    asked = {"facilities": hydrants(1, 0), "base_year": 2020}
    assert list(measure("hydrant_siting", figures=figures, **asked).evidence[2:]) == told
    nothing = {"hydrant_gaps": {}, "hydrant_proposals": {"n_proposed": 0.0}}
    assert len(measure("hydrant_siting", figures=nothing, **asked).evidence) == 2
    assert len(measure("hydrant_siting", **asked).evidence) == 2


# --- roads ---------------------------------------------------------------------------------------------


def test_links_that_strand_people_are_counted_and_dead_ends_told_beside_them() -> None:
    figures = {
        "cut_links": {"n_links": 4.0, "people_worst": 120.0},
        "dead_ends": {"n_dead_ends": 7.0, "people": 60.0, "length_m": 3500.0},
    }
    assert measure("road_links", figures=figures) == Measure(
        value=4.0,
        evidence=(
            Message("plans.cut_links", {"n": 4.0, "people": 120.0}),
            Message("plans.dead_ends", {"n": 7.0, "people": 60.0, "km": 3.5}),
        ),
        places="cut_links",
    )
    for left_out in figures:
        some = {name: numbers for name, numbers in figures.items() if name != left_out}
        assert measure("road_links", figures=some) == no_value(needs=(("roads", ""),))


def test_the_share_in_time_when_roads_close_is_that_of_the_hazards() -> None:
    hazards = {"hazards_share_before": 0.9, "hazards_share_after": 0.75}
    told = Message("plans.loss_hazards", {"share_before": 0.9, "share_after": 0.75})
    assert measure("network_loss", figures={"road_loss": hazards}) == Measure(
        value=75.0, evidence=(told,), places="flooded_roads"
    )
    both = {**hazards, "link_share_before": 0.9, "link_share_after": 0.8}
    link = Message("plans.loss_link", {"share_before": 0.9, "share_after": 0.8})
    assert measure("network_loss", figures={"road_loss": both}).evidence == (told, link)
    nothing = no_value(needs=(("hazards", ""), ("people", "people > 0")))
    assert measure("network_loss") == nothing
    assert measure("network_loss", figures={"road_loss": {"link_share_after": 0.8}}) == nothing


# --- shelters ------------------------------------------------------------------------------------------


def shelters(*rows: tuple[str, float, str]) -> pd.DataFrame:
    """Shelters (status, m2, town), and a depot whose area does not count."""
    table = pd.DataFrame(rows, columns=["status", "area_m2", "zone"]).assign(kind="shelter")
    depot = pd.DataFrame({"kind": ["depot"], "status": ["existing"], "area_m2": [9e9], "zone": ["甲"]})
    return pd.concat([table, depot], ignore_index=True)


AREA = replace(TARGET, value=1.5, unit="m2/person")


def test_the_area_of_existing_shelters_is_held_against_all_people() -> None:
    # 900 + 300 m2 for 1,000 people; 1,500 are wanted. 600 m2 are planned, and one planned has no area.
    table = shelters(
        ("existing", 900.0, "甲"), ("existing", 300.0, "乙"), ("closed", 5000.0, "甲"),
        ("planned", 600.0, "乙"), ("planned", np.nan, "乙"),
    )  # fmt: skip
    numbers = {"area": 1200.0, "n": 2, "people": 1000.0, "value": 1.2, "unknown": 0}
    assert measure("area_per_person", AREA, facilities=table) == Measure(
        value=1.2,
        evidence=(
            Message("plans.area_per_person", numbers),
            Message("plans.area_planned", {"n": 2, "area": 600.0, "value": 1.8}),
        ),
        if_missed=(Message("plans.short_area", {"m2": 300.0}),),
        places="shelter_towns",
    )
    assert measure("area_per_person", AREA, facilities=pd.DataFrame()) == no_value(needs=(("shelters", ""),))


@pytest.mark.parametrize(
    ("comparator", "wanted", "is_open"),
    [(">=", 1.0, False), (">=", 1.01, True), (">", 1.0, True), (">", 0.99, False)],
)
def test_known_areas_are_enough_to_meet_a_target_but_not_to_miss_it(
    comparator: str, wanted: float, is_open: bool
) -> None:
    table = shelters(("existing", 1000.0, "甲"), ("existing", np.nan, "甲"))
    answer = measure("area_per_person", replace(AREA, comparator=comparator, value=wanted), facilities=table)
    numbers = {"area": 1000.0, "n": 2, "people": 1000.0, "value": 1.0, "unknown": 1}
    assert answer.evidence == (
        Message("plans.area_per_person", numbers),
        Message("plans.area_unknown", numbers),
    )
    assert answer.needs == ((("shelters", "area_m2 (1 / 2)"),) if is_open else ())
    assert answer.if_missed[0].values["m2"] == pytest.approx(wanted * 1000.0 - 1000.0)


def towns(**people: float) -> pd.DataFrame:
    return pd.DataFrame({"name": list(people), "people": list(people.values())})


def test_towns_below_the_area_are_named_the_worst_first() -> None:
    # 甲 has 2 m2 a person, 乙 0.5 (1,000 m2 lacking), 丙 none (150 m2); nobody lives in 丁.
    table = shelters(("existing", 800.0, "甲"), ("existing", 500.0, "乙"))
    zones = towns(甲=400.0, 乙=1000.0, 丙=100.0, 丁=float("nan"))
    answer = measure("area_per_person", AREA, facilities=table, zones=zones, people=pd.Series([1500.0]))
    worst = (
        Message("plans.town_below_area", {"name": "丙", "value": 0.0, "lacks": 150.0}),
        Message("plans.town_below_area", {"name": "乙", "value": 0.5, "lacks": 1000.0}),
    )
    assert answer.evidence[-1] == Message("plans.towns_below_area", {"n": 2, "n_towns": 3, "worst": worst})
    bare = table.drop(columns="zone")
    assert len(measure("area_per_person", AREA, facilities=bare, zones=zones).evidence) == 1


def test_towns_of_unknown_area_are_below_and_only_towns_of_the_study_are_named() -> None:
    # 甲 has a shelter whose area nobody knows; a shelter stands elsewhere; one person lives in 乙.
    table = shelters(("existing", np.nan, "甲"), ("existing", 500.0, "乙"), ("existing", 500.0, "外"))
    zones = towns(甲=100.0, 乙=1.0)
    told = measure("area_per_person", AREA, facilities=table, zones=zones).evidence[-1]
    assert (told.values["n"], told.values["n_towns"]) == (1, 2)
    assert [town.values["name"] for town in told.values["worst"]] == ["甲"]


def test_towns_with_as_little_are_named_in_the_order_of_the_zones() -> None:
    # Of forty towns every other one has 1 m2 a person, the others none: more than a short sort keeps.
    names = [f"镇{i}" for i in range(40)]
    table = shelters(*[("existing", 100.0, name) for name in names[1::2]])
    zones = towns(**dict.fromkeys(names, 100.0))
    told = measure("area_per_person", AREA, facilities=table, zones=zones).evidence[-1]
    assert [town.values["name"] for town in told.values["worst"]] == names[0:10:2]


def test_a_little_that_is_planned_is_told_too() -> None:
    told = measure("area_per_person", AREA, facilities=shelters(("planned", 0.5, "甲"))).evidence[-1]
    assert told == Message("plans.area_planned", {"n": 1, "area": 0.5, "value": 0.0005})


def test_exactly_the_area_is_below_where_more_is_asked_for_and_five_towns_are_named() -> None:
    table = shelters(("existing", 150.0, "甲"))
    zones = towns(甲=100.0)
    for comparator, n in ((">=", 0), (">", 1)):
        target = replace(AREA, comparator=comparator)
        told = measure("area_per_person", target, facilities=table, zones=zones).evidence[-1]
        assert told.values["n"] == n
    many = towns(**{f"镇{i}": 100.0 for i in range(7)})
    told = measure("area_per_person", AREA, facilities=table, zones=many).evidence[-1]
    assert (told.values["n"], len(told.values["worst"])) == (7, 5)
