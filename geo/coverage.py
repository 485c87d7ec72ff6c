"""Who is reached in time, by which station, with what backup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import statistics as summaries
from geo.defaults import BANDS_S
from geo.errors import NetworkError, StudyError
from geo.network import RoadNetwork
from geo.routing import SnapRules, nearest, travel_times
from geo.schema import Direction
from geo.standards import ResponseStandard
from geo.times import Times, is_within
from geo.words import Lang, percent, say, whole

if TYPE_CHECKING:  # drawing loads more than computing needs
    import folium

    from geo.maps import PeopleView

__all__ = [
    "Coverage",
    "by_band",
    "by_zone",
    "clock_starts",
    "clock_text",
    "cover",
    "headline",
    "summary",
    "under",
]


@dataclass(frozen=True, eq=False)
class Coverage:
    """Response times of stations to people on a network, under one standard.

    Parameters
    ----------
    table : GeoDataFrame
        One row per demand point, in the caller's order: ``people``, ``zone``, ``first_id``, ``first_s``
        (response: call + turnout + travel, s), ``first_travel_s`` (access and driving, s), ``second_id``,
        ``second_s``, ``second_travel_s``, ``n_in_time`` (stations that keep the limit), ``is_covered``,
        ``is_reachable``, ``band`` (position in ``bands_s``; their number for slower, -1 for not reached),
        ``snap_m``, ``reason`` ('' where reached; 'too far' from a road, 'across a barrier' or 'no road' where
        not on the network; 'island' where no station stands on the same roads, 'no route' where one-way
        streets forbid it, 'no station' where there is none at all, 'beyond the search'), ``name`` where the
        demand has names, ``geometry``.
    stations : GeoDataFrame
        The stations given, with ``people_served`` (people whose first station it is), ``mean_s``, ``worst_s``
        (response of those people, s; nan where it serves nobody), ``share_of_limit`` (people served /
        ``statistics.PEOPLE_PER_STATION``), ``is_over_limit``, ``is_snapped``, ``snap_m``, ``reason``.
    standard : ResponseStandard
        The clock and its limit.
    bands_s : tuple of float
        Upper limits of the bands, response seconds.
    direction : {"from_facility", "to_facility"}
        Which way the travel goes.
    demand_snaps, station_snaps : DataFrame
        Where the points stand on the network.
    times : Times
        Travel times of every pair that could be in time.
    search_s : float
        Longest response that was searched for; ``inf`` when every route was.
    network : RoadNetwork
        The roads.
    lang, attribution : str
        Language in which it prints and draws itself ("zh" or "en"), and the credits that it draws.
    """

    table: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    standard: ResponseStandard
    bands_s: tuple[float, ...]
    direction: Direction
    demand_snaps: pd.DataFrame = field(repr=False)
    station_snaps: pd.DataFrame = field(repr=False)
    times: Times = field(repr=False)
    search_s: float
    network: RoadNetwork = field(repr=False)

    lang: Lang = "en"
    attribution: str = ""

    def __repr__(self) -> str:
        """Give the headline figures as text."""
        return str(headline(self, lang=self.lang).rename_axis(None).to_string(header=False))

    def _repr_html_(self) -> str:
        return str(headline(self, lang=self.lang).rename_axis(None).to_html(header=False))

    def explore(self, column: str = "band", **options: Any) -> folium.Map:
        """Draw people, stations and roads on an interactive map that needs no network, as in geopandas.

        ``column``: ``"band"`` or a column of ``table``; for the options see :func:`geo.maps.explore_people`.
        """
        from geo.maps import explore_people

        return explore_people(self._view(), column, **options)

    def plot(self, column: str = "band", **options: Any) -> Any:
        """Draw people, stations and roads in a matplotlib figure, as in geopandas; give its axes.

        ``column`` is ``"band"`` or a column of ``table``; for the options see :func:`geo.maps.plot_people`.
        """
        from geo.maps import plot_people

        return plot_people(self._view(), column, **options)

    @cached_property
    def _figures(self) -> summaries.Summary:
        return summaries.summarise(self.table)

    def _view(self) -> PeopleView:
        from geo.maps import PeopleView

        clock = clock_text(self.standard, lang=self.lang)
        tables = (self.table, self.stations, self.network.edges)
        return PeopleView(*tables, self.bands_s, self.standard.limit_s, clock, self.attribution, self.lang)


def cover(
    network: RoadNetwork,
    stations: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    *,
    standard: ResponseStandard,
    direction: Direction = "from_facility",
    bands_s: Sequence[float] = BANDS_S,
    snapping: SnapRules | None = None,
    limit_search_s: float = float("inf"),
) -> Coverage:
    """Compute for each demand point its first and second station and whether the standard is kept.

    A demand point is covered when its first station's response, call + turnout + access + driving, is
    at most ``standard.limit_s``. A station's own ``turnout_s`` replaces the standard's. No demand row is
    dropped: one that cannot be reached has ``inf`` and the reason.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    stations : GeoDataFrame
        Facilities that respond; every row counts, so select by kind and status first.
    demand : GeoDataFrame
        Demand points with ``people``; ``zone`` and ``name`` are kept where present.
    standard : ResponseStandard
        The clock and its limit.
    direction : {"from_facility", "to_facility"}
        Engines go out, or people come in.
    bands_s : sequence of float
        Upper limits of the bands in response seconds, ascending.
    snapping : SnapRules, optional
        How far a point may stand from its road, how fast that way is, and what it does not cross.
    limit_search_s : float
        Longest response to look for, seconds; never less than the standard's limit is searched.

    Raises
    ------
    StudyError
        The bands do not ascend.
    NetworkError
        The network counts lengths, not times.

    Examples
    --------
    One station in a corner of an invented city of 900 crossings, ten people at each:

    >>> from geo.sample import grid_network
    >>> network = grid_network(900, seed=1)
    >>> stations = network.nodes.iloc[[0]].set_axis(["corner"])
    >>> homes = network.nodes.assign(people=10.0)
    >>> standard = ResponseStandard("5min", "dispatch", call_s=0, turnout_s=60, travel_s=240)
    >>> summary(cover(network, stations, homes, standard=standard))["people_covered"]
    3720.0
    """
    bands = tuple(float(band) for band in bands_s)
    if any(low >= high for low, high in zip((0.0, *bands), bands, strict=False)):
        raise StudyError(f"bands must ascend from above zero, but are {list(bands)} s; sort them")
    if network.impedance != "ms":
        raise NetworkError("the network counts lengths in millimetres, not times; give one with times")
    rules = snapping or SnapRules()
    station_snaps, demand_snaps = (rules.snap(points, network) for points in (stations, demand))
    search_s = max(limit_search_s, standard.limit_s)
    near = nearest(
        network,
        station_snaps,
        demand_snaps,
        direction=direction,
        limit_s=search_s,
        start_s=clock_starts(stations, standard),
    )
    times = travel_times(network, station_snaps, demand_snaps, direction=direction, limit_s=standard.limit_s)
    parts = Coverage(
        table=demand,
        stations=stations,
        standard=standard,
        bands_s=bands,
        direction=direction,
        demand_snaps=demand_snaps,
        station_snaps=station_snaps,
        times=times,
        search_s=search_s,
        network=network,
    )
    return _filled(parts, near)


def under(coverage: Coverage, standard: ResponseStandard) -> Coverage:
    """Give the same coverage on another standard's clock.

    Travel times do not change, so nothing is searched again unless it must be: when the clock moves some
    stations against others (own turnouts, counted on one clock and not on the other), or when the new
    limit is longer than the longest time kept.
    """
    before = clock_starts(coverage.stations, coverage.standard)
    after = clock_starts(coverage.stations, standard)
    search_s = max(coverage.search_s, standard.limit_s)
    shifts = np.unique(np.rint((after - before).to_numpy() * 1000.0))
    snaps = (coverage.station_snaps, coverage.demand_snaps)
    if len(shifts) <= 1 and np.isinf(coverage.search_s):
        shift_s = float(shifts.sum()) / 1000.0
        near = coverage.table[["first_id", "first_s", "second_id", "second_s"]].copy()
        near[["first_s", "second_s"]] = (near[["first_s", "second_s"]] + shift_s).round(3)
    else:
        near = nearest(
            coverage.network, *snaps, direction=coverage.direction, limit_s=search_s, start_s=after
        )
    times = coverage.times
    if standard.limit_s > times.limit_s:
        times = travel_times(coverage.network, *snaps, direction=coverage.direction, limit_s=standard.limit_s)
    return _filled(replace(coverage, standard=standard, times=times, search_s=search_s), near)


def clock_starts(stations: pd.DataFrame, standard: ResponseStandard) -> pd.Series:
    """Give the seconds on the clock before each station's engine drives: call + turnout + start loss.

    A station's own ``turnout_s`` replaces the standard's, except on a clock that starts at departure,
    where turnout does not count. The start loss counts on every clock: of a limit of at least twice the
    loss, who is within it is the same as by the law of :func:`geo.calibration.travel_time`.

    Examples
    --------
    >>> dispatch = ResponseStandard("5min", "dispatch", call_s=0, turnout_s=60, travel_s=240)
    >>> stations = pd.DataFrame({"turnout_s": [np.nan, 90.0]}, index=["professional", "volunteer"])
    >>> clock_starts(stations, dispatch).to_dict()
    {'professional': 60.0, 'volunteer': 90.0}
    """
    turnout = pd.Series(float(standard.turnout_s), index=stations.index)
    if standard.clock_start != "departure" and "turnout_s" in stations:
        turnout = stations["turnout_s"].astype(float).fillna(standard.turnout_s)
    return turnout + standard.call_s + standard.start_loss_s


def summary(coverage: Coverage) -> summaries.Summary:
    """Give the headline figures; see :class:`geo.statistics.Summary` for the rules."""
    return coverage._figures.copy()


def by_band(coverage: Coverage) -> pd.DataFrame:
    """Count people by band of response time; see :func:`geo.statistics.summarise_bands`."""
    return summaries.summarise_bands(coverage.table, bands_s=coverage.bands_s)


def by_zone(coverage: Coverage, zones: pd.DataFrame | None = None) -> pd.DataFrame:
    """Give the figures of each zone and of people outside; see :func:`geo.statistics.summarise_zones`."""
    return summaries.summarise_zones(coverage.table, zones)


def headline(coverage: Coverage, *, lang: Lang, left_out: float = 0.0) -> pd.DataFrame:
    """Give the headline figures in words: index ``figure``, column ``value``, both text.

    Where people of the files are ``left_out`` of the coverage, they stand beside those that are in it.
    """
    from geo.maps import name_ids

    figures = summary(coverage)
    standard = coverage.standard
    values = {
        "standard": name_ids(standard.name, lang=lang),
        "clock": clock_text(standard, lang=lang),
        "stations": f"{int(coverage.station_snaps['is_snapped'].sum())} / {len(coverage.stations)}",
        "people": _people(figures["people"], lang=lang),
        **({"left_out": _people(left_out, lang=lang)} if left_out > 0 else {}),
        "covered": _people(figures["people_covered"], figures["share_covered"], lang=lang),
        "two": _people(figures["people_two"], figures["share_two"], lang=lang),
        "unreachable": _people(figures["people_unreachable"], lang=lang),
        "mean": _minutes(figures["mean_s"], lang),
        "median": _minutes(figures["median_s"], lang),
        "p90": _minutes(figures["p90_s"], lang),
        "worst": _minutes(figures["worst_reached_s"], lang),
    }
    labels = [say(f"coverage.figure_{name}", lang=lang) for name in values]
    return pd.DataFrame({"value": list(values.values())}, index=pd.Index(labels, name="figure"))


def clock_text(standard: ResponseStandard, *, lang: Lang) -> str:
    """Say a standard's clock, part by part.

    Examples
    --------
    >>> clock_text(ResponseStandard("5min", "dispatch", call_s=0, turnout_s=60, travel_s=240), lang="en")
    'from the dispatch order: call 0 s + turnout 60 s + travel 240 s = 300 s'
    """
    return say(
        "coverage.clock_sum" if not standard.start_loss_s else "coverage.clock_sum_with_loss",
        lang=lang,
        start=say(f"coverage.clock_{standard.clock_start}", lang=lang),
        call=standard.call_s,
        turnout=standard.turnout_s,
        travel=standard.travel_s,
        limit=standard.limit_s,
        **({"loss": standard.start_loss_s} if standard.start_loss_s else {}),
    )


def _people(people: float, share: float = np.nan, *, lang: Lang) -> str:
    from geo.maps import say_wan

    exact = whole(people) if np.isnan(share) else f"{whole(people)} ({percent(share)})"
    return "，".join(filter(None, [exact, say_wan(people, lang=lang)]))


def _minutes(seconds: float, lang: Lang) -> str:
    if np.isnan(seconds):
        return "–"
    name = "coverage.minutes" if np.isfinite(seconds) else "coverage.not_reached"
    return say(name, lang=lang, minutes=seconds / 60.0)


def _filled(parts: Coverage, near: pd.DataFrame) -> Coverage:
    """Put the nearest stations on the clock into the tables of people and stations."""
    starts = clock_starts(parts.stations, parts.standard)
    first = near["first_s"].to_numpy(dtype=float)
    table = gpd.GeoDataFrame(
        {
            "people": parts.table["people"].astype(float),
            "zone": parts.table.get("zone"),
            "first_id": near["first_id"],
            "first_s": first,
            "first_travel_s": _travel(near["first_s"], near["first_id"], starts),
            "second_id": near["second_id"],
            "second_s": near["second_s"],
            "second_travel_s": _travel(near["second_s"], near["second_id"], starts),
            "n_in_time": _count_in_time(parts.times, starts, parts.standard),
            "is_covered": is_within(first, parts.standard.limit_s),
            "is_reachable": np.isfinite(first),
            "band": _band(first, parts.bands_s),
            "snap_m": parts.demand_snaps["snap_m"],
            "reason": _reason(parts, np.isfinite(first)),
            **({"name": parts.table["name"]} if "name" in parts.table else {}),
        },
        index=parts.table.index,
        geometry=parts.table.geometry,
    )
    return replace(parts, table=table, stations=_with_loads(parts, table))


def _travel(response_s: pd.Series, station_id: pd.Series, starts: pd.Series) -> NDArray[np.float64]:
    """Take the clock's start off the response; ``inf`` stays ``inf``."""
    start = starts.reindex(station_id).to_numpy(dtype=float)
    travel = np.round(response_s.to_numpy(dtype=float) - start, 3)
    return np.where(np.isnan(start), np.inf, travel)


def _count_in_time(times: Times, starts: pd.Series, standard: ResponseStandard) -> NDArray[np.int64]:
    start_s = np.repeat(starts.to_numpy(dtype=float), np.diff(times.start))
    in_time = is_within(start_s + times.ms / 1000.0, standard.limit_s)
    return np.bincount(times.demand[in_time], minlength=len(times.demand_id))


def _band(first_s: NDArray[np.float64], bands_s: tuple[float, ...]) -> NDArray[np.int64]:
    beyond = np.sum([~is_within(first_s, limit) for limit in bands_s], axis=0, dtype=np.int64)
    return np.where(np.isfinite(first_s), beyond, -1)


def _reason(parts: Coverage, is_reached: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Say why a demand point is not reached: its snap's reason, or why no route ends there."""
    reason: NDArray[np.object_] = parts.demand_snaps["reason"].to_numpy(dtype=object, copy=True)
    unrouted = parts.demand_snaps["is_snapped"].to_numpy(dtype=bool) & ~is_reached
    placed = parts.station_snaps.loc[parts.station_snaps["is_snapped"], "component"]
    on_island = unrouted & ~parts.demand_snaps["component"].isin(placed).to_numpy()
    reason[unrouted] = "no route" if np.isinf(parts.search_s) else "beyond the search"
    reason[on_island] = "island" if len(placed) else "no station"
    return reason


def _with_loads(parts: Coverage, table: pd.DataFrame) -> gpd.GeoDataFrame:
    loads = summaries.summarise_stations(table, parts.stations.index)
    snaps = parts.station_snaps[["is_snapped", "snap_m", "reason"]]
    return parts.stations.assign(**loads, **snaps)
