"""Odd districts, run: what reports and atlases are made of in tests."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import shapely

from geo.outputs import FinishedRun, open_finished, write_outputs
from geo.study import Study, parse_study, run_study
from tests.studies import changed, frame, write_town

NAMES = (
    *("#let x = 1", "<script>alert(1)</script>", "]]>", "*bold* _x_", "$x^2$", "@preview/a:0.1.0", "`code`"),
    *("= Heading", "// gone", "/* gone */", "\\#panic()", "&amp; &lt;", "{{ 7 * 7 }}{% raw %}", "'\"><b>"),
    *('[#read("/etc/hosts")]', "~ -- ---", "<w:t>", "@here", "TOC \\o", "x" * 1000, "很" * 1000),
)
"""Names of towns that look like markup."""


def hostile_town(folder: Path, *, asked: str) -> Study:
    """Write a town whose study, zones, stations and villages bear names that look like markup.

    ``asked`` is the section of the report or atlas that is asked for.
    """
    sections = write_town(folder)
    step = 7000 / len(NAMES)
    strips = [shapely.box(-500 + i * step, -500, -500 + (i + 1) * step, 1500) for i in range(len(NAMES))]
    frame(strips, name=list(NAMES)).to_file(folder / "towns.gpkg")
    stations = gpd.read_file(folder / "stations.gpkg")
    stations.assign(name=["<b>#A</b>", "*C*", "$P$"]).to_file(folder / "stations.gpkg")
    villages = gpd.read_file(folder / "villages.gpkg")
    villages.assign(name=["v", "<i>#2</i>", "v3", "y" * 1000, "{{5}}"]).to_file(folder / "villages.gpkg")
    told = changed(sections, study={"name": "<h1>#1 *T* $", "attribution": "<a href=http://x>#c</a> © *OSM*"})
    told[asked] = {"organisation": "#strong[局] <局>", "title": ""}
    return parse_study(told, folder=folder)


def finished(study: Study, folder: Path) -> FinishedRun:
    """Open the run of a study that was written."""
    run = open_finished(study, folder)
    assert run is not None
    return run


def finish(study: Study, folder: Path) -> FinishedRun:
    """Run a study, write its results and open them."""
    write_outputs(run_study(study), folder)
    return finished(study, folder)
