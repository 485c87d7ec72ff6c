"""Systems of a city's own from the study file to the number of people in time, through the command.

The stations of one district are handed over in a plane system, in an old datum or as a drawing; the study
file states how they lead to a known system. With right places 27,690 of 47,010 people are in time.
"""

from __future__ import annotations

import csv
import json
import math
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from ezdxf.filemanagement import new as new_drawing
from pyproj import Transformer
from typer.testing import CliRunner

from geo.cli.command import app
from tests.shared import case

pytestmark = pytest.mark.real

RIGHT = (47_010, 27_690)
LOCAL = {"云泽": (-14940.0, -13000.0), "泽北": (-11000.0, -12440.0), "泽东": (-13060.0, -9000.0)}
"""The stations in the plane system of the case: EPSG:4549 less 640,000 m and 3,456,000 m."""
DEGREES = {
    "云泽": (121.3108112, 31.1018002), "泽北": (121.3521702, 31.1064232), "泽东": (121.3310153, 31.1376664)
}  # fmt: skip
CONTROL = [[*LOCAL[name], *DEGREES[name]] for name in LOCAL]
NAME = "上海城市坐标系"


def people_of(folder: Path, *sections: str) -> tuple[int, int]:
    """Run the study of a folder with sections more; give the people in it, and those in time."""
    study = folder / "study.toml"
    study.write_text("\n\n".join([study.read_text(encoding="utf-8"), *sections]), encoding="utf-8")
    run = CliRunner().invoke(app, ["run", str(study), "--out", str(folder / "out")])
    assert run.exit_code in (0, 3), run.output  # 3: lines of a drawing among the stations are told
    figures = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))
    assert f"按 {NAME} 读取" in run.output or f"read as {NAME}" in " ".join(run.output.split())
    return round(figures["standard"]["people"]), round(figures["standard"]["people_covered"])


def copied(folder: Path) -> Path:
    shutil.copytree(case("b_shanghai_local"), folder / "study")
    return folder / "study"


def write_stations(folder: Path, places: dict[str, tuple[float, float]]) -> None:
    with (folder / "stations.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["站名", "X坐标", "Y坐标"])
        writer.writerows([name, *place] for name, place in places.items())


@pytest.mark.parametrize(
    "system",
    [
        f'to_crs = "EPSG:4326"\ncontrol = {CONTROL}',
        f'to_crs = "CGCS2000 中央经线 120"\nfit = "affine"\ncontrol = {CONTROL}'.replace(
            '"CGCS2000 中央经线 120"', '"EPSG:4490"'
        ),
        'to_crs = "CGCS2000 中央经线 120"\nfour = { dx_m = 640000.0, dy_m = 3456000.0 }',
        'to_crs = "EPSG:4549"\naffine = [1.0, 0.0, 640000.0, 0.0, 1.0, 3456000.0]',
    ],
    ids=["control", "control_affine", "four", "affine"],
)
def test_the_case_with_its_system_declared_each_way(tmp_path: Path, system: str) -> None:
    assert people_of(copied(tmp_path), f'[systems."{NAME}"]\n{system}') == RIGHT


def test_a_turned_and_stretched_system_by_its_four_parameters(tmp_path: Path) -> None:
    # E = dx + k (x cos r - y sin r) and so on, solved for x and y.
    angle, scale = math.radians(1.5), 1 + 300e-6
    back = np.linalg.inv(
        scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    )
    folder = copied(tmp_path)
    places = {name: back @ np.array(place) for name, place in LOCAL.items()}
    write_stations(folder, {name: (float(x), float(y)) for name, (x, y) in places.items()})
    four = "{ dx_m = 640000.0, dy_m = 3456000.0, rotation_s = 5400.0, scale_ppm = 300.0 }"
    assert people_of(folder, f'[systems."{NAME}"]\nto_crs = "EPSG:4549"\nfour = {four}') == RIGHT


def test_an_old_datum_by_its_seven_parameters(tmp_path: Path) -> None:
    # From degrees of CGCS2000 back to metres on Krasovsky's ellipsoid, by PROJ alone.
    seven = {"x": 15.8, "y": -154.4, "z": -82.3, "rx": 0.4, "ry": -0.3, "rz": 0.2, "s": 3.5}
    numbers = " ".join(f"+{key}={value}" for key, value in seven.items())
    there = Transformer.from_pipeline(
        "+proj=pipeline +step +inv +proj=tmerc +lon_0=120 +x_0=500000 +a=6378245 +rf=298.3 "
        f"+step +proj=cart +a=6378245 +rf=298.3 +step +proj=helmert {numbers} +convention=coordinate_frame "
        "+step +inv +proj=cart +a=6378137 +rf=298.257222101 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    folder = copied(tmp_path)
    write_stations(
        folder, {name: there.transform(*place, direction="INVERSE") for name, place in DEGREES.items()}
    )
    names = dict(zip(seven, ("dx_m", "dy_m", "dz_m", "rx_s", "ry_s", "rz_s", "scale_ppm"), strict=True))
    stated = ", ".join(f"{names[key]} = {value}" for key, value in seven.items())
    system = (
        f'[systems."{NAME}"]\nfrom_crs = "Beijing 1954 中央经线 120"\nto_crs = "EPSG:4490"\n'
        f'convention = "coordinate_frame"\nseven = {{ {stated} }}'
    )
    assert people_of(folder, system) == RIGHT


FOUR = f'[systems."{NAME}"]\nto_crs = "CGCS2000 中央经线 120"\n' + (
    "four = { dx_m = 600000.0, dy_m = 3400000.0 }"
)
"""That of the drawing: the case with a DXF has other coordinates than the case with a table."""


def test_the_stations_of_a_drawing_in_a_declared_system(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    drawing = next(case("b_dxf_blocks").glob("*.dxf"))
    shutil.copy(drawing, folder / "drawing.dxf")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(text.replace("stations.csv", "drawing.dxf"), encoding="utf-8")
    assert people_of(folder, FOUR) == RIGHT


def test_roads_and_stations_of_one_drawing_in_a_declared_system(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    roads = gpd.read_file(folder / "roads.geojson").to_crs(4549)
    drawing = new_drawing("R2010")
    block = drawing.blocks.new("消防站")
    block.add_circle((0, 0), 5)
    block.add_attdef("站名", (0, 0))
    space = drawing.modelspace()
    words = {"secondary": "次干路", "tertiary": "支路"}
    for line, highway in zip(roads.geometry, roads["highway"], strict=True):
        xy = np.array(line.coords) - (600_000.0, 3_400_000.0)
        space.add_lwpolyline(xy, dxfattribs={"layer": words[highway]})
    for name, (x, y) in LOCAL.items():
        at = (x + 40_000.0, y + 56_000.0)
        space.add_blockref("消防站", at, dxfattribs={"layer": "消防站"}).add_auto_attribs({"站名": name})
    drawing.saveas(folder / "drawing.dxf")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace("stations.csv", "drawing.dxf").replace(
        'path = "roads.geojson"',
        f'path = "drawing.dxf"\ncrs = "{NAME}"\ncolumns = {{ highway = "Layer" }}\n'
        'classes = { "次干路" = "secondary", "支路" = "tertiary" }',
    )
    (folder / "study.toml").write_text(text, encoding="utf-8")
    assert people_of(folder, FOUR) == RIGHT
