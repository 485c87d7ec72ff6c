"""Whether a raster holds people or people per km2, where its section does not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from pyproj import CRS
from rasterio.transform import from_origin

from geo.demand import DemandRead, RasterReading, demand_from_raster
from geo.errors import InputError

METRIC = CRS.from_epsg(32651)
EAST, NORTH = 350_000.0, 3_501_000.0
VALUES = np.array([[400.0, 800.0], [600.0, 200.0]], dtype="float32")
"""Cells of 850 m have 0.7225 km2: 2,000 people as counts, 2,000 x 0.7225 = 1,445 as people per km2."""


def read(
    path: Path, *, cell_m: float = 850.0, zones: Any = None, unit: Any = None, **tags: str
) -> DemandRead:
    profile = {"driver": "GTiff", "height": 2, "width": 2, "count": 1, "dtype": "float32"}
    where = {"crs": METRIC.to_wkt(), "transform": from_origin(EAST, NORTH, cell_m, cell_m)}
    with rasterio.open(path, "w", **profile, **where) as raster:
        raster.write(VALUES, 1)
        raster.update_tags(**tags)
    reading = RasterReading(unit=unit)
    return demand_from_raster(path, crs=METRIC, zones=zones, keep_outside=True, reading=reading)


def town(people: float) -> gpd.GeoDataFrame:
    shape = shapely.box(EAST - 100, NORTH - 2000, EAST + 2000, NORTH + 100)
    return gpd.GeoDataFrame({"name": ["东镇"], "people": [people]}, geometry=[shape], crs=METRIC)


def keys(result: DemandRead) -> list[str]:
    return [note.key for note in result.notes]


def test_both_totals_are_told_where_nobody_says_what_cells_hold(tmp_path: Path) -> None:
    result = read(tmp_path / "rk2020.tif")
    assert result.people_in == pytest.approx(2000)
    told = "\n".join(note.say("en") for note in result.notes)
    assert "2,000 in all" in told
    assert "1,445" in told
    assert 'unit = "people" or "per_km2"' in told


@pytest.mark.parametrize("name", ["chn_ppp_2020.tif", "每格人数.tif", "GHS_POP_E2020.tif"])
def test_a_name_that_says_people_settles_it(tmp_path: Path, name: str) -> None:
    assert keys(read(tmp_path / name)) == []


def test_what_the_section_says_is_not_asked_again(tmp_path: Path) -> None:
    assert keys(read(tmp_path / "rk2020.tif", unit="people")) == []
    assert read(tmp_path / "rk2020.tif", unit="per_km2").people_in == pytest.approx(1445)


def test_cells_of_one_square_kilometre_hold_the_same_either_way(tmp_path: Path) -> None:
    assert keys(read(tmp_path / "rk2020.tif", cell_m=1000.0)) == []


@pytest.mark.parametrize(
    "text", ["persons per km²", "单位：人/平方公里", "Population density", "inhabitants km-2"]
)
def test_notes_of_the_file_that_say_density_stop(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match='write unit = "per_km2"'):
        read(tmp_path / "rk2020.tif", TIFFTAG_IMAGEDESCRIPTION=text)


def test_notes_of_the_file_that_say_people_settle_it(tmp_path: Path) -> None:
    text = "Estimated total number of people per grid-cell"
    assert keys(read(tmp_path / "rk2020.tif", description=text)) == []


def test_a_resolution_in_a_name_is_no_density(tmp_path: Path) -> None:
    assert keys(read(tmp_path / "rk_1km-2020.tif")) == ["demand.unit_unsaid"]


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (2_000, []),  # fits counts: 1.00 of them, 0.72 of densities
        (1_100, ["demand.unit_unsaid_zones"]),  # 1,445 is a third too many: fits neither
        (1_700, ["demand.unit_unsaid_zones"]),  # off by 18 % either way
    ],
)
def test_the_people_of_zones_settle_it_or_are_told(
    tmp_path: Path, people: float, expected: list[str]
) -> None:
    assert keys(read(tmp_path / "rk2020.tif", zones=town(people))) == expected


def test_zones_that_fit_densities_alone_stop(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"1,445") as error:
        read(tmp_path / "rk2020.tif", zones=town(1_430))
    assert "1,430" in str(error.value)
    assert 'unit = "per_km2"' in str(error.value)
