#!/usr/bin/env bash
# What: a GeoJSON that names a system unknown to GDAL is read as WGS 84.
# Versions: pyogrio 0.13.0 with GDAL 3.12.4.
# Seen: "crs": {"name": "GCJ-02"} gives EPSG:4326 without a warning, 500 m off in Shanghai; a known name,
#   EPSG:4490, is kept.
# Expected: no system, or a warning, where the one that the file names is not known.
# The product: reads the name itself, and asks the planner where it is not known
#   (geo/layers/_formats/json_files.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0
env/bin/python -W ignore - <<'PY'
import json
import warnings

import pyogrio
from pyogrio.raw import read

print("GDAL", pyogrio.__gdal_version_string__)
point = {"type": "Point", "coordinates": [121.47, 31.23]}
for name, expected in (("GCJ-02", "EPSG:4326"), ("urn:ogc:def:crs:EPSG::4490", "EPSG:4490")):
    layer = {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": name}},
             "features": [{"type": "Feature", "properties": {"id": 1}, "geometry": point}]}
    with open("layer.geojson", "w") as file:
        json.dump(layer, file)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        crs = read("layer.geojson")[0]["crs"]
    print(f"crs {name!r} is read as {crs}; warnings: {len(told)}")
    assert crs == expected and not told, "changed: the system or a warning"
PY
