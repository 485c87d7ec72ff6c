"""A file of a whole province, cut by the boundary of one county."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import InputError
from geo.study import Inputs, parse_study, read_inputs
from tests.batch.small import STEP, write_roads

WEST = shapely.box(121 - 0.001, 31 - 0.001, 121 + 2.5 * STEP, 31 + 5 * STEP)


@pytest.fixture
def province(tmp_path: Path) -> Path:
    """Streets, and people and stations of two counties in one file each; the border runs between streets."""
    write_roads(tmp_path)
    gpd.GeoDataFrame(geometry=[WEST], crs=4326).to_file(tmp_path / "west.geojson")
    rows = [{"name": f"v{k}", "lon": 121 + k * STEP, "lat": 31.0, "people": 10**k} for k in range(5)]
    rows.append({"name": "far", "lon": 125.0, "lat": 35.0, "people": 7})
    pd.DataFrame(rows).to_csv(tmp_path / "people.csv", index=False)
    stations = [{"id": f"s{k}", "name": f"s{k}", "lon": 121 + k * STEP, "lat": 31.0} for k in (0, 3)]
    pd.DataFrame(stations).to_csv(tmp_path / "stations.csv", index=False)
    return tmp_path


def read(folder: Path, *, facilities: dict[str, object], demand: dict[str, object], **more: object) -> Inputs:
    data = {
        "study": {"name": "county", "lang": "en"},
        "roads": {"path": "roads.geojson"},
        "facilities": [{"path": "stations.csv", "kind": "fire_station", "crs": "EPSG:4326", **facilities}],
        "demand": [{"path": "people.csv", "people": "people", "crs": "EPSG:4326", **demand}],
        **more,
    }
    return read_inputs(parse_study(data, folder=folder))


def told(inputs: Inputs, section: str) -> str:
    notes = [str(note) for of, report in inputs.reports if of == section for note in report.notes]
    return " ".join([*notes, *(str(note) for of, note in inputs.notes if of == section)])


def test_only_what_lies_within_counts_and_is_told(province: Path) -> None:
    inputs = read(province, facilities={"within": "west.geojson"}, demand={"within": "west.geojson"})
    assert inputs.demand["people"].tolist() == [1, 10, 100]
    assert inputs.facilities["name"].tolist() == ["s0"]
    assert "3 of 6 rows lie there" in told(inputs, "demand 1")
    assert "1 of 2 rows lie there" in told(inputs, "facilities 1")
    faults = [str(fault) for _, report in inputs.reports for fault in report.faults]
    assert not [fault for fault in faults if "road" in fault]  # who lives in another county is no fault


def test_who_lives_right_on_a_border_counts_once(province: Path) -> None:
    x, y = 121 + 2 * STEP, 31 + 2 * STEP  # v2 stands on the border of west and east, c where all four meet
    with (province / "people.csv").open("a", encoding="utf-8") as file:
        file.write(f"c,{x},{y},1000000\nh,{121 + STEP},{y},2000000\n")
    quarters = [(a, b, a + 2 * STEP, b + 2 * STEP) for a in (121, x) for b in (31, y)]
    quarters = [
        (a - 0.001 * (a == 121), b - 0.001 * (b == 31), c + 0.002 * (c > x), d + 0.002 * (d > y))
        for a, b, c, d in quarters
    ]
    # Each border has corners of its own, and so has the system in which its margin is made.
    counted: list[float] = []
    for name, box in enumerate(quarters):
        ground = shapely.segmentize(shapely.box(*box), 0.004 + 0.001 * name)
        gpd.GeoDataFrame(geometry=[ground], crs=4326).to_file(province / f"{name}.geojson")
        within = {"within": f"{name}.geojson"}
        counted += read(province, facilities={}, demand=within).demand["people"].tolist()
    assert sorted(counted) == [1, 10, 100, 1000, 10000, 1000000, 2000000]


def test_a_margin_takes_in_the_neighbours(province: Path) -> None:
    near = {"within": "west.geojson", "margin_km": 1.0}
    inputs = read(province, facilities=near, demand={})
    assert inputs.facilities["name"].tolist() == ["s0", "s3"]
    assert len(inputs.demand) == 6


def test_zones_count_by_their_middle(province: Path) -> None:
    towns = [shapely.box(121 + k * STEP, 31 - 0.001, 121 + (k + 2) * STEP, 31.05) for k in (0, 2)]
    gpd.GeoDataFrame({"name": ["west", "east"]}, geometry=towns, crs=4326).to_file(province / "towns.geojson")
    zones = [{"path": "towns.geojson", "within": "west.geojson"}]
    inputs = read(province, facilities={}, demand={"within": "west.geojson"}, zones=zones)
    assert inputs.zones["name"].tolist() == ["west"]


def test_the_cells_of_a_raster_are_cut(province: Path) -> None:
    import rasterio
    from rasterio.transform import from_origin

    grid = np.arange(1, 7, dtype=np.float32)[None, :]
    options = {"driver": "GTiff", "height": 1, "width": 6, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    transform = from_origin(121 - STEP / 2, 31 + STEP / 2, STEP, STEP)
    with rasterio.open(province / "people.tif", "w", transform=transform, **options) as file:
        file.write(grid, 1)
    demand = {"path": "people.tif", "method": "raster", "people": None, "within": "west.geojson"}
    data = {key: value for key, value in demand.items() if value is not None}
    inputs = read_inputs(
        parse_study(
            {
                "study": {"name": "county", "lang": "en"},
                "roads": {"path": "roads.geojson"},
                "facilities": [{"path": "stations.csv", "crs": "EPSG:4326"}],
                "demand": [data],
            },
            folder=province,
        )
    )
    assert inputs.demand["people"].tolist() == [1, 2, 3]
    assert "3 of 6 rows" in told(inputs, "demand 1")


def test_nobody_within_is_told_with_the_way_out(province: Path) -> None:
    gpd.GeoDataFrame(geometry=[shapely.box(10, 10, 11, 11)], crs=4326).to_file(province / "far.geojson")
    with pytest.raises(InputError, match="none of the 6 rows lies there"):
        read(province, facilities={}, demand={"within": "far.geojson"})
