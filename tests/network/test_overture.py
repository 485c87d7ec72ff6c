"""Roads of Overture: nested rules as Parquet keeps them, and as JSON in other formats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo.layers import read_layer
from geo.network import Roads, from_roads, roads_from_lines
from geo.network.tags import CLOSED, NO_CARS
from geo.standards import load_profile
from tests.network.test_road_words import classes, notes, road

ENGINE, CAR = load_profile("fire_engine"), load_profile("car")


def overture(n: int, **nested: list[Any]) -> gpd.GeoDataFrame:
    """Make n roads of 100 m with the columns of Overture."""
    columns = {"subtype": ["road"] * n, "class": ["primary"] * n, **nested}
    return road(n).assign(**{key: pd.Series(cells, dtype=object) for key, cells in columns.items()})


def denied(**when: Any) -> dict[str, Any]:
    return {"access_type": "denied", "when": when or None, "between": None}


def allowed(**when: Any) -> dict[str, Any]:
    return {"access_type": "allowed", "when": when or None, "between": None}


def one(**nested: Any) -> Roads:
    """Read one road with rules, and one without beside it."""
    return roads_from_lines(overture(2, **{key: [cell, None] for key, cell in nested.items()}))


@pytest.mark.parametrize(
    ("rules", "oneway"),
    [
        ([denied(heading="backward")], 1),
        ([denied(heading="forward")], -1),
        ([denied(heading="backward", mode=["motor_vehicle"])], 1),
        ([denied(heading="backward", mode=["bicycle"])], 0),
        ([denied(heading="backward", mode=["foot"])], 0),
        ([denied(heading="backward"), allowed(heading="backward", mode=["bus"])], 1),
        ([denied(heading="backward"), allowed(heading="backward", mode=["vehicle"])], 0),
        ([denied(heading="backward"), allowed(heading="backward")], 0),
        ([], 0),
        (None, 0),
    ],
)
def test_a_denied_heading_is_a_oneway_road(rules: Any, oneway: int) -> None:
    assert one(access_restrictions=rules).edge_oneway.tolist() == [oneway, 0]


@pytest.mark.parametrize(
    ("rules", "car", "engine"),
    [
        ([denied()], False, False),
        ([denied(), allowed(recognized=["as_private"])], False, True),
        ([denied(), allowed(using=["at_destination"])], True, True),
        ([denied(), allowed(mode=["bus"])], False, True),
        ([denied(), allowed(mode=["foot", "bicycle"])], False, False),
        ([denied(mode=["motor_vehicle"])], False, True),
        ([denied(mode=["motor_vehicle"]), allowed(using=["at_destination"])], True, True),
        ([denied(mode=["bicycle"])], True, True),
        ([denied(during="Mo-Fr 07:00-09:00")], True, True),
        ([denied(heading="backward"), denied(heading="forward")], False, False),
        ([denied(), denied(heading="backward"), denied(mode=["foot", "bicycle"])], False, False),
    ],
)
def test_who_is_denied_may_not_pass(rules: Any, car: bool, engine: bool) -> None:
    roads = one(access_restrictions=rules)
    assert bool(roads.edge_access[0] & NO_CARS) == (not car)
    assert bool(roads.edge_access[0] & CLOSED) == (not engine)


def test_rules_of_some_hours_and_sizes_are_told_or_heeded() -> None:
    tall = {"dimension": "height", "comparison": "greater_than", "value": 2.2, "unit": "m"}
    many = {"dimension": "axle_count", "comparison": "less_than", "value": 3}
    cells = [[denied(vehicle=[tall])], [denied(during="PH")], [denied(vehicle=[many])]]
    roads = roads_from_lines(overture(3, access_restrictions=cells))
    assert from_roads(roads, ENGINE).edge_source.tolist() == [1, 2]
    assert "access:conditional 2 (0.2 km: no @ (during PH))" in notes(roads)


def test_classes_levels_and_flags() -> None:
    frame = overture(
        7,
        subclass=["link", None, None, None, None, None, None],
        road_flags=[
            None,
            [{"values": ["is_bridge"], "between": None}],
            [{"values": ["is_tunnel"]}],
            [{"values": ["is_under_construction"]}],
            [{"values": ["is_link", "is_covered"]}],
            None,
            None,
        ],
        level_rules=[None, [{"value": 1, "between": None}], [{"value": -1}], None, None, None, None],
        names=[{"primary": "人民路", "common": None}, *[None] * 6],
    )
    frame["subtype"] = ["road"] * 5 + ["rail", "water"]
    frame["class"] = ["motorway"] + ["secondary"] * 4 + ["subway", None]
    roads = roads_from_lines(frame)
    words = ["motorway_link", "secondary", "secondary", "construction", "secondary_link", "railway", "ferry"]
    assert classes(roads) == words
    assert roads.names[roads.edge_name[0]] == "人民路"


def test_a_bridge_does_not_meet_the_road_below_it() -> None:
    # Both have a vertex where they cross, as Overture never has it; the connector is at the ends.
    frame = overture(3, level_rules=[None, [{"value": 1, "between": None}], None])
    frame = frame.set_geometry(
        gpd.GeoSeries.from_wkt(
            [
                "LINESTRING (350000 3500000, 350100 3500000, 350200 3500000)",
                "LINESTRING (350100 3499900, 350100 3500000, 350100 3500100)",
                "LINESTRING (350100 3500100, 350300 3500100)",
            ],
            crs=frame.crs,
        )
    )
    roads = roads_from_lines(frame)
    assert (roads.n_edges, roads.n_nodes) == (3, 5)


def test_speed_limits_hold_in_their_direction_and_unit() -> None:
    def limit(value: int, unit: str = "km/h", **when: Any) -> dict[str, Any]:
        return {"max_speed": {"value": value, "unit": unit}, "when": when or None, "between": None}

    frame = overture(
        5,
        speed_limits=[
            [limit(60)],
            [limit(30, "mph")],
            [limit(80, heading="forward"), limit(40, heading="backward")],
            [limit(60), limit(30, during="Mo-Fr 07:00-09:00")],
            [limit(60, mode=["hgv"])],
        ],
    )
    roads = roads_from_lines(frame)
    assert roads.edge_maxspeed == pytest.approx([60, 48.28032, 40, 60, np.nan], nan_ok=True)
    assert any("maxspeed:conditional 1" in str(note) for note in from_roads(roads, CAR).notes)


def test_a_road_is_cut_where_a_rule_begins_or_ends() -> None:
    # 1,000 m with a bend: closed from 250 to 500 m, 30 km/h from 400 m on.
    rules = [{"access_type": "denied", "when": None, "between": [0.25, 0.5]}]
    limits = [{"max_speed": {"value": 30, "unit": "km/h"}, "when": None, "between": [0.4, 1.0]}]
    frame = overture(1, access_restrictions=[rules], speed_limits=[limits])
    bend = "LINESTRING (350000 3500000, 350300 3500000, 350300 3500700)"
    roads = roads_from_lines(frame.set_geometry(gpd.GeoSeries.from_wkt([bend], crs=frame.crs)))
    assert roads.edge_length == pytest.approx([250, 150, 100, 500], rel=1e-3)
    assert (roads.edge_access & CLOSED > 0).tolist() == [False, True, True, False]
    assert roads.edge_maxspeed == pytest.approx([np.nan, np.nan, 30, 30], nan_ok=True)
    assert roads.edge_source.tolist() == [0] * 4
    assert roads.n_nodes == 5
    assert "roads were cut at 3 places where a rule begins or ends" in notes(roads)


@pytest.mark.parametrize("ending", ["parquet", "gpkg", "geojson"])
def test_nested_columns_and_json_text_say_the_same(ending: str, tmp_path: Path) -> None:
    closed = [{"access_type": "denied", "when": {"mode": None, "heading": None}, "between": [0.0, 0.5]}]
    back = [{"access_type": "denied", "when": {"mode": ["vehicle"], "heading": "backward"}, "between": None}]
    frame = overture(3, access_restrictions=[closed, back, None])
    frame["speed_limits"] = [None, [{"max_speed": {"value": 50, "unit": "km/h"}, "between": None}], None]
    frame["names"] = [{"primary": "甲路"}, None, {"primary": "乙路"}]
    path = tmp_path / f"roads.{ending}"
    if ending == "parquet":
        frame.to_parquet(path)
    elif ending == "geojson":
        path.write_text(frame.to_crs(4326).to_json(), encoding="utf-8")
    else:
        for key in ("access_restrictions", "speed_limits", "names"):
            frame[key] = frame[key].map(lambda cell: None if cell is None else json.dumps(cell))
        frame.to_file(path)
    roads = roads_from_lines(read_layer(path, geometry="line").table)
    assert (roads.edge_access & CLOSED > 0).tolist() == [True, False, False, False]
    assert roads.edge_oneway.tolist() == [0, 0, 1, 0]
    assert roads.edge_maxspeed == pytest.approx([np.nan, np.nan, 50, np.nan], nan_ok=True)
    assert [roads.names[i] for i in roads.edge_name] == ["甲路", "甲路", "", "乙路"]


def test_cells_that_are_no_json_are_told() -> None:
    printed = "[{'access_type': 'denied', 'when': None}]"  # as Python prints a list
    roads = roads_from_lines(overture(2, access_restrictions=[printed, None]))
    assert "1 cells of column access_restrictions are no JSON" in notes(roads)


def test_banned_turns_are_told() -> None:
    roads = one(prohibited_transitions=[{"sequence": [], "final_heading": "forward"}])
    assert "banned turns (1 roads) are not heeded" in notes(roads)


def test_ramps_ferries_and_trains_have_their_own_classes() -> None:
    layer = road(6).assign(
        subtype=["road", "road", "road", "road", "water", "rail"],
        **{"class": ["motorway", "motorway", "residential", "service", None, "standard_gauge"]},
        subclass=[None, "link", "link", "alley", None, None],
    )
    roads = roads_from_lines(layer)
    assert classes(roads)[:5] == ["motorway", "motorway_link", "residential", "service", "ferry"]
    driven = from_roads(roads, ENGINE)
    of = np.array(driven.classes)[driven.edge_class].tolist()
    assert "ferry" not in of
    assert "railway" not in of
