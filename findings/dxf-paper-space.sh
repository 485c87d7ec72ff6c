#!/usr/bin/env bash
# What: what is drawn on the sheet of a DXF lies among what is drawn on the ground.
# Versions: pyogrio 0.13.0 with GDAL 3.12.4; ezdxf 1.4.4 writes the drawing.
# Seen: title and frame in paper space (millimetres of the sheet) come as features of the one layer
#   "entities", beside the stations in metres; the extent runs from the sheet's corner to the town. Only a
#   column PaperSpace tells them apart.
# Expected: features of the model space only, or a layer of its own for each space.
# The product: leaves out what is on paper and tells how many (geo/layers/_formats/drawings.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0 ezdxf==1.4.4 shapely==2.1.2
env/bin/python -W ignore - <<'PY'
import ezdxf
import pyogrio
import shapely
from pyogrio.raw import read

print("GDAL", pyogrio.__gdal_version_string__)
drawing = ezdxf.new("R2010")
drawing.modelspace().add_point((351234, 3467890), dxfattribs={"layer": "STATIONS"})
drawing.paperspace().add_text("Plan 1:5000", dxfattribs={"layer": "TITLE"}).set_placement((120, 80))
drawing.saveas("plan.dxf")
meta, _, shapes, fields = read("plan.dxf")
layer, paper = (fields[list(meta["fields"]).index(name)] for name in ("Layer", "PaperSpace"))
shapes = shapely.from_wkb(shapes)
print("layers:", [str(name) for name in pyogrio.list_layers("plan.dxf")[:, 0]])
for name, flag, shape in zip(layer, paper, shapes, strict=True):
    print(name, "PaperSpace", flag, shape.wkt)
assert list(layer) == ["STATIONS", "TITLE"], "changed: paper space is left out"
assert shapely.total_bounds(shapes).tolist() == [120, 80, 351234, 3467890], "changed: the extent"
PY
