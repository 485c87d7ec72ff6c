"""A server that is killed at any moment has kept every change that it answered; the next takes them up."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from geo.serve.frames import read_frame
from tests.studies import write_study, write_town

pytestmark = pytest.mark.study
KILLS = int(os.environ.get("GEO_KILLS", "3"))
"""How often a server is killed: more where somebody asks for it."""


@contextmanager
def served(study: Path, stderr: int | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command; give its process and the address of the connection."""
    command = [sys.executable, "-m", "geo", "serve", str(study), "--no-open"]
    # A shell in the background has Ctrl-C ignored, and its children with it: here it is to be heeded.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=Path(__file__).parents[2]
        )
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        assert process.stdout is not None
        url = next((line.strip() for line in process.stdout if line.startswith("http")), None)
        assert url is not None, "the server did not start"
        yield process, f"ws{url.removeprefix('http')}live"
    finally:
        process.kill()
        process.communicate()


def ask(line: ClientConnection, number: int, do: str, **values: object) -> dict[str, Any]:
    line.send(json.dumps({"id": number, "do": do, **values}))
    while True:
        header = read_frame(bytes(line.recv(timeout=60)))[0]
        if header.get("re") == number:
            return header


def change_until_killed(process: subprocess.Popen[str], address: str, after_s: float) -> tuple[int, int]:
    """Change the turnout again and again, and keep each state under a name, until the server is killed.

    Returns
    -------
    n_answered : int
        Changes that were answered, those of earlier servers too.
    n_kept : int
        Changes in the scenario that was last said to be kept; 0 for none.
    """
    n_kept = 0
    killer = threading.Timer(after_s, process.kill)
    with connect(address, max_size=None, proxy=None) as line:
        n_answered = read_frame(bytes(line.recv(timeout=60)))[0]["n_undo"]
        killer.start()
        with contextlib.suppress(ConnectionClosed, OSError):
            for k in itertools.count(1, 2):
                ask(line, k, "upgrade", station="A", turnout_s=n_answered + 1)
                n_answered += 1
                ask(line, k + 1, "save_scenario", name="one", replace=True)
                n_kept = n_answered
    killer.join()
    return n_answered, n_kept


def test_no_kill_loses_a_change_that_was_answered(tmp_path: Path) -> None:
    study = write_study(tmp_path, write_town(tmp_path))
    chance = random.Random(15)
    n_answered = n_kept = 0
    for _ in range(KILLS + 1):
        with served(study) as (process, address):
            with connect(address, max_size=None, proxy=None) as line:
                hello = read_frame(bytes(line.recv(timeout=60)))[0]
                told = ask(line, 1, "scenarios")
            # The change that was under way when the server was killed may have been done, and is then whole.
            assert hello["n_undo"] in (n_answered, n_answered + 1)
            assert not hello["note"]
            if hello["n_undo"]:
                assert hello["stations"][0]["turnout_s"] == hello["n_undo"]
            if n_kept:
                assert n_kept <= told["page"][0]["n_changes"] <= hello["n_undo"]
            if hello["n_undo"] > 400:  # of 500 that there may be
                break
            n_answered, latest = change_until_killed(process, address, chance.uniform(0.05, 1.5))
            n_kept = latest or n_kept
    assert n_answered > 0
    names = {path.name for path in (tmp_path / "out" / "live").iterdir() if not path.name.startswith(".")}
    assert {name.partition("-")[0] for name in names} <= {"session", "scenarios", "manifest.json"}


def test_a_server_ends_when_it_is_told_to(tmp_path: Path) -> None:
    study = write_study(tmp_path, write_town(tmp_path))
    with served(study, subprocess.PIPE) as (process, address):
        with connect(address, max_size=None, proxy=None) as line:
            line.recv(timeout=60)
            process.send_signal(signal.SIGINT)  # the page is open
            began = time.monotonic()
            assert process.wait(120) == 130
        assert time.monotonic() - began < 120
        assert process.stderr is not None
        told = process.stderr.read()
    assert "Traceback" not in told
    assert told.count("\n") <= 2
