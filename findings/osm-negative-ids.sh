#!/usr/bin/env bash
# What: new roads of a JOSM file, whose ids are negative, have no shape.
# Versions: osmium 4.3.2; pyogrio 0.13.0 with GDAL 3.12.4.
# Seen: osmium reads new nodes with their places, but with_locations() leaves the nodes of the new way
#   without: they are "invalid", and nothing is told. GDAL stops the whole layer with "Unsupported node id
#   value"; with OSM_USE_CUSTOM_INDEXING=NO it reads all.
# Expected: negative ids are what editors write for what is not uploaded yet; the way has the places of its
#   nodes.
# The product: reads new objects under ids of its own, and tells how many (geo/osm/_edited.py).
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

open("new.osm", "w").write("""<?xml version='1.0' encoding='UTF-8'?>
<osm version='0.6' generator='JOSM'>
  <node id='-1' action='modify' visible='true' lat='31.10' lon='121.10'/>
  <node id='-2' action='modify' visible='true' lat='31.11' lon='121.10'/>
  <way id='-3' action='modify' visible='true'>
    <nd ref='-1'/><nd ref='-2'/><tag k='highway' v='primary'/>
  </way>
</osm>
""")
nodes, ways = [], []
for item in osmium.FileProcessor("new.osm").with_locations():
    if item.is_node():
        nodes.append((item.id, item.location.valid()))
    else:
        ways.append([(node.ref, node.location.valid()) for node in item.nodes])
print("osmium: nodes (id, has a place)", nodes, "way", ways)
assert nodes == [(-1, True), (-2, True)], "changed: the nodes"
assert ways == [[(-1, False), (-2, False)]], "changed: the way has its places"
try:
    read("new.osm", layer="lines")
except RuntimeError as error:
    print("GDAL", pyogrio.__gdal_version_string__, error)
    assert "Unsupported node id" in str(error), "changed: another error"
else:
    raise SystemExit("changed: GDAL reads it")
pyogrio.set_gdal_config_options({"OSM_USE_CUSTOM_INDEXING": "NO"})
n_lines = len(read("new.osm", layer="lines")[2])
print("GDAL with OSM_USE_CUSTOM_INDEXING=NO:", n_lines, "line")
assert n_lines == 1, "changed: not even with the option"
PY
