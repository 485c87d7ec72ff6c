"""The people of a study, from all of its demand layers, as one table of points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import to_metric
from geo.demand import (
    DemandRead,
    assign_zones,
    demand_from_grid,
    demand_from_points,
    demand_from_zones,
    town_key,
)
from geo.errors import InputError
from geo.layers import with_row_names
from geo.messages import Message
from geo.network import RoadNetwork
from geo.osm import is_osm_file, read_buildings
from geo.schema import check_demand
from geo.study.inputs.account import account_for_cells, account_for_rows
from geo.study.inputs.cell_values import tell_cell_values
from geo.study.inputs.cutting import cut_layer, cut_table
from geo.study.inputs.datum import warn_of_shift
from geo.study.inputs.doubts import (
    ask_for_people,
    doubt_buildings,
    doubt_facility_towns,
    doubt_rows,
    doubt_towns,
)
from geo.study.inputs.far_from_roads import far_cells, far_faults
from geo.study.inputs.kinds import keep_kind
from geo.study.inputs.log import LayerLog, StudyLayer, find_column, naming, osm_layer, raster_layer
from geo.study.inputs.own_ids import own_place_ids
from geo.study.inputs.people_ground import doubt_ground, tell_empty_ground
from geo.study.inputs.people_names import tell_names
from geo.study.inputs.people_places import read_at_places
from geo.study.inputs.places import boundary_layer, people_of_places
from geo.study.inputs.twice import tell_shared_places, tell_twice
from geo.study.inputs.zones import warn_of_ground
from geo.study.settings import DemandSpec, LayerSpec, Study

CALLS = "calls_per_year"
"""Column of the people with the calls of each place, where the study names one."""

__all__ = ["CALLS", "name_zones", "read_people", "settled_people", "told_zones"]


def read_people(
    study: Study, network: RoadNetwork, zones: gpd.GeoDataFrame, log: LayerLog
) -> gpd.GeoDataFrame | None:
    """Read every demand layer and put each point into its zone.

    Parameters
    ----------
    study : Study
        Its ``demand`` sections say how each layer becomes people.
    network : RoadNetwork
        Gives the CRS, and the roads that zone totals are spread over when asked.
    zones : GeoDataFrame
        ``Zones``; a point in none of them belongs to no zone.
    log : LayerLog
        Receives reports and notes.

    Returns
    -------
    GeoDataFrame or None
        ``Demand``, with ``name`` where the layer has names; None where the log received errors.
    """
    tables: dict[int, gpd.GeoDataFrame] = {}
    towns = told_zones(zones)
    n_errors = len(log.errors)
    for i, spec in enumerate(study.demand, start=1):
        section = f"demand {i}"
        read = _METHODS[spec.method]
        if spec.method in _CELLS:
            read = partial(read, zones=towns)
        table = log.attempt(section, partial(read, study, spec, network, log, section))
        if table is None:
            continue
        log.attempt(section, partial(warn_of_shift, log, section, table, network, declared=spec.crs))
        ground = partial(_doubt_ground, log, section, table, network, spec.method in _CELLS)
        log.attempt(section, ground)
        tables[i] = table.set_axis(pd.Index([str(n) for n in table.index], name="demand_id"))
    if len(log.errors) > n_errors:
        return None
    for section, note in tell_twice(study.demand, tables, log.layers):
        log.note(section, note)
    people = gpd.GeoDataFrame(pd.concat(tables.values()), crs=network.crs)
    if people.index.has_duplicates:
        apart = [f"{i}-{n}" for i, table in tables.items() for n in table.index]
        people = people.set_axis(pd.Index(apart, name="demand_id"))
    if len(towns):
        stands = assign_zones(people, towns)
        log.note("demand", *doubt_towns(people, stands, towns["name"]))
        people["zone"] = stands
        if "name" in people:  # the many points of a town lie in it, and need not be called so too
            is_of_town = (people["name"] == stands) & people["name"].duplicated(keep=False)
            people["name"] = people["name"].where(~is_of_town, None)
    are_cells = all(spec.method in _CELLS for spec in study.demand)
    log.note("demand", *tell_empty_ground(people, towns, network.node_xy, are_cells=are_cells))
    with naming("demand"):
        return check_demand(people)


def told_zones(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the zones that results are told by: towns, else districts, else villages."""
    for level in ("town", "district", "village"):
        of_level = zones[zones["level"] == level]
        if len(of_level):
            return of_level
    return zones


def name_zones(rows: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, log: LayerLog) -> gpd.GeoDataFrame:
    """Write the towns that facilities name as the zones that results are told by write them.

    城桥 is 城桥镇 where one zone alone is called so. A name that no zone bears gives way to that of the zone
    in which the facility stands, if any, and is noted; so is a town other than that in which it stands.

    Parameters
    ----------
    rows : GeoDataFrame
        ``zone`` (missing where the file does not say), points.
    zones : GeoDataFrame
        ``Zones``; only towns are named by facilities.
    log : LayerLog
        Receives the note.
    """
    towns = told_zones(zones)
    if not len(towns) or not (towns["level"] == "town").all():
        return rows
    names = dict.fromkeys(towns["name"])
    short = pd.Series(list(names), index=[town_key(name) for name in names])
    short = short[~short.index.duplicated(keep=False)]
    named = rows["zone"]
    meant = named.where(named.isin(names) | named.isna(), named.map(town_key).map(short))
    strange = named.notna() & meant.isna()
    if not named.notna().any():
        return rows.assign(zone=meant.astype(object).where(meant.notna(), None))
    stands = assign_zones(rows, towns)
    log.note("facilities", *doubt_facility_towns(rows, meant, stands))
    moved = strange & stands.notna()
    if moved.any():
        words = ", ".join(dict.fromkeys(named[moved].astype(str)))
        log.note("facilities", Message("study.unknown_towns", {"n": int(moved.sum()), "names": words[:80]}))
    settled = meant.where(~strange, stands.where(stands.notna(), named))
    return rows.assign(zone=settled.astype(object).where(settled.notna(), None))


def _from_points(
    study: Study, spec: DemandSpec, network: RoadNetwork, log: LayerLog, section: str
) -> gpd.GeoDataFrame:
    layer = _point_layer(study, spec, section, log, network)
    if spec.people is None and spec.total is None:
        raise ask_for_people(layer)
    if not is_osm_file(spec.path):
        layer, notes = keep_kind(layer, "village", asked=spec.where)
        log.note(section, *notes)
    layer = cut_layer(study, spec, layer, log)
    layer, weight = _with_weight(layer, spec.weight)
    layer, calls = _with_weight(layer, study.availability.calls_column if study.availability else None)
    moved = _named(layer.to_metric(network.crs))
    log.add(layer.with_faults(far_faults(layer.table, moved, network.node_xy)))
    log.note(section, *tell_cell_values(layer, moved, spec))
    people = "people" if isinstance(spec.people, str) else spec.people
    read = demand_from_points(moved, people=people, total=spec.total, weight=weight)
    if calls is not None:
        read = replace(read, table=read.table.assign(**{CALLS: moved[calls].astype(float)}))
    return own_place_ids(_accounted(study, layer, read, spec, log), moved)


def _named(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Name rows by their villages where no column is one of names; their towns stay theirs."""
    named = with_row_names(rows)
    return named.assign(zone=rows["zone"]) if "zone" in rows else named


def _point_layer(
    study: Study, spec: DemandSpec, section: str, log: LayerLog, network: RoadNetwork
) -> StudyLayer:
    """Read a layer of points; of an OpenStreetMap file its buildings, over which a total is spread."""
    file = study.file(spec.path)
    if spec.places is not None:
        layer = read_at_places(study, spec, section, log, network.crs, settled_people(spec))
        return replace(layer, table=layer.table.set_geometry(layer.table.representative_point()))
    if not is_osm_file(spec.path):
        return log.read(spec, file, section=section, columns=settled_people(spec))
    if spec.total is None:
        raise InputError(Message("study.buildings_total", {"file": file.name}))
    layer = osm_layer(spec, file, read_buildings(log.osm_file(file)), section=section)
    log.note(section, *doubt_buildings(layer, spec))
    return layer


def _from_zones(
    study: Study, spec: DemandSpec, network: RoadNetwork, log: LayerLog, section: str
) -> gpd.GeoDataFrame:
    file, settled = study.file(spec.path), settled_people(spec)
    if spec.places is not None:
        layer = read_at_places(study, spec, section, log, network.crs, settled)
    elif is_osm_file(spec.path):
        layer = boundary_layer(spec, file, log, section=section)
        if isinstance(spec.people, str) and spec.people not in ("people", "population"):
            find_column(layer, spec.people)  # says which there are
    else:
        layer = log.read(spec, file, section=section, columns=settled, geometry="polygon")
    layer = cut_layer(study, spec, layer, log)
    log.add(layer)
    zones = _named(layer.to_metric(network.crs))
    warn_of_ground(log, section, zones, network, read_as=layer.report.crs)
    log.note(section, *tell_cell_values(layer, zones, spec))
    if spec.over == "centre":
        return _accounted(study, layer, demand_from_points(zones), spec, log)
    over, weight = _spread_over(study, spec, network, log, section)
    table = _accounted(study, layer, demand_from_zones(zones, over=over, weight=weight), spec, log)
    # The points of a village bear its name, not that of the road or the house that they stand at.
    return table.assign(name=table["zone"])


def _from_grid(
    study: Study,
    spec: DemandSpec,
    network: RoadNetwork,
    log: LayerLog,
    section: str,
    *,
    zones: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    layer = log.read(spec, study.file(spec.path), section=section, columns=settled_people(spec))
    layer = cut_layer(study, spec, layer, log)
    cells = layer.to_metric(network.crs)
    log.add(layer.with_faults(far_faults(layer.table, cells, network.node_xy)))
    log.note(section, *tell_cell_values(layer, cells, spec))
    return _accounted(study, layer, demand_from_grid(cells, unit=spec.unit, zones=zones), spec, log)


def _from_raster(
    study: Study,
    spec: DemandSpec,
    network: RoadNetwork,
    log: LayerLog,
    section: str,
    *,
    zones: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    file = study.file(spec.path)
    from geo.study.inputs.rasters import read_raster  # rasterio takes a fifth of a second to load

    whole = read_raster(spec, file, crs=network.crs, zones=zones, known=log.known)
    read = replace(whole, table=cut_table(study, spec, whole.table, log, section=section))
    log.add(raster_layer(spec, file, read.table, section=section))
    log.note(section, *far_cells(read.table, network.node_xy), *account_for_cells(file, whole).notes())
    n = float(read.table["people"].sum())
    log.note(section, *tell_names(file, ["", whole.label], people=n, year=study.study.year))
    return _logged(read, log, section)


def _from_places(
    study: Study, spec: DemandSpec, network: RoadNetwork, log: LayerLog, section: str
) -> gpd.GeoDataFrame:
    read = people_of_places(study, spec, network.crs, log, section)
    return _logged(
        replace(read, table=cut_table(study, spec, read.table, log, section=section)), log, section
    )


def _accounted(
    study: Study, layer: StudyLayer, read: DemandRead, spec: DemandSpec, log: LayerLog
) -> gpd.GeoDataFrame:
    """Put what was noticed, and the sums of the file and the result, on the log."""
    account = account_for_rows(layer, read, spec)
    log.note(layer.section, *account.notes(), *doubt_rows(layer, spec), *tell_shared_places(layer))
    header = "" if spec.total is not None or isinstance(spec.people, float) else str(spec.people or "")
    file, year = Path(layer.report.path), study.study.year
    log.note(layer.section, *tell_names(file, [header], people=account.placed, year=year))
    if len(account.rows):
        log.left_out.append(account.rows)
    return _logged(read, log, layer.section)


def _doubt_ground(
    log: LayerLog, section: str, table: gpd.GeoDataFrame, network: RoadNetwork, are_cells: bool
) -> None:
    log.note(section, *doubt_ground(table, network.node_xy, are_cells=are_cells))


def _logged(read: DemandRead, log: LayerLog, section: str) -> gpd.GeoDataFrame:
    log.note(section, *read.notes)
    return read.table


def settled_people(spec: DemandSpec) -> dict[str, str]:
    """Settle the column of people, which may be named as the file does or as ``columns`` does."""
    is_named = isinstance(spec.people, str) and spec.people not in spec.columns
    return {"people": str(spec.people)} if is_named else {}


def _spread_over(
    study: Study, spec: DemandSpec, network: RoadNetwork, log: LayerLog, section: str
) -> tuple[gpd.GeoDataFrame, str | None]:
    """Give what zone totals are spread over, and by which column."""
    if spec.over in (None, "roads"):
        edge = np.flatnonzero(network.edge_is_access)
        return gpd.GeoDataFrame(index=edge, geometry=network.lines[edge], crs=network.crs), None
    over = LayerSpec(str(spec.over), layer=spec.over_layer, where=spec.over_where)
    if is_osm_file(over.path):
        return to_metric(read_buildings(log.osm_file(study.file(over.path))), network.crs), spec.weight
    layer = log.read(over, study.file(over.path), section=f"{section} over")
    layer, weight = _with_weight(layer, spec.weight)
    log.add(layer)
    return layer.to_metric(network.crs), weight


def _with_weight(layer: StudyLayer, header: str | None) -> tuple[StudyLayer, str | None]:
    """Read the column of weights as numbers; give its name in the layer."""
    if header is None:
        return layer, None
    column = find_column(layer, header)
    return layer.with_numbers(column, header), column


_CELLS = ("grid", "raster")
"""Methods by which people are cells, which are judged by their own areas."""
_METHODS: dict[str, Callable[..., gpd.GeoDataFrame]] = {
    "points": _from_points,
    "zones": _from_zones,
    "grid": _from_grid,
    "raster": _from_raster,
    "places": _from_places,
}
