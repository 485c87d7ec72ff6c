"""``geo new`` as it is typed: what is printed, asked, written, and how it ends."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from geo.study import read_study
from tests.conftest import Run
from tests.draft import district
from tests.draft import test_folders as folders
from tests.draft.district import as_table, write_plain


@pytest.fixture
def command(command: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``geo new`` as the command is run elsewhere, with what is typed."""

    def run(*words: object, typed: str | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed or ""))
        for stream in (sys.stdin, sys.stdout):
            monkeypatch.setattr(stream, "isatty", lambda: typed is not None, raising=False)
        return command("new", *words)

    return run


def test_a_clear_folder_is_drafted_checked_and_the_next_command_told(command: Run, tmp_path: Path) -> None:
    write_plain(tmp_path)
    code, out, _ = command(tmp_path, "--lang", "zh")
    assert code == 0, out
    assert "stations.csv：消防站" in out
    assert out.rstrip().endswith(f'geo run "{tmp_path / "study.toml"}"')
    assert read_study(tmp_path / "study.toml").study.lang == "zh"


def test_open_questions_end_with_a_code_of_their_own_and_nothing_written(
    command: Run, tmp_path: Path
) -> None:
    folders.two_versions_of_the_stations(tmp_path)
    code, out, _ = command(tmp_path, "--lang", "en")
    assert code == 4
    assert "which one counts?" in out
    assert "1. 消防站一览表(2024.3定稿).xlsx" in out
    assert not (tmp_path / "study.toml").exists()


def test_yes_takes_the_best_and_marks_it(command: Run, tmp_path: Path) -> None:
    folders.two_versions_of_the_stations(tmp_path)
    code, out, _ = command(tmp_path, "--yes", "--lang", "en")
    assert code == 0
    assert "should be checked" in out
    lines = (tmp_path / "study.toml").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith("path") and "消防站" in line]
    assert "# please check" in line


@pytest.mark.parametrize(("typed", "file"), [("\n", "2024.3定稿"), ("9\nx\n2\n", "2023.5")])
def test_a_person_at_a_terminal_is_asked(command: Run, tmp_path: Path, typed: str, file: str) -> None:
    folders.two_versions_of_the_stations(tmp_path)
    code, out, _ = command(tmp_path, "--lang", "en", typed=typed)
    assert code in (0, 3)
    assert "please" in out or typed == "\n"
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    assert file in text
    assert "you chose" in text


def test_a_second_time_says_that_nothing_changed(command: Run, tmp_path: Path) -> None:
    write_plain(tmp_path)
    command(tmp_path, "--yes")
    before = (tmp_path / "study.toml").read_text(encoding="utf-8")
    code, out, _ = command(tmp_path, "--lang", "en")
    assert code == 0
    assert "stays as it is" in out
    assert (tmp_path / "study.toml").read_text(encoding="utf-8") == before


def test_what_stops_the_study_is_told_and_ends_with_one(command: Run, tmp_path: Path) -> None:
    write_plain(tmp_path, "stations", "villages")
    code, out, _ = command(tmp_path, "--lang", "en")
    assert code == 1
    assert "roads are missing" in out
    assert "mend what is said above" in out


def test_a_study_is_carried_over_to_another_year(command: Run, tmp_path: Path) -> None:
    old, new = tmp_path / "2024", tmp_path / "2025"
    for folder in (old, new):
        folder.mkdir()
        write_plain(folder)
    (old / "villages.csv").rename(old / "人口2024.csv")
    as_table(district.villages()).to_csv(new / "人口2025.csv", index=False)
    (new / "villages.csv").unlink()
    command(old, "--yes")
    code, out, _ = command(new, "--from", old / "study.toml", "--year", 2025, "--lang", "zh")
    assert code == 0, out
    assert "人口2024.csv → 人口2025.csv" in out
    assert read_study(new / "study.toml").demand[0].path == "人口2025.csv"


@pytest.mark.parametrize("words", [(), ("--year", "2025", "x")])
def test_a_wrong_call_says_how(command: Run, words: tuple[str, ...]) -> None:
    code, _, err = command(*words)
    assert code == 2
    assert "geo new" in err or "--from" in err


def test_a_folder_that_is_not_there_is_one_line(command: Run, tmp_path: Path) -> None:
    code, _, err = command(tmp_path / "none", "--lang", "en")
    assert code == 1
    assert err.startswith("geo: there is no folder")
