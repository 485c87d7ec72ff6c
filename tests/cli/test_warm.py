"""Kernels compiled by a command of its own, and the word where nothing can be kept."""

from __future__ import annotations

import importlib

import pytest

from geo import _jit
from tests.conftest import Run

COMPILED = {
    "geo.areas._march": "march",
    "geo.availability._events": "count_calls",
    "geo.routing._kernels.two_nearest": "search_two",
    "geo.serve.two_best": "put_row",
    "geo.siting._exact.capacitated_search": "search_plans",
    "geo.siting._exact.set_cover_search": "mend",
}
"""A kernel of each work: of areas, simulation, routing, drag and siting."""


@pytest.mark.thorough
def test_all_works_are_compiled(command: Run) -> None:
    code, out, err = command("warm", "--lang", "en")
    assert (code, err) == (0, "")
    assert [line[:3] for line in out.splitlines()] == ["1/4", "2/4", "3/4", "4/4", "Com"]
    kernels = {module: getattr(importlib.import_module(module), name) for module, name in COMPILED.items()}
    assert [module for module, kernel in kernels.items() if not kernel.signatures] == []


def test_where_nothing_can_be_kept_it_says_so_at_once(command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_jit, "can_keep", lambda: False)
    code, out, err = command("warm", "--lang", "zh")
    assert (code, out) == (1, "")
    assert "NUMBA_CACHE_DIR" in err
    assert "每次运行都要重新编译" in err


def test_a_folder_that_can_be_written_keeps_kernels() -> None:
    assert _jit.can_keep()
