"""What one facility changes, at once: the same numbers as from the beginning."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.coverage import Coverage, cover
from geo.errors import InputError
from geo.scenarios import prepare, preview
from geo.standards import ResponseStandard
from tests.random_roads import networks
from tests.towns import places, town

CLOCK = ResponseStandard("by hand", "dispatch", call_s=0, turnout_s=60, travel_s=240)
# A --100 s-- B --100 s-- C --100 s-- D, 1,000 m each.
STREET = town({1: (0, 0), 2: (1000, 0), 3: (2000, 0), 4: (3000, 0)}, [(1, 2, 100), (2, 3, 100), (3, 4, 100)])
HOMES = places(
    {"a": (0, 0), "b": (1000, 0), "d": (3000, 0), "far": (0, 9000)}, people=[10.0, 20.0, 30.0, 5.0]
)
STATIONS = places({"west": (0, 0), "middle": (1500, 0)}, name=["West", "Middle"], turnout_s=[60.0, np.nan])


def covered(stations: gpd.GeoDataFrame = STATIONS) -> Coverage:
    return cover(STREET, stations, HOMES, standard=CLOCK)


def test_a_new_station_at_the_end_of_the_street() -> None:
    today = prepare(covered())
    assert today.coverage.table["first_s"].tolist() == [60.0, 110.0, 210.0, np.inf]
    new = places({"east": (2500, 0)}, turnout_s=[30.0])
    then = preview(today, add=new)
    # d: 30 + 50 from the new one; 60 + 150 from the middle comes second.
    assert then["first_s"].tolist() == [60.0, 110.0, 80.0, np.inf]
    assert then.loc["d", ["first_id", "second_id"]].tolist() == ["east", "middle"]
    assert then.loc["d", "second_s"] == 210.0
    assert then["is_covered"].tolist() == [True, True, True, False]
    assert today.coverage.table["first_s"].tolist() == [60.0, 110.0, 210.0, np.inf], "today stays"


def test_a_station_closed_and_one_moved() -> None:
    today = prepare(covered())
    shut = preview(today, close="middle")
    # b: 60 + 100, d: 60 + 300 from the west, which is late.
    assert shut["first_s"].tolist() == [60.0, 160.0, 360.0, np.inf]
    assert shut["is_covered"].tolist() == [True, True, False, False]
    assert shut["second_id"].isna().all()
    moved = preview(today, close="middle", add=places({"middle": (3000, 0)}))
    assert moved["first_s"].tolist() == [60.0, 160.0, 60.0, np.inf]
    assert moved["first_id"].tolist() == ["west", "west", "middle", None]


def test_the_last_station_closed_reaches_nobody() -> None:
    only = prepare(covered(STATIONS.loc[["west"]]))
    assert not preview(only, close="west")["is_reachable"].any()


def test_what_cannot_be_previewed_is_an_error() -> None:
    today = prepare(covered())
    with pytest.raises(InputError, match="a facility to add or the id"):
        preview(today)
    with pytest.raises(InputError, match="'north' is not among the 2"):
        preview(today, close="north")
    with pytest.raises(InputError, match="taken"):
        preview(today, add=STATIONS.loc[["west"]])
    with pytest.raises(InputError, match="stands on no road") as error:
        preview(today, add=places({"sea": (0, 700)}))
    assert "sea: too far from any road (700 m)" in str(error.value)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_preview_is_the_coverage_of_the_changed_stations(data: st.DataObject) -> None:
    network = data.draw(networks())
    spot = st.tuples(st.integers(0, 500), st.integers(0, 9))
    some = st.lists(spot, min_size=2, max_size=5, unique=True)
    at, homes = data.draw(some), data.draw(some)
    turnout = [float(data.draw(st.sampled_from([0, 45, 60]))) for _ in at]
    stations = places({f"f{i}": xy for i, xy in enumerate(at)}, turnout_s=turnout)
    demand = places({f"d{i}": xy for i, xy in enumerate(homes)}, people=[1.0] * len(homes))
    old, new = stations.iloc[:-1], stations.iloc[[-1]]
    few = cover(network, old, demand, standard=CLOCK)
    many = cover(network, stations, demand, standard=CLOCK)
    columns = ["first_id", "first_s", "second_id", "second_s", "is_covered", "is_reachable"]
    if many.station_snaps["is_snapped"].iloc[-1]:
        more = preview(prepare(few), add=new)
        pd.testing.assert_frame_equal(
            pd.DataFrame(more[columns]), pd.DataFrame(many.table[columns]), check_dtype=False
        )
        assert (more["first_s"] <= few.table["first_s"]).all(), "one more never lengthens a time"
    fewer = preview(prepare(many), close=str(new.index[0]))
    pd.testing.assert_frame_equal(
        pd.DataFrame(fewer[columns]), pd.DataFrame(few.table[columns]), check_dtype=False
    )
    kept = str(old.index[0])
    moved = old.assign(geometry=[new.geometry.iloc[0], *old.geometry.iloc[1:]])
    again = cover(network, moved, demand, standard=CLOCK)
    if again.station_snaps["is_snapped"].iloc[0]:
        then = preview(prepare(few), close=kept, add=moved.loc[[kept]])
        assert then["first_s"].tolist() == again.table["first_s"].tolist()
        assert then["second_s"].tolist() == again.table["second_s"].tolist()
