#!/usr/bin/env bash
# What: a file with a "!" in its name is written over another one.
# Versions: pyogrio 0.13.0 (GDAL 3.12.4).
# Seen: pyogrio takes what stands before a "!" for an archive, also where there is none, and drops it:
#   "new!towns.geojson" is "towns.geojson". Writing the one replaces the other, and reading it gives the other,
#   without a word. A "!" in the name of a folder does the same to the path.
# Expected: a path without "zip://" that names no archive is the file of that name.
# The product: refuses to read such a path and says why (geo/layers/_formats/gdal.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0 numpy==2.4.6
env/bin/python -W error - <<'PY'
import struct
from pathlib import Path

import numpy as np
import pyogrio
from pyogrio.raw import read, write

print("pyogrio", pyogrio.__version__, "GDAL", pyogrio.__gdal_version_string__)


def save(path: Path, name: str) -> None:
    shape = bytes.fromhex("0101000000") + struct.pack("<dd", 121.4, 31.2)
    columns = [np.array([value], dtype=object) for value in (shape, name)]
    write(path, columns[0], columns[1:], ["name"], geometry_type="Point", crs="EPSG:4326", driver="GeoJSON")


def load(path: Path) -> str:
    return str(read(path)[3][0][0])


plain, marked = Path("towns.geojson"), Path("new!towns.geojson")
save(plain, "of today")
save(marked, "of 2030")
files = sorted(path.name for path in Path.cwd().glob("*.geojson"))
print(f"both were written: {files}; towns.geojson holds the towns {load(plain)}")
assert files == ["towns.geojson"] and load(plain) == "of 2030", "changed: writing"
marked.write_text(plain.read_text().replace("of 2030", "of 2050"))
print(f"new!towns.geojson with the towns of 2050 is read as those {load(marked)}")
assert load(marked) == "of 2030", "changed: reading"
PY
