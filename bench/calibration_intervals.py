"""How often intervals of measured speeds hold the factors that trips were drawn with.

``python -m bench.calibration_intervals 200`` draws so many sets of 600 trips on a small grid and counts.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from geo.calibration import calibrate_speeds
from tests.calibration.draws import Truth, draw


def holds(seed: int, n: int = 600) -> pd.Series:
    """Tell for each parameter of one set of trips whether its 95 % interval holds the truth."""
    truth = Truth()
    drawn = draw(seed, n, truth)
    measured = calibrate_speeds(drawn.roads, drawn.trips, drawn.stations, drawn.places)
    # Measured speeds are those of the mean hour of the trips: the truth is stated for factor 1.
    log = np.log(np.array(truth.bands))[measured.fitted["band"]].mean()
    right = {name: value * np.exp(log) for name, value in truth.factor.items()}
    right |= {"junction": truth.junction_delay_s / np.exp(log), "loss": truth.start_loss_s}
    names = ("night", "rush", "other")
    right |= {name: value / np.exp(log) for name, value in zip(names, truth.bands, strict=True)}
    table = measured.parameters.set_index("name").loc[list(right)]
    is_in = (table["low"] <= pd.Series(right)) & (pd.Series(right) <= table["high"])
    return is_in.astype(float).where(table["low"].notna())


if __name__ == "__main__":
    n_sets = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    told = pd.DataFrame([holds(seed) for seed in range(n_sets)])
    print(pd.DataFrame({"share_held": told.mean(), "n_told": told.notna().sum()}).round(3).to_string())
