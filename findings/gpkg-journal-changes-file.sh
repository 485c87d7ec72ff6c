#!/usr/bin/env bash
# What: a GeoPackage that was opened and closed, and not edited, is another file.
# Versions: SQLite 3.54.1 (apsw 3.54.1.0); pyogrio 0.13.0 with GDAL 3.12.4 writes the GeoPackage.
# Seen: a map program turns the journal of a GeoPackage to WAL while it is open, and back afterwards. That
#   alone raises the file's change counter (bytes 24-27, and 92-95), and puts the version of SQLite in bytes
#   96-99 where another one wrote last; while WAL is on, bytes 18-19 say so. No row differs, and the file's hash
#   does. QGIS is known for it (its issues 23991 and 61504).
# Expected: a file that was only looked at keeps its hash.
# The product: leaves these bytes out where it compares results with their record (geo/files/record.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0 numpy==2.4.6 apsw==3.54.1.0
env/bin/python -W ignore - <<'PY'
import hashlib
import struct
from pathlib import Path

import apsw
import numpy as np
import pyogrio
from pyogrio.raw import read, write

print("SQLite", apsw.sqlite_lib_version(), "GDAL", pyogrio.__gdal_version_string__)
point = bytes.fromhex("0101000000") + struct.pack("<dd", 121.4, 31.2)
shapes = np.array([point, point], dtype=object)
names = np.array(["North", "South"], dtype=object)
write("towns.gpkg", shapes, [names], ["name"], geometry_type="Point", crs="EPSG:4326", driver="GPKG")
first, rows = Path("towns.gpkg").read_bytes(), read("towns.gpkg")[3][0].tolist()

seen = {}
for mode in ("wal", "delete"):
    base = apsw.Connection("towns.gpkg")
    base.pragma("journal_mode", mode)
    base.close()
    now = Path("towns.gpkg").read_bytes()
    assert len(now) == len(first), "changed: the size"
    seen[mode] = [i for i, (old, new) in enumerate(zip(first, now, strict=True)) if old != new]
    print(f"after journal_mode={mode}: other bytes {seen[mode]}, hash {hashlib.sha256(now).hexdigest()[:12]}")
print("before:", " " * 50, "hash", hashlib.sha256(first).hexdigest()[:12])
assert read("towns.gpkg")[3][0].tolist() == rows == ["North", "South"], "changed: the rows"
counters = {*range(24, 28), *range(92, 100)}
assert seen["delete"] and set(seen["delete"]) <= counters, "changed: the bytes that differ afterwards"
assert {18, 19} <= set(seen["wal"]) <= counters | {18, 19}, "changed: the bytes that differ meanwhile"
PY
