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
    """Hydrants and water points; ``propose`` is how many new hydrants to place."""

    propose: int = 0


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
