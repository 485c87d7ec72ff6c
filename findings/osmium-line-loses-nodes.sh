#!/usr/bin/env bash
# What: the line that osmium makes of a way has fewer points than the way has nodes.
# Versions: osmium 4.3.2.
# Seen: create_linestring leaves out a node that lies where the one before it does. Whoever pairs the points
#   of the line with the nodes of the way, to split roads at junctions, is one off from there on.
#   use_nodes=ALL keeps every one.
# Expected: one point for each node: two nodes at one place can be the ends of two roads.
# The product: asks for all nodes (geo/osm/roads.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  osmium==4.3.2
env/bin/python -W ignore - <<'PY'
import osmium

open("road.osm", "w").write("""<?xml version='1.0' encoding='UTF-8'?>
<osm version='0.6'>
  <node id='1' version='1' lat='31.1' lon='121.1'/>
  <node id='2' version='1' lat='31.2' lon='121.2'/>
  <node id='3' version='1' lat='31.2' lon='121.2'/>
  <node id='4' version='1' lat='31.3' lon='121.3'/>
  <way id='9' version='1'>
    <nd ref='1'/><nd ref='2'/><nd ref='3'/><nd ref='4'/><tag k='highway' v='primary'/>
  </way>
</osm>
""")
lines = osmium.geom.WKTFactory()
for item in osmium.FileProcessor("road.osm").with_locations():
    if item.is_way():
        plain = lines.create_linestring(item)
        whole = lines.create_linestring(item, use_nodes=osmium.geom.ALL)
        print(len(item.nodes), "nodes;", plain, "| use_nodes=ALL:", whole)
        assert plain.count(",") + 1 == 3, "changed: all nodes are kept"
        assert whole.count(",") + 1 == 4, "changed: use_nodes=ALL"
PY
