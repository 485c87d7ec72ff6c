#!/usr/bin/env bash
# What: the coordinate system of a GeoTIFF is equal to the published one, but has no area of use.
# Versions: rasterio 1.4.4 (GDAL 3.10.3), pyproj 3.7.2.
# Seen: pyproj makes a system of the one that rasterio read; it has the name and the code of the published one
#   and is equal to it, and its `area_of_use` is None, as GDAL writes the definition without it. So a check of
#   coordinates against the area of use passes over all rasters. By the code alone the area is there.
# Expected: equal systems have equal areas, or the code that is known brings the area along.
# The product: goes by the central meridian of a zone where there is no area (geo/crs/systems.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  rasterio==1.4.4 pyproj==3.7.2 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import numpy as np
import pyproj
import rasterio
from rasterio.transform import from_origin

print("rasterio", rasterio.__version__, "GDAL", rasterio.__gdal_version__, "pyproj", pyproj.__version__)
for code in ("ESRI:54009", "ESRI:102025", "EPSG:4547"):
    people = np.ones((2, 2), dtype="float32")
    where = from_origin(500_000, 3_400_000, 100, 100)
    with rasterio.open(
        "people.tif", "w", driver="GTiff", width=2, height=2, count=1, dtype="float32", crs=code, transform=where
    ) as file:
        file.write(people, 1)
    with rasterio.open("people.tif") as file:
        read = pyproj.CRS(file.crs)
    published = pyproj.CRS(code)
    print(f"{code}, {read.name}: equal {read == published}, code {':'.join(read.to_authority())},")
    print(f"  area of use: published {published.area_of_use.bounds}, read {read.area_of_use}")
    assert read == published and ":".join(read.to_authority()) == code, "changed: another system"
    assert published.area_of_use is not None, "changed: the published system has no area"
    assert read.area_of_use is None, "changed: there is an area of use"
PY
