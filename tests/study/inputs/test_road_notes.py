"""What is told of roads that lie in pieces, and of speed limits that are not used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geo.network import from_roads, judge_connectivity, roads_from_lines
from geo.standards import load_profile
from geo.study import check_study
from geo.study.inputs import read_inputs
from tests.studies import frame, town_study


def grid(n: int, *, gap_m: float = 0.0, apart: bool = False) -> list[shapely.LineString]:
    """Make n x n streets, 200 m apart: links between junctions, drawn short; or whole lines that cross."""
    at = np.arange(n) * 200.0
    if apart:
        length = float(at[-1])
        return [
            shapely.LineString(line)
            for x in at
            for line in ([(-9, x), (length + 9, x)], [(x, -9), (x, length + 9)])
        ]
    ends = [(a + gap_m, a + 200 - gap_m) for a in at[:-1]]
    along = [[(a, y), (b, y)] for y in at for a, b in ends]
    return [shapely.LineString(line) for line in (*along, *([(y, x) for x, y in line] for line in along))]


def notes_of(folder: Path, lines: list[shapely.LineString], **roads: Any) -> list[str]:
    study = town_study(folder, roads={"path": "drawn.gpkg", "layer": "drawn", **roads})
    frame(lines, highway=["residential"] * len(lines)).to_file(folder / "drawn.gpkg")
    return [str(note) for section, note in read_inputs(study).notes if section == "roads"]


def test_streets_drawn_short_are_told_with_the_tolerance_that_joins_them(tmp_path: Path) -> None:
    # A spine through the first row keeps the layer from having no junction at all.
    lines = [*grid(6, gap_m=2.0), *(shapely.LineString([(a, -50), (a + 50, -50)]) for a in range(0, 300, 50))]
    first = notes_of(tmp_path, lines)[0]
    assert first.startswith("! THE ROADS LIE IN PIECES: 61 parts")
    assert "split_crossings" not in first
    tolerance = float(first.rpartition("tolerance_m = ")[2].split()[0])
    assert 2 * np.sqrt(2) < tolerance < 5
    assert not any("PIECES" in note for note in notes_of(tmp_path, lines, tolerance_m=tolerance))


def test_streets_that_only_cross_are_told_with_the_way_to_join_them(tmp_path: Path) -> None:
    lines = [*grid(6, apart=True), shapely.LineString([(-9, 0), (-9, -90)])]
    first = notes_of(tmp_path, lines)[0]
    assert "roads cross 36 times" in first
    assert "split_crossings = true" in first
    assert not any("PIECES" in note for note in notes_of(tmp_path, lines, split_crossings=True))
    study = town_study(tmp_path, roads={"path": "drawn.gpkg", "layer": "drawn"})
    assert "路网支离破碎" in check_study(study, lang="zh").text


def test_islands_are_no_pieces() -> None:
    # Twelve islands, 5 km apart, each with streets of its own: half of the roads lie outside the largest.
    lines = [shapely.affinity.translate(line, 5000.0 * i) for i in range(12) for line in grid(4 if i else 6)]
    roads = roads_from_lines(frame(lines, highway=["residential"] * len(lines)))
    judged = judge_connectivity(from_roads(roads, load_profile("fire_engine")))
    assert judged.n_components == 12
    assert judged.share_outside > 0.5
    assert judged.share_beside == 0
    assert not judged.is_in_pieces


@pytest.mark.parametrize(
    ("profile", "text"),
    [
        ("fire_engine", "column 限速 holds speed limits, which speed profile fire_engine does not use"),
        ("car", "have a 限速 outside 5-130 km/h (-1)"),
    ],
)
def test_speed_limits_are_told_as_used_only_where_they_are(profile: str, text: str, tmp_path: Path) -> None:
    lines = grid(3)
    study = town_study(tmp_path, roads={"path": "drawn.gpkg", "layer": "drawn", "profile": profile})
    speeds = [-1.0, *[50.0] * (len(lines) - 1)]
    frame(lines, highway=["residential"] * len(lines), 限速=speeds).to_file(tmp_path / "drawn.gpkg")
    told = [str(note) for section, note in read_inputs(study).notes if section == "roads"]
    assert any(text in note for note in told)
    assert ("column '限速' was taken as maxspeed" in told) == (profile == "car")
