#!/usr/bin/env bash
# What: Chinese column names are spoilt in MapInfo files, and two may become one; the cells stay whole.
# Versions: pyogrio 0.13.0 with GDAL 3.12.4 (driver MapInfo File); QGIS 3.22.16 with GDAL 3.6.2 does the same.
# Seen: 人口 and 面积 are written to a MIF or TAB with _ for each byte below 192: both names become the same
#   shape (E4 _ _ E5 _ _), and cannot be read back. GDAL's warning is of spoilt bytes itself: pyogrio passes it on
#   as "Could not decode error message", QGIS returns no error. With the option ENCODING=CP936 the names stay.
# Expected: the names as they are, in the encoding of the cells, or an error.
# The product: tells the columns, so that a status among them is not passed over
#   (geo/layers/_formats/mapinfo.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyogrio==0.13.0 numpy==2.4.6
env/bin/python - <<'PY'
import struct
import warnings
from pathlib import Path

import numpy as np
import pyogrio
from pyogrio.raw import write

print("GDAL", pyogrio.__gdal_version_string__)
point = np.array([bytes.fromhex("0101000000") + struct.pack("<dd", 121.4, 31.2)], dtype=object)
cells = [np.array(["12"], dtype=object), np.array(["北"], dtype=object)]


def names_written(file: str, encoding: str, **options: str) -> list[bytes]:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        write(
            file, point, cells, ["人口", "面积"],
            geometry_type="Point", crs="EPSG:4326", driver="MapInfo File", **options,
        )
    head = Path(file).read_bytes().splitlines()
    first = next(i for i, line in enumerate(head) if line.strip().startswith((b"Columns", b"Fields"))) + 1
    names = [line.split()[0] for line in head[first : first + 2]]
    assert all("invalid characters" in str(w.message) for w in warned), "changed: the warning"
    print(file, options, [name.decode(encoding, "replace") for name in names], [str(w.message) for w in warned])
    return names


spoilt = [bytes(b if b >= 192 else ord("_") for b in name.encode()) for name in ("人口", "面积")]
assert names_written("plain.mif", "utf-8", FORMAT="MIF") == spoilt, "changed: names in MIF"
assert names_written("plain.tab", "utf-8") == spoilt, "changed: names in TAB"
assert "北".encode() in Path("plain.mid").read_bytes(), "changed: the cells"
kept = names_written("asked.mif", "gbk", FORMAT="MIF", ENCODING="CP936")
assert kept == [name.encode("gbk") for name in ("人口", "面积")], "changed: names where an encoding is asked"
PY
