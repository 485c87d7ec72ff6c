"""What is kept of a planner's work: taken up again, left alone where it is damaged or of another study."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from geo.cli._folder import folder_of
from geo.serve.changes import Close, Move, Set
from geo.serve.live_study import LiveStudy
from geo.serve.saving import Desk, new_name
from tests.conftest import Run
from tests.studies import write_study, write_town

CHANGES = (Move("A", 121.5, 31.25), Set(limit_s=360.0, turnout_s=45.0), Close("B"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "out" / "live", "Paper Town", tmp_path)


def test_what_is_kept_is_what_was_done(desk: Desk) -> None:
    name = new_name()
    desk.save(name, CHANGES, CHANGES[:1])
    saved = desk.load(name)
    assert saved is not None
    assert (saved.done, saved.undone) == (CHANGES, CHANGES[:1])
    assert desk.latest() == saved
    assert desk.latest(besides=[name]) is None


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "0" * 15, "G" * 16, "0" * 16 + "\n"])
def test_only_names_of_sessions_are_looked_for(desk: Desk, name: str) -> None:
    assert desk.load(name) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"format": 2}', '{"format": 1, "study": "Paper Town"}', "[" * 100_000]
)
def test_a_damaged_file_is_left_alone(desk: Desk, text: str) -> None:
    name = new_name()
    desk.save(name, CHANGES, ())
    path = desk.folder / f"session-{name}.json"
    path.write_text(text, encoding="utf-8")
    assert desk.load(name) is None
    assert desk.latest() is None
    assert path.read_text(encoding="utf-8") == text


def test_changes_that_were_edited_into_nonsense_or_are_of_another_study_do_not_count(desk: Desk) -> None:
    name = new_name()
    desk.save(name, CHANGES, ())
    path = desk.folder / f"session-{name}.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept["done"][0]["lon"] = 1e9
    path.write_text(json.dumps(kept), encoding="utf-8")
    assert desk.load(name) is None
    desk.save(name, CHANGES, ())
    assert Desk(desk.folder, "Another Town", desk.study_folder).load(name) is None


def test_a_link_is_not_followed(desk: Desk, tmp_path: Path) -> None:
    name, other = new_name(), new_name()
    desk.save(name, CHANGES, ())
    os.symlink(desk.folder / f"session-{name}.json", desk.folder / f"session-{other}.json")
    assert desk.load(other) is None
    target = tmp_path / "of others.txt"
    target.write_text("of others", encoding="utf-8")
    (desk.folder / f"session-{other}.json").unlink()
    os.symlink(target, desk.folder / f"session-{other}.json")
    desk.save(other, CHANGES, ())
    assert target.read_text(encoding="utf-8") == "of others", "the link is replaced, not what it leads to"


@pytest.mark.study
def test_a_run_goes_on_beside_the_folder_of_the_page(town: LiveStudy, tmp_path: Path, command: Run) -> None:
    study = write_study(tmp_path, write_town(tmp_path))
    folder = folder_of(town.study, out=None, asked=str(study), below="live")
    assert folder == town.study.folder / "out" / "live"
    desk = Desk(tmp_path / "out" / "live", "Paper Town", tmp_path)
    desk.save(new_name(), CHANGES, ())
    assert command("run", study, "--quiet")[0] == 0, "also where no run has written before"
    assert command("run", study, "--quiet")[0] == 0
    assert desk.latest() is not None


@pytest.mark.study
def test_the_command_tries_itself(tmp_path: Path, command: Run) -> None:
    code, out, err = command("serve", write_study(tmp_path, write_town(tmp_path)), "--check")
    assert (code, err) == (0, "")
    assert "the same numbers" in out
    assert not (tmp_path / "out").exists()


@pytest.mark.study
def test_the_command_refuses_an_open_door(
    tmp_path: Path, command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GEO_SERVE_PASSWORD", raising=False)
    study = write_study(tmp_path, write_town(tmp_path))
    code, _, err = command("serve", study, "--host", "0.0.0.0", "--no-open")
    assert code == 1
    assert "GEO_SERVE_PASSWORD" in err
