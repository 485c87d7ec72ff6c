"""How often ``geo calibrate`` holds the truth in its own intervals, on drawn records of the sample.

``python -m bench.calibration_records 12 1000`` draws 12 sets of 1,000 calls with known speeds by class,
junction delay, start loss and hours, measures each as a study does, with all refusals, and counts the 95 %
intervals that hold the truth: at least 90 % must. Sets that are refused count as missed; what is kept at the
profile's is told.
"""

from __future__ import annotations

import sys
import time

import pandas as pd

from geo.errors import InputError
from geo.study import calibrate_records, read_inputs, read_study
from tests.study.recorded import Drawn, drawn_rows, recorded, truth_held


def main(n_sets: int, n_calls: int) -> int:
    """Count, print, and give 1 where the target is missed."""
    study, truth = read_study("sample"), Drawn()
    inputs = read_inputs(study)
    held, told, n_refused = [], [], 0
    start = time.process_time()
    for seed in range(n_sets):
        try:
            rows = drawn_rows(study, inputs, n_calls, truth, seed=seed)
            result = calibrate_records(study, inputs, recorded(rows), lang="en")
        except InputError:
            n_refused += 1
            continue
        if result.speeds is None:
            n_refused += 1
            continue
        each = truth_held(result, truth)
        table = result.speeds.parameters.set_index("name").loc[each.index]
        held.append(each)
        told.append(table["low"].notna())
        n = int(told[-1].sum())
        print(f"set {seed}: {int(each.sum())} of {n} intervals, {len(each) - n} not told", flush=True)
    by_name = pd.DataFrame(
        {"n_held": sum(each.astype(int) for each in held), "n_told": sum(each.astype(int) for each in told)}
    )
    print(by_name.to_string())
    n_held, n_told = (int(by_name[name].sum()) for name in ("n_held", "n_told"))
    spent = time.process_time() - start
    share = n_held / n_told if n_told else 0.0
    print(f"{n_held} of {n_told} intervals hold the truth ({share:.1%}); {n_refused} sets refused")
    print(f"{spent:.0f} s of CPU")
    print("90 %: " + ("met" if share >= 0.9 and not n_refused else "missed"))
    return int(share < 0.9 or n_refused > 0)


if __name__ == "__main__":
    given = [*map(int, sys.argv[1:])]
    sys.exit(main(given[0] if given else 12, given[1] if len(given) > 1 else 1000))
