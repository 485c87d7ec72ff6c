"""Report and atlas of a finished run against the run itself: seconds and peak memory, in turn."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TypeAlias

from bench.bench_study import SAMPLE, run_into
from geo.outputs import open_finished, write_atlas
from geo.study import read_study

Took: TypeAlias = list[tuple[float, float]]
"""Seconds and peak megabytes of some processes."""
TURNS = 3
MOST_TIMES = 3
MOST_MB = 700
MOST_SHEET_S = 1.5


def rows() -> list[dict[str, str]]:
    """Measure ``geo run``, ``geo report`` and ``geo atlas`` on the sample; the last two find it finished."""
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as out:
        run_into("sample", out, cache=cache)  # compiles
        took: dict[str, Took] = {name: [] for name in ("run", "report", "atlas", "sheet")}
        for _ in range(TURNS):
            took["run"].append(run_into("sample", out, cache=cache))
            took["report"].append(run_into("sample", out, cache=cache, command="report"))
            one = ("--sheets", "coverage")
            took["sheet"].append(run_into("sample", out, cache=cache, command="atlas", options=one))
            took["atlas"].append(run_into("sample", out, cache=cache, command="atlas"))
        sizes = {path.name: path.stat().st_size / 1e6 for path in Path(out).iterdir() if path.is_file()}
        drawn = min(_draw_one(Path(out)) for _ in range(TURNS))
    base = min(seconds for seconds, _ in took["run"])
    target = f"{MOST_TIMES} times, {MOST_MB} MB, PDF 10 MB"
    files = [f"{name} {sizes[name]:.1f} MB" for name in ("report.pdf", "report.docx", "report.html")]
    whole = "`geo atlas` of the sample, finished: 30 sheets of A3, 18 of them towns"
    return [
        _row(
            "`geo report` of the sample, finished: PDF, Word file and page",
            took["report"],
            base,
            target,
            files,
        ),
        _row(whole, took["atlas"], base, target, [f"atlas.pdf {sizes['atlas.pdf']:.1f} MB"]),
        _row(
            "`geo atlas --sheets coverage`: one sheet, finished",
            took["sheet"],
            base,
            f"{MOST_SHEET_S} s",
            [f"{drawn:.2f} s of it open the run, draw and set the sheet; the rest loads libraries"],
        ),
    ]


def _row(work: str, took: Took, base: float, target: str, notes: list[str]) -> dict[str, str]:
    seconds, memory = min(s for s, _ in took), max(mb for _, mb in took)
    return {
        "work": work,
        "ours": f"{seconds:.1f} s, {memory:.0f} MB",
        "peer": f"`geo run` {base:.1f} s",
        "ratio": f"{seconds / base:.2f} times the run",
        "target": target,
        "note": ", ".join(notes),
    }


def _draw_one(folder: Path) -> float:
    """Draw one sheet of the finished run in this process, seconds."""
    study = read_study(SAMPLE / "study.toml").with_atlas({"sheets": ["coverage"]})
    start = time.perf_counter()
    run = open_finished(study, folder)
    assert run is not None
    write_atlas(run, study)
    return time.perf_counter() - start
