"""Many counties in one command against a run each: CPU, wall, memory; and a network in tiles.

``BENCH_COUNTIES`` says how many counties (100), ``BENCH_NODES`` how many nodes the network of the tiles has.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.routing import cut_tiles, nearest, nearest_in_tile, snap
from geo.sample import grid_network, write_sample

COUNTIES = int(os.environ.get("BENCH_COUNTIES", "100"))
NODES = int(os.environ.get("BENCH_NODES", "1000000"))
SINGLE = 8
"""Single runs that are measured; all counties are as large as these."""
KINDS = 4
"""Different synthetic districts; counties are copies of them with folders of their own."""
MOST_CPU, MOST_MB, LEAST_SPEED = 0.85, 700, 1.8
LIMIT_S, TILES = 300.0, 4


def rows() -> list[dict[str, str]]:
    """Measure a batch on one and on two workers against single runs, then the tiles."""
    return [*_batch_rows(), _tile_row()]


def _batch_rows() -> list[dict[str, str]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        studies = _counties(folder / "in")
        _took(["run", str(studies[0]), "-q"])  # compiles
        single = [_took(["run", str(file), "-q"]) for file in studies[:SINGLE]]
        for file in studies:
            shutil.rmtree(file.parent / "out", ignore_errors=True)
        two = _took(["batch", *map(str, studies), "--out", str(folder / "two"), "--workers", "2"])
        ends = pd.read_csv(folder / "two" / "counties.csv")
        alone = studies[: max(COUNTIES // 4, 2)]
        for file in alone:
            shutil.rmtree(file.parent / "out", ignore_errors=True)
        one = _took(["batch", *map(str, alone), "--out", str(folder / "one"), "--workers", "1"])
    n, n_one = len(studies), len(alone)
    cpu, wall = (n * float(np.mean([took[i] for took in single])) for i in range(2))
    speed = (one[1] / n_one) / (two[1] / n)
    return [
        {
            "work": f"`geo batch`, {n} small districts with every room, two workers: CPU",
            "ours": f"{two[0]:.0f} s",
            "peer": f"{n} single `geo run` {cpu:.0f} s",
            "ratio": f"{two[0] / cpu:.2f}",
            "target": f"{MOST_CPU}",
            "note": f"{SINGLE} single runs measured; {two[1]:.0f} s on the clock against {wall:.0f} s",
        },
        {
            "work": "the same: memory of the largest worker",
            "ours": f"{ends['peak_mb'].max():.0f} MB",
            "peer": f"single run {max(took[2] for took in single):.0f} MB",
            "target": f"{MOST_MB} MB",
        },
        {
            "work": "two workers against one, counties an hour",
            "ours": f"{3600 * n / two[1]:.0f}",
            "peer": f"one worker {3600 * n_one / one[1]:.0f}",
            "ratio": f"{speed:.2f}",
            "target": f"{LEAST_SPEED}",
            "note": f"one worker measured on {n_one} of them",
        },
    ]


def _counties(folder: Path) -> list[Path]:
    for kind in range(KINDS):
        write_sample(folder / f"kind-{kind}", towns=3, nodes=500, seed=kind + 1)
    files = []
    for k in range(COUNTIES):
        county = folder / f"county-{k:03d}"
        shutil.copytree(folder / f"kind-{k % KINDS}", county)
        files.append(county / "study.toml")
    return files


def _took(words: list[str]) -> tuple[float, float, float]:
    """Run the command: CPU seconds with its children, seconds on the clock, MB of the largest process."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "geo", *words], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 3), done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - start, after.ru_maxrss * 1024 / 1e6


def _tile_row() -> dict[str, str]:
    """Search the nearest of 400 stations for 200,000 places, whole and in four tiles."""
    city = grid_network(NODES, seed=1)
    rng = np.random.default_rng(1)
    low, high = city.node_xy.min(axis=0), city.node_xy.max(axis=0)
    stations, places = (
        snap(gpd.GeoSeries(shapely.points(rng.uniform(low, high, (n, 2))), crs=city.crs), city)
        for n in (400, 200_000)
    )
    options: dict[str, Any] = {"direction": "from_facility", "limit_s": LIMIT_S}
    nearest(city, stations, places, **options)
    start = time.process_time()
    whole = nearest(city, stations, places, **options)
    whole_s = time.process_time() - start
    start, search_s, parts, sizes = time.process_time(), 0.0, [], []
    for tile in cut_tiles(city, n=TILES, limit_s=LIMIT_S):
        begin = time.process_time()
        parts.append(nearest_in_tile(tile, stations, places, **options))
        search_s += time.process_time() - begin
        sizes.append(tile.network.n_edges)
    all_s = time.process_time() - start
    tiled = pd.concat(parts).reindex(places.index)
    on = places["is_snapped"]
    assert (tiled.loc[on, "first_s"] == whole.loc[on, "first_s"]).all()
    assert (tiled.loc[on, "second_s"] == whole.loc[on, "second_s"]).all()
    return {
        "work": f"nearest two of 400 stations for 200,000 places, {city.n_nodes:,} nodes, in {TILES} tiles",
        "ours": f"{search_s:.2f} s CPU, {all_s:.2f} s with cutting",
        "peer": f"whole {whole_s:.2f} s",
        "ratio": f"{search_s / whole_s:.2f}",
        "target": "equal to the millisecond",
        "note": f"equal; largest tile {max(sizes) / city.n_edges:.0%} of the edges, margin {LIMIT_S:g} s",
    }
