"""Two states of one district held against each other: people, stations, towns, targets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo.errors import InputError
from geo.scenarios import (
    CHANGES,
    compare_facilities,
    compare_people,
    compare_stations,
    compare_targets,
    compare_zones,
    total_figures,
)
from tests.towns import places

INF = np.inf
LIMIT = 300.0
# One home for each change, in the order of CHANGES, then the odd ones.
BEFORE = [400.0, INF, 200.0, 250.0, 100.0, 280.0, 500.0, INF, INF, 150.0]
AFTER = [290.0, 700.0, 120.0, 250.0, 299.0, 320.0, INF, INF, 300.0, INF]
PEOPLE = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 5.0]
TOWN = ["A", "A", "A", "A", "A", "B", "B", "B", None, "B"]


def table(seconds: list[float], people: list[float] = PEOPLE) -> gpd.GeoDataFrame:
    first = np.array(seconds)
    return places(
        {f"d{i}": (100.0 * i, 0) for i in range(len(seconds))},
        people=people,
        zone=TOWN,
        first_id=[None if np.isinf(s) else "f" for s in seconds],
        first_s=first,
        second_s=[INF] * len(seconds),
        is_covered=first <= LIMIT,
        is_reachable=np.isfinite(first),
    )


def test_each_home_has_one_change() -> None:
    people = compare_people(table(BEFORE), table(AFTER))
    assert people["change"].tolist() == [
        *CHANGES,
        "same",  # reached neither before nor afterwards
        "gains",  # not reached before, in time exactly now
        "unreachable",  # in time before: losing every route is the worse of the two
    ]
    change_s = people["change_s"].to_numpy()
    # inf -> 700 s is becoming reachable, not a difference of seconds.
    assert change_s[[0, 2, 3, 4, 5]].tolist() == [-110.0, -80.0, 0.0, 199.0, 40.0]
    assert np.isnan(change_s[[1, 6, 7, 8, 9]]).all()
    assert people.index.tolist() == table(BEFORE).index.tolist()


def test_totals_count_everybody_once_for_each_question() -> None:
    figures = total_figures(compare_people(table(BEFORE), table(AFTER)))
    assert figures["gain_people"] == 10 + 90
    assert figures["lose_people"] == 60 + 5
    assert figures["reachable_people"] == 20 + 90
    assert figures["unreachable_people"] == 70 + 5
    assert figures["faster_people"] == 10 + 30
    assert figures["slower_people"] == 50 + 60
    assert figures["saved_person_s"] == 10 * 110 + 30 * 80
    assert figures["lost_person_s"] == 50 * 199 + 60 * 40
    # Of 40 people who are faster half save at most 80 s; of 110 who are slower 60 lose 40 s.
    assert figures["median_saved_s"] == 80.0
    assert figures["median_lost_s"] == 40.0


def test_means_are_of_the_same_people_and_a_minute_is_more_than_sixty_seconds() -> None:
    figures = total_figures(compare_people(table(BEFORE), table(AFTER)))
    # Reached both times: homes 0 and 2 to 5 (-110, -80, 0, +199 and +40 s).
    assert figures["both_people"] == 190
    assert figures["both_before_mean_s"] == pytest.approx(41_800 / 190)
    assert figures["both_after_mean_s"] == pytest.approx(50_650 / 190)
    assert (figures["faster_minute_people"], figures["slower_minute_people"]) == (40, 50)
    minute = [seconds + 60.0 for seconds in BEFORE]
    assert total_figures(compare_people(table(BEFORE), table(minute)))["slower_minute_people"] == 0
    longer = [seconds + 60.001 for seconds in BEFORE]
    assert total_figures(compare_people(table(BEFORE), table(longer)))["slower_minute_people"] == 265


def test_who_loses_a_second_station_is_counted_although_the_first_stays() -> None:
    before, after = table(BEFORE), table(BEFORE)
    before = before.assign(second_s=[900.0, INF, 900.0, *[INF] * 7])
    after = after.assign(second_s=[INF, INF, 950.0, 2000.0, *[INF] * 6])
    figures = total_figures(compare_people(before, after))
    assert (figures["second_lose_people"], figures["second_gain_people"]) == (10.0, 40.0)
    assert figures["lose_people"] == 0.0


def test_who_lives_on_a_closed_road_is_told_apart_from_who_is_cut_off_behind_it() -> None:
    reasons = ["", "", "", "", "", "", "closed road", "closed road", "", "island"]
    figures = total_figures(compare_people(table(BEFORE), table(AFTER).assign(reason=reasons)))
    # Homes 6 (70) and 9 (5) lose every route; 7 had none before, so its road's being closed changes nothing.
    assert (figures["unreachable_people"], figures["on_closed_people"]) == (75.0, 70.0)


def test_nothing_changes_between_a_state_and_itself() -> None:
    people = compare_people(table(BEFORE), table(BEFORE))
    assert set(people["change"]) == {"same"}
    figures = total_figures(people)
    assert np.isnan(figures.pop("median_saved_s"))
    assert np.isnan(figures.pop("median_lost_s"))
    assert figures.pop("both_people") == 265.0  # all but 20, 80 and 90, whom nobody reaches
    assert figures.pop("both_before_mean_s") == figures.pop("both_after_mean_s")
    assert set(figures.values()) == {0.0}


def test_the_way_back_is_the_other_way_round() -> None:
    there = total_figures(compare_people(table(BEFORE), table(AFTER)))
    back = total_figures(compare_people(table(AFTER), table(BEFORE)))
    for gain, loss in (("gain", "lose"), ("faster", "slower"), ("reachable", "unreachable")):
        assert there[f"{gain}_people"] == back[f"{loss}_people"]
        assert there[f"{loss}_people"] == back[f"{gain}_people"]
    assert there["saved_person_s"] == back["lost_person_s"]


def test_other_people_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="other demand points or people"):
        compare_people(table(BEFORE), table(AFTER).iloc[::-1])
    with pytest.raises(InputError, match="other demand points or people"):
        compare_people(table(BEFORE), table(AFTER, [11.0, *PEOPLE[1:]]))


def test_nobody_at_all_is_an_empty_table() -> None:
    none = compare_people(table(BEFORE).iloc[:0], table(AFTER).iloc[:0])
    assert len(none) == 0
    assert total_figures(none)["gain_people"] == 0.0
    assert compare_zones(none).empty


def test_towns_add_up_to_the_district() -> None:
    people = compare_people(table(BEFORE), table(AFTER))
    towns = compare_zones(people, pd.DataFrame({"name": ["B", "A", "Empty"]}))
    assert towns.index.tolist() == ["B", "A", "Empty", "outside all zones"]
    # A: 30 + 40 + 50 in time before, those and the 10 who gain afterwards.
    assert towns.loc[
        "A", ["before_in_time_people", "after_in_time_people", "gain_people", "lose_people"]
    ].tolist() == [
        120.0,
        130.0,
        10.0,
        0.0,
    ]
    assert towns.loc["A", "share_after"] == pytest.approx(130 / 150)
    assert towns.loc["B", ["before_unreachable_people", "after_unreachable_people"]].tolist() == [80.0, 155.0]
    # Of B only home 5 is reached both times (280 and 320 s): who is cut off (6 and 9) is in no mean.
    assert towns.loc["B", ["same_before_mean_s", "same_after_mean_s"]].tolist() == [280.0, 320.0]
    assert np.isnan(towns.loc["Empty", "share_before"])
    figures = total_figures(people)
    assert towns["people"].sum() == sum(PEOPLE)
    for name in ("gain_people", "lose_people"):
        assert towns[name].sum() == figures[name]
    assert towns["change_in_time_people"].sum() == figures["gain_people"] - figures["lose_people"]


def loads(served: dict[str, float]) -> gpd.GeoDataFrame:
    return places(
        {name: (1000.0 * i, 0) for i, name in enumerate(served)},
        name=[name.upper() for name in served],
        status="existing",
        station_class="first",
        people_served=list(served.values()),
        mean_s=[200.0 if n else np.nan for n in served.values()],
        worst_s=[300.0 if n else np.nan for n in served.values()],
    )


def test_a_station_is_relieved_or_loaded_against_the_limit() -> None:
    before = loads({"a": 150_000, "b": 100_000, "c": 500, "shut": 40_000})
    after = loads({"a": 120_000, "b": 130_000, "c": 500, "new": 40_000})
    change = compare_stations(before, after)
    assert change.index.tolist() == ["a", "b", "c", "shut", "new"]
    assert change["change"].tolist() == ["relieved", "loaded", "same", "closed", "new"]
    assert change["change_people"].tolist() == [-30_000, 30_000, 0, -40_000, 40_000]
    # 120,000 itself is not over the limit.
    assert change["was_over"].tolist() == [True, False, False, False, False]
    assert change["is_over"].tolist() == [False, True, False, False, False]
    assert change.loc["shut", ["name", "status"]].tolist() == ["SHUT", "closed"]
    assert change.loc["shut", "geometry"] == before.loc["shut", "geometry"]
    assert change.loc["new", "name"] == "NEW"


def test_targets_flip_or_come_nearer() -> None:
    columns = {"name_zh": "", "name_en": "", "target": 100.0, "unit": "%"}
    ids = ["met now", "nearer", "less is better", "missed now", "no data"]
    before = pd.DataFrame(
        {
            **columns,
            "comparator": [">=", ">=", "<", ">", ">="],
            "value": [90.0, 40.0, 150.0, 101.0, np.nan],
            "status": ["missed", "missed", "missed", "met", "no data"],
        },
        index=ids,
    )
    after = before.assign(
        value=[100.0, 50.0, 160.0, 99.0, np.nan], status=["met", "missed", "missed", "missed", "no data"]
    )
    change = compare_targets(before, after)
    assert change["change"].tolist() == ["now met", "nearer", "farther", "now missed", "other"]
    assert compare_targets(before, before)["change"].tolist() == ["same"] * 4 + ["other"]


def test_facilities_that_are_other_ones_are_listed() -> None:
    before = places(
        {name: (0, i) for i, name in enumerate("abcde")},
        kind="fire_station",
        name=list("abcde"),
        status=["existing", "existing", "existing", "planned", "existing"],
        staff=[1.0, 2.0, np.nan, 4.0, 5.0],
        source="x",
    )
    after = before.assign(status=["closed", "existing", "existing", "existing", "existing"])
    after = after.assign(staff=[1.0, 20.0, np.nan, 4.0, 5.0])
    after = pd.concat([after, places({"f": (9, 9)}, kind="depot", name=["f"], status="existing", source="y")])
    shapes = after.geometry.to_numpy().copy()
    shapes[4] = shapes[5]
    after = after.set_geometry(gpd.GeoSeries(shapes, index=after.index, crs=before.crs))
    assert compare_facilities(before, after)["change"].to_dict() == {
        "a": "closed",
        "b": "upgraded",
        "d": "built",
        "e": "moved",
        "f": "added",
    }
    assert compare_facilities(before, before).empty
