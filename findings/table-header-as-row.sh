#!/usr/bin/env bash
# What: a workbook that holds only texts loses its header: the names of the columns become a row.
# Versions: pyogrio 0.13.0 with GDAL 3.12.4; openpyxl 3.1.5 writes the table.
# Seen: station / class over rows of text is read as columns Field1 and Field2, with "station", "class" as
#   first row; with one column of numbers the header is found. QGIS reads tables so too.
# Expected: the same header whatever stands below it; at least a warning.
# The product: finds the header itself, by the names that it knows (geo/layers/_formats/workbooks.py,
#   geo/layers/_tables.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0 openpyxl==3.1.5
env/bin/python -W ignore - <<'PY'
import openpyxl
import pyogrio
from pyogrio.raw import read

print("GDAL", pyogrio.__gdal_version_string__)
TABLES = {"texts": [("station", "class"), ("North", "full"), ("South", "small")],
          "numbers": [("station", "engines"), ("North", 3), ("South", 2)]}
EXPECTED = {"texts": (["Field1", "Field2"], 3), "numbers": (["station", "engines"], 2)}
for name, rows in TABLES.items():
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(f"{name}.xlsx")
    meta, _, _, fields = read(f"{name}.xlsx")
    seen = (list(meta["fields"]), len(fields[0]))
    print(f"{name}: columns {seen[0]}, {seen[1]} rows, first {[str(column[0]) for column in fields]}")
    assert seen == EXPECTED[name], f"changed: {name}"
PY
