"""Settings of each room of the study: zones, shelters, depots, hydrants, roads, projects, siting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from geo.messages import Message
from geo.ranges import (
    Count,
    Kilometres2,
    KphAboveZero,
    Metres,
    Metres2,
    MetresAboveZero,
    People,
    PeopleAboveZero,
    Range,
    Seconds,
    Share,
    Year,
)
from geo.schema import MAIN_CLASSES
from geo.settings import NOTHING
from geo.statistics import MOST_BUSY, PEOPLE_PER_STATION

__all__ = [
    "CandidatesSpec",
    "DepotsSpec",
    "HydrantsSpec",
    "ProjectsSpec",
    "RoadLinksSpec",
    "SitingSpec",
    "ZoningSpec",
]

Spacing: TypeAlias = Annotated[float, Range(1.0, 1e6, "m")]
"""Closer than a metre nothing is placed: that would be a point for each grain of sand."""


@dataclass(frozen=True)
class ZoningSpec:
    """Zones of responsibility.

    ``outline`` is ``exact``, or ``regular``: borders moved to whole ``blocks`` between roads of
    ``main_classes`` and town borders (``roads``) or to whole towns (``towns``). ``suburban`` lists stations
    (ids or names, or ``"all"``) that the suburban limit is for; ``exemptions`` records, by station, the risk
    assessment that sets a zone's area. Nobody should serve more than ``most_people``; ``most_people_of`` says
    otherwise for single stations; with ``whole`` each point (a village, an estate) belongs to one station
    and its people are not shared. ``expressways_from_roads`` takes motorways and trunk roads for
    expressways that zones should not cross; up to ``sliver_km2`` beyond an obstacle is no crossing.
    ``wind_from_deg`` is where the prevailing wind comes from, degrees clockwise from north (a south-east
    wind: 135); without it nothing is said about who is upwind.
    """

    outline: Literal["exact", "regular"] = "exact"
    blocks: Literal["roads", "towns"] = "roads"
    main_classes: Sequence[str] = MAIN_CLASSES
    suburban: Sequence[str] = ()
    exemptions: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    most_people: PeopleAboveZero = PEOPLE_PER_STATION
    most_people_of: Mapping[str, PeopleAboveZero] = field(default_factory=lambda: NOTHING)
    whole: bool = False
    expressways_from_roads: bool = False
    sliver_km2: Kilometres2 = 0.05
    wind_from_deg: Annotated[float, Range(0.0, 360.0, "deg")] | None = None


@dataclass(frozen=True)
class DepotsSpec:
    """Depots, bases and teams.

    ``village_levels`` are the levels of depot that count as a village's own, and ``village_reach_m`` the
    farthest that a village without a polygon may be from a depot that nothing else gives to a village
    (None never guesses by distance). ``transport_kinds`` go out by road under ``transport_standard``;
    people walk to depots under ``walk_standard``, at ``walk_access_kph`` beside the road.
    """

    village_levels: Sequence[str] = ("village", "point")
    village_reach_m: Metres | None = None
    transport_kinds: Sequence[str] = ("depot", "base")
    transport_standard: str = "transport-1h"
    walk_standard: str = "walk-15min"
    walk_access_kph: KphAboveZero = 4.0


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

    propose: Count | None = None
    classes: Sequence[str] = ()
    wide_classes: Sequence[str] = ()
    radius_m: MetresAboveZero | None = None
    spacing_m: Spacing | None = None
    end_m: Metres | None = None
    snap_m: Metres = 30.0
    unknown_works: bool = True
    water_point_m: MetresAboveZero | None = None
    people_per_gap_m: Annotated[float, Range(0.0, 1e6, "people")] = 0.01
    gap_reach_m: Metres = 500.0


@dataclass(frozen=True)
class RoadLinksSpec:
    """Dead ends, cut links and what is left when roads close.

    ``border_m`` is how near to the border of the data a blind end says nothing; ``skip_classes`` are road
    classes whose dead ends do not count; ``stay_open`` classes stay open in hazard areas (viaducts);
    ``close_worst`` is how many of the worst cut links are closed in turn; ``most_rows`` how many are listed.
    """

    border_m: Metres = 100.0
    skip_classes: Sequence[str] = (
        "service",
        "track",
        "path",
        "footway",
        "pedestrian",
        "steps",
        "cycleway",
    )
    stay_open: Sequence[str] = ()
    close_worst: Count = 3
    most_rows: Count = 500


@dataclass(frozen=True)
class ProjectsSpec:
    """The projects that are evaluated beside today.

    ``base_year`` is the year whose end the plan starts from; the plan's own when missing. ``opened_year`` is
    the year that planned facilities get when they count as built; the plan's target year when missing. Every
    facility whose status is planned counts as built. ``hydrants`` and ``water_points`` are how many new ones
    are still to come; those of the plan's projects that are not there yet when missing. Where planned rows do
    not suffice, proposed hydrants are taken, best first.
    """

    base_year: Year | None = None
    opened_year: Year | None = None
    hydrants: Count | None = None
    water_points: Count | None = None


@dataclass(frozen=True)
class SitingSpec:
    """Where the next sites should go.

    Parameters
    ----------
    goal : str
        ``best``: ``n`` sites for most people in time; ``fewest``: fewest (or cheapest) sites for a ``share``;
        ``mean``, ``worst``: ``n`` sites for the shortest mean or longest time; ``backup``: in time of two
        stations; ``capacity``: nobody serves more than ``max_people``; ``programme``: ``n_per_year``, in
        order; ``expected``: most people in time of a free engine on the mean, ``reliable``: with a
        ``reliability``, engines being out for a ``busy_share`` of the time; ``trade_off``: every number of
        sites up to ``n``; ``alternatives``: the ``k`` best plans that differ and lose no more than
        ``max_loss``; ``budget``: most people in time for ``max_cost``.
    n : int
        New sites.
    share : float
        Of the people to bring in time, 0 to 1 (``fewest``).
    n_per_year : list of int
        New sites of each year (``programme``).
    second : float
        What a second station in time counts, 0 to 1; the first counts the rest (``backup``).
    busy_share, reliability : float
        Share of the time that an engine is out (``expected``, ``reliable``), and chance with which one must
        be free (``reliable``).
    max_people : float, optional
        That a station may serve (``capacity``); ``[response] people_limit`` when missing.
    is_split : bool
        Whether the people of one point may be shared among stations (``capacity``).
    max_cost : float, optional
        The budget, in the unit of the plots' ``cost``.
    of : str
        What ``trade_off`` and ``alternatives`` look at: ``best`` or ``mean``; ``alternatives`` also
        ``fewest``, ``worst``, ``backup``, ``capacity``, ``expected`` or ``reliable``.
    k, max_loss, n_changed
        Plans, share of the value that they may lose, new sites of each that later ones leave out at least.
    standard : str, optional
        The clock; that of ``[response]`` when missing.
    search_s : float
        Longest response that ``mean`` and ``worst`` look at; who is not reached by then counts so much.
    forced_in, forced_out : list of str
        Ids or names of candidates that must, or must not, be among the sites.
    why : list of str
        Ids or names of places of which is told why they are among the sites, or why not.
    by_risk : bool
        Whether people count by the ``risk`` of their place.
    by_cost : bool
        Whether ``fewest`` means the least sum of the plots' ``cost``.
    scenario : str, optional
        Name of one of ``[[scenarios]]``: the sites are sought in the district as that makes it.
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
        "expected",
        "reliable",
        "trade_off",
        "alternatives",
        "budget",
    ] = "best"
    n: Count = 3
    share: Share = 1.0
    n_per_year: Sequence[Count] = ()
    second: Share = 1.0
    busy_share: Annotated[float, Range(0.0, MOST_BUSY, "share")] | None = None
    reliability: Annotated[float, Range(0.0, 1.0, "share", is_below=True)] = 0.9
    max_people: People | None = None
    is_split: bool = False
    max_cost: Annotated[float, Range(0.0, 1e15)] | None = None
    of: Literal["best", "mean", "fewest", "worst", "backup", "capacity", "expected", "reliable"] = "best"
    k: Annotated[int, Range(1, 10_000, "pieces")] = 5
    max_loss: Share = 0.02
    n_changed: Annotated[int, Range(1, 1_000_000, "pieces")] = 1
    standard: str | None = None
    search_s: Seconds = 1800.0
    forced_in: Sequence[str] = ()
    forced_out: Sequence[str] = ()
    why: Sequence[str] = ()
    by_risk: bool = False
    by_cost: bool = False
    scenario: str | None = None
    time_limit_s: Seconds = 60.0
    gap: Share = 0.0

    @property
    def asked(self) -> str:
        """The goal whose plans are sought: of ``trade_off`` and ``alternatives`` what they look at."""
        return self.of if self.goal in ("trade_off", "alternatives") else self.goal

    def faults(self) -> list[Message]:
        """List the settings that contradict each other."""
        faults = []
        if self.goal == "programme" and not sum(self.n_per_year):
            faults.append(Message("settings.programme_years"))
        if self.goal == "budget" and self.max_cost is None:
            faults.append(Message("settings.budget_cost"))
        if self.asked in ("expected", "reliable") and self.busy_share is None:
            faults.append(Message("settings.busy_share", {"goal": self.asked}))
        if self.goal == "trade_off" and self.of not in ("best", "mean"):
            faults.append(Message("settings.trade_off_of", {"of": self.of}))
        if self.n == 0 and self.goal not in ("fewest", "programme", "budget"):
            faults.append(Message("settings.no_new_site", {"goal": self.goal}))
        both = sorted(set(self.forced_in) & set(self.forced_out))
        if both:
            faults.append(Message("settings.forced_twice", {"names": tuple(both)}))
        return faults


@dataclass(frozen=True)
class CandidatesSpec:
    """Which places may become sites.

    Parameters
    ----------
    source : str
        ``plots``: the layers of ``[[plots]]``; ``roads``: every ``spacing_m`` along roads; ``nodes``: ends of
        roads; ``grid``: every ``spacing_m`` both ways, on land. ``auto``: plots where the study names a layer
        of them, else roads.
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
    outside_m : float
        Metres by which a site may lie outside of the district: of the towns of ``[[zones]]`` and the people.
    """

    source: Literal["auto", "plots", "roads", "nodes", "grid"] = "auto"
    spacing_m: Spacing = 1000.0
    classes: Sequence[str] = ()
    with_planned: bool = False
    station_class: str = "second"
    min_area_m2: Mapping[str, Metres2] = field(default_factory=lambda: NOTHING)
    near_m: Metres = 100.0
    near_classes: Sequence[str] = ()
    crowd_m: Metres | None = None
    hazmat_edition: str = "stricter"
    hazmat_m: Metres | None = None
    in_hazards: bool = False
    apart_m: Metres = 0.0
    outside_m: Metres = 1000.0
