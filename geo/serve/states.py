"""The district under the changes of a planner, and a station of it in hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.routing import seconds_at_nodes
from geo.serve.figures import Figures, Was
from geo.serve.folding import Plan
from geo.serve.grounds import Ground
from geo.serve.two_best import TwoBest
from geo.standards import ResponseStandard
from geo.study import Inputs
from geo.times import UNREACHED_MS, limit_ms

__all__ = ["Held", "State", "latest_that_counts"]


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
    rest : TwoBest
        The first and second of all others.
    latest_ms : int32 array, shape (N,)
        As :func:`latest_that_counts` gives it.
    """

    state: State
    station: str
    position: int
    start_s: float
    rest: TwoBest = field(repr=False)

    latest_ms: NDArray[np.int32] = field(repr=False)

    @property
    def is_new(self) -> bool:
        """Whether the state has it not."""
        return self.position == len(self.state.stations)


def latest_that_counts(state: State, position: int, start_s: float) -> NDArray[np.int32]:
    """Give the travel times (N,) with which a station comes later to a node than two others.

    What lies behind such a node has the same two: a search need not go there. Two milliseconds more than
    that, for what is lost by rounding.
    """
    others = np.arange(len(state.stations)) != position
    second = seconds_at_nodes(state.ground.search, state.snaps[others], state.starts_s[others])
    latest = second - np.int32(np.rint(1000.0 * start_s)) + np.int32(2)
    return np.where(second < UNREACHED_MS, latest, UNREACHED_MS).astype(np.int32)
