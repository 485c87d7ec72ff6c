"""Wrong studies and command lines of a tired planner, by name: what each is made of, and what is typed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from tests.studies import changed, frame, points, write_study

Sections = dict[str, Any]
Spoil = Callable[[Path, Sections], "list[str] | None"]

PLAN: Final = {
    "plan": {"id": "own", "name_zh": "甲", "name_en": "A", "document": "D", "target_year": 2035},
    "target": {
        "id": "T-1",
        "name_zh": "甲",
        "name_en": "A",
        "value": 90,
        "unit": "%",
        "comparator": ">=",
        "kind": "binding",
        "method": "covered_share",
        "layers": {},
        "source": "p. 1",
    },
}


def settings(**changes: Any) -> Spoil:
    """Change sections of the study file; a key that is None goes."""

    def spoil(folder: Path, sections: Sections) -> None:
        _write(folder, changed(sections, **changes))

    return spoil


def _write(folder: Path, sections: Sections) -> Path:
    """Write a study file; a key that is None is left out."""
    kept = {
        name: {key: value for key, value in part.items() if value is not None}
        if isinstance(part, dict)
        else part
        for name, part in sections.items()
    }
    return write_study(folder, kept)


def line(text: str) -> Spoil:
    """Write a line at the end of the study file, in its last section."""

    def spoil(folder: Path, sections: Sections) -> None:
        file = write_study(folder, sections)
        file.write_text(file.read_text(encoding="utf-8") + text + "\n", encoding="utf-8")

    return spoil


def file(name: str, content: bytes | str, **changes: Any) -> Spoil:
    """Put a file of some content into the folder and name it in the study."""

    def spoil(folder: Path, sections: Sections) -> None:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        _write(folder, changed(sections, **changes))

    return spoil


def layer(name: str, table: Callable[[], gpd.GeoDataFrame], **changes: Any) -> Spoil:
    """Put a layer into the folder and name it in the study."""

    def spoil(folder: Path, sections: Sections) -> None:
        table().to_file(folder / name)
        _write(folder, changed(sections, **changes))

    return spoil


def cut(name: str, n: int) -> Spoil:
    """Cut a file of the town after some bytes."""

    def spoil(folder: Path, sections: Sections) -> None:
        path = folder / name
        path.write_bytes(path.read_bytes()[:n])
        write_study(folder, sections)

    return spoil


def profile(**changes: Any) -> Spoil:
    """Change the town's speed profile."""

    def spoil(folder: Path, sections: Sections) -> None:
        table = {"mode": "drive", "speeds_kph": {"residential": 36}, **changes}
        rows = {key: value for key, value in table.items() if value is not None}
        write_study(folder, {"plain": rows}, name="speeds.toml")
        write_study(folder, sections)

    return spoil


def clock(**changes: Any) -> Spoil:
    """Change the town's response standard."""

    def spoil(folder: Path, sections: Sections) -> None:
        table = {"clock_start": "dispatch", "travel_s": 240, **changes}
        rows = {key: value for key, value in table.items() if value is not None}
        write_study(folder, {"by-hand": rows}, name="clock.toml")
        write_study(folder, sections)

    return spoil


def plan(head: Mapping[str, Any] | None = None, **changes: Any) -> Spoil:
    """Give the town a plan of its own with one target."""

    def spoil(folder: Path, sections: Sections) -> None:
        target = {key: value for key, value in (PLAN["target"] | changes).items() if value is not None}
        write_study(folder, {"plan": PLAN["plan"] | dict(head or {}), "target": [target]}, name="plan.toml")
        write_study(folder, changed(sections, study={"plan": "plan.toml"}))

    return spoil


def typed(*words: str) -> Spoil:
    """Type something else than ``geo check study.toml``."""

    def spoil(folder: Path, sections: Sections) -> list[str]:
        write_study(folder, sections)
        return [word.replace("HERE", str(folder)) for word in words]

    return spoil


def running(spoil: Spoil, *words: str) -> Spoil:
    """Run a spoilt study instead of checking it."""

    def spoil_and_run(folder: Path, sections: Sections) -> list[str]:
        spoil(folder, sections)
        return [word.replace("HERE", str(folder)) for word in words]

    return spoil_and_run


def scenario(**rows: Any) -> Spoil:
    """Give the town a scenario and run it."""
    return running(settings(scenarios=[{"name": "S", **rows}]), "run", "HERE/study.toml")


def siting(candidates: Mapping[str, Any] | None = None, **rows: Any) -> Spoil:
    """Ask the town where the next sites should go."""
    spoil = settings(siting=rows, candidates={"source": "nodes", **(candidates or {})})
    return running(spoil, "site", "HERE/study.toml")


def _table(**columns: Any) -> str:
    return pd.DataFrame(columns).to_csv(index=False)


def _damaged_zip(folder: Path, sections: Sections) -> None:
    with zipfile.ZipFile(folder / "roads.zip", "w") as archive:
        archive.writestr("roads.txt", "no layer")
    _write(folder, changed(sections, roads={"path": "roads.zip", "layer": None}))


def _roads(**columns: Any) -> gpd.GeoDataFrame:
    lines = [shapely.LineString([(0, 0), (2000, 0)]), shapely.LineString([(2000, 0), (4000, 0)])]
    return frame(lines, **columns)


def _unlike(folder: Path, sections: Sections) -> list[str]:
    (folder / "manifest.json").write_text(
        json.dumps({"manifest": 99, "settings": {"study": {"lang": sections["study"]["lang"]}}})
    )
    return ["run", f"{folder}/manifest.json"]


ROADS: Final = {"path": "roads.gpkg", "layer": "links", "profile": "speeds.toml"}
OWN: Final = {"path": "own.gpkg", "layer": None, "profile": "speeds.toml"}

WRONG: Final[Mapping[str, Spoil]] = {
    # what is written into the study file
    "a key that is misspelt": settings(roads={**ROADS, "profil": "x"}),
    "a section that is misspelt": settings(facility=[{"path": "stations.gpkg"}]),
    "no facilities": settings(facilities=None),
    "a number in words": settings(response={"standard": "clock.toml", "people_limit": "many"}),
    "a wrong choice": settings(demand=[{"path": "villages.gpkg", "people": "heads", "method": "houses"}]),
    "a kind that is unknown": settings(facilities=[{"path": "stations.gpkg", "kind": "firestation"}]),
    "a status that is unknown": settings(facilities=[{"path": "stations.gpkg", "status": "old"}]),
    "people and total": settings(demand=[{"path": "villages.gpkg", "people": "heads", "total": 9}]),
    "nobody": settings(demand=[{"path": "villages.gpkg"}]),
    "a weight alone": settings(demand=[{"path": "villages.gpkg", "people": "heads", "weight": "w"}]),
    "over for points": settings(demand=[{"path": "villages.gpkg", "people": "heads", "over": "buildings"}]),
    "a total of zones": settings(demand=[{"path": "towns.gpkg", "method": "zones", "total": 100}]),
    "columns of a raster": settings(demand=[{"path": "p.tif", "method": "raster", "people": "heads"}]),
    "bands that fall": settings(response={"standard": "clock.toml", "bands_min": [5, 3]}),
    "a class that is unknown": settings(response={"standard": "clock.toml", "without_classes": ["third"]}),
    "a language that is unknown": settings(study={"name": "T", "lang": "fr"}),
    "shelters within both": settings(shelters={"reach_m": 100, "reach_min": 10}),
    "a programme without years": settings(siting={"goal": "programme"}),
    "a budget without cost": settings(siting={"goal": "budget"}),
    "no new site": settings(siting={"goal": "best", "n": 0}),
    "forced in and out": settings(siting={"n": 1, "forced_in": ["a"], "forced_out": ["a"]}),
    "no systems": line("[systems]\nx = 3"),
    "a system of two ways": line('[systems."s"]\nfour = { dx_m = 1 }\naffine = [1, 2]'),
    "a system of no way": line('[systems."s"]\nto_crs = "EPSG:4490"'),
    "too few control points": line('[systems."s"]\ncontrol = [[1, 2, 3, 4]]'),
    "a bracket": line("[roads"),
    "a list that stays open": line("bands_min = [3, 4"),
    "a quote that stays open": line('standard = "clock.toml'),
    "a backslash": line('path = "C:\\data\\x.shp"'),
    "twice the same": line('standard = "clock.toml"'),
    "no equals sign": line("standard clock.toml"),
    "signs of a Chinese keyboard": line("people_limit ＝ 3"),
    "a bare text": line("facility_kind = depot"),
    "no date": line("people_limit = 2024-13-45"),
    # scenarios
    "a scenario of nothing": settings(scenarios=[{"name": "S"}]),
    "a scenario without a name": settings(scenarios=[{"name": " ", "close": ["A"]}]),
    "two of one name": settings(scenarios=[{"name": "S", "close": ["A"]}, {"name": "S", "close": ["C"]}]),
    "each station and more": settings(scenarios=[{"close": "each station", "build": ["P"], "name": ""}]),
    "an addition without a place": settings(scenarios=[{"name": "S", "add": [{"name": "N"}]}]),
    "a road without a condition": settings(scenarios=[{"name": "S", "close_roads": [{}]}]),
    "a speed like none": settings(scenarios=[{"name": "S", "speed": [{"name": "West Road", "kph": 900}]}]),
    "an area of two corners": settings(
        scenarios=[{"name": "S", "close_roads": [{"area": [[121.0, 31.0], [121.0, 32.0]]}]}]
    ),
    "a slowdown that speeds up": settings(scenarios=[{"name": "S", "slow": [{"factor": 1.5}]}]),
    "a factor of one": settings(scenarios=[{"name": "S", "speed_factor": 1}]),
    "a limit of a pin": settings(scenarios=[{"name": "S", "limit": [{"name": "West Road", "height_m": 99}]}]),
    "a road that nobody knows": scenario(close_roads=[{"name": "North Road"}]),
    "a class that no road has": scenario(close_roads=[{"highway": ["motorway"]}]),
    "an area without ground": scenario(close_roads=[{"area": [[121.0, 31.0], [121.1, 31.0], [121.2, 31.0]]}]),
    "a place far off": scenario(close_roads=[{"at": [100.0, 10.0]}]),
    "a station that nobody knows": scenario(close=["Z"]),
    "a new station at sea": scenario(add=[{"name": "N", "lon": 100.0, "lat": 10.0}]),
    # siting
    "more sites than candidates": siting(n=900),
    "a candidate that nobody knows": siting(n=1, forced_in=["zzz"]),
    "no plots": siting({"source": "plots"}, n=1),
    "candidates of no road": siting({"classes": ["motorway"]}, n=1),
    # files
    "no roads": settings(roads={**ROADS, "path": "streets.gpkg"}),
    "a layer that is not there": settings(roads={**ROADS, "layer": "ways"}),
    "a folder for a file": settings(facilities=[{"path": "."}]),
    "a web address": settings(facilities=[{"path": "https://example.org/x.gpkg"}]),
    "roads cut off": cut("roads.gpkg", 5000),
    "stations cut off": cut("stations.gpkg", 40),
    "an empty table": file("s.csv", "", facilities=[{"path": "s.csv"}]),
    "a table without places": file("s.csv", _table(name=["A"], staff=[3]), facilities=[{"path": "s.csv"}]),
    "places in words": file(
        "s.csv", _table(name=["A"], lon=["here"], lat=["there"]), facilities=[{"path": "s.csv"}]
    ),
    "a workbook that is none": file("s.xlsx", b"PK\x03\x04no", facilities=[{"path": "s.xlsx"}]),
    "an old workbook that is none": file(
        "s.xls", b"\xd0\xcf\x11\xe0" + b"x" * 99, facilities=[{"path": "s.xls"}]
    ),
    "GeoJSON cut off": file(
        "s.geojson", '{"type": "FeatureCollection", ', facilities=[{"path": "s.geojson"}]
    ),
    "KML that is none": file("s.kml", "<kml><a></kml>", facilities=[{"path": "s.kml"}]),
    "a picture": file("s.jpg", b"\xff\xd8\xff", facilities=[{"path": "s.jpg"}]),
    "a Word file": file("s.docx", b"PK\x03\x04", facilities=[{"path": "s.docx"}]),
    "a drawing": file("s.dwg", b"AC1027", roads={"path": "s.dwg", "layer": None}),
    "a zip without a layer": _damaged_zip,
    "a damaged zip": file("s.zip", b"PK\x03\x04 no zip", facilities=[{"path": "s.zip"}]),
    "a damaged OSM file": file(
        "s.osm.pbf", b"\x00\x00\x00\x0dno", roads={"path": "s.osm.pbf", "layer": None}
    ),
    "a damaged graph": file("s.graphml", "<graphml>", roads={"path": "s.graphml", "layer": None}),
    "a damaged Parquet file": file("s.parquet", b"PAR1xx", facilities=[{"path": "s.parquet"}]),
    "a raster that is none": file("p.tif", b"II*\0", demand=[{"path": "p.tif", "method": "raster"}]),
    # layers
    "roads that are points": layer("own.gpkg", lambda: frame(points((0, 0), (9, 9))), roads=OWN),
    "roads that do not meet": layer(
        "own.gpkg",
        lambda: frame([shapely.LineString([(0, k * 500), (300, k * 500)]) for k in range(30)]),
        roads=OWN,
    ),
    "codes of one-way roads": layer(
        "own.gpkg",
        lambda: _roads(highway=["residential"] * 2),
        roads={**OWN, "oneway_codes": {"1": "there"}},
    ),
    "classes that are none": layer(
        "own.gpkg", lambda: _roads(highway=["a", "b"]), roads={**OWN, "classes": {"a": "street"}}
    ),
    "a column that no layer has": settings(roads={**ROADS, "columns": {"highway": "class"}}),
    "a column that is no setting": settings(roads={**ROADS, "columns": {"way": "name"}}),
    "a system that is none": settings(facilities=[{"path": "stations.gpkg", "crs": "EPSG:99"}]),
    "a system of the Moon": settings(study={"name": "T", "crs": "moon"}),
    "a selection of nothing": settings(facilities=[{"path": "stations.gpkg", "where": {"name": ["X"]}}]),
    "a selection by no column": settings(facilities=[{"path": "stations.gpkg", "where": {"kind_": ["X"]}}]),
    "a column of people that is not there": settings(demand=[{"path": "villages.gpkg", "people": "pop"}]),
    "people who are negative": layer(
        "v.gpkg",
        lambda: frame(points((0, 0), (9, 0)), heads=[-1, 5]),
        demand=[{"path": "v.gpkg", "people": "heads"}],
    ),
    "people in words": layer(
        "v.gpkg",
        lambda: frame(points((0, 0), (9, 0)), heads=["about 3", "5"]),
        demand=[{"path": "v.gpkg", "people": "heads"}],
    ),
    "towns that overlap": layer(
        "t.gpkg",
        lambda: frame(
            [shapely.box(0, 0, 999, 999), shapely.box(100, 0, 999, 999)], name=["a", "b"], heads=[5, 6]
        ),
        demand=[{"path": "t.gpkg", "method": "zones", "people": "heads"}],
    ),
    "no station that answers": settings(response={"standard": "clock.toml", "facility_kind": "depot"}),
    "stations far from roads": layer(
        "s.gpkg", lambda: frame(points((90_000, 90_000)), name=["far"]), facilities=[{"path": "s.gpkg"}]
    ),
    # speeds, clocks, plans
    "a profile that nobody knows": settings(roads={**ROADS, "profile": "bicycle"}),
    "a profile without speeds": profile(speeds_kph=None),
    "a profile with a strange key": profile(wheels=4),
    "a profile of another mode": profile(mode="fly"),
    "a profile with a wrong flag": profile(ferries="no"),
    "a profile based on itself": profile(based_on="plain"),
    "a profile of other classes": profile(speeds_kph={"motorway": 80}),
    "a speed beyond belief": profile(speeds_kph={"residential": 3600}),
    "a clock that nobody knows": settings(response={"standard": "noon"}),
    "a clock without driving": clock(travel_s=None),
    "a clock that starts nowhere": clock(clock_start="noon"),
    "a plan that nobody knows": settings(study={"name": "T", "plan": "nowhere"}),
    "a plan of a strange method": plan(method="covered"),
    "a plan of a wrong unit": plan(unit="km"),
    "a plan without a value": plan(value=None),
    "a plan whose target lacks its name": plan(name_zh=None),
    "a plan of a strange layer": plan(layers={"houses": []}),
    "a plan with strange settings": plan(settings={"levels": ["x"]}),
    "a plan based later than its end": plan({"base_year": 2040}),
    # what is typed
    "no command": typed("runn", "HERE/study.toml"),
    "no option": typed("run", "HERE/study.toml", "--folder", "x"),
    "no study": typed("run"),
    "no study file": typed("run", "HERE/other.toml"),
    "too many": typed("check", "HERE/study.toml", "b"),
    "an option without a value": typed("check", "HERE/study.toml", "--lang"),
    "a folder for a study": typed("check", "HERE"),
    "results into the data": typed("run", "HERE/study.toml", "--out", "HERE"),
    "no manifest": _unlike,
    "results that are none": typed("compare", "HERE", "HERE"),
    "a folder that is not there": typed("new", "HERE/nowhere"),
    "a subject that is none": typed("plan", "rules", "--subject", "weather"),
    "a plan that is none": typed("plan", "show", "weather"),
    "a copy over a plan": typed("plan", "new", "own", "--from", "jinshan", "--out", "HERE/clock.toml"),
    "a copy of an ending": typed("plan", "new", "own", "--from", "jinshan", "--out", "HERE/own.txt"),
    "towns without number": typed("sample", "--out", "HERE/s", "--towns", "0"),
}
