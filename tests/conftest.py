"""What several test files share: the kinds of tests, hypothesis' settings, and the sample run once."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from geo.cli import main
from geo.outputs import write_outputs
from geo.study import StudyResult, read_study, run_study
from tests.browser import chromium, open_page  # noqa: F401

ROOT = Path(__file__).parents[1]
Run = Callable[..., tuple[int, str, str]]
"""A command and what comes of it: exit code, stdout, stderr."""
STUDY_HALF = {"study", "outputs", "cli", "sample"}
"""Rooms whose tests and examples read, run or write whole studies."""
KIND_OF_FIXTURE = {"sample_run": "study", "chromium": "browser"}

# How long an example takes says something about the machine, not about the law.
settings.register_profile("house", deadline=None)
settings.register_profile("fast", deadline=None, max_examples=25)
settings.register_profile(
    "mutants", deadline=None, max_examples=20, derandomize=True, phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("house")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out whole rooms of the study half where only unit tests are asked for: there is none in them."""
    asks_unit = str(config.getoption("markexpr")).split(" and ")[0] == "unit"
    return True if asks_unit and _room_of(collection_path) in STUDY_HALF else None


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over what stays to the end: libraries, modules, the tests."""
    gc.collect()
    gc.freeze()


def _room_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts if path.is_relative_to(ROOT) else ()
    return parts[1] if len(parts) > 1 else ""


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Mark each test by what it needs: a study, a browser, real data, or none of them (``unit``).

    Folders and fixtures say so for nearly all; a file that reads real data, or that runs a study outside the
    rooms of the study half, says so itself with ``pytestmark``. Laws are ``thorough`` beside that; what else
    takes seconds says so itself.
    """
    for item in items:
        if _room_of(item.path) in STUDY_HALF:
            item.add_marker("study")
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in KIND_OF_FIXTURE:
                item.add_marker(KIND_OF_FIXTURE[fixture])
        if not any(item.get_closest_marker(kind) for kind in ("study", "browser", "real")):
            item.add_marker("unit")
        if isinstance(item, pytest.Function) and getattr(item.obj, "is_hypothesis_test", False):
            item.add_marker("thorough")


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyResult, Path]:
    """Run the embedded sample once and write its results."""
    folder = tmp_path_factory.mktemp("sample")
    result = run_study(read_study("sample"))
    write_outputs(result, folder)
    return result, folder


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process: exit code, stdout, stderr."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["geo", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run
