"""Small provinces: two or three counties of a grid of streets, a station and some villages each."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

STEP = 0.01
"""Degrees between streets: about a kilometre."""
STUDY = """\
[study]
name = "{name}"
lang = "en"

[roads]
path = "roads.geojson"

[[facilities]]
path = "stations-{code}.csv"
kind = "fire_station"
crs = "EPSG:4326"

[[demand]]
path = "people-{code}.csv"
people = "people"
crs = "EPSG:4326"
"""


def write_roads(folder: Path, n: int = 6) -> None:
    """Write a grid of streets that meet at their ends."""
    lines = []
    for i in range(n):
        for j in range(n):
            x, y = 121 + i * STEP, 31 + j * STEP
            if i + 1 < n:
                lines.append(shapely.LineString([(x, y), (x + STEP, y)]))
            if j + 1 < n:
                lines.append(shapely.LineString([(x, y), (x, y + STEP)]))
    roads = gpd.GeoDataFrame({"highway": ["primary"] * len(lines)}, geometry=lines, crs=4326)
    roads.to_file(folder / "roads.geojson", driver="GeoJSON")


def write_county(folder: Path, code: str, at: int = 0) -> None:
    """Write the stations and people of a county on the roads."""
    x, y = 121 + at * STEP + 0.001, 31 + at * STEP
    pd.DataFrame({"id": ["s"], "name": [f"Station {code}"], "lon": [x], "lat": [y]}).to_csv(
        folder / f"stations-{code}.csv", index=False
    )
    rows = [
        {"name": f"v{k}", "lon": 121 + 0.004 + k * STEP, "lat": 31.0, "people": 100 + k} for k in range(4)
    ]
    pd.DataFrame(rows).to_csv(folder / f"people-{code}.csv", index=False)


def write_studies(folder: Path, codes: list[str]) -> list[Path]:
    """Write the roads, and a study a county with its own folder of results."""
    folder.mkdir(parents=True, exist_ok=True)
    write_roads(folder)
    files = []
    for at, code in enumerate(codes):
        write_county(folder, code, at)
        text = STUDY.replace("{name}", f"County {code}").replace("{code}", code)
        file = folder / f"{code}.toml"
        file.write_text(text.replace('lang = "en"', f'lang = "en"\nout = "out-{code}"'), encoding="utf-8")
        files.append(file)
    return files


def write_province(folder: Path, codes: list[str], *, table: pd.DataFrame | None = None) -> Path:
    """Write a template, a table of counties and the file of the batch, in the form that a planner has."""
    folder.mkdir(parents=True, exist_ok=True)
    write_roads(folder)
    for at, code in enumerate(codes):
        write_county(folder, code, at)
    (folder / "county.toml").write_text(STUDY, encoding="utf-8")
    shapes = [shapely.box(121 + k, 31, 121.5 + k, 31.5) for k in range(len(codes))]
    if table is None:
        table = pd.DataFrame({"code": codes, "name": [f"County {code}" for code in codes]})
    table.to_csv(folder / "counties.csv", index=False)
    borders = gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=4326)
    borders.to_file(folder / "borders.gpkg")
    file = folder / "province.toml"
    file.write_text(
        '[batch]\nname = "Province"\nlang = "en"\ntemplate = "county.toml"\n\n'
        '[counties]\npath = "counties.csv"\n\n[boundaries]\npath = "borders.gpkg"\n',
        encoding="utf-8",
    )
    return file
