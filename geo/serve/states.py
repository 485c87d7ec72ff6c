"""The district under the changes of a planner, and a station of it in hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from geo.serve.figures import Figures, Was
from geo.serve.folding import Plan
from geo.serve.grounds import Ground
from geo.serve.two_best import TwoBest
from geo.standards import ResponseStandard
from geo.study import Inputs
from geo.times import limit_ms

__all__ = ["Held", "State"]


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
    """

    state: State
    station: str
    position: int
    start_s: float
    rest: TwoBest = field(repr=False)
