"""Measures of depots, teams and other facilities: the whole answer, worked out by hand."""

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

TOWNS = pd.DataFrame({"name": ["新河镇", "城桥镇"], "level": "town"})
REACH: dict[str, float] = {
    "limit_s": 3600.0,
    "people": 1000.0,
    "people_in_time": 900.0,
    "people_unreachable": 40.0,
    "share_in_time": 0.9,
    "mean_s": 600.0,
}


def measure(method: str, layer: str, *, value: float = 1.0, sign: str = ">=", **known: Any) -> Measure:
    settings = MappingProxyType(known.pop("settings", {}))
    layers: dict[str, Any] = {layer: (), **known.pop("layers", {})}
    asked = Target("X-1", "", "", sign, value, "", "binding", "", {}, "")  # type: ignore[arg-type]
    given: dict[str, Any] = {
        "layers": {},
        "people": pd.Series([1000.0]),
        "stations": pd.DataFrame(),
        "served": pd.Series(dtype=float),
    }
    return MEASURES[method](replace(asked, layers=layers, settings=settings), Facts(**{**given, **known}))


def rows(kind: str, n: int, **columns: Any) -> pd.DataFrame:
    same = {"kind": kind, "status": "existing", "name": None, "level": None, "zone": None}
    return pd.DataFrame({**same, "opened_year": np.nan, **columns}, index=range(n))


def nothing_but(answer: Measure, **parts: Any) -> None:
    """Hold an answer without a value to its parts: nan is not nan inside a dataclass from Python 3.13 on."""
    assert np.isnan(answer.value)
    assert replace(answer, value=0.0) == Measure(value=0.0, **parts)


# --- counts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "kind", "places"),
    [("depots", "depot", "depots"), ("bases", "base", "depots"), ("hydrants", "hydrant", "")],
)
def test_all_that_stand_are_counted_and_shown_where_there_is_a_list(
    layer: str, kind: str, places: str
) -> None:
    numbers = {"n": 3, "all": 3, "year": None, "n_open": 0}
    assert measure("count", layer, facilities=rows(kind, 3)) == Measure(
        value=3.0, evidence=(Message("plans.count_all", numbers),), places=places
    )


def test_new_ones_of_a_level_with_what_is_not_known_of_the_others() -> None:
    # The first is a new one of the district. The second has no year, the third an odd level; the last is old.
    table = rows(
        "depot", 4, level=["区级", "区级", "Ⅰ类", "区级"], opened_year=[2022.0, np.nan, 2022.0, 2019.0]
    )
    asked = {"is_new": True, "levels": ["district"]}
    answer = measure("count", "depots", value=2.0, settings=asked, facilities=table, base_year=2020)
    numbers = {"n": 1, "all": 4, "year": 2020, "n_open": 2}
    assert answer == Measure(
        value=1.0,
        evidence=(
            Message("plans.count_new", numbers),
            Message("plans.of_level_district"),
            Message("plans.count_open", numbers),
            Message("plans.levels_unread", {"n": 1, "words": ("Ⅰ类",)}),
        ),
        needs=(("depots", "opened_year (1 / 4)"), ("depots", "level (1 / 4)")),
        places="depots",
    )


def test_gas_repair_stations_are_counted_where_nobody_drove_to_them() -> None:
    numbers = {"n": 2, "all": 2, "year": None, "n_open": 0}
    alone = Measure(value=2.0, evidence=(Message("plans.count_all", numbers),), places="gas_repair_stations")
    unknown: list[dict[str, dict[str, float]]] = [
        {"gas_repair_stations": {}},
        {"gas_repair_stations": {"mean_s": np.nan}},
    ]
    for figures in ({}, *unknown):
        assert measure("count", "gas_repair", facilities=rows("gas_repair", 2), figures=figures) == alone
    driven = {"gas_repair_stations": {"mean_s": 480.0, "people_unreachable": 5.0}}
    answer = measure("count", "gas_repair", facilities=rows("gas_repair", 2), figures=driven)
    response = Message("plans.gas_response", {"minutes": 8.0, "unreachable": 5.0})
    assert answer == replace(alone, evidence=(*alone.evidence, response))


@pytest.mark.parametrize(
    ("sign", "value", "decides"),
    # One is known and one more may be: one or two.
    [
        *(
            (">=", 1, False),
            (">=", 2, True),
            (">=", 3, False),
            (">", 0, False),
            (">", 1, True),
            (">", 2, False),
        ),
        *(("<=", 0, False), ("<=", 1, True), ("<=", 2, False), ("<", 1, False), ("<", 2, True)),
        *(("<", 3, False), ("none", 1, False)),
    ],
)
def test_what_is_not_known_decides_between_two_bounds_of_which_one_holds(
    sign: str, value: float, decides: bool
) -> None:
    table = rows("depot", 2, level=["区级", None])
    answer = measure(
        "count", "depots", value=value, sign=sign, settings={"levels": ["district"]}, facilities=table
    )
    assert answer.needs == ((("depots", "level (1 / 2)"),) if decides else ())


# --- by town and village -----------------------------------------------------------------------------------


def test_towns_with_fewer_than_asked_are_named_and_those_beside_all_towns_counted() -> None:
    # 城桥 has two, 新河 one, and two stand in no listed town. Two a town are asked; one is enough of one.
    table = rows("team", 5, zone=["城桥", "城桥镇", "新河镇", None, "丁镇"])
    numbers = {"n": 5, "zones": 2, "fewest": 1, "n_lacking": 1, "lacking": ("新河镇",), "elsewhere": 2}
    answer = measure("count_per_zone", "teams", value=2.0, facilities=table, zones=TOWNS)
    assert answer == Measure(
        value=1.0,
        beside=(Message("plans.beside_towns", {"n_with": 1, "zones": 2, "share": "50.0%"}),),
        evidence=(Message("plans.count_per_town", numbers),),
        if_missed=(Message("plans.short_per_town", numbers),),
        places="teams_by_town",
    )
    depots = rows("depot", 2, zone=["城桥镇", "新河镇"])
    one_each = measure("count_per_zone", "depots", facilities=depots, zones=TOWNS)
    assert (one_each.places, one_each.evidence[0].values["n_lacking"]) == ("", 0)
    nothing_but(measure("count_per_zone", "teams", facilities=table), needs=(("towns", "name"),))


def test_of_two_towns_with_one_bare_name_only_the_whole_name_says_which() -> None:
    zones = pd.DataFrame({"name": ["城桥镇", "城桥乡", "新河镇"], "level": "town"})
    table = rows("team", 3, zone=["城桥", "城桥乡", "新河"])
    values = measure("count_per_zone", "teams", facilities=table, zones=zones).evidence[0].values
    assert (values["zones"], values["lacking"], values["elsewhere"]) == (3, ("城桥镇",), 1)


def test_after_ten_names_there_are_dots() -> None:
    for n in (10, 11):
        names = [f"{i}镇" for i in range(n)]
        zones = pd.DataFrame({"name": names, "level": "town"})
        answer = measure("count_per_zone", "teams", facilities=rows("team", 0), zones=zones)
        lacking = answer.evidence[0].values["lacking"]
        assert lacking == (*names[:10], *(["…"] if n > 10 else []))


def villages(n: int = 3, zone: Any = None) -> pd.DataFrame:
    return pd.DataFrame({"name": [f"{i}村" for i in range(n)], "zone": zone if zone is not None else "甲镇"})


def stock(levels: list[Any], places: list[Any], how: Any = "column") -> pd.DataFrame:
    told = ["Ⅰ类" if level == "unknown" else "村级" for level in levels]
    return pd.DataFrame(
        {"kind": "depot", "level": levels, "level_told": told, "village_id": places, "how": how}
    )


def by_village(listed: pd.DataFrame | None, depots: pd.DataFrame | None = None, **known: Any) -> Measure:
    tables = {"village_depots": listed, "depots": depots}
    present = {name: table for name, table in tables.items() if table is not None}
    return measure("count_per_zone", "depots", layers={"villages": ()}, tables=present, **known)


def test_a_village_counts_its_depots_and_how_they_came_to_it_is_told() -> None:
    # Two in the first village, one in the second by a part of its name, one in no village; the
    # third, of no town, has none. A depot of unknown level stands in the second.
    depots = stock(
        ["village", "village", "point", "village", "unknown"],
        [0, 0, 1, None, 1],
        how=["column", "nearest", "part_of_name", "column", "column"],
    )
    numbers = {
        "n": 3,
        "zones": 3,
        "n_with": 2,
        "n_lacking": 1,
        "towns": ("– 1",),
        "lacking": ("2村",),
        "guessed": 2,
        "unmatched": 1,
    }
    for settings in ({}, {"levels": ["village", "point"]}):
        known = depots if settings else depots.assign(level=depots["level"].replace("unknown", None))
        answer = by_village(villages(3, ["甲镇", "甲镇", None]), known, settings=settings)
        assert answer == Measure(
            value=0.0,
            beside=(Message("plans.beside_villages", {**numbers, "share": "66.7%"}),),
            evidence=(
                Message("plans.count_per_village", numbers),
                Message("plans.levels_unread", {"n": 1, "words": ("Ⅰ类",)}),
            ),
            if_missed=(Message("plans.short_per_village", numbers),),
            places="villages_without_depot",
        )


def test_where_no_level_is_understood_all_depots_are_told_with_how_they_came() -> None:
    depots = stock(["unknown", "unknown", "unknown"], [0, 1, None], how=["nearest", "column", "column"])
    values = by_village(villages(2), depots).evidence[0].values
    assert (values["n"], values["guessed"], values["unmatched"]) == (2, 1, 1)


def test_a_list_of_villages_without_any_depot_and_depots_without_a_list() -> None:
    answer = by_village(villages(12, [f"{i}镇" for i in range(12)]))
    values = answer.evidence[0].values
    assert (answer.value, values["n_lacking"], len(values["towns"]), len(values["lacking"])) == (
        0,
        12,
        10,
        11,
    )
    nothing_but(by_village(None), needs=(("villages", "name"),))
    nothing_but(by_village(villages(0)), needs=(("villages", "name"),))


# --- tiers and reach ---------------------------------------------------------------------------------------


def test_the_reserve_of_the_villages_is_told_beside_its_tier() -> None:
    levels = ["区级", "街镇级", "居村级"]
    table = rows("depot", 3, level=levels, zone="城桥镇")
    figures = {"village_depots": {"n_with": 2.0, "n_villages": 3.0}}
    asked = {"levels": ["district", "town", "village"]}
    answer = measure(
        "levels", "depots", value=3.0, settings=asked, facilities=table, zones=TOWNS, figures=figures
    )
    assert answer == Measure(
        value=2.0,
        evidence=(
            Message("plans.tier_district", {"n": 1}),
            Message("plans.tier_towns", {"n": 1, "zones": 2, "n_with": 1, "lacking": ("新河镇",)}),
            Message("plans.tier_village", {"n": 1}),
            Message("plans.tier_villages", {"n_with": 2.0, "zones": 3.0}),
        ),
        places="depots",
    )
    two = {"levels": ["district", "town"]}
    without = measure("levels", "depots", settings=two, facilities=table, zones=TOWNS, figures=figures)
    assert [sentence.key for sentence in without.evidence] == ["plans.tier_district", "plans.tier_towns"]


@pytest.mark.parametrize(("method", "way"), [("depot_reach", "drive"), ("walk_reach", "walk")])
def test_the_share_within_a_limit_and_those_beyond(method: str, way: str) -> None:
    # 95 % of 1,000 are asked and 900 come in time: 50 short. 40 are reached by no road, 60 are late.
    figures = {"depot_reach": {f"{way}_{name}": value for name, value in REACH.items()}}
    limit = {"limit_s": 3600}
    answer = measure(method, "depots", value=95.0, settings=limit, figures=figures)
    numbers = {**REACH, "late": 60.0, "minutes": 60.0, "mean_min": 10.0}
    assert answer == Measure(
        value=90.0,
        evidence=(Message(f"plans.reach_{way}", numbers),),
        beside=(Message("plans.beside_people", {"n": 100.0, "unreachable": 40.0}),),
        if_missed=(Message("plans.short_people", {"n": 50}),),
        places="depot_reach",
    )
    other = measure(method, "depots", settings={"limit_s": 1800}, figures=figures)
    numbers = {"limit": 1800.0, "other": 3600.0}
    nothing_but(other, evidence=(Message("plans.reach_other_limit", numbers),))
    nobody = {"depot_reach": {**figures["depot_reach"], f"{way}_share_in_time": np.nan}}
    nothing_but(measure(method, "depots", settings=limit, figures=nobody), needs=(("people", "people > 0"),))
    no_depots = measure(method, "depots", settings=limit)
    nothing_but(no_depots, needs=(("depots", "status = existing"),))
