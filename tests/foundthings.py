"""Findings made by hand on the invented island: points, lines and areas, with every kind of value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geo.findings import Finding, Style
from geo.messages import Message
from tests.island import frame, points

SCRIPT = "<script>document.title='hacked'</script>"
RED, BLUE = "#c4560a", "#2b6cb0"


def sites() -> Finding:
    """Give three numbered points, one of them named like a script, one of another class."""
    table = frame(
        points((2500, 1200), (6000, 2500), (8500, 3800)),
        name=[SCRIPT, "=1+1", "三号"],
        state=["first", "second", "elsewhere"],
        rank=[1, 2, 3],
        worst_s=[301.0, np.inf, np.nan],
        share_road=[0.5, 1.0, np.nan],
        people=[12345.0, 0.0, np.nan],
        is_open=[True, False, None],
        lacking=[np.nan] * 3,
        near_ids=[("s1", "s2"), (), ("s3",)],
    )
    columns = ("state", "worst_s", "share_road", "people", "is_open", "lacking", "near_ids")
    style = Style({"first": RED, "second": BLUE}, by="state", columns=columns, label="rank", size=6.0)
    return Finding("union_area", "maps", table, style, figures={"n_sites": 3.0, "worst_s": np.inf})


def lines() -> Finding:
    """Give two lines, one of them in two parts."""
    table = frame(
        [
            shapely.LineString([(1000, 1000), (4000, 1000)]),
            shapely.MultiLineString([[(6000, 1000), (8000, 1000)], [(8200, 1000), (9000, 1500)]]),
        ],
        name=["一号路", None],
        length_m=[3000.0, 2943.398],
    )
    style = Style({"": "#a8163a"}, columns=("length_m",), size=4.0)
    return Finding("each_area", "maps", table, style, notes=(Message("maps.about_roads", {"m": 7}),))


def areas() -> Finding:
    """Give an area with a hole, one without, and a row that has no place."""
    ring = shapely.box(500, 500, 4500, 4500).difference(shapely.box(1500, 1500, 3500, 3500))
    table = frame(
        [ring, shapely.box(5500, 500, 9500, 4500), None],
        name=["环", "方", "无处"],
        state=["first", "second", "first"],
        area_km2=[12.0, 16.0, np.nan],
    )
    style = Style({"first": RED, "second": BLUE}, by="state", columns=("area_km2", "state"))
    return Finding("zone_shading", "maps", table, style)


def nothing() -> Finding:
    """Give a finding that found nothing."""
    table = areas().table.iloc[:0]
    return Finding("zone_names", "maps", table, Style({"": RED}, columns=("area_km2",)))


def listed() -> Finding:
    """Give a table without places."""
    table = pd.DataFrame({"name": ["=cmd()", "+1", "正常"], "people": [1.0, 2.0, np.nan]})
    return Finding("people_here", "maps", table)


def all_findings() -> tuple[Finding, ...]:
    """Give one of each."""
    return (areas(), lines(), sites(), nothing(), listed())


def many_points(n: int) -> Finding:
    """Give n points of two classes spread over the island, the class by the side of the island."""
    rng = np.random.default_rng(11)
    x, y = rng.uniform(0, 10_000, n), rng.uniform(0, 5000, n)
    shapes = list(shapely.points(x, y))
    state = np.where(x < 5000, "first", "second")
    table = frame(shapes, name=[f"点{i}" for i in range(n)], state=state, people=rng.integers(1, 90, n))
    style = Style({"first": RED, "second": BLUE}, by="state", columns=("people",))
    return Finding("bands", "maps", table, style)
