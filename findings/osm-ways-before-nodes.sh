#!/usr/bin/env bash
# What: a file with its ways before its nodes gives roads without shape, and no error.
# Versions: osmium 4.3.2; GDAL 3.12.4 (pyogrio 0.13.0) for comparison.
# Seen: with_locations() fills in only nodes that it has met; all nodes of a way that stands first are
#   "invalid". GDAL reads the same file right.
# Expected: the order of objects means nothing in OSM XML, and Overpass answers of "out; >; out;" come so;
#   an error, or a second pass.
# The product: finds out the order and sorts such a file before reading (geo/osm/_edited.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  osmium==4.3.2 pyogrio==0.13.0 shapely==2.1.2
env/bin/python -W ignore - <<'PY'
import osmium
import pyogrio
import shapely
from pyogrio.raw import read

open("answer.osm", "w").write("""<?xml version='1.0' encoding='UTF-8'?>
<osm version='0.6' generator='Overpass API'>
  <way id='9'><nd ref='1'/><nd ref='2'/><tag k='highway' v='primary'/></way>
  <node id='1' lat='31.10' lon='121.10'/>
  <node id='2' lat='31.11' lon='121.10'/>
</osm>
""")
ways = [
    [node.location.valid() for node in item.nodes]
    for item in osmium.FileProcessor("answer.osm").with_locations()
    if item.is_way()
]
print("osmium: nodes of the way have a place:", ways)
assert ways == [[False, False]], "changed: osmium looks for them"
line = shapely.from_wkb(read("answer.osm", layer="lines")[2][0])
print("GDAL", pyogrio.__gdal_version_string__, line.wkt)
assert line.equals(shapely.LineString([(121.10, 31.10), (121.10, 31.11)])), "changed: GDAL"
PY
