"""Places and boundaries of an OpenStreetMap file: people on the ground of their place, each once; zones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.crs import to_metric
from geo.demand import DemandRead, demand_from_zones
from geo.errors import InputError
from geo.messages import Message
from geo.osm import is_osm_file, read_boundaries, read_buildings, read_places
from geo.study.inputs.log import LayerLog, StudyLayer, osm_layer
from geo.study.settings import DemandSpec, Study, ZonesSpec
from geo.words import read_data, word_lists

__all__ = ["boundary_layer", "people_of_places"]

SAME_PLACE_M: Final = 500.0
"""Two points of one name that are no farther apart are one place."""


@dataclass(frozen=True, eq=False)
class _Counted:
    """Places that count, and how many people the others have, by why they are left out."""

    places: gpd.GeoDataFrame
    left_out: Mapping[str, gpd.GeoDataFrame]


def people_of_places(study: Study, spec: DemandSpec, crs: CRS, log: LayerLog, section: str) -> DemandRead:
    """Spread the population of OpenStreetMap places over the buildings of their own ground.

    Parameters
    ----------
    study : Study
        Gives the files.
    spec : DemandSpec
        The section of the study file.
    crs : pyproj.CRS
        Metric.
    log : LayerLog
        Receives the report, and the sum: people in the file, placed, and left out by reason.
    section : str
        Where it stands in the study file.

    Raises
    ------
    InputError
        The file is no OpenStreetMap file, or no place of it has a population.
    """
    file = study.file(spec.path)
    if not is_osm_file(spec.path):
        raise InputError(Message("study.places_osm", {"file": file.name}))
    every = read_places(log.osm_file(file), areas=True)
    layer = osm_layer(spec, file, every[every["population"].notna()], section=section)
    log.add(layer)
    unread = every[every["unread"] != ""]
    if len(unread):
        shown = tuple(f"{name}: {text[:40]}" for name, text in unread[["name", "unread"]].head(5).to_numpy())
        log.note(section, Message("study.places_unread", {"n": len(unread), "places": shown}))
    if not len(layer.table):
        raise InputError(Message("study.places_nobody", {"file": file.name}))
    borders = read_boundaries(log.osm_file(file))
    counted = _counted_once(to_metric(layer.table, crs), to_metric(borders, crs))
    named = to_metric(every, crs)
    over = study.file(spec.over) if spec.over else file
    homes = to_metric(read_buildings(log.osm_file(over)), crs)
    at = counted.places.representative_point()
    zones = _grounds(counted.places, to_metric(borders, crs), named).assign(at=at)
    read = demand_from_zones(
        zones.rename(columns={"population": "people"}),
        over=_with_bare_places(homes, zones),
        weight=spec.weight,
    )
    log.note(section, *_balance(layer.table, counted, read.table, file))
    return read


def boundary_layer(spec: ZonesSpec, file: Path, log: LayerLog, *, section: str) -> StudyLayer:
    """Read zones from the administrative boundaries of an OpenStreetMap file, of one admin_level.

    ``where = { admin_level = [8] }`` chooses the level; else it is China's for the level of the zones.

    Raises
    ------
    InputError
        The file has no boundary of that level; the message lists those there are.
    """
    every = read_boundaries(log.osm_file(file))
    known = every["admin_level"].value_counts().sort_index()
    levels = tuple(f"{level:g} ({n})" for level, n in known.items())
    if "admin_level" not in spec.where:
        level = word_lists("place")["osm_admin_level"][spec.level][0]
        if not (every["admin_level"] == float(level)).any():
            raise InputError(
                Message(
                    "study.no_boundary",
                    {"file": file.name, "level": level, "zone": spec.level, "levels": levels},
                )
            )
        every = every[every["admin_level"] == float(level)]
        log.note(section, Message("study.osm_zones", {"level": level, "levels": levels}))
    table = every.rename(columns={"population": "people", "osm_id": "id"})
    return osm_layer(spec, file, table.reset_index(drop=True), section=section)


def _counted_once(places: gpd.GeoDataFrame, borders: gpd.GeoDataFrame) -> _Counted:
    """Keep each place once: not as node and area, not as a region of others, not as a part of another.

    A place is part of another where it stands inside the boundary that bears the other's name.
    """
    is_holder = places["place"].isin(word_lists("place")["osm_place"]["holders"])
    kept = places if is_holder.all() else places[~is_holder]
    twice = _drawn_twice(kept)
    kept = kept.drop(twice)
    grounds = borders.loc[borders["name"].isin(kept["name"]), ["name", "geometry"]]
    points = kept.set_geometry(kept.representative_point())[["name", "geometry"]]
    within = gpd.sjoin(points, grounds, predicate="within", rsuffix="of")
    has_own = within.loc[within["name_left"] == within["name_of"], "name_of"]
    is_part = (within["name_left"] != within["name_of"]) & within["name_of"].isin(has_own)
    parts = within.index[is_part].unique()
    regions = places.drop(places.index[~is_holder]) if not is_holder.all() else places.iloc[:0]
    left_out = {"twice": places.loc[twice], "regions": regions, "parts": places.loc[parts]}
    return _Counted(kept.drop(parts), {why: rows for why, rows in left_out.items() if len(rows)})


def _drawn_twice(places: gpd.GeoDataFrame) -> pd.Index:
    """Find the places that stand there a second time under the same name; areas are kept, then nodes."""
    again = []
    for _, same in places.groupby("name", sort=False):
        if len(same) < 2:
            continue
        ordered = same.iloc[np.argsort(-same.area.to_numpy(), kind="stable")]
        shapes = ordered.geometry.to_numpy()
        kept = [0]
        for i in range(1, len(ordered)):
            if any(_is_one_place(shapes[k], shapes[i]) for k in kept):
                again.append(ordered.index[i])
            else:
                kept.append(i)
    return pd.Index(again)


def _is_one_place(first: shapely.Geometry, second: shapely.Geometry) -> bool:
    reach_m = 0.0 if shapely.get_dimensions(first) == 2 else SAME_PLACE_M
    return bool(shapely.dwithin(first, second, reach_m))


def _grounds(
    places: gpd.GeoDataFrame, borders: gpd.GeoDataFrame, named: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Give each place its ground: its own border or area, else what is nearest to it and not too far.

    Every named settlement holds the ground nearest to it, whether its population is known or not.
    """
    finest = borders.sort_values("admin_level", ascending=False).drop_duplicates("name").set_index("name")
    own = places[places["name"].isin(finest.index) & ~places["name"].duplicated()]
    own = own.set_geometry(finest.geometry.reindex(own["name"]).set_axis(own.index), crs=places.crs)
    rest = places.drop(own.index)
    grounds = [own, *_areas_beside(own, rest[rest.area > 0])]
    bare = rest[rest.area == 0]
    if len(bare):
        ground = _nearest_ground(bare, named)
        taken = shapely.union_all([shape for table in grounds for shape in table.geometry.to_numpy()])
        left = ground.difference(taken)
        # Where the ground of others leaves a place nothing, its people stand at the place itself.
        grounds.append(bare.set_geometry(left.where(~left.is_empty, bare.buffer(1.0))))
    return gpd.GeoDataFrame(pd.concat(grounds), crs=places.crs)


def _areas_beside(own: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> list[gpd.GeoDataFrame]:
    """Give places that are drawn as areas their area, cut where another holds the ground already."""
    held, tables = own.geometry.to_list(), []
    for i in range(len(areas)):
        row = areas.iloc[[i]]
        shape = shapely.difference(row.geometry.iloc[0], shapely.union_all(held))
        tables.append(row if shape.is_empty else row.set_geometry([shape], crs=areas.crs))
        held.append(shape)
    return tables


def _nearest_ground(places: gpd.GeoDataFrame, named: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Give each place the ground that is nearer to it than to any named settlement, within its reach."""
    settlements = named[named["place"].isin(word_lists("place")["osm_place"]["settlements"])]
    others = settlements[~settlements.index.isin(places.index)]
    points = np.concatenate([places.geometry.to_numpy(), others.representative_point().to_numpy()])
    own_names = set(places["name"])
    is_other = np.array([True] * len(places) + [name not in own_names for name in others["name"]])
    reach_m = [_reach_m(place) for place in places["place"]]
    discs = shapely.buffer(places.geometry.to_numpy(), reach_m)
    extent = shapely.box(*shapely.total_bounds(np.concatenate([points, discs])))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(list(points[is_other])), extend_to=extent)
    )
    place, cell = shapely.STRtree(cells).query(places.geometry.to_numpy(), predicate="intersects")
    first = np.unique(place, return_index=True)[1]
    return gpd.GeoSeries(shapely.intersection(cells[cell[first]], discs), index=places.index, crs=places.crs)


def _reach_m(place: str) -> float:
    """Give how far from a place of a kind its people may live, metres."""
    reach: Mapping[str, float] = read_data("standards/places")["reach_m"]
    return float(reach.get(place, reach["other"]))


def _with_bare_places(homes: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add the place itself as a home where no building stands on its ground."""
    has_home = np.zeros(len(zones), dtype=bool)
    has_home[shapely.STRtree(homes.geometry.to_numpy()).query(zones.geometry.to_numpy(), "intersects")[0]] = (
        True
    )
    bare = zones[~has_home]
    if not len(bare):
        return homes
    at = gpd.GeoSeries(bare["at"].to_numpy(), crs=homes.crs)
    start = int(homes.index.max()) + 1 if len(homes) else 0
    stand_ins = gpd.GeoDataFrame({"area_m2": 1.0, "name": bare["name"].to_numpy()}, geometry=at)
    stand_ins.index = pd.RangeIndex(start, start + len(bare))
    return gpd.GeoDataFrame(pd.concat([homes, stand_ins]), crs=homes.crs)


def _balance(
    rows: gpd.GeoDataFrame, counted: _Counted, placed: gpd.GeoDataFrame, file: Path
) -> tuple[Message, ...]:
    """Say where all people of the file went: placed, and left out by reason, which is the sum."""
    parts = []
    for why, table in counted.left_out.items():
        names = ", ".join(table["name"].head(5)) + (" ..." if len(table) > 5 else "")
        values = {"n": len(table), "people": math.fsum(table["population"]), "names": names}
        parts.append(Message(f"study.places_{why}", values))
    values = {
        "file": file.name,
        "n": len(rows),
        "people": math.fsum(rows["population"]),
        "n_placed": len(counted.places),
        "placed": math.fsum(placed["people"]),
    }
    total = Message("study.places_balance", {**values, "left_out": tuple(parts)})
    reach = read_data("standards/places")["reach_m"]
    km = tuple(Message(f"study.reach_of_{kind}", {"km": metres / 1000}) for kind, metres in reach.items())
    return (total, Message("study.places_reach", {"km": km}))
