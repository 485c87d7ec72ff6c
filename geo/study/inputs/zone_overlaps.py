"""Zones of one level that lie over each other: what stands there counts in the first of them alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geo.messages import Message

__all__ = ["tell_overlaps"]

_LEAST_SHARE: Final = 0.01
"""Of the smaller one; borders that were drawn twice lie over each other by less (assumed)."""
_LEAST_M2: Final = 10_000.0
_MOST_PAIRS: Final = 5


def tell_overlaps(zones: gpd.GeoDataFrame) -> Iterator[Message]:
    """Note the pairs of zones of one level that share ground, the most first.

    Parameters
    ----------
    zones : GeoDataFrame
        ``Zones``, valid polygons in one metric CRS.
    """
    for level, table in zones.groupby("level", sort=False):
        shapes, names = table.geometry.to_numpy(), table["name"].to_numpy()
        first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        first, second = first[first < second], second[first < second]
        shared = shapely.area(shapely.intersection(shapes[first], shapes[second]))
        area = shapely.area(shapes)
        is_much = shared > np.maximum(_LEAST_SHARE * np.minimum(area[first], area[second]), _LEAST_M2)
        if not is_much.any():
            continue
        order = np.flatnonzero(is_much)[np.argsort(-shared[is_much], kind="stable")]
        pairs = tuple(
            Message(
                "study.overlap",
                {"first": names[first[k]], "second": names[second[k]], "km2": float(shared[k]) / 1e6},
            )
            for k in order[:_MOST_PAIRS]
        )
        values = {"n": len(order), "level": Message(f"study.unnamed_{level}"), "pairs": pairs}
        yield Message("study.zones_overlap", values)
