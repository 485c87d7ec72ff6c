"""Degrees that were rounded before they were handed over: told with how far a place may be off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.layers import read_layer
from geo.layers._coarse import coarse_note

XY = np.random.default_rng(1).uniform([121.2, 31.1], [121.6, 31.7], (40, 2))


@pytest.mark.parametrize(
    ("step", "n", "metres"),
    [
        ("1°", 1, 55_660),
        ("0.1°", 10, 5_566),
        ("1′", 60, 928),
        ("0.01°", 100, 557),
        ("0.1′", 600, 93),
        ("0.001°", 1000, 56),
    ],
)
def test_the_coarsest_step_that_all_are_written_to(step: str, n: int, metres: float) -> None:
    spread = (XY - XY.mean(axis=0)) * 30 + XY.mean(axis=0)  # rounded to a degree they are still eight places
    (note,) = coarse_note(np.rint(spread * n) / n)
    assert note.values["step"] == step
    assert note.values["metres"] == pytest.approx(metres, rel=0.01)


def test_seconds_four_decimals_metres_and_few_rows_say_nothing() -> None:
    for xy in (np.rint(XY * 3600) / 3600, XY.round(4), XY, np.rint(XY * 1000), XY[:7].round(2), XY[:0]):
        assert coarse_note(xy) == ()
    assert coarse_note(np.repeat(XY[:2].round(2), 20, axis=0)) == ()  # two places say nothing of rounding
    mixed = np.vstack([XY.round(2), XY[:3]])
    assert coarse_note(mixed) == ()  # 3 of 43 are not: more than one in twenty


def test_of_a_layer_the_coordinates_of_the_file_count_whatever_its_system(tmp_path: Path) -> None:
    table = pd.DataFrame({"名称": range(40), "经度": XY[:, 0].round(2), "纬度": XY[:, 1].round(2)})
    table.to_csv(tmp_path / "a.csv", index=False)
    for crs in ("EPSG:4326", "GCJ-02", "BD-09"):
        report = read_layer(tmp_path / "a.csv", crs=crs).report
        (note,) = [note for note in report.crs_notes if note.key == "layers.coarse"]
        assert "557" in note.say("zh")
