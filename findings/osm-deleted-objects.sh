#!/usr/bin/env bash
# What: roads that an editor deleted in JOSM are roads again in every reader.
# Versions: osmium 4.3.2, pyogrio 0.13.0 with GDAL 3.12.4, osmnx 2.0.7.
# Seen: a .osm file saved by JOSM keeps what was deleted, with action="delete". osmium gives the way as not
#   deleted and visible, GDAL gives its line, osmnx both of its directions; none warns.
# Expected: a deleted road is left out, or marked as deleted.
# The product: leaves out what an editor deleted and tells how many (geo/osm/_edited.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  osmium==4.3.2 pyogrio==0.13.0 osmnx==2.0.7 geopandas==1.1.4 pandas==3.1.1 shapely==2.1.2 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import osmium
import osmnx
import pyogrio
from pyogrio.raw import read

open("edited.osm", "w").write("""<?xml version='1.0' encoding='UTF-8'?>
<osm version='0.6' generator='JOSM'>
  <node id='1' version='1' visible='true' lat='31.10' lon='121.10'/>
  <node id='2' version='1' visible='true' lat='31.11' lon='121.10'/>
  <node id='3' version='1' visible='true' lat='31.12' lon='121.10'/>
  <way id='10' version='1' visible='true'>
    <nd ref='1'/><nd ref='2'/><tag k='highway' v='primary'/><tag k='name' v='Kept'/>
  </way>
  <way id='11' action='delete' version='1' visible='true'>
    <nd ref='2'/><nd ref='3'/><tag k='highway' v='primary'/><tag k='name' v='Deleted'/>
  </way>
</osm>
""")
ways = [(way.tags["name"], way.deleted, way.visible) for way in osmium.FileProcessor("edited.osm", osmium.osm.WAY)]
print("osmium (name, deleted, visible):", ways)
assert ways == [("Kept", False, True), ("Deleted", False, True)], "changed: osmium"
meta, _, _, fields = read("edited.osm", layer="lines")
names = fields[list(meta["fields"]).index("name")].tolist()
print("GDAL", pyogrio.__gdal_version_string__, names)
assert names == ["Kept", "Deleted"], "changed: GDAL"
graph = osmnx.graph_from_xml("edited.osm", simplify=False, retain_all=True)
arcs = sorted(data["name"] for *_, data in graph.edges(data=True))
print("osmnx", osmnx.__version__, arcs)
assert arcs == ["Deleted", "Deleted", "Kept", "Kept"], "changed: osmnx"
PY
