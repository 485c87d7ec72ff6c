#!/usr/bin/env bash
# What: a workbook saved as "Strict Open XML" has no sheets for openpyxl.
# Versions: openpyxl 3.1.5; python-calamine 0.9.1 for comparison.
# Seen: load_workbook gives a workbook without one sheet and raises nothing; calamine reads the rows.
# Expected: the sheets, or an error that names the strict form.
# The product: asks calamine where openpyxl finds no sheet (geo/layers/_formats/workbooks.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  openpyxl==3.1.5 python-calamine==0.9.1
env/bin/python -W ignore - <<'PY'
import zipfile

import openpyxl
import python_calamine

SHEETS = "http://purl.oclc.org/ooxml/spreadsheetml/main"
LINKS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACK = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TOP = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
parts = {
    "[Content_Types].xml": f'<Types xmlns="{PACK}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACK}/relationships"><Relationship Id="rId1" '
    f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{SHEETS}" xmlns:r="{LINKS}" conformance="strict">'
    '<sheets><sheet name="stations" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACK}/relationships"><Relationship Id="rId1" '
    f'Type="{LINKS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEETS}"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>station</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>North</t></is></c></row></sheetData></worksheet>',
}
with zipfile.ZipFile("strict.xlsx", "w") as book:
    for name, text in parts.items():
        book.writestr(name, TOP + text)
print("openpyxl", openpyxl.__version__)
for is_lazy in (False, True):
    names = openpyxl.load_workbook("strict.xlsx", read_only=is_lazy).sheetnames
    print(f"openpyxl, read_only={is_lazy}: sheets {names}")
    assert names == [], "changed: openpyxl finds sheets"
rows = python_calamine.load_workbook("strict.xlsx").get_sheet_by_name("stations").to_python()
print("calamine:", rows)
assert rows == [["station"], ["North"]], "changed: calamine reads otherwise"
PY
