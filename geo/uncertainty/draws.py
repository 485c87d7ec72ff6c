"""Coverage in many draws: the figures of each, and in how many of them each place is in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError
from geo.routing import nearest
from geo.standards import ResponseStandard
from geo.statistics import PEOPLE_PER_STATION, summarise
from geo.times import is_within
from geo.uncertainty.states import Prepared, State, draw_starts, draw_state

__all__ = ["DRAWN_FIGURES", "Drawn", "Draws", "draw_coverage", "read_clock"]

DRAWN_FIGURES: Final = (
    *("people", "people_covered", "share_covered", "people_two", "share_two", "people_unreachable"),
    *("mean_s", "median_s", "p90_s", "n_over_limit"),
)
"""Figures of each draw: those of :class:`geo.statistics.Summary`, and stations with too many people."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """What was found in one draw.

    Parameters
    ----------
    state : State
        The roads, stations and people.
    starts_s : Series
        Seconds on the clock before each engine drives, by station.
    table : DataFrame
        By place: ``people``, ``first_id``, ``first_s``, ``first_travel_s``, ``second_s``, ``n_in_time``
        (0, 1, or 2 for more), ``is_covered``, ``is_reachable``.
    served : Series
        People whose first station each is.
    """

    state: State
    starts_s: pd.Series
    table: pd.DataFrame
    served: pd.Series


@dataclass(frozen=True, eq=False)
class Draws:
    """Coverage in many draws.

    Parameters
    ----------
    figures : DataFrame
        One row per draw, columns ``DRAWN_FIGURES``.
    n_in_time : Series
        By place, in how many draws it is in time.
    served : DataFrame
        People served, draws by stations.
    zones : DataFrame
        Share of the people in time, draws by names of zones; nan where nobody lives.
    """

    figures: pd.DataFrame
    n_in_time: pd.Series
    served: pd.DataFrame
    zones: pd.DataFrame

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return len(self.figures)

    @property
    def share_in_time(self) -> pd.Series:
        """Share of the draws (0-1) in which each place is in time."""
        return self.n_in_time / self.n_draws


def draw_coverage(
    prepared: Prepared,
    n_draws: int,
    *,
    also: Callable[[Prepared, Drawn], None] = lambda prepared, drawn: None,
) -> Draws:
    """Compute coverage in many draws, each routed exactly.

    Parameters
    ----------
    prepared : Prepared
        The district (:func:`prepare_states`).
    n_draws : int
        How many; the first ones of more are the same.
    also : callable
        Given the district, and what was found in each draw.

    Raises
    ------
    InputError
        There is not one draw.
    """
    if n_draws < 1:
        raise InputError(f"there must be at least one draw; found {n_draws}")
    table, stations = prepared.coverage.table, prepared.coverage.stations
    code, zones = pd.factorize(table["zone"], sort=True)
    n_in_time = np.zeros(len(table), dtype=np.int64)
    figures, served, shares = [], [], []
    for draw in range(n_draws):
        drawn = _drawn(prepared, draw_state(prepared, draw))
        rows = drawn.table
        n_in_time += rows["is_covered"].to_numpy()
        shares.append(_by_zone(rows, code, len(zones)))
        served.append(drawn.served.to_numpy())
        n_over = float((drawn.served > PEOPLE_PER_STATION).sum())
        summary: dict[str, Any] = {**summarise(rows), "n_over_limit": n_over}
        figures.append([float(summary[name]) for name in DRAWN_FIGURES])
        also(prepared, drawn)
    return Draws(
        figures=pd.DataFrame(figures, columns=list(DRAWN_FIGURES)),
        n_in_time=pd.Series(n_in_time, index=table.index),
        served=pd.DataFrame(np.stack(served), columns=stations.index),
        zones=pd.DataFrame(np.stack(shares), columns=pd.Index(zones, dtype=object)),
    )


def _drawn(prepared: Prepared, state: State) -> Drawn:
    coverage = prepared.coverage
    standard, stations = coverage.standard, coverage.stations
    starts = draw_starts(prepared, state.draw, stations, standard)
    near = nearest(
        state.network,
        state.station_snaps,
        state.demand_snaps,
        direction=coverage.direction,
        limit_s=coverage.search_s,
        start_s=starts,
    )
    table = read_clock(near, state.people, starts, standard)
    code = stations.index.get_indexer(pd.Index(table["first_id"]))
    people = state.people.to_numpy(dtype=float)
    has = code >= 0
    served = np.bincount(code[has], weights=people[has], minlength=len(stations))
    return Drawn(state, starts, table, pd.Series(served, index=stations.index))


def read_clock(
    near: pd.DataFrame, people: pd.Series, starts_s: pd.Series, standard: ResponseStandard
) -> pd.DataFrame:
    """Give the columns that figures are taken from, of the first and second station of each place."""
    first, second = near["first_s"].to_numpy(dtype=float), near["second_s"].to_numpy(dtype=float)
    is_covered = is_within(first, standard.limit_s)
    start = starts_s.round(3).reindex(near["first_id"]).to_numpy(dtype=float)
    travel = np.where(np.isnan(start), np.inf, np.round(first - start, 3))
    return pd.DataFrame(
        {
            "people": people.to_numpy(dtype=float),
            "first_id": near["first_id"].to_numpy(),
            "first_s": first,
            "first_travel_s": travel,
            "second_s": second,
            "n_in_time": is_covered.astype(np.int64) + is_within(second, standard.limit_s),
            "is_covered": is_covered,
            "is_reachable": np.isfinite(first),
        },
        index=near.index,
    )


def _by_zone(rows: pd.DataFrame, code: NDArray[np.int64], n_zones: int) -> NDArray[np.float64]:
    people, has = rows["people"].to_numpy(), code >= 0
    is_covered = rows["is_covered"].to_numpy()
    total = np.bincount(code[has], weights=people[has], minlength=n_zones)
    in_time = np.bincount(code[has], weights=(people * is_covered)[has], minlength=n_zones)
    shares = np.full(n_zones, np.nan)
    np.divide(in_time, total, out=shares, where=total > 0.0)
    return shares
