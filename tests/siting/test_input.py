"""Wrong questions are told before any work: what is wrong, where, and what to do."""

import numpy as np
import pandas as pd
import pytest

from geo import siting
from geo.errors import InfeasibleError, InputError
from geo.siting import MaximalCovering, PCentre, PMedian, Search, SitingTable, siting_table
from geo.times import Times

TIMES = pd.DataFrame({"a": [60.0, 400.0, 400.0], "b": [400.0, 60.0, 240.0]}, index=["x", "y", "z"])
PEOPLE = pd.Series({"x": 50.0, "y": 30.0, "z": 30.0})


def table(times=TIMES, people=PEOPLE, **columns) -> SitingTable:
    return siting_table(times, people, **columns)


def best(n, limit_s=240.0) -> MaximalCovering:
    return MaximalCovering(n=n, limit_s=limit_s)


def cover(*, n=1, limit_s=240.0, search=None, **layers):
    return siting.maximal_covering(table(**layers), n=n, limit_s=limit_s, search=search or Search())


def sites(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns, index=["a", "b"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"times": TIMES[[]]}, "no site ids"),
        ({"times": TIMES.iloc[:0]}, "no demand ids"),
        ({"times": TIMES.to_numpy()}, "Times or a DataFrame"),
        ({"times": TIMES.replace(240.0, np.nan)}, "1 times are empty or negative.*z"),
        ({"times": -TIMES}, "6 times are empty or negative"),
        ({"times": TIMES.set_axis(["a", "a"], axis=1)}, "site ids must be unique.*a"),
        ({"times": TIMES.set_axis(["x", "x", "z"])}, "demand ids must be unique.*x"),
        ({"times": TIMES.astype(object).replace(60.0, "soon")}, "not numbers"),
        ({"people": PEOPLE.drop("y")}, "people has no value for 1 ids: y"),
        ({"people": PEOPLE.replace(50.0, np.nan)}, "people must be numbers >= 0(.|\n)*x: nan"),
        ({"people": -PEOPLE}, "people must be numbers >= 0; 3 are not"),
        ({"people": 0 * PEOPLE}, "nobody lives"),
        ({"people": [1, 2, 3]}, "must be a Series"),
        ({"weights": PEOPLE.replace(30.0, np.inf)}, "weights must be numbers >= 0; 2 are not"),
        ({"n": 3}, "n = 3 .* only 2 candidates"),
        ({"n": -1}, "whole number >= 0"),
        ({"n": 1.5}, "whole number >= 0"),
        ({"n": True}, "whole number >= 0"),
        ({"limit_s": np.nan}, "limit_s must be >= 0"),
        ({"limit_s": "4 min"}, "limit_s must be a number"),
        ({"search": Search(gap=-0.1)}, "gap must be >= 0"),
        ({"search": Search(time_limit_s=np.nan)}, "time_limit_s must be >= 0"),
        ({"sites": sites(cost=[1.0, np.nan])}, "cost must be numbers >= 0(.|\n)*b: nan"),
        ({"sites": sites(status=["candidate", "maybe"])}, "status must be one of(.|\n)*b: 'maybe'"),
        ({"sites": sites(cost=1.0).iloc[:1]}, "lacks 1 sites.*b"),
        ({"sites": pd.DataFrame({"cost": 1.0}, index=["a", "b", "c"])}, "not in the table of times: c"),
        (
            {
                "sites": pd.DataFrame(
                    {"status": ["forced_in", "forced_out", "candidate"]}, index=["a", "a", "b"]
                )
            },
            "listed twice, perhaps with two statuses: a",
        ),
        ({"sites": sites(status="forced_in")}, "n = 1, but 2 sites are forced in: a, b"),
        ({"sites": sites(status="forced_out")}, "only 0 candidates"),
    ],
)
def test_wrong_input_says_what_is_wrong(options, words):
    with pytest.raises(InputError, match=words):
        cover(**options)


def test_times_searched_to_less_than_the_limit_are_refused():
    times = Times(
        pd.Index(["a"]),
        pd.Index(["x"]),
        np.array([0, 1]),
        np.zeros(1, np.int32),
        np.array([60_000], np.int32),
        120.0,
    )
    people = pd.Series({"x": 1.0})
    assert cover(times=times, people=people, limit_s=120.0).value == 1.0
    with pytest.raises(InputError, match="searched to 120 s only"):
        cover(times=times, people=people, limit_s=120.001)
    with pytest.raises(InputError, match="searched to 120 s only"):
        siting_table(times, people, limit_s=120.001)


def test_who_can_be_reached_by_no_site_is_named():
    lost = TIMES.replace(400.0, np.inf)
    lost.loc["x"] = np.inf
    for ask in (
        lambda: siting.set_covering(table(lost), limit_s=240.0),
        lambda: siting.p_median(table(lost), n=1),
        lambda: siting.p_centre(table(lost), n=1),
        lambda: siting.capacitated_median(table(lost), n=1),
        lambda: siting.trade_off(table(lost), PMedian(n=1)),
    ):
        with pytest.raises(
            InfeasibleError, match=r"50 people at 1 demand points are reached by no site.*x; at most"
        ):
            ask()
    with pytest.raises(InfeasibleError, match=r"0\.545454 can be reached, 0.6 was asked for"):
        siting.set_covering(table(lost), limit_s=240.0, share=0.6)
    with pytest.raises(InfeasibleError, match="reaches anybody"):
        cover(limit_s=10.0)


def test_too_few_sites_to_reach_everybody_says_how_many_are_needed():
    apart = TIMES.replace(400.0, np.inf)
    for ask in (siting.p_median, siting.p_centre):
        with pytest.raises(
            InfeasibleError, match="n = 1 new sites cannot reach everybody: at least 2 are needed"
        ):
            ask(table(apart), n=1)
    assert siting.p_median(table(apart), n=1, unreached_s=1000.0).n_people_covered == 60.0
    with pytest.raises(InputError, match="less than the longest time"):
        siting.p_median(table(apart), n=1, unreached_s=100.0)


def test_capacities_that_cannot_hold_the_people_are_refused():
    with pytest.raises(InputError, match=r"1 demand points have more people than any site.*x"):
        siting.capacitated_median(table(), n=2, capacity=40)
    with pytest.raises(InputError, match=r"1 demand points have more people than any site.*x"):
        siting.capacitated_covering(table(), n=2, limit_s=240.0, capacity=40)
    with pytest.raises(InfeasibleError, match="1 new ones serve 50 people at most, there are 110"):
        siting.capacitated_median(table(), n=1, capacity=50)
    with pytest.raises(InfeasibleError, match="2 new ones serve 100 people at most, there are 110") as short:
        siting.capacitated_median(table(), n=None, capacity=50)
    assert "2 处新建站点最多能服务 100 人" in short.value.say("zh")
    with pytest.raises(InputError, match="capacity must be numbers >= 0"):
        siting.capacitated_median(table(sites=sites(capacity=[np.nan, 50.0])), n=1)
    assert siting.capacitated_covering(table(), n=1, limit_s=240.0, capacity=40, is_split=True).value == 40.0


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: siting.set_covering(table(), limit_s=240.0, share=1.5), "share must be from 0 to 1"),
        (
            lambda: siting.backup_covering(table(), n=1, limit_s=240.0, second=2),
            "second must be from 0 to 1",
        ),
        (lambda: siting.trade_off(table(), best(2, limit_s=None)), "limit_s must be a number"),
        (
            lambda: siting.trade_off(table(), PCentre(n=2)),
            "MaximalCovering or a PMedian, not a PCentre",
        ),
        (lambda: siting.trade_off(table(), best(1), n_min=2), "n = 1 is less"),
        (
            lambda: siting.trade_off(table(), best(3)),
            "n = 3 .* only 2 candidates",
        ),
        (
            lambda: siting.alternatives(table(), best(1), k=0, max_loss=0.1),
            "k must be",
        ),
        (lambda: siting.maximal_covering(TIMES, n=1, limit_s=240.0), r"not of a DataFrame.*siting_table\("),
        (lambda: siting.p_median(TIMES, n=1), "SitingTable, not of a DataFrame"),
        (lambda: siting.p_median(table(), n=0), "nobody would be served"),
        (
            lambda: siting.build_programme(table(), n_per_year=[1, 2], limit_s=240.0),
            "sum of n_per_year = 3",
        ),
        (
            lambda: siting.greedy_swaps(table(), best(1), rounds=-1),
            "rounds must be",
        ),
    ],
)
def test_wrong_options_say_what_is_wrong(ask, words):
    with pytest.raises(InputError, match=words):
        ask()
