"""The exchange of a folder: whole after every way to be cut short, at every step."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import geo.files.folder as folders
from geo.errors import FileError
from geo.files import (
    MARK,
    Earlier,
    find_earlier,
    folder_at_rest,
    seal_files,
    write_text_whole,
    writing_folder,
)

CHANGES = ("replace", "unlink", "mkdir", "rmdir")
OLD = {"a.csv": "old", "b.csv": "old", "scenarios/1-East/map.html": "old"}
NEW = {"a.csv": "new", "c.csv": "new", "scenarios/2-West/map.html": "new"}


class Cut(BaseException):
    """Stands for a kill: nothing that tidies up is done after it."""


def write(out: Path, files: dict[str, str]) -> None:
    with writing_folder(out, earlier) as new:
        for name, text in files.items():
            write_text_whole(new / name, text)
        record = {"written": seal_files(new, by="test")}
        write_text_whole(new / "manifest.json", str(record).replace("'", '"'))


def earlier(folder: Path) -> Earlier:
    return find_earlier(folder, record="manifest.json", by="test")


def contents(out: Path) -> dict[str, str]:
    return {
        path.relative_to(out).as_posix(): path.read_text(encoding="utf-8")
        for path in out.rglob("*")
        if path.is_file() and not path.relative_to(out).as_posix().startswith(".") and path.suffix != ".json"
    }


@contextmanager
def each_change(act: Callable[[str, int], None], *, is_at_once: bool = False) -> Iterator[None]:
    """Call a function before each change of the disk, from the exchange on, with its name and number."""
    kept, n = {name: getattr(os, name) for name in CHANGES}, [-1]

    def watched(name: str) -> Callable[..., Any]:
        def change(*args: Any, **options: Any) -> Any:
            if is_at_once or n[0] >= 0 or any(str(arg).endswith(MARK) for arg in args):
                n[0] += 1
                act(name, n[0])
            return kept[name](*args, **options)

        return change

    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGES:
            patch.setattr(os, name, watched(name))
        yield


def count_changes(out: Path) -> int:
    counted: list[int] = []
    write(out, OLD)
    with each_change(lambda name, n: counted.append(n)):
        write(out, NEW)
    return len(counted)


def cut_short(out: Path, k: int) -> None:
    """Write the new files, and leave all as it is before the k-th change, as a kill does."""

    def cut(name: str, n: int) -> None:
        if n >= k:  # all that would tidy up fails as well
            raise Cut

    with each_change(cut), pytest.raises(Cut):
        write(out, NEW)


def require_whole(out: Path) -> None:
    found = contents(out)
    assert found in (OLD, NEW)
    assert [name for name in os.listdir(out) if name.startswith(".") or name == MARK] == []
    assert bool(earlier(out).record)
    folders_there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_dir()}
    assert folders_there == {parent for name in found for parent in _above(name)}


def _above(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


@pytest.mark.thorough
def test_cut_short_at_every_step_a_folder_is_seen_to_be_unfinished_and_then_whole(tmp_path: Path) -> None:
    n = count_changes(tmp_path / "count")
    assert n > 20
    n_seen = 0
    for k in range(n):
        out = tmp_path / str(k)
        write(out, OLD)
        cut_short(out, k)
        found = contents(out)
        n_seen += MARK in found
        assert MARK in found or found in (OLD, NEW), k
        with folder_at_rest(out):
            pass
        require_whole(out)
    assert n_seen > 5


@pytest.mark.thorough
def test_a_next_run_that_is_cut_short_as_well_leaves_it_to_the_one_after(tmp_path: Path) -> None:
    n = count_changes(tmp_path / "count")
    n_cut = 0
    for k in range(0, n, 5):
        for j in range(0, n, 4):
            out = tmp_path / f"{k}-{j}"
            write(out, OLD)
            cut_short(out, k)
            n_cut += cut_rest_short(out, j)
            with folder_at_rest(out):
                pass
            require_whole(out)
    assert n_cut > 20


def cut_rest_short(out: Path, j: int) -> bool:
    """Bring a folder to rest, and leave all as it is before the j-th change of the disk."""

    def cut(name: str, n: int) -> None:
        if n >= j:
            raise Cut

    try:
        with each_change(cut, is_at_once=True), folder_at_rest(out):
            return False
    except Cut:
        return True


@pytest.mark.thorough
@pytest.mark.parametrize(
    "fault", [OSError(28, "No space left"), PermissionError(13, "denied"), KeyboardInterrupt()]
)
def test_a_fault_at_any_renaming_puts_the_earlier_files_back(tmp_path: Path, fault: BaseException) -> None:
    n = count_changes(tmp_path / "count")
    n_failed = 0
    for k in range(n):
        out = tmp_path / str(k)
        write(out, OLD)

        def fail(name: str, number: int, k: int = k) -> None:
            if number == k and name in ("replace", "mkdir"):
                raise fault

        try:
            with each_change(fail):
                write(out, NEW)
        except (FileError, KeyboardInterrupt):
            n_failed += 1
            assert contents(out) == OLD
        require_whole(out)
    assert n_failed > 5


@pytest.mark.thorough
def test_what_somebody_changed_in_an_unfinished_folder_is_not_lost(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(out, OLD)
    n = count_changes(tmp_path / "count")
    kept = []
    for k in range(n):
        write(out, OLD)
        cut_short(out, k)
        if MARK in contents(out):
            (out / "a.csv").write_text(f"mine, {k}", encoding="utf-8")
            kept.append(f"mine, {k}")
        with folder_at_rest(out):
            pass
        write(out, OLD)
    assert len(kept) > 5
    assert set(kept) <= set(contents(out).values())


@pytest.mark.parametrize(
    "journal",
    ["", "{}", "[1]", '[{"source": "../x", "target": "a.csv", "size": 0, "mtime_ns": 0}]', "[" * 9999],
)
def test_a_journal_that_cannot_be_followed_moves_nothing(tmp_path: Path, journal: str) -> None:
    out = tmp_path / "out"
    (out / ".writing" / "old").mkdir(parents=True)
    (out / ".writing" / "journal.json").write_text(journal, encoding="utf-8")
    (tmp_path / "x").write_text("outside", encoding="utf-8")
    if journal == "{}":  # as good as none
        with folder_at_rest(out):
            pass
        return
    with pytest.raises(FileError, match=r"journal\.json tells of a write that was cut short") as caught:
        write(out, NEW)
    assert ".writing/old" in str(caught.value).replace(os.sep, "/")
    assert "已损坏" in caught.value.say("zh")
    assert (out / ".writing" / "old").is_dir()
    assert (tmp_path / "x").exists()


def test_a_link_in_the_place_of_the_work_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "own.txt").touch()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".writing").symlink_to(tmp_path / "mine")
    with pytest.raises(FileError, match="is a link"):
        write(tmp_path / "out", NEW)
    assert (tmp_path / "mine" / "own.txt").exists()


def test_of_two_writers_the_second_waits(tmp_path: Path) -> None:
    out, order = tmp_path / "out", []
    inside = threading.Event()

    def second() -> None:
        inside.wait()
        write(out, NEW)
        order.append("second")

    other = threading.Thread(target=second)
    other.start()
    with writing_folder(out, earlier) as new:
        inside.set()
        other.join(0.3)
        order.append("first")
        write_text_whole(new / "a.csv", "first")
        write_text_whole(
            new / "manifest.json", str({"written": seal_files(new, by="test")}).replace("'", '"')
        )
    other.join()
    assert order == ["first", "second"]
    assert contents(out) == NEW


def test_who_waits_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_WAIT_S", 0.1)
    with (
        writing_folder(tmp_path),
        pytest.raises(FileError, match=r"another run is writing .*\(0.1 s waited\)"),
    ):
        write(tmp_path, NEW)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_removed_while_it_is_written_is_an_error_and_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written"):
        _write_without_a_folder(tmp_path / "out")
    assert os.listdir(tmp_path) == []


def _write_without_a_folder(out: Path) -> None:
    with writing_folder(out) as new:
        write_text_whole(new / "a.csv", "x")
        shutil.rmtree(out)
