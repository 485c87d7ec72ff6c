"""The command where the machine is hostile: shut streams, no home, poor locales, names no disk can hold."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from geo.cli.exit_codes import EXIT_ERROR, EXIT_FAULTS, EXIT_OK, EXIT_OWN_FAULT, EXIT_STOPPED
from geo.words import data_dir
from tests.conftest import Run
from tests.faults.seeds import write_rich_study
from tests.studies import changed, write_study, write_town

pytestmark = pytest.mark.study

ROOT = Path(__file__).parents[2]
POSIX = pytest.mark.skipif(os.name == "nt", reason="shells and streams of POSIX")
ASCII: Mapping[str, str] = {
    "LC_ALL": "C",
    "LANG": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONIOENCODING": "ascii",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a study in Chinese with scenarios; give its folder."""
    home = tmp_path_factory.mktemp("town")
    write_rich_study(home)
    return home


def shell(
    line: str, folder: Path, *, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which ``$geo`` is the command."""
    words = {"geo": f"{sys.executable} -m geo", "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    base = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")} if env is None else {}
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        cwd=folder,
        env={**words, **base, **(env or {})},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


@POSIX
@pytest.mark.parametrize(
    "line",
    [
        "$geo plan show jinshan | head -1",
        "$geo formats | true",
        "$geo plan list >&-",
        "$geo plan list >&- 2>&- <&-",
        "$geo plan rules 2>&1 | head -c 10",
    ],
)
def test_a_reader_that_has_seen_enough_is_no_fault(tmp_path: Path, line: str) -> None:
    ended = shell(line, tmp_path)
    assert ended.returncode == EXIT_OK
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "Exception ignored" not in ended.stderr


@POSIX
def test_what_libraries_print_into_a_shut_stream_is_in_no_result(town: Path, tmp_path: Path) -> None:
    """The number of a shut stream goes to the next file that is opened, and HiGHS prints to it."""
    ended = shell(f"$geo site {town}/study.toml --out {tmp_path}/out >&-", tmp_path)
    assert (ended.returncode, ended.stderr) == (EXIT_OK, "")
    assert (tmp_path / "out" / "map.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@POSIX
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_output_that_finds_no_room_is_an_error(tmp_path: Path) -> None:
    ended = shell("$geo plan list > /dev/full", tmp_path)
    assert ended.returncode == EXIT_ERROR
    assert "check the space on the disk" in ended.stderr
    assert "Traceback" not in ended.stderr


@POSIX
@pytest.mark.parametrize("name", ["study", "研究"])
def test_an_ascii_locale_runs_a_chinese_study(town: Path, tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    shutil.copytree(town, home)
    env = {**ASCII, "HOME": str(tmp_path)}
    ended = shell(f"$geo run {name}/study.toml --out out", tmp_path, env=env)
    # GDAL takes file names in UTF-8 only: a folder with a Chinese name needs another locale, and is told so.
    told = ended.stdout + ended.stderr
    assert "Traceback" not in told
    assert ended.returncode in (EXIT_OK, EXIT_FAULTS) or "LC_ALL=C.UTF-8" in ended.stderr
    assert ended.returncode != EXIT_OWN_FAULT, told


@POSIX
def test_an_error_is_told_in_english_where_chinese_cannot_be_shown(town: Path, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[study]\nlang = "zh"\nname = 5\n', encoding="utf-8")
    ended = shell("$geo run a.toml", tmp_path, env={**ASCII, "HOME": str(tmp_path)})
    assert ended.returncode == EXIT_ERROR
    assert "name = 5 should be text in quotes" in ended.stderr


@POSIX
@pytest.mark.parametrize(
    "env",
    [
        {},
        {"HOME": "/nowhere/at/all"},
        {"XDG_CACHE_HOME": "/dev/null/x", "HOME": "/dev/null"},
        {"TERM": "dumb", "HOME": "/tmp"},
        {"TERM": "", "COLUMNS": "0", "LINES": "-1", "HOME": "/tmp"},
        {"TZ": "No/Where", "LANGUAGE": "xx", "LC_ALL": "xx_XX.nonsense", "HOME": "/tmp"},
    ],
    ids=["nothing", "no home", "no cache", "dumb", "no terminal", "strange locale"],
)
def test_a_poor_environment_changes_nothing(town: Path, tmp_path: Path, env: dict[str, str]) -> None:
    ended = shell(f"$geo run {town}/study.toml --out {tmp_path}/out", tmp_path, env=env)
    assert ended.returncode in (EXIT_OK, EXIT_FAULTS), ended.stderr
    assert "Traceback" not in ended.stderr
    assert (tmp_path / "out" / "summary.json").exists()


LONG = "n" * 300


@pytest.mark.parametrize(
    "change",
    [
        {"facilities": [{"path": LONG}]},
        {"facilities": [{"path": f"{'a/' * 3000}s.csv"}]},
        {"facilities": [{"path": "loop"}]},
        {"facilities": [{"path": "loop/s.csv"}]},
        {"roads": {"path": f"{LONG}.osm.pbf"}},
        {"roads": {"path": "loop.graphml"}},
        {"demand": [{"path": f"{LONG}.tif", "method": "raster"}]},
        {"roads": {"profile": LONG}},
        {"response": {"standard": LONG}},
        {"response": {"standard": f"{LONG}.toml"}},
        {"study": {"plan": LONG}},
        {"study": {"plan": f"{LONG}.toml"}},
        {"study": {"crs": LONG}},
        {"facilities": [{"path": "stations.gpkg", "crs": LONG}]},
        {"facilities": [{"path": "stations.gpkg", "encoding": LONG}]},
        {"facilities": [{"path": "\x00"}]},
        {"land": {"path": "."}},
        {"land": {"path": "/"}},
        {"land": {"path": "/dev/null"}},
    ],
    ids=lambda change: str(change)[:60],
)
def test_a_path_that_no_disk_can_hold_is_one_message(
    tmp_path: Path,
    command: Run,
    change: dict[str, object],
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "loop.graphml").symlink_to("loop.graphml")
    write_study(tmp_path, changed(write_town(tmp_path), **change))
    for name in ("run", "check"):
        out = ["--out", tmp_path / "out"] if name == "run" else []
        code, _, told = command(name, tmp_path / "study.toml", *out)
        assert code == EXIT_ERROR, told
        assert len(told) < 1500


@pytest.mark.parametrize(
    "name", [f"{LONG}.toml", f"{LONG}/study.toml", "loop.toml", ".", "/dev/null", "a\x00b"]
)
@pytest.mark.parametrize("word", ["run", "check", "site"])
def test_a_study_file_that_no_disk_can_hold_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Run, word: str, name: str
) -> None:
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    monkeypatch.chdir(tmp_path)
    code, _, told = command(word, name)
    assert code == EXIT_ERROR
    assert told.startswith("geo: ")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_fault_of_the_program_is_one_line_and_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Run, lang: str
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise ZeroDivisionError("by hand")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("geo.stations.make_facilities", fail)
    path = write_study(tmp_path, changed(write_town(tmp_path), study={"lang": lang}))
    code, _, told = command("run", path, "--out", tmp_path / "out")
    assert code == EXIT_OWN_FAULT == 70
    log = tmp_path / "cache" / "emergency-geo" / "last-error.txt"
    assert len(told.splitlines()) == 1
    # In Chinese the line tells the kind alone; what the library says in English is in the log.
    assert ("ZeroDivisionError: by hand" in told) is (lang == "en")
    assert "ZeroDivisionError" in told
    assert "ZeroDivisionError: by hand" in log.read_text(encoding="utf-8")
    assert "[facilities 1]" in told
    assert str(log) in told
    assert ("反馈" if lang == "zh" else "please report") in told
    assert "Traceback" in log.read_text(encoding="utf-8")
    assert "in make_facilities" in log.read_text(encoding="utf-8") or "in fail" in log.read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("fault", "words"),
    [(MemoryError(), "not enough memory"), (OSError(28, "No space left on device"), "the system refuses")],
)
def test_what_the_machine_refuses_is_no_fault_of_the_program(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: Run,
    fault: Exception,
    words: str,
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise fault

    monkeypatch.setattr("geo.stations.make_facilities", fail)
    path = write_study(tmp_path, write_town(tmp_path))
    code, _, told = command("check", path)
    assert code == EXIT_ERROR
    assert words in told


def test_ctrl_c_stays_what_it_was(monkeypatch: pytest.MonkeyPatch, command: Run) -> None:
    def stop(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("geo.plans.tell_plans", stop)
    code, _, told = command("plan", "list")
    assert code == EXIT_STOPPED
    assert "geo: stopped" in told


def test_the_page_on_exit_codes_names_them_all() -> None:
    page = (data_dir().parent / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", page, flags=re.MULTILINE)}
    assert told >= {EXIT_OK, EXIT_ERROR, 2, EXIT_FAULTS, EXIT_OWN_FAULT, EXIT_STOPPED}
    for readme in ("README.md", "README.zh-CN.md"):
        assert "docs/exit-codes.md" in (ROOT / readme).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ["sample", "--towns", "9" * 30, "--out", "x"],
        ["sample", "--towns", "nan", "--out", "x"],
        ["sample", "--seed", "-1", "--out", "x"],
        ["sample", "--seed", "9" * 30, "--out", "x"],
        ["sample", "--nodes", "1e308", "--out", "x"],
        ["fetch", "a", "--out", "x", "--timeout-s", "nan"],
        ["fetch", "a", "--out", "x", "--timeout-s", "inf"],
        ["fetch", "a", "--out", "x", "--timeout-s", "-1"],
    ],
    ids=" ".join,
)
def test_an_option_out_of_its_range_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Run, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command(*words)[0] == 2
    assert not (tmp_path / "x").exists()
