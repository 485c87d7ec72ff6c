"""A map of 1,000 stations and 100,000 people in Chromium, offline: to load, to zoom, with all areas shown.

``BENCH_BEFORE`` names an earlier checkout to hold it against; both draw maps of the same tables.
Times are those of the page's main thread (CPU): what a screen waits for beside them is up to its graphics.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

N_STATIONS, N_PEOPLE, WIDTH_M = 1_000, 100_000, 30_000.0
CORNER = np.array([350_000.0, 3_450_000.0])
FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
ZOOM = "step => { map_coverage.setZoom(map_coverage.getZoom() + step, {animate: false}); }"
SWITCH = "() => { document.querySelector('input[data-layer=each]').click(); }"
DRAW = """
import pickle, sys
from geo.maps import AreaLayer, CoverageLayer, RoadLayer, StationLayer, coverage_map, write_map
t = pickle.load(open(sys.argv[1], "rb"))
layers = [RoadLayer(t["roads"]), StationLayer(t["stations"]), AreaLayer(t["areas"]),
          CoverageLayer(t["people"], bands_s=[180.0, 240.0, 300.0], limit_s=300.0)]
write_map(coverage_map(layers, title="A large city", lang="en"), sys.argv[2])
"""


def rows() -> Iterator[dict[str, str]]:
    """Give a row per step: ``work``, ``ours``, ``peer``, ``ratio``, ``target``, ``note``."""
    with tempfile.TemporaryDirectory() as folder:
        tables = Path(folder) / "tables.pickle"
        tables.write_bytes(pickle.dumps(_tables()))
        ours = _measure(_draw(tables, Path(__file__).parents[1]))
        before = os.environ.get("BENCH_BEFORE")
        peer = _measure(_draw(tables, Path(before))) if before else {}
    for work, value in ours.items():
        target = {"to load": "3 s", "a zoom": "0.3 s"}.get(work, "")
        yield {
            "work": f"map of 1,000 stations and 100,000 people: {work}",
            "ours": f"{value:.2f}{'' if work.endswith('MB') else ' s CPU'}",
            "peer": f"before {peer[work]:.2f}" if peer else "-",
            "ratio": f"1/{peer[work] / value:.1f}" if peer else "-",
            "target": target,
            "note": "",
        }


def _tables() -> dict[str, gpd.GeoDataFrame]:
    """Make a city: roads each 150 m, stations and people anywhere, areas of 1,000 corners."""
    g, crs = np.random.default_rng(17), "EPSG:32651"
    lines = np.arange(0, WIDTH_M, 150.0)
    roads = [shapely.linestrings([[(x, at), (x + 150, at)] for x in lines[:-1]]) for at in lines]
    across = [shapely.linestrings([[(at, y), (at, y + 150)] for y in lines[:-1]]) for at in lines]
    every = np.concatenate(roads + across)
    at = g.uniform(0, WIDTH_M, (N_STATIONS, 2))
    ids = pd.Index([f"s{i}" for i in range(N_STATIONS)], name="facility_id")
    turn = np.linspace(0, 2 * np.pi, 1000)
    reach = 1500 + 300 * np.sin(7 * turn) + g.uniform(-60, 60, (N_STATIONS, 1000))
    rings = at[:, None] + reach[..., None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    areas = shapely.make_valid(shapely.polygons(rings))
    homes = g.uniform(0, WIDTH_M, (N_PEOPLE, 2))

    def moved(shapes: Any) -> Any:
        return shapely.transform(np.asarray(shapes, dtype=object), lambda xy: xy + CORNER)

    def table(shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(columns, geometry=moved(shapes), crs=crs)

    owners = [*ids, None]
    return {
        "roads": table(every, highway=np.where(np.arange(len(every)) % 8 == 0, "primary", "residential")),
        "stations": table(
            shapely.points(at), kind="fire_station", status="existing", name=[f"station {i}" for i in ids],
            station_class="first", people_served=1e3, mean_s=200.0, worst_s=400.0, share_of_limit=0.1,
        ).set_index(ids),
        "areas": table([*areas, shapely.union_all(areas)], facility_id=owners, limit_s=300.0, area_km2=1.0),
        "people": table(
            shapely.points(homes), people=g.integers(1, 200, N_PEOPLE).astype(float),
            first_s=g.uniform(60, 600, N_PEOPLE), first_id=g.choice(ids, N_PEOPLE),
            is_covered=True, zone="town",
        ),
    }  # fmt: skip


def _draw(tables: Path, tree: Path) -> Path:
    path = tables.with_name(f"{tree.name}.html")
    words = [sys.executable, "-c", DRAW, str(tables), str(path)]
    subprocess.run(words, env=os.environ | {"PYTHONPATH": str(tree)}, cwd=tables.parent, check=True)
    return path


def _measure(path: Path) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True)
        page = context.new_page()
        page.set_default_timeout(180_000)
        devtools = context.new_cdp_session(page)
        devtools.send("Performance.enable")

        def metrics() -> dict[str, float]:
            told = devtools.send("Performance.getMetrics")["metrics"]
            return {one["name"]: one["value"] for one in told}

        def cost(act: str, value: float | None = None) -> float:
            start = metrics()["TaskDuration"]
            page.evaluate(act, value)
            page.evaluate(FRAMES)
            return metrics()["TaskDuration"] - start

        page.goto(path.as_uri())
        page.wait_for_selector(".geo-legend")
        page.evaluate(FRAMES)
        found = {"to load": metrics()["TaskDuration"]}
        steps = (1, 1, 1, -1, -1, -1)
        found["a zoom"] = float(np.mean([cost(ZOOM, step) for step in steps]))
        found["to show the area of each station"] = cost(SWITCH)
        found["a zoom with the area of each station"] = float(np.mean([cost(ZOOM, step) for step in steps]))
        found["heap of the page, MB"] = metrics()["JSHeapUsedSize"] / 1e6
        browser.close()
    return found | {"size of the file, MB": path.stat().st_size / 1e6}
