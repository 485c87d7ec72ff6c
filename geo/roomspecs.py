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
    """Where the next sites should go.

    Parameters
    ----------
    goal : str
        ``best``: ``n`` sites for most people in time; ``fewest``: fewest (or cheapest) sites for a ``share``;
        ``mean``, ``worst``: ``n`` sites for the shortest mean or longest time; ``backup``: in time of two
        stations; ``capacity``: nobody serves more than ``max_people``; ``programme``: ``n_per_year``, in
        order; ``trade_off``: every number of sites up to ``n``; ``alternatives``: the ``k`` best plans of
        ``n`` sites that lose no more than ``max_loss``; ``budget``: most people in time for ``max_cost``.
    n : int
        New sites.
    share : float
        Of the people to bring in time, 0 to 1 (``fewest``).
    n_per_year : list of int
        New sites of each year (``programme``).
    second : float
        What a second station in time counts, 0 to 1; the first counts the rest (``backup``).
    max_people : float, optional
        That a station may serve (``capacity``); ``[response] people_limit`` when missing.
    is_split : bool
        Whether the people of one point may be shared among stations (``capacity``).
    max_cost : float, optional
        The budget, in the unit of the plots' ``cost``.
    of : str
        What ``trade_off`` and ``alternatives`` look at: ``best`` or ``mean``.
    k, max_loss, n_changed
        Plans, share of the value that they may lose, sites by which two of them differ at least.
    standard : str, optional
        The clock; that of ``[response]`` when missing.
    search_s : float
        Longest response that ``mean`` and ``worst`` look at; who is not reached by then counts so much.
    forced_in, forced_out : list of str
        Ids or names of candidates that must, or must not, be among the sites.
    by_risk : bool
        Whether people count by the ``risk`` of their place.
    by_cost : bool
        Whether ``fewest`` means the least sum of the plots' ``cost``.
    time_limit_s, gap : float
        Stop the search after so many seconds or at this relative gap, with the best plan so far.
    """

    goal: Literal[
        "best",
        "fewest",
        "mean",
        "worst",
        "backup",
        "capacity",
        "programme",
        "trade_off",
        "alternatives",
        "budget",
    ] = "best"
    n: int = 3
    share: float = 1.0
    n_per_year: list[int] = field(default_factory=list)
    second: float = 1.0
    max_people: float | None = None
    is_split: bool = False
    max_cost: float | None = None
    of: Literal["best", "mean"] = "best"
    k: int = 5
    max_loss: float = 0.02
    n_changed: int = 1
    standard: str | None = None
    search_s: float = 1800.0
    forced_in: list[str] = field(default_factory=list)
    forced_out: list[str] = field(default_factory=list)
    by_risk: bool = False
    by_cost: bool = False
    time_limit_s: float = 60.0
    gap: float = 0.0

    def faults(self) -> list[str]:
        """List the settings that cannot be, or that contradict each other."""
        found = [f"[siting] {name} must not be below 0" for name in self._negative()]
        found += [
            f"[siting] {name} = {value:g} must be from 0 to 1"
            for name, value in (("share", self.share), ("second", self.second), ("max_loss", self.max_loss))
            if not 0.0 <= value <= 1.0
        ]
        if self.goal == "programme" and not sum(self.n_per_year):
            found.append("[siting] programme needs n_per_year, such as [1, 1, 2]: the new sites of each year")
        if self.goal == "budget" and self.max_cost is None:
            found.append("[siting] budget needs max_cost, in the unit of the plots' cost")
        if self.k < 1 or self.n_changed < 1:
            found.append("[siting] k and n_changed must be 1 or more")
        both = sorted(set(self.forced_in) & set(self.forced_out))
        if both:
            found.append(f"[siting] {', '.join(both)}: forced in and forced out; choose one")
        return found

    def _negative(self) -> list[str]:
        values = {"n": self.n, "search_s": self.search_s, "time_limit_s": self.time_limit_s, "gap": self.gap}
        values |= {"max_people": self.max_people or 0, "max_cost": self.max_cost or 0}
        values |= {"n_per_year": min(self.n_per_year, default=0)}
        return [name for name, value in values.items() if not value >= 0]


@dataclass(frozen=True)
class CandidatesSpec:
    """Which places may become sites.

    Parameters
    ----------
    source : str
        ``plots``: the layers of ``[[plots]]``; ``roads``: every ``spacing_m`` along roads; ``nodes``: ends of
        roads; ``grid``: every ``spacing_m`` both ways, on land.
    spacing_m : float
        Metres between candidates of ``roads`` and ``grid``.
    classes : list of str
        Classes of road for ``roads`` and ``nodes``; all that may be entered when empty.
    with_planned : bool
        Whether planned facilities of the kind are candidates too.
    station_class : str
        Class to be built; chooses the least area.
    min_area_m2 : mapping of str to float
        Least area of a plot by class; no plot is too small for a class that is not named.
    near_m, near_classes : float, list of str
        A road of one of the classes must lie within so many metres.
    crowd_m : float, optional
        Metres to the exits of schools, hospitals and the like, instead of the standard's 50.
    hazmat_edition : str
        Whose distance to hazardous goods holds: ``stricter``, ``GB 51080-2015``, ``建标152-2017``.
    hazmat_m : float, optional
        Metres to hazardous goods, instead of an edition's.
    in_hazards : bool
        Whether sites may lie in the areas of ``[[hazards]]``.
    apart_m : float
        Metres, straight, that a site keeps from every existing facility of its kind.
    """

    source: Literal["plots", "roads", "nodes", "grid"] = "plots"
    spacing_m: float = 1000.0
    classes: list[str] = field(default_factory=list)
    with_planned: bool = False
    station_class: str = "second"
    min_area_m2: dict[str, float] = field(default_factory=dict)
    near_m: float = 100.0
    near_classes: list[str] = field(default_factory=list)
    crowd_m: float | None = None
    hazmat_edition: str = "stricter"
    hazmat_m: float | None = None
    in_hazards: bool = False
    apart_m: float = 0.0

    def faults(self) -> list[str]:
        """List the settings that cannot be."""
        numbers = {
            "near_m": self.near_m,
            "apart_m": self.apart_m,
            "crowd_m": self.crowd_m or 0,
            "hazmat_m": self.hazmat_m or 0,
        }
        numbers |= {f"min_area_m2.{name}": area for name, area in self.min_area_m2.items()}
        found = [f"[candidates] {name} must not be below 0" for name, value in numbers.items() if value < 0]
        if not self.spacing_m > 0:
            found.append("[candidates] spacing_m must be metres above 0")
        return found
