"""What "within" is: one answer to the millisecond, whoever is asked."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.coverage import cover
from geo.errors import InfeasibleError, InputError
from geo.routing import nearest, node_table, travel_times
from geo.siting import maximal_covering, siting_table
from geo.standards import ResponseStandard
from geo.times import UNREACHED_MS, is_within, limit_ms
from tests.random_roads import make_snaps
from tests.towns import places, town

# 1 --240.001 s-- 2: the drive from end to end takes a millisecond more than four minutes.
STREET = town({1: (0, 0), 2: (3000, 0)}, [(1, 2, 240.001)])
F, D = make_snaps([(0, 0.0, 0.0)], prefix="f"), make_snaps([(0, 1.0, 0.0)], prefix="d")
AHEAD = "from_facility"


def by_cover(limit_s: float) -> bool:
    standard = ResponseStandard("own", "departure", call_s=0, turnout_s=0, travel_s=limit_s)
    homes: gpd.GeoDataFrame = places({"home": (3000, 0)}).assign(people=1.0)
    reached = cover(STREET, places({"station": (0, 0)}), homes, standard=standard).table
    assert reached["n_in_time"].iloc[0] == reached["is_covered"].iloc[0]
    return bool(reached["is_covered"].iloc[0])


def by_siting(limit_s: float, *, is_dense: bool) -> bool:
    times = travel_times(STREET, F, D, direction=AHEAD)
    table = siting_table(times.to_dense() if is_dense else times, pd.Series(1.0, index=D.index))
    try:
        return maximal_covering(table, limit_s=limit_s, n=1).value == 1.0
    except InfeasibleError:  # nobody is in time
        return False


ASKED = {
    "is_within": lambda limit_s: bool(is_within(240.001, limit_s)),
    "limit_ms": lambda limit_s: limit_ms(limit_s) >= 240_001,
    "travel_times": lambda limit_s: len(travel_times(STREET, F, D, direction=AHEAD, limit_s=limit_s).ms) == 1,
    "node_table": lambda limit_s: len(node_table(STREET, F, direction=AHEAD, limit_s=limit_s).ms) == 2,
    "nearest": lambda limit_s: bool(
        np.isfinite(nearest(STREET, F, D, direction=AHEAD, limit_s=limit_s)["first_s"].iloc[0])
    ),
    "cover": by_cover,
    "siting, of Times": lambda limit_s: by_siting(limit_s, is_dense=False),
    "siting, of a table": lambda limit_s: by_siting(limit_s, is_dense=True),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    ("limit_s", "is_in"),
    [
        (240.0, False),
        (240.0006, False),  # nearer to 240.001 than to 240, but 240.001 s are more than 240.0006 s
        (240.000999, False),
        (240.001, True),
        (240.0014, True),
        (240.1 - 0.099, True),  # 240.00099999999998 in binary
        (np.inf, True),
    ],
)
def test_everybody_says_the_same_of_a_time_at_the_limit(asked: str, limit_s: float, is_in: bool) -> None:
    assert ASKED[asked](limit_s) == is_in


@given(st.integers(0, int(UNREACHED_MS) - 1))
def test_a_limit_of_whole_milliseconds_means_exactly_these(ms: int) -> None:
    assert limit_ms(ms / 1000.0) == ms
    assert is_within([ms / 1000.0, (ms + 1) / 1000.0], ms / 1000.0).tolist() == [True, False]


@given(st.integers(0, 10**6), st.floats(0.0, 2000.0))
def test_within_is_at_most(ms: int, limit_s: float) -> None:
    if abs(ms / 1000.0 - limit_s) > 1e-9:
        assert bool(is_within(ms / 1000.0, limit_s)) == (ms / 1000.0 <= limit_s) == (ms <= limit_ms(limit_s))


def test_no_limit_and_bad_limits() -> None:
    assert limit_ms(np.inf) == UNREACHED_MS - 1
    assert is_within([5.0, np.inf, 5.0], [np.inf, np.inf, np.nan]).tolist() == [True, False, False]
    for bad in (-1.0, np.nan):
        with pytest.raises(InputError, match="limit"):
            limit_ms(bad)
