"""Errors and faults of layers name the file, the row, the value, and a way out that works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.errors import CrsError, InputError
from geo.study import parse_study, read_inputs
from tests.studies import PEOPLE, VILLAGES, changed, frame, lonlat, points, town_study, write_town

HEADS = sum(PEOPLE)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("section", "changes", "words"),
    [
        ("roads", {"roads": {"path": "surfaces.gpkg"}}, {"zh": "道路中心线", "en": "centre lines"}),
        (
            "zones 1",
            {"zones": [{"path": "borders.gpkg"}]},
            {"zh": "由线生成面", "en": "turn them into polygons"},
        ),
        ("zones 1", {"zones": [{"path": "villages.gpkg"}]}, {"zh": "points", "en": 'method = "points"'}),
    ],
)
def test_a_layer_of_another_shape_says_what_to_do(
    tmp_path: Path, section: str, changes: dict[str, Any], words: dict[str, str], lang: str
) -> None:
    sections = write_town(tmp_path)
    lines = gpd.read_file(tmp_path / "roads.gpkg")
    lines.set_geometry(lines.buffer(6)).to_file(tmp_path / "surfaces.gpkg", layer="links")
    towns = gpd.read_file(tmp_path / "towns.gpkg")
    towns.set_geometry(towns.boundary).to_file(tmp_path / "borders.gpkg")
    with pytest.raises(InputError) as error:
        read_inputs(parse_study(changed(sections, **changes), folder=tmp_path))
    told = error.value.say(lang)  # type: ignore[arg-type]
    (given,) = changes.values()
    path = given["path"] if isinstance(given, dict) else given[0]["path"]
    for text in (f"[{section}]", path, words[lang]):
        assert text in told


def test_a_few_areas_among_the_roads_are_told_by_row(tmp_path: Path) -> None:
    sections = write_town(tmp_path)
    lines = gpd.read_file(tmp_path / "roads.gpkg")
    square = frame([shapely.box(0, 2000, 100, 2100)], highway=["service"], name=["Square"], length_m=[0.0])
    pd.concat([lines, square.to_crs(lines.crs)]).to_file(tmp_path / "both.gpkg")
    inputs = read_inputs(
        parse_study(changed(sections, roads={"path": "both.gpkg", "layer": None}), folder=tmp_path)
    )
    (fault,) = [fault for section, report in inputs.reports if section == "roads" for fault in report.faults]
    assert fault.row == len(lines) + 1


@pytest.mark.parametrize(
    ("cell", "is_fault"), [("-", False), ("—", False), ("无", False), ("几户", True), ("-3", True)]
)
def test_a_weight_that_is_no_number_costs_its_own_row(tmp_path: Path, cell: str, is_fault: bool) -> None:
    table = pd.DataFrame(lonlat(*VILLAGES.values()), columns=["lon", "lat"])
    table.assign(name=list(VILLAGES), floor=["30", cell, "20", "1,000", "50"]).to_csv(
        tmp_path / "homes.csv", index=False
    )
    homes = {"path": "homes.csv", "total": 1100, "weight": "floor", "crs": "EPSG:4326"}
    inputs = read_inputs(town_study(tmp_path, demand=[homes]))
    assert inputs.demand["people"].tolist() == pytest.approx([30, 0, 20, 1000, 50])
    faults = [
        (f.row, f.column, f.value)
        for name, report in inputs.reports
        if name == "demand 1"
        for f in report.faults
    ]
    assert faults == ([(3, "floor", cell)] if is_fault else [])
    notes = [str(note) for section, note in inputs.notes if section == "demand 1"]
    assert any("1 points have no weight and count as 0: 3" in note for note in notes)


def test_weights_of_what_zones_are_spread_over(tmp_path: Path) -> None:
    towns = frame([shapely.box(-500, -500, 3000, 1500)], name=["West"], people=[400.0])
    towns.to_file(tmp_path / "people.gpkg")
    homes = frame(points((100, 0), (900, 0), (1500, 0)), floor=["30", "-", "10"])
    homes.to_file(tmp_path / "homes.gpkg")
    demand = {
        "path": "people.gpkg",
        "method": "zones",
        "people": "people",
        "over": "homes.gpkg",
        "weight": "floor",
    }
    assert read_inputs(town_study(tmp_path, demand=[demand])).demand["people"].tolist() == [300, 0, 100]


def villages(folder: Path, odd: tuple[float, float]) -> dict[str, Any]:
    """Write the villages of the town as a table, one of them somewhere else."""
    table = pd.DataFrame(lonlat(*VILLAGES.values()), columns=["lon", "lat"])
    table.loc[1] = odd
    table.assign(name=list(VILLAGES), people=PEOPLE).to_csv(folder / "villages.csv", index=False)
    return {"path": "villages.csv", "people": "people", "crs": "EPSG:4326"}


@pytest.mark.parametrize("odd", [(-1.0, 0.0), (0.0, 0.0), (121.4, 0.0), (-121.4, 31.6), (31.6, 12.1)])
def test_a_village_somewhere_else_is_told_with_its_place(tmp_path: Path, odd: tuple[float, float]) -> None:
    inputs = read_inputs(town_study(tmp_path, demand=[villages(tmp_path, odd)]))
    assert inputs.demand["people"].sum() == HEADS
    (fault,) = [fault for name, report in inputs.reports if name == "demand 1" for fault in report.faults]
    assert fault.row == 3
    assert fault.value == f"{odd[0]:.7g}, {odd[1]:.7g}"
    assert "50" in fault.reason.say("zh")


def test_a_village_that_no_projection_of_the_study_holds(tmp_path: Path) -> None:
    # A quarter of the earth from the central meridian, 123 degrees, on the equator.
    study = town_study(tmp_path, demand=[villages(tmp_path, (33.0, 0.0))])
    with pytest.raises(CrsError) as error:
        read_inputs(study)
    for text in ("[demand 1]", "villages.csv", "3 (33, 0)", "改正坐标"):
        assert text in error.value.say("zh")
    table = pd.read_csv(tmp_path / "villages.csv")
    table.loc[1, ["lon", "lat"]] = None  # the way out
    table.to_csv(tmp_path / "villages.csv", index=False)
    inputs = read_inputs(study)
    assert inputs.demand["people"].sum() == HEADS - PEOPLE[1]
    assert inputs.people_left_out == PEOPLE[1]
