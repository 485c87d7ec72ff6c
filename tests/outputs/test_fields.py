"""The table of fields in docs/results.md: every field of the tables and layers, in both languages."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from geo.findings import Finding
from geo.outputs.wording import field_title
from geo.study import StudyResult

DOCS = Path(__file__).parents[2] / "docs" / "results.md"
ROW = re.compile(r"\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|")


def told() -> set[tuple[str, str, str]]:
    """Give the rows of the docs: field, Chinese, English."""
    rows = {match.groups()[:3] for match in ROW.finditer(DOCS.read_text(encoding="utf-8"))}
    assert len(rows) > 200
    return rows  # type: ignore[return-value]


def row(words: str, field: str) -> tuple[str, str, str]:
    zh, en = (field_title(words, field, lang=lang) for lang in ("zh", "en"))  # type: ignore[arg-type]
    return field, zh, en


def rows_of(findings: Iterable[Finding], words: str, *, names: tuple[str, ...]) -> set[tuple[str, str, str]]:
    """Give such rows of the tables of those findings whose names begin so."""
    tables = [finding.table for finding in findings if finding.name.startswith(names)]
    fields = {str(name) for table in tables for name in table.columns if name != "geometry"}
    return {row(words, field) for field in fields}


def test_every_field_of_a_table_stands_in_the_docs(sample_run: tuple[StudyResult, Path]) -> None:
    result, folder = sample_run
    words = {name: finding.words for name, finding in result.findings.items()}
    words |= {"coverage": "outputs", "zones": "outputs", "targets": "maps"}
    asked = {
        row(words.get(path.stem, "scenarios"), re.sub("_(zh|en)$", "", str(name)))
        for path in folder.rglob("*.csv")
        for name in pd.read_csv(path, encoding="utf-8-sig", nrows=0).columns
    }
    assert asked - told() == set()


def test_every_field_of_a_layer_stands_in_the_docs(sample_run: tuple[StudyResult, Path]) -> None:
    with sqlite3.connect(sample_run[1] / "coverage.gpkg") as file:
        named = set(file.execute("SELECT column_name, title FROM gpkg_data_columns"))
    file.close()
    rows = {(field, zh) for field, zh, _ in told()}
    # A title that two fields of a table share has a number behind it; a field that the layers of a table
    # call differently has each of its names.
    told_names = {
        (field, each) for field, title in named for each in re.sub(r" \d+$", "", title).split(" / ")
    }
    assert told_names - rows == {("layer", "图层"), ("fid", "行号")}


def test_chinese_names_of_fields_are_names_that_every_program_takes() -> None:
    for _, zh, _ in told():
        assert "|" not in zh
    assert row("outputs", "mean_s") == ("mean_s", "平均响应时间（秒）", "Mean response (s)")
