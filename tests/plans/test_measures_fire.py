"""Measures of fire stations on a clock, of their staff and classes: the whole answer, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.messages import Message
from geo.plans import Facts, Reading, Target
from geo.plans.evidence import Measure
from geo.plans.measures import MEASURES
from geo.standards import ResponseStandard
from geo.times import Times

CLOCK = ResponseStandard("by-order", "dispatch", call_s=0, turnout_s=60, travel_s=240)
CALL = ResponseStandard("by-call", "call", call_s=90, turnout_s=60, travel_s=240)
# 1,000 people: 700 in time, 200 late, 100 whom no road reaches.
FIGURES: Any = MappingProxyType(
    {
        "people": 1000.0,
        "people_covered": 700.0,
        "people_unreachable": 100.0,
        "share_covered": 0.7,
        "mean_travel_s": 150.0,
    }
)
TARGET = replace(
    Target("X-1", "", "", ">=", 90.0, "%", "binding", "", {}, ""),
    settings=MappingProxyType({"standard": "by-order"}),
)


def measure(method: str, target: Target = TARGET, **facts: Any) -> Measure:
    given: dict[str, Any] = {
        "layers": {},
        "people": pd.Series([600.0, 400.0]),
        "stations": stations(),
        "served": pd.Series(dtype=float),
        "readings": {"by-order": reading(CLOCK)},
    }
    return MEASURES[method](target, Facts(**{**given, **facts}))


def reading(standard: ResponseStandard, **changes: Any) -> Reading:
    starts = pd.Series([60.0, 60.0], index=["A", "B"])
    return replace(Reading(standard, FIGURES, starts), **changes)


def stations(**columns: list[Any]) -> pd.DataFrame:
    """Two stations that stand, and one that is planned and counts for nothing."""
    known: dict[str, list[Any]] = {
        "name": ["甲", "乙", "丙"],
        "status": ["existing", "existing", "planned"],
        "station_class": ["first", "second", "first"],
        "staff": [30.0, 20.0, 90.0],
        **columns,
    }
    return pd.DataFrame(known, index=["A", "B", "P"])


def the_clock(name: str, start: str, call: float) -> Message:
    return Message(
        f"plans.clock_{start}",
        {"name": name, "call": call, "turnout": 60, "travel": 240, "limit": call + 300},
    )


NOT_READ = Message("plans.not_read", {"standard": "by-order"})


# --- on a clock ------------------------------------------------------------------------------------------


def test_the_share_in_time_tells_the_late_and_those_without_a_road_apart() -> None:
    # 90 % of 1,000 are wanted and 700 come: 200 short. The late are 1,000 - 700 - 100.
    assert measure("covered_share") == Measure(
        value=70.0,
        evidence=(
            Message("plans.people_covered", {**FIGURES, "late": 200.0}),
            the_clock("by-order", "dispatch", 0),
        ),
        beside=(Message("plans.beside_people", {"n": 300.0, "unreachable": 100.0}),),
        if_missed=(Message("plans.short_people", {"n": 200}),),
        places="gaps",
    )
    shares = {"by-order": reading(CLOCK, road_share=0.5, land_share=0.25)}
    assert measure("covered_share", readings=shares).evidence[2:] == (
        Message("plans.roads_covered", {"share": 0.5}),
        Message("plans.land_covered", {"share": 0.25}),
    )
    by_call = replace(TARGET, settings={"standard": "by-call"})
    assert measure("covered_share", by_call, readings={"by-call": reading(CALL)}).evidence[1] == the_clock(
        "by-call", "call", 90
    )


def test_a_part_of_a_person_short_is_a_person() -> None:
    # 70.05 % of 1,000 are 700.5.
    assert measure("covered_share", replace(TARGET, value=70.05)).if_missed == (
        Message("plans.short_people", {"n": 1}),
    )


def test_the_mean_is_over_those_who_are_reached() -> None:
    assert measure("mean_travel") == Measure(
        value=2.5,
        evidence=(
            Message("plans.mean_travel", {**FIGURES, "reached": 900.0, "minutes": 2.5}),
            the_clock("by-order", "dispatch", 0),
        ),
        places="gaps",
    )
    nobody = reading(CLOCK, figures=MappingProxyType({**FIGURES, "mean_travel_s": np.nan}))
    assert measure("mean_travel", readings={"by-order": nobody}).value == np.inf


@pytest.mark.parametrize("method", ["covered_share", "mean_travel", "assigned_share"])
def test_a_clock_that_was_not_read_is_named(method: str) -> None:
    asked = replace(TARGET, settings={"standard": "by-order", "most_people": 10})
    answer = measure(method, asked, readings={}, times=times())
    assert np.isnan(answer.value)
    assert replace(answer, value=0.0) == Measure(value=0.0, evidence=(NOT_READ,))
    if method == "assigned_share":
        without_times = measure(method, asked, times=None)
        assert replace(without_times, value=0.0) == Measure(value=0.0, evidence=(NOT_READ,))


def times() -> Times:
    """From A in 100 s to both places, from B in 200 s to the first."""
    return Times(
        facility_id=pd.Index(["A", "B"]),
        demand_id=pd.RangeIndex(2),
        start=np.array([0, 2, 3]),
        demand=np.array([0, 1, 0], dtype=np.int32),
        ms=np.array([100_000, 100_000, 200_000], dtype=np.int32),
        limit_s=300.0,
    )


def test_people_are_shared_out_by_what_a_station_may_serve() -> None:
    # 600 and 400 people; B may help with the first place alone. At 450 a station: A 400 + 50, B 450 of 600.
    asked = replace(TARGET, settings={"standard": "by-order", "most_people": 450})
    people = pd.Series([600.0, 400.0])
    assert measure("assigned_share", asked, times=times(), people=people) == Measure(
        value=90.0,
        evidence=(
            Message("plans.assigned", {"assigned": 900, "in_time": 1000, "most": 450.0, "late": 0.0}),
            the_clock("by-order", "dispatch", 0),
        ),
        if_missed=(Message("plans.short_assigned", {"n": 100}),),
        places="stations",
    )
    # B leaves 200 s later and is too late (400 s): A serves 450 of 1,000; a third place is never in time.
    late = reading(CLOCK, starts_s=pd.Series([60.0, 260.0], index=["A", "B"]))
    far = replace(times(), demand_id=pd.RangeIndex(3))
    three = pd.Series([600.0, 400.0, 77.0])
    answer = measure("assigned_share", asked, times=far, people=three, readings={"by-order": late})
    assert answer.value == 45.0
    assert answer.evidence[0].values["late"] == 77.0


# --- staff -------------------------------------------------------------------------------------------------


def test_staff_of_the_stations_that_stand_for_a_thousand_people() -> None:
    # 50 for 1,000 people where 60.5 are wanted: 61 whole firefighters, 11 more. All are known.
    numbers = {"staff": 50.0, "people": 1000.0, "value": 50.0, "n": 2, "unknown": 0}
    assert measure("staff_per_people", replace(TARGET, value=60.5)) == Measure(
        value=50.0,
        evidence=(Message("plans.staff_per_people", numbers),),
        if_missed=(Message("plans.short_staff", {"n": 11.0}),),
        places="stations",
    )
    # More than 50 are 51; at least 50 are there.
    for comparator, short in ((">", 1.0), (">=", 0.0)):
        asked = replace(TARGET, value=50.0, comparator=comparator)
        assert measure("staff_per_people", asked).if_missed == (Message("plans.short_staff", {"n": short}),)


def test_staff_that_is_not_known_decides_only_where_the_known_is_too_little() -> None:
    table = stations(staff=[30.0, None, 90.0])
    numbers = {"staff": 30.0, "people": 1000.0, "value": 30.0, "n": 2, "unknown": 1}
    assert measure("staff_per_people", replace(TARGET, value=31.0), stations=table) == Measure(
        value=30.0,
        evidence=(Message("plans.staff_per_people", numbers), Message("plans.staff_unknown", numbers)),
        if_missed=(Message("plans.short_staff", {"n": 1.0}),),
        needs=(("stations", "staff (1 / 2)"),),
        places="stations",
    )
    assert measure("staff_per_people", replace(TARGET, value=30.0), stations=table).needs == ()
    as_texts = stations(staff=["30", "20.5", "x"])
    as_texts.loc["P", "staff"] = None
    assert measure("staff_per_people", stations=as_texts.astype({"staff": object})).value == 50.5


# --- stations that a plan names ----------------------------------------------------------------------------


def built(*wanted: dict[str, str], value: float = 9.0, **columns: list[Any]) -> Measure:
    asked = replace(TARGET, value=value, settings={"stations": list(wanted)})
    return measure("stations_built", asked, stations=stations(**columns))


def state(wanted: dict[str, str], **columns: list[Any]) -> str:
    values = built(wanted, **columns).evidence[0].values
    return next(name for name in ("built", "planned", "absent", "unclear") if values[name])


def test_named_stations_are_built_planned_or_absent() -> None:
    wanted = [{"name": "甲", "station_class": "first"}, {"name": "丙"}, {"name": "丁"}]
    states: dict[str, Any] = {"built": ("甲",), "planned": ("丙",), "absent": ("丁",), "unclear": ()}
    assert built(*wanted) == Measure(
        value=1.0,
        evidence=(Message("plans.stations_built", {"n": 1, "wanted": 3, **states}),),
        places="stations",
    )


def test_a_station_of_unknown_class_decides_where_it_would_make_up_the_number() -> None:
    wanted = [{"name": name, "station_class": "first"} for name in ("甲", "乙")]
    unknown = {"station_class": [None, None, "first"]}
    needs = (("stations", "station_class (甲, 乙)"),)
    # Nought are known, two more may be: one and two are open, nought is met and three cannot be.
    for value, expected in ((0.0, ()), (1.0, needs), (2.0, needs), (3.0, ())):
        assert built(*wanted, value=value, **unknown).needs == expected
    assert built(*wanted, value=2.0).needs == ()


def test_a_name_is_looked_for_letter_by_letter_and_no_name_is_none() -> None:
    assert state({"name": "甲(一)"}, name=["甲(一)站", "乙", "丙"]) == "built"
    assert state({"name": "甲.站"}, name=["甲一站", "乙", "丙"]) == "absent"
    assert state({"name": "甲"}, name=[None, "乙", "丙"]) == "absent"
    assert state({"name": "乙", "station_class": "first"}) == "planned"
    assert (
        state({"name": "乙", "station_class": "first"}, station_class=["first", None, "first"]) == "unclear"
    )
