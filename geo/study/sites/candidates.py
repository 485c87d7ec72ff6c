"""Candidate sites: from a layer of plots, the nodes of the network, a spacing along roads or a grid."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import CrsError, InputError
from geo.messages import Message
from geo.network import RoadNetwork, morton_codes
from geo.study.sites._thinning import points_along, thin
from geo.times import UNREACHED_MS

__all__ = ["along_roads", "from_nodes", "from_plots", "on_grid", "roads_of_class"]

MOST: Final = 200_000
"""Candidates above which a spacing must be a slip of the pen."""


def from_plots(plots: gpd.GeoDataFrame, network: RoadNetwork) -> gpd.GeoDataFrame:
    """Make a candidate of each plot; its engines leave where the plot is nearest to a road.

    Parameters
    ----------
    plots : GeoDataFrame
        Polygons or points in the network's CRS; ``name``, ``area_m2`` (m2) where there are any. The id is the
        text of the index.
    network : RoadNetwork
        The roads; only those that may be entered count.

    Returns
    -------
    GeoDataFrame
        Candidates: ``name``, ``origin`` ("plot"), ``plot_id``, ``area_m2`` (of the polygon where not given,
        nan for a point without), ``shape`` (the plot), ``geometry`` (the point of it nearest to a road).

    Raises
    ------
    InputError
        A plot is empty, a line, or its id is used twice.
    CrsError
        The plots are not in the network's CRS.
    """
    _check_crs(plots, network)
    shapes = np.asarray(plots.geometry.array, dtype=object)
    kinds = shapely.get_dimensions(shapes)
    bad = shapely.is_missing(shapes) | shapely.is_empty(shapes) | (kinds == 1)
    ids = plots.index.astype(str)
    bad |= ids.duplicated(keep=False)
    if bad.any():
        raise InputError(Message("siting.odd_plots", {"n": bad.sum()}), faults=list(ids[bad]))
    area = shapely.area(shapes)
    own = plots["area_m2"].to_numpy(dtype=float) if "area_m2" in plots else np.full(len(plots), np.nan)
    name = plots["name"] if "name" in plots else pd.Series(None, index=plots.index, dtype=object)
    return _table(
        ids,
        shapes,
        _nearest_points(shapes, network),
        network,
        origin="plot",
        name=name.where(name.notna(), "").astype(str).to_numpy(dtype=object),
        area_m2=np.where(np.isnan(own) & (kinds == 2), area, own),
    )


def from_nodes(network: RoadNetwork, *, classes: Collection[str] = ()) -> gpd.GeoDataFrame:
    """Make a candidate of each node at the end of a road that may be entered.

    Parameters
    ----------
    classes : collection of str
        Only ends of roads of these classes (OSM ``highway`` values); all when empty.

    Raises
    ------
    InputError
        No road of the network has one of these classes.
    """
    edges = _usable(network, classes)
    nodes = np.unique(np.concatenate([network.edge_u[edges], network.edge_v[edges]]))
    points = shapely.points(network.node_xy[nodes])
    ids = [f"node-{node}" for node in network.node_id[nodes]]
    return _table(ids, points, points, network, origin="node")


def along_roads(network: RoadNetwork, *, spacing_m: float, classes: Collection[str] = ()) -> gpd.GeoDataFrame:
    """Make candidates along roads, exactly on their edges.

    Every edge is cut into parts of at most ``spacing_m``; of the cuts those stay that are at least half a
    spacing from all that stayed before on connected roads. So no point of the roads is farther than
    ``spacing_m`` from a candidate in a straight line, and no two candidates are nearer than half of it.

    Parameters
    ----------
    network : RoadNetwork
        The roads; only those that may be entered are used.
    spacing_m : float
        Metres, above 0.
    classes : collection of str
        Only along roads of these classes; all when empty.

    Raises
    ------
    InputError
        The spacing is not above 0 or gives too many candidates; no road has one of these classes.
    """
    _check_spacing(spacing_m)
    edges = _usable(network, classes)
    length = network.edge_length[edges]
    # Of the ends of short roads most go: only as many as the roads are long are sure to be too many.
    _check_number(float(np.ceil(length.sum() / spacing_m - 1e-6)))
    parts = np.maximum(np.ceil(length / spacing_m - 1e-9), 1.0).astype(np.int64)
    xy, edge = points_along(network.xy, network.xy_start, edges, parts)
    kept = _thinned(xy, network.node_component[network.edge_u[edges]][edge], 0.5 * spacing_m)
    _check_number(min(int(parts.sum()), len(kept)))
    cuts = shapely.points(xy[kept])
    ids = [f"road-{k + 1:0{len(str(len(kept)))}d}" for k in range(len(kept))]
    return _table(ids, cuts, cuts, network, origin="road")


def on_grid(
    network: RoadNetwork, *, spacing_m: float, land: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """Make candidates on a square grid whose lines are whole multiples of the spacing.

    Parameters
    ----------
    network : RoadNetwork
        Its extent is that of the grid where there is no land.
    spacing_m : float
        Metres, above 0.
    land : GeoDataFrame, optional
        Only points on these polygons.

    Raises
    ------
    InputError
        The spacing is not above 0, or the grid has no point on the land.
    """
    _check_spacing(spacing_m)
    xy = network.node_xy
    sides = (*xy.min(axis=0), *xy.max(axis=0)) if land is None else land.total_bounds
    low, high = np.floor(np.array(sides[:2]) / spacing_m), np.ceil(np.array(sides[2:]) / spacing_m)
    _check_number(float(np.prod(high - low + 1)))
    x, y = (np.arange(a, b + 1) * spacing_m for a, b in zip(low, high, strict=True))
    points = shapely.points(np.column_stack([np.tile(x, len(y)), np.repeat(y, len(x))]))
    if land is not None:
        _check_crs(land, network)
        tree = shapely.STRtree(shapely.get_parts(np.asarray(land.geometry.array)))
        points = points[np.unique(tree.query(points, predicate="intersects")[0])]
    if not len(points):
        raise InputError(Message("siting.grid_empty", {"spacing_m": spacing_m}))
    ids = [f"grid-{k + 1:0{len(str(len(points)))}d}" for k in range(len(points))]
    return _table(ids, points, points, network, origin="grid")


def roads_of_class(network: RoadNetwork, classes: Collection[str]) -> gpd.GeoSeries:
    """Give the lines of the roads of some classes, whether or not they may be entered.

    Raises
    ------
    InputError
        No road of the network has one of these classes.
    """
    edges = np.flatnonzero(_has_class(network, classes))
    return gpd.GeoSeries(_lines(network, edges), crs=network.crs)


def _table(
    ids: Collection[str],
    shapes: NDArray[np.object_],
    points: NDArray[np.object_],
    network: RoadNetwork,
    *,
    origin: str,
    name: NDArray[np.object_] | str = "",
    area_m2: NDArray[np.float64] | float = np.nan,
) -> gpd.GeoDataFrame:
    index = pd.Index(list(ids), name="site_id", dtype=object)
    columns = {
        "name": name,
        "origin": origin,
        "plot_id": list(ids) if origin == "plot" else "",
        "area_m2": area_m2,
        "shape": gpd.GeoSeries(shapes, index=index, crs=network.crs),
    }
    return gpd.GeoDataFrame(columns, index=index, geometry=np.asarray(points, dtype=object), crs=network.crs)


def _nearest_points(shapes: NDArray[np.object_], network: RoadNetwork) -> NDArray[np.object_]:
    """Give the point of each shape that is nearest to a road that may be entered."""
    lines = _lines(network, _usable(network, ()))
    tree = shapely.STRtree(lines)
    shape, line = tree.query_nearest(shapes)
    first = np.unique(shape, return_index=True)[1]  # of roads equally near the first
    ways = shapely.shortest_line(shapes, lines[line[first]])
    return np.asarray(shapely.get_point(ways, 0), dtype=object)


def _thinned(xy: NDArray[np.float64], component: NDArray[np.int32], least_m: float) -> NDArray[np.int64]:
    """Take points in spatial order, each that is ``least_m`` from all taken before on the same roads."""
    order = np.argsort(morton_codes(xy), kind="stable")
    return np.asarray(thin(xy, component, order, least_m * (1.0 - 1e-9)), dtype=np.int64)


def _usable(network: RoadNetwork, classes: Collection[str]) -> NDArray[np.int64]:
    is_open = np.minimum(network.edge_ms, network.edge_back_ms) < UNREACHED_MS
    usable = network.edge_is_access & is_open
    if classes:
        usable &= _has_class(network, classes)
    edges = np.flatnonzero(usable)
    if not len(edges):
        named = Message("siting.of_classes", {"classes": tuple(classes)}) if classes else ""
        raise InputError(Message("siting.no_road_entered", {"of": named, "classes": tuple(network.classes)}))
    return edges


def _has_class(network: RoadNetwork, classes: Collection[str]) -> NDArray[np.bool_]:
    wanted = [k for k, name in enumerate(network.classes) if name in classes]
    has = np.isin(network.edge_class, wanted)
    if not has.any():
        raise InputError(
            Message("siting.no_road_class", {"classes": tuple(classes), "there": tuple(network.classes)})
        )
    return np.asarray(has, dtype=np.bool_)


def _lines(network: RoadNetwork, edges: NDArray[np.int64]) -> NDArray[np.object_]:
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, network.xy, (network.xy_start,))
    return np.asarray(lines[edges], dtype=object)


def _check_crs(table: gpd.GeoDataFrame, network: RoadNetwork) -> None:
    if table.crs != network.crs:
        system = Message("siting.system_none") if table.crs is None else table.crs.name
        raise CrsError(Message("siting.layer_crs", {"system": system, "roads": network.crs.name}))


def _check_spacing(spacing_m: float) -> None:
    if not (spacing_m > 0 and np.isfinite(spacing_m)):
        raise InputError(Message("siting.spacing", {"spacing_m": spacing_m}))


def _check_number(n: float) -> None:
    if n > MOST:
        raise InputError(Message("siting.spacing_small", {"n": n, "most": MOST}))
