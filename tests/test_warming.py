"""The helper of a first run: it compiles what a run needs, says nothing, and ends with the run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from geo.cli import _warmup as warming
from geo.cli._warmup import help_compiling
from geo.sample import write_sample

SIGNATURES = """
import json, sys
import geo.hydrantwalk, geo.outlines, geo.zonecells, geo.ground
geo.hydrantwalk.SMALL = 1  # walk trees compiled, however small
{work}
names = [
    "ground._quarter", "hydrantwalk._walk", "outlines._chain", "outlines._march", "zonecells._cut_sides",
    "zonecells._trace",
]
kernels = {{name: getattr(getattr(geo, name.split(".")[0]), name.split(".")[1]) for name in names}}
print(json.dumps({{name: sorted(map(str, made.signatures)) for name, made in kernels.items()}}))
"""
REHEARSAL = """
from geo.cli._rehearsals import rehearsals
for rehearse in rehearsals(has_barriers={has_barriers}, has_zones=True):
    rehearse()
"""
STUDY = """
from dataclasses import replace
from geo.study import assess
from geo.study import read_inputs
from geo.study import read_study
told = read_study({path!r})
told = told if {has_barriers} else replace(told, barriers=())
assess(told, read_inputs(told))
"""


@pytest.fixture(scope="module")
def island(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("island")
    write_sample(folder, towns=3, nodes=500, seed=7)
    return str(folder / "study.toml")


def signatures(work: str) -> dict[str, list[str]]:
    """Give the types for which each kernel was compiled by some work in a new process."""
    code = SIGNATURES.format(work=work)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("has_barriers", [True, False])
def test_what_is_rehearsed_is_what_a_study_needs(island: str, has_barriers: bool) -> None:
    rehearsed = signatures(REHEARSAL.format(has_barriers=has_barriers))
    assert all(len(types) == 1 for types in rehearsed.values())
    assert rehearsed == signatures(STUDY.format(path=island, has_barriers=has_barriers))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """On a machine where a helper is worth it, list those that are started; none is."""
    found: list[Any] = []

    def note(*args: object, **options: object) -> None:
        found.append(args)
        raise OSError("no processes here")

    monkeypatch.setattr(warming.subprocess, "Popen", note)
    monkeypatch.setattr(warming, "kept_names", lambda: set())
    monkeypatch.setattr(warming.sys, "executable", "/usr/bin/python3.11")
    monkeypatch.setattr(warming.os, "sched_getaffinity", lambda pid: {0, 1}, raising=False)
    return found


def ran(*, has_zones: bool = True) -> bool:
    with help_compiling(has_barriers=True, has_zones=has_zones):
        return True


def test_a_run_goes_on_when_no_helper_can_be_started(started: list[Any]) -> None:
    assert ran()
    assert len(started) == 1


@pytest.mark.parametrize("executable", ["C:\\OSGeo4W\\bin\\qgis-bin.exe", "/opt/planner/geo", "", None])
def test_another_program_is_never_started(
    started: list[Any], monkeypatch: pytest.MonkeyPatch, executable: str | None
) -> None:
    monkeypatch.setattr(warming.sys, "executable", executable)
    assert ran()
    assert not started


def test_a_packed_program_has_no_helper(started: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming.sys, "frozen", True, raising=False)
    assert ran()
    assert not started


def test_one_core_has_no_helper(started: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming.os, "sched_getaffinity", lambda pid: {1}, raising=False)
    assert ran()
    assert not started


@pytest.mark.parametrize(
    ("kept", "has_zones", "n"),
    [
        ({"outlines._march", "zonecells._trace"}, True, 0),
        ({"outlines._march"}, True, 1),
        ({"outlines._march"}, False, 0),
        ({"zonecells._trace"}, False, 1),
    ],
)
def test_there_is_a_helper_only_for_kernels_that_the_study_needs_and_are_not_kept(
    started: list[Any], monkeypatch: pytest.MonkeyPatch, kept: set[str], has_zones: bool, n: int
) -> None:
    monkeypatch.setattr(warming, "kept_names", lambda: kept)
    assert ran(has_zones=has_zones)
    assert len(started) == n


def test_a_folder_that_keeps_no_kernels_has_no_helper(
    started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> set[str]:
        raise RuntimeError("no locator available")  # as numba says it

    monkeypatch.setattr(warming, "kept_names", fail)
    assert ran()
    assert not started


def serve(folder: Path, *, run_goes_on: bool) -> tuple[int, bytes]:
    """Run a helper with nothing kept yet: its exit code, and what it printed."""
    for name in ("kept", "claims"):
        (folder / name).mkdir()
    for taken in (
        "geo.ground.quadtree._quarter",
        "geo.zones._border._cut_sides",
        "geo.areas._outline._march",
    ):  # by the run
        (folder / "claims" / f"{taken}.claim").touch()
    with subprocess.Popen(
        [sys.executable, "-c", warming._CODE, os.pathsep.join(sys.path), str(folder / "claims"), "zones"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "NUMBA_CACHE_DIR": str(folder / "kept")},
    ) as helper:
        assert helper.stdin is not None
        assert helper.stdout is not None
        if not run_goes_on:
            helper.stdin.close()
        printed = helper.stdout.read()
        return helper.wait(), printed


def kept(folder: Path) -> set[str]:
    return {path.name.partition("-")[0] for path in (folder / "kept").rglob("*.nbi")}


def test_a_helper_compiles_what_is_not_claimed_and_prints_nothing(tmp_path: Path) -> None:
    assert serve(tmp_path, run_goes_on=True) == (0, b"")
    assert kept(tmp_path) == {"hydrantwalk._walk", "outlines._chain"}
    assert (tmp_path / "claims" / "geo.hydrantwalk._walk.done").exists()


def test_a_helper_ends_with_the_run(tmp_path: Path) -> None:
    assert serve(tmp_path, run_goes_on=False) == (0, b"")
    assert kept(tmp_path) == set()
