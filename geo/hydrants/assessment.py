"""Hydrants and water points: what they cover, where they are missing, and where the next ones should go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.hydrants.radius import RadiusCover, cover_people, cover_roads
from geo.hydrants.roads import HydrantRoads, place_hydrants, place_points
from geo.hydrants.spacing import Spacing, find_gaps
from geo.settings import FixedMapping
from geo.standards import get_rule, number

__all__ = [
    "STATES",
    "HydrantRules",
    "HydrantState",
    "add_proposals",
    "judge_hydrants",
    "load_rules",
    "states_of",
]

STATES = ("working", "broken", "unknown")
"""States of a hydrant: ``is_working`` true, false, or not said."""


@dataclass(frozen=True)
class HydrantRules:
    """The numbers that hydrants are held against, with their sources.

    Parameters
    ----------
    radius_m : float
        Protection radius, straight, metres.
    spacing_m : float
        Distance between hydrants along the road, metres.
    both_sides_m : float
        Width of road above which both sides have hydrants, metres.
    flow_lps : float
        Least flow in a fire, litres a second.
    sources : mapping of str to str
        Standard, edition, clause and mark of each number, by its name.
    """

    radius_m: float
    spacing_m: float
    both_sides_m: float
    flow_lps: float
    sources: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class HydrantState:
    """What the hydrants of a district do, and where they are missing.

    Parameters
    ----------
    roads : HydrantRoads
        The roads along which hydrants stand.
    hydrants : GeoDataFrame
        Existing hydrants with ``state`` (one of ``STATES``), ``counts`` (whether it counts as working),
        ``road_m`` (m to its road), ``is_on_road``.
    placed : DataFrame
        Where those that count stand on the roads.
    cover : RadiusCover
        Roads within the radius.
    people : GeoDataFrame
        Demand with ``hydrant_id``, ``hydrant_m``, ``is_covered``.
    spacing : Spacing
        Gaps along the road.
    """

    roads: HydrantRoads
    hydrants: gpd.GeoDataFrame
    placed: pd.DataFrame
    cover: RadiusCover
    people: gpd.GeoDataFrame
    spacing: Spacing


def load_rules() -> HydrantRules:
    """Take the numbers out of the standards (``layers/standards/hydrants.toml``).

    Raises
    ------
    StudyError
        A number is missing there, or from memory.

    Examples
    --------
    >>> rules = load_rules()
    >>> rules.radius_m, rules.spacing_m, rules.sources["spacing_m"]
    (150.0, 120.0, 'GB 50974-2014 7.2.5 [V2]')
    """
    ids = {
        "radius_m": "hydrant-radius",
        "spacing_m": "hydrant-spacing",
        "both_sides_m": "hydrant-both-sides",
        "flow_lps": "hydrant-flow-2022",
    }
    sources = {name: get_rule(rule).source for name, rule in ids.items()}
    return HydrantRules(**{name: number(rule) for name, rule in ids.items()}, sources=FixedMapping(sources))


def states_of(hydrants: pd.DataFrame) -> pd.Series:
    """Give the state of each hydrant, one of ``STATES``, from ``is_working``.

    Examples
    --------
    >>> states_of(pd.DataFrame({"is_working": pd.array([True, False, None], dtype="boolean")})).tolist()
    ['working', 'broken', 'unknown']
    """
    works = hydrants["is_working"].astype("boolean")
    state = np.where(
        works.isna(), "unknown", np.where(works.fillna(False).to_numpy(bool), "working", "broken")
    )
    return pd.Series(state, index=hydrants.index, dtype=object)


def judge_hydrants(
    roads: HydrantRoads,
    facilities: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    *,
    rules: HydrantRules,
    end_m: float | None = None,
    snap_m: float = 30.0,
    unknown_works: bool = True,
) -> HydrantState:
    """Work out what the existing hydrants cover and where they are too far apart.

    Parameters
    ----------
    roads : HydrantRoads
        The roads along which hydrants stand, from :func:`make_roads`.
    facilities : GeoDataFrame
        A ``Facilities`` table; only hydrants with status ``existing`` count, and no broken one.
    demand : GeoDataFrame
        A ``Demand`` table.
    rules : HydrantRules
        Radius and spacing.
    end_m : float, optional
        Longest distance from a hydrant to a dead end, metres; the spacing when missing.
    snap_m : float
        A hydrant farther from every road counts for the radius, but for no road's spacing; metres.
    unknown_works : bool
        Whether a hydrant whose state is not said counts as working.

    Raises
    ------
    CrsError
        Lengths in the CRS are not true metres.
    """
    rows = facilities[(facilities["kind"] == "hydrant") & (facilities["status"] == "existing")]
    state = states_of(rows)
    counts = (state == "working") | ((state == "unknown") & unknown_works)
    on_road = place_points(roads, rows, max_m=snap_m)
    hydrants = rows.assign(
        state=state, counts=counts, road_m=on_road["snap_m"], is_on_road=on_road["is_snapped"]
    )
    working = hydrants[counts.to_numpy(bool)]
    placed = place_hydrants(roads, working, max_m=snap_m)
    return HydrantState(
        roads=roads,
        hydrants=hydrants,
        placed=placed,
        cover=cover_roads(roads, working, radius_m=rules.radius_m),
        people=demand.join(cover_people(demand, working, radius_m=rules.radius_m)),
        spacing=find_gaps(roads, placed, spacing_m=rules.spacing_m, end_m=end_m or rules.spacing_m),
    )


def add_proposals(state: HydrantState, edge: np.ndarray, at_mm: np.ndarray) -> Spacing:
    """Give the gaps that are left when hydrants are added at places on ``state.roads.sides``."""
    more = pd.DataFrame(
        {
            "edge": edge,
            "at_mm": at_mm,
            "fraction": at_mm / state.roads.length_mm[edge],
            "is_snapped": True,
        }
    )
    columns = list(more.columns)
    placed = pd.concat([state.placed[columns], more], ignore_index=True)
    return find_gaps(state.roads, placed, spacing_m=state.spacing.spacing_m, end_m=state.spacing.end_m)
