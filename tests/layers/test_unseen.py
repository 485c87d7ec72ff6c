"""What a workbook hides, in each format: rows by a filter or by hand, columns, sheets."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlwt

from geo.layers import read_layer
from geo.layers._formats import workbooks
from geo.layers._formats.compound import read_stream
from geo.layers._formats.unseen import find_unseen

HEADER: list[object] = ["名称", "经度", "纬度", "人口", "备注"]
ROWS: list[list[object]] = [
    ["甲村", 121.4, 31.6, 10, "一"],
    ["乙村", 121.5, 31.6, 20, "二"],
    ["丙村", 121.6, 31.6, 30, "三"],
]
OLD: list[list[object]] = [["旧村", 121.4, 31.6, 999, "旧"]]
HIDDEN_ROW, HIDDEN_COLUMN = 3, 5
"""As the planner counts them; the sheet 旧 is hidden."""


def write_xlsx(path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in (("旧", OLD), ("新", ROWS)):
        sheet = book.create_sheet(name)
        for row in [HEADER, *rows]:
            sheet.append(row)
    book["新"].row_dimensions[HIDDEN_ROW].hidden = True
    book["新"].column_dimensions["E"].hidden = True
    book["旧"].sheet_state = "hidden"
    book.active = 1
    book.save(path)


def write_xls(path: Path) -> None:
    book = xlwt.Workbook()
    for name, rows in (("旧", OLD), ("新", ROWS)):
        sheet = book.add_sheet(name)
        for r, row in enumerate([HEADER, *rows]):
            for c, cell in enumerate(row):
                sheet.write(r, c, cell)
    new = book.get_sheet("新")
    new.row(HIDDEN_ROW - 1).hidden = True
    new.col(HIDDEN_COLUMN - 1).hidden = True
    book.get_sheet("旧").visibility = 1
    book.active_sheet = 1
    book.save(str(path))


def write_ods(path: Path, *, visibility: str = "filter") -> None:
    sheets = ""
    for name, rows in (("旧", OLD), ("新", ROWS)):
        lines = ""
        for r, row in enumerate([HEADER, *rows], 1):
            hidden = f' table:visibility="{visibility}"' if name == "新" and r == HIDDEN_ROW else ""
            lines += f"<table:table-row{hidden}>{''.join(map(ods_cell, row))}</table:table-row>"
        style, unseen = ("unseen", "") if name == "旧" else ("seen", ' table:visibility="collapse"')
        sheets += (
            f'<table:table table:name="{name}" table:style-name="{style}">'
            f'<table:table-column table:number-columns-repeated="{HIDDEN_COLUMN - 1}"/>'
            f"<table:table-column{unseen}/>{lines}</table:table>"
        )
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table">'
        f'<style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("unseen", "false"), ("seen", "true"))
    )
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "style", "table", "text")
    )
    content = (
        f"<office:document-content {names}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", "<manifest:manifest/>")
        book.writestr("content.xml", content)


def ods_cell(value: object) -> str:
    about = "string" if isinstance(value, str) else f'float" office:value="{value}'
    return f'<table:table-cell office:value-type="{about}"><text:p>{value}</text:p></table:table-cell>'


def record(kind: int, data: bytes = b"") -> bytes:
    """Write a record of an .xlsb: its kind and size in seven bits a byte."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    assert len(data) < 128
    return head + bytes([len(data)]) + data


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def sheet_of(rows: list[list[object]], *, hides: bool) -> bytes:
    columns = struct.pack("<IIIIH", HIDDEN_COLUMN - 1, HIDDEN_COLUMN - 1, 2304, 0, int(hides))
    parts = [record(129), record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, len(HEADER) - 1))]
    parts += [record(390), record(60, columns), record(391), record(145)]
    for r, row in enumerate(rows):
        is_hidden = hides and r + 1 == HIDDEN_ROW
        flags = bytes([0, 0x10 if is_hidden else 0, 0])
        parts.append(record(0, struct.pack("<IIH", r, 0, 300) + flags + struct.pack("<I", 0)))
        for c, cell in enumerate(row):
            at = struct.pack("<II", c, 0)
            parts.append(
                record(6, at + wide(cell))
                if isinstance(cell, str)
                else record(5, at + struct.pack("<d", cell))
            )
    return b"".join([*parts, record(146), record(130)])


def write_xlsb(path: Path) -> None:
    sheets = b"".join(
        record(156, struct.pack("<II", state, i) + wide(f"rId{i}") + wide(name))
        for i, (name, state) in enumerate([("旧", 1), ("新", 0)], 1)
    )
    links = "".join(f'<Relationship Id="rId{i}" Target="worksheets/sheet{i}.bin" Type="x"/>' for i in (1, 2))
    with zipfile.ZipFile(path, "w") as book:
        book.writestr(
            "xl/workbook.bin", b"".join([record(131), record(143), sheets, record(144), record(132)])
        )
        book.writestr("xl/_rels/workbook.bin.rels", f"<Relationships>{links}</Relationships>")
        book.writestr("xl/worksheets/sheet1.bin", sheet_of([HEADER, *OLD], hides=False))
        book.writestr("xl/worksheets/sheet2.bin", sheet_of([HEADER, *ROWS], hides=True))


WRITERS: dict[str, Callable[[Path], None]] = {
    "a.xlsx": write_xlsx,
    "a.xls": write_xls,
    "a.ods": write_ods,
    "a.xlsb": write_xlsb,
}


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_hidden_is_told_alike_in_each_format(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    read = read_layer(tmp_path / name, crs="EPSG:4326")
    assert read.table["people"].astype(float).tolist() == [10, 20, 30]  # all rows of the sheet that is seen
    notes = [str(note) for note in read.report.notes]
    assert "1 rows are hidden in the workbook, by a filter or by hand (rows 3); they are used" in notes
    assert "columns that are hidden in the workbook: 备注; they are read as the others are" in notes
    assert any("hidden sheets passed over: 旧" in note for note in notes)


def test_hidden_rows_of_a_large_workbook_are_told_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "_MERGED_BYTES", 0)
    write_xlsx(tmp_path / "a.xlsx")
    notes = [str(note) for note in read_layer(tmp_path / "a.xlsx", crs="EPSG:4326").report.notes]
    assert "1 rows are hidden in the workbook, by a filter or by hand (rows 3); they are used" in notes


def test_rows_that_are_put_away_by_hand_in_an_ods(tmp_path: Path) -> None:
    write_ods(tmp_path / "a.ods", visibility="collapse")
    assert find_unseen(tmp_path / "a.ods", 1, 2) == ((range(3, 4),), (range(5, 6),))


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_hidden_tells_nothing(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    read = read_layer(tmp_path / name, crs="EPSG:4326", sheet="旧")
    assert not [
        note for note in read.report.notes if note.key in ("layers.rows_hidden", "layers.columns_hidden")
    ]


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_does_not_let_it_be_known_says_so(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "find_unseen", lambda *_: None)
    WRITERS[name](tmp_path / name)
    notes = [str(note) for note in read_layer(tmp_path / name, crs="EPSG:4326").report.notes]
    assert any(note.startswith(f"{name}: whether rows are hidden") for note in notes)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9])
def test_a_damaged_workbook_is_not_known_rather_than_an_error(tmp_path: Path, name: str, keep: float) -> None:
    WRITERS[name](tmp_path / name)
    held = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(held[: int(len(held) * keep)])
    unseen = find_unseen(tmp_path / name, 1, 2)
    assert unseen is None or set(unseen.rows) <= {range(3, 4)}


def test_the_stream_of_a_workbook_is_found_by_its_name(tmp_path: Path) -> None:
    write_xls(tmp_path / "a.xls")
    held = (tmp_path / "a.xls").read_bytes()
    book = read_stream(held, "Workbook")
    assert book is not None
    assert book[:2] == b"\x09\x08"  # it begins with BOF
    assert read_stream(held, "nothing of this name") is None
    assert read_stream(b"", "Workbook") is None
