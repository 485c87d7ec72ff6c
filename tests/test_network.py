"""The network: order, components, arcs and tables."""

from __future__ import annotations

import numpy as np
import pytest

from geo.errors import NetworkError
from tests.towns import town

SQUARE = {1: (0, 0), 2: (1000, 0), 3: (1000, 1000), 4: (0, 1000), 5: (5000, 0), 6: (5000, 100)}


def test_parallel_links_collapse_to_the_fastest_and_loops_vanish_from_the_arcs() -> None:
    network = town(SQUARE, [(1, 2, 60), (1, 2, 50), (2, 3, 60, np.inf), (3, 3, 30), (5, 6, 10)])
    arcs = {
        (int(network.node_id[i]), int(network.node_id[network.arcs.head[a]])): int(network.arcs.ms[a])
        for i in range(network.n_nodes)
        for a in range(network.arcs.start[i], network.arcs.start[i + 1])
    }
    assert arcs == {(1, 2): 50_000, (2, 1): 50_000, (2, 3): 60_000, (5, 6): 10_000, (6, 5): 10_000}
    assert len(network.edges) == 5, "the table keeps every link"
    assert network.edges["oneway"].tolist() == [False, False, True, False, False]


def test_the_largest_component_by_road_length_is_zero() -> None:
    network = town(SQUARE, [(5, 6, 10), (1, 2, 60)])
    component = dict(zip(network.node_id.tolist(), network.node_component.tolist(), strict=True))
    assert (component[1], component[2], component[5], component[6]) == (0, 0, 1, 1)
    assert {component[3], component[4]} == {2, 3}, "nodes without roads come last"


@pytest.mark.parametrize("seconds", [0.0, -3.0])
def test_a_road_without_a_time_is_an_error(seconds: float) -> None:
    with pytest.raises(NetworkError, match="no usable time"):
        town(SQUARE, [(1, 2, 60), (2, 3, seconds)])


def test_no_roads_is_an_error() -> None:
    with pytest.raises(NetworkError, match="no road"):
        town(SQUARE, [])
