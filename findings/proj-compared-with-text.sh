#!/usr/bin/env bash
# What: asking whether a coordinate system equals a plain word takes thousands of times as long as asking whether
#   it equals another system.
# Versions: pyproj 3.7.2 (PROJ 9.5.1).
# Seen: crs == "GCJ-02" makes a system of the word first: PROJ looks for the name in all its tables and finds
#   nothing, a fifth of a second each time, and nothing is kept of it. The answer is False, as it should be.
#   A comparison that stands in a condition for every layer of a study took half of the whole reading.
# Expected: the comparison with a word that is no system is about as quick as any other, or is refused.
# The product: looks at the kind of a value before it compares it (geo/crs/readings.py, geo/crs/systems.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyproj==3.7.2 certifi==2025.10.5
env/bin/python - <<'PY'
import statistics
import time

import pyproj

print("pyproj", pyproj.__version__, "PROJ", pyproj.proj_version_str)
zone, other = pyproj.CRS.from_epsg(4549), pyproj.CRS.from_epsg(32651)


def middle(compare):
    taken = []
    for _ in range(9):
        start = time.process_time()
        assert compare() is False, "changed: the answer"
        taken.append(time.process_time() - start)
    return statistics.median(taken)


with_system, with_word = middle(lambda: zone == other), middle(lambda: zone == "GCJ-02")
print(f"with another system {with_system * 1e6:,.0f} us of CPU, with a word {with_word * 1e6:,.0f} us")
assert with_word > 30 * with_system, "changed: a word is compared quickly"
PY
