#!/usr/bin/env bash
# What: rows and columns that a planner has hidden are read like all others, and nothing marks them.
# Versions: python-calamine 0.9.1; openpyxl 3.1.5 and xlwt 1.3.0 write the workbooks.
# Seen: a town hidden in an .xlsx, .xls or .ods is a row of the sheet, and a hidden column a column of it;
#   neither the sheet nor the workbook has a word for it. Hidden sheets are marked (`sheets_metadata`).
#   openpyxl knows the hidden rows and columns of the .xlsx.
# Expected: a mark, as for sheets: a total on the screen is of the rows that are shown.
# The product: looks hidden rows and columns up in the file, counts them and tells it
#   (geo/layers/_formats/unseen.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  python-calamine==0.9.1 openpyxl==3.1.5 xlwt==1.3.0
env/bin/python -W ignore - <<'PY'
import zipfile
from importlib.metadata import version

import openpyxl
import python_calamine
import xlwt

print("python-calamine", version("python-calamine"))
ROWS = [["name", "people", "old"], ["North", 120, 9], ["South", 80, 7], ["East", 50, 4]]
# The row of South and the column old are hidden in each workbook.

book = openpyxl.Workbook()
for row in ROWS:
    book.active.append(row)
book.active.row_dimensions[3].hidden = True
book.active.column_dimensions["C"].hidden = True
book.save("towns.xlsx")

book = xlwt.Workbook()
sheet = book.add_sheet("Towns")
for i, row in enumerate(ROWS):
    for j, value in enumerate(row):
        sheet.write(i, j, value)
sheet.row(2).hidden = True
sheet.col(2).hidden = True
book.save("towns.xls")


def cell(value: str | int) -> str:
    kind = "string" if isinstance(value, str) else f'float" office:value="{value}'
    return f'<table:table-cell office:value-type="{kind}"><text:p>{value}</text:p></table:table-cell>'


def line(i: int) -> str:
    mark = ' table:visibility="collapse"' if i == 2 else ""
    return f"<table:table-row{mark}>" + "".join(map(cell, ROWS[i])) + "</table:table-row>"


KIND = "application/vnd.oasis.opendocument.spreadsheet"
NAMES = ("office", "table", "text")
SPACES = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in NAMES)
COLUMNS = '<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>'
with zipfile.ZipFile("towns.ods", "w") as pack:
    pack.writestr("mimetype", KIND)
    pack.writestr(
        "META-INF/manifest.xml",
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
        ' manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{KIND}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>',
    )
    pack.writestr(
        "content.xml",
        f'<office:document-content {SPACES} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="Towns">{COLUMNS}{"".join(map(line, range(len(ROWS))))}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>",
    )

for name in ("towns.xlsx", "towns.xls", "towns.ods"):
    book = python_calamine.load_workbook(name)
    sheet = book.get_sheet_by_index(0)
    words = [
        word for thing in (book, sheet) for word in dir(thing) if "hid" in word.lower() or "vis" in word.lower()
    ]
    print(f"{name}: {sheet.to_python()}; words for what is hidden: {words}")
    assert sheet.to_python() == ROWS, "changed: what is read"
    assert not words, "changed: there is a mark"
sheet = openpyxl.load_workbook("towns.xlsx").active
told = (sheet.row_dimensions[3].hidden, sheet.column_dimensions["C"].hidden)
print("openpyxl says of the row and the column in towns.xlsx:", told)
assert told == (True, True), "changed: openpyxl"
PY
