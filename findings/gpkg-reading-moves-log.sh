#!/usr/bin/env bash
# What: what a GeoPackage holds depends on a file beside it, and reading it changes both.
# Versions: pyogrio 0.13.0 with GDAL 3.12.4; apsw 3.54.1.0 (SQLite 3.54.1) edits the GeoPackage.
# Seen: while a program edits a GeoPackage with WAL on, edits stand in towns.gpkg-wal. A copy of towns.gpkg alone is read
#   as it was before them, without a warning. With the log beside it, reading it moves the log into it: the
#   file changes, and the log is gone, though nobody wrote.
# Expected: a word that the file waits for a log, and a folder that reading leaves as it was.
# The product: reads a copy of the GeoPackage with its log (geo/layers/_formats/sqlite_files.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0 numpy==2.4.6 apsw==3.54.1.0
env/bin/python -W error - <<'PY'
import shutil
import struct
from pathlib import Path

import apsw
import numpy as np
import pyogrio
from pyogrio.raw import read, write

print("GDAL", pyogrio.__gdal_version_string__, "SQLite", apsw.sqlite_lib_version())
shape = bytes.fromhex("0101000000") + struct.pack("<dd", 121.4, 31.2)
columns = [np.array([name], dtype=object) for name in (shape, "old name")]
write(
    "towns.gpkg", columns[0], columns[1:], ["name"],
    geometry_type="Point", crs="EPSG:4326", driver="GPKG", layer_options={"SPATIAL_INDEX": "NO"},
)
for folder in ("alone", "whole"):
    Path(folder).mkdir()
program = apsw.Connection("towns.gpkg")  # as a map program keeps it open
program.pragma("journal_mode", "wal")
program.execute("UPDATE towns SET name = 'new name'")
shutil.copy("towns.gpkg", "alone")
for name in ("towns.gpkg", "towns.gpkg-wal"):
    shutil.copy(name, "whole")
program.close()


def look(folder: str) -> tuple[str, bool, list[str]]:
    before = Path(folder, "towns.gpkg").read_bytes()
    name = read(f"{folder}/towns.gpkg")[3][0][0]
    is_same = Path(folder, "towns.gpkg").read_bytes() == before
    return name, is_same, sorted(path.name for path in Path(folder).iterdir())


alone, whole = look("alone"), look("whole")
for what, (name, is_same, files) in (("without its log", alone), ("with its log", whole)):
    print(f"{what}: {name}; same file afterwards: {is_same}; files afterwards: {files}")
assert alone[0] == "old name", "changed: read without its log"
assert whole == ("new name", False, ["towns.gpkg"]), "changed: read with its log"
PY
