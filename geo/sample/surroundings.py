"""The surroundings of the synthetic district: flood areas, sensitive places, obstacles, plots, nature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.sample.island import Island, Town
from geo.sample.people import Settlement
from geo.sample.streets import CLASSES, town_radius_m

__all__ = ["Shape", "areas", "expressway", "plots", "sensitive"]

_PLOTS: Final = 30
_TURN: Final = np.linspace(0.0, 2.0 * np.pi, 73)


@dataclass(frozen=True, eq=False)
class Shape:
    """One feature of a layer of the surroundings.

    Parameters
    ----------
    kind : {"Polygon", "LineString"}
        Kind of geometry.
    xy : float64 array, shape (K, 2)
        Its corners in metres; closed for a polygon.
    properties : dict
        What the layer says about it.
    """

    kind: str
    xy: NDArray[np.float64]
    properties: dict[str, Any]


def areas(place: Settlement, islands: Sequence[Island], *, scale: float = 1.0) -> dict[str, list[Shape]]:
    """Give the areas by file name: ``flood``, ``keep_out``, ``built_up`` and the line ``river``."""
    main, _, ferry = islands
    rank = np.empty(len(place.order), dtype=int)
    rank[place.order] = np.arange(len(place.order))
    built_up = [
        Shape("Polygon", _lobed(xy, int(rank[i]), i, scale), _named(place, "built_up", town=place.names[i]))
        for i, xy in enumerate(place.centre)
    ]
    return {
        "flood": [
            Shape("Polygon", _patch(main, (0.30, 0.42), (-1.0, -0.72)), _named(place, "flood_shore")),
            Shape("Polygon", _patch(main, (0.60, 0.68), (0.55, 0.80)), _named(place, "flood_low")),
            Shape("Polygon", _patch(ferry, (0.05, 0.30), (-1.0, 1.0)), _named(place, "flood_ferry")),
            # Low streets of the town with the most people: some of them are cut off from their station.
            Shape(
                "Polygon",
                _lobed(place.centre[place.order[0]] + np.array([-650.0, 500.0]), 40, 0, 0.5),
                _named(place, "flood_town", town=place.names[place.order[0]]),
            ),
        ],
        "keep_out": [
            Shape("Polygon", _patch(main, (0.95, 0.995), (-1.0, 1.0)), _named(place, "wetland")),
            Shape("Polygon", _patch(main, (0.22, 0.25), (0.30, 0.45)), _named(place, "airfield")),
        ],
        "built_up": built_up,
        "river": [_river(place, main)],
    }


def sensitive(place: Settlement) -> dict[str, pd.DataFrame]:
    """Give the exits of hospitals and schools, and stores of hazardous goods, by file name.

    Fire stations stand at (180, 90) from the main crossing of their town. Some of these are too near to
    one: a school's exit at 36 m, a hospital's at 45 m, and a fuel store at 250 m, which one of two
    standards allows.
    """
    order = place.order
    schools = place.at_towns("school", order, (420.0, -330.0))
    hospitals = place.at_towns("hospital", order[:6], (-380.0, -120.0))
    stores = place.at_towns("hazmat", order[[0, min(2, len(order) - 1), -1]], (1_400.0, 1_100.0))
    third = order[min(2, len(order) - 1)]
    schools.loc[min(2, len(order) - 1), ["x", "y"]] = place.centre[third] + np.array([210.0, 110.0])
    hospitals.loc[0, ["x", "y"]] = place.centre[order[0]] + np.array([207.0, 126.0])
    stores.loc[1, ["x", "y"]] = place.centre[third] + np.array([330.0, 290.0])
    return {"schools": schools, "hospitals": hospitals, "hazmat": stores}


def expressway(place: Settlement) -> list[Shape]:
    """Give the trunk road of the main island as the line of one of its carriageways."""
    links = place.links
    table = links.table
    is_trunk = (table["rank"] == CLASSES.index("trunk")).to_numpy()
    # The other carriageways stand at the end of the table; the bridge between the islands has line -2.
    is_first = np.arange(len(table)) < len(table) - int(is_trunk.sum()) // 2
    lines = []
    for row in np.flatnonzero(is_trunk & is_first & (table["line"] >= 0).to_numpy()):
        u, v = (links.node_xy[table.at[row, end]] for end in ("u", "v"))
        xy = np.array([u, links.middle[row], v])
        lines.append(Shape("LineString", xy[~np.isnan(xy[:, 0])], _named(place, "expressway")))
    return lines


def plots(place: Settlement, towns: Sequence[Town]) -> list[Shape]:
    """Put vacant plots beside crossings of larger roads, from 1,500 to 6,500 m2: some are too small."""
    links = place.links
    table = links.table
    is_large = (table["rank"] >= CLASSES.index("tertiary")) & (table["rank"] <= CLASSES.index("primary"))
    nodes = np.unique(table.loc[is_large, "u"].to_numpy())
    n = place.per_town(_PLOTS)
    nodes = nodes[np.argsort(place.chance(len(nodes), 70), kind="stable")[: 3 * n]]
    wide, high = (np.round(size + 40.0 * place.chance(len(nodes), 71 + i)) for i, size in enumerate((42, 36)))
    lands = [shapely.Polygon(town.ring) for town in towns]
    numbers = dict.fromkeys((town.number for town in towns), 0)
    shapes: list[Shape] = []
    for xy, width, height in zip(links.node_xy[nodes], wide, high, strict=True):
        ring = _box(xy + 30.0, width, height)
        plot = shapely.Polygon(ring)
        # By the shore or a border, a plot would not lie in one town: the next crossing is taken.
        town = next((t.number for t, land in zip(towns, lands, strict=True) if land.covers(plot)), None)
        if town is not None and len(shapes) < n:
            numbers[town] += 1
            properties: dict[str, Any] = {"name": place.say("plot", town=place.names[town], n=numbers[town])}
            properties |= {
                "zone": place.say("town", name=place.names[town]),
                "area_m2": float(width * height),
            }
            shapes.append(Shape("Polygon", ring, properties))
    return shapes


def _named(place: Settlement, word: str, **values: object) -> dict[str, Any]:
    return {"name": place.say(word, **values)}


def _box(corner: NDArray[np.float64], width: float, height: float) -> NDArray[np.float64]:
    box: NDArray[np.float64] = corner + np.array(
        [[0, 0], [width, 0], [width, height], [0, height], [0, 0]], dtype=float
    )
    return box


def _patch(island: Island, t: tuple[float, float], s: tuple[float, float]) -> NDArray[np.float64]:
    """Draw a part of an island's chart: along the island from t to t, across it from s to s."""
    along, across = np.linspace(*t, 24), np.linspace(*s, 8)
    ring_t = np.concatenate([along, np.full(8, t[1]), along[::-1], np.full(8, t[0])])
    ring_s = np.concatenate([np.full(24, s[0]), across, np.full(24, s[1]), across[::-1]])
    ring: NDArray[np.float64] = island.xy(ring_t, ring_s)
    again = np.concatenate([[False], (np.diff(np.round(ring, 3), axis=0) == 0).all(axis=1)])
    ring = ring[~again]
    ring[-1] = ring[0]
    return ring


def _river(place: Settlement, island: Island) -> Shape:
    """Let a river cross the main island from shore to shore."""
    s = np.linspace(-1.03, 1.03, 43)
    return Shape("LineString", island.xy(0.575 + 0.012 * np.sin(5.0 * s), s), _named(place, "river"))


def _lobed(xy: NDArray[np.float64], rank: int, number: int, scale: float) -> NDArray[np.float64]:
    """Draw the edge of a town's streets, as they were laid."""
    lobes = 1.0 + 0.22 * np.sin(3.0 * _TURN + number) + 0.12 * np.sin(5.0 * _TURN)
    reach = town_radius_m(rank) * scale * lobes
    ring: NDArray[np.float64] = xy + np.column_stack([reach * np.cos(_TURN), reach * np.sin(_TURN)])
    ring[-1] = ring[0]
    return ring
