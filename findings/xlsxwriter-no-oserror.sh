#!/usr/bin/env bash
# What: the same fault of the disk is an OSError in one way of writing a workbook, and none in the other.
# Versions: XlsxWriter 3.3.1.
# Seen: where the folder for temporary files is missing, a workbook with `constant_memory` raises
#   FileNotFoundError when its sheet is added. One without raises FileCreateError when it is closed, which is
#   no OSError and has no errno, though the target is in memory. A program that catches OSError ends with a
#   traceback. Each OSError while a workbook is closed, such as that of a full disk, is turned into it.
# Expected: an OSError in both, as FileCreateError could be one.
# The product: makes an OSError of it, with a word on temporary files (geo/outputs/_xlsx.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  XlsxWriter==3.3.1
env/bin/python -W ignore - <<'PY'
import io

import xlsxwriter

print("XlsxWriter", xlsxwriter.__version__)
seen = {}
for constant_memory in (True, False):
    step = "opened"
    try:
        book = xlsxwriter.Workbook(io.BytesIO(), {"tmpdir": "missing", "constant_memory": constant_memory})
        step = "given a sheet"
        book.add_worksheet().write(0, 0, "North")
        step = "closed"
        book.close()
    except Exception as error:
        kind, is_os_error = type(error).__name__, isinstance(error, OSError)
        seen[constant_memory] = kind, is_os_error, hasattr(error, "errno"), step
        print(f"constant_memory={constant_memory}: {kind} when {step}; an OSError: {is_os_error}; {error}")
    else:
        raise SystemExit(f"changed: constant_memory={constant_memory} raises nothing")
assert seen[True] == ("FileNotFoundError", True, True, "given a sheet"), "changed: with constant_memory"
assert seen[False] == ("FileCreateError", False, False, "closed"), "changed: without constant_memory"
PY
