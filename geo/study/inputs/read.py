"""The layers of a study, read and brought into one metric CRS, with a report of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import geopandas as gpd
import pandas as pd

from geo import stations
from geo.calls import CallRecords
from geo.crs import Whereabouts
from geo.files import forget_oldest
from geo.freeing import give_back
from geo.layers import LayerReport
from geo.messages import Message
from geo.network import RoadNetwork
from geo.osm import is_osm_file
from geo.schema import check_facilities
from geo.study.inputs.calls import read_calls
from geo.study.inputs.counted import (
    tell_repeats,
)
from geo.study.inputs.datum import parse_shifted
from geo.study.inputs.engines import require_engines
from geo.study.inputs.facility_layers import read_facility_layers
from geo.study.inputs.keeping import Keeper, as_read, keeper_of, without_places
from geo.study.inputs.log import LayerLog, Unshifted
from geo.study.inputs.needs import tell_needs
from geo.study.inputs.networks import cache_folder, is_graphml
from geo.study.inputs.osm_files import osm_layers_of
from geo.study.inputs.own_ids import own_facility_ids
from geo.study.inputs.parts import read_part
from geo.study.inputs.people import name_zones, read_people
from geo.study.inputs.road_area import border_notes
from geo.study.inputs.road_layers import ReadOnce, read_driven, read_walked
from geo.study.inputs.road_lines import profile_of
from geo.study.inputs.road_notes import (
    water_around,
)
from geo.study.inputs.stamps import Stamps, stamp_files
from geo.study.inputs.surroundings import Context, read_context
from geo.study.inputs.together import tell_of_roads, tell_together
from geo.study.inputs.unplaced import look_at_layers
from geo.study.inputs.whereabouts import own_systems, some_ends
from geo.study.inputs.zones import read_shapes, read_zones
from geo.study.settings import Study
from geo.study.steps import READING, OnStep, Step

__all__ = ["Inputs", "read_inputs"]

WALKED_TO: Final = ("shelter", "depot")
"""Kinds of facility that people reach on foot."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """Everything a study reads, checked, in one projected metric CRS.

    Parameters
    ----------
    network : RoadNetwork
        The roads with their times; its CRS is the study's.
    facilities : GeoDataFrame
        A ``Facilities`` table of every kind.
    demand : GeoDataFrame
        A ``Demand`` table; ``zone`` names the town where there are towns, ``name`` the place.
    zones : GeoDataFrame
        A ``Zones`` table, perhaps empty.
    land, barriers : GeoDataFrame or None
        Land that areas are clipped to, and water that the way to a road may not cross.
    reports : tuple of (str, LayerReport)
        Section of the study file and the report of its layer.
    notes : tuple of (str, Message)
        Section and one sentence on what was guessed, repaired or left out.
    attributions : tuple of str
        Credits of the sources, each once.
    context : Context
        Layers that only some rooms use.
    walking : RoadNetwork or None
        The same roads for people on foot, where the study has shelters or depots.
    water : GeoDataFrame or None
        Water of the roads' OpenStreetMap file, which is only told; None where the study has land or barriers.
    left_out : DataFrame
        Rows of the layers of people that are not in ``demand`` or count nobody there: ``section``, ``file``,
        ``row``, ``name``, ``zone``, ``people``, ``reason`` (Message).
    calls : CallRecords or None
        Records of calls, where the study names some; no place, number or time of them may leave the program.
    stamps : mapping
        Size and time of every file before it was read.
    """

    network: RoadNetwork
    facilities: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    land: gpd.GeoDataFrame | None
    barriers: gpd.GeoDataFrame | None
    reports: tuple[tuple[str, LayerReport], ...]
    notes: tuple[tuple[str, Message], ...]
    attributions: tuple[str, ...]
    context: Context = field(default_factory=Context)
    walking: RoadNetwork | None = None
    water: gpd.GeoDataFrame | None = None
    left_out: pd.DataFrame = field(default_factory=pd.DataFrame)
    calls: CallRecords | None = None
    stamps: Stamps = field(default_factory=dict)

    def __repr__(self) -> str:
        """Name the layers by their numbers of rows; their tables are not printed."""
        parts = ("facilities", "demand", "zones")
        sizes = ", ".join(f"n_{part}={len(getattr(self, part))}" for part in parts)
        return f"Inputs({sizes}, network={self.network!r})"

    @property
    def people_left_out(self) -> float:
        """People of those rows, as far as the files say how many."""
        return float(self.left_out["people"].sum()) if len(self.left_out) else 0.0


def read_inputs(
    study: Study,
    *,
    step: OnStep = lambda step: None,
    use_cache: bool = True,
    keeper: Keeper | None = None,
) -> Inputs:
    """Read every layer of a study, or take what was kept when the same files were read in the same way.

    Parameters
    ----------
    study : Study
        A checked study file.
    step : callable
        Told each step as it starts.
    use_cache : bool
        Whether what was kept is taken, and what is read is kept in the folder of the cache. Records of calls
        never are, and no study that has them as a whole.
    keeper : Keeper, optional
        What keeps the layers, where more is to be kept beside them; ``use_cache`` says nothing then.

    Raises
    ------
    GeoError
        A layer cannot be used; the message names the section of the study file.
    """
    stamps, told = stamp_files(study), list[Step]()

    def tell(started: Step) -> None:
        told.append(started)
        step(started)

    keeper = keeper or keeper_of(study, cache_folder() if use_cache else None)
    if study.calls:
        inputs = _read(study, keeper, step=step)
    else:
        asked = as_read(study)
        inputs = keeper.give(
            "inputs", asked, partial(_read, asked, keeper, step=tell), may_keep=lambda _: True
        )
        for part in READING[len(told) :]:
            step(part)
    if keeper.folder is not None:
        forget_oldest(keeper.folder)
    return replace(inputs, stamps=stamps)


def _read(study: Study, keeper: Keeper, *, step: OnStep) -> Inputs:
    layers = osm_layers_of(study, folder=keeper.folder)
    log = LayerLog(known=Whereabouts(own_systems(study)), osm=layers)
    step(Step.ROADS)
    once = ReadOnce(any(spec.kind in WALKED_TO for spec in study.facilities))
    driven = read_driven(study, log, keeper, once)
    if driven is None:
        # Nothing can be placed, but every other file can be looked at: all is told in one go.
        look_at_layers(study, log)
        log.require_no_errors()
        raise AssertionError("without a network there is an error")
    net, log.within = driven.network, driven.within
    log.known = replace(log.known, lonlat=some_ends(net), roads_crs=_crs_of_roads(log))
    give_back()  # the file's own table and what was made on the way
    step(Step.FACILITIES)
    tables = read_facility_layers(study, net, log, keeper)
    step(Step.ZONES)
    ground = read_part(log, keeper, "zones", without_places(study, demand=()), partial(_ground, net))
    step(Step.PEOPLE)
    people, context = read_part(
        log, keeper, "people", without_places(study), partial(_people, net, ground.zones)
    )
    # A fault of another layer hides none of the facilities' and none of the calls'.
    is_whole = len(tables) == len(study.facilities)
    facilities = log.attempt("facilities", lambda: _merged(study, tables, log)) if is_whole else None
    calls = _calls(study, facilities, net, log) if facilities is not None else None
    log.require_no_errors()
    assert facilities is not None
    assert people is not None  # else an error was kept
    log.note("roads", *border_notes(study, net, people, profile_of(study, study.roads.profile), log.within))
    log.note("study", *tell_needs(study, net, len(people)))
    log.note("study", *tell_together(_of_other_sources(study, log), net))
    log.note("roads", *tell_of_roads(log.shifts, parse_shifted(study.roads.crs or "")))
    facilities = name_zones(facilities, ground.zones, log)
    give_back()
    walking = _walking(study, facilities, net, log, partial(read_walked, keeper=keeper, once=once))
    credits = [study.study.attribution, net.attribution, *log.credits]
    return Inputs(
        network=net,
        facilities=facilities,
        demand=people,
        zones=ground.zones,
        land=ground.land,
        barriers=ground.barriers,
        reports=tuple(log.reports),
        notes=tuple(log.notes),
        attributions=tuple(dict.fromkeys(credit for credit in credits if credit)),
        context=context,
        walking=walking,
        water=_water(study, net, ground, log, keeper),
        left_out=pd.concat(log.left_out, ignore_index=True) if log.left_out else pd.DataFrame(),
        calls=calls,
    )


def _crs_of_roads(log: LayerLog) -> str:
    """Give the system in which the file of the roads was read; nothing of a map or a graph."""
    return next((report.crs for section, report in log.reports if section == "roads"), "")


@dataclass(frozen=True, eq=False)
class _Ground:
    zones: gpd.GeoDataFrame
    land: gpd.GeoDataFrame | None
    barriers: gpd.GeoDataFrame | None


def _ground(net: RoadNetwork, study: Study, log: LayerLog) -> _Ground:
    zones = read_zones(study, net, log)
    land = read_shapes(study, "land", (study.land,) if study.land else (), net, log)
    return _Ground(zones, land, read_shapes(study, "barriers", study.barriers, net, log))


def _water(
    study: Study, net: RoadNetwork, ground: _Ground, log: LayerLog, keeper: Keeper
) -> gpd.GeoDataFrame | None:
    """Give the water of the roads' file, where the planner names neither land nor barriers."""
    if ground.land is not None or ground.barriers is not None or not is_osm_file(study.roads.path):
        return None
    asked = without_places(study, demand=())
    return read_part(log, keeper, "water", asked, lambda study, log: water_around(study, net, log))


def _people(
    net: RoadNetwork, zones: gpd.GeoDataFrame, study: Study, log: LayerLog
) -> tuple[gpd.GeoDataFrame | None, Context]:
    people = log.attempt("demand", lambda: read_people(study, net, zones, log))
    return people, read_context(study, net.crs, log, road_ends=net.node_xy)


def _of_other_sources(study: Study, log: LayerLog) -> dict[str, Unshifted]:
    """Give the layers of places; where the roads are of OpenStreetMap, not those that are so too."""
    form = {section: report.format for section, report in log.reports}
    is_osm = is_osm_file(study.roads.path)
    return {s: layer for s, layer in log.unshifted.items() if not (is_osm and form.get(s) == "OpenStreetMap")}


def _merged(study: Study, tables: Sequence[gpd.GeoDataFrame], log: LayerLog) -> gpd.GeoDataFrame:
    facilities = check_facilities(own_facility_ids(stations.merge_facilities(*tables)))
    log.note("facilities", *tell_repeats(facilities))
    require_engines(study, facilities)
    return facilities


def _calls(study: Study, facilities: gpd.GeoDataFrame, net: RoadNetwork, log: LayerLog) -> CallRecords | None:
    stations_of = facilities[facilities["kind"] == study.response.facility_kind]
    return read_calls(study, stations_of, net, log)


def _walking(
    study: Study,
    facilities: gpd.GeoDataFrame,
    net: RoadNetwork,
    log: LayerLog,
    read: Callable[[Study, RoadNetwork, LayerLog], RoadNetwork],
) -> RoadNetwork | None:
    """Give the roads to people on foot, where there is something to walk to."""
    is_walked = facilities["kind"].isin(WALKED_TO).any()
    if is_walked and is_graphml(study.roads.path):
        log.note("roads", Message("study.no_walking"))  # its times are those of driving
        return None
    return read(study, net, log) if is_walked else None
