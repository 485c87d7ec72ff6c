#!/usr/bin/env bash
# What: layers in Beijing 1954 are torn where they become WGS 84, and layers in Xian 1980 are not moved at
#   all.
# Versions: pyproj 3.7.2 with PROJ 9.5.1.
# Seen: of two points 11 m apart in the middle of Shanghai the one north of 31.23 N moves 71 m, the other
#   nothing: PROJ chooses for each point, and south of the line it falls back to "ballpark", no shift. To
#   CGCS2000, which is WGS 84 to better than a metre, nothing moves; from Xian 1980 nothing moves either.
#   None of it is told.
# Expected: one operation for a whole layer, the same to both systems, or a warning that the datum was left
#   as it was.
# The product: chooses one published operation for all layers of a study and tells its name, shift and
#   accuracy (geo/crs/old_datums.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyproj==3.7.2
env/bin/python -W ignore - <<'PY'
import pyproj
from pyproj import Geod, Transformer

print("PROJ", pyproj.proj_version_str)
ground = Geod(ellps="WGS84")


def moved_m(source: int, target: int, lat: float) -> float:
    lon = 121.47
    x, y = Transformer.from_crs(source, target, always_xy=True).transform(lon, lat)
    return ground.inv(lon, lat, x, y)[2]


CASES = [("Beijing 1954 -> WGS 84", 4214, 4326), ("Beijing 1954 -> CGCS2000", 4214, 4490),
         ("Xian 1980 -> WGS 84", 4610, 4326), ("Xian 1980 -> CGCS2000", 4610, 4490)]
seen = {}
for what, source, target in CASES:
    seen[what] = [moved_m(source, target, lat) for lat in (31.2299, 31.2300, 31.50)]
    print(what, "at 31.2299, 31.2300 and 31.50 N: " + ", ".join(f"{m:.1f} m" for m in seen[what]))
south, border, north = seen.pop("Beijing 1954 -> WGS 84")
assert south < 0.01 and 60 < border < 80 and 60 < north < 80, "changed: Beijing 1954 is not torn at 31.23 N"
assert all(m < 0.01 for row in seen.values() for m in row), "changed: these are moved now"
PY
