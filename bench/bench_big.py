"""Big studies: ``geo run`` of this checkout against an earlier one, each in a process of its own, in turn.

CPU time and peak memory are those of the process, so that a busy machine slows both alike. ``BENCH_BEFORE``
names the earlier checkout (``git worktree add FOLDER 822f8fa``); without it there are only the rows of the
sizes that ``geo sample`` writes. A million people take 2.5 GB and minutes.

Run ``python -m bench big``; ``BENCH_PEOPLE``, ``BENCH_STATIONS``, ``BENCH_HYDRANTS`` and ``BENCH_NODES`` make
the studies smaller.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.sample import grid_network, write_sample

HERE = Path(__file__).parents[1]
N_NODES = 62_000
N_PEOPLE = int(os.environ.get("BENCH_PEOPLE", 1_000_000))
N_STATIONS = int(os.environ.get("BENCH_STATIONS", 1000))
N_HYDRANTS = int(os.environ.get("BENCH_HYDRANTS", 20_000))
N_SAMPLE = int(os.environ.get("BENCH_NODES", 300_000))
SAMPLES = ((2000, 4), (2000, 18), (20_000, 12), (20_000, 18), (200_000, 18), (200_000, 100))
"""Nodes and towns that ``geo sample`` is asked for."""
RUNS = 2
_LAUNCH = """
import os, sys
_, status, usage = os.wait4(os.posix_spawn(sys.executable, sys.argv[1:], os.environ), 0)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))
"""
"""Starts and measures a program: one started from here would count the memory of this process as its own."""
STUDY = """
[study]
name = "A big city"
lang = "en"
synthetic = true
[roads]
path = "roads.gpkg"
[[facilities]]
path = "stations.gpkg"
kind = "fire_station"
[[demand]]
path = "people.gpkg"
people = "people"
method = "points"
columns = { name = "name" }
[zones]
path = "zones.gpkg"
level = "town"
columns = { name = "name" }
"""
HYDRANTS = """
[[facilities]]
path = "hydrants.gpkg"
kind = "hydrant"
"""


def rows() -> Iterator[dict[str, str]]:
    """Measure, and give the rows of the table: work, ours, peer, ratio, target, note."""
    with tempfile.TemporaryDirectory() as folder:
        yield _sizes(Path(folder))
        before = os.environ.get("BENCH_BEFORE")
        if before is None:
            return
        for work, study in _studies(Path(folder)):
            words = ["-m", "geo", "run", study, "--quiet", "--out", f"{folder}/out"]
            yield _row(f"`geo run`, {work}", words, before, folder, target="half of both")


def _studies(folder: Path) -> Iterator[tuple[str, str]]:
    """Write the big studies one by one; give what each is, and its path."""
    for n_people, n_stations, n_hydrants in (
        (N_PEOPLE, 40, 0),
        (20_000, N_STATIONS, 0),
        (20_000, 5 * N_STATIONS, 0),
        (20_000, 40, N_HYDRANTS),
    ):
        own = folder / f"{n_people}-{n_stations}-{n_hydrants}"
        study = write_city(own, n_people=n_people, n_stations=n_stations, n_hydrants=n_hydrants)
        more = f", {n_hydrants:,} hydrants" if n_hydrants else ""
        yield f"{n_people:,} people, {n_stations:,} stations{more}", study
    own = folder / "sample"
    write_sample(own, nodes=N_SAMPLE)
    yield f"a sample of {N_SAMPLE:,} nodes with every room", str(own / "study.toml")


def _sizes(folder: Path) -> dict[str, str]:
    """Tell how far the nodes of samples are from what was asked: ends of roads that lie apart."""
    off = []
    for n_nodes, n_towns in SAMPLES:
        own = folder / f"sample-{n_nodes}-{n_towns}"
        write_sample(own, towns=n_towns, nodes=n_nodes)
        roads = gpd.read_file(next(own.glob("roads.*")))
        lines = roads.to_crs(roads.estimate_utm_crs()).geometry.to_numpy()
        ends = np.vstack([shapely.get_coordinates(shapely.get_point(lines, end)) for end in (0, -1)])
        off.append(len(np.unique(ends.round(2), axis=0)) / n_nodes - 1.0)
    return {
        "work": "`geo sample --nodes N --towns T`, " + ", ".join(f"{n:,} x {t}" for n, t in SAMPLES),
        "ours": f"off by {max(off, key=abs):+.1%} at the most",
        "target": "within 5 %",
        "note": ", ".join(f"{each:+.1%}" for each in off),
    }


def write_city(folder: Path, *, n_people: int, n_stations: int, n_hydrants: int = 0) -> str:
    """Write a study of a city with people, stations, hydrants and 64 towns; give its path."""
    folder.mkdir()
    network, g = grid_network(N_NODES, seed=1), np.random.default_rng(1)
    homes, stations = (_near_roads(network.node_xy, g, n) for n in (n_people, n_stations))
    people = np.rint(g.lognormal(2.0, 1.0, n_people)) + 1  # as close together as people live anywhere
    low, high = network.node_xy.min(axis=0) - 99, network.node_xy.max(axis=0) + 99
    sides = np.linspace(low, high, 9).T
    x, y = (each.ravel() for each in np.meshgrid(np.arange(8), np.arange(8)))
    towns = shapely.box(sides[0][x], sides[1][y], sides[0][x + 1], sides[1][y + 1])
    edges = network.edges
    for name, columns, shapes in (
        ("roads", {"highway": edges["highway"].to_numpy()}, edges.geometry.to_numpy()),
        ("people", {"people": people, "name": [f"home {k}" for k in range(n_people)]}, shapely.points(homes)),
        ("stations", {"name": [f"fire station {k}" for k in range(n_stations)]}, shapely.points(stations)),
        ("zones", {"name": [f"town {k}" for k in range(64)]}, towns),
    ):
        gpd.GeoDataFrame(columns, geometry=shapes, crs=network.crs).to_file(folder / f"{name}.gpkg")
    hydrants = HYDRANTS if n_hydrants else ""
    if n_hydrants:
        places = shapely.points(_near_roads(network.node_xy, g, n_hydrants))
        gpd.GeoDataFrame(geometry=places, crs=network.crs).to_file(folder / "hydrants.gpkg")
    (folder / "study.toml").write_text(STUDY + hydrants, encoding="utf-8")
    return str(folder / "study.toml")


def _near_roads(xy: NDArray[np.float64], g: np.random.Generator, n: int) -> NDArray[np.float64]:
    places: NDArray[np.float64] = xy[g.choice(len(xy), n, replace=n > len(xy))] + g.uniform(-40, 40, (n, 2))
    return places


def _row(work: str, words: list[str], before: str, folder: str, *, target: str) -> dict[str, str]:
    trees = {"ours": str(HERE), "before": before}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in trees}
    for turn in range(RUNS + 1):
        for name, tree in trees.items():
            one = _measure(words, tree, cache=f"{folder}/cache-{name}")
            taken[name] += [one] if turn else []  # the first compiles kernels and modules
    ours, theirs = (min(taken[name]) for name in trees)
    return {
        "work": work,
        "ours": f"{ours[0]:.1f} s CPU, {ours[1]:.0f} MB",
        "peer": f"before {theirs[0]:.1f} s, {theirs[1]:.0f} MB",
        "ratio": f"{ours[0] / theirs[0]:.2f}, {ours[1] / theirs[1]:.2f}",
        "target": target,
    }


def _measure(words: list[str], tree: str, *, cache: str) -> tuple[float, float]:
    """Give CPU seconds and peak megabytes of a Python that finds ``geo`` in a tree."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    told = subprocess.run(
        [sys.executable, "-c", _LAUNCH, sys.executable, *words],
        env=own | {"PYTHONPATH": tree, "NUMBA_CACHE_DIR": cache, "XDG_CACHE_HOME": cache},
        cwd=tree,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.split()
    if int(told[-1]) not in (0, 3):
        raise SystemExit(f"{' '.join(words)} failed in {tree}")
    return float(told[-3]), float(told[-2])
