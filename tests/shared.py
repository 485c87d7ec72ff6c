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
