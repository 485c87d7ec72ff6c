"""Files stand whole or not at all: what a failed write, a stop and a full disk leave behind."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from geo.errors import FileError, InputError
from geo.files import Earlier, telling_disk_faults, write_text_whole, writing_folder, writing_whole
from geo.sources import require_source


def test_a_new_file_takes_the_place_of_the_old_one(tmp_path):
    write_text_whole(tmp_path / "a.txt", "崇明\n")
    write_text_whole(tmp_path / "a.txt", b"\x00\x01")
    assert (tmp_path / "a.txt").read_bytes() == b"\x00\x01"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_line_ends_stay_as_they_are(tmp_path):
    write_text_whole(tmp_path / "a.txt", "a\r\nb\n")
    assert (tmp_path / "a.txt").read_bytes() == b"a\r\nb\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_others_may_read_the_file_as_any_other(tmp_path):
    (tmp_path / "plain").touch()
    write_text_whole(tmp_path / "whole", "x")
    assert (tmp_path / "whole").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("stop", [InputError("no"), KeyboardInterrupt()])
def test_a_block_that_fails_leaves_the_old_file(tmp_path, stop):
    write_text_whole(tmp_path / "a.txt", "old")
    with pytest.raises(type(stop)):
        _write_half(tmp_path / "a.txt", stop)
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_fault_of_the_disk_names_the_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=r"below\.txt cannot be written: "):
        write_text_whole(tmp_path / "file" / "below.txt", "x")
    with pytest.raises(FileError, match=r"a\.txt cannot be written: No space left"):
        _write_half(tmp_path / "a.txt", OSError(28, "No space left"))


def test_a_folder_is_exchanged_with_what_was_listed_of_it(tmp_path):
    out = tmp_path / "out"
    (out / "deep").mkdir(parents=True)
    for name in ("a.txt", "deep/b.txt", "own.txt"):
        (out / name).write_text("old", encoding="utf-8")
    with writing_folder(out, lambda folder: Earlier(("a.txt", "deep/b.txt"))) as new:
        (new / "a.txt").write_text("new", encoding="utf-8")
        assert (out / "a.txt").read_text(encoding="utf-8") == "old"
    assert (out / "a.txt").read_text(encoding="utf-8") == "new"
    assert sorted(os.listdir(out)) == [
        "a.txt",
        "own.txt",
    ]  # the emptied folder is gone, the planner's file not


def test_without_a_list_only_files_of_the_same_name_go(tmp_path):
    (tmp_path / "own.txt").write_text("old", encoding="utf-8")
    with writing_folder(tmp_path) as new:
        (new / "a.txt").write_text("new", encoding="utf-8")
    assert sorted(os.listdir(tmp_path)) == ["a.txt", "own.txt"]


def test_a_folder_by_a_link_is_written_where_it_leads_and_the_link_stays(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with writing_folder(tmp_path / "link" / "out") as new:
        (new / "a.txt").write_text("new", encoding="utf-8")
    assert (tmp_path / "link").is_symlink()
    assert os.listdir(tmp_path / "real" / "out") == ["a.txt"]


def test_a_folder_in_which_one_stands_is_exchanged_as_any_other(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with writing_folder(Path()) as new:
        (new / "a.txt").write_text("new", encoding="utf-8")
    assert os.listdir() == ["a.txt"]


def test_a_name_that_is_taken_by_a_folder_leaves_all_as_it_was(tmp_path):
    (tmp_path / "b.txt").mkdir()
    (tmp_path / "b.txt" / "own").touch()
    (tmp_path / "a.txt").write_text("old", encoding="utf-8")
    with pytest.raises(FileError, match="cannot be written"):
        _write_both(tmp_path)
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "old"
    assert (tmp_path / "b.txt" / "own").exists()


def _write_half(path, stop):
    with writing_whole(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise stop


def _write_both(folder):
    with writing_folder(folder) as new:
        for name in ("a.txt", "b.txt"):
            (new / name).write_text("new", encoding="utf-8")


def test_on_windows_a_file_that_a_scanner_has_open_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace
    tries: list[str] = []
    pauses: list[float] = []

    def held(source: str, target: str) -> None:
        tries.append(target)
        if len(tries) < 3:
            raise PermissionError(13, "used by another process", str(source))
        replace(source, target)

    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr(time, "sleep", pauses.append)
    with pytest.raises(FileError):  # elsewhere it is told at once
        write_text_whole(tmp_path / "a.txt", "new")
    assert (len(tries), pauses) == (1, [])
    monkeypatch.setattr("geo.files.names._IS_WINDOWS", True)
    tries.clear()
    write_text_whole(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "new"
    assert (len(tries), pauses) == (3, [0.05, 0.1])


def test_a_fault_names_the_place_that_a_planner_knows_and_not_where_the_file_is_made(tmp_path: Path) -> None:
    def full(made: Path) -> None:
        with writing_folder(tmp_path / "out") as new, writing_whole(new / "scenarios" / "a.csv") as temporary:
            made.touch()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(temporary))

    with pytest.raises(FileError) as told:
        full(tmp_path / "made")
    assert (tmp_path / "made").exists()
    assert str(tmp_path / "out" / "scenarios" / "a.csv") in told.value.say("zh")
    assert ".writing" not in str(told.value)


def test_a_path_that_is_too_long_for_windows_is_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows says that there is no such file; 259 letters go, 260 do not."""
    monkeypatch.setattr("geo.sources._IS_WINDOWS", True)
    home = os.path.abspath(tmp_path)
    for n, says in ((259, "does not exist|no such|missing"), (260, "path of 260 letters, too long")):
        deep = tmp_path / "d" / ("n" * (n - len(home) - 3))
        assert len(str(deep)) == n
        with pytest.raises(FileError, match=says):
            require_source(deep)
    missing = FileNotFoundError(errno.ENOENT, "No such file or directory", str(deep))
    with pytest.raises(FileError, match="its path has 260 letters"), telling_disk_faults(tmp_path):
        raise missing
    with pytest.raises(FileError, match="cannot be written"), telling_disk_faults(tmp_path):
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(tmp_path / "a"))
