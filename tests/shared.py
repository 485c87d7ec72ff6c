"""The real data for tests, beside the checkout; tests that need a missing file skip and say so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("EMERGENCY_GEO_DATA", Path(__file__).parents[2] / "shared" / "data"))


def real(name: str) -> Path:
    """Give the path of a real data file, or skip the test with the reason."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"real data {name} is not in {DATA} (set EMERGENCY_GEO_DATA)")
    return path


def case(name: str) -> Path:
    """Give the folder of a case (a small study as planners hand it over), or skip with the reason."""
    path = DATA.parent / "cases" / name
    if not path.exists():
        pytest.skip(f"case {name} is not in {path.parent} (set EMERGENCY_GEO_DATA to the data beside it)")
    return path
