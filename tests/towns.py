"""Hand-made towns: small networks whose times a reader can add up on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.network import EdgeTable, RoadNetwork, build_network
from geo.times import UNREACHED_MS

METRIC = CRS.from_epsg(32651)
ORIGIN = np.array([350_000.0, 3_500_000.0])
"""Added to every town coordinate, so that towns lie near Chongming and not at the edge of the CRS."""


def town(
    nodes: Mapping[int, tuple[float, float]],
    links: Sequence[tuple[int, int, float] | tuple[int, int, float, float]],
    *,
    shapes: Mapping[int, Sequence[tuple[float, float]]] | None = None,
) -> RoadNetwork:
    """Make a network from node coordinates (m) and links (u, v, seconds[, seconds back]).

    A link of three numbers takes the same time both ways; ``inf`` closes a direction.
    ``shapes`` gives inner vertices of the link at a position.
    """
    ids = sorted(nodes)
    place = {node: i for i, node in enumerate(ids)}
    lines = []
    for i, link in enumerate(links):
        inner = list((shapes or {}).get(i, []))
        lines.append(np.array([nodes[link[0]], *inner, nodes[link[1]]], dtype=float) + ORIGIN)
    return build_network(
        np.array(ids),
        np.array([nodes[i] for i in ids], dtype=float) + ORIGIN,
        EdgeTable(
            u=np.array([place[link[0]] for link in links]),
            v=np.array([place[link[1]] for link in links]),
            length=np.array([np.hypot(*np.diff(line, axis=0).T).sum() for line in lines]),
            ms=np.array([_ms(link[2]) for link in links]),
            back_ms=np.array([_ms(link[-1]) for link in links]),
            xy=np.concatenate([np.empty((0, 2)), *lines]),
            xy_start=np.concatenate([[0], np.cumsum([len(line) for line in lines])]),
        ),
        crs=METRIC,
        profile="by hand",
    )


def five_crossings() -> RoadNetwork:
    """Make a town of five crossings: 0 - 1 - 2 from west to east, 1 - 3 - 4 to the north; 10 m/s."""
    return town(
        {0: (0, 0), 1: (1000, 0), 2: (2000, 0), 3: (1000, 1500), 4: (1000, 3000)},
        [(0, 1, 100.0), (1, 2, 100.0), (1, 3, 150.0), (3, 4, 150.0)],
    )


def places(coordinates: Mapping[str, tuple[float, float]], **columns: Sequence[object]) -> gpd.GeoDataFrame:
    """Make a point table in the town's CRS from names and coordinates (m)."""
    xy = np.array(list(coordinates.values()), dtype=float).reshape(-1, 2) + ORIGIN
    return gpd.GeoDataFrame(
        dict(columns), index=pd.Index(list(coordinates)), geometry=shapely.points(xy), crs=METRIC
    )


def _ms(seconds: float) -> int:
    return int(UNREACHED_MS) if np.isinf(seconds) else round(seconds * 1000)
