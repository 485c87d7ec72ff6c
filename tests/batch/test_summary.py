"""The summary of a batch: its map, its workbook, its tables."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from geo.batch import Batch, CountyEnd, Job, sum_up, summary_sheets, write_summary
from geo.errors import FileError
from geo.messages import Message
from geo.study import StudyResult
from geo.words import LANGS

pytestmark = pytest.mark.study
WHY = Message("batch.no_code", {"column": "code"})


def batch_of(folder: Path, results: Path, lang: str = "zh") -> tuple[Batch, dict[str, CountyEnd]]:
    """Give a batch of a county that is done, one that was done before and one that could not be run."""
    shape = shapely.box(121, 31, 121.2, 31.2)
    jobs = (
        Job("1", "甲县", results / "study.toml", results, shape),
        Job("2", "=乙县", results / "study.toml", results),
        Job("3", "丙县", results / "study.toml", folder / "nothing", shapely.box(121.2, 31, 121.4, 31.2)),
    )
    ends = {
        "1": CountyEnd("1", "done", seconds=3.0, cpu_s=2.0, peak_mb=300.0),
        "2": CountyEnd("2", "kept"),
        "3": CountyEnd("3", "refused", error=WHY),
    }
    return Batch("示例省", "zh" if lang == "zh" else "en", folder / "sum", jobs), ends


def test_counties_stand_side_by_side(sample_run: tuple[StudyResult, Path], tmp_path: Path) -> None:
    result, results = sample_run
    batch, ends = batch_of(tmp_path, results)
    summary = sum_up(batch, ends)
    counties = summary.counties
    assert counties["state"].tolist() == ["done", "kept", "stopped"]
    people = result.coverage.table["people"].sum()
    assert counties["people"].tolist()[:2] == [people, people]
    assert counties.loc["3"].drop(["name", "state", "standard", "geometry"]).isna().all()
    assert counties.loc["1", "run_s"] == 3.0
    assert pd.isna(counties.loc["2", "run_s"])
    assert result.targets is not None
    assert len(summary.targets) == 2 * len(result.targets)
    met = int((result.targets["status"] == "met").sum())
    assert counties.loc["1", "n_met"] == met
    assert summary.stopped["code"].tolist() == ["3"]
    # without a boundary a county is drawn by its towns
    towns = gpd.GeoSeries(counties.geometry, crs=4326)
    assert towns.loc["2"].area > 0


@pytest.mark.parametrize("lang", LANGS)
def test_the_files_say_it_in_both_languages(
    sample_run: tuple[StudyResult, Path], tmp_path: Path, lang: str
) -> None:
    batch, ends = batch_of(tmp_path, sample_run[1], lang)
    written = write_summary(batch, ends)
    assert set(written) == {"map.html", "summary.xlsx", "counties.csv", "targets.csv", "batch.json"}
    book = openpyxl.load_workbook(written["summary.xlsx"])
    assert len(book.sheetnames) == 4
    first = book.worksheets[0]
    assert [cell.value for cell in first["A"]][1:] == ["1", "2", "3"]
    assert not [cell for row in first.iter_rows() for cell in row if cell.data_type == "f"]
    assert WHY.say(batch.lang) in [cell.value for cell in book.worksheets[3]["D"]]
    assert "'=乙县" in written["counties.csv"].read_text(encoding="utf-8-sig")
    record = json.loads(written["batch.json"].read_text(encoding="utf-8"))
    assert [county["state"] for county in record["counties"]] == ["done", "kept", "refused"]
    page = written["map.html"].read_text(encoding="utf-8")
    assert "甲县" in page
    assert "2 / 3" in page
    assert write_summary(batch, ends) == written  # its own files are replaced


def test_targets_of_two_plans_that_are_called_alike_stand_apart(
    sample_run: tuple[StudyResult, Path], tmp_path: Path
) -> None:
    summary = sum_up(*batch_of(tmp_path, sample_run[1]))
    targets = summary.targets
    is_other = (targets["code"] == "2") & (targets["target_id"] == targets["target_id"].iloc[0])
    names = targets["name_en"].mask(is_other, "Another target")
    sheet = summary_sheets(replace(summary, targets=targets.assign(name_en=names)), lang="en")[1].table
    first = targets["target_id"].iloc[0]
    own, other = f"{first} {targets['name_en'].iloc[0]}", f"{first} Another target"
    assert list(sheet.columns[:3]) == ["code", "county", own]
    assert sheet[own].isna().tolist() == [False, True]
    assert sheet[other].isna().tolist() == [True, False]


def test_files_of_others_are_not_replaced(sample_run: tuple[StudyResult, Path], tmp_path: Path) -> None:
    batch, ends = batch_of(tmp_path, sample_run[1])
    batch.folder.mkdir()
    (batch.folder / "map.html").write_text("mine", encoding="utf-8")
    with pytest.raises(FileError):
        write_summary(batch, ends)
    assert [path.name for path in batch.folder.iterdir()] == ["map.html"]


def test_results_that_cannot_be_read_are_told_as_not_done(
    sample_run: tuple[StudyResult, Path], tmp_path: Path
) -> None:
    batch, ends = batch_of(tmp_path, sample_run[1])
    lost = replace(batch.jobs[0], folder=tmp_path / "gone", boundary=None)
    summary = sum_up(replace(batch, jobs=(lost,)), ends)
    assert summary.counties["state"].tolist() == ["stopped"]
    assert "gone" in str(summary.stopped["why"].iloc[0])
    assert "map.html" not in write_summary(replace(batch, jobs=(lost,)), ends)
