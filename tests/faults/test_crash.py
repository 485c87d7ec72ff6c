"""Runs killed at any moment: never half a result, nothing left behind (``make crash`` kills a thousand)."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import tests
from tests.faults import crash

pytestmark = pytest.mark.study
N_KILLS = 40


@pytest.mark.skipif(
    not hasattr(os, "fork"), reason="children are forked from a process in which all is loaded"
)
def test_forty_kills_leave_no_half_result_and_nothing_behind() -> None:
    home = os.path.dirname(os.path.dirname(tests.__file__))
    command = [sys.executable, "-m", "tests.faults.crash", "--kills", str(N_KILLS), "--seed", "13"]
    env = os.environ | {"PYTHONPATH": home}
    done = subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for kind in ("half results", "leftovers after the next run", "hangs", "wrong exit codes"):
        assert f"0 {kind}" in done.stdout.splitlines()


def test_what_went_wrong_is_told() -> None:
    """The judge itself: a kill that left half a result must be counted."""
    ruin = crash.Ruin()
    ruin.add("half results", "before change 3")
    ruin.add("half results", "before change 4")
    assert (ruin.counts["half results"], ruin.first) == (2, {"half results": "before change 3"})
