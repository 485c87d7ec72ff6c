"""Coverage: who is reached in time, on which clock, with every row kept."""

from __future__ import annotations

import math
from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.coverage import (
    Coverage,
    by_band,
    by_zone,
    clock_starts,
    cover,
    headline,
    summary,
    under,
)
from geo.errors import NetworkError, StudyError
from geo.network import RoadNetwork
from geo.routing import SnapRules
from geo.standards import ResponseStandard
from geo.statistics import OUTSIDE, PEOPLE_PER_STATION
from geo.words import LANGS
from tests.towns import METRIC, ORIGIN, places, town

DISPATCH = ResponseStandard("dispatch-5min", "dispatch", call_s=0, turnout_s=60, travel_s=240)
DRIVE = ResponseStandard("drive-5min", "departure", call_s=0, turnout_s=0, travel_s=300)
CALL = ResponseStandard("from-the-call", "call", call_s=45, turnout_s=60, travel_s=240)

# 1 --240 s-- 2 --240 s-- 3, and an island 4 --50 s-- 5 that no road joins.
STREET = town(
    {1: (0, 0), 2: (2400, 0), 3: (4800, 0), 4: (0, 9000), 5: (500, 9000)},
    [(1, 2, 240), (2, 3, 240), (4, 5, 50)],
)


def stations(**columns: list[object]) -> gpd.GeoDataFrame:
    return places({"west": (0, 0), "middle": (2400, 0)}, **columns)


def people() -> gpd.GeoDataFrame:
    """Half way west to middle; at the middle; at the east end; on the island; nowhere near a road."""
    return places(
        {"half": (1200, 0), "mid": (2400, 0), "east": (4800, 0), "island": (250, 9000), "far": (0, 20000)},
        people=[10.0, 20.0, 30.0, 40.0, 5.0],
        zone=["A", "A", "B", None, "B"],
    )


@pytest.fixture
def covered() -> Coverage:
    return cover(STREET, stations(turnout_s=[np.nan, 90.0]), people(), standard=DISPATCH)


def test_times_are_call_and_turnout_and_travel(covered: Coverage) -> None:
    # half: 120 s from either; west leaves after the standard's 60 s, middle after its own 90 s.
    # mid: 0 + 90 from middle, 240 + 60 from west. east: 240 + 90 from middle, 480 + 60 from west.
    table = covered.table.loc[["half", "mid", "east"]]
    assert table["first_id"].tolist() == ["west", "middle", "middle"]
    assert table["first_s"].tolist() == [180.0, 90.0, 330.0]
    assert table["first_travel_s"].tolist() == [120.0, 0.0, 240.0]
    assert table["second_id"].tolist() == ["middle", "west", "west"]
    assert table["second_s"].tolist() == [210.0, 300.0, 540.0]
    assert table["second_travel_s"].tolist() == [120.0, 240.0, 480.0]
    assert table["n_in_time"].tolist() == [2, 2, 0], "west reaches mid at exactly 300 s"
    assert table["is_covered"].tolist() == [True, True, False]
    assert table["band"].tolist() == [0, 0, 3]


def test_no_row_is_dropped_and_the_reason_is_given(covered: Coverage) -> None:
    assert covered.table.index.tolist() == people().index.tolist()
    assert covered.table["reason"].tolist() == ["", "", "", "island", "too far"]
    lost = covered.table.loc[["island", "far"]]
    assert np.isinf(lost[["first_s", "second_s", "first_travel_s"]].to_numpy()).all()
    assert lost["first_id"].isna().all()
    assert lost["band"].tolist() == [-1, -1]
    assert not lost["is_reachable"].any()


def test_stations_carry_their_load(covered: Coverage) -> None:
    # west serves half (10 people, 180 s); middle serves mid (20, 90 s) and east (30, 330 s):
    # mean (20 x 90 + 30 x 330) / 50 = 234 s.
    table = covered.stations
    assert table["people_served"].tolist() == [10.0, 50.0]
    assert table["mean_s"].tolist() == [180.0, 234.0]
    assert table["worst_s"].tolist() == [180.0, 330.0]
    assert table["share_of_limit"].tolist() == [10 / PEOPLE_PER_STATION, 50 / PEOPLE_PER_STATION]
    assert not table["is_over_limit"].any()


@pytest.mark.parametrize(("load", "is_over"), [(120_000.0, False), (120_001.0, True)])
def test_a_station_at_its_load_is_not_over_it(load: float, is_over: bool) -> None:
    crowd = places({"all": (0, 0)}, people=[load])
    assert cover(STREET, stations(), crowd, standard=DISPATCH).stations["is_over_limit"].tolist() == [
        is_over,
        False,
    ]


@pytest.mark.parametrize(("travel_s", "is_covered"), [(240.0, True), (239.999, False)])
def test_the_limit_itself_is_in_time_and_a_millisecond_more_is_not(travel_s: float, is_covered: bool) -> None:
    standard = replace(DISPATCH, travel_s=travel_s)
    result = cover(STREET, stations().loc[["west"]], people().loc[["mid"]], standard=standard)
    assert result.table["is_covered"].tolist() == [is_covered]
    assert result.table["n_in_time"].tolist() == [int(is_covered)]


def test_a_clock_from_the_call_adds_the_call(covered: Coverage) -> None:
    late = under(covered, CALL).table
    assert late["first_s"].tolist()[:3] == [225.0, 135.0, 375.0]
    assert late["first_travel_s"].tolist() == covered.table["first_travel_s"].tolist()


def test_turnout_does_not_count_from_departure() -> None:
    assert clock_starts(stations(turnout_s=[np.nan, 90.0]), DRIVE).tolist() == [0.0, 0.0]
    assert clock_starts(stations(turnout_s=[np.nan, 90.0]), CALL).tolist() == [105.0, 135.0]
    assert clock_starts(stations(), CALL).tolist() == [105.0, 105.0]


def test_another_clock_on_the_same_roads_may_change_the_first_station(covered: Coverage) -> None:
    # At 130 s from west and 110 s from middle, west's 60 s turnout wins against middle's 90 s, but
    # from departure middle is nearer.
    between = places({"p": (1300, 0)}, people=[1.0])
    result = cover(STREET, stations(turnout_s=[np.nan, 90.0]), between, standard=DISPATCH)
    assert result.table["first_id"].tolist() == ["west"]
    assert under(result, DRIVE).table["first_id"].tolist() == ["middle"]


@pytest.mark.parametrize("standard", [DRIVE, CALL, replace(DRIVE, travel_s=1000.0)])
@pytest.mark.parametrize("turnout", [[np.nan, np.nan], [np.nan, 90.0]])
def test_reading_another_clock_equals_covering_again(
    standard: ResponseStandard, turnout: list[object]
) -> None:
    first = cover(STREET, stations(turnout_s=turnout), people(), standard=DISPATCH)
    again = cover(STREET, stations(turnout_s=turnout), people(), standard=standard)
    read = under(first, standard)
    pd.testing.assert_frame_equal(pd.DataFrame(read.table), pd.DataFrame(again.table))
    pd.testing.assert_frame_equal(pd.DataFrame(read.stations), pd.DataFrame(again.stations))
    assert read.standard == standard


def test_a_bounded_search_says_that_it_stopped() -> None:
    result = cover(STREET, stations(), people(), standard=DISPATCH, limit_search_s=60.0)
    assert result.search_s == 300.0, "never less than the standard's own limit"
    assert result.table["reason"].tolist() == ["", "", "", "island", "too far"]
    assert result.table["first_s"].tolist()[2] == 300.0
    short = replace(DISPATCH, travel_s=200.0)
    result = cover(STREET, stations(), people(), standard=short, limit_search_s=60.0)
    assert result.table["reason"].tolist() == ["", "", "beyond the search", "island", "too far"]


def test_no_stations_leave_everybody_unreached() -> None:
    result = cover(STREET, stations().iloc[:0], people(), standard=DISPATCH)
    assert set(result.table["reason"]) == {"no station", "too far"}
    figures = summary(result)
    assert (figures["people_unreachable"], figures["share_covered"]) == (105.0, 0.0)
    assert math.isnan(figures["mean_s"])
    assert math.isinf(figures["median_s"])
    assert len(under(result, DRIVE).stations) == 0


def test_nobody_has_no_share() -> None:
    for table in (people().iloc[:0], people().assign(people=0.0)):
        result = cover(STREET, stations(), table, standard=DISPATCH)
        figures = summary(result)
        assert math.isnan(figures["share_covered"])
        assert math.isnan(figures["median_s"])
        assert result.stations["people_served"].tolist() == [0.0, 0.0]
        assert headline(result, lang="en").loc["Reached in time", "value"] == "0", "no share of nobody"


def test_a_station_off_the_roads_serves_nobody_and_is_named() -> None:
    posts = places({"lost": (0, 20000), "west": (0, 0)})
    result = cover(STREET, posts, people(), standard=DISPATCH)
    assert result.stations["reason"].tolist() == ["too far", ""]
    assert result.stations["people_served"].tolist() == [0.0, 60.0]


def test_people_come_in_against_one_way_streets() -> None:
    one_way = town({1: (0, 0), 2: (2400, 0)}, [(1, 2, 100, np.inf)])
    shelter, home = places({"s": (600, 0)}), places({"h": (1800, 0)}, people=[1.0])
    out = cover(one_way, shelter, home, standard=DRIVE, direction="from_facility")
    back = cover(one_way, shelter, home, standard=DRIVE, direction="to_facility")
    assert out.table["first_s"].tolist() == [50.0]
    assert back.table["reason"].tolist() == ["no route"]


@pytest.mark.parametrize("bands_s", [(300.0, 240.0), (240.0, 240.0), (0.0, 240.0), (-1.0,)])
def test_bands_must_ascend_from_above_zero(bands_s: tuple[float, ...]) -> None:
    with pytest.raises(StudyError, match="bands must ascend from above zero"):
        cover(STREET, stations(), people(), standard=DISPATCH, bands_s=bands_s)


def test_bands_may_be_short_or_none() -> None:
    # mid stands at its station: 60 s on the clock; half 180 s
    short = cover(STREET, stations(), people(), standard=DISPATCH, bands_s=(0.5, 60.0)).table
    assert short["band"].tolist() == [2, 1, 2, -1, -1]
    none = cover(STREET, stations(), people(), standard=DISPATCH, bands_s=()).table
    assert none["band"].tolist() == [0, 0, 0, -1, -1]
    assert none["band"].dtype == np.int64


def test_what_is_known_of_a_place_stands_in_its_row() -> None:
    # 30 m beside the street, and on it with an empty name
    demand = places({"b": (1200, 30), "a": (600, 0)}, people=[1.0, 2.0], zone=["A", "B"], name=["村", ""])
    table = cover(STREET, stations(), demand, standard=DISPATCH).table
    assert table["snap_m"].tolist() == [30.0, 0.0]
    assert table["name"].tolist() == ["村", ""]
    assert table["zone"].tolist() == ["A", "B"]
    assert table.geometry.geom_equals(demand.geometry).all()
    assert table.crs == demand.crs
    assert "name" not in cover(STREET, stations(), people(), standard=DISPATCH).table


def test_parts_of_a_second_are_kept() -> None:
    # 1,202 m at 10 m/s: 120.2 s after an own turnout of 90.3 s, in binary 120.19999999999999 s
    post, home = places({"s": (0, 0)}, turnout_s=[90.3]), places({"h": (1202, 0)}, people=[1.0])
    row = cover(STREET, post, home, standard=DISPATCH).table.iloc[0]
    assert (row["first_s"], row["first_travel_s"]) == (210.5, 120.2)


def test_points_are_put_on_the_roads_by_the_rules_given() -> None:
    # 300 m beside the street, 120 s from west: on foot at 3.6 km/h 300 s more, at 36 km/h 30 s
    home = places({"h": (1200, 300)}, people=[1.0])

    def reached(rules: SnapRules) -> tuple[float, str]:
        row = cover(STREET, stations(), home, standard=DRIVE, snapping=rules).table.iloc[0]
        return row["first_s"], row["reason"]

    assert reached(SnapRules(max_m=300.0, access_kph=3.6)) == (420.0, "")
    assert reached(SnapRules(max_m=300.0, access_kph=36.0)) == (150.0, "")
    assert reached(SnapRules(max_m=299.0, access_kph=36.0)) == (math.inf, "too far")
    canal = gpd.GeoSeries([shapely.LineString(np.add(ORIGIN, [(-500, 100), (5500, 100)]))], crs=METRIC)
    assert reached(SnapRules(max_m=300.0, access_kph=36.0, barriers=canal)) == (math.inf, "across a barrier")


def test_zones_add_up_and_people_without_one_have_their_own_row(covered: Coverage) -> None:
    table = by_zone(covered, pd.DataFrame({"name": ["B", "A", "empty"]}))
    assert table.index.tolist() == ["B", "A", "empty", OUTSIDE]
    assert table["people"].tolist() == [35.0, 30.0, 0.0, 40.0]
    for column in ("n_points", "people", "people_covered", "people_two", "people_unreachable"):
        assert table[column].sum() == summary(covered)[column]


def test_bands_hold_everybody_once(covered: Coverage) -> None:
    table = by_band(covered)
    assert table["people"].to_dict() == {0: 30.0, 1: 0.0, 2: 0.0, 3: 30.0, 4: 0.0, 5: 0.0, -1: 45.0}
    assert table["share"].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("lang", LANGS)
def test_a_coverage_prints_as_its_headline(covered: Coverage, lang: str) -> None:
    assert "30 (28.6%)" in headline(covered, lang=lang)["value"].tolist()  # type: ignore[arg-type]
    assert "30 (28.6%)" in repr(covered)
    assert "<table" in covered._repr_html_()


def test_markup_in_a_name_is_escaped() -> None:
    standard = replace(DISPATCH, name="<script>")
    assert "<script>" not in cover(STREET, stations(), people(), standard=standard)._repr_html_()


# Towns of up to six corners on a circle, so that no street passes through a corner that it does not join.

Link = tuple[int, int, int]


def ring(links: list[Link]) -> RoadNetwork:
    return town(CORNERS, [(u, v, ms / 1000) for u, v, ms in links])


CORNERS = {i: (5000 * math.cos(i), 5000 * math.sin(i)) for i in range(6)}
corner = st.integers(0, 5)
some_links = st.lists(
    st.tuples(corner, corner, st.integers(1, 400_000)).filter(lambda link: link[0] != link[1]),
    min_size=1,
    max_size=9,
)
some_corners = st.lists(corner, unique=True, max_size=4)
some_people = st.lists(st.tuples(corner, st.integers(0, 1000)), min_size=1, max_size=6)
some_turnout = st.lists(st.sampled_from([math.nan, 0.0, 60.0, 90.5]), min_size=4, max_size=4)


def posts(corners: list[int], turnout: list[float]) -> gpd.GeoDataFrame:
    return places({f"s{i}": CORNERS[i] for i in corners}, turnout_s=turnout[: len(corners)])


def homes(rows: list[tuple[int, int]]) -> gpd.GeoDataFrame:
    return places({f"h{k}": CORNERS[i] for k, (i, _) in enumerate(rows)}, people=[float(n) for _, n in rows])


@settings(max_examples=40, deadline=None)
@given(some_links, some_corners, some_people, some_turnout)
def test_every_column_agrees_with_networkx(
    links: list[Link], corners: list[int], rows: list[tuple[int, int]], turnout: list[float]
) -> None:
    graph = nx.MultiGraph()
    graph.add_weighted_edges_from(links)
    result = cover(ring(links), posts(corners, turnout), homes(rows), standard=DISPATCH)
    start = {i: 60.0 if math.isnan(t) else t for i, t in zip(corners, turnout, strict=False)}
    for k, (home, _) in enumerate(rows):
        ms = nx.single_source_dijkstra_path_length(graph, home) if home in graph else {}
        response = [(round(start[i] * 1000) + ms[i], n) for n, i in enumerate(corners) if i in ms]
        best: list[tuple[float, str | None]] = [
            (value / 1000, f"s{corners[n]}") for value, n in sorted(response)
        ]
        best += [(math.inf, None)] * 2
        row = result.table.iloc[k]
        assert (row["first_s"], row["first_id"]) == best[0]
        assert (row["second_s"], row["second_id"]) == best[1]
        assert row["n_in_time"] == sum(value <= 300_000 for value, _ in response)
        assert row["is_covered"] == (row["n_in_time"] > 0)


@settings(max_examples=25, deadline=None)
@given(some_links, st.lists(corner, unique=True, min_size=1, max_size=4), some_people)
def test_one_station_more_and_a_longer_limit_never_cover_fewer(
    links: list[Link], corners: list[int], rows: list[tuple[int, int]]
) -> None:
    network, table = ring(links), homes(rows)
    fewer = cover(network, posts(corners[:-1], [60.0] * 4), table, standard=DISPATCH)
    more = cover(network, posts(corners, [60.0] * 4), table, standard=DISPATCH)
    longer = under(more, replace(DISPATCH, travel_s=300.0))
    covered = [summary(result)["people_covered"] for result in (fewer, more, longer)]
    assert covered == sorted(covered)
    assert (more.table["first_s"] <= fewer.table["first_s"]).all()


@settings(max_examples=25, deadline=None)
@given(some_links, some_corners, some_people, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    links: list[Link], corners: list[int], rows: list[tuple[int, int]], random: object
) -> None:
    network, table = ring(links), homes(rows)
    mixed = table.sample(frac=1.0, random_state=random.randrange(2**32))  # type: ignore[attr-defined]
    one = cover(network, posts(corners, [60.0] * 4), table, standard=DISPATCH)
    other = cover(network, posts(corners, [60.0] * 4), mixed, standard=DISPATCH)
    assert summary(one) == pytest.approx(summary(other), nan_ok=True)
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.table.drop(columns="geometry")),
        pd.DataFrame(other.table.drop(columns="geometry")).loc[one.table.index],
    )


def test_a_network_of_lengths_is_not_taken_for_one_of_times() -> None:
    metres = replace(STREET, impedance="mm")
    with pytest.raises(NetworkError) as told:
        cover(metres, stations(), people(), standard=DISPATCH)
    assert str(told.value) == "the network counts lengths in millimetres, not times; give one with times"


@pytest.mark.parametrize("limit_search_s", [300.0, float("inf")])
@pytest.mark.parametrize("turnout_s", [[np.nan, 290.0], [np.nan, np.nan], [400.0, 1.0]])
@pytest.mark.parametrize("other", [DISPATCH, DRIVE, CALL, replace(DRIVE, travel_s=900.0)])
def test_another_clock_gives_what_a_search_on_that_clock_gives(
    other: ResponseStandard, turnout_s: list[object], limit_search_s: float
) -> None:
    on_roads = stations(turnout_s=turnout_s)
    there = under(cover(STREET, on_roads, people(), standard=DISPATCH, limit_search_s=limit_search_s), other)
    afresh = cover(
        STREET, on_roads, people(), standard=other, limit_search_s=max(limit_search_s, DISPATCH.limit_s)
    )
    pd.testing.assert_frame_equal(there.table, afresh.table)
    pd.testing.assert_frame_equal(there.stations, afresh.stations)
    assert there.search_s == afresh.search_s
    assert there.times.limit_s == max(DISPATCH.limit_s, other.limit_s)


def test_the_headline_is_told_in_words(covered: Coverage) -> None:
    # 10 people at 120 + 60 s, 20 at 90 s, 30 at 240 + 90 s, a mean of 225 s; the other 45 never
    table = headline(covered, lang="en")
    assert table.index.name == "figure"
    assert "value" not in repr(covered), "the name of the column says nothing"
    assert "<th>value</th>" not in covered._repr_html_()
    assert table["value"].tolist()[-4:] == ["3.8 min", "5.5 min", "not reached", "5.5 min"]
    assert (
        headline(cover(STREET, stations(), people().iloc[:0], standard=DISPATCH), lang="en")[
            "value"
        ].tolist()[-1]
        == "–"
    )


def test_people_left_out_stand_beside_the_people(covered: Coverage) -> None:
    rows = headline(covered, lang="zh", left_out=5570.4)["value"]
    assert rows["未计入的人口"] == "5,570"
    assert list(rows.index).index("未计入的人口") == list(rows.index).index("人口") + 1
    assert "未计入的人口" not in headline(covered, lang="zh").index
    assert headline(covered, lang="zh", left_out=1.0)["value"]["未计入的人口"] == "1"


@pytest.mark.parametrize("of", [slice(None), slice(0)], ids=["five places", "no place"])
def test_the_index_of_people_and_stations_is_that_of_the_layers(of: slice) -> None:
    demand, facilities = people().rename_axis("demand_id").iloc[of], stations().rename_axis("facility_id")
    result = cover(STREET, facilities, demand, standard=DISPATCH)
    for table, layer in ((result.table, demand), (result.stations, facilities)):
        pd.testing.assert_index_equal(table.index, layer.index)
