#!/usr/bin/env bash
# What: a two-way road of an osmnx GraphML file is one-way for who reads it with networkx.
# Versions: osmnx 2.0.7, networkx 3.6.1.
# Seen: save_graphml writes every value as text, lists too; read_graphml gives oneway as "False", which
#   counts as true, length as "951.0", and a road of two classes as "['residential', 'tertiary']".
#   load_graphml of osmnx knows its own types.
# Expected: GraphML declares the type of each value; truth values and numbers are declared as such.
# The product: takes direction from the arcs themselves, and the first of several classes
#   (geo/network/networkx_graphs.py, tags.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  osmnx==2.0.7 networkx==3.6.1 geopandas==1.1.4 pandas==3.1.1 shapely==2.1.2 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import networkx
import osmnx

print("osmnx", osmnx.__version__, "networkx", networkx.__version__)
graph = networkx.MultiDiGraph(crs="EPSG:4326", simplified=True)
graph.add_node(1, x=121.40, y=31.20)
graph.add_node(2, x=121.41, y=31.20)
for u, v in ((1, 2), (2, 1)):
    graph.add_edge(u, v, osmid=[10, 11], highway=["residential", "tertiary"], oneway=False, length=951.0)
osmnx.save_graphml(graph, "roads.graphml")
for name, read in (("networkx", networkx.read_graphml), ("osmnx", osmnx.load_graphml)):
    data = next(iter(read("roads.graphml").edges(data=True)))[2]
    seen = {key: data[key] for key in ("oneway", "length", "highway")}
    print(name, seen, "counts as one-way:", bool(seen["oneway"]))
    if name == "networkx":
        assert seen == {"oneway": "False", "length": "951.0", "highway": "['residential', 'tertiary']"}, "changed"
    else:
        assert seen == {"oneway": False, "length": 951.0, "highway": ["residential", "tertiary"]}, "changed: osmnx"
PY
