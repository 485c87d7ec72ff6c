"""The states in which a district may be: its roads, stations and people in one draw of the chance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.coverage import Coverage, clock_starts
from geo.network import RoadNetwork
from geo.ranges import Range
from geo.routing import SnapRules
from geo.standards import ResponseStandard
from geo.uncertainty.chance import keys_of, normals
from geo.uncertainty.positions import Placed, draw_snaps, place_points
from geo.uncertainty.roads import DrawnRoads, draw_roads, prepare_roads
from geo.uncertainty.sizes import Sizes, factors, factors_of_mean

__all__ = ["Chances", "Prepared", "State", "draw_starts", "draw_state", "prepare_states"]

_ALL = keys_of(pd.Index(["all"]))


@dataclass(frozen=True)
class Chances:
    """How chance is drawn.

    Parameters
    ----------
    seed : int
        The same seed draws the same states.
    n_places : int
        Places that are drawn in advance for each point; each draw takes one of them.
    """

    seed: Annotated[int, Range(0, 2**31 - 1)] = 0
    n_places: Annotated[int, Range(1, 1000)] = 20


@dataclass(frozen=True, eq=False)
class Prepared:
    """A district made ready for many draws.

    Parameters
    ----------
    coverage : Coverage
        As it was computed, without chance.
    sizes : Sizes
        How much is drawn.
    chances : Chances
        How.
    roads : DrawnRoads
        The roads.
    class_sizes : float64 array
        Size of each class of road.
    class_keys : uint64 array
        What their chance belongs to.
    stations, demand : Placed
        Where they may stand.
    """

    coverage: Coverage
    sizes: Sizes
    chances: Chances
    roads: DrawnRoads
    class_sizes: NDArray[np.float64]
    class_keys: NDArray[np.uint64]
    stations: Placed
    demand: Placed


@dataclass(frozen=True, eq=False)
class State:
    """One draw.

    Parameters
    ----------
    draw : int
        Its number, from 0.
    network : RoadNetwork
        The roads at its speeds.
    station_snaps, demand_snaps : DataFrame
        Where stations and people stand: ``edge``, ``fraction``, ``access_s``, ``component``,
        ``is_snapped``.
    people : Series
        People of each place.
    access : float
        Factor on the speed between points and their road.
    """

    draw: int
    network: RoadNetwork
    station_snaps: pd.DataFrame
    demand_snaps: pd.DataFrame
    people: pd.Series
    access: float


def prepare_states(
    coverage: Coverage,
    sizes: Sizes,
    *,
    snapping: SnapRules | None = None,
    junction_delay_s: float = 0.0,
    chances: Chances | None = None,
    like: Prepared | None = None,
) -> Prepared:
    """Make a district ready: list its arcs, and put its points on the roads where they may stand.

    Parameters
    ----------
    coverage : Coverage
        The stations, people, roads and standard.
    sizes : Sizes
        How much is drawn.
    snapping : SnapRules, optional
        As the coverage was computed with.
    junction_delay_s : float
        Of the profile of the network.
    chances : Chances, optional
        The seed.
    like : Prepared, optional
        Another state with the same snapping: where roads, people and sizes are the same, so are the places
        of the people on the roads, which take longest.
    """
    chances, rules = chances or Chances(), snapping or SnapRules()
    network = coverage.network
    place = partial(place_points, network=network, rules=rules, seed=chances.seed, n_places=chances.n_places)
    known = like if like is not None and _has_same_people(like, coverage, sizes, chances) else None
    return Prepared(
        coverage=coverage,
        sizes=sizes,
        chances=chances,
        roads=known.roads if known else prepare_roads(network, junction_delay_s=junction_delay_s),
        class_sizes=np.array([sizes.classes.get(name, sizes.by_class) for name in network.classes]),
        class_keys=keys_of(pd.Index(network.classes, dtype=object)),
        stations=place(
            coverage.stations, coverage.station_snaps, radius_m=sizes.station_position_m, source="station"
        ),
        demand=known.demand
        if known
        else place(coverage.table, coverage.demand_snaps, radius_m=sizes.position_m, source="demand"),
    )


def _has_same_people(like: Prepared, coverage: Coverage, sizes: Sizes, chances: Chances) -> bool:
    before = like.coverage
    return (
        before.network is coverage.network
        and like.sizes == sizes
        and like.chances == chances
        and before.table.index.equals(coverage.table.index)
        and bool((before.table.geometry.array == coverage.table.geometry.array).all())
        and before.demand_snaps.equals(coverage.demand_snaps)
    )


def draw_state(prepared: Prepared, draw: int) -> State:
    """Draw a state: always the same for a seed and a number."""
    sizes, seed = prepared.sizes, prepared.chances.seed
    of_class = factors(prepared.class_sizes, normals(seed, "class", draw, prepared.class_keys))
    speed = _one(sizes.speed, seed, "speed", draw) * of_class
    access = _one(sizes.access, seed, "access", draw)
    people = factors_of_mean(sizes.people, normals(seed, "people", draw, _ALL))[0]
    by_place = factors_of_mean(
        sizes.people_by_place, normals(seed, "people by place", draw, prepared.demand.keys)
    )
    return State(
        draw=draw,
        network=draw_roads(prepared.roads, speed, junction=_one(sizes.junction, seed, "junction", draw)),
        station_snaps=draw_snaps(prepared.stations, draw, seed=seed, access=access),
        demand_snaps=draw_snaps(prepared.demand, draw, seed=seed, access=access),
        people=prepared.coverage.table["people"] * (people * by_place),
        access=access,
    )


def draw_starts(
    prepared: Prepared, draw: int, stations: pd.DataFrame, standard: ResponseStandard
) -> pd.Series:
    """Give the seconds on the clock before each engine drives, in a draw: call + turnout + start loss.

    Parameters
    ----------
    prepared : Prepared
        For the sizes and the seed.
    draw : int
        Number of the draw.
    stations : DataFrame
        Any stations, also new ones: their chance belongs to their ids.
    standard : ResponseStandard
        The clock. On one that starts at departure there is no turnout to be drawn.
    """
    sizes, seed = prepared.sizes, prepared.chances.seed
    fixed_s = standard.call_s + standard.start_loss_s
    turnout_s = clock_starts(stations, standard) - fixed_s
    own = factors(sizes.turnout_by_station, normals(seed, "turnout", draw, keys_of(stations.index)))
    factor = _one(sizes.turnout, seed, "turnout of all", draw) * own
    loss_s = standard.start_loss_s * _one(sizes.start_loss, seed, "start loss", draw)
    return standard.call_s + turnout_s * factor + loss_s


def _one(size: float, seed: int, source: str, draw: int) -> float:
    return float(factors(size, normals(seed, source, draw, _ALL))[0])
