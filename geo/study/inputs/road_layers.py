"""The roads of a study and the networks that are made of them, for engines and for people on foot."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from geo.crs import Whereabouts
from geo.network import RoadNetwork, Roads, mark_urban
from geo.osm import is_osm_file, read_roads
from geo.study.inputs.keeping import Keeper, as_read
from geo.study.inputs.log import LayerLog, naming
from geo.study.inputs.networks import cache_folder, is_graphml, network_of
from geo.study.inputs.parts import read_part
from geo.study.inputs.road_area import road_area
from geo.study.inputs.road_lines import line_roads, profile_of
from geo.study.inputs.road_notes import (
    closed_notes,
    pieces_notes,
    refuse_settings_of_lines,
    require_together,
    used_notes,
)
from geo.study.inputs.whereabouts import own_systems
from geo.study.settings import LayerSpec, Study

__all__ = ["Driven", "ReadOnce", "read_driven", "read_network", "read_walked"]


@dataclass(frozen=True, eq=False)
class Driven:
    """The roads that engines drive on.

    Parameters
    ----------
    network : RoadNetwork
        With the times of the study's profile.
    within : shapely.Geometry or None
        The area in degrees in which roads are read; None for all of them.
    """

    network: RoadNetwork
    within: Any | None


@dataclass(eq=False)
class ReadOnce:
    """The roads as they were read for engines, until the network of people on foot is made of them too.

    Reading them takes half the time of reading a study, and more memory than all that comes after it.

    Parameters
    ----------
    is_wanted : bool
        Whether somebody may walk; else they are not held.
    """

    is_wanted: bool
    _roads: Roads | None = field(default=None, repr=False)

    def hold(self, roads: Roads | None) -> None:
        """Hold roads that were just read."""
        self._roads = roads if self.is_wanted else None

    def take(self) -> Roads | None:
        """Give the roads and let them go; None where they were not read this time."""
        roads, self._roads = self._roads, None
        return roads


def read_driven(study: Study, log: LayerLog, keeper: Keeper, once: ReadOnce) -> Driven | None:
    """Read the network of the study; None where it cannot be used, and the log received why."""
    alone = _roads_alone(study)
    return read_part(log, _keeper_of(alone, keeper), "roads", alone, partial(_read_driven, keeper, once))


def read_walked(study: Study, net: RoadNetwork, log: LayerLog, keeper: Keeper, once: ReadOnce) -> RoadNetwork:
    """Make a network of the same roads for people on foot; they are read where they were not yet."""
    alone = _roads_alone(study)

    def read() -> RoadNetwork:
        # What is told of the roads was told when they were read for engines.
        again = LayerLog(known=Whereabouts(own_systems(alone)), osm=log.osm, within=log.within)
        roads = once.take() or _read_roads(alone, again)
        return network_of(alone, alone.shelters.profile, roads, log.within, folder=keeper.folder)

    walked = _keeper_of(alone, keeper).give("walked", alone, read, may_keep=lambda network: True)
    return walked.drawn_with(net)


def read_network(study: Study) -> RoadNetwork:
    """Read the roads of a study alone.

    Raises
    ------
    GeoError
        The roads cannot be used.
    """
    with naming("roads"):
        log = LayerLog(known=Whereabouts(own_systems(study)))
        return _roads_and_network(study, log, Keeper(cache_folder(), {}, {}))[1]


def _keeper_of(study: Study, keeper: Keeper) -> Keeper:
    """Give what keeps the networks; those of an OpenStreetMap file alone are kept by themselves already."""
    is_kept = is_osm_file(study.roads.path) and not study.roads.urban
    return replace(keeper, folder=None) if is_kept else keeper


def _roads_alone(study: Study) -> Study:
    """Give a study of which no more is asked than its roads."""
    return replace(
        as_read(study), facilities=(), demand=(), calls=(), scenarios=(), candidates=None, projects=None
    )


def _read_driven(keeper: Keeper, once: ReadOnce, study: Study, log: LayerLog) -> Driven | None:
    both = log.attempt("roads", partial(_roads_and_network, study, log, keeper))
    if both is None:
        return None
    roads, net = both
    once.hold(roads)
    log.note("roads", *pieces_notes(study, net))
    log.note("roads", *used_notes(net.notes, profile_of(study, study.roads.profile)))
    log.note("roads", *closed_notes(study, roads, profile_of(study, study.roads.profile)))
    return Driven(net, log.within)


def _roads_and_network(study: Study, log: LayerLog, keeper: Keeper) -> tuple[Roads | None, RoadNetwork]:
    refuse_settings_of_lines(study.roads)
    log.within = road_area(study, log)
    roads = _read_roads(study, log)
    network = network_of(study, study.roads.profile, roads, log.within, folder=keeper.folder)
    require_together(network)
    return roads, network


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
