"""The manifest of a run: the same inputs give the same bytes, and changed ones are named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from geo.errors import FileError, StudyError
from geo.outputs import read_manifest, require_same_inputs, require_same_results, write_outputs
from geo.study import Study, run_study, study_files
from tests.studies import frame, points, town_study


def make(folder: Path) -> Path:
    """Run the town inside a folder and give its manifest."""
    folder.mkdir(exist_ok=True)
    write_outputs(run_study(town_study(folder)), folder / "out")
    return folder / "out" / "manifest.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("made") / "study")


def test_a_manifest_tells_inputs_settings_and_versions(made: Path) -> None:
    told = json.loads(made.read_text(encoding="utf-8"))
    layers = {"roads.gpkg", "stations.gpkg", "villages.gpkg", "towns.gpkg"}
    assert {row["path"] for row in told["inputs"]} == layers | {"speeds.toml", "clock.toml"}
    assert all(len(row["sha256"]) == 64 for row in told["inputs"])
    assert told["settings"]["study"]["name"] == "Paper Town"
    assert {"numpy", "geopandas", "python"} <= set(told["versions"])
    roads = {"cut_links.csv", "dead_ends.csv", "road_loss.csv"}
    assert set(told["results"]) == {"coverage.csv", "zones.csv", "summary.json"} | roads


def test_a_replay_from_another_folder_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(made.parents[1], tmp_path / "elsewhere")
    manifest = read_manifest(moved / "out" / "manifest.json")
    assert manifest.study.folder == moved
    require_same_inputs(manifest)
    write_outputs(run_study(manifest.study), tmp_path / "again")
    require_same_results(manifest, tmp_path / "again")
    for name in ("coverage.csv", "zones.csv", "summary.json"):
        assert (tmp_path / "again" / name).read_bytes() == (made.parent / name).read_bytes()


def test_a_changed_or_missing_input_is_named(made: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(made.parents[1], tmp_path / "elsewhere")
    with (moved / "speeds.toml").open("a", encoding="utf-8") as file:
        file.write("# faster\n")
    (moved / "towns.gpkg").unlink()
    manifest = read_manifest(moved / "out" / "manifest.json")
    with pytest.raises(StudyError, match=r"2 inputs .*speeds.toml") as caught:
        require_same_inputs(manifest)
    assert "towns.gpkg" in str(caught.value)
    assert "villages" not in str(caught.value)


def test_other_numbers_are_named(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made.parent, tmp_path / "out")
    (tmp_path / "out" / "zones.csv").write_text("other", encoding="utf-8")
    with pytest.raises(StudyError, match=r"other numbers in zones.csv"):
        require_same_results(read_manifest(made), tmp_path / "out")


def test_what_is_no_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot read the manifest"):
        read_manifest(tmp_path / "none.json")
    texts = {
        "{": "is not a manifest",
        "[]": "no manifest of format 1",
        '{"manifest": 9}': "no manifest of format 1",
        '{"manifest": 1}': "is not a whole manifest",
        '{"manifest": 1, "study_folder": 3, "settings": [], "inputs": {}}': "is not a whole manifest",
    }
    for text, words in texts.items():
        (tmp_path / "x.json").write_text(text, encoding="utf-8")
        with pytest.raises((FileError, StudyError), match=words):
            read_manifest(tmp_path / "x.json")


def test_side_files_of_a_shapefile_count(tmp_path: Path) -> None:
    study: Study = town_study(tmp_path, demand=[{"path": "villages.shp", "people": "heads"}])
    frame(points((0, 0)), name=["v1"], heads=[5]).to_file(tmp_path / "villages.shp")
    files = study_files(study)
    assert {"villages.shp", "villages.dbf", "villages.shx", "villages.prj"} <= set(files)


def test_the_files_of_every_section_count_and_long_texts_are_no_files(tmp_path: Path) -> None:
    for name in ("flood.gpkg", "mine.toml"):
        (tmp_path / name).write_bytes(b"x")
    study: Study = town_study(
        tmp_path,
        hazards=[{"path": "flood.gpkg"}],
        response={"standard": "mine.toml#night"},
        zoning={"exemptions": {"s1": "批复" * 400}},
    )
    assert {"flood.gpkg", "mine.toml"} <= set(study_files(study))
