"""Pressures of hydrants: not read, and told where they are too low for a fire."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.layers import LayerReport
from geo.study.inputs.log import StudyLayer
from geo.study.inputs.pressures import tell_pressures


def told(header: str, cells: list[Any], *, kind: str = "hydrant", **columns: list[Any]) -> dict[str, str]:
    n = len(cells)
    at = [shapely.Point(0, 0)] * n
    layer = StudyLayer(
        "facilities 1",
        gpd.GeoDataFrame({header: cells}, geometry=at, crs="EPSG:32651"),
        LayerReport("h.csv", "CSV", "", n, n, (), (), "", None, None, ()),
    )
    rows = {"name": list("甲乙丙丁")[:n], "kind": kind, "status": "existing"} | columns
    works = pd.array(columns.get("is_working", [None] * n), dtype="boolean")
    facilities = gpd.GeoDataFrame({**rows, "is_working": works}, geometry=at, crs="EPSG:32651")
    return {note.key: note.say("zh") for note in tell_pressures(layer, facilities)}


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("压力(MPa)", [0.25, 0.02, 0.1, 0.0]),  # 0.10 itself is enough
        ("水压", ["0.25", "0.05", "", "０．０２"]),
        ("静压（水压力）", ["0.25MPa", "50kPa", "1.0kg", "0.5bar"]),  # 1.0 kg are 0.098 MPa: 3 are low
        ("压力（kPa）", [250, 50, 100, 99]),
        ("pressure_psi", [40, 10, 15, 5]),  # 15 psi are 0.103 MPa
    ],
)
def test_low_ones_are_told_in_megapascals(header: str, cells: list[Any]) -> None:
    note = told(header, cells)["study.pressure_low"]
    assert f"{3 if '静压' in header else 2} 处消火栓" in note
    assert "乙" in note
    assert header in note


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("压力(MPa)", [0.25, 0.3, None, 0.1]),
        ("公称压力", [0.0, 0, 0, 0]),
        ("水压情况", ["正常", "0", "", ""]),
    ],
)
def test_enough_and_what_is_no_pressure_of_its_water_is_not_told(header: str, cells: list[Any]) -> None:
    assert told(header, cells) == {}


def test_one_that_is_broken_or_gone_is_not_told_again() -> None:
    columns = {
        "is_working": [True, False, True, True],
        "status": ["existing", "existing", "closed", "existing"],
    }
    assert told("压力(MPa)", [0.3, 0.0, 0.0, 0.3], **columns) == {}


def test_a_number_that_can_be_no_megapascals_asks_for_the_unit() -> None:
    assert list(told("压力", [250, 20, 300, 280])) == ["study.pressure_unit"]


def test_other_kinds_have_no_such_pressure() -> None:
    assert told("压力(MPa)", [0.0, 0.0], kind="depot") == {}
