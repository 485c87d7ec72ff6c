#!/usr/bin/env bash
# What: the name of a coordinate operation is worded in another way from PROJ 9.8 on.
# Versions: pyproj 3.7.2 with PROJ 9.5.1, and pyproj 3.8.0 with PROJ 9.8.1, which needs Python 3.12.
# Seen: with always_xy, `description` is "axis order change (2D) + Beijing 1954 to WGS 84 (4) + axis order
#   change (2D)" in the one and "Beijing 1954 to WGS 84 (4) (with axis order normalized for visualization)" in
#   the other. The names in `operations` are the same in both. Who takes the text apart at " + " to name the
#   operation gets another name.
# Expected: one wording, or a field of its own for the name of the operation.
# The product: takes the name from `operations` (geo/crs/old_datums.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if ! command -v python3.12 >/dev/null || ! python3.12 -c ''; then
  echo "python3.12 is needed" >&2
  exit 2
fi
for version in 3.7.2 3.8.0; do
  python3.12 -m venv --without-pip "env-$version"
  python3.12 -m pip --python "env-$version/bin/python" install -qq --disable-pip-version-check --no-compile \
    --only-binary=:all: "pyproj==$version"
  "env-$version/bin/python" -W ignore - <<'PY'
import pyproj
from pyproj.transformer import TransformerGroup

TURN, NAME = "axis order change (2D)", "Beijing 1954 to WGS 84 (4)"
WORDED = {"3.7.2": f"{TURN} + {NAME} + {TURN}", "3.8.0": f"{NAME} (with axis order normalized for visualization)"}

best = TransformerGroup(4214, 4326, always_xy=True).transformers[0]
steps = [step.name for step in best.operations]
print("pyproj", pyproj.__version__, "PROJ", pyproj.proj_version_str)
print("  description:", best.description)
print("  operations:", steps)
assert best.description == WORDED[pyproj.__version__], "changed: the description"
assert steps == [TURN, NAME, TURN], "changed: the operations"
PY
done
