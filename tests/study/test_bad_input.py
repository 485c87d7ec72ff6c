"""What a tired planner does: a study ends in one clear message or a reported fault, never in a traceback."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import GeoError, InputError
from geo.study import StudyResult, check_study, parse_study, run_study
from tests.studies import CRS, EAST, NORTH, changed, frame, lonlat, points, write_town

Spoil = Callable[[Path], dict[str, Any]]
CSV = {"path": "s.csv", "crs": "EPSG:4326"}


def run(folder: Path, spoil: Spoil) -> StudyResult:
    sections = write_town(folder)
    return run_study(parse_study(changed(sections, **spoil(folder)), folder=folder))


def faults(result: StudyResult, section: str) -> list[str]:
    return [str(fault) for fault in dict(result.inputs.reports)[section].faults]


def stations_csv(folder: Path, *rows: str, head: str = "name,lon,lat") -> dict[str, Any]:
    (folder / "s.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return {"facilities": [CSV]}


def villages(folder: Path, heads: list[Any], **columns: Any) -> dict[str, Any]:
    at = points(*[(100 * i, 0) for i in range(1, len(heads) + 1)])
    frame(at, name=[f"v{i}" for i in range(len(heads))], heads=heads, **columns).to_file(
        folder / "villages.gpkg"
    )
    return {}


def no_roads(folder: Path) -> dict[str, Any]:
    frame([shapely.LineString([(0, 0), (1, 1)])], highway=["residential"])[:0].to_file(folder / "none.gpkg")
    return {"roads": {"path": "none.gpkg", "layer": "none"}}


def area_roads(folder: Path) -> dict[str, Any]:
    frame([shapely.box(0, 0, 100, 100)], highway=["residential"]).to_file(folder / "area.gpkg")
    return {"roads": {"path": "area.gpkg", "layer": "area"}}


def zip_bomb(folder: Path) -> dict[str, Any]:
    packed = zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9)
    with packed as bomb, bomb.open("s.csv", "w") as file:
        for _ in range(20):
            file.write(b"0" * 2**24)
    return {"facilities": [{"path": "bomb.zip", "crs": "EPSG:4326"}]}


def cut_file(name: str) -> Spoil:
    def spoil(folder: Path) -> dict[str, Any]:
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])
        return {}

    return spoil


def no_geometry(folder: Path) -> dict[str, Any]:
    (folder / "s.csv").write_text("name,class\nA,first\n", encoding="utf-8")
    return {"facilities": [CSV]}


def xls(folder: Path) -> dict[str, Any]:
    (folder / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096)
    return {"facilities": [{"path": "old.xls", "crs": "EPSG:4326"}]}


def directory(folder: Path) -> dict[str, Any]:
    (folder / "layers").mkdir()
    return {"facilities": [{"path": "layers"}]}


def overlapping(folder: Path) -> dict[str, Any]:
    boxes = [shapely.box(-500, -500, 4000, 1500), shapely.box(3000, -500, 6500, 1500)]
    frame(boxes, name=["W", "E"], heads=[10, 10]).to_file(folder / "census.gpkg")
    return {"demand": [{"path": "census.gpkg", "method": "zones", "people": "heads"}]}


def profile_closes_all(folder: Path) -> dict[str, Any]:
    frame([shapely.LineString([(0, 0), (900, 0)])], highway=["steps"]).to_file(folder / "steps.gpkg")
    return {"roads": {"path": "steps.gpkg", "layer": "steps"}}


ENDS: dict[str, tuple[Spoil, str]] = {
    "missing file": (lambda folder: {"land": {"path": "nowhere.gpkg"}}, r"^\[land\].*nowhere\.gpkg"),
    "empty road layer": (no_roads, r"^\[roads\].*none\.gpkg"),
    "roads that are polygons": (area_roads, r"(?s)^\[roads\].*area\.gpkg.*is Polygon, wanted is line"),
    "roads that are all closed": (profile_closes_all, r"^\[roads\].*"),
    "no geometry": (no_geometry, r"^\[facilities 1\].*s\.csv"),
    "only a header": (lambda folder: stations_csv(folder), r"^\[facilities 1\].*s\.csv"),
    "swapped axes": (
        lambda folder: stations_csv(folder, "A,31.6,121.4", "B,31.7,121.5"),
        r"^\[facilities 1\].*(swap|latitude)",
    ),
    "a truncated GeoPackage": (cut_file("villages.gpkg"), r"^\[demand 1\].*villages\.gpkg"),
    "a zip bomb": (zip_bomb, r"^\[facilities 1\].*bomb\.zip"),
    "an old workbook": (xls, r"^\[facilities 1\].*old\.xls"),
    "a directory": (directory, r"^\[facilities 1\].*layers"),
    "zones that overlap": (overlapping, r"^\[demand 1\].*overlap"),
    "the wrong encoding": (
        lambda folder: {
            **stations_csv(folder, "A,121.4,31.6"),
            "facilities": [{**CSV, "encoding": "utf-16"}],
        },
        r"^\[facilities 1\].*s\.csv",
    ),
    "an unknown encoding": (
        lambda folder: {
            **stations_csv(folder, "A,121.4,31.6"),
            "facilities": [{**CSV, "encoding": "utf-88"}],
        },
        r"^\[facilities 1\].*utf-88",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_a_layer_that_cannot_be_used_ends_in_one_message(tmp_path: Path, name: str) -> None:
    spoil, words = ENDS[name]
    with pytest.raises(GeoError, match=words) as caught:
        run(tmp_path, spoil)
    assert len(str(caught.value).splitlines()) <= 7


def test_coordinates_that_are_no_numbers_are_faults(tmp_path: Path) -> None:
    (x, y), *_ = lonlat((0, 0))
    result = run(
        tmp_path,
        lambda folder: stations_csv(folder, f"A,{x},{y}", "B,nan,31", "C,inf,31", "D,,", "E,east,31"),
    )
    assert result.coverage.stations["name"].tolist() == ["A"]
    told = faults(result, "facilities 1")
    assert list(dict.fromkeys(fault.split(",")[0] for fault in told)) == ["row 3", "row 4", "row 5", "row 6"]


def test_an_id_used_twice_is_reported_and_the_first_row_kept(tmp_path: Path) -> None:
    (x, y), *_ = lonlat((0, 0))
    rows = [f"{name},{x},{y},7" for name in "AB"]
    result = run(tmp_path, lambda folder: stations_csv(folder, *rows, head="name,lon,lat,id"))
    assert result.coverage.stations["name"].tolist() == ["A"]
    assert faults(result, "facilities 1") == [
        "row 3, id 'fire_station-1-7': is the id of row 2 already; not kept"
    ]


def test_negative_people_are_reported_and_do_not_count(tmp_path: Path) -> None:
    result = run(tmp_path, lambda folder: villages(folder, [10, -5]))
    assert result.coverage.table["people"].tolist() == [10, 0]
    assert any("-5" in fault for fault in faults(result, "demand 1"))


def test_people_in_words_are_reported_with_their_row(tmp_path: Path) -> None:
    result = run(tmp_path, lambda folder: villages(folder, ["100", "约3万"]))
    assert result.coverage.table["people"].tolist()[0] == 100
    assert any("约3万" in fault and fault.startswith("row 2") for fault in faults(result, "demand 1"))


def test_a_column_of_people_that_holds_only_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none of the 2 rows of villages\.gpkg has a number of people"):
        run(tmp_path, lambda folder: villages(folder, ["many", "several"]))


def test_villages_where_nobody_lives_run_without_dividing_by_nobody(tmp_path: Path) -> None:
    result = run(tmp_path, lambda folder: villages(folder, [0, 0]))
    assert result.coverage.table["people"].sum() == 0
    from geo.outputs import summarise

    assert summarise(result)["standard"]["share_covered"] is None


def test_mixed_shapes_are_told(tmp_path: Path) -> None:
    def spoil(folder: Path) -> dict[str, Any]:
        mixed = [*points((0, 0)), shapely.LineString([(5, 5), (9, 9)]), shapely.box(20, 20, 40, 40)]
        frame(mixed, name=["A", "B", "C"]).to_file(folder / "mixed.gpkg")
        return {"facilities": [{"path": "mixed.gpkg"}]}

    result = run(tmp_path, spoil)
    # An area has a point inside it; a line is somebody's route, and no station.
    assert result.coverage.stations["name"].tolist() == ["A", "C"]
    assert [fault.split(",")[0] for fault in faults(result, "facilities 1")] == ["row 2", "row 3"]


def test_an_invalid_zone_is_mended_and_told(tmp_path: Path) -> None:
    def spoil(folder: Path) -> dict[str, Any]:
        bow = shapely.Polygon([(-500, -500), (3000, 1500), (3000, -500), (-500, 1500)])
        frame([bow, shapely.box(3000, -500, 6500, 1500)], name=["W", "E"]).to_file(folder / "towns.gpkg")
        return {}

    result = run(tmp_path, spoil)
    assert result.inputs.zones.is_valid.all()
    report = dict(result.inputs.reports)["zones 1"]
    assert report.faults or report.notes


def test_roads_without_topology_are_joined_where_they_meet(tmp_path: Path) -> None:
    # The side road starts 0.3 m beside the main road's end: within the tolerance of 0.5 m they are one.
    def spoil(folder: Path) -> dict[str, Any]:
        lines = [[(0, 0), (2000, 0)], [(2000.3, 0), (6000, 0)], [(2000, 0.2), (2000, 1000)]]
        shapes = [shapely.LineString(line) for line in lines]
        frame(shapes, highway=["residential"] * 3).to_file(folder / "loose.gpkg")
        return {"roads": {"path": "loose.gpkg", "layer": "loose"}}

    result = run(tmp_path, spoil)
    assert result.inputs.network.n_components == 1
    assert result.coverage.table.set_index("name")["is_reachable"].drop("v5").all()


def test_an_osm_file_with_missing_nodes_is_cut_there_and_told(tmp_path: Path) -> None:
    def spoil(folder: Path) -> dict[str, Any]:
        at = lonlat((0, 0), (1000, 0), (3000, 0))
        nodes = "".join(
            f'<node id="{i}" lon="{x}" lat="{y}" version="1"/>'
            for i, (x, y) in zip((1, 2, 4), at, strict=True)
        )
        refs = "".join(f'<nd ref="{i}"/>' for i in (1, 2, 3, 4))
        way = f'<way id="9" version="1">{refs}<tag k="highway" v="residential"/></way>'
        (folder / "cut.osm").write_text(f'<osm version="0.6">{nodes}{way}</osm>', encoding="utf-8")
        return {"roads": {"path": "cut.osm", "layer": "links"}}

    result = run(tmp_path, spoil)
    assert any("no position" in str(note) for _, note in result.inputs.notes)
    # Only the kilometre from 1 to 2 is left: nothing is drawn across the gap.
    assert result.inputs.network.edge_length.sum() == pytest.approx(1000, rel=1e-3)


def test_points_far_outside_the_study_area_are_told(tmp_path: Path) -> None:
    # A village typed with one digit wrong lands 400 km away.
    def spoil(folder: Path) -> dict[str, Any]:
        frame(points((1000, 0), (400_000, 0)), name=["v1", "lost"], heads=[10, 20]).to_file(
            folder / "villages.gpkg"
        )
        return {}

    result = run(tmp_path, spoil)
    lost = result.coverage.table.set_index("name").loc["lost"]
    assert not lost["is_reachable"]
    assert lost["reason"] == "too far"
    told = [fault for fault in faults(result, "demand 1") if "km" in fault]
    assert len(told) == 1
    assert told[0].startswith("row 2")
    study = result.study
    report = check_study(study, lang="zh")
    assert report.n_faults == 1
    assert "公里" in report.text


def test_a_station_far_outside_the_study_area_is_told(tmp_path: Path) -> None:
    def spoil(folder: Path) -> dict[str, Any]:
        frame(points((0, 0), (0, 90_000)), name=["A", "lost"], id=["A", "B"]).to_file(
            folder / "stations.gpkg"
        )
        return {}

    result = run(tmp_path, spoil)
    assert not result.coverage.stations["is_snapped"].iloc[1]
    assert [fault.split(",")[0] for fault in faults(result, "facilities 1")] == ["row 2"]


def test_land_far_from_the_roads_leaves_no_covered_land(tmp_path: Path) -> None:
    def spoil(folder: Path) -> dict[str, Any]:
        frame([shapely.box(50_000, 0, 51_000, 1000)]).to_file(folder / "land.gpkg")
        return {"land": {"path": "land.gpkg"}, "zones": None}

    result = run(tmp_path, spoil)
    assert result.reached.share_land == 0


def test_points_as_land_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GeoError, match=r"^\[land\].*villages\.gpkg"):
        run(tmp_path, lambda folder: {"land": {"path": "villages.gpkg"}})


def test_a_workbook_with_a_title_row_and_a_million_rows_of_nothing_is_read(tmp_path: Path) -> None:
    def spoil(folder: Path) -> dict[str, Any]:
        (x, y), *_ = lonlat((0, 0))
        sheet = pd.DataFrame([["消防站一览", None, None], ["站名", "经度", "纬度"], ["东门", x, y]])
        sheet.to_excel(folder / "s.xlsx", header=False, index=False)
        return {"facilities": [{"path": "s.xlsx", "crs": "EPSG:4326"}]}

    assert run(tmp_path, spoil).coverage.stations["name"].tolist() == ["东门"]


def test_coordinates_of_another_zone_of_the_grid_do_not_pass_for_the_town(tmp_path: Path) -> None:
    # Metres of UTM 51 declared as UTM 50 lie 570 km away: the zone that fits is offered.
    def spoil(folder: Path) -> dict[str, Any]:
        text = f"name,x,y\nA,{EAST},{NORTH}\n"
        (folder / "s.csv").write_text(text, encoding="utf-8")
        return {"facilities": [{"path": "s.csv", "crs": "EPSG:32650"}]}

    with pytest.raises(GeoError, match=r"569 km from the roads.*EPSG:32651 .0.0 km"):
        run(tmp_path, spoil)


def test_an_unreadable_number_of_stations_at_one_place_is_only_suspect(tmp_path: Path) -> None:
    def spoil(folder: Path) -> dict[str, Any]:
        frame(points((0, 0), (10, 0)), name=["East Fire Station"] * 2, id=["A", "B"]).to_file(
            folder / "stations.gpkg"
        )
        return {}

    result = run(tmp_path, spoil)
    assert len(result.coverage.stations) == 2
    assert result.suspects["reason"].str.contains("10 m").all()
    assert np.isfinite(result.coverage.table["first_s"]).sum() == 4
    assert isinstance(result.areas, gpd.GeoDataFrame)
    assert result.areas.crs == CRS
