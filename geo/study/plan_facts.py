"""The facts that a plan's targets are held against, gathered from the layers and the coverage."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import pandas as pd

from geo import coverage as covering
from geo.areas import Reached
from geo.coverage import Coverage
from geo.demand import assign_zones
from geo.findings import Finding
from geo.plans import Facts, Reading
from geo.stations import select
from geo.study.inputs import Inputs

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


def make_facts(
    inputs: Inputs,
    coverages: Mapping[str, Coverage],
    reached: Mapping[str, Reached],
    *,
    findings: Mapping[str, Finding],
    zones: gpd.GeoDataFrame,
    base_year: int | None = None,
) -> Facts:
    """Gather what is known about the district.

    Parameters
    ----------
    inputs : Inputs
        The layers.
    coverages : mapping of str to Coverage
        The same stations and people under each standard, by its name.
    reached : mapping of str to Reached
        Road and land within the limit of each standard for which they are worked out.
    findings : mapping of str to Finding
        What the rooms found.
    zones : GeoDataFrame
        The zones that results are told by.
    base_year : int, optional
        Year whose end the plan starts from.
    """
    widest = max(coverages.values(), key=lambda coverage: coverage.times.limit_s)
    return Facts(
        layers=_layers(inputs),
        people=inputs.demand["people"],
        stations=pd.DataFrame(select(inputs.facilities, kind="fire_station").drop(columns="geometry")),
        served=widest.stations["people_served"],
        readings={name: _reading(coverage, reached.get(name)) for name, coverage in coverages.items()},
        times=widest.times,
        facilities=_facilities(inputs, zones),
        zones=_zones(inputs, zones),
        villages=_villages(inputs),
        tables={name: _plain(finding.table) for name, finding in findings.items()},
        figures={name: finding.figures for name, finding in findings.items()},
        base_year=base_year,
    )


def _facilities(inputs: Inputs, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give the facilities with the town that the file names, else the one they stand in."""
    rows = inputs.facilities
    if not len(zones):
        return _plain(rows)
    return _plain(rows.assign(zone=rows["zone"].where(rows["zone"].notna(), assign_zones(rows, zones))))


def _zones(inputs: Inputs, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give the zones with the people of the demand points in them."""
    people = inputs.demand.groupby("zone")["people"].sum()
    return _plain(zones).assign(people=zones["name"].map(people))


def _villages(inputs: Inputs) -> pd.DataFrame | None:
    rows = inputs.context.villages
    return None if rows is None else _plain(rows)


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(table).drop(columns="geometry", errors="ignore")


def _reading(coverage: Coverage, reached: Reached | None) -> Reading:
    return Reading(
        standard=coverage.standard,
        figures=covering.summary(coverage),
        starts_s=covering.clock_starts(coverage.stations, coverage.standard),
        road_share=math.nan if reached is None else reached.share_road,
        land_share=math.nan if reached is None else reached.share_land,
    )


def _layers(inputs: Inputs) -> dict[str, frozenset[str]]:
    """Name the layers that are there, each with the columns in which some row has a value."""
    layers = {"roads": frozenset({"highway"}), "people": _filled(inputs.demand)}
    for kind, layer in LAYER_OF.items():
        rows = inputs.facilities[inputs.facilities["kind"] == kind]
        if len(rows):
            layers[layer] = _filled(rows)
    for level, layer in (("town", "towns"), ("village", "villages")):
        rows = inputs.zones[inputs.zones["level"] == level]
        if len(rows):
            layers[layer] = _filled(rows)
    if inputs.context.villages is not None:
        layers["villages"] = _filled(inputs.context.villages)
    if inputs.context.hazards is not None:
        layers["hazards"] = _filled(inputs.context.hazards)
    if len(inputs.zones):
        layers["zones"] = _filled(inputs.zones)
    return layers


def _filled(table: pd.DataFrame) -> frozenset[str]:
    is_filled = pd.DataFrame(table).notna().any()
    return frozenset(str(column) for column in is_filled.index[is_filled])
