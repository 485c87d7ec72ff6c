"""Small studies whose layers are in other systems than they say, as planners hand them over."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from typer.testing import CliRunner

from geo.cli.command import app
from geo.crs import SystemSpec
from geo.errors import CrsError
from geo.study import read_study, run_study
from geo.study.inputs import read_inputs
from tests.shared import case

RIGHT = 27_690


def study_of(name, tmp_path=None, **changes):
    study = read_study(case(name) / "study.toml")
    station = dataclasses.replace(study.facilities[0], **changes)
    return dataclasses.replace(study, facilities=(station,))


def people_in_time(study):
    result = run_study(study)
    return float(result.coverage.table.loc[result.coverage.table["is_covered"], "people"].sum())


def warnings(study):
    inputs = read_inputs(study)
    of_layers = [note.key for _, report in inputs.reports for note in report.crs_notes]
    of_datum = [note.key for _, note in inputs.notes if note.key.startswith("study.datum")]
    return of_layers + [key for key in of_datum if key != "study.datum_open"]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("b_shp_prj_wrongzone_declared", {}),
        ("b_csv_latlng", {"order": "lat,lon"}),
        ("a_gbk_cut_char", {}),
        ("a_gbk_cut_char_declared", {}),
    ],
)
def test_right_numbers(name, changes):
    assert people_in_time(study_of(name, **changes)) == RIGHT


def test_a_wrong_prj_stops_with_what_then_works():
    with pytest.raises(CrsError, match='crs = "EPSG:4549"'):
        read_inputs(study_of("b_shp_prj_wrongzone"))
    assert people_in_time(study_of("b_shp_prj_wrongzone", crs="EPSG:4549")) == RIGHT


def test_a_city_system_by_its_control_points():
    study = study_of("b_shanghai_local")
    with pytest.raises(CrsError, match="surveying office"):
        read_inputs(study)
    # The three stations in degrees, as the other cases have them.
    control = [
        [-14940.0, -13000.0, 121.3108112, 31.1018002],
        [-11000.0, -12440.0, 121.3521702, 31.1064232],
        [-13060.0, -9000.0, 121.3310153, 31.1376664],
    ]
    known = {"上海城市坐标系": SystemSpec(to_crs="EPSG:4326", control=control)}
    told = dataclasses.replace(study, systems=known)
    assert people_in_time(told) == RIGHT
    assert warnings(told) == ["crs.own_used", "crs.own_residuals"]


def test_each_way_of_writing_an_angle_is_read():
    study = study_of("b_csv_dms_variants")
    assert len(read_inputs(study).facilities) == 3
    assert warnings(study) == ["layers.angles", "layers.angles"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a_regular_centres", []),
        ("a_regular_blocks", []),
        ("c_stations_really_gcj", ["study.datum_few"]),
        ("a_towns_gcj", ["study.datum_zones"]),
        ("a_towns_right", []),
        ("b_amap_poi_json", ["study.datum_few"]),
    ],
)
def test_the_alarm_of_shifted_coordinates(name, told):
    assert warnings(read_study(case(name) / "study.toml")) == told


@pytest.mark.parametrize("command", ["check", "run"])
def test_check_and_run_both_tell_it(command, tmp_path):
    file = case("c_stations_really_gcj") / "study.toml"
    arguments = [command, str(file)] + (["--out", str(tmp_path / "out")] if command == "run" else [])
    output = CliRunner().invoke(app, arguments).output
    assert "when read as GCJ-02" in " ".join(output.split())


def test_settings_of_systems_are_checked(tmp_path):
    from geo.errors import StudyError

    text = Path(case("b_shanghai_local") / "study.toml").read_text(encoding="utf-8")
    file = tmp_path / "study.toml"
    file.write_text(text + '\n[systems."上海城市坐标系"]\nfour = { dx = 1 }\n', encoding="utf-8")
    with pytest.raises(StudyError, match="dx is unknown"):
        read_study(file)
