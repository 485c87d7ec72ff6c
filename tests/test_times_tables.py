"""A sparse table of times as others want it: dense, or a row for each pair."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from geo.times import Times

# A reaches x in 1.5 s and z in 2 s, B nobody, C reaches y in 0.25 s.
TIMES = Times(
    facility_id=pd.Index(["A", "B", "C"], name="facility_id"),
    demand_id=pd.Index(["x", "y", "z"], name="demand_id"),
    start=np.array([0, 2, 2, 3]),
    demand=np.array([0, 2, 1], dtype=np.int32),
    ms=np.array([1500, 2000, 250], dtype=np.int32),
    limit_s=60.0,
)


def test_a_dense_table_has_every_pair() -> None:
    expected = pd.DataFrame(
        {"A": [1.5, math.inf, 2.0], "B": [math.inf] * 3, "C": [math.inf, 0.25, math.inf]},
        index=TIMES.demand_id,
    ).rename_axis(columns="facility_id")
    pd.testing.assert_frame_equal(TIMES.to_dense(), expected)


def test_a_frame_has_the_pairs_with_a_time() -> None:
    expected = pd.DataFrame(
        {"facility_id": ["A", "A", "C"], "demand_id": ["x", "z", "y"], "travel_s": [1.5, 2.0, 0.25]}
    )
    pd.testing.assert_frame_equal(TIMES.to_frame(), expected)
