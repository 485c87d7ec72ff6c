"""The facilities of a study: one layer for each section, read, cut, checked and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import geopandas as gpd

from geo import stations
from geo.network import RoadNetwork
from geo.osm import is_osm_file, read_facilities
from geo.study.inputs.counted import settle_remarked, tell_brigades, tell_remarked, tell_statuses
from geo.study.inputs.cutting import cut_layer
from geo.study.inputs.datum import warn_of_shift
from geo.study.inputs.engines import with_engines
from geo.study.inputs.far_from_roads import far_faults
from geo.study.inputs.keeping import Keeper, as_read
from geo.study.inputs.log import LayerLog, naming, osm_layer
from geo.study.inputs.odd_numbers import tell_odd_numbers
from geo.study.inputs.openings import settle_openings
from geo.study.inputs.parts import read_part
from geo.study.inputs.placed import read_rows
from geo.study.inputs.pressures import tell_pressures
from geo.study.inputs.several import tell_several
from geo.study.inputs.stated import settle_stated, tell_stated
from geo.study.inputs.station_classes import settle_classes
from geo.study.inputs.twice import tell_shared_places
from geo.study.settings import FacilitySpec, Study

__all__ = ["read_facility_layers"]


def read_facility_layers(
    study: Study, net: RoadNetwork, log: LayerLog, keeper: Keeper
) -> Sequence[gpd.GeoDataFrame]:
    """Read the facilities of each section; what stops one section stops no other.

    A section whose own file and all other layers are as they were is taken as it was kept: where one station
    moves, the hydrants are not read again.
    """
    tables = []
    for number, spec in enumerate(study.facilities, start=1):
        alone = replace(as_read(study), facilities=(spec,), calls=(), scenarios=(), candidates=None)
        table = read_part(log, keeper, f"facilities-{number}", alone, partial(_read, number, net))
        if table is not None:
            tables.append(table)
    return tables


def _read(number: int, net: RoadNetwork, study: Study, log: LayerLog) -> gpd.GeoDataFrame | None:
    section, (spec,) = f"facilities {number}", study.facilities
    table = log.attempt(section, partial(_facilities, study, spec, number, net, log))
    if table is not None:
        # One shifted layer among many right ones would not show in all of them together.
        log.attempt(section, partial(warn_of_shift, log, section, table, net, declared=spec.crs))
    return table


def _facilities(
    study: Study, spec: FacilitySpec, number: int, net: RoadNetwork, log: LayerLog
) -> gpd.GeoDataFrame:
    file, section = study.file(spec.path), f"facilities {number}"
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
            if spec.kind == "fire_station":
                layer, classes = settle_classes(layer)
                log.note(section, *classes)
            if spec.status == "existing":
                layer, openings = settle_openings(layer, year=study.study.year)
                log.note(section, *openings)
        layer = cut_layer(study, spec, layer, log)
        is_answering = spec.kind == study.response.facility_kind
        layer, extras = with_engines(study, layer) if is_answering else (layer, ())
        facilities, faults = stations.make_facilities(
            layer.table,
            kind=spec.kind,
            status=spec.status,
            crs=net.crs,
            prefix=f"{spec.kind}-{number}",
            source=file.name,
            extras=extras,
        )
        far = far_faults(layer.table, layer.to_metric(net.crs), net.node_xy)
        log.add(layer.with_faults([*faults, *far], n_kept=len(facilities)))
        log.note(section, *tell_statuses(facilities, status=spec.status), *tell_shared_places(layer))
        log.note(section, *tell_remarked(layer, facilities), *tell_stated(layer, facilities))
        log.note(section, *tell_brigades(layer, facilities), *tell_several(layer, spec.kind))
        log.note(section, *tell_odd_numbers(facilities), *tell_pressures(layer, facilities))
    return facilities
