"""The ways in a map file: each part in whole numbers that add up, and a bound that is told."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.coverage import Coverage, clock_starts, cover
from geo.maps import RouteLayer
from geo.maps import packed_routes as drawing
from geo.maps.geometry import DEGREE_STEPS, pack_numbers
from geo.network import RoadNetwork
from geo.outputs.route_layer import trace_first
from geo.standards import ResponseStandard
from tests.random_roads import networks
from tests.towns import METRIC, ORIGIN, five_crossings, places

CLOCK = ResponseStandard("by hand", "call", call_s=30, turnout_s=60, travel_s=240)


def unpack(text: str) -> list[int]:
    """Undo ``pack_numbers``, sign by sign."""
    numbers, value, shift = [], 0, 0
    for sign in text:
        bits = ord(sign) - 63
        value |= (bits & 31) << shift
        shift += 5
        if bits < 32:
            numbers.append(-((value + 1) >> 1) if value & 1 else value >> 1)
            value, shift = 0, 0
    return numbers


def layer_of(coverage: Coverage, **changes: Any) -> RouteLayer:
    def trace(ids: pd.Index) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
        trees = trace_first(coverage, ids)
        return trees.legs, trees.ways

    return RouteLayer(trace, call_s=coverage.standard.call_s, access_kph=10.0, **changes)


def ways_of(payload: dict[str, Any]) -> list[list[int]]:
    """Give the legs of every way, the facility's first."""
    back, ways = unpack(payload["legs"]["back"]), []
    for leg in unpack(payload["leg"]):
        legs = []
        while leg >= 0:
            legs.append(leg)
            leg = leg - back[leg] if back[leg] else -1
        ways.append(legs[::-1])
    return ways


def totals(payload: dict[str, Any], station: list[int]) -> list[int]:
    """Add up each way as the page does: call, turnout, access, every leg, access."""
    ms, access = unpack(payload["legs"]["ms"]), unpack(payload["ms"])
    return [
        sum(payload["stations"][of]) + sum(ms[leg] for leg in legs) + access[i]
        for i, (of, legs) in enumerate(zip(station, ways_of(payload), strict=True))
        if legs
    ]


@given(st.lists(st.integers(-(2**40), 2**40)))
def test_packed_numbers_read_back_and_need_no_escape_but_the_backslash(numbers: list[int]) -> None:
    packed = pack_numbers(numbers)
    assert unpack(packed) == numbers
    assert set(packed) <= set(map(chr, range(63, 127)))


@pytest.fixture
def coverage() -> Coverage:
    """One station, two homes on roads and one on no road."""
    roads = five_crossings()
    homes = places(
        {"farm": (1025, 2250), "east": (1500, 0), "isle": (9000, 9000)},
        people=[30.0, 20.0, 5.0],
        zone=[None] * 3,
        name=["田村", None, "岛村"],
    )
    return cover(roads, places({"A": (250, 50)}, name=["甲站"]), homes, standard=CLOCK)


def test_the_parts_of_a_way_are_those_worked_out_by_hand(coverage: Coverage) -> None:
    # farm: call 30 s, turnout 60 s, 50 m off the road 18 s, 750 m + 2,250 m 300 s, 25 m off the road 9 s
    table = coverage.table
    layer = layer_of(coverage, of_gaps=["farm", None], of_stations={"A": "farm"})
    drawn = drawing.draw_routes(layer, table, pd.Index(["farm", "east"]), coverage.stations, lang="zh")
    payload = drawn.payload
    assert payload["stations"] == [[30_000, 60_000, 18_000]]
    assert totals(payload, [0, 0]) == [417_000, 233_000]
    assert (table.loc[["farm", "east"], "first_s"] * 1000).tolist() == [417_000, 233_000]
    assert payload["gaps"] == [0, -1]
    assert payload["of_stations"] == [0]
    metres = np.array(unpack(payload["legs"]["dm"])) / 10
    assert metres[ways_of(payload)[0]].sum() == 3000.0
    assert payload["classes"] == ["村道、其他道路"]


def test_the_lines_lead_on_from_one_another_to_the_place(coverage: Coverage) -> None:
    drawn = drawing.draw_routes(
        layer_of(coverage), coverage.table, pd.Index(["farm", "east"]), coverage.stations, lang="en"
    )
    n, flat = unpack(drawn.payload["legs"]["n"]), unpack(drawn.payload["legs"]["line"])
    cuts = np.cumsum([0, *n])
    steps = [step for leg in ways_of(drawn.payload)[0] for step in flat[cuts[leg] : cuts[leg + 1]]]
    lonlat = np.cumsum(np.array(steps).reshape(-1, 2), axis=0) / DEGREE_STEPS
    ends = gpd.GeoSeries(gpd.points_from_xy(*lonlat[[0, -1]].T), crs=4326).to_crs(METRIC)
    east, north = ends.x.to_numpy() - ORIGIN[0], ends.y.to_numpy() - ORIGIN[1]
    assert east == pytest.approx([250, 1000], abs=1.5)
    assert north == pytest.approx([0, 2250], abs=1.5)


def test_places_that_are_not_drawn_come_after_those_that_are(coverage: Coverage) -> None:
    layer = layer_of(coverage, of_gaps=["farm"])
    drawn = drawing.draw_routes(layer, coverage.table, pd.Index(["east"]), coverage.stations, lang="en")
    assert drawn.payload["gaps"] == [1]
    assert drawn.payload["extra"]["name"] == ["田村"]
    assert drawn.payload["extra"]["s"] == [417]
    assert totals(drawn.payload, [0, 0]) == [233_000, 417_000]


def test_too_many_ways_are_cut_to_gaps_and_the_greatest_places_and_it_is_told(
    coverage: Coverage, monkeypatch: pytest.MonkeyPatch
) -> None:
    # each of the two ways alone has few enough corners, both together have not
    monkeypatch.setattr(drawing, "MAX_VERTICES", 8)
    layer = layer_of(coverage, of_gaps=["east"])
    drawn = drawing.draw_routes(layer, coverage.table, pd.Index(["farm"]), coverage.stations, lang="en")
    assert unpack(drawn.payload["leg"])[0] == -1
    assert drawn.payload["gaps"] == [1]
    assert unpack(drawn.payload["leg"])[1] >= 0
    assert any("0 places of most people, of 1" in note for note in drawn.notes)


def test_nobody_reached_leaves_no_way(coverage: Coverage) -> None:
    none = drawing.draw_routes(layer_of(coverage), coverage.table, pd.Index([]), None, lang="zh")
    assert none.payload["leg"] == ""
    assert none.payload["legs"]["line"] == ""


@given(data=st.data())
@settings(max_examples=60)
def test_for_random_people_on_random_roads_the_parts_add_up_to_the_coverage_table(
    data: st.DataObject,
) -> None:
    roads: RoadNetwork = data.draw(networks(max_nodes=7))
    spots = st.tuples(st.integers(-20, 520), st.integers(-20, 20))
    homes = data.draw(st.lists(spots, min_size=1, max_size=8))
    stations = data.draw(st.lists(spots, min_size=1, max_size=3))
    people = places({f"d{i}": at for i, at in enumerate(homes)}, people=[1.0] * len(homes))
    turnout = data.draw(st.sampled_from([np.nan, 45.0, 90.5]))
    base = places({f"s{i}": at for i, at in enumerate(stations)}, turnout_s=[turnout] * len(stations))
    coverage = cover(roads, base, people, standard=CLOCK)
    reached = coverage.table.index[np.isfinite(coverage.table["first_s"])]
    drawn = drawing.draw_routes(layer_of(coverage), coverage.table, reached, coverage.stations, lang="en")
    of = coverage.stations.index.get_indexer(coverage.table.loc[reached, "first_id"]).tolist()
    expected = np.rint(coverage.table.loc[reached, "first_s"] * 1000).astype(int).tolist()
    assert totals(drawn.payload, of) == expected
    assert clock_starts(coverage.stations, CLOCK).min() * 1000 >= 75_000
