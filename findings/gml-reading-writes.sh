#!/usr/bin/env bash
# What: reading a GML file writes another file beside it.
# Versions: pyogrio 0.13.0 with GDAL 3.12.4.
# Seen: where a GML comes without its schema, reading it leaves stations.gfs in the planner's folder: what
#   GDAL guessed of the columns, which the next reading goes by. The guess can be edited, and the columns
#   read then are those of the .gfs.
# Expected: reading leaves the folder as it was, and gives what the file holds.
# The product: reads GML in a copy of its own (geo/layers/_formats/tracks.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0
env/bin/python -W ignore - <<'PY'
import os
import re

import pyogrio
from pyogrio.raw import read

print("GDAL", pyogrio.__gdal_version_string__)
with open("stations.gml", "w") as file:
    file.write("""<?xml version="1.0"?>
<w:FeatureCollection xmlns:w="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml"
 xmlns:t="http://example.org/t">
<gml:featureMember><t:station gml:id="s1"><t:name>North</t:name><t:engines>3</t:engines><t:place><gml:Point
 srsName="EPSG:4326"><gml:coordinates>121.4,31.2</gml:coordinates></gml:Point></t:place></t:station>
</gml:featureMember></w:FeatureCollection>
""")
before = sorted(name for name in os.listdir() if name.startswith("stations"))
first = list(read("stations.gml")[0]["fields"])
after = sorted(name for name in os.listdir() if name.startswith("stations"))
print("before reading:", before, "after:", after, "columns:", first)
assert (before, after) == (["stations.gml"], ["stations.gfs", "stations.gml"]), "changed: nothing is written"
assert first == ["gml_id", "name", "engines"], "changed: the columns"
guess = open("stations.gfs").read()
with open("stations.gfs", "w") as file:
    file.write(re.sub(r"<PropertyDefn>\s*<Name>engines<.*?</PropertyDefn>", "", guess, flags=re.DOTALL))
second = list(read("stations.gml")[0]["fields"])
print("columns after the .gfs was edited, the GML as before:", second)
assert second == ["gml_id", "name"], "changed: the .gfs is not gone by"
PY
