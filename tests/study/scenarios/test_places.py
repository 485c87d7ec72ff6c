"""Places that scenarios type: settled as the coordinates of a layer are, and told as they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geo.crs import to_metric
from geo.errors import CrsError
from geo.layers import Coordinates, read_layer
from geo.study import (
    AddSpec,
    CloseRoadsSpec,
    MoveSpec,
    ScenarioSpec,
    SlowSpec,
    Study,
    check_study,
    parse_study,
    read_inputs,
)
from geo.study.inputs import Inputs
from geo.study.ready import make_ready
from geo.study.scenarios.apply import change_inputs, pick_roads
from geo.study.scenarios.places import known_to, tell_places
from tests.studies import EAST, NORTH, lonlat, write_town

# Metres from the town's corner: exactly the coordinates of tests/studies.py.
LOCAL = {"县独立坐标系": {"to_crs": "EPSG:32651", "four": {"dx_m": EAST, "dy_m": NORTH}}}
BEIJING = "EPSG:4214"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Inputs]:
    folder = tmp_path_factory.mktemp("town")
    study = parse_study({**write_town(folder), "systems": LOCAL}, folder=folder)
    return study, read_inputs(study)


def place_of_added(town: tuple[Study, Inputs], **place: Any) -> tuple[float, float]:
    """Give where a station stands that a scenario adds, in metres from the town's corner."""
    scenario = ScenarioSpec("more", add=(AddSpec(name="New", **place),))
    at = change_inputs(*town, scenario).facilities.set_index("name").geometry["New"]
    return at.x - EAST, at.y - NORTH


@pytest.mark.parametrize(
    "place",
    [
        {"lon": 4000.0, "lat": 0.0, "crs": "县独立坐标系"},
        {"lon": 0.0, "lat": 4000.0, "crs": "县独立坐标系", "order": "north,east"},
        {"lon": EAST + 4000, "lat": NORTH, "crs": "EPSG:32651"},
        {"lon": NORTH, "lat": EAST + 4000, "crs": "EPSG:32651", "order": "north,east"},
    ],
)
def test_a_place_may_be_in_an_own_system_and_north_first(
    town: tuple[Study, Inputs], place: dict[str, Any]
) -> None:
    assert place_of_added(town, **place) == pytest.approx((4000, 0), abs=0.01)


def test_a_place_in_degrees_may_say_the_latitude_first(town: tuple[Study, Inputs]) -> None:
    ((lon, lat),) = lonlat((4000, 0))
    assert place_of_added(town, lon=lat, lat=lon, order="lat,lon") == pytest.approx((4000, 0), abs=0.01)


def test_a_place_in_an_old_datum_moves_as_a_layer_does(town: tuple[Study, Inputs], tmp_path: Path) -> None:
    ((lon, lat),) = lonlat((4000, 0))
    (tmp_path / "stations.csv").write_text(f"name,lon,lat\nNew,{lon!r},{lat!r}\n", encoding="utf-8")
    study, inputs = town
    read = read_layer(
        tmp_path / "stations.csv", crs=BEIJING, coordinates=Coordinates(known=known_to(study, inputs))
    )
    moved = to_metric(read.table, inputs.network.crs).geometry.iloc[0]
    at = place_of_added(town, lon=lon, lat=lat, crs=BEIJING)
    assert at == pytest.approx((moved.x - EAST, moved.y - NORTH), abs=0.01)
    assert np.hypot(at[0] - 4000, at[1]) > 10  # it did move
    scenario = ScenarioSpec("more", add=(AddSpec(name="New", lon=lon, lat=lat, crs=BEIJING),))
    assert tell_places(study, inputs, scenario) == read.report.crs_notes


@pytest.mark.parametrize("order", [None, "north,east"])
def test_ends_and_places_of_closed_roads_as_well(town: tuple[Study, Inputs], order: Any) -> None:
    study, inputs = town

    def closed(**where: Any) -> list[str]:
        roads = CloseRoadsSpec(crs="县独立坐标系", order=order, **where)
        share = pick_roads(study, inputs, inputs.network, roads)
        return inputs.network.edges["name"][share > 0].tolist()

    def turned(x: float, y: float) -> list[float]:
        return [x, y] if order is None else [y, x]

    assert closed(at=turned(3000, 5)) == ["Middle Road"]
    assert closed(between=[turned(2000, 0), turned(4000, 0)]) == ["Middle Road"]


def test_areas_of_slow_roads_as_well(town: tuple[Study, Inputs], tmp_path: Path) -> None:
    study, inputs = town
    works = shapely.transform(shapely.box(1000, -10, 2000, 10), lambda xy: xy[:, ::-1])
    (tmp_path / "works.csv").write_text(f'name;wkt\nworks;"{works.wkt}"\n', encoding="utf-8")
    roads = SlowSpec(path="works.csv", crs="县独立坐标系", order="north,east", factor=0.5)
    share = pick_roads(replace(study, folder=tmp_path), inputs, inputs.network, roads)
    # Half of West Road, and 10 m of the 1,000 m of Side Road, which begins at (2000, 0).
    assert share[share > 0].tolist() == pytest.approx([0.5, 0.01])


def test_what_moves_a_place_is_told_by_the_check_and_by_the_run(tmp_path: Path) -> None:
    scenarios = [
        {"name": "more", "add": [{"name": "New", "lon": 4000.0, "lat": 0.0, "crs": "县独立坐标系"}]},
        {"name": "moved", "move": [{"facility": "A", "lon": 2000.0, "lat": 0.0, "crs": "县独立坐标系"}]},
    ]
    study = parse_study({**write_town(tmp_path), "systems": LOCAL, "scenarios": scenarios}, folder=tmp_path)
    notes = [section for section, note in make_ready(study).inputs.notes if note.key == "crs.own_used"]
    assert notes == ["scenarios 'more'", "scenarios 'moved'"]
    told = check_study(study, lang="en").text
    assert "[scenarios 'more'] read as 县独立坐标系" in told


def test_what_cannot_be_is_told_in_the_language_of_the_study(town: tuple[Study, Inputs]) -> None:
    ((lon, lat),) = lonlat((4000, 0))
    scenario = ScenarioSpec("新站", move=(MoveSpec(facility="A", lon=lat, lat=lon),))
    with pytest.raises(CrsError) as error:
        change_inputs(*town, scenario)
    assert error.value.say("zh").startswith("[scenarios '新站'] ")
    assert "exchanged" in error.value.say("en")
    assert not any(word in error.value.say("zh") for word in ("exchanged", "longitude", "coordinates"))


def test_a_place_that_is_no_number_is_none(town: tuple[Study, Inputs]) -> None:
    scenario = ScenarioSpec("x", add=(AddSpec(name="New", lon=float("nan"), lat=31.0),))
    with pytest.raises(CrsError, match="nan, 31 are no coordinates") as error:
        change_inputs(*town, scenario)
    assert "nan, 31 不是坐标" in error.value.say("zh")
