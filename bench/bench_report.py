"""The report of a finished run against the run itself: seconds and peak memory of the processes, in turn."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.bench_study import run_into

TURNS = 3
MOST_TIMES = 3
MOST_MB = 700


def rows() -> list[dict[str, str]]:
    """Measure ``geo run`` and ``geo report`` on the sample; the report finds the run finished."""
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as out:
        run_into("sample", out, cache=cache)  # compiles
        runs, reports = [], []
        for _ in range(TURNS):
            runs.append(run_into("sample", out, cache=cache))
            reports.append(run_into("sample", out, cache=cache, command="report"))
        sizes = {path.suffix[1:]: path.stat().st_size / 1e6 for path in Path(out).glob("report.[pdh]*")}
    seconds, base = min(s for s, _ in reports), min(s for s, _ in runs)
    memory = max(mb for _, mb in reports)
    return [
        {
            "work": "`geo report` of the sample, finished: PDF, Word file and page",
            "ours": f"{seconds:.1f} s, {memory:.0f} MB",
            "peer": f"`geo run` {base:.1f} s",
            "ratio": f"{seconds / base:.2f} times the run",
            "target": f"{MOST_TIMES} times, {MOST_MB} MB, PDF 10 MB",
            "note": ", ".join(
                f"{name} {size:.1f} MB" for name, size in sorted(sizes.items()) if name != "json"
            ),
        }
    ]
