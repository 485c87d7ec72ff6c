"""Places inside places of an OpenStreetMap file: whose population holds whose, and where nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.demand import town_key
from geo.words import read_data, word_lists

__all__ = ["Nesting", "count_once", "nest_places", "own_grounds", "reach_of"]

NOBODY: Final = -1
"""Stands for the holder of a place that is in no other."""
MOSTLY: Final = 0.8
"""Parts that say where this share of the people of the whole live say it better than its ground does."""


@dataclass(frozen=True, eq=False)
class Nesting:
    """Which place holds which.

    Parameters
    ----------
    holder : Series of int
        By place the index of the place whose population holds its own; ``NOBODY`` for none.
    doubtful : DataFrame
        Places that may be in another, which cannot be told: ``name``, ``population``, ``holder`` (name).
    """

    holder: pd.Series
    doubtful: pd.DataFrame


def reach_of(place: str) -> float:
    """Give how far from a place of a kind its people may live, metres."""
    reach: Mapping[str, float] = read_data("standards/places")["reach_m"]
    return float(reach.get(place, reach["other"]))


def own_grounds(places: gpd.GeoDataFrame, borders: gpd.GeoDataFrame) -> pd.Series:
    """Give the ground that a place has of its own: the finest border of its name around it, else its area.

    A city, its canton and its country may all be called Luxembourg: the city is the smallest of them.

    Parameters
    ----------
    places : GeoDataFrame
        ``name``, points or areas, metric.
    borders : GeoDataFrame
        ``name``, ``admin_level``; polygons in the same CRS.

    Returns
    -------
    Series of shapely.Geometry
        By place; None where it is a point without a border.
    """
    shapes = places.geometry.to_numpy()
    own: NDArray[np.object_] = np.where(shapely.area(shapes) > 0, shapes, None)  # type: ignore[assignment]
    at = places.representative_point().to_numpy()
    lines = borders.assign(area=borders.area).sort_values(
        ["admin_level", "area"], ascending=[True, False], na_position="first", kind="stable"
    )
    grounds = lines.geometry.to_numpy()
    place, ground = shapely.STRtree(grounds).query(at, predicate="intersects")
    keys, names = [town_key(name) for name in places["name"]], [town_key(name) for name in lines["name"]]
    for i, k in sorted(zip(place.tolist(), ground.tolist(), strict=True)):  # the finest comes last
        if keys[i] and keys[i] == names[k]:
            own[i] = grounds[k]
    return pd.Series(own, index=places.index, dtype=object)


def nest_places(places: gpd.GeoDataFrame, own: pd.Series) -> Nesting:
    """Find the place that holds each place, if any.

    A place is in another, no smaller one,

    1. in whose border or area it stands (the smallest such ground);
    2. else, if it is a part of a settlement by its kind (suburb, quarter ...), in the nearest larger
       settlement, no farther than the people of that live, and not outside a border that it has;
    3. else, by the same measure, in the nearest municipality, which by its kind is several settlements.

    A village near a larger town without a border may be of the town or beside it: that is doubtful.

    Parameters
    ----------
    places : GeoDataFrame
        ``name``, ``place`` (OSM's kind), ``population``, metric.
    own : Series of shapely.Geometry
        As :func:`own_grounds` gives it.
    """
    kinds = word_lists("place")["osm_place"]
    by_ground = _holders_by_ground(places, own)
    holder = pd.Series(by_ground, index=places.index)
    is_open = holder.to_numpy() == NOBODY
    is_part = places["place"].isin(kinds["parts"]).to_numpy()
    is_settled = places["place"].isin(kinds["settlements"]).to_numpy()
    is_town = places["place"].isin(kinds["wholes"]).to_numpy()
    is_municipality = (places["place"] == "municipality").to_numpy()
    bare = own.isna().to_numpy()
    for of, into in ((is_part, is_settled), (is_settled & ~is_municipality, is_municipality)):
        found = _nearest_larger(places, of & is_open, into & bare, 1.0)
        holder = holder.mask(found >= 0, pd.Series(found, index=places.index))
        is_open = holder.to_numpy() == NOBODY
    rank = places["place"].map({kind: i for i, kind in enumerate(kinds["ranks"])}).fillna(-1).to_numpy()
    doubt = _nearest_larger(places, is_open & (is_settled & ~is_municipality), is_town & bare, 1.0, rank)
    far = _nearest_larger(places, is_open & is_part, is_town & bare, 2.0)
    doubt = np.where(far >= 0, far, doubt)
    doubt = np.where(by_ground == NOBODY, doubt, NOBODY)
    at = np.flatnonzero(doubt >= 0)
    doubtful = places.iloc[at][["name", "population"]].assign(holder=places["name"].to_numpy()[doubt[at]])
    index = places.index.to_numpy()
    labels = [index[i] if i >= 0 else NOBODY for i in holder.to_numpy(dtype=np.int64)]
    return Nesting(pd.Series(labels, index=places.index, dtype=np.int64), pd.DataFrame(doubtful))


def count_once(places: gpd.GeoDataFrame, own: pd.Series, nesting: Nesting) -> pd.DataFrame:
    """Count everybody of places in places once: on the ground of the whole, or where its parts say it better.

    A place with ground of its own counts whole on it, and its parts not; unless these say where at least
    ``MOSTLY`` of its people live. Then, and where the ground of the whole is not known, the parts count, and
    the whole counts for the rest.

    Parameters
    ----------
    places : GeoDataFrame
        ``population``.
    own : Series of shapely.Geometry
        As :func:`own_grounds` gives it.
    nesting : Nesting
        Of these places.

    Returns
    -------
    DataFrame
        By place ``people`` that count, ``in_parts`` (how many of its own its parts count), ``is_absorbed``
        (it does not count, since the place that holds it does).

    Notes
    -----
    rest = max(0, population - sum over the places in it of max(population, what is in them)): the places
    in one together say more than itself where its own number is older.
    """
    own_people, held = places["population"].astype(float), nesting.holder
    inside = pd.Series(0.0, index=places.index)
    order = _outermost_first(held)
    for place in reversed(order):
        if held[place] != NOBODY:
            inside[held[place]] += max(own_people[place], inside[place])
    is_whole = own.notna() & (inside < MOSTLY * own_people)
    is_absorbed = pd.Series(False, index=places.index)
    for place in order:
        if held[place] != NOBODY:
            is_absorbed[place] = is_absorbed[held[place]] or is_whole[held[place]]
    taken = np.minimum(own_people, inside).where(~is_whole & ~is_absorbed, 0.0)
    people = (own_people - taken).where(~is_absorbed, 0.0)
    return pd.DataFrame({"people": people, "in_parts": taken, "is_absorbed": is_absorbed})


def _outermost_first(held: pd.Series) -> list[int]:
    """Order places so that each comes after the one that holds it."""
    depth = pd.Series(0, index=held.index)
    above = held[held != NOBODY]
    while len(above):
        depth[above.index] += 1
        above = pd.Series(held[above.to_numpy()].to_numpy(), index=above.index)
        above = above[above != NOBODY]
    return [int(place) for place in depth.sort_values(kind="stable").index]


def _holders_by_ground(places: gpd.GeoDataFrame, own: pd.Series) -> NDArray[np.int64]:
    """Give the position of the place with the smallest ground around each; they only grow on the way up."""
    holder = np.full(len(places), NOBODY)
    has = np.flatnonzero(own.notna().to_numpy())
    if not len(has):
        return holder
    grounds = own.to_numpy()[has]
    at = places.representative_point().to_numpy()
    area = np.zeros(len(places))
    area[has] = shapely.area(grounds)
    people = places["population"].to_numpy(dtype=float)
    place, ground = shapely.STRtree(grounds).query(at, predicate="within")
    above = has[ground]
    fits = (area[above] > area[place]) & (people[above] >= people[place])
    for i, k in sorted(zip(place[fits], above[fits], strict=True), key=lambda pair: -area[pair[1]]):
        holder[i] = k
    return holder


def _nearest_larger(
    places: gpd.GeoDataFrame,
    of: NDArray[np.bool_],
    into: NDArray[np.bool_],
    factor: float,
    rank: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Give the position of the nearest larger place within its reach, for some places; -1 for none."""
    nearest = np.full(len(places), NOBODY)
    small, large = np.flatnonzero(of), np.flatnonzero(into)
    if not (len(small) and len(large)):
        return nearest
    at = places.representative_point().to_numpy()
    people = places["population"].to_numpy(dtype=float)
    reach_m = np.array([reach_of(kind) for kind in places["place"].to_numpy()[large]]) * factor
    k, i = shapely.STRtree(at[small]).query(at[large], predicate="dwithin", distance=reach_m)
    one, other = small[i], large[k]
    fits = people[other] > people[one]
    if rank is not None:
        fits &= rank[other] > rank[one]
    one, other = one[fits], other[fits]
    m = shapely.distance(at[one], at[other])
    for a, b in zip(one[np.argsort(-m)], other[np.argsort(-m)], strict=True):
        nearest[a] = b
    return nearest
