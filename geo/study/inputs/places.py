"""Places and boundaries of an OpenStreetMap file: people on the ground of their place, each once; zones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.crs import to_metric
from geo.demand import DemandRead, demand_from_zones, doubt_density
from geo.errors import InputError
from geo.messages import Message
from geo.osm import is_osm_file, read_boundaries, read_buildings, read_places
from geo.study.inputs.log import LayerLog, StudyLayer, osm_layer
from geo.study.inputs.nested_places import Nesting, count_once, nest_places, own_grounds
from geo.study.inputs.place_grounds import place_grounds, set_apart
from geo.study.settings import DemandSpec, LayerSpec, Study
from geo.words import read_data, word_lists

__all__ = ["boundary_layer", "people_of_places"]

SAME_PLACE_M: Final = 500.0
"""Two points of one name that are no farther apart are one place."""
AROUND_HOME_M: Final = 200.0
"""A place is taken to be the ground around its homes up to so far."""
THIN: Final = 0.5
"""A region is doubted where its places say fewer people than this share of its own."""
MOST_NAMES: Final = 5


@dataclass(frozen=True, eq=False)
class _Counted:
    """Places that count, with the people that are left for each, and who is left out.

    ``left_out`` has by reason the rows and how many people of each; ``own`` the ground that places have of
    their own, None where they have none.
    """

    places: gpd.GeoDataFrame
    own: pd.Series
    nesting: Nesting
    left_out: Mapping[str, pd.DataFrame]
    thin: gpd.GeoDataFrame


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
    placed = counted.places.assign(at=set_apart(counted.places.representative_point()))
    zones = placed.set_geometry(place_grounds(placed, counted.own, counted.nesting, named), crs=crs)
    read = demand_from_zones(
        zones.rename(columns={"population": "people"}),
        over=_with_bare_places(homes, zones),
        weight=spec.weight,
    )
    log.note(section, *_balance(layer, counted, read.table, file), *_doubts(counted, file))
    log.note(section, *_crowded(read.table, file))
    return read


def boundary_layer(
    spec: LayerSpec, file: Path, log: LayerLog, *, section: str, level: str = "town"
) -> StudyLayer:
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
        admin_level = word_lists("place")["osm_admin_level"][level][0]
        if not (every["admin_level"] == float(admin_level)).any():
            raise InputError(
                Message(
                    "study.no_boundary",
                    {"file": file.name, "level": admin_level, "zone": level, "levels": levels},
                )
            )
        every = every[every["admin_level"] == float(admin_level)]
        log.note(section, Message("study.osm_zones", {"level": admin_level, "levels": levels}))
    table = every.rename(columns={"population": "people", "osm_id": "id"})
    return osm_layer(spec, file, table.reset_index(drop=True), section=section)


def _counted_once(places: gpd.GeoDataFrame, borders: gpd.GeoDataFrame) -> _Counted:
    """Count everybody once: not as node and area, not in a region of others, not in a place and in its part.

    See :func:`count_once` for which of a place and its parts counts.
    """
    is_holder = places["place"].isin(word_lists("place")["osm_place"]["holders"]).to_numpy()
    regions = places[is_holder & (not is_holder.all())]
    kept = places.drop(regions.index)
    twice = _drawn_twice(kept)
    kept = kept.drop(twice)
    own = own_grounds(kept, borders)
    nesting = nest_places(kept, own)
    once = count_once(kept, own, nesting)
    counts = ~once["is_absorbed"]
    in_parts = once.loc[once["in_parts"] > 0, "in_parts"]
    left_out = {
        "twice": places.loc[twice],
        "regions": regions,
        "parts": kept[~counts],
        "wholes": kept.loc[in_parts.index].assign(population=in_parts),
    }
    thin = _thin_regions(regions, own_grounds(regions, borders), kept)
    return _Counted(kept.assign(population=once["people"])[counts], own[counts], nesting, left_out, thin)


def _thin_regions(
    regions: gpd.GeoDataFrame, grounds: pd.Series, places: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Give the regions whose places say much fewer people than they themselves, with those as ``known``."""
    at, people = places.representative_point().to_numpy(), places["population"].to_numpy(dtype=float)
    known = [
        float(people[shapely.intersects(ground, at)].sum()) if ground is not None else np.nan
        for ground in grounds
    ]
    regions = regions.assign(known=np.array(known, dtype=float))
    return regions[regions["known"] < THIN * regions["population"]]


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
    layer: StudyLayer, counted: _Counted, placed: gpd.GeoDataFrame, file: Path
) -> tuple[Message, ...]:
    """Say where all people of the file went: placed, and left out by reason, which is the sum."""
    parts = []
    passed = layer.not_selected
    for why, table in {**counted.left_out, "where": passed}.items():
        if len(table):
            names = ", ".join(table["name"].head(5)) + (" ..." if len(table) > 5 else "")
            values = {"n": len(table), "people": math.fsum(table["population"]), "names": names}
            parts.append(Message(f"study.places_{why}", values))
    every = [*layer.table["population"], *(passed["population"] if len(passed) else ())]
    values = {
        "file": file.name,
        "n": len(every),
        "people": math.fsum(every),
        "n_placed": len(counted.places),
        "placed": math.fsum(placed["people"]),
    }
    total = Message("study.places_balance", {**values, "left_out": tuple(parts)})
    reach = read_data("standards/places")["reach_m"]
    km = tuple(Message(f"study.reach_of_{kind}", {"km": metres / 1000}) for kind, metres in reach.items())
    return (total, Message("study.places_reach", {"km": km}))


def _doubts(counted: _Counted, file: Path) -> Iterator[Message]:
    """Say what nobody can tell from the file: places that may be in another, regions that say much more."""
    doubtful = counted.nesting.doubtful
    if len(doubtful):
        first = doubtful.sort_values("population", ascending=False, kind="stable").head(MOST_NAMES)
        pairs = tuple(
            Message("study.place_by", {"name": row.name, "people": row.population, "holder": row.holder})
            for row in first.itertuples(index=False)
        )
        held = math.fsum(doubtful["population"])
        more = (*pairs, *(["..."] if len(doubtful) > MOST_NAMES else []))
        values = {"file": file.name, "n": len(doubtful), "people": held, "places": more}
        yield Message("study.places_doubtful", values)
    for row in counted.thin.head(MOST_NAMES).itertuples(index=False):
        values = {"name": row.name, "people": row.population, "known": row.known, "place": row.place}
        yield Message("study.places_thin", values)


def _crowded(people: gpd.GeoDataFrame, file: Path) -> Iterator[Message]:
    """Say which places have more people than their homes in the file can hold: a map cut out of a city."""
    lived_in = people[people["people"] > 0]
    crowded = []
    for name, rows in lived_in.groupby("zone", sort=False):
        ground = shapely.multipoints(rows.geometry.to_numpy()).convex_hull.buffer(AROUND_HOME_M)
        doubt = doubt_density(
            np.array([rows["people"].sum()]),
            np.array([ground.area]),
            shapely.get_coordinates(ground.centroid),
        )
        if doubt is not None and doubt[0]:
            crowded.append(Message("layers.of_file", {"file": name, "why": doubt[1]}))
    if crowded:
        values = {"file": file.name, "n": len(crowded), "places": tuple(crowded[:MOST_NAMES])}
        yield Message("study.places_crowded", values)
