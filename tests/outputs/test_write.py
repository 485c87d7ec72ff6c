"""The result files of a study: whole, marked, credited, safe to open, and the same each time."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.errors import FileError, InputError
from geo.findings import Finding, Style
from geo.outputs import FILES, file_sha256, write_outputs
from geo.outputs import write as outputs
from geo.outputs.files import write_table
from geo.outputs.package_layers import _found
from geo.outputs.wording import Wording
from geo.study import StudyResult, run_study
from geo.words import say
from tests.foundthings import all_findings
from tests.studies import frame, points, town_study, write_town


def run(folder: Path, **changes: Any) -> tuple[StudyResult, Path]:
    result = run_study(town_study(folder, **changes))
    write_outputs(result, folder / "out")
    return result, folder / "out"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyResult, Path]:
    return run(tmp_path_factory.mktemp("town"))


def test_every_file_of_the_sample_is_written_and_nothing_else(sample_run: tuple[StudyResult, Path]) -> None:
    result, folder = sample_run
    of_findings = [f"{name}.csv" for name in result.findings]
    assert sorted(os.listdir(folder)) == sorted([*FILES, *of_findings, "scenarios"])


def test_the_geopackage_holds_every_layer(sample_run: tuple[StudyResult, Path]) -> None:
    result, folder = sample_run
    layers = {name for name, _ in pyogrio.list_layers(folder / "coverage.gpkg")}
    # Under the names of the study's language; tables without places stand in the workbook and as CSV.
    assert layers == {
        *("设施", "居民点", "缺口与建议", "道路与车速", "道路上的问题", "服务范围与辖区", "乡镇与分区"),
        "layer_styles",
    }
    held = {
        title
        for name in layers - {"道路与车速", "layer_styles"}
        for title in pyogrio.read_dataframe(folder / "coverage.gpkg", layer=name, columns=["layer"])["layer"]
    }
    placed = {
        say(f"{found.words}.{found.name}", lang="zh")
        for found in result.findings.values()
        if isinstance(found.table, gpd.GeoDataFrame) and len(found.table)
    }
    assert placed | {"居民点与响应时间", "消防站", "消防站服务范围", "覆盖缺口", "其他设施"} <= held
    places = gpd.read_file(folder / "coverage.gpkg", layer="居民点")
    demand = places[places["layer"] == "居民点与响应时间"]
    assert len(demand) == len(result.coverage.table)
    # No route is null in the file, never a magic number.
    assert demand["first_s"].isna().sum() == (~result.coverage.table["is_reachable"]).sum() > 0


def test_the_csv_opens_in_a_spreadsheet_with_chinese(sample_run: tuple[StudyResult, Path]) -> None:
    result, folder = sample_run
    raw = (folder / "coverage.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(folder / "coverage.csv")
    assert table["name"].iloc[0] == result.coverage.table["name"].iloc[0]
    west, _, _, north = result.coverage.table.to_crs(4326).total_bounds
    assert table["lon"].min() == pytest.approx(west)
    assert table["lat"].max() == pytest.approx(north)
    named = table[table["first_id"].notna()]
    assert named["first_name"].str.contains("消防").all()


def test_tables_hold_no_digits_that_only_rounding_made(sample_run: tuple[StudyResult, Path]) -> None:
    _, folder = sample_run
    long = [
        (path.name, name, number)
        for path in sorted(folder.rglob("*.csv"))
        for name, column in pd.read_csv(path, dtype=str).items()
        for number in column.dropna()
        if re.fullmatch(r"-?\d+\.\d+(e-?\d+)?", number)
        and len(number.split(".")[1]) > (9 if name in ("lon", "lat") else 6)
    ]
    assert long == []
    # What was rounded is still the number that was found.
    told = pd.read_csv(folder / "coverage.csv")["snap_m"].to_numpy()
    found = sample_run[0].coverage.table["snap_m"].to_numpy()
    assert told == pytest.approx(found, abs=5.1e-7)


def test_the_summary_is_strict_json(sample_run: tuple[StudyResult, Path]) -> None:
    _, folder = sample_run

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} in summary.json")

    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"), parse_constant=refuse)
    clock = summary["standard"]
    assert clock["people_unreachable"] > 0
    assert clock["worst_s"] is None
    assert clock["people"] == 637_900


def test_invented_data_is_called_so_on_every_file(sample_run: tuple[StudyResult, Path]) -> None:
    _, folder = sample_run
    for name in ("coverage.csv", "zones.csv", "targets.csv"):
        rows = pd.read_csv(folder / name)
        assert (rows["data"] == "合成数据").all(), name
    for name, _ in pyogrio.list_layers(folder / "coverage.gpkg"):
        if name != "layer_styles":
            rows = pyogrio.read_dataframe(folder / "coverage.gpkg", layer=name, read_geometry=False)
            assert (rows["data"] == "合成数据").all(), name
    for name in ("summary.json", "manifest.json"):
        assert json.loads((folder / name).read_text(encoding="utf-8"))["synthetic"] is True
    assert "合成数据" in (folder / "map.html").read_text(encoding="utf-8")


def test_real_data_is_nowhere_called_invented(town: tuple[StudyResult, Path]) -> None:
    _, folder = town
    for name in ("coverage.csv", "zones.csv"):
        text = (folder / name).read_text(encoding="utf-8-sig")
        assert "synthetic" not in text
        assert "合成" not in text
    for name, _ in pyogrio.list_layers(folder / "coverage.gpkg"):
        assert "data" not in pyogrio.read_info(folder / "coverage.gpkg", layer=name)["fields"]
    for name in ("summary.json", "manifest.json"):
        assert json.loads((folder / name).read_text(encoding="utf-8"))["synthetic"] is False
    page = (folder / "map.html").read_text(encoding="utf-8")
    assert "合成数据" not in page
    assert "synthetic data" not in page.casefold()


def test_sources_are_credited_on_map_and_summary(tmp_path: Path) -> None:
    credit = "Survey of Paper Town 2034"
    _, folder = run(tmp_path, roads={"attribution": credit})
    assert credit in (folder / "map.html").read_text(encoding="utf-8")
    assert credit in json.loads((folder / "summary.json").read_text(encoding="utf-8"))["attribution"]


def test_a_name_that_would_run_is_harmless(tmp_path: Path) -> None:
    formula, script = "=cmd()", "<script>alert(1)</script>"
    study = town_study(tmp_path)
    frame(points((0, 0), (2000, 0)), name=[formula, script], id=["A", "B"]).to_file(
        tmp_path / "stations.gpkg"
    )
    frame(points((1000, 0)), name=["+1"], heads=[5]).to_file(tmp_path / "villages.gpkg")
    write_outputs(run_study(study), tmp_path / "out")
    row = pd.read_csv(tmp_path / "out" / "coverage.csv").iloc[0]
    assert row["name"] == "'+1"
    assert {row["first_name"], row["second_name"]} == {f"'{formula}", script}
    page = (tmp_path / "out" / "map.html").read_text(encoding="utf-8")
    assert script not in page


def test_twice_gives_the_same_bytes(town: tuple[StudyResult, Path], tmp_path: Path) -> None:
    result, folder = town
    write_outputs(run_study(result.study), tmp_path)
    for name in ("coverage.csv", "zones.csv", "summary.json", "map.html", "coverage.gpkg", "tables.xlsx"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_results_of_an_earlier_run_do_not_stay(tmp_path: Path) -> None:
    _, folder = run(tmp_path, study={"plan": "chongming"})
    assert (folder / "targets.csv").exists()
    for name in ("villages.gpkg", "stations.gpkg", "roads.gpkg", "towns.gpkg"):
        (tmp_path / name).unlink()
    _, folder = run(tmp_path)
    assert not (folder / "targets.csv").exists()
    assert "targets.csv" not in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["results"]


@pytest.fixture(scope="module")
def found(
    town: tuple[StudyResult, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[StudyResult, Path]:
    """Give the town with findings made by hand."""
    result = dataclasses.replace(town[0], findings={thing.name: thing for thing in all_findings()})
    folder = tmp_path_factory.mktemp("found")
    write_outputs(result, folder)
    return result, folder


def test_each_finding_is_a_table_and_a_layer(found: tuple[StudyResult, Path]) -> None:
    result, folder = found
    sites = pd.read_csv(folder / "union_area.csv")
    at = result.findings["union_area"].table.to_crs(4326).geometry
    assert sites["lon"].tolist() == pytest.approx(at.x.tolist())
    assert sites["name"].tolist() == ["<script>document.title='hacked'</script>", "'=1+1", "三号"]
    assert sites["near_ids"].tolist()[::2] == ["s1; s2", "s3"]
    assert sites["is_open"].tolist()[:2] == [True, False]
    areas = pd.read_csv(folder / "zone_shading.csv")
    assert list(areas.columns) == ["name", "state", "area_km2"]
    assert pd.read_csv(folder / "zone_names.csv").empty
    assert pd.read_csv(folder / "people_here.csv")["name"].tolist() == ["'=cmd()", "'+1", "正常"]
    layers = {name for name, _ in pyogrio.list_layers(folder / "coverage.gpkg")}
    assert {"union_area", "each_area", "zone_shading"} <= layers
    assert "people_here" not in layers  # it has no places
    back = gpd.read_file(folder / "coverage.gpkg", layer="zone_shading")
    assert back.geometry.iloc[0].area == 12e6
    assert back.geometry.isna().tolist() == [False, False, True]


def test_findings_stand_in_summary_and_manifest(found: tuple[StudyResult, Path]) -> None:
    _, folder = found
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["findings"]["union_area"] == {"n_rows": 3, "n_sites": 3, "worst_s": None}
    results = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["results"]
    assert {"union_area.csv", "people_here.csv", "coverage.csv"} <= set(results)
    assert "tables.xlsx" not in results


def test_findings_of_an_earlier_run_go_and_what_is_the_planner_s_own_stays(
    town: tuple[StudyResult, Path], found: tuple[StudyResult, Path], tmp_path: Path
) -> None:
    write_outputs(found[0], tmp_path)
    (tmp_path / "people_here.csv").write_text("edited by hand", encoding="utf-8")
    (tmp_path / "notes.csv").write_text("mine", encoding="utf-8")
    outside = tmp_path.parent / "outside.csv"
    outside.write_text("mine", encoding="utf-8")
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    manifest["results"]["../outside.csv"] = file_sha256(outside)
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    write_outputs(town[0], tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted({*os.listdir(town[1]), "notes.csv", "people_here.csv"})
    assert outside.exists()


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, FileError, MemoryError])
def test_a_run_that_stops_leaves_what_was_there(
    town: tuple[StudyResult, Path],
    found: tuple[StudyResult, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stopped: type[BaseException],
) -> None:
    def stop(*args: object, **options: object) -> None:
        raise stopped("in the middle")

    # Into a new folder: nothing stays that a later run could not tell from its own tables.
    monkeypatch.setattr(outputs, "write_map", stop)
    with pytest.raises(stopped):
        write_outputs(found[0], tmp_path / "new")
    assert os.listdir(tmp_path / "new") == []
    # Into the folder of an earlier run: that one stays whole.
    shutil.copytree(town[1], tmp_path / "old")
    before = contents(tmp_path / "old")
    with pytest.raises(stopped):
        write_outputs(found[0], tmp_path / "old")
    assert contents(tmp_path / "old") == before


def test_a_file_that_cannot_be_replaced_undoes_all(
    town: tuple[StudyResult, Path], found: tuple[StudyResult, Path], tmp_path: Path
) -> None:
    # On Windows a workbook that is open in Excel; everywhere a folder of that name.
    write_outputs(found[0], tmp_path)
    (tmp_path / "zones.csv").unlink()
    (tmp_path / "zones.csv").mkdir()
    (tmp_path / "zones.csv" / "mine.txt").write_text("mine", encoding="utf-8")
    before = contents(tmp_path)
    with pytest.raises(FileError, match="cannot be written"):
        write_outputs(town[0], tmp_path)
    assert contents(tmp_path) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize(
    "told", ["[]", "{}", "no json", '{"product": 5, "results": 3}', '{"results": {"a.csv": 1}}']
)
def test_another_manifest_makes_nothing_vanish(
    town: tuple[StudyResult, Path], tmp_path: Path, told: str
) -> None:
    (tmp_path / "manifest.json").write_text(told, encoding="utf-8")
    (tmp_path / "a.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(FileError, match=r"no earlier run of this command .*a\.csv"):
        write_outputs(town[0], tmp_path)
    with pytest.raises(FileError, match=r"manifest\.json cannot be written"):
        write_outputs(town[0], tmp_path, force_folder=True)
    assert contents(tmp_path) == {"manifest.json": told.encode(), "a.csv": b"mine"}


@pytest.mark.parametrize("name", ["zones", "demand", "coverage", "Weird Name", "../x"])
def test_a_finding_may_not_take_the_name_of_another_file(
    town: tuple[StudyResult, Path], tmp_path: Path, name: str
) -> None:
    result = dataclasses.replace(town[0], findings={name: all_findings()[0]})
    with pytest.raises(InputError, match="name of its own"):
        write_outputs(result, tmp_path)
    assert os.listdir(tmp_path) == []


def test_findings_twice_give_the_same_bytes(found: tuple[StudyResult, Path], tmp_path: Path) -> None:
    result, folder = found
    write_outputs(result, tmp_path)
    for name in os.listdir(folder):
        if name != "manifest.json":  # it tells the way to the study from where it is
            assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_a_folder_that_is_a_file_is_told(town: tuple[StudyResult, Path], tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(FileError, match="out"):
        write_outputs(town[0], tmp_path / "out")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


def test_two_zones_of_one_name_are_told_apart_or_refused(tmp_path: Path) -> None:
    sections = write_town(tmp_path)
    boxes = [shapely.box(-500, -500, 3000, 1500), shapely.box(3000, -500, 6500, 1500)]
    frame(boxes, name=["Town", "Town"]).to_file(tmp_path / "towns.gpkg")
    from geo.study import parse_study

    result = run_study(parse_study(sections, folder=tmp_path))
    zones = result.reached.zones
    # Both stay, under names that differ; their people are not mixed.
    assert zones["name"].tolist() == ["Town (town-1)", "Town (town-2)", "outside all zones"]
    assert zones["people"].tolist() == [1800, 200, 50]


def test_a_point_without_a_place_leaves_its_cells_empty(tmp_path: Path) -> None:
    """Such is a plot 1,000 km off; GEOS raises where an empty point is asked for its x."""
    shapes = [shapely.Point(121.5, 31.6), shapely.Point()]
    table = gpd.GeoDataFrame({"name": ["near", "far"]}, geometry=shapes, crs=4326)
    write_table(table, tmp_path / "plots.csv", words="siting", wording=Wording("en"))
    read = pd.read_csv(tmp_path / "plots.csv", encoding="utf-8-sig")
    assert read["lon"].fillna(0.0).tolist() == [121.5, 0.0]
    style = Style({"": "removed.off_road"})
    (layer,) = _found([Finding("candidates_removed", "siting", table, style)], lang="en")
    assert len(layer.table) == 2
    nowhere = Finding("candidates_removed", "siting", table.iloc[[1]], style)
    assert not list(_found([nowhere], lang="en"))
