"""Kernels on disk: none that was made from code that has changed since."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import geo
from geo._jit.compile import _keep_where_possible, forget_stale, kernel, sources_digest

HOUSE = Path(geo.__file__).parent
INDEX = "outline._march-1.py311.nbi"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "areas").mkdir()
    (tmp_path / "areas/outline.py").write_text("from geo._jit import kernel\n", encoding="utf-8")
    (tmp_path / "walls.py").write_text("from geo._jit import part\n", encoding="utf-8")
    (tmp_path / "words.py").write_text("x = 1\n", encoding="utf-8")
    return tmp_path


def digest(house: Path) -> str:
    sources_digest.cache_clear()
    return sources_digest(house)


@pytest.fixture
def kept(tmp_path_factory: pytest.TempPathFactory, house: Path) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    forget_stale(folder, digest(house))
    (folder / INDEX).touch()
    return folder


def test_kernels_stay_while_no_module_with_kernels_changes(house: Path, kept: Path) -> None:
    (house / "words.py").write_text("x = 22\n", encoding="utf-8")  # holds no kernel
    forget_stale(kept, digest(house))
    assert (kept / INDEX).exists()


def test_a_change_of_a_part_in_another_package_forgets_them(house: Path, kept: Path) -> None:
    (house / "walls.py").write_text("from geo._jit import part\nx = 2\n", encoding="utf-8")
    forget_stale(kept, digest(house))
    assert not (kept / INDEX).exists()


@pytest.mark.parametrize(
    "imported", ["times import UNREACHED_MS", "times import (\n    Times,\n    UNREACHED_MS,\n)"]
)
def test_a_change_of_a_constant_that_kernels_keep_forgets_them(
    house: Path, tmp_path_factory: pytest.TempPathFactory, imported: str
) -> None:
    (house / "times.py").write_text("UNREACHED_MS = 1\n", encoding="utf-8")
    (house / "walls.py").write_text(f"from geo._jit import part\nfrom geo.{imported}\n", encoding="utf-8")
    before = digest(house)
    assert digest(house) == before
    (house / "times.py").write_text("UNREACHED_MS = 2\n", encoding="utf-8")
    assert digest(house) != before


def test_a_constant_that_is_handed_on_or_comes_from_a_room_is_watched(house: Path) -> None:
    # walls takes LIMIT from the room bounds, whose module takes it from times.
    (house / "bounds").mkdir()
    (house / "bounds/least.py").write_text("from geo.times import LIMIT\n", encoding="utf-8")
    (house / "times.py").write_text("LIMIT = 1\n", encoding="utf-8")
    (house / "walls.py").write_text(
        "from geo._jit import part\nfrom geo.bounds import LIMIT\n", encoding="utf-8"
    )
    before = digest(house)
    (house / "times.py").write_text("LIMIT = 2\n", encoding="utf-8")
    assert digest(house) != before


def test_a_module_of_which_kernels_take_no_constant_is_not_watched(house: Path) -> None:
    (house / "walls.py").write_text(
        "from geo._jit import part\nfrom geo.words import say\n", encoding="utf-8"
    )
    before = digest(house)
    (house / "words.py").write_text("x = 22\n", encoding="utf-8")
    assert digest(house) == before


def test_a_module_that_moves_or_goes_forgets_them(house: Path, kept: Path) -> None:
    (house / "walls.py").rename(house / "barriers.py")
    forget_stale(kept, digest(house))
    assert not (kept / INDEX).exists()


def test_kernels_of_unknown_age_are_forgotten(house: Path, kept: Path) -> None:
    (kept / "kernels.sha256").unlink()
    forget_stale(kept, digest(house))
    assert not (kept / INDEX).exists()


def test_the_digest_watches_every_module_that_holds_kernels(house: Path) -> None:
    sources_digest.cache_clear()
    before = sources_digest(house)
    for path in ("areas/outline.py", "walls.py"):
        (house / path).write_text((house / path).read_text(encoding="utf-8") + "\n", encoding="utf-8")
        assert digest(house) != before
        before = digest(house)


def test_only_this_package_names_numbas_decorators() -> None:
    outside = [
        path
        for path in HOUSE.rglob("*.py")
        if "njit" in path.read_text(encoding="utf-8") and path.parent.name != "_jit"
    ]
    assert outside == []


def test_a_kernel_works_where_nothing_can_be_kept() -> None:
    names: dict[str, object] = {}
    exec(compile("def double(x):\n    return 2 * x", "no-such-folder/nowhere.py", "exec"), names)
    double = kernel(names["double"])  # type: ignore[arg-type]
    assert double(21) == 42


def test_what_numba_left_half_written_is_removed(house: Path, kept: Path) -> None:
    for name in (f"{INDEX}.tmp.0123456789abcdef", "outline._march-1.py311.1.nbc.tmp.0123456789abcdef"):
        (kept / name).touch()
    forget_stale(kept, digest(house))
    assert sorted(path.name for path in kept.iterdir()) == sorted([INDEX, "kernels.sha256"])


def test_a_kernel_that_cannot_be_kept_or_read_back_is_compiled_all_the_same() -> None:
    flushed: list[bool] = []

    def fail(*args: Any) -> None:
        raise OSError(28, "No space left on device") if len(args) == 2 and args[1] == "save" else EOFError

    kept = SimpleNamespace(save_overload=fail, load_overload=fail, flush=lambda: flushed.append(True))
    _keep_where_possible(kept)
    assert kept.save_overload("signature", "save") is None
    assert kept.load_overload("signature", "context") is None
    assert flushed == [True]
