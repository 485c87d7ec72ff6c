"""Layers of the surroundings: villages, hazards, sensitive places, obstacles, plots."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import GeoError
from geo.study import Study, parse_study
from geo.study.inputs.log import LayerLog
from geo.study.inputs.surroundings import read_context

CRS = "EPSG:32651"


def _study(folder: Path, **sections: object) -> Study:
    base = {
        "study": {"name": "t"},
        "roads": {"path": "r.geojson"},
        "facilities": [{"path": "s.csv"}],
        "demand": [{"path": "d.csv", "people": 1.0}],
    }
    return parse_study(base | sections, folder=folder)


def _write(path: Path, **columns: object) -> None:
    gpd.GeoDataFrame(columns, crs=CRS).to_file(path)


def test_a_list_of_villages_needs_no_places(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text(
        "村居名称,所属乡镇,常住人口\n甲村,东镇,120\n乙村,东镇,\n", encoding="utf-8"
    )
    study = _study(tmp_path, villages={"path": "v.csv", "columns": {"name": "村居名称"}})
    villages = read_context(study, CRS, LayerLog()).villages
    assert villages is not None
    assert "geometry" not in villages
    assert villages["name"].tolist() == ["甲村", "乙村"]
    assert villages["zone"].tolist() == ["东镇", "东镇"]
    assert villages["people"].tolist()[0] == 120
    assert villages["people"].isna().tolist() == [False, True]


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".xlsx", ".xlsm"])
def test_no_table_of_villages_needs_places(tmp_path: Path, ending: str) -> None:
    """Every ending of a table that a layer may have, not only those that one thinks of."""
    file, names = tmp_path / f"v{ending}", pd.DataFrame({"村居名称": ["甲村", "乙村"], "乡镇": "东镇"})
    if ending in (".xlsx", ".xlsm"):
        names.to_excel(tmp_path / "v.xlsx", index=False)
        (tmp_path / "v.xlsx").rename(file)
    else:
        names.to_csv(file, index=False, sep="\t" if ending == ".tsv" else ",")
    study = _study(tmp_path, villages={"path": file.name, "columns": {"name": "村居名称"}})
    villages = read_context(study, CRS, LayerLog()).villages
    assert villages is not None
    assert "geometry" not in villages
    assert villages["name"].tolist() == ["甲村", "乙村"]


def test_villages_with_places_come_in_the_studys_crs(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("名称,经度,纬度\n甲村,123,31\n", encoding="utf-8")
    study = _study(tmp_path, villages={"path": "v.csv", "crs": "EPSG:4326"})
    villages = read_context(study, CRS, LayerLog()).villages
    # 123 E is the middle of zone 51: easting 500,000 m.
    assert villages is not None
    assert round(villages.geometry.x.iloc[0]) == 500_000


def test_the_kind_of_a_row_goes_before_that_of_its_layer(tmp_path: Path) -> None:
    points = [shapely.Point(500_000, 3_400_000), shapely.Point(500_100, 3_400_000)]
    _write(tmp_path / "a.geojson", kind=["hospital", None], geometry=points)
    study = _study(tmp_path, sensitive=[{"path": "a.geojson", "kind": "school"}])
    sensitive = read_context(study, CRS, LayerLog()).sensitive
    assert sensitive is not None
    assert sensitive["kind"].tolist() == ["hospital", "school"]


def test_a_plot_has_the_area_that_its_row_says_else_the_drawn_one(tmp_path: Path) -> None:
    square = shapely.box(500_000, 3_400_000, 500_050, 3_400_040)  # 50 m x 40 m = 2,000 m2
    _write(tmp_path / "p.gpkg", name=["said", "drawn"], area_m2=[2410.0, None], geometry=[square, square])
    plots = read_context(_study(tmp_path, plots=[{"path": "p.gpkg"}]), CRS, LayerLog()).plots
    assert plots is not None
    assert plots["area_m2"].round(6).tolist() == [2410.0, 2000.0]


def test_layers_that_are_not_named_are_none(tmp_path: Path) -> None:
    context = read_context(_study(tmp_path), CRS, LayerLog())
    assert context.villages is None
    assert context.hazards is None
    assert context.plots is None


def test_a_layer_that_is_missing_names_its_section(tmp_path: Path) -> None:
    log = LayerLog()
    assert read_context(_study(tmp_path, hazards=[{"path": "none.gpkg"}]), CRS, log).hazards is None
    with pytest.raises(GeoError, match=r"^\[hazards 1\]"):
        log.require_no_errors()


SQUARE = shapely.box(500_000, 3_400_000, 500_050, 3_400_040)
SPOT = shapely.Point(500_010, 3_400_010)


@pytest.mark.parametrize("section", ["hazards", "built_up", "keep_out"])
def test_areas_that_are_points_or_lines_are_not_taken(tmp_path: Path, section: str) -> None:
    # Points flood no road, forbid no ground and have no built-up length: all would seem fine.
    _write(tmp_path / "p.gpkg", name=["spot"], geometry=[SPOT])
    log = LayerLog()
    read_context(_study(tmp_path, **{section: [{"path": "p.gpkg"}]}), CRS, log)
    with pytest.raises(GeoError, match=rf"(?s)^\[{section} 1\].*is Point, wanted is polygon"):
        log.require_no_errors()


def test_one_point_among_areas_is_left_out_and_told(tmp_path: Path) -> None:
    _write(tmp_path / "p.gpkg", name=["square", "spot"], geometry=[SQUARE, SPOT])
    log = LayerLog()
    hazards = read_context(_study(tmp_path, hazards=[{"path": "p.gpkg"}]), CRS, log).hazards
    assert hazards is not None
    assert hazards["name"].tolist() == ["square"]
    assert [fault.row for fault in log.reports[0][1].faults] == [2]


def test_obstacles_are_lines_or_areas(tmp_path: Path) -> None:
    line = shapely.LineString([(500_000, 3_400_000), (500_900, 3_400_000)])
    _write(tmp_path / "o.geojson", name=["road", "bay", "spot"], geometry=[line, SQUARE, SPOT])
    log = LayerLog()
    obstacles = read_context(_study(tmp_path, obstacles=[{"path": "o.geojson"}]), CRS, log).obstacles
    assert obstacles is not None
    assert obstacles["name"].tolist() == ["road", "bay"]
    assert [fault.row for fault in log.reports[0][1].faults] == [3]
    _write(tmp_path / "p.gpkg", name=["spot"], geometry=[SPOT])
    log = LayerLog()
    read_context(_study(tmp_path, obstacles=[{"path": "p.gpkg"}]), CRS, log)
    with pytest.raises(GeoError, match=r"^\[obstacles 1\] all 1 rows are points"):
        log.require_no_errors()


def test_a_kind_that_no_rule_knows_is_told_and_counts_as_the_sections(tmp_path: Path) -> None:
    # 'petrol' would be held against no zone rule, and against 50 m instead of 200 or 300 m when siting.
    _write(tmp_path / "a.geojson", kind=["petrol", " School", None], geometry=[SPOT, SPOT, SPOT])
    log = LayerLog()
    study = _study(tmp_path, sensitive=[{"path": "a.geojson", "kind": "hazmat"}])
    sensitive = read_context(study, CRS, log).sensitive
    assert sensitive is not None
    assert sensitive["kind"].tolist() == ["hazmat", "school", "hazmat"]
    assert [(f.row, f.column, f.value) for f in log.reports[0][1].faults] == [(1, "kind", "petrol")]


def test_a_mistyped_kind_of_a_section_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GeoError, match=r"\[\[sensitive\]\] 1: kind = 'scool' should be one of"):
        _study(tmp_path, sensitive=[{"path": "a.geojson", "kind": "scool"}])


@pytest.mark.parametrize("section", ["hazards", "sensitive", "built_up", "plots", "keep_out"])
def test_areas_in_another_district_are_reported(tmp_path: Path, section: str) -> None:
    _write(
        tmp_path / "a.gpkg", name=["here", "far"], geometry=[SQUARE, shapely.box(7e5, 3.4e6, 7.1e5, 3.41e6)]
    )
    log, study = LayerLog(), _study(tmp_path, **{section: [{"path": "a.gpkg"}]})
    ends = np.array([[500_000.0, 3_400_000.0], [501_000.0, 3_400_000.0]])
    assert getattr(read_context(study, CRS, log, road_ends=ends), section) is not None
    assert [(fault.row, fault.column) for fault in log.reports[0][1].faults] == [(2, "geometry")]
