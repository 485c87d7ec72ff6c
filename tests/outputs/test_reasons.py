"""Why a place is not reached: each reason has its words on the map, in the workbook and in the tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from geo.maps.text import REASONS, say_reason
from geo.network import CLOSED_ROAD
from geo.outputs.place_sheet import place_rows
from geo.outputs.wording import Wording, in_words
from geo.study import StudyResult
from geo.words import LANGS, Lang, say


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("reason", [word.replace("_", " ") for word in REASONS])
def test_each_reason_has_its_own_words_everywhere(reason: str, lang: Lang) -> None:
    word = reason.replace(" ", "_")
    assert say_reason(reason, lang=lang) != say_reason(None, lang=lang)
    for key in (f"maps.cure_{word}", f"outputs.why_{word}", f"coverage.class_{word}"):
        assert say(key, lang=lang, m=1, max_m=2, minutes=3)
    (cell,) = in_words(pd.DataFrame({"reason": [reason]}), "outputs", Wording(lang))["reason"]
    assert cell == say(f"outputs.reason_{word}", lang=lang)


def test_the_reason_of_a_closed_road_is_one_of_them() -> None:
    assert CLOSED_ROAD.replace(" ", "_") in REASONS


@pytest.mark.parametrize(("lang", "told"), [("zh", "原因不明"), ("en", "not known")])
def test_a_reason_that_nobody_gave_is_not_guessed(lang: Lang, told: str) -> None:
    assert told in say_reason("a word of tomorrow", lang=lang)
    assert told in say_reason(None, lang=lang)


def test_a_place_on_a_closed_road_says_so_in_chinese(sample_run: tuple[StudyResult, Any]) -> None:
    result, _ = sample_run
    table = result.coverage.table.copy()
    lost = ~table["is_reachable"]
    table.loc[lost, "reason"] = CLOSED_ROAD
    told = place_rows(replace(result, coverage=replace(result.coverage, table=table)))["why"]
    assert set(told[lost]) == {"所在的道路已中断"}
    assert set(told[~lost]) == {""}
