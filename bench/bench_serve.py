"""Dragging a station on the live page against a run of the same change; the numbers are compared first.

Each place is measured in a process of its own, ``python -m bench.bench_serve PLACE``, for its memory.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.bench_scenarios import DATA
from bench.bench_study import write_shanghai
from geo.freeing import keep_little
from geo.sample import write_sample
from geo.serve import LiveStudy, Server, read_frame, serving
from geo.serve.live_study import live_of
from geo.serve.planner import Room
from geo.serve.saving import Desk
from geo.serve.self_test import running
from geo.study import Study, make_ready, parse_study, read_study, run_study
from geo.times import to_seconds

if TYPE_CHECKING:
    from playwright.sync_api import Page

N = 200
N_STATIONS = 180
N_PLANNERS = 20
N_TURNS, WARM_S, DRAGGING_S = 3, 2, 3
PLACES = {
    "sample": ("the sample", 10),
    "liechtenstein": ("Liechtenstein", 10),
    "shanghai": ("all Shanghai", 40),
    "city": ("a city of 410,000 nodes", 40),
}
"""What each is called, and the milliseconds that its server may take."""
LONG = ("city",)
"""Places that take half an hour: measured by themselves."""
HAS_DATA = {"liechtenstein": DATA / "liechtenstein", "shanghai": DATA / "shanghai"}
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
    measured: list[dict[str, str]] = []
    for place in PLACES:
        if place in LONG:
            print(f"   {place} left out: python -m bench.bench_serve {place}", file=sys.stderr, flush=True)
        elif HAS_DATA.get(place, DATA.parent).is_dir():
            command = [sys.executable, "-m", "bench.bench_serve", place]
            measured += json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            print(f"   {place} measured", file=sys.stderr, flush=True)
    return measured


def write_place(place: str, folder: Path) -> str:
    """Write a study and give its file."""
    if place == "liechtenstein":
        pbf = DATA / "liechtenstein" / "liechtenstein-240304.osm.pbf"
        (folder / "study.toml").write_text(LIECHTENSTEIN.format(pbf=pbf.as_posix()), encoding="utf-8")
        return str(folder / "study.toml")
    if place == "shanghai":
        return write_shanghai(folder)
    return _write_city(folder / "city") if place == "city" else "sample"


def _write_city(folder: Path) -> str:
    """Write an invented city of 410,000 nodes with 180 stations: its own, and its small posts as stations."""
    write_sample(folder, nodes=410_000)
    stations = pd.read_csv(folder / "stations.csv", dtype=str)
    posts = pd.read_csv(folder / "micro_stations.csv", dtype=str)[: N_STATIONS - len(stations)]
    shared = [column for column in posts if column in stations]
    pd.concat([stations, posts[shared]]).to_csv(folder / "stations.csv", index=False)
    return str(folder / "study.toml")


def measure(place: str) -> list[dict[str, str]]:
    """Give the rows of one place; memory is taken before the run that the numbers are held against."""
    name, target_ms = PLACES[place]
    with TemporaryDirectory() as temporary:
        folder, desk = Path(temporary), Path(temporary) / "desk"
        study = read_study(write_place(place, folder))
        keep_little()  # as the command does
        start = time.perf_counter()
        inputs = make_ready(study, use_cache=False).inputs  # as the first time
        read_s = time.perf_counter() - start
        live = live_of(study, inputs)
        open_s = time.perf_counter() - start
        drag_ms, move_ms, text, first_s = _drag(live, desk)
        alone_ms, together_ms, cpu_ms = _at_once(live, desk)
        shown_ms, page_s = _in_browser(live, desk, n_others=0)
        among_ms, _ = _in_browser(live, desk, n_others=N_PLANNERS - 1)
        peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
        run_s = _run(study, text, first_s)
    people, stations = len(live.people.people), len(live.today().stations)
    size = f"{people:,} points, {stations} stations, {N} places of one drag"
    peer = f"`geo run` of the same change {run_s:.1f} s"
    work = f"a station dragged, {name}:"
    measured = [
        _row(f"{work} server, p95", _p95(drag_ms), run_s, peer, f"{target_ms} ms, 100x", size),
        _row(f"let go, {name}: the state and its file kept", move_ms, run_s, peer, "-", ""),
        _together(name, _p95(together_ms), _p95(alone_ms), cpu_ms),
    ]
    if shown_ms:
        target = f"{50 if target_ms == 10 else 120} ms, 100x"
        note = f"median {np.median(shown_ms):.0f} ms, no GPU"
        shown = f"{work} from the pointer to the repaint in Chromium, p95"
        measured += [
            _row(shown, _p95(shown_ms), run_s, peer, target, note),
            _among(name, _p95(among_ms), _p95(shown_ms)),
            _first_page(name, open_s, page_s, read_s),
        ]
    memory = {
        "work": f"memory of the server, {name}",
        "ours": f"{peak_gb:.2f} GB",
        "target": "1.5 GB for the city",
    }
    return [
        *measured,
        memory | {"note": "the most, with reading the layers, until all of the above was done"},
    ]


def _together(name: str, together_ms: float, alone_ms: float, cpu_ms: float) -> dict[str, str]:
    return {
        "work": f"{N_PLANNERS} planners drag at once, {name}: answer over the line, p95",
        "ours": f"{together_ms:.1f} ms",
        "peer": f"one planner {alone_ms:.1f} ms",
        "ratio": f"{together_ms / alone_ms:.1f}",
        "target": "3",
        "note": f"20 moves a second each, which wait for the answer; {cpu_ms:.1f} ms of CPU a drag",
    }


def _among(name: str, among_ms: float, alone_ms: float) -> dict[str, str]:
    return {
        "work": f"the same while {N_PLANNERS - 1} others drag theirs, {name}",
        "ours": f"{among_ms:.0f} ms",
        "peer": f"one planner {alone_ms:.0f} ms",
        "ratio": f"{among_ms / alone_ms:.1f}",
        "target": "3",
        "note": "20 moves a second each; Chromium and all on the same two cores",
    }


def _first_page(name: str, open_s: float, page_s: float, read_s: float) -> dict[str, str]:
    return {
        "work": f"from the command to the first page, {name}",
        "ours": f"{open_s + page_s:.1f} s",
        "peer": f"reading the layers {read_s:.1f} s",
        "ratio": f"{(open_s + page_s) / read_s:.2f}",
        "target": "1.5",
        "note": f"of it {open_s:.1f} s until the server may answer",
    }


def _p95(milliseconds: list[float]) -> float:
    return float(np.percentile(milliseconds, 95))


def _drag(live: LiveStudy, folder: Path) -> tuple[list[float], float, str, np.ndarray]:
    """Give the milliseconds of each answer, those of letting go, the export, and everybody's first time."""
    planner = Room(live, Desk(folder, live.study.study.name, live.study.folder)).enter()
    planner.greet()
    state = planner.session.state
    snapped = state.snaps.index[state.snaps["is_snapped"]]
    station = snapped[len(snapped) // 2]
    at, taken = state.stations.geometry.loc[station], []
    for k in range(N):
        where = {"x": at.x + 2.0 * k, "y": at.y + 1.0 * k}
        message = {"id": k, "do": "drag", "station": station, "area": True, **where}
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


def _at_once(live: LiveStudy, folder: Path) -> tuple[list[float], list[float], float]:
    """Let one and many planners drag in turns, on a machine that others may use too.

    Gives the milliseconds of the answers to one and to many, and the server's CPU for a drag of many, ms.
    """
    taken_ms: dict[int, list[float]] = {1: [], N_PLANNERS: []}
    cpu_s = 0.0
    with serving(live, folder, port=0) as (server, made), running(made):
        for n in [1, N_PLANNERS] * N_TURNS:
            with _others(server, n) as of_turn:
                time.sleep(WARM_S)
                start = time.process_time()
                time.sleep(DRAGGING_S)
                cpu_s += time.process_time() - start if n > 1 else 0.0
            taken_ms[n] += of_turn
    return taken_ms[1], taken_ms[N_PLANNERS], 1000.0 * cpu_s / len(taken_ms[N_PLANNERS])


@contextmanager
def _others(server: Server, n: int) -> Iterator[list[float]]:
    """Let others drag meanwhile, in a process of their own; at the end give their milliseconds."""
    taken_ms: list[float] = []
    if n == 0:
        yield taken_ms
        return
    command = [sys.executable, "-m", "bench.planners", server.url, str(n)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as planners:
        assert planners.stdin is not None
        assert planners.stdout is not None
        planners.stdout.readline()  # all of them drag
        try:
            yield taken_ms
        finally:
            planners.stdin.close()
            taken_ms += json.loads(planners.stdout.read())


def _in_browser(live: LiveStudy, folder: Path, *, n_others: int) -> tuple[list[float], float]:
    """Give the milliseconds from each pointer event to its repaint, and the seconds until the page is there.

    None of the first and 0 of the second without Chromium. Others may drag meanwhile.
    """
    path = shutil.which("chromium")
    if path is None:
        return [], 0.0
    from playwright.sync_api import sync_playwright

    start = time.perf_counter()
    with serving(live, folder, port=0) as (server, made), running(made):
        served_s = time.perf_counter() - start
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            start = time.perf_counter()
            page.goto(server.url)
            while not page.evaluate("Boolean(globalThis.geoLive && geoLive.model.state)"):
                page.wait_for_timeout(5)
            page_s = time.perf_counter() - start
            with _others(server, n_others):
                latencies = _drag_shown(page)
            browser.close()
    return latencies, served_s + page_s


def _drag_shown(page: Page) -> list[float]:
    """Drag a station of the middle of the list; give the milliseconds of each repaint."""
    while not page.evaluate("Boolean(geoLive.model.checked)"):
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


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
