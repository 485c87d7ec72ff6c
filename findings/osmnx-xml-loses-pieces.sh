#!/usr/bin/env bash
# What: a two-way street of three pieces, saved as OpenStreetMap XML, has one piece left, there and back.
# Versions: osmnx 2.1.1.
# Seen: a graph of the usual settings has each two-way piece in both directions. save_graph_xml writes the way
#   1-2-3-4 as 2-1-2: two thirds of the street are gone, and who counts the kilometres of the rest counts them
#   twice. It warns that `all_oneway=True` should have been set, not that anything is lost. A graph made with
#   that setting is saved as 1-2-3-4, but there the two directions are one.
# Expected: the whole way, or an error.
# The product: writes no OpenStreetMap XML; where it reads such a way, lines meet where they turn back, and a
#   piece that is drawn twice counts once (geo/network/noding.py, roads.py). Lost pieces cannot be known.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  osmnx==2.1.1 networkx==3.6.1 geopandas==1.1.4 pandas==3.1.1 shapely==2.1.2 numpy==2.4.6
env/bin/python - <<'PY'
import warnings
import xml.etree.ElementTree as ET

import osmnx

print("osmnx", osmnx.__version__)
nodes = "".join(f'<node id="{i}" lat="31.2" lon="{121.40 + i / 100}"/>' for i in (1, 2, 3, 4))
refs = "".join(f'<nd ref="{i}"/>' for i in (1, 2, 3, 4))
way = f'<way id="10">{refs}<tag k="highway" v="residential"/></way>'
open("street.osm", "w").write(f'<osm version="0.6">{nodes}{way}</osm>')

seen = {}
for all_oneway in (False, True):
    osmnx.settings.all_oneway = all_oneway
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        graph = osmnx.graph_from_xml("street.osm", simplify=False)
        osmnx.save_graph_xml(graph, "saved.osm")
    words = [str(warning.message) for warning in told]
    ways = ET.parse("saved.osm").iter("way")
    seen[all_oneway] = [[nd.get("ref") for nd in way.iter("nd")] for way in ways]
    print(f"all_oneway={all_oneway}: {graph.number_of_edges()} edges, saved as {seen[all_oneway]}, told: {words}")
    if not all_oneway:
        assert len(words) == 1 and "all_oneway" in words[0], "changed: what is told"
assert seen[True] == [["1", "2", "3", "4"]], "changed: the way of a graph of one direction"
[back] = seen[False]
assert len(back) == 3 and back[0] == back[2] != back[1], "changed: the way is not one piece there and back"
PY
