#!/usr/bin/env bash
# What: pyogrio reads as many rows of a GeoPackage as a table of GDAL's says, not as many as there are.
# Versions: pyogrio 0.13.0 with GDAL 3.12.4, numpy 2.4.6, pyarrow 26.0.1.
# Seen: GDAL keeps the number of rows of a layer in gpkg_ogr_contents, by triggers. A program that loads rows in bulk with
#   the triggers off leaves the number as it was; the file is a right GeoPackage, since the standard knows no such
#   table. Reading it gives 3 of 5 rows and no warning; by Arrow, or with any condition on the rows, it gives 5.
# Expected: all rows, or a word that some were left out.
# The product: counts the rows itself and always reads with a condition (geo/layers/_formats/gdal.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0 numpy==2.4.6 pyarrow==26.0.1
env/bin/python -W error - <<'PY'
import sqlite3
import struct

import numpy as np
import pyogrio
from pyogrio.raw import read, read_arrow, write

print("GDAL", pyogrio.__gdal_version_string__)
shapes = [bytes.fromhex("0101000000") + struct.pack("<dd", 121.4 + i / 100, 31.2) for i in range(3)]
columns = [np.array(shapes, dtype=object), np.array(["a", "b", "c"], dtype=object)]
write(
    "towns.gpkg", columns[0], columns[1:], ["name"],
    geometry_type="Point", crs="EPSG:4326", driver="GPKG", layer_options={"SPATIAL_INDEX": "NO"},
)
base = sqlite3.connect("towns.gpkg")
(trigger,) = base.execute(
    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'trigger_insert_feature_count%'"
).fetchone()
base.execute(f'DROP TRIGGER "{trigger}"')
for name in ("d", "e"):
    base.execute("INSERT INTO towns (geom, name) SELECT geom, ? FROM towns WHERE name = 'a'", (name,))
base.commit()
rows = base.execute("SELECT COUNT(*) FROM towns").fetchone()[0]
stated = base.execute("SELECT feature_count FROM gpkg_ogr_contents").fetchone()[0]
base.close()
plain = len(read("towns.gpkg")[3][0])
asked = len(read("towns.gpkg", where="1 = 1")[3][0])
arrow = read_arrow("towns.gpkg")[1].num_rows
print(f"rows {rows}, stated {stated}; read {plain}, with a condition {asked}, by Arrow {arrow}")
assert (rows, stated) == (5, 3), "changed: the triggers"
assert plain == 3, "changed: pyogrio reads all rows"
assert asked == arrow == 5, "changed: with a condition, or by Arrow"
PY
