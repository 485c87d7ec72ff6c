"""What a coverage map may show, each a value: its layers, the panel of targets and the texts.

Nothing is drawn here. :mod:`geo.maps.rows` makes rows of the tables, :mod:`geo.maps.room_layers` of the
findings, and the page draws them: areas, stations and gaps in ``assets/draw_layers.js``, findings in
``assets/findings.js``, what stands beside the map in ``assets/panel.js`` and ``assets/legend.js``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias

import geopandas as gpd
import pandas as pd

from geo.errors import InputError
from geo.findings import Finding, Ways
from geo.maps.geometry import DrawnRoads, draw_roads

__all__ = [
    "AreaLayer",
    "CoverageLayer",
    "FacilityLayer",
    "FindingLayer",
    "GapLayer",
    "LandLayer",
    "LayerStack",
    "MapLayer",
    "MapText",
    "RoadLayer",
    "RouteLayer",
    "StationLayer",
    "TargetPanel",
    "ZoneLayer",
    "stack_layers",
]


@dataclass(frozen=True, eq=False)
class RoadLayer:
    """Roads, by their class.

    Parameters
    ----------
    table : GeoDataFrame
        Lines with ``highway`` (the edges of a road network).
    """

    table: gpd.GeoDataFrame

    @cached_property
    def drawn(self) -> DrawnRoads:
        """The roads merged and simplified, once for all maps that show them."""
        return draw_roads(self.table)


@dataclass(frozen=True, eq=False)
class LandLayer:
    """The ground; where there is land, what lies around it is drawn as sea.

    Parameters
    ----------
    table, water : GeoDataFrame, optional
        Polygons of land and of inland water.
    """

    table: gpd.GeoDataFrame | None = None
    water: gpd.GeoDataFrame | None = None


@dataclass(frozen=True, eq=False)
class StationLayer:
    """The stations that answer.

    Parameters
    ----------
    table : GeoDataFrame
        Points with ``name``, ``status``, ``station_class``, ``people_served``, ``mean_s``, ``worst_s`` (s)
        and ``share_of_limit`` (load against ``statistics.PEOPLE_PER_STATION``; 1 = full); those that are
        missing show a dash.
    """

    table: gpd.GeoDataFrame


@dataclass(frozen=True, eq=False)
class FacilityLayer:
    """Other facilities (shelters, hydrants, ...), off at first.

    Parameters
    ----------
    table : GeoDataFrame
        Points by ``kind``.
    """

    table: gpd.GeoDataFrame


@dataclass(frozen=True, eq=False)
class CoverageLayer:
    """People by response time, with the bands and the headline figures of the panel.

    Parameters
    ----------
    table : GeoDataFrame, optional
        Coverage table: ``people``, ``first_s`` (response, s; ``inf`` if unreachable), ``first_id``,
        ``is_covered``, ``zone``, ``name``, ``reason``, ``snap_m``. None where only the unreachable are shown.
    unreached : GeoDataFrame, optional
        Unreachable points; None takes the rows of ``table`` whose ``first_s`` is ``inf``.
    bands_s : sequence of float
        Ends of the response bands, ascending seconds; "within" is <=.
    limit_s : float
        The response limit in seconds: where the colours of the bands turn.
    left_out : float
        People of the files that are not in the table; they are told beside the headline.
    snap_max_m : float or None
        Farthest that a point may be from its road, metres: told where one is farther.
    ways : sequence of Ways
        Ways of the people beside those of the engines, such as on foot to a shelter; by ids of ``table``.
    more_figures : sequence of mapping
        Headline figures beside those of the table: ``label``, ``value``, ``note``, ``tone``, all text.
    """

    table: gpd.GeoDataFrame | None = None
    unreached: gpd.GeoDataFrame | None = None
    bands_s: Sequence[float] = (180, 240, 300, 480, 900)
    limit_s: float = 300.0
    left_out: float = 0.0
    snap_max_m: float | None = None
    ways: Sequence[Ways] = ()
    more_figures: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, eq=False)
class RouteLayer:
    """The way to every place that can be clicked: its parts, and its line on the roads.

    Parameters
    ----------
    trace : callable
        Gives for ids of the coverage table the legs of their ways and the ways: two tables as those of
        :class:`geo.routing.RouteTrees`.
    call_s : float
        Seconds of the call, which each way's start holds beside the turnout.
    access_kph : float
        Speed between a point and its road.
    is_to_facility : bool
        People go to the facility, instead of engines coming from it.
    of_gaps : sequence
        For each gap in its rank the id to which the way is drawn, None for none.
    of_stations : mapping
        The same by id of the station.
    """

    trace: Callable[[pd.Index], tuple[gpd.GeoDataFrame, pd.DataFrame]]
    call_s: float = 0.0
    access_kph: float = 0.0
    is_to_facility: bool = False
    of_gaps: Sequence[Any] = ()
    of_stations: Mapping[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ZoneLayer:
    """Towns or other zones by the share of their people that is covered.

    Parameters
    ----------
    table : GeoDataFrame
        Polygons with ``name``, ``people``, ``people_covered``, ``share_people`` (0-1).
    """

    table: gpd.GeoDataFrame


@dataclass(frozen=True, eq=False)
class AreaLayer:
    """Service areas, of all stations together and of each.

    Parameters
    ----------
    table : GeoDataFrame
        Polygons with ``facility_id`` (missing for the union) and ``limit_s``.
    """

    table: gpd.GeoDataFrame


@dataclass(frozen=True, eq=False)
class GapLayer:
    """Places where people are left out, in their rank; ``gapLayer`` of ``assets/draw_layers.js`` draws them.

    Parameters
    ----------
    table : GeoDataFrame
        Points with ``name``, ``zone``, ``people``, ``n_points``, ``villages``, ``nearest_id``, ``mean_s``,
        ``worst_s``; ``nearest_s`` where those are missing.
    """

    table: gpd.GeoDataFrame


@dataclass(frozen=True, eq=False)
class FindingLayer:
    """One result of a room; it is drawn where it has a style and places, and its notes are told in any case.

    Parameters
    ----------
    finding : Finding
        See :class:`geo.findings.Finding`.
    """

    finding: Finding


@dataclass(frozen=True, eq=False)
class TargetPanel:
    """Targets of plans, in the panel beside the map.

    Parameters
    ----------
    table : DataFrame
        ``status``, ``name_zh``, ``name_en``, ``comparator``, ``target``, ``unit``, ``value``, ``missed_by``,
        ``beside_zh``, ``beside_en`` (what must be read beside the value); ``places`` names the finding that
        shows where a target fails.
    """

    table: pd.DataFrame


MapLayer: TypeAlias = (
    RoadLayer
    | LandLayer
    | StationLayer
    | FacilityLayer
    | CoverageLayer
    | RouteLayer
    | ZoneLayer
    | AreaLayer
    | GapLayer
    | FindingLayer
    | TargetPanel
)


@dataclass(frozen=True)
class MapText:
    """Texts of the panel.

    Parameters
    ----------
    standard : str
        One sentence on the standard and its clock.
    attribution : str
        Credit of the data, always shown.
    sources : sequence of str
        Lines of the 'about' panel: data sources, profile.
    made_on : str
        Date to print, as text (none by default, so that files can be compared).
    is_synthetic : bool
        Mark the map as made from synthetic data.
    """

    standard: str = ""
    attribution: str = ""
    sources: Sequence[str] = ()
    made_on: str = ""
    is_synthetic: bool = False


@dataclass(frozen=True, eq=False)
class LayerStack:
    """The layers of one map, by what they are; None where there is none."""

    roads: RoadLayer | None = None
    land: LandLayer = field(default_factory=LandLayer)
    stations: StationLayer | None = None
    facilities: FacilityLayer | None = None
    people: CoverageLayer = field(default_factory=CoverageLayer)
    routes: RouteLayer | None = None
    zones: ZoneLayer | None = None
    areas: AreaLayer | None = None
    gaps: GapLayer | None = None
    targets: TargetPanel | None = None
    findings: tuple[Finding, ...] = ()


_FIELDS: Final[Mapping[type[Any], str]] = {
    RoadLayer: "roads",
    LandLayer: "land",
    StationLayer: "stations",
    FacilityLayer: "facilities",
    CoverageLayer: "people",
    RouteLayer: "routes",
    ZoneLayer: "zones",
    AreaLayer: "areas",
    GapLayer: "gaps",
    TargetPanel: "targets",
}


def stack_layers(layers: Iterable[MapLayer]) -> LayerStack:
    """Order layers by what they are; their order says only which finding lies above which.

    Raises
    ------
    InputError
        Something is no layer, or two layers that are no findings are of one kind.
    """
    stack: dict[str, Any] = {}
    findings = []
    for layer in layers:
        if isinstance(layer, FindingLayer):
            findings.append(layer.finding)
            continue
        name = _FIELDS.get(type(layer))
        if name is None:
            known = ", ".join(cls.__name__ for cls in (*_FIELDS, FindingLayer))
            raise InputError(f"a map shows layers ({known}), not a {type(layer).__name__}")
        if name in stack:
            raise InputError(f"the map has two of {type(layer).__name__}: put their tables together")
        stack[name] = layer
    return LayerStack(**stack, findings=tuple(findings))
