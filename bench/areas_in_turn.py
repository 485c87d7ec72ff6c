"""CPU time of service areas: this checkout, an earlier one and Valhalla, each in its own process, in turn.

``BENCH_BEFORE`` names the earlier checkout (``git worktree add FOLDER 822f8fa``), ``BENCH_VALHALLA`` a Python
with pyvalhalla 3.9 (3.12 or newer); without them their columns stay empty. ``BENCH_STATIONS`` makes the city
of overlapping stations smaller: the earlier checkout takes a minute a turn for 1,000.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd

from bench.liechtenstein import PBF

HERE = Path(__file__).parents[1]
N_STATIONS = int(os.environ.get("BENCH_STATIONS", 1000))
TURNS = {"country": 5, "barriers": 3, "city": 1}

_OURS = """
import sys, time
import geopandas as gpd, numpy as np, shapely
from geo.areas import service_areas
try:
    from geo.routing import SnapRules, snap
except ImportError:  # before there were rooms
    SnapRules, snap = None, __import__("geo.snapping", fromlist=["snap"]).snap
case, n = sys.argv[1], int(sys.argv[2])
walls = None
if case == "city":
    from geo.sample import grid_network
    network, g = grid_network(62_000, seed=1), np.random.default_rng(1)
    xy = network.node_xy[g.choice(network.n_nodes, n, replace=False)] + g.uniform(-40, 40, (n, 2))
    stations = gpd.GeoDataFrame(geometry=shapely.points(xy), crs=network.crs)
    stations.index = stations.index.astype(str)
else:
    from bench.liechtenstein import PBF, load
    network, stations, _ = load()
if case == "barriers":
    kinds = "waterway IN ('river','canal') OR railway='rail'"
    lines = gpd.read_file(PBF, layer="lines", columns=["waterway", "railway"], where=kinds)
    walls = gpd.GeoDataFrame(geometry=lines.to_crs(network.crs).geometry.array, crs=network.crs)
snaps = snap(stations, network) if walls is None else snap(stations, network, barriers=walls)
more = {}
if walls is not None:
    more = {"barriers": walls} if SnapRules is None else {"snapping": SnapRules(barriers=walls)}
for _ in sys.stdin:
    begin = time.process_time()
    service_areas(network, snaps, limit_s=240.0, **more)
    print(time.process_time() - begin, flush=True)
"""

_VALHALLA = """
import json, subprocess, sys, tempfile, time
from pathlib import Path
import valhalla
pbf, stations = sys.argv[1], json.loads(sys.argv[2])
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "valhalla.json"
    path.write_text(json.dumps(valhalla.get_config(tile_extract="", tile_dir=folder)))
    build = str(Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles")
    subprocess.run([build, "-c", str(path), pbf], check=True, capture_output=True, cwd=folder)
    actor = valhalla.Actor(str(path))
    how = {"costing": "auto", "contours": [{"time": 4}], "polygons": True}
    for _ in sys.stdin:
        begin = time.process_time()
        for station in stations:
            actor.isochrone({"locations": [station], **how})
        print(time.process_time() - begin, flush=True)
"""


def rows(stations: gpd.GeoDataFrame) -> Iterator[dict[str, object]]:
    """Give a row for the country, the country with barriers and a city of overlapping stations."""
    places = json.dumps([{"lon": p.x, "lat": p.y} for p in stations.to_crs(4326).geometry])
    before, peer = os.environ.get("BENCH_BEFORE"), os.environ.get("BENCH_VALHALLA")
    works = {
        "country": ("CPU of 9 areas and their union", "before", "at most 2 x Valhalla's, aim 1 x"),
        "barriers": ("the same with 60 rivers, canals and railways as barriers", "before", "at most 1/3"),
        "city": (f"CPU of the areas of {N_STATIONS:,} overlapping stations", "before", "at most 1/4"),
    }
    for case, (work, other, target) in works.items():
        programs = {"ours": ([sys.executable, "-c", _OURS, case, str(N_STATIONS)], str(HERE))}
        if before is not None:
            programs[other] = ([sys.executable, "-c", _OURS, case, str(N_STATIONS)], before)
        if peer is not None and case == "country":
            programs["Valhalla"] = ([peer, "-c", _VALHALLA, str(PBF.resolve()), places], str(HERE))
        taken = _in_turn(programs, TURNS[case])
        ours = taken.pop("ours")
        yield {
            "work": work,
            "ours": f"{ours:.3f} s",
            "peer": ", ".join(f"{name} {seconds:.3f} s" for name, seconds in taken.items()) or "-",
            "ratio": ", ".join(f"{ours / seconds:.2f}" for seconds in taken.values()) or "-",
            "target": target,
            "note": "Valhalla draws the 9 only" if "Valhalla" in taken else "",
        }


def _in_turn(programs: dict[str, tuple[list[str], str]], n: int) -> dict[str, float]:
    """Give the least CPU seconds of each program over ``n`` turns, after one that compiles."""
    running = {name: _start(words, tree) for name, (words, tree) in programs.items()}
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for turn in range(n + 1):
        for name, process in running.items():
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("go\n")
            process.stdin.flush()
            seconds = float(process.stdout.readline())
            taken[name] += [seconds] if turn else []
    for process in running.values():
        process.communicate()
    return {name: min(seconds) for name, seconds in taken.items()}


def _start(words: list[str], tree: str) -> subprocess.Popen[str]:
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.Popen(
        words,
        env=own | {"PYTHONPATH": tree},
        cwd=tree,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
