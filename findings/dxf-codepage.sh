#!/usr/bin/env bash
# What: texts of a newer DXF are decoded by a code page that does not hold for them.
# Versions: pyogrio 0.13.0 with GDAL 3.12.4; ezdxf 1.4.4 writes the drawing.
# Seen: a DXF of AutoCAD 2010 (AC1024) keeps its texts in UTF-8, and its header names a $DWGCODEPAGE as
#   well; GDAL goes by that name and gives wrong letters, in layer names too. With the open option
#   ENCODING=UTF-8 they are right.
# Expected: since AC1021 (AutoCAD 2007) the code page says nothing about the texts of the file.
# The product: gives ENCODING by the version of the drawing (geo/layers/_formats/drawings.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0 ezdxf==1.4.4
env/bin/python -W ignore - <<'PY'
import ezdxf
import pyogrio
from pyogrio.raw import read

print("GDAL", pyogrio.__gdal_version_string__)
drawing = ezdxf.new("R2010")
drawing.modelspace().add_text("消防站", dxfattribs={"layer": "公共设施"}).set_placement((351234, 3467890))
drawing.saveas("plan.dxf")
data = open("plan.dxf", "rb").read()
assert "消防站".encode() in data and b"AC1024" in data and b"ANSI_1252" in data


def layer_and_text(**options: str) -> tuple[str, str]:
    meta, _, _, fields = read("plan.dxf", layer="entities", **options)
    row = dict(zip(meta["fields"], (column[0] for column in fields), strict=True))
    return row["Layer"], row["Text"]


seen, right = layer_and_text(), layer_and_text(ENCODING="UTF-8")
print("by itself:", [ascii(text) for text in seen])
print("ENCODING=UTF-8:", right)
assert right == ("公共设施", "消防站"), "changed: wrong even with ENCODING"
assert seen != right, "changed: the code page is passed over"
PY
