#!/usr/bin/env bash
# What: the attributes of a block in a DXF lose their tags, and the block its place.
# Versions: pyogrio 0.13.0 with GDAL 3.12.4; ezdxf 1.4.4 writes the drawing.
# Seen: a hydrant drawn as a block with NO=H7 and TYPE=pillar becomes three features: the circle of its
#   symbol as a line, and two points of text "H7" and "pillar"; no column says NO or TYPE, nor the block's
#   name. With INLINE_BLOCKS=FALSE it is one point with BlockName and BlockAttributes.
# Expected: one feature with its attributes, as the drawing holds it; or at least the tags.
# The product: reads with INLINE_BLOCKS=FALSE and makes the attributes columns
#   (geo/layers/_formats/drawings.py).
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
symbol = drawing.blocks.new("HYDRANT")
symbol.add_circle((0, 0), 0.5)
symbol.add_attdef("NO", (0, 0))
symbol.add_attdef("TYPE", (0, 1))
hydrant = drawing.modelspace().add_blockref("HYDRANT", (100, 200))
hydrant.add_attrib("NO", "H7", (100, 200))
hydrant.add_attrib("TYPE", "pillar", (100, 201))
drawing.saveas("hydrants.dxf")


def rows(**options: str) -> list[dict]:
    meta, _, _, fields = read("hydrants.dxf", layer="entities", **options)
    return [dict(zip(meta["fields"], row, strict=True)) for row in zip(*fields, strict=True)]


loose, whole = rows(), rows(INLINE_BLOCKS="FALSE")
print("by itself:", len(loose), "features, texts", [row["Text"] for row in loose], "columns", list(loose[0]))
assert len(loose) == 3 and "BlockAttributes" not in loose[0], "changed: blocks are kept whole"
assert sorted(row["Text"] or "" for row in loose) == ["", "H7", "pillar"], "changed: the texts"
print("INLINE_BLOCKS=FALSE:", len(whole), "feature,", whole[0]["BlockName"], list(whole[0]["BlockAttributes"]))
assert len(whole) == 1 and list(whole[0]["BlockAttributes"]) == ["NO H7", "TYPE pillar"], "changed: attributes"
PY
