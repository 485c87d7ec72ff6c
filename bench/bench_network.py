"""OSM PBF to a routable network with times: ours, ours from the kept network, and osmnx.

Each runs in a process of its own, so that its peak memory is its own. osmnx reads OSM XML, so the same
ways are written as XML before its clock starts; length and number of junctions are compared first.

Run ``python -m bench.bench_network [FILE.osm.pbf]``.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

REPEATS = 5


def rows(path: Path | None = None) -> list[dict[str, str]]:
    """Measure, and give the rows of the table: work, ours, peer, ratio, target, note."""
    if path is None:
        from tests.shared import DATA

        path = DATA / "liechtenstein" / "liechtenstein-240304.osm.pbf"
    if not path.exists():
        return [_row("OSM PBF to network", "-", "-", "-", "-", f"{path.name} is missing: not measured")]
    with tempfile.TemporaryDirectory() as folder:
        same_roads = Path(folder) / "same.osm"
        write_same_roads(path, same_roads)
        ours = _measure("ours", path, folder)
        kept = _measure("kept", path, folder)
        peer = _measure("osmnx", same_roads, folder)
    agreement = (
        f"both {ours['km']:.0f} km ({abs(ours['km'] / peer['km'] - 1):.2%} apart: theirs on a sphere), "
        f"{ours['junctions']:.0f} and {peer['junctions']:.0f} junctions of three or more roads"
    )
    if abs(ours["km"] / peer["km"] - 1) > 0.005 or abs(ours["junctions"] / peer["junctions"] - 1) > 0.01:
        raise AssertionError(f"the networks differ, so the times mean nothing: {agreement}")
    return [
        _row(
            "OSM PBF to a routable network with times",
            f"{ours['s']:.3f} s",
            f"osmnx {peer['s']:.2f} s",
            f"{peer['s'] / ours['s']:.1f}x",
            "10x",
            agreement,
        ),
        _row(
            "the same, peak memory of the process",
            f"{ours['mb']:.0f} MB",
            f"osmnx {peer['mb']:.0f} MB",
            f"1/{peer['mb'] / ours['mb']:.1f}",
            "1/3",
            f"after imports alone: ours {ours['import_mb']:.0f} MB, osmnx {peer['import_mb']:.0f} MB",
        ),
        _row(
            "the second time, from the network kept on disk",
            f"{kept['s'] * 1000:.1f} ms",
            f"ours, first time {ours['s'] * 1000:.0f} ms",
            f"{ours['s'] / kept['s']:.0f}x",
            "5x",
            "hashing the PBF included",
        ),
    ]


def _row(work: str, ours: str, peer: str, ratio: str, target: str, note: str) -> dict[str, str]:
    return {"work": work, "ours": ours, "peer": peer, "ratio": ratio, "target": target, "note": note}


def _measure(what: str, path: Path, folder: str) -> dict[str, float]:
    """Run one contender in its own process and read what it prints."""
    command = [sys.executable, "-m", "bench.bench_network", "--one", what, str(path), folder]
    root = Path(__file__).parents[1]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def write_same_roads(path: Path, xml: Path) -> None:
    """Write the ways that our network uses, and their nodes, as OSM XML."""
    import osmium

    from geo.osm import read_roads

    profile = _profile()
    roads = read_roads(path, classes=profile.speeds_kph)
    used = {int(way) for way in roads.edge_source[roads.edge_access & 1 == 0]}
    ways, nodes = [], set()
    for way in osmium.FileProcessor(str(path), osmium.osm.WAY):
        if isinstance(way, osmium.osm.Way) and way.id in used:
            tags = dict(way.tags)
            if tags["highway"] == "motorway":
                tags.setdefault("oneway", "yes")  # implied; osmnx does not know
            refs = [node.ref for node in way.nodes]
            ways.append(osmium.osm.mutable.Way(id=way.id, version=1, nodes=refs, tags=tags))
            nodes |= set(refs)
    with osmium.SimpleWriter(str(xml)) as writer:
        for node in osmium.FileProcessor(str(path), osmium.osm.NODE):
            if isinstance(node, osmium.osm.Node) and node.id in nodes:
                writer.add_node(node.replace(tags={}))
        for same in ways:
            writer.add_way(same)


def _profile() -> Any:
    from geo.standards import load_profile

    return replace(load_profile("fire_engine"), oneway="obey", private_roads=False)


def _ours(path: Path) -> tuple[Callable[[], Any], Callable[[Any], dict[str, float]]]:
    from geo.network import from_roads
    from geo.osm import read_roads

    profile = _profile()
    return lambda: from_roads(read_roads(path, classes=profile.speeds_kph), profile), _facts_of_ours


def _kept(path: Path, folder: str) -> tuple[Callable[[], Any], Callable[[Any], dict[str, float]]]:
    from geo.network import load_or_build

    build, profile = _ours(path)[0], _profile()

    def load() -> Any:
        return load_or_build(build, sources=[path], settings=profile, folder=folder)[0]

    load()
    return load, _facts_of_ours


def _facts_of_ours(network: Any) -> dict[str, float]:
    import numpy as np

    closed = (network.edge_ms >= 2**30 - 1) | (network.edge_back_ms >= 2**30 - 1)
    metres = (network.edge_length * np.where(closed, 1, 2)).sum()
    degree = np.bincount(np.concatenate([network.edge_u, network.edge_v]))
    return {"km": metres / 1000, "junctions": int((degree >= 3).sum())}


def _osmnx(path: Path) -> tuple[Callable[[], Any], Callable[[Any], dict[str, float]]]:
    import osmnx

    def build() -> Any:
        graph = osmnx.graph_from_xml(path, retain_all=True)
        return osmnx.add_edge_travel_times(osmnx.add_edge_speeds(graph, fallback=30))

    def facts(graph: Any) -> dict[str, float]:
        metres = sum(length for *_, length in graph.edges(data="length"))
        street_count = osmnx.stats.count_streets_per_node(graph)
        return {"km": metres / 1000, "junctions": sum(count >= 3 for count in street_count.values())}

    return build, facts


def _one(what: str, path: Path, folder: str) -> None:
    """Measure one contender in this process: memory of the first run, time of the best."""
    made = {"ours": lambda: _ours(path), "kept": lambda: _kept(path, folder), "osmnx": lambda: _osmnx(path)}
    build, facts = made[what]()
    import_mb = _peak_mb()
    start = time.perf_counter()
    network = build()
    best, peak = time.perf_counter() - start, _peak_mb()
    for _ in range(REPEATS - 1):
        start = time.perf_counter()
        network = build()
        best = min(best, time.perf_counter() - start)
    print(json.dumps({"s": best, "mb": peak, "import_mb": import_mb, **facts(network)}))


def _peak_mb() -> float:
    """Peak memory of this process; Linux's getrusage would also count the parent that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def main() -> None:
    if "--one" in sys.argv:
        what, path, folder = sys.argv[2:5]
        _one(what, Path(path), folder)
        return
    columns = ["work", "ours", "peer", "ratio", "target", "note"]
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    for row in rows(Path(sys.argv[1]) if len(sys.argv) > 1 else None):
        print("| " + " | ".join(row[column] for column in columns) + " |")


if __name__ == "__main__":
    main()
