"""What a study knows of systems and of its place: its own systems, and some ends of its roads."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import OwnSystem, choose_metric_crs, find_old_datum, make_system, parse_crs, transform_xy
from geo.errors import CrsError
from geo.messages import Message
from geo.network import RoadNetwork, Roads
from geo.study.inputs.log import naming
from geo.study.settings import Study

__all__ = ["metric_crs_of", "own_systems", "some_ends"]

_MOST_ENDS: Final = 2000


def own_systems(study: Study) -> dict[str, OwnSystem]:
    """Make the systems of the study's own, by name."""
    made = {}
    for name, spec in study.systems.items():
        with naming(f'systems."{name}"'):
            made[name] = make_system(name, spec)
    return made


def some_ends(net: RoadNetwork) -> NDArray[np.float64]:
    """Give some ends of the roads in degrees: they say where the study is."""
    places = np.unique(np.linspace(0, len(net.node_xy) - 1, _MOST_ENDS).astype(int))
    return transform_xy(net.node_xy[places], net.crs, CRS.from_epsg(4326))


def metric_crs_of(asked: str, roads: Roads) -> CRS | None:
    """Read the study's CRS; None leaves the choice to the roads."""
    if asked == "auto":
        return None
    if asked.casefold() != "cgcs2000":
        system = parse_crs(asked)
        if isinstance(system, str):
            raise CrsError(Message("study.crs_no_metres", {"asked": asked}))
        if datum := find_old_datum(system):
            raise CrsError(Message("crs.old_for_computing", {"asked": asked, "datum": datum}))
        return system
    ends = transform_xy(roads.node_xy, roads.crs, CRS.from_epsg(4326))
    (west, south), (east, north) = ends.min(axis=0), ends.max(axis=0)
    return choose_metric_crs((west, south, east, north), family="cgcs2000")
