#!/usr/bin/env bash
# What: `on_invalid="ignore"` does not keep from_wkt quiet.
# Versions: shapely 2.2.0 (GEOS 3.14.1), also 2.1.2 (GEOS 3.13.1).
# Seen: a shape in hexadecimal WKB as PostGIS exports it, given to from_wkt with `on_invalid="ignore"`, is
#   None as documented, with "RuntimeWarning: overflow encountered in from_wkt": with the system 4326 its first
#   digits are a number beyond 1e308 (0101000020E6100000...). Where warnings are errors it raises. The same
#   shape without a system, or in that of CGCS2000, is None in silence.
# Expected: None without a warning, as the documentation of "ignore" says.
# The product: gives from_wkt only what begins like WKT (geo/layers/_shapes.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  shapely==2.2.0 numpy==2.4.6
env/bin/python - <<'PY'
import warnings

import shapely

print("shapely", shapely.__version__, "GEOS", shapely.geos_version_string)
place = shapely.Point(121.4, 31.2)
seen = {}
for system in (0, 4490, 4326):
    text = shapely.to_wkb(shapely.set_srid(place, system), hex=True, include_srid=True)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        shape = shapely.from_wkt(text, on_invalid="ignore")
    seen[system] = [f"{warning.category.__name__}: {warning.message}" for warning in told]
    print(f"system {system}, {text[:20]}...: {shape}, warnings {seen[system]}")
    assert shape is None, "changed: it is a shape"
assert seen[0] == seen[4490] == [], "changed: these warn too"
assert seen[4326] == ["RuntimeWarning: overflow encountered in from_wkt"], "changed: the warning"
PY
