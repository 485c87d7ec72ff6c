"""What a plan says of itself: how it was found, how good it is, how sure that is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.siting import SitingPlan, maximal_covering, p_centre, set_covering, siting_table
from geo.siting.search_steps import SearchStep, describe_steps, tell_method
from geo.words import LANGS

S = SearchStep
TIMES = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
TABLE = siting_table(TIMES, pd.Series({"x": 50, "y": 30, "z": 20}))


@pytest.mark.parametrize(
    ("steps", "method", "sentence"),
    [
        ((S.HALVING,), "halving of the limit, least cover within each", "halving"),
        ((S.MENDING, S.LINEAR_CUTS, S.HIGHS), "greedy and mending, linear bound with cuts, HiGHS", "cover"),
        ((S.FALLING_N, S.SWAPS, S.HIGHS), "best n for a falling n (swaps, HiGHS)", "falling"),
        ((S.CUTS,), "HiGHS with cuts", "cuts"),
        ((S.SWAPS, S.LAGRANGE, S.BRANCHING), "swaps, Lagrangian bound, branch and bound", "tree"),
        ((S.SWAPS, S.LAGRANGE, S.HIGHS), "swaps, Lagrangian bound, HiGHS", "lagrange"),
        ((S.GREEDY_BY_COST, S.HIGHS), "greedy by cost, HiGHS", "program"),
        ((S.GREEDY_SWAPS,), "greedy and swaps", "swaps"),
        ((S.GREEDY,), "greedy", "one_site"),
        ((S.ENOUGH_TODAY,), "existing sites are enough", "no_choice"),
    ],
)
def test_a_method_has_the_sentence_of_the_step_that_says_most(
    steps: tuple[SearchStep, ...], method: str, sentence: str
) -> None:
    assert describe_steps(steps) == method
    assert tell_method(steps).key == f"siting.note_method_{sentence}"


@pytest.mark.parametrize("step", list(SearchStep))
def test_every_method_has_a_sentence_in_both_languages(step: SearchStep) -> None:
    """Steps that never stand alone come with one that has a sentence."""
    beside = {S.LINEAR: S.MENDING, S.LINEAR_CUTS: S.MENDING, S.GREEDY_BY_COST: S.HIGHS}
    told = tell_method((step, beside.get(step, step)))
    assert len({told.say(lang) for lang in LANGS}) == 2


def test_where_nothing_is_left_to_choose_no_heuristic_is_claimed() -> None:
    # Of two sites two are chosen; for a share of 0 no site is needed.
    assert maximal_covering(TABLE, limit_s=240, n=2).tell_method().key == "siting.note_method_no_choice"
    assert set_covering(TABLE, limit_s=240, share=0.0).tell_method().key == "siting.note_method_no_choice"
    # One site is enough for half of the people, and fewer than one there are none.
    plan = set_covering(TABLE, limit_s=240, share=0.5)
    assert (plan.value, plan.is_proven) == (1, True)
    assert plan.tell_method().key == "siting.note_method_one_site"


def not_proven(value: float, bound: float, gap: float) -> SitingPlan:
    return replace(p_centre(TABLE, n=1), value=value, bound=bound, gap=gap, is_proven=False)


def test_a_proven_plan_is_told_so_in_all_three_forms() -> None:
    plan = p_centre(TABLE, n=2)
    assert plan.tell_proof().say("en") == "The choice of sites is proven best (value 240)."
    assert plan.tell_proof("line").say("en") == "proven best (240)"
    assert plan.tell_proof("card").say("zh") == "选址已证明最优"


def test_what_is_told_as_the_most_from_the_best_is_never_less_than_it_is() -> None:
    # 12,345.6 of at most 12,347: a gap of 0.01134 %, which is more than 0.01 %.
    plan = not_proven(12_345.6, 12_347.0, 1.4 / 12_345.6)
    assert plan.tell_proof("line").say("en") == "value 12,345.6, bound 12,347, at most 0.02% from the best"
    assert plan.tell_proof("card").say("zh") == "未证明最优，差距不超过 0.02%"
    # Anything that is not proven is some way from the best, and a value of 0 has no share.
    assert "0.01%" in not_proven(1e6, 1e6 + 2, 2e-6).tell_proof().say("en")
    assert "∞" in not_proven(0.0, 3.0, np.inf).tell_proof().say("en")
