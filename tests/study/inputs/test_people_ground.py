"""Parts of a study where nobody lives though there are roads, and people too few for all of it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geo.study.inputs.people_ground import doubt_ground, tell_empty_ground

CRS = "EPSG:32651"
NODES = np.array([[x, 500.0] for x in range(50, 4000, 100)])  # 40 road ends along four squares of 1 km
TOWNS = gpd.GeoDataFrame(
    {"name": list("甲乙丙丁"), "level": "town"},
    geometry=[shapely.box(x, 0, x + 1000, 1000) for x in range(0, 4000, 1000)],
    crs=CRS,
)


def people(*places: tuple[float, str | None], n: float = 100.0) -> gpd.GeoDataFrame:
    at, zones = zip(*places, strict=True)
    points = [shapely.Point(x, 500) for x in at]
    return gpd.GeoDataFrame({"people": n, "zone": list(zones)}, geometry=points, crs=CRS)


def test_a_zone_with_roads_and_nobody_is_told_by_its_name() -> None:
    lived_in = people((500, "甲"), (1500, "乙"), (3500, "丁"))
    (note,) = tell_empty_ground(lived_in, TOWNS, NODES, are_cells=False)
    assert "4 个分区中有 1 个有道路而没有人口：丙" in note.say("zh")
    assert list(tell_empty_ground(people((2500, "丙")), TOWNS[2:3], NODES, are_cells=False)) == []


def test_zones_beyond_the_roads_and_a_study_without_people_are_not_told() -> None:
    west = NODES[NODES[:, 0] < 2000]
    assert list(tell_empty_ground(people((500, "甲"), (1500, "乙")), TOWNS, west, are_cells=False)) == []
    assert list(tell_empty_ground(people((500, "甲"), n=0.0), TOWNS, NODES, are_cells=False)) == []


def test_roads_beyond_the_cells_of_a_raster_are_told_where_there_are_no_zones() -> None:
    nodes = np.array([[x, 500.0] for x in range(500, 10_000, 1000)])
    none = TOWNS[:0]
    # Cells at 0 to 4 km, and 2 km beside them: of ten ends those at 6.5, 7.5, 8.5 and 9.5 km are outside.
    cells = people(*((x, None) for x in range(0, 5000, 1000)))
    (note,) = tell_empty_ground(cells, none, nodes, are_cells=True)
    assert note.values["share"] == 0.4
    assert list(tell_empty_ground(cells, none, nodes[:9], are_cells=False)) == []
    assert list(tell_empty_ground(cells, none, nodes[:6], are_cells=True)) == []


def test_few_people_in_cells_are_told_by_the_ground_of_the_roads() -> None:
    corners = np.array([[0.0, 0.0], [40_000, 0], [40_000, 40_000], [0, 40_000]])
    # 398 people on about 42 x 42 km: 0.2 a km2, less than 0.5.
    (note,) = doubt_ground(people((20_000, None), n=398.0), corners, are_cells=True)
    assert note.key == "demand.total_very_thin"
    assert list(doubt_ground(people((20_000, None), n=3980.0), corners, are_cells=True)) == []
