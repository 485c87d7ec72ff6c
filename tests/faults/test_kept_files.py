"""No command destroys a file that it did not write: inputs, notes, edited results, files of others."""

from __future__ import annotations

import ast
import hashlib
import itertools
import os
import signal
from pathlib import Path
from typing import Any

import pytest

import geo
import geo.study
from geo.errors import FileError, StudyError
from geo.outputs import FILES, write_outputs
from geo.outputs.folder import FINDINGS
from geo.plans import copy_plan
from geo.sample import write_sample
from tests.conftest import Run
from tests.house import nodes
from tests.studies import changed, write_study, write_town

pytestmark = pytest.mark.study
SITING = {"goal": "best", "n": 1}


@pytest.fixture
def uncomputed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no run get as far as its computation: what is refused is refused before."""

    def compute(*args: object, **options: object) -> None:
        raise AssertionError("computed before the folder was looked at")

    monkeypatch.setattr(geo.study, "run_study", compute)
    monkeypatch.setattr(geo.study, "site_study", compute)


def study(folder: Path, **changes: Any) -> Path:
    folder.mkdir(exist_ok=True)
    return write_study(folder, changed(write_town(folder), **changes))


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.usefixtures("uncomputed")
@pytest.mark.parametrize(
    ("does", "how"),
    [
        ("run", "study file"),  # siting writes into a folder of its own in that of the study
        *itertools.product(("run", "site"), ("option", "link", "absolute", "case")),
    ],
)
def test_a_folder_that_holds_the_inputs_is_refused(command: Run, tmp_path: Path, how: str, does: str) -> None:
    home = tmp_path / "town"
    out = {"study file": "."} if how == "study file" else {}
    siting = {"siting": SITING} if does == "site" else {}
    path = study(home, study={"out": out.get("study file", "out")}, **siting)
    (tmp_path / "link").symlink_to(home)
    words: dict[str, tuple[object, ...]] = {
        "option": ("--out", home / "." / ""),
        "link": ("--out", tmp_path / "link"),
        "absolute": ("--out", home.resolve() / "sub" / ".."),
        "case": ("--out", home),
    }
    (home / "sub").mkdir()
    before = hashes(home)
    code, _, err = command(does, path, *words.get(how, ()), "--lang", "en")
    assert (code, err.count("\n")) == (1, 1)
    assert "input files of this study" in err
    assert "[study] out" in err
    assert hashes(home) == before
    code, _, err = command(does, path, *words.get(how, ()), "--lang", "zh")
    assert "输入文件" in err


@pytest.mark.usefixtures("uncomputed")
def test_forced_beside_inputs_no_input_of_a_result_s_name_is_replaced(command: Run, tmp_path: Path) -> None:
    path = study(tmp_path, facilities=[{"path": "stations.gpkg"}, {"path": "depots.csv", "kind": "depot"}])
    (tmp_path / "depots.csv").write_text("name,lon,lat\nD,121.4,31.6\n", encoding="utf-8")
    before = hashes(tmp_path)
    code, _, err = command("run", path, "--out", tmp_path, "--force-folder")
    assert code == 1
    assert "depots.csv cannot be written" in err
    assert hashes(tmp_path) == before


def test_forced_beside_other_files_all_stay_and_the_next_run_replaces_its_own(
    command: Run, tmp_path: Path
) -> None:
    path = study(tmp_path)
    before = hashes(tmp_path)
    for _ in range(2):
        assert command("run", path, "--out", tmp_path, "--force-folder", "--quiet") == (0, "", "")
        after = hashes(tmp_path)
        assert before.items() <= after.items()
        assert {"map.html", "coverage.csv", "manifest.json"} <= set(after)
    # Without the word the inputs are still a reason to refuse.
    assert command("run", path, "--out", tmp_path, "--quiet")[0] == 1


@pytest.mark.usefixtures("uncomputed")
@pytest.mark.parametrize("name", ["notes.docx", "map.html", "manifest.json", "photos/a.jpg", "Coverage.CSV"])
def test_a_folder_of_other_files_is_refused(command: Run, tmp_path: Path, name: str) -> None:
    path = study(tmp_path)
    mine = tmp_path / "mine"
    (mine / name).parent.mkdir(parents=True)
    (mine / name).write_text("mine", encoding="utf-8")
    code, _, err = command("run", path, "--out", mine)
    assert code == 1
    assert name.split("/")[0] in err
    assert "--force-folder" in err
    if name not in ("notes.docx", "photos/a.jpg"):  # even forced, nothing is replaced
        code, _, err = command("run", path, "--out", mine, "--force-folder")
        assert (code, f"{name} cannot be written" in err) == (1, True)
    assert hashes(mine) == {name: hashlib.sha256(b"mine").hexdigest()}


@pytest.mark.usefixtures("uncomputed")
def test_inputs_by_links_and_in_databases_and_archives_are_known(command: Run, tmp_path: Path) -> None:
    path = study(tmp_path)
    earlier = tmp_path / "out"
    earlier.mkdir()
    (earlier / "coverage.csv").symlink_to(tmp_path / "villages.gpkg")
    os.link(tmp_path / "stations.gpkg", earlier / "zones.csv")
    code, _, err = command("run", path)
    assert (code, "zones.csv" in err) == (1, True)
    (tmp_path / "base.gdb").mkdir()
    layer = [{"path": "base.gdb", "people": 1}]
    inside = write_study(tmp_path, changed(write_town(tmp_path), demand=layer), name="inside.toml")
    code, _, err = command("run", inside, "--out", tmp_path / "base.gdb" / "out")
    assert (code, "is an input of this study, or lies in one" in err) == (1, True)
    assert not (tmp_path / "base.gdb" / "out").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_result_that_was_edited_is_kept_and_told(command: Run, tmp_path: Path, lang: str) -> None:
    path = study(tmp_path)
    assert command("run", path, "--quiet")[0] == 0
    for n in (1, 2):
        (tmp_path / "out" / "tables.xlsx").write_bytes(b"my notes %d" % n)
        code, out, err = command("run", path, "--quiet", "--lang", lang)
        name = "tables.edited.xlsx" if n == 1 else "tables.edited-2.xlsx"
        assert (code, out) == (0, "")
        assert {"zh": f"已保留为 {name}", "en": f"kept as {name}"}[lang] in err
        assert (tmp_path / "out" / name).read_bytes() == b"my notes %d" % n
        assert (tmp_path / "out" / "tables.xlsx").read_bytes()[:2] == b"PK"
    assert command("run", path, "--quiet") == (0, "", "")
    assert (tmp_path / "out" / "tables.edited.xlsx").read_bytes() == b"my notes 1"


@pytest.mark.usefixtures("uncomputed")
@pytest.mark.parametrize("out", ["stations.gpkg", "study.toml", "stations.gpkg/below/out"])
def test_a_file_is_no_folder_for_results(command: Run, tmp_path: Path, out: str) -> None:
    path = study(tmp_path, study={"out": out})
    before = hashes(tmp_path)
    for words in ((), ("--force-folder",)):
        code, _, err = command("run", path, *words)
        assert (code, "is a file and no folder" in err) == (1, True)
    assert hashes(tmp_path) == before


def test_a_run_and_a_search_do_not_share_a_folder(command: Run, tmp_path: Path) -> None:
    path = study(tmp_path)
    assert command("run", path, "--quiet")[0] == 0
    before = hashes(tmp_path / "out")
    asked = write_study(tmp_path, changed(write_town(tmp_path), siting=SITING), name="sites.toml")
    code, _, err = command("site", asked, "--out", tmp_path / "out")
    assert (code, "holds results of `geo run`" in err) == (1, True)
    assert hashes(tmp_path / "out") == before


def test_a_replay_does_not_replace_what_it_replays(command: Run, tmp_path: Path) -> None:
    assert command("run", study(tmp_path), "--quiet")[0] == 0
    before = hashes(tmp_path / "out")
    for words in ((), ("--force-folder",)):
        code, _, err = command("run", tmp_path / "out" / "manifest.json", "--out", tmp_path / "out", *words)
        assert (code, "manifest.json" in err) == (1, True)
    assert hashes(tmp_path / "out") == before


def test_a_sample_is_written_again_but_never_over_what_was_changed(command: Run, tmp_path: Path) -> None:
    words = ("sample", "--out", tmp_path / "s", "--towns", 3, "--seed")
    assert command(*words, 5)[0] == 0
    before = hashes(tmp_path / "s")
    assert command(*words, 5)[0] == 0
    (tmp_path / "s" / "stations.csv").write_text("mine", encoding="utf-8")
    for more in ((), ("--force-folder",)):
        code, _, err = command(*words, 5, *more)
        assert (code, "stations.csv" in err) == (1, True)
    code, _, err = command(*words, 6)
    assert code == 1
    after = hashes(tmp_path / "s")
    assert {name for name in before if before[name] != after[name]} == {"stations.csv"}
    assert set(after) == set(before)


def test_a_sample_beside_other_files_must_be_forced(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileError, match=r"notes\.txt"):
        write_sample(tmp_path, towns=3)
    assert os.listdir(tmp_path) == ["notes.txt"]
    assert write_sample(tmp_path, towns=3, force_folder=True) == tmp_path / "study.toml"
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_comparison_is_a_new_workbook(command: Run, tmp_path: Path) -> None:
    assert command("run", study(tmp_path), "--quiet")[0] == 0
    before = hashes(tmp_path)
    out = tmp_path / "out"
    code, _, err = command("compare", out, out, "--no-why", "--out", out / "tables.xlsx")
    assert (code, "tables.xlsx is there already and is not overwritten" in err) == (1, True)
    assert hashes(tmp_path) == before
    assert command("compare", out, out, "--no-why", "--out", tmp_path / "same.xlsx")[0] == 0
    assert (tmp_path / "same.xlsx").read_bytes()[:2] == b"PK"


def test_a_copied_plan_takes_no_place(tmp_path: Path) -> None:
    (tmp_path / "target.toml").touch()
    (tmp_path / "link.toml").symlink_to(tmp_path / "nowhere.toml")
    for name in ("target", "link"):
        with pytest.raises(StudyError, match="not overwritten"):
            copy_plan("ours", tmp_path / f"{name}.toml", source="chongming")
    assert (tmp_path / "link.toml").is_symlink()


def test_every_name_that_a_finding_may_have_is_foreseen() -> None:
    """Else a run would find out after its computation that a file is in the way."""
    home = Path(geo.__file__).parent / "study"
    named: set[str] = set()
    for path in [*(home / "findings").rglob("*.py"), *home.glob("*.py"), home / "scenarios" / "compare.py"]:
        for node in nodes(path):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                first = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "name")][0]
                named |= {str(first.value)} if isinstance(first, ast.Constant) else set()
    others = ("difference_", "simulated", "calibrated")  # in folders of their own
    named = {name for name in named if not name.startswith(others)}
    assert len(named) > 20
    assert sorted(named - set(FINDINGS)) == []


def test_the_sample_s_files_are_foreseen(sample_run: tuple[Any, Path]) -> None:
    result, folder = sample_run
    foreseen = {*FILES, *(f"{name}.csv" for name in FINDINGS), "scenarios"}
    assert set(os.listdir(folder)) <= foreseen
    assert write_outputs(result, folder)["map.html"] == folder / "map.html"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT)])
def test_a_signal_is_told_and_leaves_all_as_it_was(
    command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    path = study(tmp_path / "town")
    command("run", path, "--quiet")
    before = hashes(tmp_path / "town")

    def stop(*args: object, **options: object) -> None:
        os.kill(os.getpid(), number)

    monkeypatch.setattr("geo.outputs.write.write_map", stop)
    # Whoever runs the tests in the background may have had the signal ignored.
    own = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    inherited = signal.signal(number, own)
    try:
        code, out, err = command("run", path, "--quiet")
    finally:
        signal.signal(number, inherited)
    assert (code, out) == (128 + number, "")
    assert "stopped" in err
    assert hashes(tmp_path / "town") == before
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
