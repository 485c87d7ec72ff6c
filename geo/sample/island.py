"""The ground of the synthetic district: three islands in the open sea, and the land of each town.

Every island has its own chart: ``t`` runs from its western tip (0) to its eastern tip (1) along a bent
spine, ``s`` from the southern shore (-1) to the northern shore (1). Shores, town borders and roads are
drawn in the chart, so neighbours share their border exactly and nothing has to be cut afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.sample._random import draw

__all__ = ["ISLANDS", "Island", "Town", "lay_towns", "lonlat"]

_LON: Final = (123.0, 95_154.0)
_LAT: Final = (31.35, 110_875.0)
"""Where the sample's origin lies, in the open sea, and metres per degree there (WGS 84 ellipsoid)."""


_RAGGED: Final = ((2.0, 0.10), (5.0, 0.06), (11.0, 0.025), (23.0, 0.012))
"""Waves of a shore: half turns along the island, and height as a share of the half width."""


@dataclass(frozen=True)
class Island:
    """An island and its chart, in metres around the sample's origin.

    Parameters
    ----------
    key : str
        Word for its name in ``layers/words/sample.toml``.
    west, east : tuple of float
        The tips.
    width_m : float
        From shore to shore at the widest.
    bow_m : float
        How far the spine leaves the straight line between the tips.
    seed : int
        Of the irregularities of the shore.
    """

    key: str
    west: tuple[float, float]
    east: tuple[float, float]
    width_m: float
    bow_m: float
    seed: int

    @property
    def length_m(self) -> float:
        """Distance between the tips."""
        return float(np.hypot(self.east[0] - self.west[0], self.east[1] - self.west[1]))

    def scaled(self, factor: float) -> Island:
        """Give the same island, larger."""
        return replace(
            self,
            west=(self.west[0] * factor, self.west[1] * factor),
            east=(self.east[0] * factor, self.east[1] * factor),
            width_m=self.width_m * factor,
            bow_m=self.bow_m * factor,
        )

    def xy(self, t: NDArray[np.float64], s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn chart positions into metres."""
        along = np.subtract(self.east, self.west)
        across = np.array([-along[1], along[0]]) / self.length_m
        bow = self.bow_m * np.sin(np.pi * t) + 0.4 * self.bow_m * np.sin(3.0 * np.pi * t)
        offset = bow + s * self.half_width_m(t, north=s >= 0)
        spine = np.asarray(self.west) + np.multiply.outer(t, along)
        xy: NDArray[np.float64] = spine + np.multiply.outer(offset, across)
        return xy

    def half_width_m(self, t: NDArray[np.float64], *, north: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Give the distance from the spine to the northern or southern shore, in metres."""
        phase = draw(8, seed=self.seed, stream=0) * 2.0 * np.pi
        width = np.zeros(np.shape(t))
        for shore, first in ((north, 0), (~north, 4)):
            ragged = 1.0 + sum(
                height * np.sin(wave * np.pi * t + phase[first + k])
                for k, (wave, height) in enumerate(_RAGGED)
            )
            width = np.where(shore, ragged, width)
        tips = np.sin(np.pi * np.clip(t, 0.0, 1.0)) ** 0.5
        half: NDArray[np.float64] = self.width_m / 2.0 / 1.08 * tips * width
        return half

    def shore(self, *, points: int = 160) -> NDArray[np.float64]:
        """Give the outline as a closed ring, in metres, anticlockwise."""
        t = (1.0 - np.cos(np.linspace(0.0, np.pi, points))) / 2.0
        south = self.xy(t, np.full(points, -1.0))
        north = self.xy(t[::-1], np.full(points, 1.0))
        ring: NDArray[np.float64] = np.concatenate([south, north[1:-1], south[:1]])
        return ring


@dataclass(frozen=True)
class Town:
    """A town: its island, where its centre is meant to be, its land and its rank.

    Parameters
    ----------
    number : int
        Position in the list of towns.
    island : int
        Position in the list of islands.
    t, s : float
        Chart position of the middle of its land.
    ring : float64 array, shape (K, 2)
        Outline of its land as a closed ring, in metres.
    rank : int
        0 for the town with the most people.
    """

    number: int
    island: int
    t: float
    s: float
    ring: NDArray[np.float64]
    rank: int


ISLANDS: Final = (
    Island("island_main", (-38_000.0, 12_500.0), (38_500.0, -7_500.0), 22_400.0, 2_200.0, 11),
    Island("island_bridge", (1_500.0, -15_200.0), (27_500.0, -21_300.0), 4_400.0, 700.0, 23),
    Island("island_ferry", (30_300.0, -21_200.0), (40_500.0, -25_200.0), 6_200.0, 500.0, 37),
)
"""The main island, one joined to it by a bridge, and one without a bridge: about 1,400 km2."""


def lonlat(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn metres into longitude and latitude (WGS 84), rounded to a millionth of a degree."""
    scale = np.array([_LON[1], _LAT[1]])
    degrees: NDArray[np.float64] = np.round(xy / scale + np.array([_LON[0], _LAT[0]]), 6)
    return degrees


def lay_towns(islands: Sequence[Island], n_towns: int, *, seed: int) -> list[Town]:
    """Divide the islands among towns.

    Each small island has at least one town; on an island, towns stand in rows across it. The main
    island's third town from the west in its southern row has the most people, then comes the town
    on the island with the bridge; the last island's town comes last.
    """
    small = max(1, round(n_towns * 0.06))
    counts = (n_towns - 2 * small, small, small)
    cells = [
        (place, t, s, ring)
        for place, (island, count) in enumerate(zip(islands, counts, strict=True))
        for t, s, ring in _divide(island, count, seed=seed * 31 + place)
    ]
    chance = draw(n_towns, seed=seed, stream=1)
    first = min(2, counts[0] - 1)
    key = [
        (0.0 if number == first else 1.0 if number == counts[0] else 2.0 + (place == 2), chance[number])
        for number, (place, *_) in enumerate(cells)
    ]
    rank = np.empty(n_towns, dtype=int)
    rank[sorted(range(n_towns), key=key.__getitem__)] = range(n_towns)
    return [Town(i, place, t, s, ring, int(rank[i])) for i, (place, t, s, ring) in enumerate(cells)]


def _divide(island: Island, count: int, *, seed: int) -> list[tuple[float, float, NDArray[np.float64]]]:
    """Cut an island into ``count`` cells, as rows of about square cells with crooked borders."""
    n_rows = max(1, round(float(np.sqrt(count * island.width_m / island.length_m))))
    in_row = [count // n_rows + (row < count % n_rows) for row in range(n_rows)]
    breaks = []
    for row, n in enumerate(in_row):
        nudge = draw(n + 1, seed=seed, stream=10 + row) - 0.5
        even = (1.0 - np.cos(np.linspace(0.14, 1.0 - 0.14, n + 1) * np.pi)) / 2.0
        inner = (even + nudge * 0.30 / n)[1:-1]
        breaks.append(np.concatenate([[0.0], inner, [1.0]]))
    corners = np.concatenate(breaks)
    cells = []
    for row in range(n_rows):
        low, high = 2.0 * row / n_rows - 1.0, 2.0 * (row + 1) / n_rows - 1.0
        for t0, t1 in zip(breaks[row][:-1], breaks[row][1:], strict=True):
            ring = island.xy(*_cell(t0, t1, low, high, corners))
            same = np.concatenate([[False], (np.diff(np.round(ring, 3), axis=0) == 0).all(axis=1)])
            mid = (max(t0, 0.03) + min(t1, 0.97)) / 2.0
            cells.append((float(mid), (low + high) / 2.0, ring[~same]))
    return cells


def _cell(
    t0: float, t1: float, low: float, high: float, corners: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Go around a cell, anticlockwise: south border, east, north, west, back to the start."""
    turn = np.linspace(0.0, np.pi, 160)
    even = (1.0 - np.cos(turn)) / 2.0
    t = np.unique(np.concatenate([corners, even]))
    t = t[(t >= t0) & (t <= t1)]
    share = np.linspace(0.0, 1.0, 12)[1:-1]
    east_t, east_s = _side(t1, low, high, share)
    west_t, west_s = _side(t0, low, high, share)
    ring_t = np.concatenate([t, east_t, t[::-1], west_t[::-1], t[:1]])
    ring_s = np.concatenate(
        [_border(t, low), east_s, _border(t[::-1], high), west_s[::-1], _border(t[:1], low)]
    )
    return ring_t, ring_s


def _border(t: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Bend the border between two rows; the shore itself stays."""
    if abs(level) == 1.0:
        return np.full(len(t), level)
    bent: NDArray[np.float64] = level + 0.10 * np.sin(9.0 * np.pi * t + 5.0 * level)
    return bent


def _side(
    t: float, low: float, high: float, share: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bend the border between two towns of a row; its ends stay on the row's borders."""
    at = np.array([t])
    s = _border(at, low)[0] * (1.0 - share) + _border(at, high)[0] * share
    wave = 0.0 if t in (0.0, 1.0) else 0.008
    return t + wave * np.sin(2.0 * np.pi * share) * np.cos(40.0 * t), s
