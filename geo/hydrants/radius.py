"""Roads and people within the protection radius of a hydrant, in a straight line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Proj, Transformer
from scipy.spatial import KDTree

from geo.crs import require_metric
from geo.errors import CrsError, StudyError
from geo.hydrants._linear import Stretches, cut_lines, intersect, merge, subtract
from geo.hydrants.roads import HydrantRoads
from geo.messages import Message
from geo.network import RoadNetwork
from geo.standards import number

__all__ = ["RadiusCover", "cover_people", "cover_roads", "require_true_metres", "uncovered_lines"]

SCALE_LIMIT: Final = 0.001
"""A length in the study's coordinate system may be wrong by one in a thousand, 15 cm in 150 m."""

_STRAY_SHARE: Final = 0.05
_LOOKED_AT: Final = 1000
"""Rows of a layer whose scale is computed."""


@dataclass(frozen=True, eq=False)
class RadiusCover:
    """Roads within the radius of a hydrant.

    Parameters
    ----------
    covered, uncovered : Stretches
        Parts of ``HydrantRoads.network`` that need hydrants, within the radius and beyond it, millimetres.
    radius_m : float
        The radius.
    """

    covered: Stretches
    uncovered: Stretches
    radius_m: float

    @property
    def share(self) -> float:
        """Share (0-1) of the road that needs hydrants within the radius; nan where there is none."""
        covered = self.covered.total()
        whole = covered + self.uncovered.total()
        return covered / whole if whole > 0 else float("nan")


def require_true_metres(frame: gpd.GeoDataFrame, what: str) -> None:
    """Check that lengths in a layer's coordinate system are metres on the ground where the layer lies.

    A circle of 150 m drawn in Web Mercator is 127 m wide at 31.6 degrees north and holds 27 % less land.

    Raises
    ------
    CrsError
        No CRS, degrees, feet, Web Mercator, or a scale that is off by more than one in a thousand; a single
        row, or one of twenty, may lie far away by mistake.
    """
    crs = require_metric(frame, what)
    if not len(frame):
        return
    box = frame.bounds.dropna()
    box = box.iloc[:: max(1, len(box) // _LOOKED_AT)]
    if not len(box):
        return
    x, y = ((box[f"min{axis}"] + box[f"max{axis}"]).to_numpy() / 2 for axis in "xy")
    lon, lat = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform(x, y)
    factors = Proj(crs).get_factors(lon, lat)
    off = np.abs(np.array([factors.meridional_scale, factors.parallel_scale]) - 1.0).max(axis=0, initial=0.0)
    is_off = ~(off <= SCALE_LIMIT)
    if is_off.all() or is_off.sum() > max(1.0, _STRAY_SHARE * len(is_off)):
        values = {"what": what, "system": crs.name, "share": float(off[is_off].max())}
        raise CrsError(Message("hydrants.no_true_metres", values))


def cover_roads(
    roads: HydrantRoads, hydrants: gpd.GeoDataFrame, *, radius_m: float | None = None
) -> RadiusCover:
    """Cut the roads exactly where they enter the circle around a hydrant.

    On a straight piece from p to q a place p + t (q - p) is within the radius r of a hydrant h when
    |p + t (q - p) - h| <= r, which holds between the two roots of a quadratic in t. The sides of a wide road
    count once: the radius has no side.

    Parameters
    ----------
    roads : HydrantRoads
        The roads.
    hydrants : GeoDataFrame
        Hydrants that work, in the roads' CRS.
    radius_m : float, optional
        The radius, metres (inclusive); that of GB 50974 when missing.

    Raises
    ------
    CrsError
        Lengths in the CRS are not true metres, or the layers are in different systems.
    StudyError
        The radius is not above zero.
    """
    radius_m = number("hydrant-radius") if radius_m is None else radius_m
    _check(hydrants, roads.network, radius_m)
    circles = in_circles(RoadPieces.of(roads.network), np.asarray(hydrants.geometry.array), radius_m)
    return cover_parts(drawn_need(roads), merge(*circles), radius_m)


def cover_parts(need: Stretches, near: Stretches, radius_m: float) -> RadiusCover:
    """Divide what needs hydrants by what is near one."""
    return RadiusCover(intersect(need, near), _without_dust(subtract(need, near)), radius_m)


def _without_dust(parts: Stretches) -> Stretches:
    """Leave out parts below a millimetre: where circles meet, rounding leaves some of no length at all."""
    keep = parts.length >= 1.0
    return Stretches(parts.edge[keep], parts.low[keep], parts.high[keep])


def cover_people(
    demand: gpd.GeoDataFrame, hydrants: gpd.GeoDataFrame, *, radius_m: float | None = None
) -> pd.DataFrame:
    """Give each demand point the distance to its nearest hydrant and whether it is within the radius.

    Without ``radius_m`` the radius is that of GB 50974.

    Returns
    -------
    DataFrame
        The demand's index; ``hydrant_id`` (None where there is no hydrant), ``hydrant_m`` (straight, m;
        ``inf``), ``is_covered``.

    Raises
    ------
    CrsError
        Lengths in the CRS are not true metres, or the layers are in different systems.

    Examples
    --------
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([350150, 350151], [3.5e6] * 2), crs=32651)
    >>> hydrant = gpd.GeoDataFrame(geometry=gpd.points_from_xy([350000], [3.5e6]), crs=32651, index=["H1"])
    >>> cover_people(homes, hydrant)["is_covered"].tolist()
    [True, False]
    """
    radius_m = number("hydrant-radius") if radius_m is None else radius_m
    require_true_metres(demand, "people")
    away, first = np.full(len(demand), np.inf), np.full(len(demand), None, dtype=object)
    if len(hydrants) and len(demand):
        if hydrants.crs != demand.crs:
            raise CrsError("hydrants and people are in different coordinate systems; convert with to_metric")
        at = shapely.get_coordinates(hydrants.geometry.array)
        away, nearest = KDTree(at).query(shapely.get_coordinates(demand.geometry.array))
        first = hydrants.index.to_numpy(object)[nearest]
    return pd.DataFrame(
        {"hydrant_id": first, "hydrant_m": away, "is_covered": away <= radius_m}, index=demand.index
    )


def uncovered_lines(roads: HydrantRoads, cover: RadiusCover) -> gpd.GeoDataFrame:
    """Draw the roads beyond the radius: RangeIndex; ``name``, ``highway``, ``length_m``, ``geometry``."""
    network, parts = roads.network, cover.uncovered
    length = network.edge_ms[parts.edge].astype(float)
    lines = network.lines[parts.edge]
    return gpd.GeoDataFrame(
        {
            "name": np.array(network.names, dtype=object)[network.edge_name[parts.edge]],
            "highway": np.array(network.classes, dtype=object)[network.edge_class[parts.edge]],
            "length_m": parts.length / 1000.0,
        },
        geometry=cut_lines(lines, parts.low / length, parts.high / length),
        crs=network.crs,
    )


def _check(hydrants: gpd.GeoDataFrame, network: RoadNetwork, radius_m: float) -> None:
    require_true_metres(hydrants, "hydrants")
    if hydrants.crs != network.crs:
        raise CrsError(
            f"the hydrants are in {hydrants.crs.name}, the roads in {network.crs.name}; use to_metric"
        )
    if not radius_m > 0:
        raise StudyError(f"radius_m must be above zero, not {radius_m}")


def drawn_need(roads: HydrantRoads) -> Stretches:
    """Give what needs hydrants on the roads as they are drawn."""
    left = roads.side[roads.need.edge] >= 0
    return merge(roads.drawn[roads.need.edge[left]], roads.need.low[left], roads.need.high[left])


_PIECES: Final = 100_000
"""That are drawn at once: those of a whole city take hundreds of megabytes."""


def _near_pieces(
    xy: NDArray[np.float64], pieces: NDArray[np.int64], at: NDArray[np.object_], radius_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give each hydrant and each piece of road within the radius of it."""
    tree, circles, near = shapely.STRtree(at), [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for part in np.array_split(pieces, len(pieces) // _PIECES + 1):
        lines = shapely.linestrings(np.stack([xy[part], xy[part + 1]], axis=1))
        line, circle = tree.query(lines, predicate="dwithin", distance=radius_m)
        circles.append(circle)
        near.append(part[line])
    return np.concatenate(circles), np.concatenate(near)


class RoadPieces(NamedTuple):
    """The straight pieces of all roads: piece ``i`` runs from vertex ``i`` to the next one.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    metres : float64 array
        Length of each piece; 0 from one edge to the next.
    edge_of : int64 array
        Edge of each piece.
    along : float64 array
        Metres of all pieces before each.
    """

    network: RoadNetwork
    metres: NDArray[np.float64]
    edge_of: NDArray[np.int64]
    along: NDArray[np.float64]

    @classmethod
    def of(cls, network: RoadNetwork) -> RoadPieces:
        """Measure the pieces of roads."""
        start, step = network.xy_start, np.diff(network.xy, axis=0)
        metres = np.hypot(step[:, 0], step[:, 1])
        metres[start[1:-1] - 1] = 0.0
        edge_of = np.repeat(np.arange(network.n_edges), np.diff(start))[:-1]
        return cls(network, metres, edge_of, np.concatenate([[0.0], np.cumsum(metres)]))

    def cut(
        self, near: NDArray[np.int64], at: NDArray[np.float64], radius_m: float
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Give the part of each piece within the radius of its place: edge, from and to (mm)."""
        network, piece_m, start = self.network, self.metres[near], self.network.xy_start
        way = (network.xy[near + 1] - network.xy[near]) / piece_m[:, None]
        out = network.xy[near] - at
        middle = -(way * out).sum(axis=1)  # metres from p to the foot of the hydrant
        off = way[:, 0] * out[:, 1] - way[:, 1] * out[:, 0]
        half = np.sqrt(np.maximum(radius_m**2 - off**2, 0.0))
        edge = self.edge_of[near]
        base = self.along[near] - self.along[start[edge]]
        whole = self.along[start[edge + 1] - 1] - self.along[start[edge]]
        length = network.edge_ms[edge].astype(float)
        low = (base + np.clip(middle - half, 0.0, piece_m)) / whole
        high = (base + np.clip(middle + half, 0.0, piece_m)) / whole
        return edge, low * length, high * length


def in_circles(
    pieces: RoadPieces,
    at: NDArray[np.object_],
    radius_m: float,
    *,
    among: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Give the parts of edges in the circle around each point: the edge, from and to in millimetres.

    Only some pieces are looked at where they are given.
    """
    among = np.flatnonzero(pieces.metres > 0) if among is None else among
    circle, near = _near_pieces(pieces.network.xy, among, at, radius_m)
    return pieces.cut(near, shapely.get_coordinates(at)[circle], radius_m)
