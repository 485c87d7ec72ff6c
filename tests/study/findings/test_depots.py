"""What a study finds about depots, villages, teams and roads: the paper town, added up by hand.

Depots: the district's at A = (0, 0), village v2's at its place (2000, 1000); a base at v4 (4000, 0).
On foot 4 km/h make 1,000 m in 900 s, so v1 is within a quarter of an hour of A, exactly.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geo.errors import GeoError
from geo.outputs import write_outputs
from geo.study import StudyResult, run_study
from geo.words import LANGS, say
from tests.studies import CRS, frame, points, town_study

VILLAGES = "村居名称,所属乡镇\nv1,West\nv2,West\nv3,West\nv4,East\nv5,\n"


def add_layers(folder: Path, **changes: Any) -> dict[str, Any]:
    depots = frame(
        points((0, 0), (2000, 1000)),
        name=["区级库", "储备点"],
        level=["区级", "居村级"],
        village=[None, "v2"],
        status=["existing", "existing"],
    )
    depots.assign(**changes).to_file(folder / "depots.gpkg")
    frame(points((4000, 0)), name=["East base"]).to_file(folder / "bases.gpkg")
    frame(points((100, 0), (200, 0)), name=["one", "two"]).to_file(folder / "teams.gpkg")
    frame(points((0, 0)), name=["gas"]).to_file(folder / "gas.gpkg")
    (folder / "list.csv").write_text(VILLAGES, encoding="utf-8")
    frame([shapely.box(2900, -100, 3100, 100)], name=["Flood"]).to_file(folder / "flood.gpkg")
    kinds = {"depots": "depot", "bases": "base", "teams": "team", "gas": "gas_repair"}
    layers = [{"path": f"{file}.gpkg", "kind": kind} for file, kind in kinds.items()]
    return {
        "facilities": [{"path": "stations.gpkg"}, *layers],
        "villages": {"path": "list.csv", "columns": {"name": "村居名称", "zone": "所属乡镇"}},
        "hazards": [{"path": "flood.gpkg"}],
    }


def found(folder: Path, **sections: Any) -> StudyResult:
    study = town_study(folder)  # writes the town, so that the layers beside it may follow
    del study
    return run_study(town_study(folder, **{**add_layers(folder), **sections}))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    return found(tmp_path_factory.mktemp("paper"))


def test_each_depot_tells_its_level_its_village_and_whom_it_serves(result: StudyResult) -> None:
    table = result.findings["depots"].table.set_index("name")
    assert table["level"].to_dict() == {"区级库": "district", "储备点": "village", "East base": "base"}
    assert table.loc["储备点", ["village", "how"]].tolist() == ["v2", "column"]
    # By road the nearest: v1 1000 of A (1,000 m) -- v2 500 at the depot itself -- v3 300 (1,600 m from the
    # base, 1,400 m from v2's) -- v4 200 at the base.
    assert table["people_drive"].to_dict() == {"区级库": 1000.0, "储备点": 800.0, "East base": 200.0}


def test_an_hour_by_road_and_a_quarter_on_foot(result: StudyResult) -> None:
    figures = result.findings["depot_reach"].figures
    assert (figures["drive_people_in_time"], figures["drive_people_unreachable"]) == (2000.0, 50.0)
    # v1 walks 1,000 m in exactly 900 s; v2 is there; v3 is 1,400 m off, v4 3,000 m; v5 is on its island.
    assert figures["walk_people_in_time"] == 1500.0
    beyond = result.findings["depot_reach"].table.set_index("name")["beyond"]
    assert beyond.to_dict() == {"v3": "walk", "v4": "walk", "v5": "both"}


def test_villages_without_a_depot_stand_where_their_people_live(result: StudyResult) -> None:
    lacking = result.findings["villages_without_depot"].table
    assert lacking["name"].tolist() == ["v1", "v3", "v4", "v5"]
    assert lacking.geometry.iloc[2].equals(frame(points((4000, 0))).geometry.iloc[0])
    figures = result.findings["village_depots"].figures
    assert (figures["n_villages"], figures["n_with"], figures["n_without"]) == (5.0, 1.0, 4.0)
    towns = result.findings["village_depots_by_town"].table.set_index("name")
    assert towns["n_without"].to_dict() == {"West": 2, "East": 1, "–": 1}


def test_towns_without_a_team_are_there_with_none(result: StudyResult) -> None:
    table = result.findings["teams_by_town"].table.set_index("name")
    assert table["n_teams"].to_dict() == {"West": 2, "East": 0}
    assert result.findings["teams_by_town"].figures["n_without"] == 1.0


def test_gas_repair_tells_its_mean_drive(result: StudyResult) -> None:
    # 1000 x 100 s + 500 x 300 s + 300 x 240 s + 200 x 400 s over 2,000 people = 201 s.
    figures = result.findings["gas_repair_stations"].figures
    assert figures["mean_s"] == pytest.approx(201.0)


def test_links_that_strand_people_and_dead_ends(result: StudyResult) -> None:
    links = result.findings["cut_links"].table.set_index("name")
    # Without the west road v2, v3 and v4 have no station (v1 lives on it); without the side road v2; without
    # the middle road v4 (v3 lives on it).
    assert links["people"].to_dict() == {"West Road": 1000.0, "Side Road": 500.0, "Middle Road": 200.0}
    assert links["people_on_it"].to_dict() == {"West Road": 1000.0, "Side Road": 0.0, "Middle Road": 300.0}
    ends = result.findings["dead_ends"].table
    assert sorted(zip(ends["people"], ends["length_m"], strict=True)) == [
        (50.0, 1000.0),
        (500.0, 1000.0),
        (500.0, 4000.0),
        (1000.0, 2000.0),
    ]


def test_the_flood_closes_the_middle_road_and_leaves_the_first_village(result: StudyResult) -> None:
    assert result.findings["flooded_roads"].table["name"].tolist() == ["Middle Road"]
    loss = result.findings["road_loss"].table.set_index("cause")
    # Before: v1 and v3 in time, 1,300 of 2,050. The flood cuts off v3 (on the road) and v4 (beyond it).
    assert loss.loc["hazards", "share_before"] == 1300 / 2050
    assert loss.loc["hazards", "share_after"] == 1000 / 2050
    assert loss.loc["hazards", "people_cut_off"] == 500.0
    assert loss.loc["hazards", "zones"] == "West 300; East 200"
    assert loss.loc["link", "name"].tolist() == ["West Road", "Side Road", "Middle Road"]


def test_every_text_exists_in_both_languages(result: StudyResult) -> None:
    for finding in result.findings.values():
        if finding.words not in ("depots", "roads_lost"):
            continue
        columns = [f"column_{name}" for name in finding.table if name != "geometry"]
        classes = [f"class_{word}" for word in (finding.style.roles if finding.style else {}) if word]
        for lang in LANGS:
            for key in [finding.name, *columns, *classes]:
                assert say(f"{finding.words}.{key}", lang=lang)
            for note, values in finding.notes:
                assert say(f"{finding.words}.{note}", lang=lang, **values)


def test_the_findings_reach_the_files(result: StudyResult, tmp_path: Path) -> None:
    written = write_outputs(result, tmp_path)
    assert {"cut_links.csv", "depots.csv", "villages_without_depot.csv"} <= {
        path.name for path in tmp_path.iterdir()
    }
    told = json.loads(written["summary.json"].read_text(encoding="utf-8"))
    assert "Infinity" not in json.dumps(told)


def test_depots_without_levels_all_count_for_villages_and_it_is_said(tmp_path: Path) -> None:
    town_study(tmp_path)
    sections = add_layers(tmp_path, level=None)
    village = run_study(town_study(tmp_path, **sections)).findings["village_depots"]
    assert ("note_no_levels", {"n": 2}) in village.notes


def test_a_study_with_a_list_of_villages_and_no_depot_lacks_them_all(tmp_path: Path) -> None:
    sections = found(tmp_path, facilities=[{"path": "stations.gpkg"}]).findings
    assert "depots" not in sections
    assert sections["village_depots"].figures["n_without"] == 5.0


def test_villages_drawn_as_zones_are_villages_too(tmp_path: Path) -> None:
    town_study(tmp_path)
    sections = add_layers(tmp_path, village=None)
    # The border of the two villages runs through A: its depot is of the district and counts for none; that of
    # v2 stands in the first.
    shapes = [shapely.box(0, -500, 3000, 1500), shapely.box(-500, -500, 0, 1500)]
    frame(shapes).assign(name=["Inner", "Outer"]).to_file(tmp_path / "drawn.gpkg")
    zones = [{"path": "towns.gpkg", "level": "town"}, {"path": "drawn.gpkg", "level": "village"}]
    sections |= {"villages": None, "zones": zones}
    table = run_study(town_study(tmp_path, **sections)).findings["village_depots"].table
    assert table[["name", "zone", "n_depots", "how"]].to_numpy().tolist() == [
        ["Inner", "West", 1, "inside"],
        ["Outer", "West", 0, ""],
    ]


def test_a_level_that_does_not_exist_is_an_error_that_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(GeoError, match="village_levels"):
        found(tmp_path, depots={"village_levels": ["vilage"]})


def test_a_study_of_stations_alone_tells_its_links(tmp_path: Path) -> None:
    alone = run_study(town_study(tmp_path)).findings
    assert {"cut_links", "dead_ends", "road_loss"} <= set(alone)
    assert not {"depots", "depot_reach", "village_depots", "flooded_roads"} & set(alone)
    assert np.isfinite(list(alone["road_loss"].figures.values())).all()
    assert alone["cut_links"].table.crs == CRS
