#!/usr/bin/env bash
# What: the zones that geopandas draws around stations bear the wrong stations' numbers.
# Versions: geopandas 1.1.4, shapely 2.1.2.
# Seen: voronoi_polygons gives one polygon for each point, under the index 0 to n - 1 of the points, but in
#   an order of its own: of five stations none lies in the polygon of its number. shapely gives them in
#   order when asked to (ordered=True).
# Expected: the polygon of a row belongs to the point of that row, as everywhere in geopandas.
# The product: divides land by driving time, each border between two known stations (geo/zones/divide.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  geopandas==1.1.4 shapely==2.1.2 pyogrio==0.13.0 pandas==3.1.1 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import geopandas as gpd
import shapely

print("geopandas", gpd.__version__, "shapely", shapely.__version__)
stations = gpd.GeoSeries(gpd.points_from_xy([0, 5, 1, 9, 4], [3, 1, 8, 2, 7]))
zones = stations.voronoi_polygons()
inside = zones.contains(stations).tolist()
print("index of the zones:", zones.index.tolist(), "; each holds the station of its number:", inside)
assert zones.index.equals(stations.index), "changed: the index"
assert not all(inside) and all(zones.contains(point).sum() == 1 for point in stations), "changed: the order"
ordered = shapely.voronoi_polygons(shapely.multipoints(stations.to_numpy()), ordered=True).geoms
print("shapely, ordered=True:", [bool(zone.contains(point)) for zone, point in zip(ordered, stations, strict=True)])
assert all(zone.contains(point) for zone, point in zip(ordered, stations, strict=True)), "changed: ordered=True"
PY
