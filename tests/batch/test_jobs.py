"""What a batch is asked to run: the table of counties, the studies written out, rows that are wrong."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.batch import read_batch
from geo.batch.settings import read_batch_file
from geo.errors import GeoError, InputError, StudyError
from geo.study import read_study
from tests.batch.small import write_province, write_studies


def test_each_county_gets_a_study_that_stands_alone(tmp_path: Path) -> None:
    batch = read_batch([write_province(tmp_path, ["310101", "0310104"])])
    assert [(job.code, job.name, job.error) for job in batch.jobs] == [
        ("310101", "County 310101", None),
        ("0310104", "County 0310104", None),
    ]
    study = read_study(batch.jobs[1].study)
    assert study.study.name == "County 0310104"
    assert study.file(study.roads.path) == (tmp_path / "roads.geojson").resolve()
    assert batch.jobs[1].folder == (tmp_path / "out/counties/0310104-County 0310104/out").resolve()
    assert shapely.equals(batch.jobs[0].boundary, shapely.box(121, 31, 121.5, 31.5))
    border = gpd.read_file(batch.jobs[0].study.with_name("boundary.geojson"))
    assert border["code"].tolist() == ["310101"]


def test_the_studies_are_written_once_and_a_changed_one_is_kept(tmp_path: Path) -> None:
    file = write_province(tmp_path, ["a", "b"])
    study = read_batch([file]).jobs[0].study
    before = study.stat().st_mtime_ns
    assert read_batch([file]).jobs[0].error is None
    assert study.stat().st_mtime_ns == before
    study.write_text(study.read_text(encoding="utf-8") + "\n[snap]\nmax_m = 9\n", encoding="utf-8")
    again = read_batch([file])
    assert "was changed since it was written" in str(again.jobs[0].error)
    assert again.jobs[1].error is None
    assert "max_m = 9" in study.read_text(encoding="utf-8")


def test_what_is_wrong_with_one_row_stays_with_it(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"code": ["a", "", "c", "d"], "name": ["A", "B", "C", "D"], "plan": ["chongming", "x", "", "y"]}
    )
    file = write_province(tmp_path, ["a", "c"], table=table)
    text = (tmp_path / "county.toml").read_text(encoding="utf-8")
    (tmp_path / "county.toml").write_text(text.replace("lang =", 'plan = "{plan}"\nlang ='), encoding="utf-8")
    errors = {job.name: str(job.error) for job in read_batch([file]).jobs}
    assert errors["A"] == "None"
    assert "no value in column code" in errors["B"]
    assert "no value in column plan" in errors["C"]
    (tmp_path / "county.toml").write_text(text + '[land]\npath = "{boundary}"\n', encoding="utf-8")
    batch = read_batch([file], out=tmp_path / "other")
    assert "no boundary of code d (row 5" in str(batch.jobs[3].error)
    assert "not on the map" in str(batch.notes[-1])


@pytest.mark.parametrize("code", ["../up", "a/b", "a:b", "con", "NUL", "a.", 'a"b', "a\\b"])
def test_a_code_that_is_no_name_of_a_folder_stays_with_its_row(code: str, tmp_path: Path) -> None:
    """Results are kept by code, and a folder moves between systems: CON is a device of Windows."""
    table = pd.DataFrame({"code": ["a", code], "name": ["A", code]})
    jobs = read_batch([write_province(tmp_path, ["a"], table=table)]).jobs
    assert jobs[0].error is None
    assert "no name of a folder" in str(jobs[1].error)
    assert jobs[1].code == "row-3"
    assert jobs[1].study.parent.resolve().parent == (tmp_path / "out" / "counties").resolve()


def test_boundaries_stand_in_the_table_in_a_layer_beside_it_or_in_a_file_each(tmp_path: Path) -> None:
    file = write_province(tmp_path, ["a", "b"])
    box = shapely.box(1, 2, 3, 4)
    gpd.GeoDataFrame({"code": ["a"], "name": ["A"]}, geometry=[box], crs=4326).to_file(tmp_path / "c.gpkg")
    head = '[batch]\nname = "P"\ntemplate = "county.toml"\n[counties]\n'
    file.write_text(f'{head}path = "c.gpkg"\n', encoding="utf-8")
    assert shapely.equals(read_batch([file], out=tmp_path / "1").jobs[0].boundary, box)
    pd.DataFrame({"code": ["a"], "name": ["A"], "border": ["c.gpkg"]}).to_csv(tmp_path / "c.csv", index=False)
    file.write_text(f'{head}path = "c.csv"\nboundary = "border"\n', encoding="utf-8")
    assert shapely.equals(read_batch([file], out=tmp_path / "2").jobs[0].boundary, box)
    pd.DataFrame({"code": ["a"], "name": ["A"], "border": ["gone.gpkg"]}).to_csv(
        tmp_path / "c.csv", index=False
    )
    assert "gone.gpkg" in str(read_batch([file], out=tmp_path / "3").jobs[0].error)


def test_a_county_without_a_shape_is_a_county_all_the_same(tmp_path: Path) -> None:
    file = write_province(tmp_path, ["a", "b", "c"])
    shapes = [shapely.box(121, 31, 121.5, 31.5), None, shapely.Polygon()]
    table = {"code": ["a", "b", "c"], "name": ["A", "B", "C"]}
    gpd.GeoDataFrame(table, geometry=shapes, crs=4326).to_file(tmp_path / "c.gpkg")
    head = '[batch]\nname = "P"\ntemplate = "county.toml"\n[counties]\npath = '
    file.write_text(f'{head}"c.gpkg"\n', encoding="utf-8")
    batch = read_batch([file], out=tmp_path / "1")
    assert [(job.code, job.boundary is None, job.error) for job in batch.jobs] == [
        ("a", False, None),
        ("b", True, None),
        ("c", True, None),
    ]
    assert "2 faults in c.gpkg: row 2, geometry: has no geometry" in str(batch.notes[0])
    table = {"code": ["a"], "name": ["A"]}
    lines = gpd.GeoDataFrame(table, geometry=[shapely.box(121, 31, 121.5, 31.5).boundary], crs=4326)
    lines.to_file(tmp_path / "l.gpkg")
    file.write_text(f'{head}"l.gpkg"\n', encoding="utf-8")
    batch = read_batch([file], out=tmp_path / "2")
    assert [job.error for job in batch.jobs] == [None]
    assert "gives no boundaries" in str(batch.notes[0])
    file.write_text(f'{head}"counties.csv"\n', encoding="utf-8")
    assert read_batch([file], out=tmp_path / "3").notes == ()


def test_a_workbook_keeps_codes_whole_and_chinese_headers(tmp_path: Path) -> None:
    file = write_province(tmp_path, ["310101"])
    pd.DataFrame({"区划": [310101], "县": ["甲县"]}).to_excel(tmp_path / "c.xlsx", index=False)
    text = STUDY_CN.format(code="{区划}", name="{县}")
    (tmp_path / "county.toml").write_text(text, encoding="utf-8")
    file.write_text(
        '[batch]\nname = "省"\ntemplate = "county.toml"\n[counties]\npath = "c.xlsx"\n'
        'code = "区划"\nname = "县"\n',
        encoding="utf-8",
    )
    batch = read_batch([file])
    assert (batch.lang, batch.jobs[0].code, batch.jobs[0].error) == ("zh", "310101", None)
    assert read_study(batch.jobs[0].study).study.name == "甲县"


STUDY_CN = """\
[study]
name = "{name}"
[roads]
path = "roads.geojson"
[[facilities]]
path = "stations-{code}.csv"
[[demand]]
path = "people-{code}.csv"
"""


def test_faults_of_the_whole_batch_stop_it(tmp_path: Path) -> None:
    file = write_province(tmp_path, ["a", "b"], table=pd.DataFrame({"code": ["a", "A"], "name": ["1", "2"]}))
    with pytest.raises(InputError, match=r"codes a, A stand there more than once \(rows 2, 3\)"):
        read_batch([file])
    pd.DataFrame({"code": [], "name": []}).to_csv(tmp_path / "counties.csv", index=False)
    with pytest.raises(GeoError):
        read_batch([file])
    file.write_text('[batch]\nname = "P"\n[countys]\n', encoding="utf-8")
    with pytest.raises(StudyError, match=r"(?s)countys.*counties.*template"):
        read_batch_file(file)


def test_study_files_are_taken_as_they_are(tmp_path: Path) -> None:
    files = write_studies(tmp_path, ["a", "b"])
    batch = read_batch([*files, tmp_path / "gone.toml"])
    assert [job.code for job in batch.jobs] == ["a", "b", "gone"]
    assert batch.jobs[0].folder == (tmp_path / "out-a").resolve()
    assert batch.jobs[2].error is not None
    assert (batch.lang, batch.folder.name) == ("en", "batch")
    text = files[1].read_text(encoding="utf-8").replace("out-b", "out-a")
    files[1].write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match="write their results into one folder"):
        read_batch(files)
    with pytest.raises(StudyError, match="stands for a whole batch"):
        read_batch([write_province(tmp_path / "p", ["a"]), files[0]])


def test_studies_of_one_name_are_told_apart(tmp_path: Path) -> None:
    files = [tmp_path / folder / "study.toml" for folder in ("x/a", "y/a", "y/b")]
    for file in files:
        write_studies(file.parent, ["study"])
    codes = [job.code for job in read_batch(files).jobs]
    assert codes == [str(files[0].resolve()), str(files[1].resolve()), "b-study"]


@pytest.mark.thorough
def test_people_who_count_in_several_counties_are_told(tmp_path: Path) -> None:
    file = write_province(tmp_path, ["a", "b"])
    text = (tmp_path / "county.toml").read_text(encoding="utf-8")

    def notes(name: str, people: str) -> list[str]:
        (tmp_path / "county.toml").write_text(text.replace('"people-{code}.csv"', people), encoding="utf-8")
        return [str(note) for note in read_batch([file], out=tmp_path / name).notes]

    assert notes("1", '"people-{code}.csv"') == []
    assert notes("2", '"people-a.csv"\nwithin = "{boundary}"') == []
    assert notes("3", '"people-a.csv"\nwhere = { name = ["{code}"] }') == []
    (same,) = notes("4", '"people-a.csv"')
    assert "2 counties read the same people of people-a.csv (a, b)" in same
    (wide,) = notes("5", '"people-a.csv"\nwithin = "{boundary}"\nmargin_km = 5')
    assert "people around a border count in both counties" in wide
