"""The facts that a plan's targets are held against, gathered from the layers and the coverage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import pandas as pd

from geo import coverage as covering
from geo.coverage import Coverage
from geo.inputs import Inputs
from geo.measures import Facts, Reading
from geo.reached import Reached
from geo.stations import select

__all__ = ["make_facts"]

LAYER_OF: Final = {
    "base": "bases",
    "depot": "depots",
    "fire_station": "stations",
    "gas_repair": "gas_repair",
    "hydrant": "hydrants",
    "shelter": "shelters",
    "team": "teams",
    "water_point": "water_points",
}
"""The plans' word for the layer of each kind of facility."""


def make_facts(inputs: Inputs, coverages: Mapping[str, Coverage], reached: Mapping[str, Reached]) -> Facts:
    """Gather what is known about the district.

    Parameters
    ----------
    inputs : Inputs
        The layers.
    coverages : mapping of str to Coverage
        The same stations and people under each standard, by its name.
    reached : mapping of str to Reached
        Road and land within the limit of each standard that the plan's targets are read under.
    """
    widest = max(coverages.values(), key=lambda coverage: coverage.times.limit_s)
    return Facts(
        layers=_layers(inputs),
        people=inputs.demand["people"],
        stations=pd.DataFrame(select(inputs.facilities, kind="fire_station").drop(columns="geometry")),
        served=widest.stations["people_served"],
        readings={name: _reading(coverages[name], there) for name, there in reached.items()},
        times=widest.times,
    )


def _reading(coverage: Coverage, reached: Reached) -> Reading:
    return Reading(
        standard=coverage.standard,
        figures=covering.summary(coverage),
        starts_s=covering.clock_starts(coverage.stations, coverage.standard),
        road_share=reached.share_road,
        land_share=reached.share_land,
    )


def _layers(inputs: Inputs) -> dict[str, frozenset[str]]:
    """Name the layers that are there, each with the columns in which some row has a value."""
    found = {"roads": frozenset({"highway"}), "people": _filled(inputs.demand)}
    for kind, layer in LAYER_OF.items():
        rows = inputs.facilities[inputs.facilities["kind"] == kind]
        if len(rows):
            found[layer] = _filled(rows)
    for level, layer in (("town", "towns"), ("village", "villages")):
        rows = inputs.zones[inputs.zones["level"] == level]
        if len(rows):
            found[layer] = _filled(rows)
    if len(inputs.zones):
        found["zones"] = _filled(inputs.zones)
    return found


def _filled(table: gpd.GeoDataFrame) -> frozenset[str]:
    return frozenset(str(column) for column in table if table[column].notna().any())
