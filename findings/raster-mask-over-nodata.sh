#!/usr/bin/env bash
# What: a raster's mask band puts its nodata value out of force, and the value counts as people.
# Versions: rasterio 1.4.4 with GDAL 3.10.3.
# Seen: of the cells 10, 255 (the nodata value) and 30 of a raster with a mask that hides the third,
#   read(masked=True) hides the third only: 255 is a number like any other. The same raster without the mask
#   band hides 255.
# Expected: both hold: a cell is empty where the mask hides it or where it has the nodata value.
# The product: reads mask and nodata apart, and a cell is empty by either (geo/demand/_raster.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  rasterio==1.4.4 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import numpy as np
import rasterio
from rasterio.transform import from_origin

print("rasterio", rasterio.__version__, "GDAL", rasterio.__gdal_version__)
cells = np.array([[[10, 255, 30]]], dtype="uint8")
about = dict(driver="GTiff", width=3, height=1, count=1, dtype="uint8", nodata=255,
             crs="EPSG:32651", transform=from_origin(350000, 3470000, 100, 100))
seen = {}
for name in ("plain", "masked"):
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(f"{name}.tif", "w", **about) as raster:
        raster.write(cells)
        if name == "masked":
            raster.write_mask(np.array([[255, 255, 0]], dtype="uint8"))
    with rasterio.open(f"{name}.tif") as raster:
        read = raster.read(1, masked=True)
        seen[name] = (np.ma.getmaskarray(read)[0].tolist(), int(read.sum()))
    print(f"{name}: nodata 255, cells {read}, sum {seen[name][1]}")
assert seen["plain"] == ([False, True, False], 40), "changed: nodata alone"
assert seen["masked"] == ([False, False, True], 265), "changed: nodata beside a mask"
PY
