"""Numbers of facilities in another unit, zones over each other, towns that are named."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.stations import find_suspects
from geo.study.inputs.doubts import doubt_facility_towns
from geo.study.inputs.odd_numbers import tell_odd_numbers
from geo.study.inputs.zone_overlaps import tell_overlaps

CRS = "EPSG:32651"


def facilities(kind: str, **columns: list[float]) -> gpd.GeoDataFrame:
    n = len(next(iter(columns.values())))
    numbers = dict.fromkeys(("places", "area_m2", "turnout_s", "flow_lps"), np.nan) | columns
    rows = pd.DataFrame({"kind": kind, "name": list("甲乙丙丁")[:n], **numbers})
    return gpd.GeoDataFrame(rows, geometry=[shapely.Point(0, 0)] * n, crs=CRS)


@pytest.mark.parametrize(
    ("kind", "columns", "key", "n"),
    [
        ("shelter", {"places": [0.52, 2.0, 5200]}, "odd_places", 1),
        (
            "shelter",
            {"places": [1000, 1000, 1000], "area_m2": [36, 99.9, 100]},
            "odd_area",
            2,
        ),  # 0.1 m2 is within
        ("fire_station", {"turnout_s": [1, 10, 60]}, "odd_turnout", 1),
        ("hydrant", {"flow_lps": [54, 36, 15]}, "odd_flow", 2),  # 54 m3/h are 15 l/s
    ],
)
def test_numbers_of_another_unit_are_told_and_stay(
    kind: str, columns: dict[str, list[float]], key: str, n: int
) -> None:
    (note,) = tell_odd_numbers(facilities(kind, **columns))
    assert note.key == f"study.{key}"
    assert note.values["n"] == n
    assert "甲" in note.say("zh")


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("shelter", {"places": [900, 1200, np.nan], "area_m2": [1800, np.nan, 20]}),
        ("shelter", {"places": [2000 / 1.5, 100.5]}),  # an area, divided by that of a person
        ("shelter", {"places": [0.0, 5200 * (1 - 1e-15), 100 / 3 * 3]}),
        ("fire_station", {"turnout_s": [0, 45, np.nan], "area_m2": [3, 4, 5]}),
        ("hydrant", {"flow_lps": [15, 10, 40, np.nan]}),  # one large one among others
    ],
)
def test_numbers_that_can_be_are_not_told(kind: str, columns: dict[str, list[float]]) -> None:
    assert list(tell_odd_numbers(facilities(kind, **columns))) == []


@pytest.mark.parametrize(
    "name", ["甲村义务消防队", "某镇志愿消防队", "丁小区消防室", "城西消防点", "戊消防执勤点", "社区微型站"]
)
def test_what_is_less_than_a_station_is_told(name: str) -> None:
    table = facilities("fire_station", turnout_s=[60.0, 60.0])
    table["name"] = [name, "城东消防救援站"]
    table.geometry = [shapely.Point(0, 0), shapely.Point(999, 0)]
    suspects = find_suspects(table.rename_axis("facility_id"), lang="zh")
    assert suspects["facility_id"].tolist() == [0]
    assert find_suspects(table.assign(kind="micro_station").rename_axis("facility_id")).empty


def test_a_facility_outside_all_zones_is_told_with_the_town_that_it_names() -> None:
    rows = pd.DataFrame({"name": ["甲站", "乙站", "丙站"]})
    meant, stands = pd.Series(["西镇", "东镇", np.nan]), pd.Series([None, "东镇", None])
    (note,) = doubt_facility_towns(rows, meant, stands)
    assert note.key == "study.facilities_outside"
    assert "1 处" in note.say("zh")
    assert "甲站（写 西镇）" in note.say("zh")


def zones(*boxes: tuple[float, float, float, float], level: str = "town") -> gpd.GeoDataFrame:
    names = [f"{n}镇" for n in range(len(boxes))]
    return gpd.GeoDataFrame(
        {"name": names, "level": level}, geometry=[shapely.box(*b) for b in boxes], crs=CRS
    )


def test_zones_over_each_other_are_told_with_the_ground_that_they_share() -> None:
    # 500 m of the 2,000 m of the second lie over the first: 0.5 x 1 = 0.5 km2.
    (note,) = tell_overlaps(zones((0, 0, 2000, 1000), (1500, 0, 3500, 1000), (3500, 0, 4000, 1000)))
    assert note.values["n"] == 1
    assert "0镇 与 1镇 重叠 0.50 平方公里" in note.say("zh")


def test_neighbours_slivers_and_levels_are_not_told() -> None:
    # 19 m of 2,000 m are less than a hundredth.
    assert list(tell_overlaps(zones((0, 0, 2000, 1000), (1981, 0, 3981, 1000)))) == []
    both = pd.concat([zones((0, 0, 2000, 1000)), zones((0, 0, 1000, 1000), level="village")])
    assert list(tell_overlaps(gpd.GeoDataFrame(both, crs=CRS))) == []
