"""Kills runs at chosen and at random moments, and looks at what they leave: ``make crash``.

Each kill is a ``geo run`` in a child forked from this process, in which everything is loaded and compiled.
Where the exchange of files is tried, what the two studies compute and the contents of their files are kept:
such a kill costs a quarter of a second instead of three. The two, A and B, whose results differ, take turns
in one folder. After each kill

- the folder holds all results of A, or all of B, or none, or is seen to be unfinished;
- after the next run, be it one that fails for its input or one that is done, it holds all of A, or all of B,
  and nothing else; nothing is left in the folder for temporary files, nor in the cache. One in five of these
  next runs is killed as well, while it tidies up, and the one after it must do.

The moments: before the k-th change of the disk (a renaming, a removal, a new folder), for every k of the
exchange of the files; a random moment within the exchange; a random moment of the whole run; and Ctrl-C and
SIGTERM at a random moment, after which there must be nothing for a next run to do.
"""

from __future__ import annotations

import argparse
import collections
import faulthandler
import gc
import importlib
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from geo.files import MARK

__all__ = ["Crash", "Ruin", "main"]

_CHANGES: Final = ("replace", "unlink", "mkdir", "rmdir", "rename")
"""What changes the names on a disk; each is a moment to be killed at."""
_PARTS: Final = (
    *("write_workbook", "study_sheets", "_write_numbers", "_write_layers"),
    *("draw_map", "write_map", "write_scenarios"),
)
"""What of :func:`geo.outputs.write_outputs` fills files before they are exchanged."""
_KILL: Final = int(getattr(signal, "SIGKILL", 9))
_HANGS_S: Final = 60.0
_HALF: Final = "half results"
_LEFT: Final = "leftovers after the next run"
_HUNG: Final = "hangs"
_WRONG: Final = "wrong exit codes"


@dataclass
class Ruin:
    """What went wrong: how often by kind, and where first."""

    counts: collections.Counter[str] = field(default_factory=collections.Counter)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, where: str) -> None:
        self.counts[kind] += 1
        self.first.setdefault(kind, where)


class Crash:
    """Two studies of a small town that take turns in one folder, and a third that fails for its input."""

    def __init__(self, home: Path, seed: int) -> None:
        self.home, self.random, self.ruin = home, random.Random(seed), Ruin()
        self.out, self.temporary, self.cache = home / "out", home / "tmp", home / "cache"
        self.errors = home / "errors.txt"
        self.n_kills: collections.Counter[str] = collections.Counter()
        self.n_unfinished = 0
        self.run_s = self.exchange_s = 0.0
        self.n_changes = 0
        self.whole: dict[str, dict[str, bytes]] = {}
        self.computed: dict[str, Any] = {}
        self._prepare()

    def _prepare(self) -> None:
        from tests.studies import changed, write_study, write_town

        self.temporary.mkdir()
        self.cache.mkdir()
        os.environ |= {"TMPDIR": str(self.temporary), "XDG_CACHE_HOME": str(self.cache)}
        tempfile.tempdir = None
        sections = write_town(self.home)
        write_study(self.home, sections, name="a.toml")
        scenario = [{"name": "East", "build": ["P"]}]
        write_study(self.home, changed(sections, study={"name": "B"}, scenarios=scenario), name="b.toml")
        write_study(self.home, changed(sections, roads={"path": "none.gpkg"}), name="bad.toml")
        for name in ("a", "b"):
            with self._keeping(name):
                self._run_here(name)  # also loads and compiles all that the children need
            self.whole[name] = self.contents()
        self.run_s, self.exchange_s, self.n_changes = self._measure()
        # What a child does not touch need not be copied for it: half of what a kill costs.
        gc.collect()
        gc.freeze()

    def _run_here(self, name: str) -> int:
        from geo.cli import main

        sys.argv = ["geo", "run", str(self.home / f"{name}.toml"), "--out", str(self.out), "--quiet"]
        try:
            main()
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    @contextmanager
    def _keeping(self, name: str) -> Iterator[None]:
        """Keep what a run computes and writes: where the exchange is tried, neither need be made again."""
        import geo.study

        writing = vars(importlib.import_module("geo.outputs.write"))
        compute = geo.study.run_study
        made = {part: writing[part] for part in _PARTS}

        def compute_once(*args: Any, **options: Any) -> Any:
            if name not in self.computed:
                self.computed[name] = compute(*args, **options)
            return self.computed[name]

        def write_again(result: Any, new: Path, **options: Any) -> dict[str, Path]:
            for file, content in self.whole[name].items():
                if file != "manifest.json":
                    (new / file).parent.mkdir(exist_ok=True, parents=True)
                    (new / file).write_bytes(content)
            return {}

        vars(geo.study)["run_study"] = compute_once
        if name in self.whole:
            writing |= dict.fromkeys(_PARTS, lambda *args, **options: None) | {"write_scenarios": write_again}
        try:
            yield
        finally:
            vars(geo.study)["run_study"] = compute
            writing |= made

    def _write_here(self, name: str) -> int:
        """Run without computing; the study that fails does so at once."""
        with self._keeping(name) if name in self.computed else nullcontext():
            return self._run_here(name)

    def _measure(self) -> tuple[float, float, int]:
        """Run more often: how long it takes, how long the exchange does, how often that changes the disk."""
        runs: list[float] = []
        exchanges: list[float] = []
        moments: list[float] = []
        for _ in range(3):
            moments.clear()
            begun = time.perf_counter()
            with _watching(lambda: moments.append(time.perf_counter())):
                self._run_here("b")
            runs.append(time.perf_counter() - begun)
            exchanges.append(moments[-1] - moments[0])
        return min(runs), min(exchanges), len(moments)

    def contents(self) -> dict[str, bytes]:
        """Give the results as a reader sees them: every file that is not hidden."""
        files = (path for path in sorted(self.out.rglob("*")) if path.is_file())
        named = {path.relative_to(self.out).as_posix(): path for path in files}
        return {name: path.read_bytes() for name, path in named.items() if not name.startswith(".")}

    def kill_at_change(self, name: str, k: int) -> None:
        """Kill a run before its k-th change of the disk, counted from the exchange on."""
        child = self._killed(name, k)
        self._judge(f"before change {k} of {name}", "at a change", self._fork(child))

    def _killed(self, name: str, k: int, *, is_at_once: bool = False) -> Callable[[], int]:
        """Give a run that kills itself before its k-th change of the disk."""
        left = [k]

        def count() -> None:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), _KILL)

        def child() -> int:
            with _watching(count, is_at_once=is_at_once):
                return self._write_here(name)

        return child

    def kill_in_exchange(self, name: str) -> None:
        """Kill a run at a random moment of the exchange."""
        reading, writing = os.pipe()

        def child() -> int:
            told: list[int] = []

            def tell() -> None:
                if not told:
                    told.append(os.write(writing, b"x"))

            with _watching(tell):
                return self._write_here(name)

        pid = self._start(child)
        os.close(writing)
        os.read(reading, 1)
        os.close(reading)
        pause = self.random.uniform(0, 1.2 * self.exchange_s)
        _wait_busily(pause)
        os.kill(pid, _KILL)
        self._judge(f"{pause * 1000:.2f} ms into the exchange of {name}", "in the exchange", self._end(pid))

    def kill_anywhere(self, name: str, number: int = _KILL) -> None:
        """Stop a run at a random moment."""
        pid = self._start(lambda: self._run_here(name))
        pause = self.random.uniform(0.02, 1.1 * self.run_s)
        time.sleep(pause)
        os.kill(pid, number)
        code = self._end(pid)
        kind = signal.Signals(number).name
        where = f"{kind} after {pause:.3f} s of {name}"
        if number == _KILL:
            self._judge(where, "anywhere", code)
            return
        self.n_kills[kind] += 1
        # It may have been done, or not yet have begun to listen.
        if code not in (0, 128 + number, -number):
            self.ruin.add(_WRONG, f"{where}: {code} {self.errors.read_text()}")
        if code != -number:
            self._require_rest(where)
        self._next(where)

    def _judge(self, where: str, kind: str, code: int) -> None:
        self.n_kills[kind] += 1
        if code not in (0, -_KILL):
            self.ruin.add(_WRONG, f"{where}: {code} {self.errors.read_text()}")
        contents = self.contents()
        is_seen = MARK in contents
        self.n_unfinished += is_seen
        if not is_seen and contents and contents not in self.whole.values():
            self.ruin.add(_HALF, f"{where}: {sorted(contents)} and no {MARK}")
        self._next(where)

    def _next(self, where: str) -> None:
        """Run again: a study that fails for its input, or one that is done; now and then killed as well."""
        if self.random.random() < 0.2:
            k = self.random.randrange(2 * self.n_changes)
            where = f"{where}, next killed before change {k}"
            self._fork(self._killed("bad", k, is_at_once=True))
            self.n_kills["in the next run"] += 1
        name = self.random.choice(["bad", "bad", "bad", "a", "b"])
        code = self._fork(lambda: self._write_here(name))
        if code != (1 if name == "bad" else 0):
            self.ruin.add(_WRONG, f"{where}, then {name}: {code} {self.errors.read_text()}")
        self._require_rest(f"{where}, then {name}")
        if name != "bad" and self.contents() != self.whole[name]:
            self.ruin.add(_HALF, f"{where}, then {name}: not its results")

    def _require_rest(self, where: str) -> None:
        contents = self.contents()
        if contents and contents not in self.whole.values():
            self.ruin.add(_HALF, f"{where}: {sorted(contents)}")
        names = os.listdir(self.out) if self.out.exists() else []
        hidden = [name for name in names if name.startswith(".")]
        left = [*hidden, *os.listdir(self.temporary), *(path.name for path in self.cache.rglob(".*"))]
        if left:
            self.ruin.add(_LEFT, f"{where}: {left}")

    def _start(self, work: Callable[[], int]) -> int:
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                os.dup2(os.open(self.errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
                faulthandler.dump_traceback_later(0.9 * _HANGS_S)
                gc.disable()
                code = work()
            finally:
                os._exit(code)
        return pid

    def _end(self, pid: int) -> int:
        """Wait for a child: its exit code, or minus the signal that ended it."""
        waited_s, looked = 0.0, time.monotonic()
        while waited_s < _HANGS_S:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.002)
            # A machine that stands still, and both with it, has not hung.
            waited_s, looked = waited_s + min(time.monotonic() - looked, 0.1), time.monotonic()
        os.kill(pid, _KILL)
        os.waitpid(pid, 0)
        self.ruin.add(_HUNG, f"more than {_HANGS_S:g} s: {self.errors.read_text()}")
        return -_KILL

    def _fork(self, work: Callable[[], int]) -> int:
        return self._end(self._start(work))

    def run(self, n_kills: int) -> None:
        """Kill so many runs: a third at changes, a third in the exchange, the rest anywhere."""
        steps = list(range(self.n_changes + 1))
        self.random.shuffle(steps)
        for i in range(n_kills):
            name = self.random.choice("ab")
            if i % 3 == 0:
                self.kill_at_change(name, steps[(i // 3) % len(steps)])
            elif i % 3 == 1:
                self.kill_in_exchange(name)
            elif i % 9 == 5:
                self.kill_anywhere(name, self.random.choice([signal.SIGTERM, signal.SIGINT]))
            else:
                self.kill_anywhere(name)
            if i % 100 == 99:
                print(f"{i + 1} runs stopped", file=sys.stderr)

    def report(self) -> str:
        """Tell what was done and what was found."""
        n = sum(self.n_kills.values())
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.n_kills.items()))
        lines = [
            f"{n} runs stopped: {kinds}",
            f"a run takes {self.run_s:.2f} s, the exchange {self.exchange_s * 1000:.1f} ms "
            f"and {self.n_changes} changes of the disk; {self.n_unfinished} were seen to be unfinished",
            *(f"{self.ruin.counts[kind]} {kind}" for kind in (_HALF, _LEFT, _HUNG, _WRONG)),
            *(f"  first {kind}: {where}" for kind, where in self.ruin.first.items()),
        ]
        return "\n".join(lines)


@contextmanager
def _watching(change: Callable[[], None], *, is_at_once: bool = False) -> Iterator[None]:
    """Call a function before each change of the disk, from the moment on when results are exchanged."""
    kept: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in _CHANGES}
    begun = [True] if is_at_once else []

    def watched(name: str) -> Callable[..., Any]:
        def act(*args: Any, **options: Any) -> Any:
            if not begun and any(str(arg).endswith(MARK) for arg in args):
                begun.append(True)
            if begun:
                change()
            return kept[name](*args, **options)

        return act

    for name in _CHANGES:
        setattr(os, name, watched(name))
    try:
        yield
    finally:
        for name, act in kept.items():
            setattr(os, name, act)


def _wait_busily(seconds: float) -> None:
    """Wait to the fraction of a millisecond, as sleeping does not."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def main() -> int:
    """Kill runs and tell what was left; the exit code is 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=1_000, help="how many runs are stopped")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="geo-crash-") as home:
        crash = Crash(Path(home), asked.seed)
        crash.run(asked.kills)
    print(crash.report())
    return int(bool(crash.ruin.counts))


if __name__ == "__main__":
    sys.exit(main())
