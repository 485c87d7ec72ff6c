"""The district under the changes of a planner, and a station of it in hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.routing import ReachedRoads, Spot, SpotSearch, seconds_at_nodes
from geo.serve.figures import Codes, Figures, Was
from geo.serve.folding import Plan
from geo.serve.grounds import Ground
from geo.serve.tally import Changed, Tally
from geo.serve.two_best import TwoBest, with_row
from geo.standards import ResponseStandard
from geo.study import Inputs
from geo.times import UNREACHED_MS, limit_ms

__all__ = ["Dragged", "Held", "State", "latest_that_counts", "respond"]

_MOST_PARTS: Final = 20_000
"""Of roads that are drawn while a station is dragged: more would block the pointer."""


@dataclass(frozen=True, eq=False)
class State:
    """The district under the changes of a planner.

    Parameters
    ----------
    plan : Plan
        What is changed.
    standard : ResponseStandard
        The clock.
    inputs : Inputs
        As the scenario makes them: what ``geo run`` would compute from.
    stations : GeoDataFrame
        Those that answer, in the order in which they are counted.
    starts_s : Series
        Seconds on the clock when each one's engine leaves.
    snaps : DataFrame
        Where they stand on the roads.
    ground : Ground
        The roads.
    best : TwoBest
        Who comes first and second, and when.
    was : Was
        Who is in time today, on the same clock.
    figures : Figures
        What it comes to.
    """

    plan: Plan
    standard: ResponseStandard
    inputs: Inputs
    stations: gpd.GeoDataFrame
    starts_s: pd.Series
    snaps: pd.DataFrame
    ground: Ground = field(repr=False)
    best: TwoBest = field(repr=False)
    was: Was = field(repr=False)
    figures: Figures

    @property
    def limit_ms(self) -> int:
        """What counts as in time, in whole milliseconds."""
        return limit_ms(self.standard.limit_s)


@dataclass(frozen=True, eq=False)
class Held:
    """A station in hand: everybody's times without it, so that each place of it costs one search.

    Parameters
    ----------
    state : State
        From which it was taken.
    station : str
        Its id; one that the state has not is new and comes last.
    position : int
        In the order of the stations.
    start_s : float
        Seconds on the clock when its engine leaves.
    rest : Tally
        All others: who comes first and second, and what that comes to.
    search : SpotSearch
        To all people, cut off by :func:`latest_that_counts`.
    """

    state: State
    station: str
    position: int
    start_s: float
    rest: Tally = field(repr=False)
    search: SpotSearch = field(repr=False)
    _n_reached: list[int] = field(default_factory=lambda: [0], repr=False)

    @property
    def is_new(self) -> bool:
        """Whether the state has it not."""
        return self.position == len(self.state.stations)

    @property
    def n_reached(self) -> int:
        """Points that it reached at its last place before it would be too late to count."""
        return self._n_reached[0]

    def at(self, spot: Spot, *, second: bool = False) -> Dragged:
        """Give what it is at a place on the roads; see :meth:`geo.serve.live_study.LiveStudy.drag`."""
        point, ms = self.search.reach(spot)
        self._n_reached[0] = len(point)
        ms = respond(ms, spot.access_s, self.start_s)
        changed = self.rest.with_station(self.position, point, ms, is_second=second)
        return Dragged(self, spot, point, ms, changed)

    def area(self, spot: Spot) -> ReachedRoads:
        """Give the roads that it reaches within the limit, whoever else may be there sooner."""
        left_ms = self.state.limit_ms - int(np.rint(1000.0 * self.start_s))
        return self.state.ground.reach.reach(spot, left_ms, most=_MOST_PARTS)


@dataclass(frozen=True, eq=False)
class Dragged:
    """The station in hand at a place.

    Parameters
    ----------
    held : Held
        The station.
    spot : Spot
        Where it stands on the roads.
    point, ms : int32 array, shape (P,)
        Points that it reaches before it would be too late to count, and its response there.
    changed : Changed
        What that changes.
    """

    held: Held
    spot: Spot
    point: NDArray[np.int32] = field(repr=False)
    ms: NDArray[np.int32] = field(repr=False)
    changed: Changed = field(repr=False)

    @property
    def is_on_road(self) -> bool:
        """Whether it stands on a road; nobody is reached by one that does not."""
        return self.spot.edge >= 0

    @property
    def figures(self) -> Figures:
        """What it comes to."""
        return self.held.rest.figures(self.changed)

    def best(self) -> TwoBest:
        """Give who comes first and second; of more than two in time only two may be counted."""
        rest = self.held.rest.best
        row = np.full(len(rest.first), UNREACHED_MS, np.int32)
        row[self.point] = self.ms
        return with_row(rest, self.held.position, row, self.held.state.limit_ms)

    def codes(self) -> Codes:
        """Give the byte of every point."""
        codes = self.held.rest.codes(is_second=self.changed.is_second).copy()
        codes[self.changed.point] = self.changed.code
        return codes


def latest_that_counts(state: State, position: int, start_s: float) -> NDArray[np.int32]:
    """Give the travel times (N,) with which a station comes later to a node than two others.

    What lies behind such a node has the same two: a search need not go there. Two milliseconds more than
    that, for what is lost by rounding.
    """
    others = np.arange(len(state.stations)) != position
    second = seconds_at_nodes(state.ground.search, state.snaps[others], state.starts_s[others])
    latest = second - np.int32(np.rint(1000.0 * start_s)) + np.int32(2)
    return np.where(second < UNREACHED_MS, latest, UNREACHED_MS).astype(np.int32)


def respond(row: NDArray[np.int32], access_s: float, start_s: float) -> NDArray[np.int32]:
    """Add the clock's start to travel times, rounded as the searches round it together with the access."""
    if not np.isfinite(access_s):
        return row
    start_ms = int(np.rint((access_s + start_s) * 1000.0) - np.rint(access_s * 1000.0))
    return np.where(row < UNREACHED_MS, row + np.int32(start_ms), row).astype(np.int32)
