#!/usr/bin/env bash
# What: the .dat of a MapInfo table looks like a dBASE table of texts, and its numbers are bytes.
# Versions: pyogrio 0.13.0 with GDAL 3.12.4 (drivers MapInfo File and ESRI Shapefile).
# Seen: a native table of towns has a .dat with the signature of dBASE III, and a header that calls the column
#   of whole numbers one of texts. Renamed to .dbf, by somebody who has lost the .tab, it is opened without a
#   warning: 12 people are the text "\x0c", 120 are "x". Names are right, so it looks well.
# Expected: another signature, or another type; dBASE has types for numbers.
# The product: goes by the .tab, and asks only the columns that it calls Char for their encoding
#   (geo/layers/_formats/mapinfo.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0 numpy==2.4.6
env/bin/python -W error - <<'PY'
import shutil
import struct
from pathlib import Path

import numpy as np
import pyogrio
from pyogrio.raw import read, write

print("GDAL", pyogrio.__gdal_version_string__)
point = bytes.fromhex("0101000000") + struct.pack("<dd", 121.4, 31.2)
people, names = np.array([12, 120], dtype="int32"), np.array(["North", "South"], dtype=object)
write(
    "towns.tab", np.array([point, point], dtype=object), [people, names], ["people", "name"],
    geometry_type="Point", crs="EPSG:4326", driver="MapInfo File",
)
head = Path("towns.dat").read_bytes()[:96]
print(f"towns.dat begins with {head[:1].hex()}; types of its columns: {chr(head[43])} and {chr(head[75])}")
assert head[0] == 3 and head[43:44] == head[75:76] == b"C", "changed: the header of the .dat"
shutil.copy("towns.dat", "copy.dbf")
rows = {name: [column.tolist() for column in read(name)[3]] for name in ("towns.tab", "copy.dbf")}
for name, columns in rows.items():
    print(f"{name}, {pyogrio.read_info(name)['driver']}: {columns}")
assert rows["towns.tab"] == [[12, 120], ["North", "South"]], "changed: the table"
assert rows["copy.dbf"] == [["\x0c", "x"], ["North", "South"]], "changed: the .dat as .dbf"
PY
