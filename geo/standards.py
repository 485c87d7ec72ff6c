"""Response clocks and speed profiles: values with their sources, read from ``layers/``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

__all__ = ["ResponseStandard", "SpeedProfile"]

_EMPTY: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class ResponseStandard:
    """A response-time standard with its clock taken apart.

    Parameters
    ----------
    name : str
        Identifier, such as ``"gb51080-5min"``.
    clock_start : {"call", "dispatch", "departure"}
        What starts the clock: the call, the dispatch order, or the wheels turning.
    call_s : float
        Call handling on the clock, seconds (0 unless the clock starts at the call).
    turnout_s : float
        Turnout on the clock, seconds (0 when it starts at departure); a station's own
        ``turnout_s`` replaces it.
    travel_s : float
        Travel (access and driving) that is left, seconds.
    share : float
        Share of the people (0-1) that must be reached.
    source : str
        Standard, edition, clause and mark.
    """

    name: str
    clock_start: Literal["call", "dispatch", "departure"]
    call_s: float
    turnout_s: float
    travel_s: float
    share: float = 1.0
    source: str = ""

    @property
    def limit_s(self) -> float:
        """The whole clock: call + turnout + travel, in seconds."""
        return self.call_s + self.turnout_s + self.travel_s


@dataclass(frozen=True)
class SpeedProfile:
    """How fast a vehicle or walker moves on each class of road.

    Parameters
    ----------
    name : str
        Identifier, such as ``"fire_engine"``.
    speeds_kph : mapping of str to float
        Speed by ``highway`` class; a class that is missing is closed.
    urban_speeds_kph : mapping of str to float
        Lower speeds inside built-up areas; falls back to ``speeds_kph``.
    maxspeed_factor : float or None
        Where a road has ``maxspeed``: speed = factor x maxspeed; None ignores the tag.
    junction_delay_s : float
        Delay at each junction of three or more roads; half is charged on each end of a link and
        spread evenly along it, so reversing the roads reverses the times exactly.
    oneway : {"obey", "ignore"} or float
        Obey one-way streets, ignore them, or drive against them at this factor (0-1) of the speed.
    no_access : frozenset of str
        Classes that no building or station is entered from (motorways).
    ferries : bool
        Whether ferry routes may be used.
    access_kph : float
        Speed between a point and its road.
    source : str
        Where the numbers come from.
    """

    name: str
    speeds_kph: Mapping[str, float]
    urban_speeds_kph: Mapping[str, float] = field(default_factory=lambda: _EMPTY)
    maxspeed_factor: float | None = None
    junction_delay_s: float = 0.0
    oneway: Literal["obey", "ignore"] | float = "obey"
    no_access: frozenset[str] = frozenset({"motorway", "motorway_link"})
    ferries: bool = False
    access_kph: float = 10.0
    source: str = ""
