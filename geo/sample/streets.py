"""The roads of the synthetic district: a loose net of country roads, street grids in the towns.

Roads follow the lines of an uneven lattice in each island's chart. Every sixth line of the lattice is a
country road; the lines between exist inside towns only. Crossings are nudged and the lattice is bent, a
fifth of the country roads is missing, and what cannot be reached on its island is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo.sample._random import draw
from geo.sample.island import Island, Town

__all__ = ["CLASSES", "Links", "lay_streets", "points_on", "town_radius_m"]

CLASSES: Final = ("residential", "unclassified", "tertiary", "secondary", "primary", "trunk", "ferry")
_RESIDENTIAL, _UNCLASSIFIED, _TERTIARY, _SECONDARY, _PRIMARY, _TRUNK, _FERRY = range(7)
_SPLIT: Final = 6
"""Town streets between two country roads."""
_ROWS: Final = 128
"""Lines of the lattice that are bent at a time."""
_COUNTRY_M: Final = 1_350.0
"""Distance of country roads at scale 1."""


@dataclass(frozen=True, eq=False)
class Links:
    """Road links of the district, in metres around the sample's origin.

    Parameters
    ----------
    node_xy : float64 array, shape (N, 2)
        Crossings and road ends.
    table : pandas.DataFrame
        One row per link: ``u``, ``v`` (positions in ``node_xy``), ``rank`` (position in ``CLASSES``),
        ``line`` (a number per main road, -1 without a name), ``is_oneway``, ``is_bridge``, ``is_urban``,
        ``island`` (-1 between islands).
    middle : float64 array, shape (M, 2)
        A vertex on the way, nan where the link is straight.
    """

    node_xy: NDArray[np.float64]
    table: pd.DataFrame
    middle: NDArray[np.float64]


def town_radius_m(rank: int) -> float:
    """Give the reach of a town's streets from its centre, in metres, by its rank in people."""
    return 750.0 + 1_700.0 / (1.0 + 0.7 * rank)


def lay_streets(
    islands: Sequence[Island], towns: Sequence[Town], *, seed: int, density: float = 1.0, scale: float = 1.0
) -> tuple[Links, NDArray[np.float64]]:
    """Lay the roads of all islands, the bridge and the ferries.

    Parameters
    ----------
    islands : sequence of Island
        The main island, the one that the bridge leads to, and the one that only ferries reach.
    towns : sequence of Town
        Where the street grids are.
    seed : int
        Of every irregularity.
    density : float
        Roads lie closer together by this factor.
    scale : float
        Towns reach farther by this factor.

    Returns
    -------
    Links, float64 array of shape (number of towns, 2)
        The roads, and the main crossing of each town, in metres.
    """
    centre = np.zeros((len(towns), 2))
    xy, tables, middles, first = [], [], [], 0
    for place, island in enumerate(islands):
        net = _Net.lay(island, place, seed=seed * 17 + place, density=density)
        for town in (town for town in towns if town.island == place):
            centre[town.number] = net.grow(town, scale=scale)
        node_xy, table, middle = net.links(seed=seed * 17 + place)
        table["line"] = table["line"].where(table["line"] < 0, table["line"] + 1_000 * place)
        xy.append(node_xy)
        tables.append(table.assign(u=table["u"] + first, v=table["v"] + first, island=place))
        middles.append(middle)
        first += len(node_xy)
    node_xy = np.concatenate(xy)
    crossings = _crossings(xy)
    table = pd.concat([*tables, crossings], ignore_index=True)
    middle = np.concatenate([*middles, np.full((len(crossings), 2), np.nan)])
    return _double(_add_lanes(Links(node_xy, table, middle), islands, seed=seed)), centre


@dataclass(frozen=True, eq=False)
class _Net:
    """The lattice of one island while its roads are chosen; arrays are [line across, line along]."""

    land: shapely.Polygon
    xy: NDArray[np.float64]
    is_town: NDArray[np.bool_]
    t: NDArray[np.float64]
    s: NDArray[np.float64]
    across: NDArray[np.int8]
    along: NDArray[np.int8]
    length_m: float
    spacing_m: float

    @classmethod
    def lay(cls, island: Island, place: int, *, seed: int, density: float) -> _Net:
        spacing = _COUNTRY_M / density
        n_t = max(3, round(0.95 * island.length_m / spacing))
        n_s = max(3, round(0.80 * island.width_m / spacing))
        t = _uneven(n_t, 0.02, 0.98, seed=seed, stream=1)
        s = _uneven(n_s, -0.90, 0.90, seed=seed, stream=2)
        shape = (len(t), len(s))
        xy = (
            (draw(2 * len(t) * len(s), seed=seed, stream=3).reshape(*shape, 2) - 0.5)
            * 0.35
            * spacing
            / _SPLIT
        )
        for first in range(0, len(t), _ROWS):  # a few lines at a time, for the memory
            xy[first : first + _ROWS] += _bent(island, t[first : first + _ROWS], s, spacing=spacing)
        across = np.full(n_t, _UNCLASSIFIED, dtype=np.int8)
        across[::4] = _TERTIARY
        along = np.full(n_s, _UNCLASSIFIED, dtype=np.int8)
        along[[0, -1]] = _TERTIARY
        along[n_s // 4 if place == 0 else n_s // 2] = _TRUNK if place == 0 else _PRIMARY
        if place == 0:
            along[n_s * 3 // 4] = _PRIMARY
            across[round(n_t * 0.72)] = _PRIMARY
        land = shapely.Polygon(island.shore())
        shapely.prepare(land)
        return cls(
            land,
            xy,
            np.zeros(shape, dtype=bool),
            t,
            s,
            across,
            along,
            island.length_m,
            spacing,
        )

    def grow(self, town: Town, *, scale: float) -> NDArray[np.float64]:
        """Mark the town's streets and the main roads through its centre; give the centre."""
        i = int(np.abs(self.t[::_SPLIT] - town.t).argmin()) * _SPLIT
        j = int(np.abs(self.s[::_SPLIT] - town.s * 0.9).argmin()) * _SPLIT
        reach = town_radius_m(town.rank) * scale
        # No lobe goes beyond 1.34 times the reach, and no line is bent by more than its distance to the next.
        near = np.abs(self.t - self.t[i]) * self.length_m <= 1.35 * reach + 3.0 * self.spacing_m
        away = self.xy[near] - self.xy[i, j]
        angle = np.arctan2(away[..., 1], away[..., 0])
        lobed = reach * (1.0 + 0.22 * np.sin(3.0 * angle + town.number) + 0.12 * np.sin(5.0 * angle))
        self.is_town[near] |= np.hypot(away[..., 0], away[..., 1]) <= lobed
        self.across[i // _SPLIT] = max(self.across[i // _SPLIT], _SECONDARY)
        self.along[j // _SPLIT] = max(self.along[j // _SPLIT], _SECONDARY)
        centre: NDArray[np.float64] = self.xy[i, j]
        return centre

    def links(self, *, seed: int) -> tuple[NDArray[np.float64], pd.DataFrame, NDArray[np.float64]]:
        """Choose the roads and number what they join."""
        number = np.arange(self.is_town.size).reshape(self.is_town.shape)
        crossing = np.zeros(self.is_town.shape, dtype=bool)
        crossing[::_SPLIT, ::_SPLIT] = True
        is_node = crossing | self.is_town
        n_across = len(self.across)
        table = pd.concat(
            [
                _follow(number, is_node, self.is_town, self.across, first_line=0),
                _follow(number.T, is_node.T, self.is_town.T, self.along, first_line=n_across),
            ],
            ignore_index=True,
        )
        chance = draw(len(table), seed=seed, stream=4)
        is_small = table["rank"] <= _UNCLASSIFIED
        table = table[~(is_small & (chance < np.where(table["is_urban"], 0.14, 0.24)))]
        ends = self.xy.reshape(-1, 2)[table[["u", "middle", "v"]].to_numpy()]
        table = table[shapely.contains_properly(self.land, shapely.linestrings(ends))]
        table = _reached(table, number.size)
        used, ends = np.unique(table[["u", "v"]].to_numpy(), return_inverse=True)
        flat = self.xy.reshape(-1, 2)
        middle = np.where(table[["is_bent"]], flat[table["middle"]], np.nan)
        ends = ends.reshape(-1, 2)
        table = table.drop(columns=["middle", "is_bent"]).assign(u=ends[:, 0], v=ends[:, 1])
        return flat[used], table.reset_index(drop=True), middle


def _bent(
    island: Island, t: NDArray[np.float64], s: NDArray[np.float64], *, spacing: float
) -> NDArray[np.float64]:
    """Bend the lattice by slow waves that fade towards the shore; give its crossings in metres."""
    tt, ss = np.meshgrid(t, s, indexing="ij")
    fade = (1.0 - ss * ss) * np.sqrt(np.clip(np.sin(np.pi * tt), 0.0, 1.0))
    wide, high = spacing / island.length_m, 2.0 * spacing / island.width_m
    x, y = tt * island.length_m / 2_500.0, ss * island.width_m / 4_000.0
    bent_t = tt + fade * wide * (0.55 * np.sin(0.9 * y + x) + 0.35 * np.sin(3.1 * x))
    bent_s = ss + fade * high * (0.60 * np.sin(1.9 * x + 0.4 * y) + 0.35 * np.sin(1.1 * y + 4.2 * x))
    return island.xy(bent_t, bent_s)


def _follow(
    number: NDArray[np.int64],
    is_node: NDArray[np.bool_],
    is_town: NDArray[np.bool_],
    ranks: NDArray[np.int8],
    *,
    first_line: int,
) -> pd.DataFrame:
    """Link the nodes along each line: country roads always, town streets from one line to the next."""
    line, place = np.nonzero(is_node)
    start, stop = place[:-1], place[1:]
    is_country = line % _SPLIT == 0
    joined = (line[1:] == line[:-1]) & (is_country[1:] | (stop - start == 1))
    line, start, stop, is_country = line[:-1][joined], start[joined], stop[joined], is_country[:-1][joined]
    rank = np.where(is_country, ranks[line // _SPLIT], _RESIDENTIAL)
    is_oneway = ~is_country & (line % _SPLIT >= 2) & (line % _SPLIT <= 3)
    against = is_oneway & (line % _SPLIT == 3)
    u, v = number[line, start], number[line, stop]
    return pd.DataFrame(
        {
            "u": np.where(against, v, u),
            "v": np.where(against, u, v),
            "middle": number[line, (start + stop) // 2],
            "is_bent": stop - start >= 3,
            "rank": rank,
            "line": np.where(rank >= _SECONDARY, first_line + line // _SPLIT, -1),
            "is_oneway": is_oneway,
            "is_bridge": False,
            "is_urban": is_town[line, start] & is_town[line, stop],
        }
    )


def _reached(table: pd.DataFrame, n_nodes: int) -> pd.DataFrame:
    """Keep the roads of the largest connected piece."""
    ends = table[["u", "v"]].to_numpy()
    graph = coo_array((np.ones(len(ends)), ends.T), shape=(n_nodes, n_nodes))
    _, piece = connected_components(graph, directed=False)
    return table[piece[ends[:, 0]] == np.bincount(piece[ends[:, 0]]).argmax()]


def _crossings(xy: Sequence[NDArray[np.float64]]) -> pd.DataFrame:
    """Cross the water where the islands' roads come nearest: one bridge, and two ferries."""
    first = np.cumsum([0, *(len(part) for part in xy)])
    rows = []
    for here, there in ((0, 1), (1, 2), (0, 2)):
        away, near = cKDTree(xy[there]).query(xy[here])
        at = int(away.argmin())
        rows.append((first[here] + at, first[there] + int(near[at])))
    ends = np.array(rows)
    return pd.DataFrame(
        {
            "u": ends[:, 0],
            "v": ends[:, 1],
            "rank": [_TRUNK, _FERRY, _FERRY],
            "line": [-2, -1, -1],
            "is_oneway": False,
            "is_bridge": [True, False, False],
            "is_urban": False,
            "island": -1,
        }
    )


def _add_lanes(links: Links, islands: Sequence[Island], *, seed: int) -> Links:
    """Let lanes of 250 to 550 m end in the fields, at one country crossing in eight."""
    table = links.table
    is_country = (table["island"] >= 0) & ~table["is_urban"] & (table["rank"] <= _TERTIARY)
    nodes = np.unique(table.loc[is_country, "u"])
    nodes = nodes[draw(len(nodes), seed=seed, stream=40) < 0.125]
    turn = draw(len(nodes), seed=seed, stream=41) * 2.0 * np.pi
    reach = 250.0 + 300.0 * draw(len(nodes), seed=seed, stream=42)
    ends = links.node_xy[nodes] + np.column_stack([np.cos(turn), np.sin(turn)]) * reach[:, None]
    land = shapely.multipolygons([shapely.Polygon(island.shore()) for island in islands])
    dry = shapely.contains(land, shapely.linestrings(np.stack([links.node_xy[nodes], ends], axis=1)))
    nodes, ends = nodes[dry], ends[dry]
    island = table.drop_duplicates("u").set_index("u")["island"]
    lanes = pd.DataFrame(
        {
            "u": nodes,
            "v": len(links.node_xy) + np.arange(len(nodes)),
            "rank": _UNCLASSIFIED,
            "line": -1,
            "is_oneway": False,
            "is_bridge": False,
            "is_urban": False,
            "island": island.loc[nodes].to_numpy(),
        }
    )
    return Links(
        np.concatenate([links.node_xy, ends]),
        pd.concat([table, lanes], ignore_index=True),
        np.concatenate([links.middle, np.full((len(lanes), 2), np.nan)]),
    )


def points_on(links: Links, *, per_link: int = 6) -> NDArray[np.float64]:
    """Give evenly spread points on every link, in metres."""
    u, v = (links.node_xy[links.table[end]] for end in ("u", "v"))
    middle = np.where(np.isnan(links.middle), (u + v) / 2.0, links.middle)
    share = np.linspace(0.0, 1.0, per_link // 2, endpoint=False)[:, None, None]
    points: NDArray[np.float64] = np.concatenate([u + share * (middle - u), v + share * (middle - v)])
    return points.reshape(-1, 2)


def _double(links: Links) -> Links:
    """Split trunk roads into two one-way carriageways 24 m apart that meet at the crossings."""
    trunk = links.table["rank"].to_numpy() == _TRUNK
    u, v = (links.node_xy[links.table[end]] for end in ("u", "v"))
    middle = np.where(np.isnan(links.middle), (u + v) / 2.0, links.middle)
    way = v - u
    side = np.column_stack([way[:, 1], -way[:, 0]]) / np.hypot(*way.T)[:, None] * 12.0
    back = links.table[trunk]
    table = links.table.assign(is_oneway=links.table["is_oneway"] | trunk)
    back = back.assign(u=back["v"], v=back["u"], is_oneway=True)
    out = np.where(trunk[:, None], middle + side, links.middle)
    return Links(
        links.node_xy,
        pd.concat([table, back], ignore_index=True),
        np.concatenate([out, (middle - side)[trunk]]),
    )


def _uneven(n: int, low: float, high: float, *, seed: int, stream: int) -> NDArray[np.float64]:
    """Place ``n`` country roads unevenly from ``low`` to ``high``, and town streets between them."""
    step = np.repeat(0.7 + 0.6 * draw(n - 1, seed=seed, stream=stream), _SPLIT)
    line: NDArray[np.float64] = np.concatenate([[0.0], np.cumsum(step)])
    place: NDArray[np.float64] = low + (high - low) * line / line[-1]
    return place
