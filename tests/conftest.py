"""Runs that several test files look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.outputs import write_outputs
from geo.study import StudyResult, read_study, run_study
from tests.browser import chromium, open_page  # noqa: F401


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyResult, Path]:
    """Run the embedded sample once and write its results."""
    folder = tmp_path_factory.mktemp("sample")
    result = run_study(read_study("sample"))
    write_outputs(result, folder)
    return result, folder
