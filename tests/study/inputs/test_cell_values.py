"""Values of raster cells as a column of people."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.layers import LayerReport
from geo.messages import Message
from geo.study.inputs.cell_values import tell_cell_values
from geo.study.inputs.log import StudyLayer
from geo.study.settings import DemandSpec

CRS = "EPSG:32651"


def lattice(step_m: float, other_m: float, *, are_points: bool) -> gpd.GeoDataFrame:
    """Give 6 x 5 cells with 10 people each."""
    x, y = np.meshgrid(np.arange(6) * step_m, np.arange(5) * other_m)
    x, y = x.ravel(), y.ravel()
    shapes = shapely.points(x, y) if are_points else shapely.box(x, y, x + step_m, y + other_m)
    return gpd.GeoDataFrame({"people": np.full(30, 10.0)}, geometry=shapes, crs=CRS)


def told(header: str, rows: gpd.GeoDataFrame, **spec: Any) -> list[Message]:
    n = len(rows)
    layer = StudyLayer("demand 1", rows, LayerReport("g.shp", "SHP", "", n, n, (), (), "", None, None, ()))
    return list(tell_cell_values(layer, rows, DemandSpec("g.shp", people=header, **spec)))


@pytest.mark.parametrize("header", ["grid_code", "GRIDCODE", "VALUE", "DN", "栅格值"])
@pytest.mark.parametrize(("method", "are_points"), [("grid", False), ("points", True)])
def test_both_totals_of_bare_values_are_told(header: str, method: str, are_points: bool) -> None:
    # Cells of 500 x 400 m have 0.2 km2: 300 people, or 300 x 0.2 = 60.
    (note,) = told(header, lattice(500, 400, are_points=are_points), method=method)
    assert note.values["people"] == pytest.approx(300)
    assert note.values["if_density"] == pytest.approx(60)
    assert note.key == ("study.people_bare_values" if are_points else "demand.unit_unsaid")


@pytest.mark.parametrize(
    ("header", "spec"),
    [("人口", {}), ("pop_2020", {}), ("VALUE", {"unit": "people", "method": "grid"}), ("sum", {})],
)
def test_what_is_said_is_not_asked(header: str, spec: dict[str, Any]) -> None:
    assert told(header, lattice(500, 400, are_points=False), **spec) == []


def test_cells_of_a_square_kilometre_and_scattered_points_are_not_told() -> None:
    assert told("VALUE", lattice(1000, 1000, are_points=False)) == []
    rows = lattice(500, 400, are_points=True)
    spread = np.random.default_rng(5).uniform(0, 2000, (30, 2))
    assert told("VALUE", rows.set_geometry(shapely.points(spread), crs=CRS)) == []


@pytest.mark.parametrize("header", ["pop_mean", "人口_MEAN", "人均", "平均人口"])
def test_averages_are_told(header: str) -> None:
    (note,) = told(header, lattice(500, 400, are_points=False))
    assert note.key == "study.people_mean"
    assert "300" in note.say("zh")
