"""The lists of words by which layers are understood: each belongs to words that the code knows."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import geo
from geo.maps import say_people
from geo.outputs.finished import say_cell
from geo.plans import LEVELS
from geo.schema import FACILITY_STATUSES, STATION_CLASSES
from geo.words import data_dir, nearest_words, percent, whole, word_lists

FILES = sorted(path.stem.removesuffix("_terms") for path in (data_dir() / "standards").glob("*_terms.toml"))


def test_every_meaning_of_a_list_is_a_word_of_the_tables() -> None:
    facility = word_lists("facility")
    assert sorted(facility["station_class"]) == sorted(STATION_CLASSES)
    assert sorted(facility["status"]) == sorted(FACILITY_STATUSES)
    assert tuple(word_lists("depot")["level"]) == LEVELS


@pytest.mark.parametrize("name", FILES)
def test_no_word_of_a_list_stands_twice_or_can_never_match(name: str) -> None:
    """Texts are compared without case: a capital letter in a list would never be found."""
    for about, lists in word_lists(name).items():
        for meaning, words in lists.items():
            assert words, (about, meaning)
            assert len(set(words)) == len(words), (about, meaning)
            assert [word.casefold().strip() for word in words] == list(words), (about, meaning)


@pytest.mark.parametrize("name", FILES)
def test_a_value_means_one_thing(name: str) -> None:
    """Lists that whole values are held against; those looked for inside a text are told apart by order."""
    for about in {"oneway_tag", "oneway_column"} & set(word_lists(name)):
        words = [word for listed in word_lists(name)[about].values() for word in listed]
        assert len(set(words)) == len(words), about


def test_the_files_of_words_are_those_that_are_read() -> None:
    """A list that the code reads is there, and none lies there unread: the wheel's copy is this folder's."""
    house = Path(geo.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in house.rglob("*.py"))
    asked = set(re.findall(r'word_lists\("(\w+)"\)', code))
    assert sorted(asked) == FILES


def test_the_lists_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        word_lists("facility")["status"]["closed"] = ()  # type: ignore[index]
    assert word_lists("facility") is word_lists("facility")


def test_of_a_million_names_few_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each comparison takes a tenth of a millisecond: all of them would take minutes."""
    compared: list[int] = []
    nearest = difflib.get_close_matches

    def count(word: str, names: Iterable[str], **options: Any) -> list[str]:
        held = list(names)
        compared.append(len(held))
        return nearest(word, held, **options)

    monkeypatch.setattr(difflib, "get_close_matches", count)
    names = [f"{i}号消火栓" for i in range(100_000)]
    assert nearest_words("77号消火拴", names)
    assert nearest_words("消火栓" * 100, names) == []
    assert compared == [2000]


@given(
    st.text("东西消火栓1", min_size=1, max_size=6), st.lists(st.text("东西消火栓1", max_size=6), max_size=9)
)
def test_few_names_are_compared_as_difflib_does(word: str, names: list[str]) -> None:
    """What is left out beforehand is what difflib would not have given."""
    if len(set(word)) == len(word):  # letters that are there twice are counted once
        assert nearest_words(word, names, n=9) == difflib.get_close_matches(
            word, list(dict.fromkeys(names)), 9
        )


@given(st.floats(1e-7, 1 - 1e-7))
def test_a_share_is_never_told_more_than_half_of_its_last_digit_away(share: float) -> None:
    """One person of 637,900 is 0.0002 %, never 0.1 %; all but one are 99.9998 %."""
    shown = percent(share)
    digits = len(shown.removesuffix("%").partition(".")[2])
    assert shown not in ("0%", "100%")
    assert abs(float(shown.removesuffix("%")) - 100 * share) <= 0.5 * 10.0**-digits + 1e-12
    assert digits == 1 or not 0.0005 < share < 0.9995


@given(st.floats(1.0, 9.0, exclude_min=True))
def test_a_load_above_its_limit_never_reads_like_the_limit(load: float) -> None:
    """25,100 people of a limit of 25,000 are 100.4 %; beyond 101 % whole per cent are enough."""
    shown = percent(load)
    assert (shown == "100%") == (load < 1 + 0.5e-9)
    assert "." not in shown or load < 1.005


def test_halves_of_people_go_up_as_in_the_workbook() -> None:
    assert [whole(n) for n in (0.5, 1.5, 2.5, -0.4, 1_234_567.5)] == ["1", "2", "3", "0", "1,234,568"]
    assert [say_people(n, lang="zh") for n in (0.5, 2.5)] == ["1人", "3人"]
    assert [say_cell(n, "#,##0") for n in (0.5, 2.5, -0.4)] == ["1", "3", "0"]


def test_a_share_in_words_of_people() -> None:
    assert percent(1 / 637_900) == "0.0002%"
    assert percent(1 - 1 / 637_900) == "99.9998%"
    assert (percent(-0.0004), percent(-0.3), percent(-1e-12)) == ("-0.04%", "-30.0%", "0%")
