#!/usr/bin/env bash
# What: a layer whose codes do not begin at 0 and go on without gaps cannot be read through Arrow.
# Versions: pyogrio 0.13.0 with GDAL 3.12.4 (also 0.12.1 with 3.11.4), pandas 3.1.1, pyarrow 26.0.1.
# Seen: a GeoPackage with a coded domain 1, 2, 5 is read without Arrow as these codes; with use_arrow=True
#   pandas raises "Categorical categories cannot be null", since GDAL fills the places of the codes 0, 3 and
#   4 with null.
# Expected: the codes or their words, whatever the numbers; use_arrow changes the speed only.
# The product: reads without Arrow and looks the words up itself (geo/layers/_formats/gdal.py, domains.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0 geopandas==1.1.4 shapely==2.1.2 pandas==3.1.1 pyarrow==26.0.1
env/bin/python -W ignore - <<'PY'
import contextlib
import sqlite3

import geopandas as gpd
import pandas as pd
import pyogrio

print("pyogrio", pyogrio.__version__, "GDAL", pyogrio.__gdal_version_string__, "pandas", pd.__version__)
kind = pd.array([1, 2, 5], dtype="int32")
gpd.GeoDataFrame({"kind": kind}, geometry=gpd.points_from_xy([1, 2, 3], [1, 2, 3]), crs=4326).to_file(
    "hydrants.gpkg", layer="hydrants"
)
with contextlib.closing(sqlite3.connect("hydrants.gpkg")) as base:
    base.executescript("""
    CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
      description TEXT, mime_type TEXT, constraint_name TEXT,
      CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
    CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL,
      value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
      CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
    INSERT INTO gpkg_data_columns VALUES ('hydrants', 'kind', NULL, NULL, NULL, NULL, 'kinds');
    """)
    for table in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        base.execute(
            "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', "
            "'http://www.geopackage.org/spec/#extension_schema', 'read-write')", (table,))
    for code, word in (("1", "pillar"), ("2", "underground"), ("5", "wall")):
        base.execute("INSERT INTO gpkg_data_column_constraints VALUES "
                     "('kinds', 'enum', ?, NULL, NULL, NULL, NULL, ?)", (code, word))
    base.commit()
plain = pyogrio.read_dataframe("hydrants.gpkg")["kind"].tolist()
print("without Arrow:", plain)
assert plain == [1, 2, 5], "changed: without Arrow"
words = pyogrio.read_arrow("hydrants.gpkg")[1]["kind"].chunk(0).dictionary.to_pylist()
print("dictionary in Arrow:", words)
assert words == [None, "pillar", "underground", None, None, "wall"], "changed: the dictionary"
try:
    pyogrio.read_dataframe("hydrants.gpkg", use_arrow=True)
except ValueError as error:
    print("with Arrow:", error)
    assert "cannot be null" in str(error), "changed: another error"
else:
    raise SystemExit("changed: it is read through Arrow")
PY
