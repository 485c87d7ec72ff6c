"""Roads of a study in several files, such as one a district."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from geo.errors import FaultsError, InputError, StudyError
from geo.study import parse_study, read_inputs, study_files
from tests.studies import write_town


def split_town(folder: Path, **of_second: Any) -> dict[str, Any]:
    """Write the town's roads as two files; the second may have other columns or another system."""
    sections = write_town(folder)
    roads = gpd.read_file(folder / "roads.gpkg", layer="links")
    roads.iloc[:3].to_file(folder / "west.shp")
    second = roads.iloc[3:].rename(columns=of_second.get("names", {})).to_crs(of_second.get("crs", roads.crs))
    second.to_file(folder / "all.gpkg", layer="east")
    second.to_file(folder / "all.gpkg", layer="again")
    return sections


@pytest.mark.parametrize("crs", ["EPSG:32651", "EPSG:4326"])
def test_roads_of_several_files_are_one_network(crs: str, tmp_path: Path) -> None:
    sections = split_town(tmp_path, crs=crs)
    whole = read_inputs(parse_study(sections, folder=tmp_path))
    parts = {**sections, "roads": {"profile": "speeds.toml", "path": "west.shp", "more": ["all.gpkg#east"]}}
    asked = parse_study(parts, folder=tmp_path)
    inputs = read_inputs(asked)
    assert inputs.network.n_edges == whole.network.n_edges
    assert inputs.network.n_nodes == whole.network.n_nodes
    assert sorted(inputs.network.edge_ms.tolist()) == pytest.approx(
        sorted(whole.network.edge_ms.tolist()), abs=2
    )
    told = [str(note) for section, note in inputs.notes if section == "roads"]
    assert (
        "the roads of 2 files were put together, their rows numbered on: west.shp 1-3, all.gpkg#east 4-5"
        in told
    )
    assert [section for section, _ in inputs.reports].count("roads") == 2
    assert {"west.shp", "all.gpkg"} <= set(study_files(asked))


def test_files_that_keep_their_classes_apart_are_refused(tmp_path: Path) -> None:
    sections = split_town(tmp_path, names={"highway": "fclass"})
    parts = {**sections, "roads": {"profile": "speeds.toml", "path": "west.shp", "more": ["all.gpkg#east"]}}
    with pytest.raises(InputError, match=r"west\.shp: highway, all\.gpkg#east: fclass"):
        read_inputs(parse_study(parts, folder=tmp_path))


def test_more_files_are_for_lines_alone(tmp_path: Path) -> None:
    sections = write_town(tmp_path)
    (tmp_path / "town.osm").write_text("<osm version='0.6'/>", encoding="utf-8")
    parts = {**sections, "roads": {"path": "town.osm", "more": ["roads.gpkg"]}}
    with pytest.raises((StudyError, FaultsError), match="more: holds for line layers"):
        read_inputs(parse_study(parts, folder=tmp_path))


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ({"oneway": None}, "of the files of roads all.gpkg#east have no column of directions"),
        ({"oneway": ["1", "1"]}, "! THE FILES OF ROADS SAY DIRECTIONS BY DIFFERENT CODES (west.shp: no;"),
        ({"oneway": ["yes", "no"]}, ""),
    ],
)
def test_directions_that_differ_between_files_are_told(
    second: dict[str, Any], told: str, tmp_path: Path
) -> None:
    sections = write_town(tmp_path)
    roads = gpd.read_file(tmp_path / "roads.gpkg", layer="links")
    roads.iloc[:3].to_file(tmp_path / "west.shp")
    east = roads.iloc[3:].drop(columns="oneway")
    east.assign(**{name: cells for name, cells in second.items() if cells}).to_file(
        tmp_path / "all.gpkg", layer="east"
    )
    parts = {**sections, "roads": {"profile": "speeds.toml", "path": "west.shp", "more": ["all.gpkg#east"]}}
    notes = [str(note) for section, note in read_inputs(parse_study(parts, folder=tmp_path)).notes]
    apart = [note for note in notes if "files of roads" in note.casefold()]
    assert [note for note in apart if told in note] == apart
    assert bool(apart) == bool(told)
