#!/usr/bin/env bash
# What: places that a file gives on its ways are wiped out by the very call that is to give them.
# Versions: osmium 4.3.2; pyogrio 0.13.0 with GDAL 3.12.4.
# Seen: Overpass answers with "out geom" as <nd ref lat lon>, without nodes. osmium reads these places;
#   after with_locations() the same ways have none. GDAL finds no line in the file, and does not tell it.
# Expected: a place that stands in the file stays where no node gives a better one.
# The product: makes nodes of the places on the ways (geo/osm/_edited.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  osmium==4.3.2 pyogrio==0.13.0
env/bin/python -W ignore - <<'PY'
import osmium
import pyogrio
from pyogrio.raw import read

open("geom.osm", "w").write("""<?xml version='1.0' encoding='UTF-8'?>
<osm version='0.6' generator='Overpass API'>
  <way id='9'>
    <bounds minlat='31.10' minlon='121.10' maxlat='31.11' maxlon='121.10'/>
    <nd ref='1' lat='31.10' lon='121.10'/><nd ref='2' lat='31.11' lon='121.10'/>
    <tag k='highway' v='primary'/>
  </way>
</osm>
""")
plain = [[node.location.valid() for node in way.nodes] for way in osmium.FileProcessor("geom.osm")]
filled = [[node.location.valid() for node in way.nodes] for way in osmium.FileProcessor("geom.osm").with_locations()]
print("osmium: places of the way", plain, "with_locations():", filled)
assert plain == [[True, True]], "changed: places on ways are not read"
assert filled == [[False, False]], "changed: with_locations() keeps them"
n_lines = len(read("geom.osm", layer="lines")[2])
print("GDAL", pyogrio.__gdal_version_string__, n_lines, "lines")
assert n_lines == 0, "changed: GDAL reads the line"
PY
