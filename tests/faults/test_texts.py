"""Hostile texts in every layer of a study: nothing runs, nothing is asked for, no cell is a formula."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest

from geo.files import FORMULA_SIGNS
from geo.outputs import write_outputs
from geo.study import parse_study, run_study
from tests.browser import Visit
from tests.faults.texts import HOSTILE
from tests.studies import changed, frame, points, write_town

pytestmark = pytest.mark.study

OPEN_ALL = """async () => {
    for (const box of document.querySelectorAll('input[data-layer]')) {
        for (let up = box.parentElement; up; up = up.parentElement)
            if (up.tagName === 'DETAILS') up.open = true;
        if (!box.checked) box.click();
        await new Promise(resume => setTimeout(resume, 30));
    }
    const maps = Object.values(window).filter(value => value instanceof L.Map);
    const layers = [];
    for (const map of maps) map.eachLayer(layer => layers.push([map, layer]));
    let opened = 0;
    for (const [map, layer] of layers) {
        const bounds = layer.getBounds ? layer.getBounds() : null;
        const middle = bounds && bounds.isValid() ? bounds.getCenter() : null;
        const at = layer.getLatLng ? layer.getLatLng() : middle;
        if (!at || !layer.fire) continue;
        for (const event of ['mouseover', 'click', 'mouseout']) {
            layer.fire(event, {latlng: at, target: layer, sourceTarget: layer,
                layerPoint: map.latLngToLayerPoint(at), containerPoint: map.latLngToContainerPoint(at),
                originalEvent: new MouseEvent(event)});
        }
        if (layer.getPopup && layer.getPopup()) { layer.openPopup(at); opened += 1; }
        if (layer.getTooltip && layer.getTooltip()) layer.openTooltip(at);
        await new Promise(resume => setTimeout(resume, 2));
    }
    for (const element of document.querySelectorAll('.geo-panel *')) {
        element.dispatchEvent(new MouseEvent('mouseover', {bubbles: true}));
    }
    await new Promise(resume => setTimeout(resume, 300));
    return opened;
}"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a study whose every name is one of the texts; give the folder of its results."""
    home = tmp_path_factory.mktemp("hostile")
    sections = write_town(home)
    n = len(HOSTILE)
    along = points(*[(6000 * i / n, 0) for i in range(n)])
    frame(
        along,
        name=list(HOSTILE),
        id=[f"{text} {i}" for i, text in enumerate(HOSTILE)],
        station_class=[["一级站", "二级站", text][i % 3] for i, text in enumerate(HOSTILE)],
    ).to_file(home / "stations.gpkg")
    frame(along, name=list(HOSTILE), heads=[10 + i for i in range(n)]).to_file(home / "villages.gpkg")
    frame(along, name=list(HOSTILE), status=list(HOSTILE)).to_file(home / "hydrants.gpkg")
    sections["facilities"] += [{"path": "hydrants.gpkg", "kind": "hydrant"}]
    towns = gpd.read_file(home / "towns.gpkg").assign(name=[HOSTILE[14], HOSTILE[0]])
    towns.to_file(home / "towns.gpkg")
    roads = gpd.read_file(home / "roads.gpkg")
    roads.assign(name=list(HOSTILE[14 : 14 + len(roads)])).to_file(home / "roads.gpkg", layer="links")
    credit = " ".join(HOSTILE[14:24])
    study = parse_study(
        changed(
            sections,
            study={"name": HOSTILE[14] + HOSTILE[16], "attribution": credit, "plan": "chongming"},
            scenarios=[{"name": HOSTILE[15][:60], "close_roads": [{"name": HOSTILE[17]}]}],
        ),
        folder=home,
    )
    write_outputs(run_study(study), home / "out")
    return home / "out"


@pytest.mark.browser
def test_no_text_runs_and_none_asks_the_network(hostile: Path, open_page: Callable[..., Visit]) -> None:
    for path in sorted(hostile.rglob("*.html")):
        page = open_page(path).page
        title = page.title()
        assert page.evaluate(OPEN_ALL) > 0
        assert page.evaluate("window.hacked") is None
        assert page.title() == title
        assert page.locator("iframe, .geo-panel img, .leaflet-popup img").count() == 0


def test_no_cell_of_a_table_is_a_formula(hostile: Path) -> None:
    n = 0
    for path in hostile.rglob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    n += 1
                    assert not cell.startswith(FORMULA_SIGNS) or _is_number(cell), (path.name, cell)
    for path in hostile.rglob("*.xlsx"):
        for sheet in openpyxl.load_workbook(path):
            for row in sheet.iter_rows():
                assert not [cell.value for cell in row if cell.data_type == "f"], path.name
        with zipfile.ZipFile(path) as parts:
            for name in parts.namelist():
                assert not re.search(rb"<f[ >]", parts.read(name)), name
    assert n > 1000


def test_geopackage_and_geojson_hold_the_texts_as_they_are(hostile: Path) -> None:
    path = hostile / "coverage.gpkg"
    held = {
        text
        for layer, _ in pyogrio.list_layers(path)
        for column in (gpd.read_file(path, layer=layer).select_dtypes(exclude="number"),)
        for texts in (column[name].astype(str) for name in column if name != "geometry")
        for text in texts
    }
    assert HOSTILE[14] in held
    for other in hostile.rglob("*.geojson"):
        json.loads(other.read_text(encoding="utf-8"))
    for other in hostile.rglob("*.json"):
        json.loads(other.read_text(encoding="utf-8"))


def test_no_name_leads_out_of_the_folder_of_results(hostile: Path) -> None:
    assert {path.name for path in hostile.parent.iterdir() if path.is_dir()} == {"out"}
    for path in hostile.rglob("*"):
        assert path.resolve().is_relative_to(hostile.resolve())
        assert not set(path.name) & set('<>:"|?*\x00\x1b')


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
