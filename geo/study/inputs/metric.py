"""The metric system that a study is computed in, as its file asks for it."""

from __future__ import annotations

from pyproj import CRS

from geo.crs import choose_metric_crs, parse_crs, transform_xy
from geo.errors import CrsError
from geo.network import Roads

__all__ = ["metric_crs_of"]


def metric_crs_of(asked: str, roads: Roads) -> CRS | None:
    """Read the study's CRS; None leaves the choice to the roads."""
    if asked == "auto":
        return None
    if asked.casefold() != "cgcs2000":
        system = parse_crs(asked)
        if isinstance(system, str):
            raise CrsError(f"[study] crs = {asked!r} is no metric system; write EPSG:32651 or auto")
        return system
    ends = transform_xy(roads.node_xy, roads.crs, CRS.from_epsg(4326))
    (west, south), (east, north) = ends.min(axis=0), ends.max(axis=0)
    return choose_metric_crs((west, south, east, north), family="cgcs2000")
