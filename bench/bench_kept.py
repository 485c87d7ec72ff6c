"""What is kept of the layers: ``geo run`` again, after one station moved, and ``geo site`` after it.

CPU time of the process and its children, in turn with the same command that keeps nothing (``--no-cache``),
and with an earlier checkout where ``BENCH_BEFORE`` names one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from bench.bench_big import _LAUNCH
from bench.bench_study import DATA, SAMPLE, write_shanghai
from geo.osm import read_facilities

HERE: Final = Path(__file__).parents[1]
RUNS: Final = 2
STATIONS: Final = "moved.geojson"
LIECHTENSTEIN: Final = """
[study]
name = "Liechtenstein"
lang = "en"
[roads]
path = "{pbf}"
[[facilities]]
path = "moved.geojson"
kind = "fire_station"
[[demand]]
path = "{pbf}"
method = "places"
[candidates]
source = "roads"
spacing_m = 500
"""
WORKS: Final = (
    ("`geo run` again, nothing changed", "run", False),
    ("`geo run` after one station moved", "run", True),
    ("`geo site` after `geo run`", "site", False),
)


def rows() -> Iterator[dict[str, str]]:
    """Measure, and give the rows of the table: work, ours, peer, ratio, target, note."""
    for place in ("sample", "liechtenstein", "shanghai"):
        if place == "sample" or (DATA / place).is_dir():
            with tempfile.TemporaryDirectory() as folder:
                yield from _of_place(place, Path(folder))


def _of_place(place: str, folder: Path) -> Iterator[dict[str, str]]:
    ways = {"ours": (HERE, ()), "nothing kept": (HERE, ("--no-cache",))}
    if before := os.environ.get("BENCH_BEFORE"):
        ways["before"] = (Path(before), ())
    studies = {way: write_place(place, folder / way) for way in ways}
    taken: dict[str, dict[str, list[float]]] = {work: {way: [] for way in ways} for work, _, _ in WORKS}
    for turn in range(RUNS + 1):
        for work, command, is_moved in WORKS:
            for way, (tree, options) in ways.items():
                if is_moved:
                    move_station(studies[way].parent / STATIONS, turn)
                words = ["-m", "geo", command, str(studies[way]), "--quiet", *options]
                words += ["--out", str(folder / f"{command} {way}")]
                cpu_s = _measure(words, tree, cache=folder / f"cache {way}")
                taken[work][way] += [cpu_s] if turn else []  # the first compiles kernels and keeps layers
    for work, by_way in taken.items():
        best = {way: min(seconds) for way, seconds in by_way.items()}
        peers = {way: seconds for way, seconds in best.items() if way != "ours"}
        yield {
            "work": f"{work}, {place}",
            "ours": f"{best['ours']:.1f} s CPU",
            "peer": ", ".join(f"{way} {seconds:.1f} s" for way, seconds in peers.items()),
            "ratio": ", ".join(f"{best['ours'] / seconds:.2f}" for seconds in peers.values()),
            "target": "" if "again" in work else "0.5 of before",
        }


def write_place(place: str, folder: Path) -> Path:
    """Write a study whose stations stand in a file of their own, and give its file."""
    if place == "sample":
        shutil.copytree(SAMPLE, folder)
        stations = gpd.GeoDataFrame(pd.read_csv(folder / "stations.csv", encoding="utf-8-sig"))
        text = (folder / "study.toml").read_text(encoding="utf-8")
        at = gpd.points_from_xy(stations.pop("经度"), stations.pop("纬度"))
        stations.set_geometry(gpd.GeoSeries(at, crs=4326)).to_file(folder / STATIONS)
        text = text.replace('"stations.csv"', f'"{STATIONS}"')
    elif place == "shanghai":
        folder.mkdir()
        file = "fire_stations_osm_2026-03-29.geojson"
        shutil.copyfile(DATA / "shanghai" / file, folder / STATIONS)
        text = Path(write_shanghai(folder)).read_text(encoding="utf-8")
        text = text.replace(f"{DATA.as_posix()}/shanghai/{file}", STATIONS)
    else:
        folder.mkdir()
        pbf = DATA / "liechtenstein" / "liechtenstein-240304.osm.pbf"
        read_facilities(pbf, kinds=("fire_station",))[["name", "geometry"]].to_file(folder / STATIONS)
        text = LIECHTENSTEIN.format(pbf=pbf.as_posix())
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"


def move_station(file: Path, turn: int) -> None:
    """Move one station by 50 m to the east, another one each turn."""
    table = json.loads(file.read_text(encoding="utf-8"))
    features = table["features"]
    features[turn % len(features)]["geometry"]["coordinates"][0] += 0.0005
    file.write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")


def _measure(words: list[str], tree: Path, *, cache: Path) -> float:
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    told = subprocess.run(
        [sys.executable, "-c", _LAUNCH, sys.executable, *words],
        env=own | {"PYTHONPATH": str(tree), "NUMBA_CACHE_DIR": str(cache), "XDG_CACHE_HOME": str(cache)},
        cwd=tree,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.split()
    if int(told[-1]) not in (0, 3):
        raise SystemExit(f"{' '.join(words)} failed in {tree}")
    return float(told[-3])
