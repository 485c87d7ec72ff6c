"""A small town on disk: a study whose answers a reader can add up on paper.

Every road is driven at 36 km/h, 10 m/s, without delays, and says its length; every point stands on its road.
One station is at the west end, A = (0, 0); the engine leaves 60 s after the order and may travel 240 s, so
2,400 m is the limit.

    village  way from A                people  response
    v1       1,000 m along the road      1000   60 + 100 = 160 s   in time
    v2       2,000 + 1,000 m              500   60 + 300 = 360 s   late
    v3       2,400 m                      300   60 + 240 = 300 s   in time, exactly
    v4       4,000 m                      200   60 + 400 = 460 s   late
    v5       on an island of its own       50   never
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.study import Study, parse_study

CRS = "EPSG:32651"
EAST, NORTH = 350_000.0, 3_500_000.0
ROADS = (
    [(0, 0), (2000, 0)],
    [(2000, 0), (4000, 0)],
    [(4000, 0), (6000, 0)],
    [(2000, 0), (2000, 1000)],
    [(0, 5000), (1000, 5000)],
)
VILLAGES = {"v1": (1000, 0), "v2": (2000, 1000), "v3": (2400, 0), "v4": (4000, 0), "v5": (500, 5000)}
PEOPLE = [1000, 500, 300, 200, 50]
PROFILE = """
[plain]
mode = "drive"
oneway = "obey"
junction_delay_s = 0
access_kph = 36
ferries = false
no_access = []
source = "by hand"
mark = "M"
[plain.speeds_kph]
residential = 36
"""
STANDARD = """
[by-hand]
clock_start = "dispatch"
call_s = 0
turnout_s = 60
travel_s = 240
share = 1.0
standard = "by hand"
edition = "1"
clause = "1"
level = "should"
mark = "M"
note = ""
"""


def frame(shapes: Sequence[shapely.Geometry], **columns: Any) -> gpd.GeoDataFrame:
    """Make a table of shapes given in metres from the town's corner."""
    moved = shapely.transform(np.array(shapes, dtype=object), lambda xy: xy + np.array([EAST, NORTH]))
    return gpd.GeoDataFrame(columns, geometry=moved, crs=CRS)


def points(*xy: tuple[float, float]) -> list[shapely.Point]:
    return [shapely.Point(at) for at in xy]


def lonlat(*xy: tuple[float, float]) -> list[tuple[float, float]]:
    """Give places of the town in degrees."""
    at = frame(points(*xy)).to_crs(4326).geometry
    return list(zip(at.x, at.y, strict=True))


def write_town(folder: Path) -> dict[str, Any]:
    """Write the town's layers and give the sections of its study file."""
    lines = [shapely.LineString(line) for line in ROADS]
    names = ["West Road", "Middle Road", "East Road", "Side Road", "Island Road"]
    metres = [line.length for line in lines]
    roads = frame(lines, highway=["residential"] * len(lines), name=names, length_m=metres)
    roads["oneway"] = "no"
    roads.to_file(folder / "roads.gpkg", layer="links")
    stations = frame(
        points((0, 0), (4000, 0), (6000, 0)),
        name=["West Fire Station", "Old Fire Station", "East Fire Station"],
        id=["A", "C", "P"],
        status=["existing", "closed", "planned"],
        staff=[4.0, np.nan, np.nan],
    )
    stations.to_file(folder / "stations.gpkg")
    villages = frame(points(*VILLAGES.values()), name=list(VILLAGES), heads=PEOPLE)
    villages.to_file(folder / "villages.gpkg")
    towns = frame([shapely.box(-500, -500, 3000, 1500), shapely.box(3000, -500, 6500, 1500)])
    towns.assign(name=["West", "East"]).to_file(folder / "towns.gpkg")
    (folder / "speeds.toml").write_text(PROFILE, encoding="utf-8")
    (folder / "clock.toml").write_text(STANDARD, encoding="utf-8")
    return {
        "study": {"name": "Paper Town", "lang": "en", "crs": CRS},
        "roads": {"path": "roads.gpkg", "layer": "links", "profile": "speeds.toml"},
        "facilities": [{"path": "stations.gpkg"}],
        "demand": [{"path": "villages.gpkg", "people": "heads"}],
        "zones": [{"path": "towns.gpkg", "level": "town"}],
        "response": {"standard": "clock.toml"},
    }


def town_study(folder: Path, **changes: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None) -> Study:
    """Write the town and give its study with some sections changed; None takes a section away."""
    return parse_study(changed(write_town(folder), **changes), folder=folder)


def changed(sections: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Change sections of a study: keys of a table are added to it, lists take the place of lists."""
    told = dict(sections)
    for name, change in changes.items():
        if change is None:
            told.pop(name, None)
        elif isinstance(change, Mapping) and isinstance(told.get(name), Mapping):
            told[name] = {**told[name], **change}
        else:
            told[name] = change
    return told


def write_study(folder: Path, sections: Mapping[str, Any], *, name: str = "study.toml") -> Path:
    """Write a study file."""
    parts = []
    for section, value in sections.items():
        for row in value if isinstance(value, list) else [value]:
            head = f"[[{section}]]" if isinstance(value, list) else f"[{section}]"
            parts.append("\n".join([head, *(f"{key} = {_toml(v)}" for key, v in row.items())]))
    path = folder / name
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return path


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)
