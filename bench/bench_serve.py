"""Dragging a station on the live page against a run of the same change; the numbers are compared first."""

from __future__ import annotations

import shutil
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench.bench_scenarios import DATA
from bench.bench_study import write_shanghai
from geo.serve import LiveStudy, open_study, read_frame, serving
from geo.serve.planner import Room
from geo.serve.saving import Desk
from geo.serve.self_test import running
from geo.study import Study, parse_study, read_study, run_study
from geo.times import to_seconds

N = 200
LIECHTENSTEIN = """
[study]
name = "Liechtenstein"
lang = "en"
[roads]
path = "{pbf}"
[[facilities]]
path = "{pbf}"
kind = "fire_station"
[[demand]]
path = "{pbf}"
total = 39000
"""


def rows() -> list[dict[str, str]]:
    """Measure the sample and, where their data is there, Liechtenstein and all Shanghai."""
    with TemporaryDirectory() as folder:
        return [
            row for place, file, target_ms in _places(Path(folder)) for row in _rows(place, file, target_ms)
        ]


def _places(folder: Path) -> Iterator[tuple[str, str, int]]:
    yield "the sample", "sample", 10
    pbf = DATA / "liechtenstein" / "liechtenstein-240304.osm.pbf"
    if pbf.exists():
        study = folder / "liechtenstein.toml"
        study.write_text(LIECHTENSTEIN.format(pbf=pbf.as_posix()), encoding="utf-8")
        yield "Liechtenstein", str(study), 10
    if (DATA / "shanghai").is_dir():
        yield "all Shanghai", write_shanghai(folder), 40


def _rows(place: str, file: str, target_ms: int) -> list[dict[str, str]]:
    study = read_study(file)
    live = open_study(study)
    with TemporaryDirectory() as folder:
        desk = Path(folder)
        drag_ms, move_ms, text, first_s = _drag(live, desk)
        run_s = _run(study, text, first_s)
        shown_ms = _in_browser(live, desk)
    size = (
        f"{len(live.people.people):,} points, {len(live.today().stations)} stations, {N} places of one drag"
    )
    server, browser = np.percentile(drag_ms, 95), np.percentile(shown_ms, 95) if len(shown_ms) else np.nan
    peer = f"`geo run` of the same change {run_s:.1f} s"
    found = [
        _row(f"a station dragged, {place}: server, p95", server, run_s, peer, f"{target_ms} ms, 100x", size),
        _row(f"let go, {place}: the state and its file kept", move_ms, run_s, peer, "-", ""),
    ]
    if len(shown_ms):
        target = f"{50 if target_ms == 10 else 120} ms, 100x"
        work = f"a station dragged, {place}: from the pointer to the repaint in Chromium, p95"
        found.append(_row(work, browser, run_s, peer, target, f"median {np.median(shown_ms):.0f} ms, no GPU"))
    return found


def _drag(live: LiveStudy, folder: Path) -> tuple[list[float], float, str, np.ndarray]:
    """Give the milliseconds of each answer, those of letting go, the export, and everybody's first time."""
    planner = Room(live, Desk(folder, live.study.study.name, live.study.folder)).enter()
    planner.greet()
    state = planner.session.state
    snapped = state.snaps.index[state.snaps["is_snapped"]]
    station = snapped[len(snapped) // 2]
    at, taken = state.stations.geometry.loc[station], []
    for k in range(N):
        message = {"id": k, "do": "drag", "station": station, "x": at.x + 2.0 * k, "y": at.y + 1.0 * k}
        start = time.perf_counter()
        planner.answer(message)
        taken.append(1000.0 * (time.perf_counter() - start))
    for k in range(N, 0, -1):  # back to the last place that is near a road
        start = time.perf_counter()
        where = {"x": at.x + 2.0 * k, "y": at.y + 1.0 * k}
        header, _ = read_frame(planner.answer({"id": k, "do": "move", "station": station, **where}))
        if header["kind"] == "state":
            break
    moved_ms = 1000.0 * (time.perf_counter() - start)
    text = read_frame(planner.answer({"id": 0, "do": "export", "name": "dragged"}))[0]["text"]
    return taken[1:], moved_ms, text, to_seconds(planner.session.state.best.first_ms)


def _run(study: Study, text: str, first_s: np.ndarray) -> float:
    """Give the seconds of a run of the change alone; its times must be those of the page."""
    data: dict[str, Any] = study.settings() | {"scenarios": tomllib.loads(text)["scenarios"]}
    with_change = parse_study(data, folder=study.folder)
    start = time.perf_counter()
    result = run_study(with_change)
    taken = time.perf_counter() - start
    assert (result.scenarios[0].people["after_s"].to_numpy() == first_s).all()
    return taken


def _in_browser(live: LiveStudy, folder: Path) -> list[float]:
    """Give the milliseconds from each pointer event to its repaint; none without Chromium."""
    path = shutil.which("chromium")
    if path is None:
        return []
    from playwright.sync_api import sync_playwright

    with (
        serving(live, folder, port=0) as (server, made),
        running(made),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"{server.url}")
        while not page.evaluate("Boolean(globalThis.geoLive && geoLive.model.checked)"):
            page.wait_for_timeout(100)
        x, y = page.evaluate(
            """() => {
              const { map, model } = geoLive, there = model.state.stations.filter(row => row.answers);
              const one = there[there.length >> 1], box = map.canvases.hand.getBoundingClientRect();
              const [x, y] = map.toScreen(one.x, one.y);
              return [box.left + x, box.top + y];
            }"""
        )
        page.mouse.move(x, y)
        page.mouse.down()
        for k in range(N):
            page.mouse.move(x + 60 * np.sin(k / 15), y + 40 * np.sin(k / 22))
            page.wait_for_timeout(16)
        page.wait_for_timeout(500)
        latencies: list[float] = page.evaluate("geoLive.latencies")
        browser.close()
    return latencies[3:]


def _row(work: str, ours_ms: float, run_s: float, peer: str, target: str, note: str) -> dict[str, str]:
    ratio = f"{1000.0 * run_s / ours_ms:,.0f}x"
    return {
        "work": work,
        "ours": f"{ours_ms:.1f} ms",
        "peer": peer,
        "ratio": ratio,
        "target": target,
        "note": note,
    }
