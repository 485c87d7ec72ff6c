"""The command: what it prints, where it writes, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import geo
from geo.outputs import FILES
from tests.conftest import Run
from tests.studies import changed, frame, points, write_study, write_town


def study(folder: Path, **changes: Any) -> Path:
    return write_study(folder, changed(write_town(folder), **changes))


@pytest.mark.parametrize("words", [(), ("run",), ("check",), ("sample",), ("fetch",)])
def test_help_says_how(command: Run, words: tuple[str, ...]) -> None:
    code, out, _ = command(*words, "--help")
    assert code == 0
    assert "Usage" in out


def test_the_version_is_told(command: Run) -> None:
    code, out, _ = command("--version")
    assert code == 0
    assert out.startswith("emergency-geo ")


def test_a_check_that_goes_into_a_log_leaves_nothing_else_there(command: Run, tmp_path: Path) -> None:
    code, out, err = command("check", study(tmp_path), "--lang", "en")
    assert code in (0, 3)
    assert out.strip()
    assert err == ""


def test_a_run_writes_and_prints_the_headline(command: Run, tmp_path: Path) -> None:
    code, out, err = command("run", study(tmp_path), "--lang", "en")
    assert (code, err) == (0, "")
    assert "Paper Town" in out
    assert "1,300 (63.4%)" in out
    assert str(tmp_path / "out" / "map.html") in out
    written = {"coverage.csv", "map.html", "summary.json", "manifest.json"}
    assert written <= set(os.listdir(tmp_path / "out"))
    code, out, _ = command("run", tmp_path / "study.toml", "--lang", "zh", "--out", tmp_path / "zh")
    assert code == 0
    assert "全部结果" in out


def test_quiet_prints_nothing(command: Run, tmp_path: Path) -> None:
    assert command("run", study(tmp_path), "--quiet") == (0, "", "")


@pytest.mark.parametrize("word", ["run", "report"])
def test_an_input_that_changes_while_the_study_runs_is_told(
    command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    """Else the manifest would say that the results are those of a file that was never read."""
    import geo.study

    file = study(tmp_path)
    compute = geo.study.run_study

    def run_and_touch(*args: Any, **options: Any) -> Any:
        result = compute(*args, **options)
        with (tmp_path / "speeds.toml").open("a", encoding="utf-8") as speeds:
            speeds.write("\n# saved once more\n")
        return result

    monkeypatch.setattr(geo.study, "run_study", run_and_touch)
    code, _, err = command(word, file, "--lang", "en", "--quiet")
    assert code == 1
    assert "speeds.toml; nothing was written" in err
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_a_manifest_is_replayed_beside_the_results(command: Run, tmp_path: Path) -> None:
    command("run", study(tmp_path), "--quiet")
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    code, out, _ = command("run", tmp_path / "out" / "manifest.json")
    assert code == 0
    assert "the same as those of the manifest" in out
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before
    assert (tmp_path / "out" / "replay" / "coverage.csv").exists()
    (tmp_path / "speeds.toml").write_text("[plain]", encoding="utf-8")
    code, _, err = command("run", tmp_path / "out" / "manifest.json")
    assert code == 1
    assert "speeds.toml" in err


@pytest.mark.parametrize(("first", "again"), [("zh", None), (None, "zh")])
def test_a_replay_in_either_language_gives_the_same_numbers(
    command: Run, tmp_path: Path, first: str | None, again: str | None
) -> None:
    scenario = [{"name": "East", "build": ["P"]}]
    words = {None: (), "zh": ("--lang", "zh")}
    assert command("run", study(tmp_path, scenarios=scenario), "--quiet", *words[first])[0] == 0
    code, out, err = command("run", tmp_path / "out" / "manifest.json", *words[again])
    assert (code, "other numbers" in err) == (0, False)
    # The replay of a run speaks its language, unless told otherwise.
    assert "全部结果" in out
    told = json.loads((tmp_path / "out" / "replay" / "manifest.json").read_text(encoding="utf-8"))
    assert told["settings"]["study"]["lang"] == "zh"


def test_a_replay_that_speaks_otherwise_still_tells_other_numbers(command: Run, tmp_path: Path) -> None:
    command("run", study(tmp_path), "--quiet")
    path = tmp_path / "out" / "manifest.json"
    assert command("run", path, "--lang", "zh", "--field-names", "zh", "--quiet")[0] == 0
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["results"]["coverage.csv"] = "0" * 64
    path.write_text(json.dumps(manifest), encoding="utf-8")
    code, _, err = command("run", path, "--lang", "zh", "--quiet")
    assert (code, "coverage.csv" in err, "zones.csv" in err) == (1, True, False)


def test_ctrl_c_is_told_and_changes_no_result(
    command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("run", study(tmp_path), "--quiet")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def stop(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("geo.outputs.write.write_map", stop)
    code, out, err = command("run", tmp_path / "study.toml", "--quiet")
    assert (code, out) == (130, "")
    assert "stopped" in err
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_clean_study_checks_with_0_and_a_faulty_one_with_3(command: Run, tmp_path: Path) -> None:
    path = study(tmp_path)
    code, out, _ = command("check", path)
    assert code == 0
    assert "No faults found" in out
    frame(points((1000, 0), (2000, 0)), name=["a", "b"], heads=["12", "about 30"]).to_file(
        tmp_path / "villages.gpkg"
    )
    code, out, _ = command("check", path)
    assert code == 3
    assert "row 2, heads 'about 30'" in out
    code, out, _ = command("check", path, "--lang", "zh")
    assert code == 3
    assert "第 2 行" in out


@pytest.mark.parametrize(
    "words", [("run",), ("run", "x.toml", "--lang", "fr"), ("march",), ("run", "--fast")]
)
def test_wrong_usage_ends_with_2(command: Run, words: tuple[str, ...]) -> None:
    code, _, err = command(*words)
    assert code == 2
    assert "Traceback" not in err


def empty_sheet(folder: Path) -> dict[str, Any]:
    from openpyxl import Workbook

    Workbook().save(folder / "empty.xlsx")
    return {"facilities": [{"path": "empty.xlsx", "crs": "EPSG:4326"}]}


def swapped(folder: Path) -> dict[str, Any]:
    (folder / "s.csv").write_text("name,lon,lat\nA,31.6,121.4\nB,31.7,121.5\n", encoding="utf-8")
    return {"facilities": [{"path": "s.csv", "crs": "EPSG:4326"}]}


def nowhere(folder: Path) -> dict[str, Any]:
    frame(points((0, 20_000)), name=["far"]).to_file(folder / "far.gpkg")
    return {"facilities": [{"path": "far.gpkg"}]}


def truncated(folder: Path) -> dict[str, Any]:
    whole = (folder / "roads.gpkg").read_bytes()
    (folder / "roads.gpkg").write_bytes(whole[: len(whole) // 3])
    return {}


def truncated_pbf(folder: Path) -> dict[str, Any]:
    (folder / "roads.osm.pbf").write_bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7c\x10")
    return {"roads": {"path": "roads.osm.pbf", "layer": "links"}}


def wrong_encoding(folder: Path) -> dict[str, Any]:
    (folder / "s.csv").write_bytes("站名,经度,纬度\n东门,121.4,31.6\n".encode("gb18030"))
    return {"facilities": [{"path": "s.csv", "crs": "EPSG:4326", "encoding": "utf-8"}]}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: {"demand": [{"path": "none.gpkg", "people": 1}]}, "none.gpkg"),
        (lambda folder: {"roads": {"tolerence_m": 1}}, "did you mean 'tolerance_m'"),
        (empty_sheet, "empty.xlsx"),
        (lambda folder: {"facilities": [{"path": "stations.gpkg", "crs": "EPSG:99999"}]}, "99999"),
        (swapped, "s.csv"),
        (nowhere, "none of the 1 stations"),
        (truncated, "roads.gpkg"),
        (truncated_pbf, "roads.osm.pbf"),
        (wrong_encoding, "s.csv"),
    ],
)
def test_a_fault_is_one_message_and_exit_code_1(
    command: Run, tmp_path: Path, spoil: Callable[[Path], dict[str, Any]], words: str
) -> None:
    sections = write_town(tmp_path)
    path = write_study(tmp_path, changed(sections, **spoil(tmp_path)))
    code, _, err = command("run", path, "--quiet")
    assert code == 1
    assert err.startswith("geo: ")
    assert words in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_the_sample_is_written_and_checks_clean(command: Run, tmp_path: Path) -> None:
    code, out, _ = command("sample", "--out", tmp_path, "--towns", 3, "--seed", 5)
    assert code == 0
    assert out.strip() == str(tmp_path / "study.toml")
    assert command("check", tmp_path / "study.toml")[0] == 0


def shell(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    home = str(Path(geo.__file__).parents[1])
    told = os.environ | {"PYTHONPATH": home} | env
    command = [sys.executable, "-m", "geo", *words]
    return subprocess.run(command, cwd=folder, env=told, capture_output=True, check=False)


def test_the_sample_runs_where_the_user_stands_on_a_gbk_console(tmp_path: Path) -> None:
    done = shell(tmp_path, "run", "sample", "--out", "here", PYTHONIOENCODING="gbk")
    assert done.returncode == 0, done.stderr.decode("gbk", "replace")
    assert "澄屿区" in done.stdout.decode("gbk")
    assert set(FILES) < set(os.listdir(tmp_path / "here"))
    done = shell(tmp_path, "run", "没有.toml", PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


def test_where_file_names_are_not_utf_8_the_way_out_is_told(
    command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = tmp_path / "没有.toml"
    assert "LC_ALL" not in command("check", missing)[2]
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "gbk")
    code, _, err = command("check", missing)
    assert (code, "LC_ALL=C.UTF-8" in err) == (1, True)


def test_names_that_look_like_markup_are_printed_as_they_stand(command: Run, tmp_path: Path) -> None:
    name = "Town [/bold] [red]A[/red] {x} 100% \\"
    path = study(tmp_path, study={"name": name, "out": "结 果"})
    code, out, err = command("run", path)
    assert (code, "Traceback" in err) == (0, False)
    assert name in out
    assert (tmp_path / "结 果" / "map.html").exists()
    code, out, _ = command("check", path)
    assert code == 0
    assert name in out


def test_a_study_saved_by_a_windows_editor_is_read(command: Run, tmp_path: Path) -> None:
    path = study(tmp_path)
    text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    assert command("run", path, "--quiet") == (0, "", "")


def test_an_out_that_cannot_be_a_folder_is_one_message(command: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    code, _, err = command("run", study(tmp_path), "--quiet", "--out", tmp_path / "taken")
    assert code == 1
    assert err.startswith("geo: ")
    assert len(err.splitlines()) == 1
