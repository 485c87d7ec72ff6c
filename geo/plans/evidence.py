"""The facts that targets are held against, and a computed value with its evidence (tables only)."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import pandas as pd

from geo.messages import Message
from geo.settings import NOTHING
from geo.standards import ResponseStandard
from geo.statistics import Summary
from geo.times import Times

__all__ = ["Facts", "Measure", "Need", "Reading", "beside_people"]


@dataclass(frozen=True, eq=False)
class Reading:
    """Coverage read on one standard's clock.

    Parameters
    ----------
    standard : ResponseStandard
        The clock and its limit.
    figures : Summary
        ``coverage.summary`` of the coverage under this standard.
    starts_s : Series
        ``coverage.clock_starts`` of the stations, seconds, in the order of ``Facts.times.facility_id``.
    road_share, land_share : float
        Shares (0-1) of road length and of land within the limit; nan where not worked out.
    """

    standard: ResponseStandard
    figures: Summary
    starts_s: pd.Series
    road_share: float = math.nan
    land_share: float = math.nan


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known about the district: plain tables and numbers, no network.

    Parameters
    ----------
    layers : mapping of str to collection of str
        Layers that the study has (names of ``plans.LAYERS``), each with the columns in which some row has a
        value. A layer that is absent makes its targets 'no data'.
    people : Series
        People of the demand points, in the order of ``times.demand_id``.
    stations : DataFrame
        All fire stations of any status: index ``facility_id``; ``name``, ``status``, ``station_class``,
        ``staff``.
    served : Series
        ``people_served`` of the stations that were covered with (``Coverage.stations``), by station id.
    readings : mapping of str to Reading
        Coverage by the name of the standard.
    times : Times, optional
        Travel times of those stations (``Coverage.times``), up to the longest limit of the readings.
    facilities : DataFrame
        All facilities of every kind and status: ``schema.FACILITY_COLUMNS`` without geometry; ``zone`` is the
        town that the file names, else the one it stands in.
    zones : DataFrame
        Index ``zone_id``; ``name``, ``level``, ``people`` (of the demand points in it; nan where none).
    villages : DataFrame, optional
        List of villages: ``name``, ``zone`` (town), ``people``.
    tables : mapping of str to DataFrame
        What the rooms found, by the name of the finding, without geometry.
    figures : mapping of str to mapping
        Their headline numbers, by the name of the finding.
    base_year : int, optional
        Year whose end the plan starts from: what opened later is new.
    """

    layers: Mapping[str, Collection[str]]
    people: pd.Series
    stations: pd.DataFrame
    served: pd.Series
    readings: Mapping[str, Reading] = field(default_factory=lambda: NOTHING)
    times: Times | None = None
    facilities: pd.DataFrame = field(default_factory=pd.DataFrame)
    zones: pd.DataFrame = field(default_factory=pd.DataFrame)
    villages: pd.DataFrame | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=lambda: NOTHING)
    figures: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: NOTHING)
    base_year: int | None = None

    @property
    def existing(self) -> pd.DataFrame:
        """The stations that exist."""
        return self.stations[self.stations["status"] == "existing"]

    @property
    def total(self) -> float:
        """All people."""
        return math.fsum(self.people)


Need: TypeAlias = tuple[str, str]
"""A layer, and the columns or values that it lacks (empty where the layer is absent)."""


@dataclass(frozen=True)
class Measure:
    """A computed value with its evidence.

    Parameters
    ----------
    value : float
        In the target's unit; nan where it could not be computed.
    evidence : tuple of Message
        What made the value.
    if_missed : tuple of Message
        By how much it misses, in people, stations or firefighters.
    needs : tuple of Need
        What is missing in the data; makes the target 'no data'.
    places : str
        Name of the finding that shows where the target fails; empty for none.
    beside : tuple of Message
        What must be read beside the value, such as the share behind a minimum: one village without a depot
        makes it 0.
    """

    value: float = math.nan
    evidence: tuple[Message, ...] = ()
    if_missed: tuple[Message, ...] = ()
    needs: tuple[Need, ...] = ()
    places: str = ""
    beside: tuple[Message, ...] = ()


def beside_people(people: float, in_time: float, unreachable: float) -> Message:
    """Say how many people are beyond a limit, those whom no road reaches among them."""
    return Message("plans.beside_people", {"n": people - in_time, "unreachable": unreachable})
