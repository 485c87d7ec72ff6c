"""Models for HiGHS: its words stay off the terminal."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import numpy as np
from scipy import sparse
from geo.optimize import Model, solve
one = np.ones(2)
rows = sparse.csr_matrix([[1.0, 1.0]])
model = Model(one, 0 * one, one, one > 0, rows, one[:1], np.array([np.inf]))
assert solve(model).value == solve(model, stop=lambda: False).value == 1.0
"""


@pytest.mark.thorough
def test_the_solver_prints_nothing() -> None:
    """In a process of its own: HiGHS greets once in each."""
    ran = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("", "")
