#!/usr/bin/env bash
# What: simplifying makes one edge of a street and the steps behind it, so a route by car goes up the steps.
# Versions: osmnx 2.0.7.
# Seen: of a street of 400 m and steps of 100 m that meet at a node of no other road, graph_from_xml makes one edge
#   with highway ["steps", "residential"] and 500 m in both directions: nothing in it says which part is which.
#   With edge_attrs_differ=["highway"] the two stay apart.
# Expected: a change of class ends an edge, as a change of one-way rules does.
# The product: counts such an edge half as the street and half as the steps, lets nobody drive through, and tells it
#   with its kilometres (geo/network/mixed.py); pairs the two directions whatever the order of their lists.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  osmnx==2.0.7 networkx==3.6.1 geopandas==1.1.4 pandas==3.1.1 shapely==2.1.2 numpy==2.4.6
cat >town.osm <<'XML'
<?xml version="1.0"?>
<osm version="0.6">
 <node id="1" version="1" lat="31.0000" lon="121.0000"/>
 <node id="2" version="1" lat="31.0036" lon="121.0000"/>
 <node id="3" version="1" lat="31.0045" lon="121.0000"/>
 <way id="12" version="1"><nd ref="2"/><nd ref="1"/><tag k="highway" v="residential"/></way>
 <way id="11" version="1"><nd ref="2"/><nd ref="3"/><tag k="highway" v="steps"/></way>
</osm>
XML
env/bin/python -W ignore - <<'PY'
import osmnx

print("osmnx", osmnx.__version__)
graph = osmnx.graph_from_xml("town.osm")
edges = {(u, v): data for u, v, data in graph.edges(data=True)}
for ends, data in sorted(edges.items()):
    print(ends, data["highway"], data["osmid"], f"{data['length']:.0f} m")
assert set(edges) == {(1, 3), (3, 1)}, "changed: the street ends where the steps begin"
for data in edges.values():
    assert sorted(data["highway"]) == ["residential", "steps"], "changed"
    assert 480 < data["length"] < 520, "changed"
whole = osmnx.graph_from_xml("town.osm", simplify=False)
apart = osmnx.simplify_graph(whole, edge_attrs_differ=["highway"])
print("with edge_attrs_differ:", sorted(str(data["highway"]) for _, _, data in apart.edges(data=True)))
assert len(apart.edges) == 4, "changed"
PY
