"""Kernels on disk: none that was made from code that has changed since."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import geo
from geo._jit.compile import MODULES, forget_stale

HOUSE = Path(geo.__file__).parent
MADE_OF = re.compile(r"^from (geo\.compiled import (kernel|part)|numba\.extending import)", re.MULTILINE)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for name in ("walls", "outlines", "words"):
        (tmp_path / f"{name}.py").write_text("x = 1\n", encoding="utf-8")
    kept = tmp_path / "__pycache__"
    kept.mkdir()
    forget_stale(tmp_path, ("walls", "outlines"))
    (kept / "outlines._march-1.py311.nbi").touch()
    return tmp_path


def kept(house: Path) -> list[str]:
    return sorted(path.name for path in (house / "__pycache__").glob("*.nbi"))


def test_kernels_stay_while_nothing_changes(house: Path) -> None:
    forget_stale(house, ("walls", "outlines"))
    (house / "words.py").write_text("x = 22\n", encoding="utf-8")  # holds no kernel
    forget_stale(house, ("outlines", "walls"))
    assert kept(house) == ["outlines._march-1.py311.nbi"]


def test_a_change_of_a_part_forgets_the_kernels_of_other_modules(house: Path) -> None:
    (house / "walls.py").write_text("x = 2\n", encoding="utf-8")
    os.utime(house / "walls.py", (1, 1))
    forget_stale(house, ("walls", "outlines"))
    assert kept(house) == []


def test_kernels_of_unknown_age_are_forgotten(house: Path) -> None:
    (house / "__pycache__" / "kernels.txt").unlink()
    forget_stale(house, ("walls", "outlines"))
    assert kept(house) == []


def test_every_module_with_a_kernel_is_watched() -> None:
    found = {path.stem for path in HOUSE.glob("*.py") if MADE_OF.search(path.read_text(encoding="utf-8"))}
    assert found == set(MODULES)
