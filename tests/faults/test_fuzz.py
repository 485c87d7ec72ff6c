"""A fixed number of bad inputs in each run of the suite; ``make fuzz N=10000`` tries as many as one likes."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.faults.fuzz import BAD, main, read_ends, run_fuzz
from tests.faults.mutate import mutate, mutate_cells

pytestmark = pytest.mark.study

N_INPUTS = 240
"""About a minute on one core."""


@pytest.mark.skipif(
    not os.path.exists("/proc/self/statm"), reason="limits and clocks of a process are Linux's"
)
def test_bad_inputs_end_clean_or_in_one_clear_error() -> None:
    ends = run_fuzz(range(N_INPUTS), seed=13, jobs=2)
    counts = Counter(row["end"] for row in ends)
    bad = [row for row in ends if row["end"] in BAD or row["changed"]]
    assert not bad
    assert sorted(row["number"] for row in ends) == list(range(N_INPUTS))
    # Were all of them refused at the door, nothing behind it would be tried, and the other way round.
    assert counts["clean"] > N_INPUTS / 10
    assert counts["error"] > N_INPUTS / 10


def test_a_run_that_was_stopped_goes_on_where_it_stood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stand-in tries no input: number 1 ended well in a run before, and the last line was cut off."""
    ends = tmp_path / "ends.jsonl"
    rows = [{"seed": 7, "number": 1, "end": "clean"}, {"seed": 8, "number": 2, "end": "clean"}]
    lines = [json.dumps({"changed": False, "case": "?", "what": "", **row}) for row in rows]
    ends.write_text("\n".join([*lines, '{"seed": 7, "num\n']))

    def stand_in(numbers: Sequence[int], **options: Any) -> None:
        for number in numbers:
            tried.append(number)
            end = "hang" if number == 2 else "error"
            options["tell"]({"number": number, "end": end, "changed": False, "case": "c", "what": "w"})

    tried: list[int] = []
    monkeypatch.setattr("tests.faults.fuzz.run_fuzz", stand_in)
    words = ["4", "--seed", "7", "--ends", str(ends)]
    assert main(words) == 1
    assert tried == [0, 2, 3]
    assert main(words) == 1
    assert tried == [0, 2, 3]
    last = capsys.readouterr().out.splitlines()[-1]
    assert "1 clean, 2 error, 0 traceback, 0 own, 0 memory, 1 hang" in last
    kept = {number: row["end"] for number, row in read_ends(ends, seed=7).items()}
    assert kept == {0: "error", 1: "clean", 2: "hang", 3: "error"}


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.gpkg", "a.bin"])
def test_a_seed_makes_the_same_mutant_again(name: str) -> None:
    data = "站名,经度,纬度\n甲,121.4,31.6\n乙,121.5,31.7\n".encode() * 4
    mutants = [mutate(data, name, Random(f"{name}/{i}")) for i in range(50)]
    assert mutants == [mutate(data, name, Random(f"{name}/{i}")) for i in range(50)]
    assert data not in mutants


def test_cells_are_spoilt_and_the_table_stays_one() -> None:
    text = "站名,经度,纬度\n甲,121.4,31.6\n乙,121.5,31.7\n丙,121.6,31.8\n"
    mutants = {mutate_cells(text, Random(i)) for i in range(200)}
    assert len(mutants) > 100
    assert text not in mutants
    assert all(mutant.endswith("\n") for mutant in mutants)
