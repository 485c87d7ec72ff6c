"""Kept files: bounded in size, the longest unused first, and no file of another kind."""

from __future__ import annotations

import os
from pathlib import Path

from geo.files import forget_oldest, mark_used


def keep(folder: Path, name: str, size: int, age_s: int) -> Path:
    path = folder / name
    path.write_bytes(b"x" * size)
    os.utime(path, (2_000_000_000 - age_s,) * 2)
    return path


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_the_longest_unused_go_until_the_rest_is_within_the_size(tmp_path: Path) -> None:
    for i, age in enumerate((40, 30, 20, 10)):
        keep(tmp_path, f"{i}.npz", 100, age)
    keep(tmp_path, "last-error.txt", 1000, 99)
    (tmp_path / "folder.npz").mkdir()
    forget_oldest(tmp_path, most_bytes=400)  # at the limit nothing goes
    assert len(names(tmp_path)) == 6
    forget_oldest(tmp_path, most_bytes=399)
    assert names(tmp_path) == ["1.npz", "2.npz", "3.npz", "folder.npz", "last-error.txt"]
    os.utime(tmp_path / "1.npz", (2_000_000_000,) * 2)  # used last
    forget_oldest(tmp_path, most_bytes=150)
    assert names(tmp_path) == ["1.npz", "folder.npz", "last-error.txt"]


def test_use_counts_from_now(tmp_path: Path) -> None:
    old, new = keep(tmp_path, "old.npz", 10, 1_900_000_000), keep(tmp_path, "new.npz", 10, 1_800_000_000)
    mark_used(old)
    forget_oldest(tmp_path, most_bytes=10)
    assert (old.exists(), new.exists()) == (True, False)


def test_nothing_to_forget_is_no_fault(tmp_path: Path) -> None:
    forget_oldest(tmp_path / "missing", most_bytes=0)
    forget_oldest(tmp_path, most_bytes=0)
    mark_used(tmp_path / "missing.npz")
    assert names(tmp_path) == []
