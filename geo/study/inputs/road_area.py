"""The area within which a study reads its roads, and the people who live near its border."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.crs import metric_crs, to_metric, transform_xy
from geo.errors import InputError, StudyError
from geo.messages import Message
from geo.network import RoadNetwork
from geo.osm import is_osm_file
from geo.standards import SpeedProfile, load_response
from geo.study.inputs.log import LayerLog
from geo.study.inputs.places import boundary_layer
from geo.study.inputs.road_lines import own_or_known
from geo.study.settings import LayerSpec, Study

__all__ = ["ZONES", "around", "border_notes", "road_area"]

ZONES: Final = "zones"
"""The word for the study's own zones."""
_WGS84: Final = CRS.from_epsg(4326)


def road_area(study: Study, log: LayerLog) -> Any | None:
    """Give the area within which roads are read, with its margin, in degrees; None for all of the file.

    Raises
    ------
    GeoError
        The layer cannot be used, has no area, there are no zones, or the roads are no OpenStreetMap file.
    """
    spec = study.roads
    if spec.within is None:
        return None
    if not is_osm_file(spec.path):
        raise StudyError(Message("study.within_of_lines", {"file": spec.path}))
    if spec.within == ZONES:
        tables = [_zone_shapes(study, i, log) for i in range(len(study.zones))]
    else:
        own = log.read(
            LayerSpec(spec.within), study.file(spec.within), section="roads.within", geometry="polygon"
        )
        log.add(own.with_shapes_only())
        tables = [own.table]
    if not any(len(table) for table in tables):
        raise InputError(Message("study.within_nothing", {"within": spec.within}))
    return around(tables, spec.margin_km)


def around(tables: Iterable[gpd.GeoDataFrame], margin_km: float) -> Any:
    """Give the ground of all shapes of some tables in degrees, with a margin around it."""
    shapes = [table.to_crs(_WGS84).geometry for table in tables if len(table)]
    degrees = shapely.union_all(shapely.make_valid(pd.concat(shapes).to_numpy()))
    crs = metric_crs(_WGS84, shapely.get_coordinates(degrees))
    metres = shapely.transform(degrees, lambda xy: transform_xy(xy, _WGS84, crs))
    return shapely.transform(
        shapely.buffer(metres, margin_km * 1000, quad_segs=32), lambda xy: transform_xy(xy, crs, _WGS84)
    )


def _zone_shapes(study: Study, i: int, log: LayerLog) -> gpd.GeoDataFrame:
    spec, section = study.zones[i], f"zones {i + 1}"
    file = study.file(spec.path)
    if is_osm_file(spec.path):
        # Its notes are told when the zones themselves are read.
        table: gpd.GeoDataFrame = boundary_layer(spec, file, LayerLog(osm=log.osm), section=section).table
    else:
        table = log.read(spec, file, section=section, geometry="polygon").table
    return table


def border_notes(
    study: Study, network: RoadNetwork, people: gpd.GeoDataFrame, profile: SpeedProfile, within: Any | None
) -> tuple[Message, ...]:
    """Say who lives so near to the border of the roads that a way through the outside may be missing.

    An engine comes no farther within the longest limit that is asked for than its top speed takes it.
    """
    if within is None or not len(people):
        return ()
    names = (study.response.standard, *study.response.beside)
    clocks = [load_response(own_or_known(study, name)) for name in names]
    limit_s = max(
        [clock.limit_s for clock in clocks] + [60.0 * minutes for minutes in study.response.bands_min]
    )
    reach_m = limit_s * max(profile.speeds_kph.values()) / 3.6
    area = to_metric(gpd.GeoSeries([within], crs=_WGS84).to_frame("geometry"), network.crs).geometry.iloc[0]
    points = people.geometry.to_numpy()
    inward_m = shapely.distance(points, shapely.boundary(area))
    inward_m = np.where(shapely.covers(area, points), inward_m, -inward_m)
    is_near = inward_m < reach_m
    if not is_near.any():
        return ()
    values = {
        "n": int(is_near.sum()),
        "people": math.fsum(people["people"].to_numpy()[is_near]),
        "km": reach_m / 1000,
        "minutes": limit_s / 60,
        "margin_km": study.roads.margin_km,
        "enough_km": math.ceil(1.01 * (study.roads.margin_km + (reach_m - float(inward_m.min())) / 1000)),
    }
    return (Message("study.within_near", values),)
