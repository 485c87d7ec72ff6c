"""How dense a layer of people may be: limits are data, above all that was looked up, told as assumptions."""

from __future__ import annotations

import numpy as np
import pytest

from geo.demand._doubts import doubt_density, find_fill
from geo.words import read_data

KNOWN = read_data("standards/density")["known"]
LIMIT = read_data("standards/density")["limit"]


def judge(km2: float, per_km2: float):
    """Judge a square of cells of a hectare, all alike."""
    n = max(1, round(km2 * 100))
    side = int(np.ceil(np.sqrt(n)))
    xy = np.column_stack([np.arange(n) % side, np.arange(n) // side]) * 100.0 + 50.0
    return doubt_density(np.full(n, per_km2 / 100), np.full(n, 10_000.0), xy)


@pytest.mark.parametrize("place", KNOWN, ids=lambda place: place["en"])
def test_no_known_place_is_taken_for_impossible(place) -> None:
    doubt = judge(min(place["km2"], 700.0), place["per_km2"])
    assert doubt is None or not doubt[0]
    assert place["source"]
    assert place["mark"] in ("V", "V2", "M")


def test_the_limit_itself_and_just_above_it() -> None:
    assert not judge(30.0, 80_000.0)[0]  # within is <=
    is_impossible, told = judge(30.0, 80_001.0)
    assert is_impossible
    for lang, texts in {
        "zh": ("80,000", "假定", "标记 M", "香港九龙", "43,033"),
        "en": ("80,000", "assumption", "mark M", "Kowloon", "43,033"),
    }.items():
        for text in texts:
            assert text in told.say(lang)  # type: ignore[arg-type]


def test_what_is_only_doubted_says_so_too() -> None:
    is_impossible, told = judge(30.0, 80_000.0 * LIMIT["doubted_from"] + 1)
    assert not is_impossible
    assert "mark M" in str(told)
    assert judge(30.0, 80_000.0 * LIMIT["doubted_from"] - 1) is None
    is_impossible, told = judge(30.0, 0.1)
    assert not is_impossible
    assert "mark M" in str(told)


def test_nobody_and_no_ground_are_not_judged() -> None:
    none = np.empty(0)
    assert doubt_density(none, none, np.empty((0, 2))) is None
    assert doubt_density(np.array([0.0]), np.array([1e6]), np.array([[0.0, 0.0]])) is None


@pytest.mark.parametrize(
    ("n_of_255", "n_of_254", "is_found"), [(40, 2, True), (40, 20, False), (3, 0, False)]
)
def test_a_fill_that_is_strewn_among_larger_counts(n_of_255: int, n_of_254: int, is_found: bool) -> None:
    # Away from the rim and not the largest: what gives it away is how often it stands beside 254 and 256.
    stored = np.r_[np.arange(200.0, 400.0, 3.0), np.full(n_of_255, 255.0), np.full(n_of_254, 254.0)]
    found = find_fill(stored, stored * 100, np.zeros(len(stored), dtype=bool), 100)
    assert (found is not None and found[:2] == (255.0, n_of_255)) == is_found
    assert is_found or found is None
