"""Rasters and grids as they are handed over: systems, units, values for nothing, and cells across borders."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.transform import Affine, from_origin

from geo.crs import NOWHERE, SystemSpec, Whereabouts, make_system, settle_system, transform_xy, wgs84_to_gcj02
from geo.demand import DemandRead, RasterReading, demand_from_grid, demand_from_raster
from geo.errors import CrsError, FileError, InputError

METRIC = CRS.from_epsg(32651)
EAST, NORTH = 350_000.0, 3_501_000.0
STEP = from_origin(EAST, NORTH, 500, 500)


def write(path: Path, values: Any, **profile: Any) -> Path:
    array = (
        np.atleast_3d(np.asarray(values)).transpose(2, 0, 1) if np.ndim(values) == 2 else np.asarray(values)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(
            path,
            "w",
            **{
                "driver": "GTiff",
                "height": array.shape[1],
                "width": array.shape[2],
                "count": len(array),
                "dtype": array.dtype.name,
                "crs": METRIC.to_wkt(),
                "transform": STEP,
                **profile,
            },
        ) as raster:
            raster.write(array)
    return path


def read(path: Path, **reading: Any) -> DemandRead:
    return demand_from_raster(path, crs=METRIC, reading=RasterReading(**reading))


def told(result: DemandRead) -> str:
    return "\n".join(str(note) for note in result.notes)


def some(height: int = 8, width: int = 9, most: int = 90) -> NDArray[np.float32]:
    return np.random.default_rng(3).integers(0, most, (height, width)).astype("float32")


# --- where it lies ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".tif", ".asc", ".img"])
def test_a_declared_system_holds_where_the_file_has_none(tmp_path: Path, ending: str) -> None:
    driver = {".tif": "GTiff", ".asc": "AAIGrid", ".img": "HFA"}[ending]
    path = tmp_path / f"pop{ending}"
    values = some()
    if driver == "AAIGrid":
        rows = "\n".join(" ".join(f"{value:g}" for value in row) for row in values)
        head = f"ncols 9\nnrows 8\nxllcorner {EAST}\nyllcorner {NORTH - 4000}\ncellsize 500\n"
        path.write_text(f"{head}NODATA_value -9999\n{rows}\n")
    else:
        write(path, values, driver=driver, crs=None)
    with pytest.raises(CrsError, match='write crs = "EPSG:4549"'):
        read(path)
    result = read(path, crs=METRIC)
    assert result.table["people"].sum() == values.sum()
    assert result.table.total_bounds[0] == pytest.approx(EAST + 250)


def test_a_raster_in_degrees_without_a_system_is_offered_one_that_works(tmp_path: Path) -> None:
    path = write(tmp_path / "pop.tif", some(), crs=None, transform=from_origin(121.3, 31.7, 0.01, 0.01))
    with pytest.raises(CrsError, match='write crs = "EPSG:4326"'):
        read(path)
    assert read(path, crs=CRS.from_epsg(4326)).table["people"].sum() == some().sum()


def test_a_declared_system_wins_over_the_files_and_that_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "pop.tif", some(), crs="EPSG:32650")
    result = read(path, crs=METRIC)
    assert result.table.total_bounds[0] == pytest.approx(EAST + 250)
    assert "as declared; the file says EPSG:32650 (WGS 84 / UTM zone 50N), which would put it 5" in told(
        result
    )


@pytest.mark.parametrize("code", [4214, 2436, 4610])
def test_a_raster_in_an_old_datum_moves_as_a_layer_does(tmp_path: Path, code: int) -> None:
    """Beijing 1954 in degrees and in metres, and Xian 1980: by one operation, or by none."""
    old = CRS.from_epsg(code)
    (corner,) = transform_xy(np.array([[121.4, 31.23]]), CRS.from_epsg(4326), old)
    step = 0.01 if old.is_geographic else 1000.0
    shift = from_origin(*(corner - (0, -2 * step)), step, step)  # two rows north of 31.23 N, two south
    path = write(tmp_path / "pop.tif", np.full((4, 2), 7.0), crs=old.to_wkt(), transform=shift)
    result = read(path)
    centres = corner + step * np.array([(i + 0.5, 1.5 - j) for j in range(4) for i in (0, 1)])
    layer = settle_system(old, None, centres, NOWHERE)
    there = transform_xy(layer.to_crs(centres), layer.crs, METRIC)
    assert shapely.get_coordinates(result.table.geometry.to_numpy()) == pytest.approx(there, abs=0.01)
    assert told(result).startswith(("Beijing 1954: moved by", "Xian 1980: no operation"))


def test_a_raster_in_a_system_of_the_citys_own(tmp_path: Path) -> None:
    spec = SystemSpec(to_crs=METRIC.to_string(), four={"dx_m": EAST, "dy_m": NORTH})
    known = Whereabouts({"市独立坐标系": make_system("市独立坐标系", spec)})
    path = write(tmp_path / "pop.tif", some(), crs=None, transform=from_origin(0, 0, 500, 500))
    result = read(path, crs=known.systems["市独立坐标系"], known=known)
    assert result.table.total_bounds[[0, 3]].tolist() == pytest.approx([EAST + 250, NORTH - 250])
    assert "read as 市独立坐标系" in told(result)


def test_a_raster_of_the_whole_province_is_not_refused_for_its_distance(tmp_path: Path) -> None:
    roads = Whereabouts(lonlat=np.array([[121.4, 31.6], [121.5, 31.6]]))
    wide = from_origin(112.0, 36.0, 0.5, 0.5)
    path = write(tmp_path / "pop.tif", some(20, 24), crs="EPSG:4326", transform=wide)
    assert read(path, known=roads).people_in == some(20, 24).sum()


def test_a_system_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CrsError, match="cannot be right"):
        read(write(tmp_path / "pop.tif", some()), crs=CRS.from_epsg(4326))


def test_a_raster_in_gcj02_is_moved_like_points(tmp_path: Path) -> None:
    lon, lat = wgs84_to_gcj02(np.array([121.4]), np.array([31.6]))
    path = write(
        tmp_path / "pop.tif",
        [[7.0]],
        crs="EPSG:4326",
        transform=from_origin(lon[0] - 5e-4, lat[0] + 5e-4, 1e-3, 1e-3),
    )
    spot = read(path, crs="GCJ-02").table.geometry.iloc[0]
    right = transform_xy(np.array([[121.4, 31.6]]), CRS.from_epsg(4326), METRIC)[0]
    assert shapely.Point(right).distance(spot) < 1


@pytest.mark.parametrize(
    "transform",
    [
        from_origin(EAST, NORTH, 500, 500),
        Affine(500, 0, EAST, 0, 500, NORTH - 4000),
        Affine.translation(EAST, NORTH) @ Affine.rotation(30) @ Affine.scale(500, -500)
        if hasattr(Affine, "__matmul__")
        else Affine(433, 250, EAST, 250, -433, NORTH),
    ],
    ids=["north-up", "south-up", "turned"],
)  # fmt: skip
def test_rows_may_run_from_the_south_or_the_raster_be_turned(tmp_path: Path, transform: Affine) -> None:
    values = some()
    result = read(write(tmp_path / "pop.tif", values, transform=transform))
    assert result.table["people"].sum() == values.sum()
    row, column = np.argwhere(values > 0)[5]
    number = row * 9 + column
    x = transform.a * (column + 0.5) + transform.b * (row + 0.5) + transform.c
    y = transform.d * (column + 0.5) + transform.e * (row + 0.5) + transform.f
    assert shapely.Point(x, y).distance(result.table.geometry[number]) < 0.01
    square = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(x, y).buffer(600)], crs=METRIC)
    part = demand_from_raster(tmp_path / "pop.tif", crs=METRIC, zones=square)
    assert part.people_in == pytest.approx(part.table["people"].sum() + sum(p.people for p in part.left_out))


# --- what is a number of people --------------------------------------------------------------------


def test_values_for_nothing_are_none_whether_masked_or_named(tmp_path: Path) -> None:
    """A mask band beside a 'no data' value: GDAL heeds one of them, and both mean it."""
    values = np.array([[456.0, 100, -99], [10, 500, 3]], dtype="float32")
    path = tmp_path / "pop.tif"
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        write(path, values, nodata=500)
        with rasterio.open(path, "r+") as raster:
            raster.write_mask(np.array([[255, 0, 255], [0, 255, 0]], dtype="uint8"))
    assert read(path).table["people"].tolist() == [456]


@pytest.mark.parametrize("nothing", [-200, -9999, -3.4e38])
def test_negative_values_are_nobody_and_are_told_with_the_setting(tmp_path: Path, nothing: float) -> None:
    values = some()
    values[0] = nothing
    result = read(write(tmp_path / "pop.tif", values))
    assert result.table["people"].sum() == values[1:].sum()
    assert f"9 cells of the raster are negative and count as no data (most often {nothing:g}" in told(result)
    assert "negative" not in told(read(tmp_path / "pop.tif", nodata=float(np.float32(nothing))))


FILLS = [(255, "uint8"), (65535, "uint16"), (9999, "float32"), (3.4e38, "float32"), (32767, "int16")]


def filled(nothing: float, place: str) -> tuple[NDArray[np.float64], float]:
    """Write a value over the rim or over a sea in the east; give the values, and the people beside it."""
    values = some(30, 30, 90)
    right = values[5:25, 5:25].sum() if place == "rim" else values[:, :20].sum()
    if place == "rim":
        outer = np.ones((30, 30), dtype=bool)
        outer[5:25, 5:25] = False
        values[outer] = nothing
    else:
        values[:, 20:] = nothing
    return values.astype(np.float64), float(right)


@pytest.mark.parametrize(
    ("nothing", "dtype", "place"),
    [*((value, of, at) for value, of in FILLS for at in ("rim", "sea")), (180, "uint8", "rim")],
)
def test_a_value_that_stands_for_nothing_unsaid_stops_with_numbers(
    tmp_path: Path, nothing: float, dtype: str, place: str
) -> None:
    values, right = filled(nothing, place)
    path = write(tmp_path / "pop.tif", values.astype(dtype))
    with pytest.raises(InputError, match=r"nodata = "):
        read(path)
    assert read(path, nodata=nothing).table["people"].sum() == right
    if nothing < 1e6:
        assert read(path, nodata="none", unit="people").table["people"].sum() > right


def test_a_sea_of_a_value_that_no_program_writes_for_nothing_counts_until_it_is_said(tmp_path: Path) -> None:
    # The limit of the doubt: 180 is no usual fill value, and stands on a third of the rim only.
    values, right = filled(180, "sea")
    path = write(tmp_path / "pop.tif", values.astype("uint8"))
    assert read(path).table["people"].sum() == right + 180 * 30 * 10
    assert read(path, nodata=180).table["people"].sum() == right


@pytest.mark.parametrize("values", [np.full((9, 9), 5.0), some(40, 40), np.clip(some(40, 40, 270), 0, 255)])
def test_people_are_not_taken_for_nothing(tmp_path: Path, values: NDArray[np.float64]) -> None:
    assert read(write(tmp_path / "pop.tif", values)).table["people"].sum() == values.sum()


def test_densities_are_counted_by_the_ground_of_each_cell(tmp_path: Path) -> None:
    # Cells of 500 x 500 m are a quarter of a square kilometre, or 25 ha.
    path = write(tmp_path / "pop.tif", [[400.0, 800.0]])
    assert read(path, unit="per_km2").table["people"].tolist() == pytest.approx([100, 200], rel=1e-3)
    assert read(path, unit="per_ha").table["people"].tolist() == pytest.approx([10_000, 20_000], rel=1e-3)
    cells = gpd.GeoDataFrame(
        {"people": [400.0, 800.0]},
        geometry=[shapely.box(0, 0, 500, 500), shapely.box(500, 0, 1000, 500)],
        crs=METRIC,
    )
    assert demand_from_grid(cells, unit="per_km2").table["people"].tolist() == [100, 200]
    with pytest.raises(InputError, match="needs cells as polygons"):
        demand_from_grid(cells.set_geometry(cells.centroid), unit="per_km2")


def test_densities_in_degrees_are_counted_by_true_areas(tmp_path: Path) -> None:
    path = write(
        tmp_path / "pop.tif",
        np.full((20, 20), 1000.0),
        crs="EPSG:4326",
        transform=from_origin(121, 31.6, 0.01, 0.01),
    )
    ground = gpd.GeoSeries([shapely.box(121, 31.4, 121.2, 31.6)], crs=4326).to_crs(6933).area.iloc[0] / 1e6
    assert read(path, unit="per_km2").table["people"].sum() == pytest.approx(1000 * ground, rel=2e-3)


@pytest.mark.parametrize(
    "name", ["chn_pd_2020.tif", "population_density.tif", "人口密度.tif", "pop_per_km2.tif"]
)
def test_a_name_that_says_density_asks(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, [[400.0, 800.0]])
    with pytest.raises(InputError, match='write unit = "per_km2"'):
        read(path)
    assert read(path, unit="people").table["people"].sum() == 1200


@pytest.mark.parametrize(("people_per_km2", "cell_m"), [(8_000, 100), (3_000, 30), (60_000, 100)])
def test_more_people_than_any_place_has_asks_with_numbers(
    tmp_path: Path, people_per_km2: float, cell_m: float
) -> None:
    values = some(60, 60, 100) / 50 * people_per_km2
    path = write(tmp_path / "pop.tif", values, transform=from_origin(EAST, NORTH, cell_m, cell_m))
    with pytest.raises(InputError, match=r"people on .* km²|square kilometres") as error:
        read(path)
    assert "unit" in str(error.value)
    km2 = (60 * cell_m) ** 2 / 1e6
    right = read(path, unit="per_km2").table["people"].sum()
    assert right == pytest.approx(values.mean() * km2, rel=1e-3)


def test_a_dense_town_is_no_fault(tmp_path: Path) -> None:
    # 300 people on each hectare of 25 km2 are 30,000 a km2, as in the middle of Shanghai.
    path = write(tmp_path / "pop.tif", some(50, 50, 600), transform=from_origin(EAST, NORTH, 100, 100))
    assert read(path).table["people"].sum() > 700_000


def test_scale_offset_and_the_band_that_is_read_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "pop.tif", np.array([[[3, 4]], [[30, 40]]], dtype="uint16"))
    with rasterio.open(path, "r+") as raster:
        raster.scales, raster.offsets = (0.5, 2), (1, 0)
        raster.set_band_description(2, "2020")
    first, second = read(path), read(path, band=2)
    assert first.table["people"].tolist() == [2.5, 3]
    assert second.table["people"].tolist() == [60, 80]
    assert "times 0.5, plus 1" in told(first)
    assert "band 2 (2020) is read; the raster has 1 more bands" in told(second)
    with pytest.raises(InputError, match="no band 3: it has 2"):
        read(path, band=3)


def test_a_picture_and_a_virtual_raster_are_refused(tmp_path: Path) -> None:
    picture = write(tmp_path / "map.tif", np.zeros((3, 4, 4), dtype="uint8"), photometric="RGB")
    with pytest.raises(InputError, match="coloured picture"):
        read(picture)
    virtual = tmp_path / "pop.vrt"
    virtual.write_text("<VRTDataset/>")
    with pytest.raises(FileError, match=r"save a virtual raster as \.tif"):
        read(virtual)
    (tmp_path / "sly.tif").write_text('<VRTDataset rasterXSize="1" rasterYSize="1"></VRTDataset>')
    with pytest.raises(FileError, match="cannot be read"):
        read(tmp_path / "sly.tif")


# --- cells across borders --------------------------------------------------------------------------


def towns(*sides: float) -> gpd.GeoDataFrame:
    """Strips from west to east, at these distances from the corner, over all rows."""
    boxes = [
        shapely.box(EAST + west, NORTH - 5000, EAST + east, NORTH) for west, east in itertools.pairwise(sides)
    ]
    return gpd.GeoDataFrame({"name": [f"t{k}" for k in range(len(boxes))]}, geometry=boxes, crs=METRIC)


def test_a_cell_across_a_border_is_shared_by_area(tmp_path: Path) -> None:
    # Cells of 1 km with 100 and 60 people; the border is 300 m into the second, the end 600 m into it.
    path = write(tmp_path / "pop.tif", [[100.0, 60.0]], transform=from_origin(EAST, NORTH, 1000, 1000))
    result = demand_from_raster(path, crs=METRIC, zones=towns(0, 1300, 1600), keep_outside=True)
    inside = demand_from_raster(path, crs=METRIC, zones=towns(0, 1300, 1600)).table
    assert inside.groupby("zone")["people"].sum().to_dict() == pytest.approx({"t0": 118, "t1": 18})
    assert result.table["people"].sum() == pytest.approx(160)
    assert list(result.table.index) == ["0", "1-1", "1-2", "1-3"]
    assert "1 cells with 60 people straddle" in told(result)


@given(
    st.lists(st.floats(1, 4999), min_size=1, max_size=5, unique=True),
    st.lists(st.integers(0, 900), min_size=12, max_size=12),
)
def test_nobody_is_lost_where_cells_are_cut(
    tmp_path_factory: pytest.TempPathFactory, sides: list[float], people: list[int]
) -> None:
    assume(any(people))
    path = tmp_path_factory.mktemp("cut") / "pop.tif"
    write(path, np.array(people, dtype=float).reshape(3, 4), transform=from_origin(EAST, NORTH, 1000, 1000))
    zones = towns(0, *sorted(sides), 5000)
    result = demand_from_raster(path, crs=METRIC, zones=zones)
    assert result.table["people"].sum() == pytest.approx(sum(people))
    assert result.people_in == pytest.approx(sum(people))
    shares = {
        name: sum(
            people[row * 4 + column]
            * max(
                0,
                min(shape.bounds[2], EAST + 1000 * (column + 1)) - max(shape.bounds[0], EAST + 1000 * column),
            )
            / 1000
            for row in range(3)
            for column in range(4)
        )
        for name, shape in zip(zones["name"], zones.geometry, strict=True)
    }
    by_zone = result.table.groupby("zone")["people"].sum()
    for name, share in shares.items():
        assert by_zone.get(name, 0) == pytest.approx(share, abs=1e-2)


def test_a_grid_of_polygons_is_cut_alike() -> None:
    cells = gpd.GeoDataFrame(
        {"people": [100.0, 60.0]},
        geometry=[shapely.box(EAST + x, NORTH - 1000, EAST + x + 1000, NORTH) for x in (0, 1000)],
        crs=METRIC,
        index=["a", "b"],
    )
    table = demand_from_grid(cells, zones=towns(0, 1300, 1600)).table
    assert table["people"].to_dict() == pytest.approx({"a": 100, "b-1": 18, "b-2": 18, "b-3": 24})
