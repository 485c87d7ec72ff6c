"""Places whose people are not reached in time."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.coverage import Coverage
from geo.errors import StudyError

__all__ = ["gaps", "gather", "group_points"]

_HALF = [(0, 1), (0, 2), *((dx, dy) for dx in (1, 2) for dy in range(-2, 3))]
"""Neighbouring cells that may hold a point within reach, each pair once."""

_COLUMNS: Final = (
    *("name", "zone", "people", "n_points", "nearest_id", "nearest_s"),
    *("villages", "mean_s", "worst_s", "worst_id", "reason", "geometry"),
)
_TYPES: Final = {"villages": object, "worst_id": object, "mean_s": float, "worst_s": float}
LONGEST: Final = 4.0
"""A place is at most this many reaches across (the diagonal of its extent)."""


def gaps(coverage: Coverage, *, reach_m: float = 1500.0) -> gpd.GeoDataFrame:
    """Gather the people who are not reached in time into places, most people first.

    Uncovered demand points of the same zone and the same reason belong to one place when a chain of
    steps of at most ``reach_m`` joins them; a chain that would run through whole valleys or districts (more
    than ``LONGEST`` reaches across) is cut into places of one reach around where most people are. Points
    where nobody lives are left out.

    Parameters
    ----------
    coverage : Coverage
        Who is covered.
    reach_m : float
        Longest step between members of a place, metres (inclusive).

    Returns
    -------
    GeoDataFrame
        RangeIndex by rank; ``name`` (zone, and the heaviest member that has a name, or the id of the
        heaviest unless it is only a number), ``zone``, ``people``, ``n_points``,
        ``nearest_id`` and ``nearest_s`` (first station of the heaviest member and its response, s; None and
        ``inf`` where unreachable), ``villages`` (names of its members with their people, most people first;
        '' without names), ``mean_s`` and ``worst_s`` (response of all its people, s; ``inf`` where
        unreachable), ``worst_id`` (whose is the worst, None where unreachable), ``reason`` ('' where a
        station comes too late, otherwise why none comes), ``geometry`` (the heaviest member).

    Raises
    ------
    StudyError
        The reach is not above zero.
    """
    table = coverage.table
    late = table[~table["is_covered"] & (table["people"] > 0)]
    places = gather(late, reach_m=reach_m).rename(columns={"first_id": "nearest_id", "first_s": "nearest_s"})
    places = places.assign(**_composition(late, places["members"]))
    return gpd.GeoDataFrame(places[list(_COLUMNS)], geometry="geometry", crs=table.crs)


def _composition(late: gpd.GeoDataFrame, members: pd.Series) -> dict[str, pd.Series]:
    """Say of whom each place consists: its villages, and how long its people wait."""
    names = _given_names(late).to_numpy(dtype=object)
    people, seconds = late["people"].to_numpy(dtype=float), late["first_s"].to_numpy(dtype=float)
    columns: dict[str, list[Any]] = {name: [] for name in ("villages", "mean_s", "worst_s", "worst_id")}
    for ids in members:
        rows = late.index.get_indexer(pd.Index(ids))
        worst = rows[np.argmax(seconds[rows])]
        columns["villages"].append(_villages(names[rows], people[rows]))
        columns["mean_s"].append(float(np.average(seconds[rows], weights=people[rows])))
        columns["worst_s"].append(float(seconds[worst]))
        columns["worst_id"].append(late.index[worst] if np.isfinite(seconds[worst]) else None)
    return {name: pd.Series(values, dtype=_TYPES.get(name)) for name, values in columns.items()}


def _villages(names: NDArray[np.object_], people: NDArray[np.float64]) -> str:
    """Name the villages of a place with their people, most people first."""
    named: dict[str, float] = {}
    for name, n in zip(names, people, strict=True):
        if name is not None:
            named[str(name)] = named.get(str(name), 0.0) + float(n)
    ordered = sorted(named.items(), key=lambda item: (-item[1], item[0]))
    return "; ".join(f"{name} {n:.0f}" for name, n in ordered)


def gather(points: gpd.GeoDataFrame, *, reach_m: float) -> gpd.GeoDataFrame:
    """Gather points of the same zone and reason into places, most people first, as :func:`gaps` does.

    Parameters
    ----------
    points : GeoDataFrame
        Points with ``people`` above 0, ``zone``, ``reason`` and, where they have one, ``name``.
    reach_m : float
        Longest step between members of a place, metres (inclusive).

    Returns
    -------
    GeoDataFrame
        RangeIndex by rank: the columns of the heaviest member of each place, with ``name``, ``people``,
        ``n_points`` and ``members`` (ids) of the place.

    Raises
    ------
    StudyError
        The reach is not above zero.
    """
    if not reach_m > 0:
        raise StudyError(f"reach_m must be above zero, not {reach_m}")
    late = points.assign(
        zone=points["zone"].astype(object).where(points["zone"].notna(), None), id=points.index.astype(str)
    )
    # The heaviest member comes first; places and ids decide between equals, never the order of rows.
    x, y = late.geometry.x.to_numpy(), late.geometry.y.to_numpy()
    late = late.iloc[np.lexsort((late["id"], y, x, -late["people"]))]
    late = late.assign(place=_places(late, reach_m), named=_given_names(late))
    groups = late.groupby("place", sort=False)
    ranked = (
        late.drop_duplicates("place")
        .set_index("place")
        .assign(
            people=groups["people"].sum(),
            n_points=groups.size(),
            members=pd.Series({place: tuple(ids) for place, ids in groups.groups.items()}, dtype=object),
            name=lambda places: _names(places, groups["named"].first()),
        )
    )
    ranked = ranked.sort_values(["people", "name"], ascending=[False, True], kind="stable")
    ranked = ranked.drop(columns=["id", "named"]).reset_index(drop=True)
    return gpd.GeoDataFrame(ranked, geometry="geometry", crs=points.crs)


def group_points(xy: NDArray[np.float64], *, reach_m: float) -> NDArray[np.int32]:
    """Label points so that two have one label exactly when steps of at most ``reach_m`` join them.

    The points are sorted into cells small enough that all points of one cell are within reach of each
    other; only the nearest points of neighbouring cells are then compared. Dense towns need no
    list of all pairs, and the answer is the same.

    Examples
    --------
    >>> group_points(np.array([[0.0, 0.0], [100.0, 0.0], [200.0, 0.0], [500.0, 0.0]]), reach_m=100.0)
    array([0, 0, 0, 1], dtype=int32)
    """
    from scipy.spatial import KDTree

    # A hair under reach / sqrt(2), so that rounding cannot make a cell's diagonal longer than the reach.
    cell = np.floor(xy / (reach_m / np.sqrt(2) * (1 - 1e-9))).astype(np.int64)
    cells, of_point = np.unique(cell, axis=0, return_inverse=True)
    of_point = of_point.reshape(-1)
    members = np.split(np.argsort(of_point, kind="stable"), np.cumsum(np.bincount(of_point))[:-1])
    place = {(int(a), int(b)): i for i, (a, b) in enumerate(cells)}
    trees = [KDTree(xy[rows]) for rows in members]
    links, leader = [], list(range(len(cells)))
    for (a, b), i in place.items():
        for da, db in _HALF:
            j = place.get((a + da, b + db))
            # Most neighbours in a town are joined already, over others.
            if j is None or (one := _leader(leader, i)) == (other := _leader(leader, j)):
                continue
            if trees[i].query(xy[members[j]])[0].min() <= reach_m:
                links.append((i, j))
                leader[max(one, other)] = min(one, other)
    ends = np.array(links, dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends), dtype=np.int8), (ends[:, 0], ends[:, 1])), shape=(len(cells),) * 2)
    label: NDArray[np.int32] = connected_components(graph, directed=False)[1][of_point]
    return label


def _leader(leader: list[int], i: int) -> int:
    """Give the first of those joined with ``i``, and shorten the way to it."""
    while leader[i] != i:
        leader[i] = leader[leader[i]]
        i = leader[i]
    return i


def _places(late: gpd.GeoDataFrame, reach_m: float) -> NDArray[np.int64]:
    """Number the places: one zone, one reason, within reach of each other."""
    xy = shapely.get_coordinates(late.geometry.array)
    place = np.zeros(len(late), dtype=np.int64)
    count = 0
    people = late["people"].to_numpy(float)
    for rows in late.groupby([late["zone"].fillna(""), "reason"], sort=False).indices.values():
        label = group_points(xy[rows], reach_m=reach_m)
        for chain in np.unique(label):
            members = rows[label == chain]
            part = _cut_chain(xy[members], people[members], reach_m)
            place[members] = part + count
            count += int(part.max()) + 1
    return place


def _cut_chain(xy: NDArray[np.float64], people: NDArray[np.float64], reach_m: float) -> NDArray[np.int64]:
    """Cut a long chain into places: what is within reach of the middle of the fullest squares, in turn."""
    from scipy.spatial import KDTree

    place = np.zeros(len(xy), dtype=np.int64)
    if np.hypot(*np.ptp(xy, axis=0)) <= LONGEST * reach_m:
        return place
    place -= 1
    square = np.unique(np.floor(xy / reach_m).astype(np.int64), axis=0, return_inverse=True)[1].reshape(-1)
    tree, count = KDTree(xy), 0
    for fullest in np.argsort(-np.bincount(square, weights=people), kind="stable"):
        left = np.flatnonzero((square == fullest) & (place < 0))
        while len(left):
            middle = np.average(xy[left], axis=0, weights=people[left])
            centre = left[np.argmin(np.hypot(*(xy[left] - middle).T))]
            near = np.array(tree.query_ball_point(xy[centre], reach_m))
            place[near[place[near] < 0]] = count
            count += 1
            left = left[place[left] < 0]
    return place


def _given_names(late: pd.DataFrame) -> pd.Series:
    """Give the members' own names, missing where a member has none."""
    name = late["name"] if "name" in late else pd.Series(None, index=late.index)
    return name.astype(object).where(name.notna() & (name != ""), None)


def _names(places: pd.DataFrame, given: pd.Series) -> list[str]:
    """Name each place after its zone and its heaviest named member, else after its heaviest member's id.

    An id that is only a number tells a reader nothing, so it stands alone or not at all.
    """
    ids = places["id"].where(~places["id"].str.fullmatch(r"[\d-]+"), None)
    labels = given.fillna(ids).astype(object).where(given.notna() | ids.notna(), None)
    rows = zip(places["zone"], labels, places["id"], strict=True)
    return [" ".join(part for part in (zone, label) if part) or number for zone, label, number in rows]
