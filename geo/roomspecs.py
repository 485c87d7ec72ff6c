"""Settings of each room: zones, shelters, depots, hydrants, roads, projects, scenarios, siting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

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

    ``outline`` is ``exact``, or ``regular``: borders moved to whole ``blocks`` between roads of
    ``main_classes`` and town borders (``roads``) or to whole towns (``towns``). ``suburban`` lists stations
    (ids or names, or ``"all"``) that the suburban limit is for; ``exemptions`` records, by station, the risk
    assessment that sets a zone's area. Nobody should serve more than ``most_people``; ``most_people_of`` says
    otherwise for single stations. ``expressways_from_roads`` takes motorways and trunk roads for
    expressways that zones should not cross; up to ``sliver_km2`` beyond an obstacle is no crossing.
    """

    outline: Literal["exact", "regular"] = "exact"
    blocks: Literal["roads", "towns"] = "roads"
    main_classes: list[str] = field(default_factory=lambda: ["motorway", "trunk", "primary", "secondary"])
    suburban: list[str] = field(default_factory=list)
    exemptions: dict[str, str] = field(default_factory=dict)
    most_people: float = 120_000.0
    most_people_of: dict[str, float] = field(default_factory=dict)
    expressways_from_roads: bool = False
    sliver_km2: float = 0.05


@dataclass(frozen=True)
class SheltersSpec:
    """Shelters and the people who walk to them; numbers that no standard in hand gives have no default.

    Parameters
    ----------
    profile : str
        Speed profile of people on foot, for shelters and for stock points.
    target_m2 : float, optional
        Usable area per person that towns are held against; that of the plan when missing.
    m2_per_person : float, optional
        Usable area that a person takes, where a shelter says its area but not its places.
    m2_per_person_by_level : mapping of str to float
        The same by class; it comes first.
    reach_m, reach_min : float, optional
        Longest walk to a shelter, in metres at the walking speed of the profile, or in minutes.
    reach_m_by_level : mapping of str to float
        Longest walk by class, metres; it comes first.
    night : float, optional
        Share (0-1) of the night in a weighted number of people, where the demand has ``people_day``.
    fixed_levels, central_levels : list of str, optional
        Classes that are fixed and central shelters; those of ``layers/standards/shelters.toml`` when missing.
    planned_people : mapping of str to float
        Planned people by town, for the rule on fixed shelters; today's people when missing.
    """

    profile: str = "walk"
    target_m2: float | None = None
    m2_per_person: float | None = None
    m2_per_person_by_level: dict[str, float] = field(default_factory=dict)
    reach_m: float | None = None
    reach_min: float | None = None
    reach_m_by_level: dict[str, float] = field(default_factory=dict)
    night: float | None = None
    fixed_levels: list[str] | None = None
    central_levels: list[str] | None = None
    planned_people: dict[str, float] = field(default_factory=dict)

    def faults(self) -> list[str]:
        """Find numbers that cannot be, and settings that contradict each other."""
        told = {name: getattr(self, name) for name in ("target_m2", "m2_per_person", "reach_m", "reach_min")}
        for name in ("m2_per_person_by_level", "reach_m_by_level", "planned_people"):
            told |= {f"{name}: {level}": value for level, value in getattr(self, name).items()}
        faults = [
            f"{name} must be above 0, not {value:g}"
            for name, value in told.items()
            if value is not None and not 0 < value < float("inf")
        ]
        if self.reach_m is not None and self.reach_min is not None:
            faults.append("give either reach_m or reach_min, not both")
        if self.night is not None and not 0 <= self.night <= 1:
            faults.append(f"night must be a share between 0 and 1, not {self.night:g}")
        return faults


@dataclass(frozen=True)
class DepotsSpec:
    """Depots, bases and teams.

    ``village_levels`` are the levels of depot that count as a village's own, and ``village_reach_m`` the
    farthest that a village without a polygon may be from a depot that nothing else gives to a village
    (None never guesses by distance). ``transport_kinds`` go out by road under ``transport_standard``;
    people walk to depots under ``walk_standard``, at ``walk_access_kph`` beside the road.
    """

    village_levels: list[str] = field(default_factory=lambda: ["village", "point"])
    village_reach_m: float | None = None
    transport_kinds: list[str] = field(default_factory=lambda: ["depot", "base"])
    transport_standard: str = "transport-1h"
    walk_standard: str = "walk-15min"
    walk_access_kph: float = 4.0


@dataclass(frozen=True)
class HydrantsSpec:
    """Hydrants and water points; ``propose`` is how many new hydrants to place."""

    propose: int = 0


@dataclass(frozen=True)
class RoadLinksSpec:
    """Dead ends, cut links and what is left when roads close.

    ``border_m`` is how near to the border of the data a blind end says nothing; ``skip_classes`` are road
    classes whose dead ends do not count; ``stay_open`` classes stay open in hazard areas (viaducts);
    ``close_worst`` is how many of the worst cut links are closed in turn; ``most_rows`` how many are listed.
    """

    border_m: float = 100.0
    skip_classes: list[str] = field(
        default_factory=lambda: ["service", "track", "path", "footway", "pedestrian", "steps", "cycleway"]
    )
    stay_open: list[str] = field(default_factory=list)
    close_worst: int = 3
    most_rows: int = 500


@dataclass(frozen=True)
class ProjectsSpec:
    """The projects that are evaluated beside today.

    ``base_year`` is the year whose end the plan starts from; the plan's own when missing. ``opened_year`` is
    the year that planned facilities get when they count as built; the plan's target year when missing. Every
    facility whose status is planned counts as built; ``hydrants`` and ``water_points`` say how many new ones
    the projects make in all: where planned rows do not suffice, proposed hydrants are taken, best first.
    """

    base_year: int | None = None
    opened_year: int | None = None
    hydrants: int = 0
    water_points: int = 0


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
