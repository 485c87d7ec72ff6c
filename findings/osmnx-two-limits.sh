#!/usr/bin/env bash
# What: of two speed limits on one road osmnx takes the mean, or none at all.
# Versions: osmnx 2.0.7.
# Seen: add_edge_speeds reads maxspeed "60|40" and the list ["60", "40"] as 50 km/h, but "60;40" not at all:
#   it then takes the mean of the other roads of the class. RU:urban is 60 km/h, CN:urban is not known.
# Expected: the semicolon parts values everywhere in OpenStreetMap; and no vehicle may drive at the mean of
#   two limits.
# The product: takes the lowest of several limits, however they are parted (geo/network/tags.py,
#   parse_maxspeed).
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

print("osmnx", osmnx.__version__)
EXPECTED = {"50": 50.0, "60|40": 50.0, "60;40": 10.0, "RU:urban": 60.0, "CN:urban": 10.0}
for limit, expected in {**EXPECTED, ("60", "40"): 50.0}.items():
    graph = networkx.MultiDiGraph(crs="EPSG:4326")
    graph.add_edge(1, 2, length=1000.0, highway="residential",
                   maxspeed=list(limit) if isinstance(limit, tuple) else limit)
    graph.add_edge(2, 1, length=1000.0, highway="residential", maxspeed="10")  # the other roads of the class
    speed = osmnx.add_edge_speeds(graph)[1][2][0]["speed_kph"]
    print(f"maxspeed {limit!r}: {speed:g} km/h" + (" (of the other roads)" if speed == 10 else ""))
    assert speed == expected, f"changed: {limit}"
PY
