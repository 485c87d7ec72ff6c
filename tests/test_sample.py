"""The synthetic places: street grids of any size, and the island district."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.chance import draw
from geo.errors import InputError
from geo.sample import grid_network
from geo.times import UNREACHED_MS


@settings(max_examples=25, deadline=None)
@given(n_nodes=st.integers(4, 900), seed=st.integers(0, 2**31))
def test_a_city_of_any_size_is_in_one_piece(n_nodes: int, seed: int) -> None:
    city = grid_network(n_nodes, seed=seed)
    assert (city.n_nodes, city.n_components) == (n_nodes, 1)
    assert (np.minimum(city.edge_ms, city.edge_back_ms) < UNREACHED_MS).all()


def test_a_city_has_the_sizes_and_speeds_of_streets() -> None:
    city = grid_network(20_000, seed=3)
    assert 1.45 < city.n_edges / city.n_nodes < 1.6
    assert 2.8 < len(city.arcs.head) / city.n_nodes < 3.1
    assert city.edge_length.min() > 40
    assert city.edge_length.max() < 180
    kph = city.edges.groupby("highway")["speed_kph"].median().round()
    assert kph.to_dict() == {"primary": 60, "residential": 30, "secondary": 45}
    closed = (city.edge_ms == UNREACHED_MS) | (city.edge_back_ms == UNREACHED_MS)
    assert 0.05 < closed.mean() < 0.12


def test_the_same_seed_gives_the_same_city() -> None:
    first, same, other = (grid_network(500, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.xy, same.xy)
    np.testing.assert_array_equal(first.edge_ms, same.edge_ms)
    assert not np.array_equal(first.node_xy, other.node_xy)


def test_a_city_without_a_block_is_an_error() -> None:
    with pytest.raises(InputError, match="at least 4"):
        grid_network(3, seed=1)


def test_chance_is_the_published_generator() -> None:
    """SplitMix64 from state 0 gives 0xE220A8397B1DCDAF first (Vigna's reference, splitmix64.c)."""
    assert draw(1, seed=0, stream=0)[0] == (0xE220A8397B1DCDAF >> 11) * 2.0**-53


def test_chance_is_even() -> None:
    share, _ = np.histogram(draw(100_000, seed=7, stream=2), bins=10, range=(0, 1))
    assert abs(share - 10_000).max() < 500, "five standard deviations of 95"
