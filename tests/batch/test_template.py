"""A template: what is a placeholder, what becomes of paths and quotes, what is told."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.batch.template import Template, read_template
from geo.errors import FileError, InputError, StudyError


def template(tmp_path: Path, text: str) -> Template:
    file = tmp_path / "county.toml"
    file.write_text(text, encoding="utf-8")
    return read_template(file)


def test_a_placeholder_stands_in_quotes_or_alone_and_never_in_a_comment(tmp_path: Path) -> None:
    made = template(
        tmp_path,
        "# {unknown} of a comment\n"
        'name = "{县名} ({code})"  # {more}\n'
        "n = {n}\n"
        "word = {code_name}\n"
        'columns = { people = "人口" }\n'
        "path = 'x/{code}.csv'\n",
    )
    assert made.placeholders() == {"县名": 2, "code": 2, "n": 3, "code_name": 4}
    values = {"县名": '甲"县', "code": "310101", "n": "12.5", "code_name": "a"}
    read = tomllib.loads(made.fill(values, tmp_path))
    assert read["name"] == '甲"县 (310101)'
    assert read["n"] == 12.5
    assert read["word"] == "a"
    assert read["columns"] == {"people": "人口"}
    assert read["path"] == "x/310101.csv"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_whatever_stands_in_a_cell_comes_out_of_the_study_as_it_is(value: str) -> None:
    made = Template(Path("/nowhere/county.toml"), 'name = "a {x} b"\n')
    assert tomllib.loads(made.fill({"x": value}, Path("/nowhere")))["name"] == f"a {value} b"


@pytest.mark.parametrize(
    ("cell", "value"), [("12", 12), ("-0.50", -0.5), ("0", 0), ("0310104", "0310104"), ("١٢", "١٢")]
)
def test_without_quotes_only_what_is_a_number_is_one(cell: str, value: object) -> None:
    made = Template(Path("/nowhere/county.toml"), "n = [{n}]\n")
    assert tomllib.loads(made.fill({"n": cell}, Path("/nowhere")))["n"] == [value]


def test_paths_lead_to_the_files_beside_the_template_from_where_the_study_stands(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "plan.toml").touch()
    (tmp_path / "chongming").mkdir()
    made = template(
        tmp_path,
        '[study]\nname = "data/plan.toml"\nplan = "data/plan.toml"\nout = "out"\nstandard = "chongming"\n'
        '[roads]\npath = "data/roads.gpkg#layer"\nwithin = "{boundary}"\nmore = ["data/plan.toml"]\n',
    )
    read = tomllib.loads(made.fill({"boundary": "boundary.geojson"}, tmp_path / "out" / "counties" / "1"))
    assert read["study"] == {
        "name": "data/plan.toml",
        "plan": "../../../data/plan.toml",
        "out": "out",
        "standard": "chongming",
    }
    assert read["roads"] == {
        "path": "../../../data/roads.gpkg#layer",
        "within": "boundary.geojson",
        "more": ["../../../data/plan.toml"],
    }


def test_an_unknown_placeholder_is_told_with_its_line_and_what_was_meant(tmp_path: Path) -> None:
    made = template(tmp_path, '[study]\nname = "{nmae}"\n')
    with pytest.raises(StudyError, match=r"line 2 .*\{nmae\}.*\{name\}"):
        made.require_known(["code", "name"])
    made.require_known(["nmae"])


def test_a_missing_value_and_a_long_text_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no value in column plan, which line 1"):
        template(tmp_path, 'plan = "{plan}"\n').fill({"plan": ""}, tmp_path)
    with pytest.raises(StudyError, match="three quotes"):
        template(tmp_path, 'a = """x"""\n').fill({}, tmp_path)
    with pytest.raises(FileError):
        read_template(tmp_path / "missing.toml")
