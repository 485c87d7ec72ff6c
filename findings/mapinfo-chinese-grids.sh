#!/usr/bin/env bash
# What: Chinese grids lose their name and their EPSG code on their way through a MapInfo file.
# Versions: pyogrio 0.13.0 with GDAL 3.12.4; geopandas 1.1.4.
# Seen: CGCS2000 is written as datum 104 and comes back as WGS 84; Beijing 1954 zones as datum 154, Xian
#   1980 zones as datum 1017. All come back as "unnamed" without a code, though UTM zones come back with
#   theirs. Xian 1980 also comes back on the ellipsoid of WGS 84 instead of its own, which moves it by 1.6
#   m.
# Expected: the same codes as through a shapefile, whose .prj brings all of them back.
# The product: names such a system by its datum and central meridian, so that a planner knows it again
#   (geo/layers/_formats/mapinfo.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0 geopandas==1.1.4 shapely==2.1.2 pyproj==3.7.2 pandas==3.1.1
env/bin/python -W ignore - <<'PY'
import geopandas as gpd
import pyogrio
import shapely
from pyproj import CRS, Geod, Transformer

print("GDAL", pyogrio.__gdal_version_string__)
EXPECTED = {4528: ("World Geodetic System 1984", None), 2437: ("Beijing 1954", None),
            2385: ("Xian 1980", None), 32651: ("World Geodetic System 1984 ensemble", 32651)}
for code, (datum, back) in EXPECTED.items():
    place = Transformer.from_crs(4326, code, always_xy=True).transform(121.4, 31.5)
    layer = gpd.GeoDataFrame({"id": [1]}, geometry=[shapely.Point(place)], crs=code)
    layer.to_file(f"c{code}.mif", driver="MapInfo File")
    layer.to_file(f"c{code}.shp")
    read, shape = gpd.read_file(f"c{code}.mif"), gpd.read_file(f"c{code}.shp")
    a, b = read.to_crs(4326).geometry[0], layer.to_crs(4326).geometry[0]
    off_m = Geod(ellps="WGS84").inv(a.x, a.y, b.x, b.y)[2]
    line = next(text for text in open(f"c{code}.mif") if text.startswith("CoordSys")).strip()
    print(f"{CRS(code).name}: {line}")
    print(f"  MIF: {read.crs.name!r}, {read.crs.datum.name}, code {read.crs.to_epsg()}, {off_m:.2f} m off")
    print(f"  SHP: code {shape.crs.to_epsg()}")
    assert (read.crs.datum.name, read.crs.to_epsg()) == (datum, back), "changed: MapInfo"
    assert shape.crs.to_epsg() == code, "changed: shapefile"
    assert (off_m > 1) == (code == 2385), "changed: the shift"
    assert code != 2385 or read.crs.ellipsoid.semi_major_metre == 6378137, "changed: the ellipsoid"
PY
