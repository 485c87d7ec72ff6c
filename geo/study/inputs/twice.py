"""People who may be counted twice: rows of two sections, sections over one ground, places that are one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geo.messages import Message
from geo.study.inputs.log import StudyLayer
from geo.study.settings import DemandSpec

__all__ = ["tell_shared_places", "tell_twice"]

_ALIKE: Final = 0.8
"""Totals of which the smaller is this share of the larger may be of the same people,"""
_ON_GROUND: Final = 0.8
"""where this share of each lives within the ground of the other."""
_EDGE_M: Final = 500.0
_FEWEST: Final = 3
"""So many rows of different names at exactly one place were perhaps never placed themselves."""
_MOST_NAMES: Final = 5


def tell_twice(
    specs: Sequence[DemandSpec], tables: Mapping[int, gpd.GeoDataFrame], layers: Mapping[str, StudyLayer]
) -> Iterator[tuple[str, Message]]:
    """Note pairs of sections that hold the same rows, or about as many people on the same ground.

    Parameters
    ----------
    specs : sequence of DemandSpec
        The sections, in the order of the study file.
    tables : mapping of int to GeoDataFrame
        ``Demand`` of each, by its number from 1, in one metric CRS.
    layers : mapping of str to StudyLayer
        Layers by section, where rows were read.
    """
    for first, second in combinations(sorted(tables), 2):
        one, other = specs[first - 1], specs[second - 1]
        values = {"first": f"[demand {first}]", "file": Path(other.path).name}
        if (one.path, one.layer, one.sheet) == (other.path, other.layer, other.sheet):
            read = [layers.get(f"demand {number}") for number in (first, second)]
            if None in read:
                continue
            rows = read[0].table.index.intersection(read[1].table.index)  # type: ignore[union-attr]
            if len(rows):
                yield f"demand {second}", Message("study.people_rows_twice", {**values, "n": len(rows)})
        elif _is_same_ground(tables[first], tables[second]):
            people = [float(tables[number]["people"].sum()) for number in (first, second)]
            yield (
                f"demand {second}",
                Message("study.people_ground_twice", {**values, "people": people[1], "before": people[0]}),
            )


def _is_same_ground(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> bool:
    totals = sorted(float(table["people"].sum()) for table in (one, other))
    if totals[0] <= 0 or totals[0] < _ALIKE * totals[1]:
        return False
    for table, ground in ((one, _ground(other)), (other, _ground(one))):
        xy = shapely.get_coordinates(table.geometry.to_numpy())
        is_in = shapely.contains_xy(ground, xy)
        if float(table["people"].to_numpy(dtype=float)[is_in].sum()) < _ON_GROUND * table["people"].sum():
            return False
    return True


def _ground(table: gpd.GeoDataFrame) -> shapely.Geometry:
    ground = shapely.multipoints(table.geometry.to_numpy()).convex_hull.buffer(_EDGE_M)
    shapely.prepare(ground)
    return ground


def tell_shared_places(layer: StudyLayer) -> Iterator[Message]:
    """Note rows of different names that stand at exactly one place, as geocoding by the town leaves them."""
    table = layer.table
    if not isinstance(table, gpd.GeoDataFrame) or "name" not in table or not len(table):
        return
    rows = table[(shapely.get_type_id(table.geometry.to_numpy()) == 0) & table["name"].notna().to_numpy()]
    if not len(rows):
        return
    xy = np.round(shapely.get_coordinates(rows.geometry.to_numpy()), 7)
    place = np.unique(xy, axis=0, return_inverse=True)[1].ravel()
    is_shared = (rows["name"].astype(str).groupby(place).transform("nunique") >= _FEWEST).to_numpy()
    if not is_shared.any():
        return
    shown = list(dict.fromkeys(rows.loc[is_shared, "name"].astype(str)))
    values = {
        "n": int(is_shared.sum()),
        "n_places": len(np.unique(place[is_shared])),
        "rows": ", ".join(map(str, rows.index[is_shared][:_MOST_NAMES])),
        "names": (*shown[:_MOST_NAMES], *(["..."] if len(shown) > _MOST_NAMES else [])),
        "people": float(rows.loc[is_shared, "people"].sum()) if "people" in rows else float("nan"),
    }
    yield Message("study.places_shared" + ("_people" if "people" in rows else ""), values)
