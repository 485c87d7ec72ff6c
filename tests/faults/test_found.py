"""What bad inputs once broke, each as a test of its kind."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import CRS

from geo.crs import find_misfits
from geo.errors import FaultsError, FileError, GeoError, InputError, StudyError
from geo.layers import read_layer
from geo.outputs import read_manifest, require_same_results, write_outputs
from geo.reading import reading
from geo.study import parse_study, read_study, run_study
from geo.study.scenarios.apply import naming_scenario
from geo.words import LANGS
from tests.faults.seeds import LAYERS, OTHERS, write_seeds
from tests.studies import changed, frame, points, write_town

pytestmark = pytest.mark.study


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeds")
    write_seeds(folder)
    return folder


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


SPOILS: dict[str, Callable[[bytes], bytes]] = {
    "cut": half,
    "only its beginning": lambda data: data[:40],
    "zeros behind": lambda data: half(data) + bytes(len(data) // 2),
    "noise": lambda data: bytes((7 * i + 13) % 256 for i in range(2000)),
    "another zip": lambda data: b"PK\x03\x04" + data,
    "empty": lambda data: b"",
}


@pytest.mark.parametrize("how", SPOILS)
@pytest.mark.parametrize("name", LAYERS)
def test_a_damaged_layer_is_one_error_that_names_it(seeds: Path, tmp_path: Path, name: str, how: str) -> None:
    (tmp_path / name).write_bytes(SPOILS[how]((seeds / name).read_bytes()))
    told = [name]
    with contextlib.suppress(GeoError):  # half a table of text is a table
        try:
            read_layer(tmp_path / name, crs="EPSG:4326")
        except GeoError as error:
            told = [error.say(lang) for lang in LANGS]
            raise
    assert all(name in text for text in told)


@pytest.mark.parametrize("lang", LANGS)
def test_what_a_library_raises_of_a_file_is_told_with_a_way_out(lang: Any) -> None:
    with pytest.raises(FileError) as caught, reading("folder/层.xlsx"):
        raise RuntimeError("no such\n  cell")
    told = caught.value.say(lang)
    assert told.startswith("层.xlsx ")
    # What a library says is English: it stands on the line in English, and behind the error in any language.
    assert ("RuntimeError: no such cell" in told) is (lang == "en")
    assert ("其中的内容无法识别" in told) is (lang == "zh")
    assert "no such\n  cell" in str(caught.value.__cause__)
    assert ("另存" if lang == "zh" else "save it anew") in told
    assert isinstance(caught.value.__cause__, RuntimeError)
    with pytest.raises(FileError) as caught, reading("a.tif"):
        raise MemoryError
    assert ("内存" if lang == "zh" else "memory") in caught.value.say(lang)


def test_an_error_that_was_meant_is_left_as_it_is() -> None:
    meant = InputError("rows are wrong", faults=["row 3"])
    with pytest.raises(InputError) as caught, reading("a.csv"):
        raise meant
    assert caught.value is meant


@pytest.mark.parametrize("name", ["name", "all names"])
def test_a_station_without_a_name_is_called_by_its_id_in_targets(tmp_path: Path, name: str) -> None:
    """One empty 站名 stopped a run in the targets on zones of responsibility."""
    sections = write_town(tmp_path)
    frame(
        points((0, 0), (4000, 0)),
        name=["", "B"] if name == "name" else ["", " "],
        id=["S1", "S2"],
        station_class=["一级站", "二级站"],
    ).to_file(tmp_path / "stations.gpkg")
    study = parse_study(
        changed(sections, study={"plan": "yangpu"}, zoning={"most_people": 100.0}), folder=tmp_path
    )
    result = run_study(study)
    write_outputs(result, tmp_path / "out")
    assert result.targets is not None
    told = " ".join(result.targets["evidence_zh"])
    assert "nan" not in told
    assert "None" not in told


@pytest.mark.parametrize("value", ["1e308", "-1e308", "1e15", "inf", "nan", "99999999", ""])
@pytest.mark.parametrize("column", ["经度", "纬度"])
def test_one_impossible_coordinate_costs_its_own_row(
    seeds: Path, tmp_path: Path, column: str, value: str
) -> None:
    """1e308 in one row stopped the whole layer as damaged, in the search for the nearest road."""
    home = tmp_path / "study"
    home.mkdir()
    for path in (seeds / "study").iterdir():
        if path.is_file():
            (home / path.name).write_bytes(path.read_bytes())
    rows = [line.split(",") for line in (home / "villages.csv").read_text(encoding="utf-8").splitlines()]
    rows[1][rows[0].index(column)] = value
    (home / "villages.csv").write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    result = run_study(read_study(home / "study.toml"))
    report = dict(result.inputs.reports)["demand 1"]
    assert (report.n_rows, report.n_kept) == (5, 4)
    assert [fault.row for fault in report.faults] == [2] * len(report.faults)
    assert report.faults


@pytest.mark.parametrize(
    ("at", "words"),
    [((31.6, 31.67), "neighbouring vertices of road 5"), ((123.5, 31.67), "")],
    ids=["far", "near"],
)
def test_a_road_with_a_vertex_on_another_continent_is_told(
    seeds: Path, tmp_path: Path, at: tuple[float, float], words: str
) -> None:
    """Zones of responsibility laid a lattice over 9,000 km, and took all the memory there was."""
    home = tmp_path / "study"
    home.mkdir()
    for path in (seeds / "study").iterdir():
        if path.is_file():
            (home / path.name).write_bytes(path.read_bytes())
    content = json.loads((home / "roads.geojson").read_text(encoding="utf-8"))
    content["features"][4]["geometry"]["coordinates"][1] = list(at)
    (home / "roads.geojson").write_text(json.dumps(content), encoding="utf-8")
    if not words:
        assert run_study(read_study(home / "study.toml")).inputs.network.n_edges == 5
        return
    with pytest.raises(InputError, match=rf"^\[roads\].*{words}"):
        run_study(read_study(home / "study.toml"))


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e308, np.nan])
@pytest.mark.parametrize("crs", [CRS.from_epsg(4326), CRS.from_epsg(32651), "GCJ-02", "BD-09MC"], ids=str)
def test_coordinates_without_end_are_misfits_that_can_be_told(crs: Any, value: float) -> None:
    is_misfit, why = find_misfits(np.array([value, value]), np.array([31.0, value]), crs)
    assert len(is_misfit) == 2
    assert why is None or all(why.say(lang) for lang in LANGS)


EDITS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a list": lambda data: [data],
    "a text": lambda data: "manifest",
    "null": lambda data: None,
    "no settings": lambda data: {key: value for key, value in data.items() if key != "settings"},
    "settings of a list": lambda data: data | {"settings": []},
    "settings of a text": lambda data: data | {"settings": "x"},
    "a section of numbers": lambda data: data | {"settings": data["settings"] | {"roads": 5}},
    "inputs of numbers": lambda data: data | {"inputs": [1, 2]},
    "inputs of texts": lambda data: data | {"inputs": "x"},
    "inputs without hash": lambda data: data | {"inputs": [{"path": "a"}]},
    "results of a list": lambda data: data | {"results": ["a", "b"]},
    "results of a text": lambda data: data | {"results": "abc"},
    "a folder of numbers": lambda data: data | {"study_folder": 7},
    "a folder with a null": lambda data: data | {"study_folder": "\0"},
    "a product of text": lambda data: data | {"product": "x"},
    "another format": lambda data: data | {"manifest": 99},
    "a format of nan": lambda data: data | {"manifest": float("nan")},
}


@pytest.mark.parametrize("how", EDITS)
def test_an_edited_manifest_is_told(seeds: Path, tmp_path: Path, how: str) -> None:
    data = json.loads((seeds / "study" / "out" / "manifest.json").read_text(encoding="utf-8"))
    (tmp_path / "manifest.json").write_text(json.dumps(EDITS[how](data)), encoding="utf-8")
    with pytest.raises((FileError, StudyError), match=r"manifest\.json"):
        read_manifest(tmp_path / "manifest.json")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"manifest": ' + "9" * 5000 + "}", "", "\ud7ff", "\x00"])
def test_a_manifest_on_which_the_parser_gives_up_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match="not a manifest"):
        read_manifest(tmp_path / "manifest.json")


@pytest.mark.parametrize("name", ["missing.csv", "../outside.csv", "/etc/hostname", "a" * 300, "a\0b"])
def test_a_result_that_a_manifest_invents_differs(seeds: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.csv").write_text("x", encoding="utf-8")
    (tmp_path / "out").mkdir()
    manifest = read_manifest(seeds / "study" / "out" / "manifest.json")
    invented = type(manifest)(manifest.study, manifest.inputs, {name: "0" * 64}, manifest.version)
    with pytest.raises(StudyError, match="other numbers"):
        require_same_results(invented, tmp_path / "out")


def test_several_errors_of_a_scenario_are_told_with_its_name() -> None:
    """They were put together from the letters of their own text."""
    several = FaultsError([InputError("a is wrong"), FileError("b is missing")])
    with pytest.raises(FaultsError) as caught, naming_scenario("夜间"):
        raise several
    for lang in LANGS:
        assert "[scenarios '夜间']" in caught.value.say(lang)
        assert "b is missing" in caught.value.say(lang)


@pytest.mark.parametrize("change", [("id", "node"), ("lat", "x"), ("lat", None), ("id", 1e400), ("lon", [])])
def test_an_element_of_overpass_that_is_none_is_told(
    seeds: Path, tmp_path: Path, change: tuple[str, Any]
) -> None:
    content = json.loads((seeds / "overpass.json").read_text(encoding="utf-8"))
    content["elements"][0][change[0]] = change[1]
    (tmp_path / "a.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(FileError, match=r"a\.json"):
        read_layer(tmp_path / "a.json")


def test_the_seeds_are_right_files(seeds: Path) -> None:
    """Mutants of files that are wrong from the start would try nothing."""
    for name in LAYERS:
        shape: Any = "none" if name.endswith(".dbf") else "any"
        assert len(read_layer(seeds / name, crs="EPSG:4326", geometry=shape).table) == 4, name
    for name in OTHERS:
        assert (seeds / name).stat().st_size > 100
    assert zipfile.is_zipfile(seeds / "a.xlsx")
