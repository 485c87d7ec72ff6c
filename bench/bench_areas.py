"""Service areas of Liechtenstein's stations at 240 s: is each building on its right side, and how fast.

Every method is held to its own truth: ours to our building times, Valhalla's isochrones to Valhalla's own
matrix, hulls and buffers to our times, since they are drawn from our reached roads.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from bench import areas_in_turn
from bench.liechtenstein import PBF, load
from geo.areas import service_areas
from geo.network import RoadNetwork
from geo.routing import node_times, snap, travel_times
from geo.times import UNREACHED_MS

LIMIT_S = 240.0

Shapes = NDArray[np.object_]
Truth = NDArray[np.bool_]


def rows() -> list[dict[str, object]]:
    """Give a row per statement: ``work``, ``ours``, ``peer``, ``ratio``, ``target``, ``note``."""
    if not PBF.exists():
        keys = ("work", "ours", "peer", "ratio", "target")
        return [{**dict.fromkeys(keys, "-"), "note": f"{PBF.name} is missing: not measured"}]
    network, stations, buildings = load()
    at = np.asarray(buildings.geometry.array)
    snaps = snap(stations, network)
    dense = travel_times(network, snaps, snap(buildings, network), direction="from_facility").to_dense()
    truth = _with_union(dense.to_numpy() <= LIMIT_S)

    areas = service_areas(network, snaps, limit_s=LIMIT_S)
    right = agreement(np.asarray(areas.geometry.array), at, truth)
    out: list[dict[str, object]] = [*areas_in_turn.rows(stations)]
    if importlib.util.find_spec("valhalla") is not None:
        out.append(
            _row("buildings on their right side (worst of 9 areas and union)", right,
                 _valhalla(stations, buildings), 0.999,
                 f"Valhalla isochrones against its own matrix; {len(at)} buildings")
        )  # fmt: skip
    simple = {
        "convex hulls of reached nodes": _hull,
        "25 m buffers of reached edges (osmnx example)": _buffer,
    }
    for name, draw in simple.items():
        shapes = np.array([draw(network, snaps.iloc[[i]]) for i in range(len(snaps))])
        shapes = np.append(shapes, shapely.union_all(shapes))
        out.append(
            _row(f"the same, against {name}", right, agreement(shapes, at, truth), 0.999, "our own times")
        )
    return out


def agreement(shapes: Shapes, at: Shapes, truth: Truth) -> float:
    """Give the least share of points that lie on their right side, over shapes (columns of ``truth``)."""
    shapely.prepare(shapes)
    inside = np.column_stack([shapely.intersects(shape, at) for shape in shapes])
    return float((inside == truth).mean(axis=0).min())


def _with_union(truth: Truth) -> Truth:
    return np.column_stack([truth, truth.any(axis=1)])


def _row(work: str, ours: float, peer: float, target: float, note: str) -> dict[str, object]:
    return {
        "work": work,
        "ours": f"{ours:.2%}",
        "peer": f"{peer:.2%}",
        "ratio": f"{(1 - peer) / max(1 - ours, 1e-9):.0f} x fewer wrong",
        "target": f"at least {target:.1%}",
        "note": note,
    }


def _hull(network: RoadNetwork, snaps: gpd.GeoDataFrame) -> shapely.Geometry:
    ms = node_times(network, snaps, direction="from_facility", limit_s=LIMIT_S)
    return shapely.convex_hull(shapely.multipoints(network.node_xy[ms < UNREACHED_MS]))


def _buffer(network: RoadNetwork, snaps: gpd.GeoDataFrame) -> shapely.Geometry:
    """Follow the isochrone example of osmnx: buffer the edges between reached nodes by 25 m."""
    ms = node_times(network, snaps, direction="from_facility", limit_s=LIMIT_S)
    is_reached = (ms[network.edge_u] < UNREACHED_MS) & (ms[network.edge_v] < UNREACHED_MS)
    lines = np.asarray(network.edges.geometry.array)[is_reached]
    return shapely.union_all(shapely.buffer(lines, 25.0))


def _valhalla(stations: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> float:
    """Give the agreement of one isochrone per station with Valhalla's own matrix."""
    import valhalla

    sources = [{"lon": p.x, "lat": p.y} for p in stations.to_crs(4326).geometry]
    lonlat = buildings.to_crs(4326).geometry
    targets = [{"lon": p.x, "lat": p.y} for p in lonlat]
    with tempfile.TemporaryDirectory() as folder:
        config = valhalla.get_config(tile_extract="", tile_dir=folder)
        config["service_limits"]["auto"].update(
            {"max_matrix_distance": 1e6, "max_matrix_location_pairs": 1e6, "max_locations": 10**6}
        )
        # one search a source, as for an isochrone, instead of one for each of 17,700 buildings
        config["thor"]["source_to_target_algorithm"] = "timedistancematrix"
        path = Path(folder) / "valhalla.json"
        path.write_text(json.dumps(config))
        subprocess.run(
            # the program itself: the script of that name works in an activated environment only
            [
                str(Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"),
                "-c",
                str(path),
                str(PBF.resolve()),
            ],
            check=True,
            capture_output=True,
            cwd=folder,
        )
        actor = valhalla.Actor(str(path))

        answers = [_isochrone(actor, source) for source in sources]
        times = np.concatenate(
            [_matrix(actor, sources, targets[i : i + 2000]) for i in range(0, len(targets), 2000)]
        )
    shapes = np.array(
        [shapely.from_geojson(json.dumps(answer["features"][0]["geometry"])) for answer in answers]
    )
    shapes = shapely.make_valid(shapes)
    truth = times <= LIMIT_S
    return agreement(
        np.append(shapes, shapely.union_all(shapes)), np.asarray(lonlat.array), _with_union(truth)
    )


def _isochrone(actor: Any, source: dict[str, float]) -> Any:
    request = {
        "locations": [source],
        "costing": "auto",
        "contours": [{"time": LIMIT_S / 60}],
        "polygons": True,
    }
    return actor.isochrone(request)


def _matrix(
    actor: Any, sources: list[dict[str, float]], targets: list[dict[str, float]]
) -> NDArray[np.float64]:
    answer = actor.matrix({"sources": sources, "targets": targets, "costing": "auto"})
    cells = [
        [np.inf if c["time"] is None else float(c["time"]) for c in row]
        for row in answer["sources_to_targets"]
    ]
    return np.array(cells).T


if __name__ == "__main__":
    for row in rows():
        print(" | ".join(str(row[key]) for key in ("work", "ours", "peer", "ratio", "target", "note")))
