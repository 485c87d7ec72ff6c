"""Run the benchmarks and write the table: ``python -m bench [NAME ...]``."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
NAMES = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
COLUMNS = ("work", "ours", "peer", "ratio", "target", "note")
PEERS = ("networkx", "osmnx", "pandana", "pyvalhalla-weekly", "scipy", "spopt", "highspy", "numba", "numpy")
START, END = "<!-- {} -->", "<!-- end {} -->"


def main(names: list[str]) -> None:
    """Run the named benchmarks (all when none is named) and put their tables into the page."""
    page = HERE / "README.md"
    text = page.read_text(encoding="utf-8")
    for name in names or NAMES:
        print(f"== {name}", flush=True)
        rows = []
        for row in importlib.import_module(f"bench.bench_{name}").rows():
            print(f"{row['work']}: {row['ours']}", flush=True)  # so a run that is stopped has told its rows
            rows.append(row)
        if not rows:
            print("what it needs is not here; the page stays as it is", flush=True)
            continue
        table = _table(rows)
        print(table, flush=True)
        start, end = START.format(name), END.format(name)
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        text = f"{before}{start}\n{_machine()}\n\n{table}\n{end}{after}"
        page.write_text(text, encoding="utf-8")


def _table(rows: list[dict[str, str]]) -> str:
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    lines += ["| " + " | ".join(str(row.get(column, "")) for column in COLUMNS) + " |" for row in rows]
    return "\n".join(lines)


def _machine() -> str:
    found = [f"{name} {_installed(name)}" for name in PEERS if _installed(name)]
    return (
        f"*Python {platform.python_version()} on {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores; {', '.join(found)}*"
    )


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


if __name__ == "__main__":
    main(sys.argv[1:])
