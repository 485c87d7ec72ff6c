#!/usr/bin/env bash
# What: Chinese columns of a KML become one, and the last value wins.
# Versions: pyogrio 0.13.0 with GDAL 3.12.4 (driver LIBKML).
# Seen: ExtendedData with 人口 (people) = 120 and 面积 (area) = 7 gives one column "______" with 7: each byte
#   that is no ASCII letter or digit becomes _, and names that are then alike share a column. The 120 people
#   are gone.
# Expected: two columns, under their own names; KML sets no limit on them.
# The product: gives GDAL plain names and puts the true ones back (geo/layers/_formats/kml.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0
env/bin/python -W ignore - <<'PY'
import pyogrio
from pyogrio.raw import read

print("GDAL", pyogrio.__gdal_version_string__)
open("towns.kml", "w", encoding="utf-8").write("""<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>North</name>
<ExtendedData><Data name="人口"><value>120</value></Data><Data name="面积"><value>7</value></Data></ExtendedData>
<Point><coordinates>121.4,31.2</coordinates></Point></Placemark></Document></kml>
""")
meta, _, _, fields = read("towns.kml")
row = dict(zip(meta["fields"], (column[0] for column in fields), strict=True))
own = {name: value for name, value in row.items() if "_" in name or not name.isascii()}
print("driver", pyogrio.read_info("towns.kml")["driver"], "own columns:", own)
assert own.keys() == {"______"} and str(own["______"]) == "7", "changed: the columns"
assert "120" not in [str(value) for value in row.values()], "changed: the people are kept"
PY
