"""Types of call: Erlang by hand, what each kind of engine is asked for, and calls counted once by type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.availability import CallTypes, Period, Rules, calls_asking, dispatch_table, simulate_calls
from geo.errors import InputError

ENGINES = pd.DataFrame({"pump": [1], "ladder": [1], "boat": [0]}, index=["a"])


def town(calls_per_h: float = 1.0) -> Any:
    times = pd.DataFrame({"a": [60.0, 60.0]}, index=["x", "y"])
    return dispatch_table(times, pd.Series({"x": calls_per_h, "y": 0.0}), crews=2, service_min=60.0)


def types(**needs: dict[str, int]) -> CallTypes:
    """Give types that come equally often at x, with an hour of service each."""
    asked = pd.DataFrame.from_dict(needs, orient="index").fillna(0)
    weights = pd.DataFrame(1.0, index=["x", "y"], columns=asked.index)
    return CallTypes(asked, weights, pd.Series(60.0, index=asked.index))


def test_each_kind_is_lost_as_erlang_says() -> None:
    """Half of one call an hour asks for the pump (1 h), half for the ladder (3 h): loads 0.5 and 1.5."""
    both = types(fire={"pump": 1}, high={"ladder": 1})
    both.service_min["high"] = 180.0
    period = Period(hours=4000.0, n=20, seed=5, types=both)
    ran = simulate_calls(town(), limit_s=300.0, period=period, rules=Rules(engines=ENGINES))
    for name, load in (("fire", 0.5), ("high", 1.5)):
        lost = ran.of_type(name).figures(level=0.999).loc["share_lost"]
        assert lost["low"] < load / (1.0 + load) < lost["high"]
    # an engine is out for what it takes: load times the share that is not lost, 1/3 and 3/5
    busy = ran.kinds["busy_share"]
    assert busy["a", "pump"] == pytest.approx(0.5 / 1.5, abs=0.01)
    assert busy["a", "ladder"] == pytest.approx(1.5 / 2.5, abs=0.01)
    assert ("a", "boat") not in ran.kinds.index
    assert ran.stations.loc["a", "busy_share"] == pytest.approx(busy.mean())


def test_one_type_of_one_engine_is_as_without_types() -> None:
    plain = simulate_calls(town(), limit_s=300.0, period=Period(hours=500.0, n=3))
    one = types(fire={"engines": 1})
    typed = simulate_calls(town(), limit_s=300.0, period=Period(hours=500.0, n=3, types=one))
    pd.testing.assert_frame_equal(plain.runs, typed.runs)
    pd.testing.assert_frame_equal(plain.places, typed.places)


def test_calls_are_counted_once_by_type_and_what_nobody_has_is_unreached() -> None:
    three = types(fire={"pump": 1}, big={"pump": 1, "ladder": 1}, flood={"boat": 1})
    period = Period(hours=1000.0, n=4, types=three)
    ran = simulate_calls(town(), limit_s=300.0, period=period, rules=Rules(engines=ENGINES))
    n = sum(each["n_calls"] for each in ran.types.values())
    assert n.tolist() == ran.runs["n_calls"].tolist()
    for figure in ("share_in_time", "share_full_in_time", "share_lost", "share_unreached"):
        told = sum(each[figure] * each["n_calls"] for each in ran.types.values()) / n
        np.testing.assert_allclose(told, ran.runs[figure])
    assert (ran.types["flood"]["share_unreached"] == 1.0).all()
    assert (ran.types["flood"]["share_lost"] == 0.0).all()
    assert (ran.types["fire"]["share_unreached"] == 0.0).all()
    # the first is there though the ladder is out
    assert (ran.types["big"]["share_in_time"] > ran.types["big"]["share_full_in_time"]).all()


def test_types_are_drawn_as_often_as_their_weights_and_only_where_they_may_be() -> None:
    both = types(fire={"pump": 1}, flood={"boat": 1})
    both.weights.loc["x"] = [3.0, 1.0]
    table = dispatch_table(
        pd.DataFrame({"a": [60.0, 60.0]}, index=["x", "y"]), pd.Series({"x": 1.0, "y": 1.0}), crews=2
    )
    both.weights.loc["y"] = [0.0, 2.0]
    period = Period(hours=8000.0, n=1, types=both)
    ran = simulate_calls(table, limit_s=300.0, period=period, rules=Rules(engines=ENGINES))
    at_y = ran.places.loc["y"]
    assert at_y["share_unreached"] == 1.0  # all of its calls are for the boat
    n_x = int(ran.places.loc["x", "n_calls"])
    n_flood_x = int(ran.types["flood"]["n_calls"].iloc[0]) - int(at_y["n_calls"])
    assert abs(n_flood_x / n_x - 0.25) < 5.0 * np.sqrt(0.25 * 0.75 / n_x)
    again = simulate_calls(table, limit_s=300.0, period=period, rules=Rules(engines=ENGINES))
    pd.testing.assert_frame_equal(ran.types["fire"], again.types["fire"])


def test_what_is_asked_for_of_each_kind() -> None:
    """8 calls at x: 6 fires with 2 pumps for 60 min, 2 floods with a pump for 30 min and a boat."""
    both = types(fire={"pump": 2}, flood={"pump": 1, "boat": 1})
    both.weights.loc["x"] = [3.0, 1.0]
    both.service_min["flood"] = 30.0
    calls = pd.Series({"x": 8.0, "y": 0.0})
    # (12 x 60 + 2 x 30) / 14 min
    assert calls_asking(both, calls, "pump").loc["x"].tolist() == [8.0, 14.0, pytest.approx(780.0 / 14.0)]
    assert calls_asking(both, calls, "boat").loc["x"].tolist() == [2.0, 2.0, 30.0]
    assert np.isnan(calls_asking(both, calls, "boat").loc["y", "service_min"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"needs": pd.DataFrame({"tank": [1]}, index=["fire"])}, "tank"),
        ({"needs": pd.DataFrame({"pump": [0]}, index=["fire"])}, "one at least"),
        ({"needs": pd.DataFrame({"pump": [1.5]}, index=["fire"])}, "whole"),
        ({"weights": pd.DataFrame({"fire": [0.0, 1.0]}, index=["x", "y"])}, "no type of call: x"),
        ({"weights": pd.DataFrame({"fire": [-1.0, 1.0]}, index=["x", "y"])}, ">= 0"),
        ({"service_min": pd.Series({"fire": 0.0})}, "service_min"),
        ({"service_min": pd.Series({"flood": 9.0})}, "service_min"),
    ],
)
def test_types_that_say_nothing_are_told(change: dict[str, Any], words: str) -> None:
    good = types(fire={"pump": 1})
    given = {"needs": good.needs, "weights": good.weights, "service_min": good.service_min, **change}
    period = Period(hours=10.0, n=1, types=CallTypes(**given))
    with pytest.raises(InputError, match=words):
        simulate_calls(town(), limit_s=300.0, period=period, rules=Rules(engines=ENGINES))
