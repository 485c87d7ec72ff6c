#!/usr/bin/env bash
# What: a place that no road reaches is 4294967.295 away, or just as far as one looked.
# Versions: pandana 0.8.
# Seen: shortest_path_length to a node of another island gives 4294967.295 (all bits of a 32-bit number, in
#   thousandths). nearest_pois gives the search distance, the same as for a station that far away: 10 min
#   for one at 10 min and for none.
# Expected: inf or nan, which no mean or limit takes for a time.
# The product: gives inf where there is no route; the bench asks pandana in seconds and sets such values
#   apart (geo/times.py, bench/bench_pandana.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pandana==0.8 pandas==3.1.1 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import pandana
import pandas as pd

place = pd.DataFrame({"x": [0.0, 1000.0, 9000.0], "y": [0.0, 0.0, 0.0]}, index=[1, 2, 3])
road = pd.DataFrame({"a": [1], "b": [2], "minutes": [10.0]})
roads = pandana.Network(place["x"], place["y"], road["a"], road["b"], road[["minutes"]])
far = roads.shortest_path_length(1, 3)
roads.set_pois("stations", 10, 1, [0.0], [0.0])
nearest = roads.nearest_pois(10, "stations", num_pois=1)[1]
print("\npandana", pandana.__version__)
print("time to the other island:", far, "; 2**32 - 1 thousandths:", (2**32 - 1) / 1000)
print("nearest station within 10 min, by node:", nearest.to_dict(), "- node 2 is at 10 min, node 3 has no road")
assert far == 4294967.295, "changed: no route"
assert nearest.to_dict() == {1: 0.0, 2: 10.0, 3: 10.0}, "changed: no station"
PY
