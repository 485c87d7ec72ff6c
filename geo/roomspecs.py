"""Settings of each room: zones, shelters, depots, hydrants, roads, projects, scenarios, siting."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "CandidatesSpec",
    "DepotsSpec",
    "HydrantsSpec",
    "ProjectsSpec",
    "RoadLinksSpec",
    "ScenarioSpec",
    "SheltersSpec",
    "SitingSpec",
    "ZoningSpec",
]


@dataclass(frozen=True)
class ZoningSpec:
    """Zones of responsibility.

    ``exemptions`` records, by station id or name, the risk assessment that sets a zone's area.
    """

    exemptions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SheltersSpec:
    """Shelters and the people who walk to them; numbers that no standard in hand gives have no default.

    ``profile`` is the speed profile of people on foot, for shelters and for stock points.
    """

    profile: str = "walk"
    m2_per_person: float | None = None
    reach_m: float | None = None


@dataclass(frozen=True)
class DepotsSpec:
    """Depots, bases and teams."""


@dataclass(frozen=True)
class HydrantsSpec:
    """Hydrants and water points; distances in metres.

    ``propose`` is how many new hydrants to place (the number of the plan's target when missing). ``classes``
    are the road classes that bear hydrants (those of public roads when empty), ``wide_classes`` those of them
    wider than 60 m. ``radius_m`` and ``spacing_m`` replace the standard's, ``end_m`` is the longest distance
    from a hydrant to a dead end (the spacing when missing), ``snap_m`` that from a hydrant to its road.
    ``unknown_works`` counts hydrants whose state is not said as working. ``water_point_m`` is the longest
    driving distance from a water point: no standard gives one. ``people_per_gap_m`` is how many people a
    metre of closed gap counts as, and ``gap_reach_m`` how far apart the people of one water-short place live.
    """

    propose: int | None = None
    classes: list[str] = field(default_factory=list)
    wide_classes: list[str] = field(default_factory=list)
    radius_m: float | None = None
    spacing_m: float | None = None
    end_m: float | None = None
    snap_m: float = 30.0
    unknown_works: bool = True
    water_point_m: float | None = None
    people_per_gap_m: float = 0.01
    gap_reach_m: float = 500.0


@dataclass(frozen=True)
class RoadLinksSpec:
    """Dead ends, cut links and what is left when roads close."""


@dataclass(frozen=True)
class ProjectsSpec:
    """The base year, and the projects that are evaluated beside today."""

    base_year: int = 2020


@dataclass(frozen=True)
class ScenarioSpec:
    """One named scenario."""

    name: str


@dataclass(frozen=True)
class SitingSpec:
    """Where the next sites should go."""

    goal: str = "best"


@dataclass(frozen=True)
class CandidatesSpec:
    """Which places may become sites."""

    source: str = "plots"
