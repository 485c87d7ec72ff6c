"""Studies in memory and a server on this machine, each made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from geo.serve.live_study import LiveStudy, open_study
from geo.serve.self_test import running
from geo.serve.start import Server, serving
from geo.study import read_study
from tests.studies import write_study, write_town

Serve = Callable[..., Server]
"""Serves a study as long as the test lasts."""


@pytest.fixture(scope="session")
def sample() -> LiveStudy:
    return open_study(read_study("sample"))


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> LiveStudy:
    folder = tmp_path_factory.mktemp("town")
    return open_study(read_study(write_study(folder, write_town(folder))))


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(live: LiveStudy, folder: Path | None = None, **where: str | int) -> Server:
            kept = folder or tmp_path / "out" / "live"
            server, made = stack.enter_context(serving(live, kept, **{"port": 0, **where}))
            stack.enter_context(running(made))
            return server

        yield start
