"""Every setting of a study file has its line in both languages, and what a page says of it is true."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, get_origin

import pytest

from geo.errors import StudyError
from geo.ranges import numbers_in, types_of
from geo.settings import read_section
from geo.study import Study, parse_study
from geo.words import LANGS, Lang
from handbook.study_reference import _default, _spans, owner_of, reference_page, sections
from handbook.wording import ROOT, read_words

SETTINGS = read_words("settings")
DECLARED = sorted(
    {
        (owner_of(spec, field.name).__name__, field.name)
        for _, spec in sections()
        for field in dataclasses.fields(spec)
    }
)


def test_every_section_of_a_study_is_there() -> None:
    named = {name for name, _ in sections() if "." not in name}
    assert named == {field.name for field in dataclasses.fields(Study)} - {"folder"}
    assert set(SETTINGS["sections"]) == {name for name, _ in sections()}


def test_every_setting_has_its_line() -> None:
    for owner, name in DECLARED:
        line = SETTINGS.get(owner, {}).get(name)
        assert line, f"write a line for {name} under [{owner}] of handbook/settings.toml"
        assert set(line) <= {"zh", "en", "checked"}, (owner, name)
        assert line["zh"].endswith("。"), (owner, name)
        assert line["en"].endswith("."), (owner, name)
        assert line.get("checked", "file") in ("file", "layers", "run"), (owner, name)


def test_no_line_is_left_of_a_setting_that_went() -> None:
    written = {(owner, name) for owner, lines in SETTINGS.items() if owner != "sections" for name in lines}
    assert written == set(DECLARED)


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_names_each_setting_under_its_section(lang: Lang) -> None:
    page = reference_page(lang)
    for name, _ in sections():
        assert page.count(f"{{#{name.replace('.', '-').replace('_', '-')}}}") == 1
    for _, setting in DECLARED:
        assert f"| `{setting}` |" in page


def test_a_row_says_type_unit_default_range_and_when_it_is_checked() -> None:
    row = next(line for line in reference_page("en").splitlines() if line.startswith("| `tolerance_m`"))
    assert [cell.strip() for cell in row.strip("|").split("|")][2:] == [
        "number, m",
        "`0.5`",
        "from 0 to 1,000 m",
        "with the study file",
    ]
    row = next(line for line in reference_page("zh").splitlines() if line.startswith("| `goal`"))
    assert "`trade_off`" in row
    assert '`"best"`' in row


def test_a_default_that_a_page_shows_may_be_written() -> None:
    """The text in the column of defaults is TOML, and the program takes it for what it has by itself."""
    shown = {
        (name, field.name): (spec, field, text.strip("`"))
        for name, spec in sections()
        for field in dataclasses.fields(spec)
        if (text := _default(field, "en")).startswith("`")
    }
    assert len(shown) > 100
    del shown["scenarios.slow", "factor"]
    for (name, _), (spec, field, text) in shown.items():
        _assert_default(name, spec, field, text)


def _assert_default(name: str, spec: type[Any], field: dataclasses.Field[Any], text: str) -> None:
    value = tomllib.loads(f"value = {text}")["value"]
    needed = {
        other.name: _filled(types_of(spec)[other.name])
        for other in dataclasses.fields(spec)
        if other.default is dataclasses.MISSING and other.default_factory is dataclasses.MISSING
    }
    faults: list[Any] = []
    read = read_section(spec, needed | {field.name: value}, where=name, faults=faults)
    assert faults == [], (name, field.name)
    default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    assert getattr(read, field.name) == default, (name, field.name)


def _filled(kind: Any) -> Any:
    """Give a value for a key that must be there."""
    if get_origin(kind) is Mapping:
        return {"x": 1}
    return 1.0 if numbers_in(kind) else "x"


@pytest.mark.parametrize("name", [name for name, _ in sections() if "." not in name])
def test_a_number_beyond_the_range_that_a_page_shows_is_refused(name: str) -> None:
    spec = dict(sections())[name]
    shown = reference_page("en").partition(f"{{#{name.replace('_', '-')}}}")[2].partition("\n## ")[0]
    for key, kind in types_of(spec).items():
        spans = list(_spans(kind))
        if len(spans) != 1 or get_origin(kind) in (Sequence, Mapping):
            continue
        faults: list[Any] = []
        read_section(spec, {key: math.nextafter(spans[0].low, -math.inf)}, where=name, faults=faults)
        assert any(key in str(fault) for fault in faults) or key == "nodata"
        assert str(spans[0].message()) in next(row for row in shown.splitlines() if f"| `{key}` |" in row)


def test_an_unknown_setting_is_told_with_the_nearest() -> None:
    with pytest.raises(StudyError, match="tolerance_m"):
        parse_study({"roads": {"path": "r.gpkg", "tolerence_m": 1}}, folder=ROOT)
