"""Chance belongs to its seed, source, draw and thing, and is that of a normal distribution."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from geo.errors import InputError
from geo.uncertainty import Sizes, factors, keys_of, normals, picks, size_of_interval
from geo.uncertainty.chance import _mixed
from geo.uncertainty.sizes import factors_of_mean, shifts

KEYS = keys_of(pd.RangeIndex(20_000))


def test_the_numbers_are_normal() -> None:
    # The greatest distance of 20,000 numbers to the distribution is above 1.63 / sqrt(n) once in 100 times.
    for draw in (0, 1, 199):
        assert kstest(normals(0, "turnout", draw, KEYS), "norm").statistic < 1.63 / np.sqrt(20_000)


def test_draws_sources_and_seeds_do_not_hang_together() -> None:
    ways = [(0, "a", 0), (0, "a", 1), (0, "b", 0), (1, "a", 0), (1, "a", 1)]
    rows = np.array([normals(*way, KEYS) for way in ways])
    off = np.corrcoef(rows) - np.eye(len(ways))
    assert np.abs(off).max() < 4.0 / np.sqrt(20_000)  # four standard errors of no correlation


def test_a_number_belongs_to_its_thing_alone() -> None:
    some = keys_of(pd.Index(["b", "new", "a"]))
    other = keys_of(pd.Index(["a", "b"]))
    first, second = (normals(7, "people", 3, keys) for keys in (some, other))
    assert first[2] == second[0]
    assert first[0] == second[1]


def test_the_mix_is_splitmix64_as_published() -> None:
    # The first two numbers of the generator from a state of 0 (those of its reference in C and of Java 8).
    golden = 0x9E3779B97F4A7C15
    states = np.array([0, golden], dtype=np.uint64)
    assert [hex(number) for number in _mixed(states).tolist()] == ["0xe220a8397b1dcdaf", "0x6e789e6aa1b965f4"]


def test_the_numbers_are_the_same_on_every_machine() -> None:
    """Other numbers would change every study that is run again."""
    keys = keys_of(pd.Index(["a"]))
    assert keys.tolist() == [int.from_bytes(hashlib.blake2b(b"a", digest_size=8).digest(), "little")]
    assert normals(0, "turnout", 0, keys).round(6).tolist() == [-1.098015]


def test_each_of_n_is_picked_as_often() -> None:
    counts = np.bincount(picks(0, "place", 0, KEYS, 10), minlength=10)
    # Binomial of 20,000 and 0.1: standard deviation 42.4; five of them.
    assert np.abs(counts - 2000).max() < 5 * 42.5


def test_95_of_100_lie_within_a_size() -> None:
    normal = normals(0, "speed", 0, KEYS)
    drawn = factors(0.25, normal)
    share = ((drawn >= 1 / 1.25) & (drawn <= 1.25)).mean()
    assert share == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 20_000))
    x, y = (shifts(50.0, normals(0, axis, 0, KEYS)) for axis in "xy")
    assert (np.hypot(x, y) <= 50.0).mean() == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 20_000))


def test_people_are_right_on_the_mean_and_speeds_in_the_middle() -> None:
    normal = normals(0, "people", 0, KEYS)
    assert factors_of_mean(0.5, normal).mean() == pytest.approx(1.0, abs=4 * 0.21 / np.sqrt(20_000))
    assert np.median(factors(0.5, normal)) == pytest.approx(1.0, abs=0.01)


def test_nothing_is_drawn_for_a_size_of_0() -> None:
    normal = normals(0, "people", 0, KEYS)
    assert (factors(0.0, normal) == 1.0).all()
    assert (factors_of_mean(0.0, normal) == 1.0).all()


def test_an_interval_is_a_size() -> None:
    # 40 to 57.6 is 48 / 1.2 to 48 x 1.2
    assert size_of_interval(40.0, 57.6) == pytest.approx(0.2)
    assert size_of_interval(5.0, 5.0) == 0.0
    for low, high in ((0.0, 1.0), (2.0, 1.0), (float("nan"), 1.0), (1.0, float("inf"))):
        with pytest.raises(InputError):
            size_of_interval(low, high)


@pytest.mark.parametrize("sizes", [{"speed": -0.1}, {"position_m": np.nan}, {"classes": {"primary": np.inf}}])
def test_sizes_are_numbers_from_0(sizes: dict[str, float]) -> None:
    with pytest.raises(InputError, match="sizes"):
        Sizes(**sizes)  # type: ignore[arg-type]
