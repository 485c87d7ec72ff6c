"""The layers of a study, read and brought into one metric CRS, with a report of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import geopandas as gpd
import pandas as pd

from geo import stations
from geo.calls import CallRecords
from geo.crs import Whereabouts
from geo.layers import LayerReport
from geo.messages import Message
from geo.network import RoadNetwork, Roads, mark_urban
from geo.osm import is_osm_file, read_facilities, read_roads
from geo.schema import check_facilities
from geo.study.inputs.calls import read_calls
from geo.study.inputs.counted import (
    settle_remarked,
    tell_brigades,
    tell_remarked,
    tell_repeats,
    tell_statuses,
)
from geo.study.inputs.cutting import cut_layer
from geo.study.inputs.datum import parse_shifted, warn_of_shift
from geo.study.inputs.engines import require_engines, with_engines
from geo.study.inputs.far import far_faults
from geo.study.inputs.log import LayerLog, Unshifted, naming, osm_layer
from geo.study.inputs.needs import tell_needs
from geo.study.inputs.networks import cache_folder, is_graphml, network_of
from geo.study.inputs.osm_files import osm_layers_of
from geo.study.inputs.own_ids import own_facility_ids
from geo.study.inputs.people import name_zones, read_people
from geo.study.inputs.placed import read_rows
from geo.study.inputs.road_area import border_notes, road_area
from geo.study.inputs.road_lines import line_roads, profile_of
from geo.study.inputs.road_notes import (
    closed_notes,
    pieces_notes,
    refuse_settings_of_lines,
    require_together,
    used_notes,
    water_around,
)
from geo.study.inputs.stamps import Stamps, stamp_files
from geo.study.inputs.stated import settle_stated, tell_stated
from geo.study.inputs.surroundings import Context, read_context
from geo.study.inputs.together import tell_of_roads, tell_together
from geo.study.inputs.twice import tell_shared_places
from geo.study.inputs.unplaced import look_at_layers
from geo.study.inputs.whereabouts import own_systems, some_ends
from geo.study.inputs.zones import read_shapes, read_zones
from geo.study.settings import LayerSpec, Study
from geo.study.steps import OnStep, Step

__all__ = ["Inputs", "read_inputs", "read_network"]

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


def read_inputs(study: Study, *, step: OnStep = lambda step: None) -> Inputs:
    """Read every layer of a study.

    Parameters
    ----------
    study : Study
        A checked study file.
    step : callable
        Told each step as it starts.

    Raises
    ------
    GeoError
        A layer cannot be used; the message names the section of the study file.
    """
    stamps = stamp_files(study)
    layers = osm_layers_of(study, folder=cache_folder())
    log = LayerLog(known=Whereabouts(own_systems(study)), osm=layers)
    step(Step.ROADS)
    roads, net = log.attempt("roads", lambda: _roads_and_network(study, log)) or (None, None)
    if net is None:
        # Nothing can be placed, but every other file can be looked at: all is told in one go.
        look_at_layers(study, log)
        log.require_no_errors()
        raise AssertionError("without a network there is an error")
    log.known = replace(log.known, lonlat=some_ends(net))
    log.note("roads", *pieces_notes(study, net))
    log.note("roads", *used_notes(net.notes, profile_of(study, study.roads.profile)))
    log.note("roads", *closed_notes(study, roads, profile_of(study, study.roads.profile)))
    step(Step.FACILITIES)
    tables = _all_facilities(study, net, log)
    step(Step.ZONES)
    zones = read_zones(study, net, log)
    land = read_shapes(study, "land", (study.land,) if study.land else (), net, log)
    barriers = read_shapes(study, "barriers", study.barriers, net, log)
    step(Step.PEOPLE)
    people = log.attempt("demand", lambda: _people(study, net, zones, log))
    context = read_context(study, net.crs, log, road_ends=net.node_xy)
    facilities = log.attempt("facilities", lambda: _merged(study, tables, log)) if not log.errors else None
    calls = _calls(study, facilities, net, log) if facilities is not None else None
    log.require_no_errors()
    assert facilities is not None
    assert people is not None  # else an error was kept
    log.note("roads", *border_notes(study, net, people, profile_of(study, study.roads.profile), log.within))
    log.note("study", *tell_needs(study, net, len(people)))
    log.note("study", *tell_together(_of_other_sources(study, log), net))
    log.note("roads", *tell_of_roads(log.shifts, parse_shifted(study.roads.crs or "")))
    facilities = name_zones(facilities, zones, log)
    walking = _walking(study, facilities, net, roads, log)
    credits = [study.study.attribution, net.attribution, *log.credits]
    return Inputs(
        network=net,
        facilities=facilities,
        demand=people,
        zones=zones,
        land=land,
        barriers=barriers,
        reports=tuple(log.reports),
        notes=tuple(log.notes),
        attributions=tuple(dict.fromkeys(credit for credit in credits if credit)),
        context=context,
        walking=walking,
        water=water_around(study, net, log) if land is None and barriers is None else None,
        left_out=pd.concat(log.left_out, ignore_index=True) if log.left_out else pd.DataFrame(),
        calls=calls,
        stamps=stamps,
    )


def _roads_and_network(study: Study, log: LayerLog) -> tuple[Roads | None, RoadNetwork]:
    refuse_settings_of_lines(study.roads)
    log.within = road_area(study, log)
    roads = _read_roads(study, log)
    network = network_of(study, study.roads.profile, roads, log.within)
    require_together(network)
    return roads, network


def read_network(study: Study) -> RoadNetwork:
    """Read the roads of a study alone.

    Raises
    ------
    GeoError
        The roads cannot be used.
    """
    with naming("roads"):
        return _roads_and_network(study, LayerLog(known=Whereabouts(own_systems(study))))[1]


def _all_facilities(study: Study, net: RoadNetwork, log: LayerLog) -> list[gpd.GeoDataFrame]:
    """Read the facilities of each section; what stops one section stops no other."""
    tables = []
    for i in range(len(study.facilities)):
        section = f"facilities {i + 1}"
        table = log.attempt(section, partial(_facilities, study, i, net, log))
        if table is None:
            continue
        # One shifted layer among many right ones would not show in all of them together.
        declared = study.facilities[i].crs
        log.attempt(section, partial(warn_of_shift, log, section, table, net, declared=declared))
        tables.append(table)
    return tables


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


def _people(
    study: Study, net: RoadNetwork, zones: gpd.GeoDataFrame, log: LayerLog
) -> gpd.GeoDataFrame | None:
    return read_people(study, net, zones, log)


def _walking(
    study: Study, facilities: gpd.GeoDataFrame, net: RoadNetwork, roads: Roads | None, log: LayerLog
) -> RoadNetwork | None:
    """Give the roads to people on foot, where there is something to walk to."""
    is_walked = facilities["kind"].isin(WALKED_TO).any()
    if is_walked and is_graphml(study.roads.path):
        log.note("roads", Message("study.no_walking"))  # its times are those of driving
        return None
    if not is_walked:
        return None
    return network_of(study, study.shelters.profile, roads, log.within).drawn_with(net)


def _read_roads(study: Study, log: LayerLog) -> Roads | None:
    """Read the roads of which networks are made; None where a network is read or kept as such."""
    spec, file = study.roads, study.file(study.roads.path)
    if is_graphml(spec.path) or (is_osm_file(spec.path) and not spec.urban):
        return None
    if is_osm_file(spec.path):
        roads = read_roads(file, where=spec.where, within=log.within)
    else:
        roads = line_roads(study, file, log)
    if spec.urban:
        urban = LayerSpec(spec.urban)
        areas = log.read(urban, study.file(spec.urban), section="roads.urban", geometry="polygon")
        log.add(areas)
        roads = mark_urban(roads, areas.table)
    return roads


def _facilities(study: Study, i: int, net: RoadNetwork, log: LayerLog) -> gpd.GeoDataFrame:
    spec, section = study.facilities[i], f"facilities {i + 1}"
    file = study.file(spec.path)
    is_answering = spec.kind == study.response.facility_kind
    with naming(section):
        if is_osm_file(spec.path):
            layer = osm_layer(
                spec, file, read_facilities(log.osm_file(file), kinds=(spec.kind,)), section=section
            )
        else:
            layer, notes = settle_remarked(
                read_rows(study, spec, file, section=section, crs=net.crs, log=log)
            )
            layer, stated = settle_stated(layer)
            log.note(section, *notes, *stated)
        layer = cut_layer(study, spec, layer, log)
        layer, extras = with_engines(study, layer) if is_answering else (layer, ())
        facilities, faults = stations.make_facilities(
            layer.table,
            kind=spec.kind,
            status=spec.status,
            crs=net.crs,
            prefix=f"{spec.kind}-{i + 1}",
            source=file.name,
            extras=extras,
        )
        far = far_faults(layer.table, layer.to_metric(net.crs), net.node_xy)
        log.add(layer.with_faults([*faults, *far], n_kept=len(facilities)))
        log.note(section, *tell_statuses(facilities, status=spec.status), *tell_shared_places(layer))
        log.note(section, *tell_remarked(layer, facilities), *tell_stated(layer, facilities))
        log.note(section, *tell_brigades(layer, facilities))
    return facilities
