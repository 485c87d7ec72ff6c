"""Checks of zones and sites: the limit itself, should and must, exemptions, both editions, no layer."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.errors import InputError
from geo.plans import Facts, load_plan
from geo.plans.measures.zones import MEASURES
from geo.zones import CheckOptions, check_zones_of, regular_zones, road_blocks, station_zones
from tests.towns import METRIC, ORIGIN
from tests.zones.test_divide import box, covered, ground, stations_at, street


def layer(*rows: tuple[str, shapely.Geometry]) -> gpd.GeoDataFrame:
    shapes = [shapely.transform(shape, lambda xy: xy + ORIGIN) for _, shape in rows]
    return gpd.GeoDataFrame(
        {"name": [f"{kind} 1" for kind, _ in rows], "kind": [kind for kind, _ in rows]},
        geometry=shapes,
        crs=METRIC,
    )


def checks(
    half_width_m: float, *, station_class: str | None = "first", options: CheckOptions | None = None
) -> pd.DataFrame:
    """Check one station in the middle of a street of 2 km, its land reaching so far to both sides."""
    stations = stations_at({"A": (1000, 0)}, [station_class])  # type: ignore[list-item]
    coverage = covered(street(), stations)
    zoning = station_zones(coverage, land=ground(box(0, -half_width_m, 2000, half_width_m)))
    return check_zones_of(coverage, zoning, options or CheckOptions()).set_index("check")


@pytest.mark.thorough
def test_a_zone_of_exactly_seven_square_kilometres_is_met() -> None:
    # 2 km x 3.5 km
    row = checks(1750).loc["area_first"]
    assert (row["value"], row["limit"], row["level"], row["state"]) == (7.0, 7.0, "should", "met")
    assert (row["standard"], row["clause"], row["mark"]) == ("GB 51080", "4.1.3-2", "V")
    assert checks(1750.001).loc["area_first", "state"] == "missed"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("station_class", "limit"), [("special", 7), ("first", 7), ("second", 4), ("small", 2)]
)
def test_each_class_has_its_own_limit(station_class: str, limit: float) -> None:
    rows = checks(2000, station_class=station_class)
    assert rows.loc[f"area_{station_class}", ["value", "limit", "is_met"]].tolist() == [8.0, limit, False]
    assert [name for name in rows.index if name.startswith("area")] == [f"area_{station_class}"]


@pytest.mark.thorough
def test_suburban_stations_have_a_wider_limit_that_is_a_must() -> None:
    rows = checks(3750, options=CheckOptions(suburban=["station A"]))
    assert rows.loc["area_suburban", ["value", "limit", "level", "state"]].tolist() == [15, 15, "must", "met"]
    assert "area_first" not in rows.index
    assert checks(4000, options=CheckOptions(suburban=["all"])).loc["area_suburban", "state"] == "missed"


@pytest.mark.thorough
def test_a_recorded_risk_assessment_exempts_the_area_and_is_told() -> None:
    rows = checks(2000, options=CheckOptions(exemptions={"A": "评估〔2024〕7号"}))
    row = rows.loc["area_first"]
    assert (row["state"], row["is_met"]) == ("exempt", False)
    assert "评估〔2024〕7号" in row["evidence_zh"]
    assert "评估〔2024〕7号" in row["evidence_en"]
    assert checks(1000, options=CheckOptions(exemptions={"A": "x"})).loc["area_first", "state"] == "met"
    with pytest.raises(InputError, match="name stations that are not there"):
        checks(1000, options=CheckOptions(exemptions={"B": "x"}))


def test_the_edge_is_reached_at_exactly_the_limit() -> None:
    # 60 s + 240 s: the end of a street that takes 240 s from its start.
    for seconds, state in ((240.0, "met"), (240.001, "missed")):
        coverage = covered(street(2400, seconds), stations_at({"A": (0, 0)}))
        zoning = station_zones(coverage, land=ground(box(0, -100, 2400, 100)))
        row = check_zones_of(coverage, zoning, CheckOptions()).set_index("check").loc["edge_time"]
        assert (row["value"], row["limit"], row["state"]) == (60 + seconds, 300, state)


def test_sites_keep_their_distance_under_both_editions() -> None:
    # The school's exit is exactly 50 m away, the tank 250 m: enough for 2015, not for 2017.
    sensitive = layer(("school", shapely.Point(1000, 50)), ("hazmat", shapely.Point(1000, 250)))
    rows = checks(500, options=CheckOptions(sensitive=sensitive))
    assert rows.loc["exits", ["value", "limit", "state"]].tolist() == [50, 50, "met"]
    assert rows.loc["hazmat_2015", ["value", "limit", "state"]].tolist() == [250, 200, "met"]
    assert rows.loc["hazmat_2017", ["value", "limit", "state"]].tolist() == [250, 300, "missed"]
    near = layer(("school", shapely.Point(1000, 49.9)))
    rows = checks(500, options=CheckOptions(sensitive=near))
    assert rows.loc["exits", "state"] == "missed"
    assert rows.loc["hazmat_2015", ["is_met", "state"]].tolist() == [None, "no_data"]


@pytest.mark.parametrize(
    ("wind", "angle", "state"),
    [
        (0, 180, "missed"),
        (180, 0, "met"),
        (90, 90, "met"),
        (270, 90, "met"),
        (89, 91, "missed"),
        (360, 180, "missed"),
    ],
)
def test_a_station_lies_upwind_of_hazardous_goods(wind: float, angle: float, state: str) -> None:
    # The tank is 250 m north of the station: seen from it the station lies at 180 degrees.
    sensitive = layer(("hazmat", shapely.Point(1000, 250)))
    row = checks(500, options=CheckOptions(sensitive=sensitive, wind_from_deg=wind)).loc["hazmat_upwind"]
    assert (row["value"], row["limit"], row["unit"], row["state"]) == (angle, 90, "deg", state)
    assert f"{angle} degrees" in row["evidence_en"]


def test_without_a_wind_or_hazardous_goods_nothing_is_said_about_upwind() -> None:
    sensitive = layer(("hazmat", shapely.Point(1000, 250)))
    row = checks(500, options=CheckOptions(sensitive=sensitive)).loc["hazmat_upwind"]
    assert (row["state"], row["is_met"]) == ("no_data", None)
    assert "wind_from_deg" in row["evidence_en"]
    row = checks(500, options=CheckOptions(wind_from_deg=90)).loc["hazmat_upwind"]
    assert (row["state"], "[[sensitive]]" in row["evidence_en"]) == ("no_data", True)


def test_ground_beyond_an_obstacle_is_a_crossing_and_a_dead_end_is_none() -> None:
    # The railway cuts off the last 500 m of the street: 0.5 km x 1 km. The expressway ends in the zone.
    obstacles = layer(
        ("railway", shapely.LineString([(1500, -600), (1500, 600)])),
        ("expressway", shapely.LineString([(500, -600), (500, 100)])),
    )
    rows = checks(500, options=CheckOptions(obstacles=obstacles))
    assert rows.loc["crossing_railway", ["value", "state"]].tolist() == [0.5, "missed"]
    assert rows.loc["crossing_expressway", ["value", "state"]].tolist() == [0, "met"]
    assert rows.loc["crossing_water", "state"] == "no_data"


def test_a_small_station_touches_a_larger_zone_or_not() -> None:
    for classes, state, n in ((["small", "second"], "met", 1), (["small", "small"], "missed", 0)):
        coverage = covered(street(), stations_at({"A": (0, 0), "B": (2000, 0)}, classes))
        zoning = station_zones(coverage, land=ground(box(0, -100, 2000, 100)))
        rows = check_zones_of(coverage, zoning, CheckOptions()).set_index(["facility_id", "check"])
        assert rows.loc[("A", "touching"), ["value", "state"]].tolist() == [n, state]


def test_without_a_class_only_the_area_is_left_open() -> None:
    rows = checks(500, station_class=None)
    assert not [name for name in rows.index if name.startswith("area")]
    assert rows.loc["edge_time", "state"] == "met"


def test_regular_zones_are_whole_blocks_and_say_who_moves() -> None:
    # Towns cut the street at 800 m; A (0 m) and B (2000 m) meet at 1000 m. The eastern town has a hundred
    # people of A (at 900 m) and two hundred of B: it goes to B, and the hundred with it.
    coverage = covered(
        street(),
        stations_at({"A": (0, 0), "B": (2000, 0)}),
        {"west": (100, 0), "middle": (900, 0), "east": (1900, 0), "east too": (1950, 0)},
    )
    zoning = station_zones(coverage, land=ground(box(0, -100, 2000, 100)))
    towns = gpd.GeoSeries([box(0, -100, 800, 100), box(800, -100, 2000, 100)], crs=METRIC)
    blocks = road_blocks(coverage.network, zoning.ground, classes=(), borders=towns)
    assert sorted(blocks.area.round()) == [160_000, 240_000]
    regular, moved = regular_zones(coverage, zoning, blocks)
    assert moved == 100
    assert regular.table["area_km2"].tolist() == pytest.approx([0.16, 0.24])
    assert regular.table["people"].tolist() == [100, 300]
    # From B to the western edge of its block: 1200 m, 120 s.
    assert regular.table["farthest_travel_s"].tolist() == [80, 120]
    assert regular.table["worst_s"].tolist() == [70, 170]


def facts(states: list[tuple[str, str, str]]) -> Facts:
    table = pd.DataFrame(states, columns=["facility_id", "check", "state"]).assign(level="should")
    ids = list(dict.fromkeys(table["facility_id"]))
    zones = pd.DataFrame({"facility_id": [*ids, None], "name": [*ids, None]})
    nobody = pd.Series(dtype=float)
    tables = {"station_zones": zones, "zone_checks": table}
    return Facts(layers={}, people=nobody, stations=pd.DataFrame(), served=nobody, tables=tables)


def test_the_share_of_stations_that_conform() -> None:
    target = next(t for t in load_plan("yangpu").targets if t.id == "YP-2")
    measure = MEASURES["jurisdictions"]
    found = measure(
        target,
        facts(
            [
                ("A", "area_first", "met"),
                ("A", "edge_time", "met"),
                ("B", "area_suburban", "exempt"),
                ("B", "edge_time", "met"),
                ("C", "area_small", "met"),
                ("C", "edge_time", "missed"),
                ("D", "area_second", "missed"),
                ("D", "edge_time", "no_data"),
            ]
        ),
    )
    assert (found.value, found.places, found.needs) == (50.0, "station_zones", ())
    assert found.evidence[0].values["exempt"] == 1
    assert found.evidence[1].values["names"] == ("C", "D")
    # Everything known conforms and one class is missing: that decides, so it is no data.
    open_ = measure(
        target, facts([("A", "area_first", "met"), ("A", "edge_time", "met"), ("B", "edge_time", "met")])
    )
    assert open_.needs == (("stations", "station_class (1 / 2)"),)
