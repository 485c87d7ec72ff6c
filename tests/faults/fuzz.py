"""Try thousands of bad inputs and count how they end: ``python -m tests.faults.fuzz N``.

With ``--ends FILE`` each end is written down as it comes, and a run that was stopped goes on where it stood.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from tests.faults.seeds import write_seeds

__all__ = ["BAD", "read_ends", "run_fuzz"]

MOST_SECONDS: Final = 20.0
"""Longer than this no small input may take."""
BAD: Final = ("traceback", "own", "memory", "hang", "crash", "changed")
"""Ends that no input may have."""
_PART: Final = 250
"""Inputs that a process tries before a fresh one goes on."""


def run_fuzz(
    numbers: Sequence[int],
    *,
    seed: int,
    jobs: int = 1,
    keep: Path | None = None,
    tell: Callable[[dict[str, Any]], None] = lambda row: None,
) -> list[dict[str, Any]]:
    """Try the inputs of these numbers; give how each ended, in their order.

    Parameters
    ----------
    numbers : sequence of int
        Which inputs; number and seed make an input.
    seed : int
        Another seed makes other inputs.
    jobs : int
        Processes side by side.
    keep : path, optional
        Folder in which the files of inputs that ended badly are kept.
    tell : callable, optional
        Told how each input ended, as soon as it has.
    """
    with tempfile.TemporaryDirectory(prefix="fuzz-seeds-") as name:
        seeds = Path(name)
        write_seeds(seeds)
        parts = [numbers[i : i + _PART] for i in range(0, len(numbers), _PART)]
        with ThreadPoolExecutor(jobs) as pool:
            ends = pool.map(lambda part: _try_part(part, seed, seeds, keep, tell), parts)
            return [told for part in ends for told in part]


def _try_part(
    numbers: Sequence[int],
    seed: int,
    seeds: Path,
    keep: Path | None,
    tell: Callable[[dict[str, Any]], None],
) -> list[dict[str, Any]]:
    """Try some inputs; where one hangs or takes the process down, a fresh one goes on behind it."""
    left, ends = list(numbers), []
    while left:
        told, last = _run_worker(left, seed, seeds, keep, tell)
        ends += told
        done = {row["number"] for row in told}
        if last is not None and last["number"] not in done:
            tell(last)
            ends.append(last)
            done.add(last["number"])
        elif not done & set(left):
            raise RuntimeError("the worker does not start")
        left = [number for number in left if number not in done]
    return ends


def _run_worker(
    numbers: Sequence[int],
    seed: int,
    seeds: Path,
    keep: Path | None,
    tell: Callable[[dict[str, Any]], None],
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    words = [sys.executable, "-m", "tests.faults.worker", str(seed), str(seeds), str(keep or "")]
    process = subprocess.Popen(
        [*words, *map(str, numbers)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(seeds / "cache")},
    )
    assert process.stdout is not None
    told: list[dict[str, Any]] = []
    clock = [0.0, -1]  # seconds spent before the input under way began, and its number
    ended, hangs = threading.Event(), list[float]()

    def watch() -> None:
        while not ended.wait(0.5):
            if clock[1] >= 0 and _spent(process.pid) - clock[0] > MOST_SECONDS:
                hangs.append(clock[1])
                process.kill()
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    for line in process.stdout:
        row = json.loads(line)
        if row["end"] == "begun":
            clock[:] = [_spent(process.pid), row["number"]]
        else:
            tell(row)
            told.append(row)
            clock[1] = -1
    process.stdout.close()
    code = process.wait()
    ended.set()
    watcher.join()
    if code == 0 or clock[1] < 0:
        return told, None
    end = "hang" if hangs else "crash"
    return told, {
        "number": int(clock[1]),
        "case": "?",
        "end": end,
        "what": f"exit code {code}",
        "changed": False,
    }


def _spent(pid: int) -> float:
    """Give the seconds that a process has had a processor; or a tenth of its age, should it sleep."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    tick = os.sysconf("SC_CLK_TCK")
    busy = (int(fields[11]) + int(fields[12])) / tick
    return max(busy, (time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / tick) / 10)


def read_ends(file: Path | None, *, seed: int) -> dict[int, dict[str, Any]]:
    """Read how inputs of a seed ended before, by their number; a line that was cut off counts for nothing."""
    ends: dict[int, dict[str, Any]] = {}
    if file is None or not file.exists():
        return ends
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if row["seed"] == seed:
            ends[row["number"]] = row
    return ends


def main(words: Sequence[str] | None = None) -> int:
    """Try the inputs, print the counts and what ended badly; 1 where anything did."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("n", type=int, help="how many inputs")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, help="folder for the files of what ended badly")
    parser.add_argument("--ends", type=Path, help="file of ends: those that stand there are not tried again")
    asked = parser.parse_args(words)
    began, counts = time.monotonic(), Counter[str]()

    def count(row: dict[str, Any]) -> None:
        counts[row["end"]] += 1
        counts["changed"] += row["changed"]
        if row["end"] in BAD or row["changed"]:
            mark = " CHANGED" if row["changed"] else ""
            print(f"{row['number']}: {row['end']}{mark}: {row['case']}: {row['what']}", flush=True)
        n = counts.total() - counts["changed"]
        if n % 500 == 0 or n == asked.n:
            shown = ", ".join(f"{counts[end]} {end}" for end in ("clean", "error", *BAD))
            seconds = f"{time.monotonic() - began:.0f} s"
            print(f"{n} inputs of seed {asked.seed} in {seconds}: {shown}", flush=True)

    def tell(row: dict[str, Any]) -> None:
        if asked.ends is not None:
            with asked.ends.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"seed": asked.seed, **row}) + "\n")
        count(row)

    numbers = range(asked.first, asked.first + asked.n)
    earlier = read_ends(asked.ends, seed=asked.seed)
    for number in numbers:
        if number in earlier:
            count(earlier[number])
    left = [number for number in numbers if number not in earlier]
    if left:
        run_fuzz(left, seed=asked.seed, jobs=asked.jobs, keep=asked.keep, tell=tell)
    return 1 if any(counts[end] for end in BAD) else 0


if __name__ == "__main__":
    sys.exit(main())
