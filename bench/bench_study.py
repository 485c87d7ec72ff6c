"""Whole runs of ``geo run``: wall time and peak memory of the process, cold and warm."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DATA = Path(os.environ.get("EMERGENCY_GEO_DATA", Path(__file__).parents[2] / "shared" / "data"))

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


def run(study: str, *, cache: str) -> tuple[float, float]:
    """Run a study in a process of its own; give seconds and peak megabytes."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "geo", "run", study, "--out", out, "--quiet"]
        start = time.perf_counter()
        process = subprocess.Popen(
            command, env=os.environ | {"NUMBA_CACHE_DIR": cache, "XDG_CACHE_HOME": cache}
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        if status:
            raise SystemExit(f"geo run {study} failed")
    return seconds, usage.ru_maxrss / 1024


def rows() -> list[dict[str, str]]:
    """Measure the sample cold and warm, and all Shanghai."""
    with tempfile.TemporaryDirectory() as cache:
        first, _ = run("sample", cache=cache)
        again, memory = run("sample", cache=cache)
        found = [
            _row("`geo run` on the sample, first time with compiling", f"{first:.1f} s", "20 s"),
            _row("`geo run` on the sample, after that", f"{again:.1f} s, {memory:.0f} MB", "6 s, 800 MB"),
        ]
        if (DATA / "shanghai").is_dir():
            seconds, memory = run(write_shanghai(Path(cache)), cache=cache)
            found.append(
                _row(
                    "`geo run` on all Shanghai (25,370 links)",
                    f"{seconds:.1f} s, {memory:.0f} MB",
                    "20 s, 1 GB",
                )
            )
    return found


def write_shanghai(folder: Path) -> str:
    import geopandas as gpd
    import pandas as pd

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


def _row(work: str, ours: str, target: str) -> dict[str, str]:
    return {"work": work, "ours": ours, "peer": "-", "ratio": "-", "target": target, "note": ""}
