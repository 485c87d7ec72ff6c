"""Decimal commas, points that part thousands and marks of a Chinese keyboard: read, told, or asked."""

from __future__ import annotations

import csv
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from geo.layers import Coordinates, LayerRead, read_layer
from geo.layers._angles import parse_angle, parse_pair
from geo.layers._cells import parse_column, parse_number
from geo.layers._decimals import settle_marks

PLACES = [(121.3108112, 31.1018002), (121.3521702, 31.1064232), (121.3310153, 31.137)]
FULL = str.maketrans("0123456789.,", "０１２３４５６７８９．，")


def write(folder: Path, header: list[str], rows: list[list[str]], *, between: str = ",") -> Path:
    with (folder / "a.csv").open("w", encoding="gb18030", newline="") as file:
        csv.writer(file, delimiter=between).writerows([header, *rows])
    return folder / "a.csv"


def read(folder: Path, header: list[str], rows: list[list[str]], **options: Any) -> LayerRead:
    between = options.pop("between", ",")
    return read_layer(write(folder, header, rows, between=between), crs="EPSG:4326", **options)


def keys(layer: LayerRead) -> set[str]:
    notes = (*layer.report.notes, *layer.report.crs_notes, *(fault.reason for fault in layer.report.faults))
    return {note.key for note in notes}


def comma(text: str) -> str:
    return text.replace(".", ",")


@pytest.mark.parametrize("between", [",", ";", "\t"])
@pytest.mark.parametrize(
    "way",
    [comma, lambda text: comma(text).translate(FULL), lambda text: text.replace(".", "。"),
     lambda text: text.replace(".", "·")],
    ids=["comma", "full-width comma", "ideographic stop", "middle dot"],
)  # fmt: skip
def test_degrees_in_two_columns(tmp_path: Path, way: Any, between: str) -> None:
    rows = [["甲", way(f"{x}"), way(f"{y}")] for x, y in PLACES]
    layer = read(tmp_path, ["站名", "经度", "纬度"], rows, between=between)
    assert layer.table.geometry.get_coordinates().to_numpy() == pytest.approx(np.array(PLACES))
    assert "layers.marks_read" in keys(layer)


def test_degrees_of_three_places_are_no_thousands(tmp_path: Path) -> None:
    layer = read(tmp_path, ["站名", "经度", "纬度"], [["甲", "121,311", "31,102"]])
    assert tuple(layer.table.geometry.get_coordinates().iloc[0]) == (121.311, 31.102)


def test_one_row_of_a_column_with_points(tmp_path: Path) -> None:
    rows = [["甲", "121.31", "31.10"], ["乙", "121,35", "31,11"]]
    layer = read(tmp_path, ["站名", "经度", "纬度"], rows)
    assert layer.table.geometry.x.tolist() == [121.31, 121.35]
    (note, _) = (note for note in layer.report.notes if note.key == "layers.marks_read")
    assert "row 3: 121,35 was read as 121.35" in note.say("en")


@pytest.mark.parametrize(
    ("cells", "metres"),
    [
        (("625060,25", "3443000,5"), (625060.25, 3443000.5)),
        (("625.060,25", "3.443.000,50"), (625060.25, 3443000.5)),
        (("625,060.25", "3,443,000.50"), (625060.25, 3443000.5)),
        (("625,060", "3,443,000"), (625060.0, 3443000.0)),
    ],
)
def test_metres(tmp_path: Path, cells: tuple[str, str], metres: tuple[float, float]) -> None:
    path = write(tmp_path, ["站名", "X", "Y"], [["甲", *cells]])
    layer = read_layer(path, crs="EPSG:4549")
    assert tuple(layer.table.geometry.get_coordinates().iloc[0]) == metres


@pytest.mark.parametrize(
    "text",
    ["121,46;31,62", "121,46；31,62", "121，46 31，62", "121,46, 31,62", "121,46,31,62", "121,46/31,62",
     "121.46,31.62", "121.46，31.62", "N31,62 E121,46", "(121,46; 31,62)", "121。46，31。62"],
)  # fmt: skip
def test_pairs(text: str) -> None:
    assert parse_pair(text) == (121.46, 31.62)


@pytest.mark.parametrize("text", ["121,46,31", "121,46,31,62,5", "121,46"])
def test_pairs_that_are_none_or_other_ones(text: str) -> None:
    # Whole degrees with a comma between them are a pair, however far off.
    assert parse_pair(text) == ((121.0, 46.0) if text == "121,46" else None)


def test_pairs_with_decimal_commas_are_told(tmp_path: Path) -> None:
    layer = read(tmp_path, ["站名", "坐标"], [["甲", "121,46;31,62"], ["乙", "121.5,31.6"]])
    assert layer.table.geometry.x.tolist() == [121.46, 121.5]
    assert "layers.pairs_read" in keys(layer)


@pytest.mark.parametrize(
    "text", ["121°18′38,9″", "E121°18'38,9\"", "121-18-38,9", "121 18 38,9", "121度18分38,9秒"]
)
def test_parts_of_seconds(text: str) -> None:
    assert parse_angle(text) == pytest.approx(121.310805, abs=1e-5)


def people(folder: Path, cells: list[str], header: str = "人口", **options: Any) -> LayerRead:
    rows = [[f"第{k}村", cell, "121.3", "31.1"] for k, cell in enumerate(cells)]
    return read(folder, ["名称", header, "经度", "纬度"], rows, **options)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1.234,5", "860", "12.000,0"], [1234.5, 860, 12000]),
        (["1.234.567", "1.234", "860"], [1234567, 1234, 860]),
        (["300,0", "1234,0", "0,5"], [300, 1234, 0.5]),
        (["1,234", "860", "12,000"], [1234, 860, 12000]),
        (["1,234.5", "860", "1,234,567"], [1234.5, 860, 1234567]),
        (["１．２３４，５", "８６０"], [1234.5, 860]),
        (["0,0300万", "1,2345万"], [300, 12345]),
        (["1.234万", "2.5万"], [12340, 25000]),
        (["12.5", "1.234"], [12.5, 1.234]),
        (["300（人）", "1,234（人）", "0.5(万人)"], [300, 1234, 5000]),
        (["约1.234,5人", "860人"], [1234.5, 860]),
    ],
)
def test_people_whose_marks_are_clear(tmp_path: Path, cells: list[str], numbers: list[float]) -> None:
    assert people(tmp_path, cells).table["people"].tolist() == pytest.approx(numbers)


@pytest.mark.parametrize(
    ("cells", "row", "by_comma", "by_point"),
    [
        (["860", "1.234", "12.000"], 3, [860, 1234, 12000], [860, 1.234, 12.0]),
        (["1234", "1.234"], 3, [1234, 1234], [1234, 1.234]),
        (["1,234", "12,5"], 2, [1.234, 12.5], [1234, np.nan]),
        (["12,5", "1.234"], 3, [12.5, 1234], [np.nan, 1.234]),
        (["1,234", "1.234,5"], 2, [1.234, 1234.5], [1234, 1234.5]),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked_and_the_answer_works(
    tmp_path: Path, cells: list[str], row: int, by_comma: list[float], by_point: list[float]
) -> None:
    asked = rf"a\.csv: column 人口: .*\(row {row}\).*decimal = \",\".*decimal = \"\.\""
    with pytest.raises(InputError, match=asked) as stop:
        people(tmp_path, cells)
    assert 'decimal = ","' in stop.value.message.say("zh")
    for decimal, numbers in ((",", by_comma), (".", by_point)):
        layer = people(tmp_path, cells, coordinates=Coordinates(decimal=decimal))
        assert layer.table["people"].tolist() == pytest.approx(numbers, nan_ok=True)
        # The degrees of the same layer have points, whatever the people have.
        assert layer.table.geometry.x.tolist() == [121.3] * len(cells)


def test_four_digits_behind_a_comma_are_asked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"12345, counted by ten thousands, or 1\.2345"):
        people(tmp_path, ["1,2345", "2,1000", "860"])


def test_a_slip_of_the_hand_is_a_fault_of_its_row_with_the_way_out(tmp_path: Path) -> None:
    layer = people(tmp_path, [*["1,234"] * 20, "12,34"])
    (fault,) = layer.report.faults
    assert (fault.row, fault.reason.key) == (22, "layers.not_number_comma")
    assert layer.table["people"].sum() == 20 * 1234


def test_a_lone_comma_among_whole_people_is_no_fraction_of_a_person(tmp_path: Path) -> None:
    layer = people(tmp_path, ["860", "1234", "12,34", "700"])
    (fault,) = layer.report.faults
    assert (fault.row, fault.reason.key) == (4, "layers.not_number_comma")
    assert people(tmp_path, ["860", "12,34"], coordinates=Coordinates(decimal=",")).table[
        "people"
    ].tolist() == [860, 12.34]


def test_a_column_in_ten_thousands_has_fractions(tmp_path: Path) -> None:
    assert people(tmp_path, ["1.234", "0.860"], "人口（万人）").table["people"].tolist() == [12340, 8600]
    assert people(tmp_path, ["1,234", "0,86"], "人口（万人）", coordinates=Coordinates(decimal=",")).table[
        "people"
    ].tolist() == [12340, 8600]


def test_rows_that_fall_apart_at_decimal_commas_say_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("站名,经度,纬度\n甲,121,31,31,10\n乙,121.3,31.1\n", encoding="utf-8")
    layer = read_layer(tmp_path / "a.csv", crs="EPSG:4326")
    assert [fault.reason.key for fault in layer.report.faults] == ["layers.too_many_cells_comma"]


def test_packed_angles_with_a_comma(tmp_path: Path) -> None:
    layer = read(
        tmp_path,
        ["站名", "经度", "纬度"],
        [["甲", "121,2430", "31,0636"]],
        coordinates=Coordinates(angles="packed"),
    )
    assert layer.table.geometry.x.tolist() == pytest.approx([121.408333], abs=1e-6)


def european(number: float) -> str:
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


@given(st.lists(st.floats(0, 1e6).map(lambda n: round(n, 2)), min_size=1, max_size=20))
def test_whoever_writes_like_a_german_is_read_like_one(numbers: list[float]) -> None:
    for way in (european, lambda number: f"{number:,.2f}", lambda number: f"{number:.2f}"):
        cells = pd.Series([way(number) for number in numbers], index=range(2, 2 + len(numbers)))
        marks = settle_marks(cells, "人口", is_count=True)
        parse = partial(parse_number, marks=marks)
        values, unreadable = parse_column(cells, parse, is_plain=not marks.point_groups)
        assert not unreadable.any()
        assert values == pytest.approx(numbers)
