"""Hand-made districts for draws: a chain of roads with stations and places, and a grid of three classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.coverage import Coverage, cover
from geo.network import EdgeTable, RoadNetwork, build_network
from geo.standards import ResponseStandard
from tests.towns import METRIC, ORIGIN, places, town

CLOCK = ResponseStandard("5min", "dispatch", call_s=0.0, turnout_s=60.0, travel_s=240.0)
CLASSES = ("primary", "residential", "service")


def chain(n: int = 11) -> RoadNetwork:
    """Make crossings from west to east, 1,000 m and 100 s apart."""
    return town({i: (1000.0 * i, 0.0) for i in range(n)}, [(i, i + 1, 100.0) for i in range(n - 1)])


def on_chain(
    stations: Mapping[str, float],
    at_m: Sequence[float],
    *,
    people: float = 100.0,
    standard: ResponseStandard = CLOCK,
    network: RoadNetwork | None = None,
) -> Coverage:
    """Cover places of the chain, by their metres from its west end, from stations by theirs."""
    homes = places({f"p{i}": (x, 0.0) for i, x in enumerate(at_m)}, people=[people] * len(at_m))
    engines = places({name: (x, 0.0) for name, x in stations.items()})
    return cover(network or chain(), engines, homes, standard=standard)


def grid(n: int = 6, *, step_m: float = 400.0) -> RoadNetwork:
    """Make n x n crossings; roads to the east by turns of three classes, each with a twin beside."""
    at = np.arange(n * n).reshape(n, n)
    u = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel(), at[:, :-1].ravel()])
    v = np.concatenate([at[:, 1:].ravel(), at[1:].ravel(), at[:, 1:].ravel()])
    row = np.concatenate([np.repeat(np.arange(n), n - 1)] * 1)
    code = np.concatenate([row % 3, np.ones(n * (n - 1), dtype=np.int64), (row + 1) % 3])
    x, y = np.meshgrid(np.arange(n) * step_m, np.arange(n) * step_m)
    xy = np.column_stack([x.ravel(), y.ravel()]) + ORIGIN
    length = np.hypot(*(xy[v] - xy[u]).T)
    # The twin is a little slower: which of the two is the faster changes from draw to draw.
    kph = np.where(np.arange(len(u)) >= 2 * n * (n - 1), 38.0, 40.0)
    ms = np.rint(1000.0 * length / kph * 3.6).astype(np.int64)
    edges = EdgeTable(
        u=u, v=v, length=length, ms=ms, back_ms=np.where(np.arange(len(u)) % 7 == 0, 2**30 - 1, ms),
        xy=xy[np.column_stack([u, v]).ravel()], xy_start=np.arange(len(u) + 1) * 2,
        class_code=code, classes=CLASSES,
    )  # fmt: skip
    return build_network(np.arange(n * n), xy, edges, crs=METRIC, profile="by hand")


def on_grid(network: RoadNetwork, *, seed: int = 0, n: int = 40, stations: int = 3) -> Coverage:
    """Cover places by chance from stations by chance; the first two stations are the same for any number."""
    chance = np.random.default_rng(seed)
    far = float((network.node_xy - ORIGIN).max())
    spots = chance.uniform(0.0, far, (n, 2))
    homes = places(
        {f"p{i}": (x, y) for i, (x, y) in enumerate(spots)},
        people=chance.integers(1, 900, n).astype(float),
    )
    homes["zone"] = np.where(spots[:, 0] < far / 2, "West", "East")
    engines = np.random.default_rng(99).uniform(0.0, far, (10, 2))[:stations]
    names = {f"s{i}": (x, y) for i, (x, y) in enumerate(engines)}
    return cover(network, places(names), homes, standard=CLOCK)


def with_stations(coverage: Coverage, n: int) -> Coverage:
    """Cover the same people of the grid from ``n`` stations."""
    return cover(
        coverage.network,
        on_grid(coverage.network, stations=n).stations[["geometry"]],
        gpd.GeoDataFrame(coverage.table[["people", "zone", "geometry"]]),
        standard=coverage.standard,
    )


def computed(coverage: Coverage) -> pd.Series:
    """Give the figures of a coverage without chance."""
    from geo.coverage import summary

    over = float(coverage.stations["is_over_limit"].sum())
    return pd.Series({**summary(coverage), "n_over_limit": over})
