"""The effective response force: hand-worked, its limits, and the same by counting engine by engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.availability import force_times
from geo.errors import InputError


def test_engines_and_people_come_station_by_station() -> None:
    """a: 1 engine, 5 people at 60 s; b: 2 and 9 at 300 s; c never comes to x."""
    times = pd.DataFrame({"b": [300.0], "a": [60.0], "c": [np.inf]}, index=["x"])
    crews, staff = pd.Series({"a": 1, "b": 2, "c": 9}), pd.Series({"a": 5, "b": 9, "c": 90})

    def asked(n_engines: int, n_firefighters: float) -> float:
        force = {"n_engines": n_engines, "n_firefighters": n_firefighters}
        return float(force_times(times, crews=crews, staff=staff, **force)["x"])

    assert asked(1, 5) == 60.0
    assert asked(1, 6) == 300.0
    assert asked(3, 14) == 300.0
    assert asked(4, 0) == np.inf
    assert asked(1, 15) == np.inf
    assert asked(0, 0) == 60.0


@given(st.integers(0, 10**6), st.integers(1, 9))
def test_the_nth_engine_is_the_nth_smallest_time(seed: int, n: int) -> None:
    g = np.random.default_rng(seed)
    times = pd.DataFrame(g.integers(0, 400, (6, 4)).astype(float))
    times = times.where(times < 300.0, np.inf)
    crews = pd.Series(g.integers(1, 4, 4))
    each = np.sort(np.repeat(times.to_numpy(), crews, axis=1), axis=1)
    want = each[:, n - 1] if n <= each.shape[1] else np.full(6, np.inf)
    assert force_times(times, crews=crews, n_engines=n).tolist() == want.tolist()


def test_kinds_are_each_waited_for() -> None:
    """a: 2 pumps at 60 s; b: a pump and a ladder at 300 s; c: a ladder at 200 s, and 3 people each engine."""
    times = pd.DataFrame({"a": [60.0], "b": [300.0], "c": [200.0]}, index=["x"])
    engines = pd.DataFrame({"pump": [2, 1, 0], "ladder": [0, 1, 1]}, index=["a", "b", "c"])
    staff = 3.0 * engines.sum(axis=1)

    def asked(needs: dict[str, int], **force: float) -> float:
        return float(force_times(times, engines=engines, staff=staff, needs=needs, **force)["x"])

    assert asked({"pump": 2}) == 60.0
    assert asked({"pump": 2, "ladder": 1}) == 200.0
    assert asked({"pump": 3, "ladder": 1}) == 300.0
    assert asked({"ladder": 3}) == np.inf
    assert asked({"pump": 1}, n_engines=3) == 200.0  # three of any kind: with the ladder of c
    assert asked({"pump": 1}, n_firefighters=10) == 300.0  # 6 with a, 9 with c, 15 with b
    with pytest.raises(InputError, match="rescue"):
        asked({"rescue": 1})


def test_staff_that_is_not_known_is_told() -> None:
    times = pd.DataFrame({"a": [60.0]}, index=["x"])
    with pytest.raises(InputError, match="staff"):
        force_times(times, staff=pd.Series({"b": 1.0}), n_firefighters=1)
