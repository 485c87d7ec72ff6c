"""Temporary folders and locks: those of the dead go, those of the living stay."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import geo
from geo.files import private_folder, remove_dead, write_text_whole
from geo.files.locks import holding_lock

HOLD = """
import sys, time
from pathlib import Path
from geo.files import private_folder
with private_folder(Path(sys.argv[1]), ".writing-") as folder:
    (folder / "half.txt").write_text("half")
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_living_process_keeps_its_folder_and_a_killed_one_loses_it(tmp_path: Path) -> None:
    env = os.environ | {"PYTHONPATH": str(Path(geo.__file__).parents[1])}
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n" or b"held" in other.stdout.readline()
        before = sorted(os.listdir(tmp_path))
        assert len(before) == 2
        write_text_whole(tmp_path / "a.txt", "x")
        assert sorted(os.listdir(tmp_path)) == [*before, "a.txt"]
        other.kill()
    write_text_whole(tmp_path / "b.txt", "x")
    assert sorted(os.listdir(tmp_path)) == ["a.txt", "b.txt"]


def test_only_what_looks_like_ours_is_removed(tmp_path: Path) -> None:
    for name in (".writing-abcd1234", ".writing-0123456789abcdef"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half.txt").touch()
    kept = {".writing", ".writing-", ".writing-My Folder", ".writing-short", "writing-abcd1234"}
    for name in kept:
        (tmp_path / name).mkdir()
    (tmp_path / ".writing-linked12").symlink_to(tmp_path / "writing-abcd1234")
    remove_dead(tmp_path, ".writing-")
    assert set(os.listdir(tmp_path)) == kept | {".writing-linked12"}
    remove_dead(tmp_path / "missing", ".writing-")


def test_a_folder_goes_with_its_block_however_that_ends(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _stop_inside(tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_lock_is_held_once_and_leaves_no_file(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with holding_lock(lock), pytest.raises(BlockingIOError), holding_lock(lock):
        pass
    assert not lock.exists()
    with holding_lock(lock):
        assert lock.exists()
    with pytest.raises(FileNotFoundError), holding_lock(lock, is_new=False):
        pass


def test_a_lock_whose_file_was_taken_away_is_made_anew(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with holding_lock(lock):
        lock.unlink()
        with holding_lock(lock):
            assert lock.exists()
    assert not lock.exists()


def _stop_inside(home: Path) -> None:
    with private_folder(home, "x-") as folder:
        (folder / "a").touch()
        raise KeyboardInterrupt


def test_a_disk_that_numbers_its_files_anew_each_time_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network disks do; the lock is then never seen to hang on the file of its name."""
    monkeypatch.setattr(os.path, "samestat", lambda one, other: False)
    with pytest.raises(BlockingIOError), holding_lock(tmp_path / ".lock", wait_s=0.1):
        pass


def test_on_windows_a_locked_file_is_the_one_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be removed while it is open, and its number may be told in two ways."""
    monkeypatch.setattr(os.path, "samestat", lambda one, other: False)
    monkeypatch.setattr("geo.files.locks._IS_WINDOWS", True)
    with holding_lock(tmp_path / ".lock"):
        assert (tmp_path / ".lock").exists()
