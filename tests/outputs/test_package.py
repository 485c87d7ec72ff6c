"""The GeoPackage and its QGIS project: titles of fields, styles that apply by themselves, relative paths."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo.maps import colour_of
from geo.outputs import write_outputs
from geo.outputs.package import name_layers
from geo.outputs.package_layers import study_layers
from geo.outputs.package_tables import stack_rows
from geo.outputs.qgis_symbols import Drawing, DrawnClass, DrawnPart, style_text
from geo.outputs.wording import Wording
from geo.study import StudyResult, run_study
from tests.studies import town_study

PYTHON_OF_QGIS = "/usr/bin/python3"


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "coverage.gpkg") as file:
        found = file.execute(query).fetchall()
    file.close()
    return found


def test_each_field_has_a_title_and_each_layer_a_description(sample_run: tuple[StudyResult, Path]) -> None:
    _, folder = sample_run
    layers = rows(folder, "SELECT table_name, description FROM gpkg_contents WHERE data_type = 'features'")
    assert all(description for _, description in layers)
    for layer, _ in layers:
        fields = {str(row[1]) for row in rows(folder, f"PRAGMA table_info('{layer}')")} - {"geom"}
        titles = rows(
            folder, f"SELECT column_name, name, title FROM gpkg_data_columns WHERE table_name = '{layer}'"
        )
        assert {field for field, _, _ in titles} == fields
        assert all(name == title and name for _, name, title in titles)
    aliases: dict[str, str] = dict(
        rows(folder, "SELECT column_name, title FROM gpkg_data_columns WHERE table_name = '服务范围与辖区'")
    )
    # Where layers of one table call a field differently, each of its names is told.
    assert aliases["mean_s"] == "平均到达时间（秒）"
    assert aliases["people"] == "服务人口"
    assert aliases["layer"] == "图层"
    assert rows(folder, "SELECT count(*) FROM gpkg_extensions WHERE extension_name = 'gpkg_schema'") == [(2,)]


def test_each_layer_has_the_style_that_qgis_looks_for(sample_run: tuple[StudyResult, Path]) -> None:
    _, folder = sample_run
    styles = rows(
        folder,
        "SELECT s.f_table_schema, s.f_geometry_column, g.column_name, s.useAsDefault, s.styleQML, "
        "s.f_table_name FROM gpkg_geometry_columns g "
        "LEFT JOIN layer_styles s ON s.f_table_name = g.table_name",
    )
    assert len(styles) == 7
    for schema, column, geometry, is_default, text, name in styles:
        # QGIS 3.22 finds no style whose schema is missing, nor one of another geometry column.
        assert (schema, column, is_default) == ("", geometry, 1)
        style = ET.fromstring(str(text))
        fields = [str(row[1]) for row in rows(folder, f"PRAGMA table_info('{name}')")]
        layers = (
            {str(row[0]) for row in rows(folder, f'SELECT DISTINCT layer FROM "{name}"')}
            if "layer" in fields
            else set()
        )
        rules = style.findall("renderer-v2/rules/rule")
        assert {rule.get("filter") for rule in rules} == {f"\"layer\" = '{layer}'" for layer in layers}
        for rule in rules:
            within = [each.get("filter") or "" for each in rule]
            assert len(within) == len(set(within))
            if within and "ELSE" not in within:
                where = " OR ".join(f"({each})" for each in within)
                by = within[0].split('"')[1]
                asked = f'SELECT DISTINCT "{by}" FROM "{name}" WHERE {rule.get("filter")} AND NOT ({where})'
                assert rows(folder, asked) in ([], [(None,)]), asked  # each row has its class
        assert sum(rule.get("checkstate") == "1" for rule in rules) >= bool(rules)


def test_what_belongs_together_shares_a_table_and_nothing_is_lost(
    sample_run: tuple[StudyResult, Path],
) -> None:
    """Every row and every field of a layer stands in its table, under the layer's name."""
    result, folder = sample_run
    named = name_layers(study_layers(result), Wording.of(result.study, "zh"))
    assert len(named) == 28
    tables = {layer.name for layer in named}
    assert tables == {
        "设施",
        "居民点",
        "缺口与建议",
        "道路与车速",
        "道路上的问题",
        "服务范围与辖区",
        "乡镇与分区",
    }
    for layer in named:
        held = gpd.read_file(folder / "coverage.gpkg", layer=layer.name)
        if layer.among:
            held = held[held["layer"] == layer.layer.title].reset_index(drop=True)
        assert len(held) == len(layer.table)
        for field in layer.table.columns.drop(layer.table.geometry.name):
            there, want = held[field], layer.table[field]
            is_endless = want.map(lambda value: isinstance(value, float) and np.isinf(value)).to_numpy(bool)
            assert (there.isna().to_numpy() == (want.isna().to_numpy() | is_endless)).all(), field
            if want.dtype.kind in "iuf":
                assert pd.to_numeric(there).sum() == pytest.approx(want.replace(np.inf, np.nan).sum())
        assert held.geometry.geom_equals(layer.table.geometry.reset_index(drop=True)).all()


def test_rows_of_several_kinds_keep_whole_numbers_and_flags() -> None:
    at = gpd.GeoSeries.from_xy([0, 1], [0, 1], crs="EPSG:32651")
    first = gpd.GeoDataFrame({"year": [2001, 2002], "is_on": [True, None], "t_s": [1.5, np.inf]}, geometry=at)
    second = gpd.GeoDataFrame({"name": ["甲", None], "data": "合成", "is_on": [None, None]}, geometry=at)
    rows_of_both = stack_rows([first, second], ["一", "二"])
    assert list(rows_of_both.columns) == ["layer", "year", "is_on", "t_s", "name", "data", "geometry"]
    assert rows_of_both["layer"].tolist() == ["一", "一", "二", "二"]
    assert rows_of_both["year"].dtype == "Int64"
    assert rows_of_both["is_on"].dtype == "boolean"
    assert rows_of_both["is_on"].isna().tolist() == [False, True, True, True]
    assert rows_of_both["t_s"].tolist()[:2] == [1.5, np.inf]
    assert len(stack_rows([first.iloc[:0], second], ["一", "二"])) == 2


def test_the_project_names_its_layers_by_relative_paths(sample_run: tuple[StudyResult, Path]) -> None:
    result, folder = sample_run
    project = ET.parse(folder / "coverage.qgs").getroot()
    sources = [each.text for each in project.iter("datasource")]
    assert len(sources) == 28
    for source in sources:
        file, table, *among = str(source).split("|")
        name = table.removeprefix("layername=")
        assert file == "./coverage.gpkg"
        where = among[0].removeprefix("subset=") if among else "1"
        assert rows(folder, f'SELECT count(*) FROM "{name}" WHERE {where}')[0][0] > 0  # type: ignore[operator]
    assert len(set(sources)) == len(sources)
    ids = [each.text or "" for each in project.findall("projectlayers/maplayer/id")]
    assert len(set(ids)) == len(ids) == len(sources)
    assert all(len(each) > 10 for each in ids)  # QGIS gives another id to a layer with a shorter one
    assert [each.get("id") for each in project.iter("layer-tree-layer")] == ids
    assert project.findtext("properties/Paths/Absolute") == "false"
    groups = [each.get("name") for each in project.find("layer-tree-group") or []]
    assert groups[0] == "消防响应"
    assert project.findtext("projectMetadata/title") == result.study.study.name
    text = (folder / "coverage.qgs").read_text(encoding="utf-8")
    assert str(folder) not in text
    assert "http://" not in text.replace("http://mrcc.com/qgis.dtd", "")
    assert (project.findtext("properties/CopyrightLabel/Label") or "").startswith("合成数据")
    # Of 1.4 the GDAL of QGIS 3.22 warns at every layer.
    assert rows(folder, "PRAGMA user_version") == [(10200,)]


def test_credits_stand_in_the_project(tmp_path: Path) -> None:
    credit = "Survey of <Paper> Town \x01 2034"
    study = town_study(tmp_path, roads={"attribution": credit})
    write_outputs(run_study(study), tmp_path / "out")
    project = ET.parse(tmp_path / "out" / "coverage.qgs").getroot()
    assert "Survey of <Paper> Town" in (project.findtext("projectMetadata/abstract") or "")
    corner = project.find("properties/CopyrightLabel")  # QGIS draws it over the map
    assert corner is not None
    assert corner.findtext("Enabled") == "true"
    assert "Survey of <Paper> Town" in (corner.findtext("Label") or "")
    assert "Survey of <Paper> Town" in {(each.text or "")[:22] for each in project.iter("rights")}


def test_a_style_draws_its_classes_in_their_colours() -> None:
    classes = [DrawnClass("现状", colour_of("heading"), value="现状"), DrawnClass("其他", "#010203")]
    style = ET.fromstring(
        style_text(
            [DrawnPart("站", "", Drawing("marker", classes, by="status", label="name"))], {"status": "状态"}
        )
    )
    assert [each.get("value") for each in style.iter("category")] == ["现状", ""]
    colours = [each.get("value") for each in style.iter("Option") if each.get("name") == "color"]
    assert colours == ["31,78,140,255", "1,2,3,255"]
    assert [each.attrib for each in style.iter("alias")] == [
        {"index": "0", "field": "status", "name": "状态"}
    ]
    assert style.get("labelsEnabled") == "1"


def test_names_of_stations_go_before_those_of_the_towns_around_them() -> None:
    """In QGIS 3.22 an area with a name is else an obstacle to all names in it: no station had one."""
    told = {}
    for shape in ("marker", "fill"):
        drawing = Drawing(shape, [DrawnClass("", "#010203")], label="name")  # type: ignore[arg-type]
        style = ET.fromstring(style_text([DrawnPart("", "", drawing)], {}))
        (placement,), (rendering,) = style.iter("placement"), style.iter("rendering")
        told[shape] = (int(placement.get("priority", 5)), rendering.get("obstacle"))
    assert told["marker"][0] > 5 > told["fill"][0]
    assert told["marker"][1] == "1"
    assert told["fill"][1] == "0"


DRAW = """
import sys
from qgis.core import QgsApplication, QgsMapRendererParallelJob, QgsMapSettings, QgsProject, QgsRectangle
from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import QSize
app = QgsApplication([], False)
app.initQgis()
project = QgsProject.instance()
assert project.read(sys.argv[1])
assert project.crs().isValid()
layers = [each.layer() for each in project.layerTreeRoot().findLayers()]
assert all(layer is not None and layer.isValid() for layer in layers)
shown = [each.layer() for each in project.layerTreeRoot().findLayers() if each.isVisible()]
settings = QgsMapSettings()
settings.setLayers(shown)
settings.setDestinationCrs(project.crs())
settings.setOutputSize(QSize(600, 400))
extent = QgsRectangle()
extent.setMinimal()
for layer in shown:
    extent.combineExtentWith(layer.extent())
settings.setExtent(extent)
job = QgsMapRendererParallelJob(settings)
job.start()
job.waitForFinished()
picture = job.renderedImage()
print("colours", len({picture.pixel(x, y) for x in range(0, 600, 2) for y in range(0, 400, 2)}))
alone = QgsVectorLayer(sys.argv[2] + "|layername=设施", "x", "ogr")
print("renderer", alone.renderer().type())
print("alias", alone.attributeDisplayName(alone.fields().indexOf("mean_s")))
print("names", [each.name() for each in project.layerTreeRoot().children()][0])
"""


def test_qgis_opens_it_drawn(sample_run: tuple[StudyResult, Path], tmp_path: Path) -> None:
    """With the Python of the system, which has QGIS where Debian's package is installed."""
    if not shutil.which(PYTHON_OF_QGIS):
        pytest.skip("there is no /usr/bin/python3")
    asked = [PYTHON_OF_QGIS, "-c", "import qgis.core"]
    environment = {
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "PATH": "/usr/bin",
    }
    if subprocess.run(asked, check=False, capture_output=True, env=environment).returncode:
        pytest.skip("QGIS is not installed (Debian: python3-qgis)")
    _, folder = sample_run
    script = tmp_path / "draw.py"
    script.write_text(DRAW, encoding="utf-8")
    done = subprocess.run(
        [PYTHON_OF_QGIS, str(script), str(folder / "coverage.qgs"), str(folder / "coverage.gpkg")],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    told = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    assert int(told.get("colours", "0")) > 20, done.stderr[-2000:]
    assert told["renderer"] == "RuleRenderer"  # its style came by itself
    assert told["alias"] == "平均响应时间（秒）"
    assert told["names"] == "消防响应"
