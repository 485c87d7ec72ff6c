#!/usr/bin/env bash
# What: an .ods table that GDAL wrote cannot be opened by python-calamine.
# Versions: python-calamine 0.9.1 (also 0.4.0); pyogrio 0.13.0 with GDAL 3.12.4 writes the table.
# Seen: GDAL puts line breaks between the elements of content.xml; calamine raises "Expecting 'table-cell',
#   found 'Text'".
# Expected: blank text between rows and cells means nothing in OpenDocument, and the sheet is read.
# The product: takes the blanks out of a copy before calamine reads it (geo/layers/_formats/workbooks.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0 python-calamine==0.9.1 pandas==3.1.1 geopandas==1.1.4 shapely==2.1.2
env/bin/python -W ignore - <<'PY'
import zipfile
from importlib.metadata import version

import pandas as pd
import pyogrio
import python_calamine

print("python-calamine", version("python-calamine"), "GDAL", pyogrio.__gdal_version_string__)
pyogrio.write_dataframe(pd.DataFrame({"name": ["North", "South"], "people": [120, 80]}), "towns.ods", driver="ODS")
text = zipfile.ZipFile("towns.ods").read("content.xml")
assert b"<table:table-row>\n<table:table-cell" in text, "changed: GDAL writes no line breaks between cells"
try:
    rows = python_calamine.load_workbook("towns.ods").get_sheet_by_index(0).to_python()
except python_calamine.CalamineError as error:
    print("as written by GDAL:", error)
    assert "Expecting 'table-cell'" in str(error), "changed: another error"
else:
    raise SystemExit(f"changed: it is read: {rows}")
with zipfile.ZipFile("towns.ods") as book, zipfile.ZipFile("plain.ods", "w") as copy:
    for name in book.namelist():
        copy.writestr(name, book.read(name).replace(b">\n<", b"><"))
rows = python_calamine.load_workbook("plain.ods").get_sheet_by_index(0).to_python()
print("without the line breaks:", rows)
assert rows == [["name", "people"], ["North", 120.0], ["South", 80.0]], "changed: not even without them"
PY
