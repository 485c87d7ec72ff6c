"""OpenStreetMap files to layers: this checkout against an earlier one, and against pyrosm.

Each contender runs in a process of its own, in turn, so that CPU time and peak memory are its own and a busy
machine slows all alike. ``BENCH_BEFORE`` names the earlier checkout (``git worktree add FOLDER 34b7c4b``),
``BENCH_PYROSM`` an interpreter that has pyrosm; without them their rows are left out.

Run ``python -m bench reading``.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.shared import DATA

PBF = DATA / "liechtenstein" / "liechtenstein-240304.osm.pbf"
HERE = Path(__file__).parents[1]
N_WAYS = 500_000
REPEATS = 3
KINDS = ("residential",) * 10 + ("service",) * 6 + ("tertiary",) * 3 + ("secondary",) * 2 + (
    "primary", "trunk", "motorway", "footway", "track", "unclassified",
)  # fmt: skip

MEASURE = """
import json, resource, time
start = time.process_time()
{work}
spent = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({{"s": time.process_time() - start, "mb": spent.ru_maxrss / 1024, "n": n}}))
"""
LOADED = """
import geopandas, numba, osmium
from geo import osm
from geo.osm import read_boundaries, read_buildings, read_facilities, read_places, read_roads, read_water
import geo.osm._unfolding
start = time.process_time()
"""
EACH = """
whole = (osm.read_facilities(path), osm.read_places(path), osm.read_boundaries(path),
         osm.read_buildings(path), osm.read_water(path, extent=(9.4, 47.0, 9.7, 47.3)))
n = osm.read_roads({path!r}).n_edges + sum(map(len, whole))
"""
SEPARATE = LOADED + "path = {path!r}" + EACH
TOGETHER = (
    LOADED
    + 'path = osm.OsmLayers({path!r}, ("facilities", "places", "boundaries", "water", "buildings"))'
    + EACH
)
ROADS = LOADED + "n = osm.read_roads({path!r}).n_edges"
NETWORK_AND_BUILDINGS = LOADED + "n = osm.read_roads({path!r}).n_edges + len(osm.read_buildings({path!r}))"
PYROSM = """
import pyrosm
start = time.process_time()
file = pyrosm.OSM({path!r})
n = len(file.get_network(network_type="driving")) + len(file.get_buildings())
"""


def rows() -> list[dict[str, str]]:
    """Measure, and give the rows of the table: work, ours, peer, ratio, target, note."""
    before, pyrosm = os.environ.get("BENCH_BEFORE"), os.environ.get("BENCH_PYROSM")
    table = []
    with tempfile.TemporaryDirectory() as folder:
        if PBF.exists() and before:
            table.append(
                _row("all layers of Liechtenstein", "1/3 of the CPU", PBF, TOGETHER, SEPARATE, before)
            )
        if PBF.exists() and pyrosm:
            work = "roads and buildings of Liechtenstein"
            table.append(_row(work, "less memory", PBF, NETWORK_AND_BUILDINGS, PYROSM, None, pyrosm))
        if before:
            path = Path(folder) / "roads.osm.pbf"
            write_roads(path, N_WAYS)
            work = f"{N_WAYS:,} ways of roads"
            table.append(_row(work, "1/3 of the CPU, 1/2 of the memory", path, ROADS, ROADS, before))
    return table


def _row(
    work: str, target: str, path: Path, ours: str, theirs: str, before: str | None, python: str | None = None
) -> dict[str, str]:
    pairs = [
        (_measure(ours, path, HERE), _measure(theirs, path, Path(before or HERE), python or sys.executable))
        for _ in range(REPEATS)
    ]
    if before and pairs[0][0]["n"] != pairs[0][1]["n"]:
        raise AssertionError(f"they read different things, so the times mean nothing: {pairs[0]}")
    (s, mb), (their_s, their_mb) = (
        (
            statistics.median(pair[i]["s"] for pair in pairs),
            statistics.median(pair[i]["mb"] for pair in pairs),
        )
        for i in (0, 1)
    )
    return {
        "work": work,
        "ours": f"{s:.2f} s, {mb:.0f} MB",
        "peer": f"{'before' if before else 'pyrosm'} {their_s:.2f} s, {their_mb:.0f} MB",
        "ratio": f"{s / their_s:.2f} of the CPU, {mb / their_mb:.2f} of the memory",
        "target": target,
        "note": "CPU time once libraries are loaded and kernels compiled; memory with the libraries",
    }


def _measure(work: str, path: Path, checkout: Path, python: str = sys.executable) -> dict[str, float]:
    code = MEASURE.format(work=work.format(path=str(path)))
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    done = subprocess.run(
        [python, "-W", "ignore", "-c", code],
        cwd=checkout, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def write_roads(path: Path, n_ways: int, *, n_bends: int = 7, seed: int = 0) -> None:
    """Write a town of crossing roads, each way from crossing to crossing, as a sorted PBF."""
    import numpy as np
    import osmium

    chance = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(n_ways / 2))) + 1
    header = osmium.io.Header()
    header.set("sorting", "Type_then_ID")
    node, way = osmium.osm.mutable.Node, osmium.osm.mutable.Way
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        for i in range(side * side):
            writer.add_node(node(id=i + 1, location=_at(i // side, i % side), version=1))
        links = list(_links(side))[:n_ways]
        first = side * side + 1
        for k, (row, column, down, right) in enumerate(links):
            for i in range(n_bends):
                part = (i + 1) / (n_bends + 1)
                x, y = _at(row + down * part, column + right * part)
                aside = chance.normal(0, 1e-5, 2)
                place = (x + aside[0], y + aside[1])
                writer.add_node(node(id=first + n_bends * k + i, location=place, version=1))
        for k, (row, column, down, right) in enumerate(links):
            ends = (1 + row * side + column, 1 + (row + down) * side + column + right)
            bends = range(first + n_bends * k, first + n_bends * (k + 1))
            writer.add_way(way(id=k + 1, nodes=[ends[0], *bends, ends[1]], tags=_tags(chance), version=1))


def _at(row: float, column: float) -> tuple[float, float]:
    return 110 + column * 0.002, 30 + row * 0.002


def _links(side: int) -> Iterator[tuple[int, int, int, int]]:
    for row in range(side):
        for column in range(side):
            if column + 1 < side:
                yield row, column, 0, 1
            if row + 1 < side:
                yield row, column, 1, 0


def _tags(chance: object) -> dict[str, str]:
    kind, limit, number = (int(chance.integers(most)) for most in (len(KINDS), 8, N_WAYS // 4))  # type: ignore[attr-defined]
    tags = {"highway": KINDS[kind], "source": "survey"}
    tags |= {"maxspeed": str(30 + 10 * limit)} if limit < 3 else {}
    tags |= {"oneway": "yes"} if limit == 4 else {}
    tags |= {"name": f"{number}号路"} if number % 2 else {}
    return tags | ({"surface": "asphalt", "lanes": "2"} if limit % 3 == 0 else {})
