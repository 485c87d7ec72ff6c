"""Roads as they are driven in a state, with the times of each station that was ever put on them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.network import RoadNetwork, carry_snaps
from geo.routing import RoadReach, RowSearch, SnapRules, Spot, prepare_rows, times_of_each
from geo.study import DIRECTION

__all__ = ["Ground", "make_ground"]

_MOST_BYTES = 200_000_000
"""Of kept rows; the oldest go first."""


@dataclass(frozen=True, eq=False)
class Ground:
    """A network, the people on it, and the times of stations that were asked for.

    Parameters
    ----------
    network : RoadNetwork
        With the roads that are closed and the share of all speeds.
    walking : RoadNetwork or None
        The same for people on foot.
    rules : SnapRules
        How stations are put on roads.
    demand_snaps : DataFrame
        Where the people stand.
    search : RowSearch
        Them made ready.
    """

    network: RoadNetwork
    walking: RoadNetwork | None
    rules: SnapRules
    demand_snaps: pd.DataFrame = field(repr=False)
    search: RowSearch = field(repr=False)
    _rows: dict[Hashable, NDArray[np.int32]] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def snap(self, stations: gpd.GeoDataFrame | gpd.GeoSeries) -> pd.DataFrame:
        """Put stations on the roads, as :func:`geo.coverage.cover` does."""
        return self.rules.snap(stations, self.network)

    def rows(self, snaps: pd.DataFrame) -> list[NDArray[np.int32]]:
        """Give the travel times (ms) of stations to all people; those that were asked for before are kept."""
        keys: list[Hashable] = [
            (row.edge, row.fraction, row.access_s) if row.is_snapped else None for row in snaps.itertuples()
        ]
        with self._lock:
            missing = [i for i, key in enumerate(keys) if key not in self._rows]
            if missing:
                times = times_of_each(self.search, snaps.iloc[missing])
                self._rows.update({keys[i]: times[k].copy() for k, i in enumerate(missing)})
            rows = [self._rows[key] for key in keys]
            self._forget(keep=len(keys))
        return rows

    def spot(self, point: shapely.Point) -> Spot:
        """Put a station that is on its way on the roads."""
        return self.rules.spot(point, self.network)

    @cached_property
    def reach(self) -> RoadReach:
        """What finds the roads that a station on its way reaches."""
        return RoadReach(self.search)

    def _forget(self, *, keep: int) -> None:
        """Let the oldest rows go where there are too many."""
        n_bytes = max(4 * len(self.demand_snaps), 1)
        most = max(2 * keep, _MOST_BYTES // n_bytes)
        for key in list(self._rows)[: max(len(self._rows) - most, 0)]:
            del self._rows[key]


def make_ground(
    network: RoadNetwork, walking: RoadNetwork | None, demand_snaps: pd.DataFrame, rules: SnapRules
) -> Ground:
    """Make roads ready.

    Parameters
    ----------
    network, walking : RoadNetwork
        As a scenario makes them.
    demand_snaps : DataFrame
        Where the people stand on the roads of today.
    rules : SnapRules
        How stations are put on roads.
    """
    snaps = demand_snaps if network.origin is None else carry_snaps(demand_snaps, network)
    return Ground(network, walking, rules, snaps, prepare_rows(network, snaps, direction=DIRECTION))
