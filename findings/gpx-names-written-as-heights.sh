#!/usr/bin/env bash
# What: names of waypoints are written as their heights.
# Versions: pyogrio 0.12.1 with GDAL 3.11.4; pyogrio 0.13.0 with GDAL 3.12.4 writes them right.
# Seen: to_file(driver="GPX") of points with a column "name" writes <ele>0.0</ele> and no <name>: values go
#   into the driver's fields by position, and the first of those is the height. A warning says that 'North'
#   is no real number.
# Expected: <name>North</name>, as the column is called.
# The product: only reads GPX; its tests write waypoints by hand (geo/layers/_formats/tracks.py, tests).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.12.1 geopandas==1.1.2 shapely==2.1.2 pandas==3.1.1
env/bin/python -W ignore - <<'PY'
import re

import geopandas as gpd
import pyogrio

print("pyogrio", pyogrio.__version__, "GDAL", pyogrio.__gdal_version_string__)
points = gpd.points_from_xy([121.4], [31.2])
gpd.GeoDataFrame({"name": ["North"]}, geometry=points, crs=4326).to_file("a.gpx", driver="GPX", layer="waypoints")
written = re.findall(r"<(ele|name)>([^<]*)", open("a.gpx").read())
print("column name = North is written as", written)
assert written == [("ele", "0.0")], "changed: the name is written"
back = gpd.read_file("a.gpx", layer="waypoints")
print("read back: name", back["name"].tolist(), "ele", back["ele"].tolist())
assert back["name"].isna().all() and back["ele"].tolist() == [0.0], "changed: read back otherwise"
PY
