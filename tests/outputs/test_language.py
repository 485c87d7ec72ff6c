"""No English word in a Chinese table, workbook or GeoPackage, and no Chinese one in English ones."""

from __future__ import annotations

import re
import sqlite3
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from geo.outputs import write_outputs, write_sites
from geo.study import StudyResult, parse_study, run_study, site_study
from geo.words import data_dir
from tests.shared import real
from tests.studies import frame, points, town_study

_TOWN = "Paper Town West East Old Middle Side Island Road Fire Station by hand plain town length"
TOWN = frozenset(_TOWN.split())
"""Names of the town on paper, of its own clock, speeds and columns."""
KNOWN = {"GIS", "CSV", "GeoPackage", "QGIS", "GB", "CJJ", "JTG", "OpenStreetMap"}
"""Names that are the same in both languages."""
SETTINGS = r"""
    [^\s，。：；]+\.(csv|gpkg|toml|xlsx|pbf|osm)(:\ \w+)?
    | \[\[?[a-z_]+\]?(\ \d+)?\](\ [a-z_0-9]+)?(,\ [a-z]+)?  # [snap] max_m
      (\ 中设定?\ [a-z_0-9]+(、[a-z_0-9]+)*)?(\ =\ [a-z"]+)?
    | \b[a-z_]+\ =\ [a-z"]+(、[a-z]+)*               # ferries = false, kind = river、sea
    | (?<=（)bridge、tunnel、layer(?=）)             # tags of OpenStreetMap
"""
"""Keys of the study file and names of files: they are written so in any language."""
TYPED = [
    name
    for file in ("response", "speeds")
    for name in tomllib.loads((data_dir() / "standards" / f"{file}.toml").read_text(encoding="utf-8"))
]
"""Clocks and speed profiles, which a planner types: they stand in brackets behind their word."""
NAMED = re.compile("（(" + "|".join(sorted(map(re.escape, TYPED), key=len, reverse=True)) + ")(?=[）；])")
IDS = re.compile(r".*(_id|_ids|编号|指标)|data")
"""Columns of ids alone: as the planner, her plan or the standards write them, in any language."""


def cells(folder: Path) -> Iterator[tuple[str, str, Any]]:
    """Give every name, heading and cell of the tables of a run: file, column, text."""
    for path in sorted(folder.rglob("*.xlsx")):
        book = openpyxl.load_workbook(path)
        for sheet in book:
            rows = sheet.iter_rows(values_only=True)
            heads = next(rows)
            yield from ((path.name, sheet.title, head) for head in (sheet.title, *heads))
            yield from ((path.name, str(head), v) for row in rows for head, v in zip(heads, row, strict=True))
    for path in sorted(folder.rglob("*.gpkg")):
        with sqlite3.connect(path) as file:
            yield from of_package(path, file)
        file.close()
    for path in sorted(folder.rglob("*.csv")):
        table = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
        for name in table:
            yield from ((path.name, str(name), value) for value in table[name].dropna().unique())


def of_package(path: Path, file: sqlite3.Connection) -> Iterator[tuple[str, str, Any]]:
    asked = "SELECT table_name, identifier, description FROM gpkg_contents WHERE table_name <> 'layer_styles'"
    for name, *told in file.execute(asked).fetchall():
        yield from ((path.name, name, text) for text in (name, *told))
        titles = dict(
            file.execute("SELECT column_name, title FROM gpkg_data_columns WHERE table_name = ?", (name,))
        )
        yield from ((path.name, name, title) for title in titles.values())
        fields = ", ".join(f'"{field}"' for field in titles)
        for row in file.execute(f'SELECT {fields} FROM "{name}"'):
            yield from ((path.name, field, value) for field, value in zip(titles, row, strict=True))


def foreign(folder: Path, pattern: str, *, own: frozenset[str] = frozenset()) -> dict[tuple[str, str], str]:
    """Give the first text of each column that has a word of the other language, but for the planner's own."""
    texts = [
        (file, column, text)
        for file, column, text in set(cells(folder))
        if isinstance(text, str) and not IDS.fullmatch(column)
    ]
    assert len(texts) > 20
    return {
        (file, column): text
        for file, column, text in texts
        if set(re.findall(pattern, re.sub(SETTINGS, "", NAMED.sub("", text), flags=re.VERBOSE))) - KNOWN - own
    }


def test_no_english_word_in_the_chinese_sample(sample_run: tuple[StudyResult, Path]) -> None:
    assert sample_run[0].lang == "zh"
    assert foreign(sample_run[1], r"[A-Za-z]{2,}|\[[VM]2?\]") == {}


def test_no_english_name_of_a_field_where_chinese_ones_are_asked_for(tmp_path: Path) -> None:
    plots = frame(points((3000, 0), (4000, 0)), name=["中部地块", "东部地块"])
    plots.to_file(tmp_path / "plots.gpkg")
    study = town_study(
        tmp_path,
        study={"plan": "chongming"},
        plots=[{"path": "plots.gpkg"}],
        siting={"goal": "best", "n": 1, "why": ["东部地块"]},
        scenarios=[{"name": "夜间", "turnout_s": 120}, {"close": "each station"}],
        availability={"calls_per_year_per_10000": 60, "service_min": 60, "crews": 1},
        uncertainty={"draws": 5},
    )
    study = study.with_field_names("zh").in_lang("zh")
    write_outputs(run_study(study), tmp_path / "out")
    write_sites(site_study(study), tmp_path / "out" / "sites")
    # Nor an English word in a cell: most targets of this plan lack layers and columns here, and say which.
    assert foreign(tmp_path / "out", r"[A-Za-z]{2,}|\[[VM]2?\]", own=TOWN) == {}
    heads = {
        name
        for path in (tmp_path / "out").rglob("*.csv")
        for name in pd.read_csv(path, encoding="utf-8-sig", nrows=0).columns
    }
    with sqlite3.connect(tmp_path / "out" / "coverage.gpkg") as file:
        heads |= {name for (name,) in file.execute("SELECT column_name FROM gpkg_data_columns")}
    file.close()
    assert {"名称", "人口", "平均响应时间_秒", "经度", "单位", "差值"} <= heads
    assert [
        name for name in heads - {"fid"} if re.search("[A-Za-z]", name)
    ] == []  # but GDAL's number of a row


def test_no_chinese_word_in_an_english_town(tmp_path: Path) -> None:
    write_outputs(run_study(town_study(tmp_path), lang="en"), tmp_path / "out")
    assert foreign(tmp_path / "out", "[\u3000-\u9fff\uff00-\uffef]+") == {}


@pytest.mark.real
def test_no_chinese_word_in_liechtenstein(tmp_path: Path) -> None:
    path = str(real("liechtenstein/liechtenstein-240304.osm.pbf"))
    study = parse_study(
        {
            "study": {"name": "Liechtenstein", "lang": "en"},
            "roads": {"path": path},
            "facilities": [{"path": path, "kind": "fire_station"}],
            "demand": [{"path": path, "method": "places"}],
        },
        folder=tmp_path,
    )
    write_outputs(run_study(study), tmp_path / "out")
    assert foreign(tmp_path / "out", "[\u3000-\u9fff\uff00-\uffef]+") == {}
