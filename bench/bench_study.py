"""Whole runs of ``geo run`` and ``geo site``: wall time and peak memory of the process, cold and warm."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.plans import list_plans
from geo.sample import grid_network
from geo.study import assess, read_inputs, read_study
from geo.study.sites.candidates import along_roads
from tests.study.sites.test_candidates import slow_along_roads

DATA = Path(os.environ.get("EMERGENCY_GEO_DATA", Path(__file__).parents[2] / "shared" / "data"))

SAMPLE = Path(__file__).parents[1] / "layers" / "sample"

SHANGHAI = """
[study]
name = "上海市消防站覆盖"
lang = "zh"
plan = "shanghai"
attribution = "© OpenStreetMap contributors, ODbL 1.0"
[roads]
path = "{data}/shanghai/roads_shanghai_secondary_plus.gpkg"
layer = "links"
[[facilities]]
path = "{data}/shanghai/fire_stations_osm_2026-03-29.geojson"
kind = "fire_station"
[[demand]]
path = "{people}"
method = "zones"
people = "people"
over = "roads"
[[zones]]
path = "{people}"
level = "district"
"""
COVERAGE = """
[study]
name = "覆盖与消防指标"
lang = "zh"
plan = "chongming"
synthetic = true
[roads]
path = "{sample}/roads.geojson"
columns = {{ u = "u", v = "v", highway = "highway", oneway = "oneway", maxspeed = "maxspeed", name = "name" }}
[[facilities]]
path = "{sample}/stations.csv"
kind = "fire_station"
crs = "EPSG:4326"
[[facilities]]
path = "{sample}/stations_planned.csv"
kind = "fire_station"
status = "planned"
crs = "EPSG:4326"
[[demand]]
path = "{sample}/villages.csv"
method = "points"
people = "people"
columns = {{ people = "常住人口", name = "村居名称", zone = "所属乡镇" }}
crs = "EPSG:4326"
[zones]
path = "{sample}/towns.geojson"
level = "town"
[land]
path = "{sample}/land.geojson"
[barriers]
path = "{sample}/water.geojson"
"""
CITY = """
[study]
name = "A city of 96,013 links"
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
[candidates]
source = "roads"
spacing_m = {spacing_m}
[siting]
n = 3
"""

BEFORE = {1000: "11.1 s, 2,473 MB while the neighbours of all cuts were listed at once (2,000 m: 8,260 MB)"}
"""What rows were before a fault was mended, on the machine of the first table."""


_LAUNCH = """
import os, sys, time
start = time.perf_counter()
_, status, usage = os.wait4(os.posix_spawn(sys.executable, sys.argv[1:], os.environ), 0)
print(time.perf_counter() - start, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))
"""
"""Starts and measures a program: one started from here would count the memory of this process as its own."""


WITH_FAULTS = 3
"""Exit code of a run whose layers have faults: in Shanghai seven stations stand off the roads."""


def run(study: str, *, cache: str, command: str = "run") -> tuple[float, float]:
    """Run a study in a process of its own, by a command of ``geo``; give seconds and peak megabytes."""
    with tempfile.TemporaryDirectory() as out:
        return run_into(study, out, cache=cache, command=command)


def run_into(
    study: str, out: str, *, cache: str, command: str = "run", options: Sequence[str] = ()
) -> tuple[float, float]:
    """Run a study into a folder that stays."""
    # As a planner's Python does it: modules once read are kept, whatever this shell says.
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    words = [sys.executable, "-m", "geo", command, study, "--out", out, "--quiet", *options]
    told = subprocess.run(
        [sys.executable, "-c", _LAUNCH, *words],
        env=own | {"NUMBA_CACHE_DIR": cache, "XDG_CACHE_HOME": cache},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, memory, status = told.stdout.split()[-3:]
    if int(status) not in (0, WITH_FAULTS):
        raise SystemExit(f"geo {command} {study} failed")
    return float(seconds), float(memory)


def rows() -> Iterator[dict[str, str]]:
    """Measure the sample cold and warm, its coverage alone and with every room, and all Shanghai.

    About 30 whole runs: four minutes on an idle machine, each row told as soon as it is there.
    """
    for what, asked in (
        ("coverage and the fire service's targets", None),
        ("every room, the projects and one scenario", "sample"),
    ):
        with tempfile.TemporaryDirectory() as cache:
            study = asked or write_coverage(Path(cache))
            first = min(run(study, cache=f"{cache}/{k}")[0] for k in range(2))
            again, memory = best_run(study, cache=f"{cache}/0")
        work = f"`geo run` on the sample, {what}"
        yield _row(f"{work}: first time with compiling", f"{first:.1f} s", "20 s")
        row = _row(f"{work}: after that", f"{again:.1f} s, {memory:.0f} MB", "6 s, 800 MB")
        yield row | {"note": f"loading the libraries alone {load_libraries():.1f} s"}
    with tempfile.TemporaryDirectory() as cache:
        if (DATA / "shanghai").is_dir():
            study = write_shanghai(Path(cache))
            first, _ = run(study, cache=cache)
            again, memory = best_run(study, cache=cache)
            row = _row(
                "`geo run` on all Shanghai (25,370 links)", f"{again:.1f} s, {memory:.0f} MB", "20 s, 1 GB"
            )
            yield row | {"note": f"{first:.1f} s the first time, with compiling"}
    yield from candidates_of_a_city()
    yield from sites_of_a_city()
    yield five_plans()


def candidates_of_a_city() -> Iterator[dict[str, str]]:
    """Measure candidates along 96,013 links against a tree of all cuts, as SciPy finds their neighbours."""
    network = grid_network(62_000, seed=1)
    along_roads(network, spacing_m=500.0)
    slow_along_roads(grid_network(200, seed=1), 500.0)
    for spacing_m in (100.0, 500.0, 1000.0):
        start = time.process_time()
        ours = along_roads(network, spacing_m=spacing_m)
        between = time.process_time()
        theirs = slow_along_roads(network, spacing_m)
        end = time.process_time()
        if not (shapely.get_coordinates(ours.geometry) == theirs).all():
            raise AssertionError(f"other candidates at {spacing_m:g} m")
        del ours, theirs
        tracemalloc.start()
        n = len(along_roads(network, spacing_m=spacing_m))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        work = f"candidates each {spacing_m:g} m along {network.n_edges:,} links"
        row = _row(work, f"{between - start:.2f} s CPU, {peak / 1e6:.0f} MB", "5x at 500 m, 50 MB")
        peer = {"peer": f"{end - between:.2f} s", "ratio": f"{(end - between) / (between - start):.0f}x"}
        yield row | peer | {"note": f"{n:,} candidates, the same from a SciPy tree of all cuts"}


def sites_of_a_city() -> Iterator[dict[str, str]]:
    """Measure ``geo site`` on 96,013 links and 8,000 points, by the spacing of candidates along the roads."""
    with tempfile.TemporaryDirectory() as folder:
        for spacing_m in (250, 1000, 4000):
            study = write_city(Path(folder), spacing_m=spacing_m)
            seconds, memory = best_run(study, cache=folder, command="site")
            work = f"`geo site`, 8,000 points and 96,013 links, candidates each {spacing_m:,} m of road"
            row = _row(work, f"{seconds:.1f} s, {memory:.0f} MB", "30 s, 2 GB")
            yield row | {"note": BEFORE.get(spacing_m, "")}


def best_run(study: str, *, cache: str, command: str = "run") -> tuple[float, float]:
    """Give the least seconds of several runs, and the most megabytes of one process in any.

    What a machine does beside it weighs less in long runs: four short ones, but two of over five seconds.
    """
    runs = [run(study, cache=cache, command=command) for _ in range(2)]
    if min(runs)[0] <= 5:
        runs += [run(study, cache=cache, command=command) for _ in range(2)]
    return min(seconds for seconds, _ in runs), max(megabytes for _, megabytes in runs)


def load_libraries() -> float:
    """Give the seconds that Python takes to load what every run needs: how fast the machine is just now."""
    taken = []
    for _ in range(4):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import geopandas, numba, folium"], check=True)
        taken.append(time.perf_counter() - start)
    return min(taken)


def five_plans() -> dict[str, str]:
    """Evaluate the targets of all five plans on the sample, in one process, with the layers read."""
    study = replace(read_study("sample"), scenarios=(), projects=None)
    inputs = read_inputs(study)
    asked = [replace(study, study=replace(study.study, plan=name)) for name in list_plans()]
    assess(asked[0], inputs, draw_areas=False)
    start = time.perf_counter()
    tables = [assess(one, inputs, draw_areas=False).targets for one in asked]
    seconds = time.perf_counter() - start
    n = sum(len(table) for table in tables if table is not None)
    row = _row("targets of all five plans on the sample, layers read", f"{seconds:.1f} s", "10 s")
    return row | {"note": f"{n} targets, every room asked for each plan; no service areas drawn"}


def write_coverage(folder: Path) -> str:
    study = folder / "coverage.toml"
    study.write_text(COVERAGE.format(sample=SAMPLE.as_posix()), encoding="utf-8")
    return str(study)


def write_shanghai(folder: Path) -> str:
    districts = gpd.read_file(DATA / "shanghai" / "districts_land_c2015_wgs84.gpkg")
    census = pd.read_csv(DATA / "shanghai" / "population_district_age_2020.csv").set_index("name")
    districts["people"] = (
        districts["NAME"].replace("崇明县", "崇明区").map(census["pop2020_wan"] * 10_000).fillna(0)
    )
    people = folder / "districts.gpkg"
    districts.to_file(people)
    study = folder / "shanghai.toml"
    study.write_text(SHANGHAI.format(data=DATA.as_posix(), people=people.as_posix()), encoding="utf-8")
    return str(study)


def write_city(folder: Path, *, spacing_m: float) -> str:
    study = folder / "city.toml"
    study.write_text(CITY.format(spacing_m=spacing_m), encoding="utf-8")
    if (folder / "roads.gpkg").exists():
        return str(study)
    network, g = grid_network(62_000, seed=1), np.random.default_rng(1)
    homes, stations = (network.node_xy[g.choice(network.n_nodes, n, replace=False)] for n in (8000, 12))
    people = np.rint(g.lognormal(4.0, 1.0, len(homes)))
    edges = network.edges
    for name, columns, shapes in (
        ("roads", {"highway": edges["highway"].to_numpy()}, edges.geometry.to_numpy()),
        ("people", {"people": people}, shapely.points(homes)),
        ("stations", {"name": [f"fire station {k}" for k in range(len(stations))]}, shapely.points(stations)),
    ):
        gpd.GeoDataFrame(columns, geometry=shapes, crs=network.crs).to_file(folder / f"{name}.gpkg")
    return str(study)


def _row(work: str, ours: str, target: str) -> dict[str, str]:
    return {"work": work, "ours": ours, "peer": "-", "ratio": "-", "target": target, "note": ""}
