#!/usr/bin/env bash
# What: `get_x` and `get_y` raise at an empty point.
# Versions: shapely 2.2.0 (GEOS 3.14.1), also 2.1.2 (GEOS 3.13.1).
# Seen: one empty point among many, given to get_x, is "GEOSException: UnsupportedOperationException: getX called
#   on empty Point", and no number comes of the others either.
# Expected: nan, as for None and for shapes that are no points.
# The product: asks only points that have a place (geo/outputs/files.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for version in 2.1.2 2.2.0; do
  python3 -m venv --without-pip "env-$version"
  python3 -m pip --python "env-$version/bin/python" install -qq --disable-pip-version-check --no-compile \
    --only-binary=:all: "shapely==$version" numpy==2.4.6
  "env-$version/bin/python" - <<'PY'
import shapely

print("shapely", shapely.__version__, "GEOS", shapely.geos_version_string)
points = [shapely.Point(121.4, 31.2), shapely.Point(), None]
try:
    seen = shapely.get_x(points).tolist()
except shapely.errors.GEOSException as error:
    seen = str(error).strip()
print("get_x:", seen)
assert "getX called on empty Point" in str(seen), "changed: it gives numbers"
line = shapely.LineString([(0, 0), (1, 1)])
assert all(x != x for x in shapely.get_x([line, None])), "changed: these are no nan"
PY
done
