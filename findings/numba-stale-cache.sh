#!/usr/bin/env bash
# What: a cached kernel goes on with the old code of a function that it calls.
# Versions: numba 0.66.0.
# Seen: reach (cache=True) calls minutes of another module. After minutes is changed, a new process takes
#   reach from the cache and gives the old answer, while minutes itself gives the new one.
# Expected: the cache sees that a function compiled into the kernel has changed, or its module has.
# The product: keeps one hash of all modules with kernels or parts of them, and forgets the cache when it
#   changes (geo/_jit/compile.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  numba==0.66.0
env/bin/python -W ignore - <<'PY'
import pathlib
import subprocess
import sys

import numba

print("numba", numba.__version__)
PART = "from numba import njit\n@njit\ndef minutes(metres):\n    return metres / {speed:.1f}\n"
pathlib.Path("reach.py").write_text(
    "from numba import njit\nimport parts\n@njit(cache=True)\ndef reach(metres):\n    return parts.minutes(metres)\n"
)
ASK = "import reach; print(reach.reach(1000.0), reach.parts.minutes(1000.0), sum(reach.reach.stats.cache_hits.values()))"
seen = []
for speed in (500, 250):
    pathlib.Path("parts.py").write_text(PART.format(speed=speed + 0.0) + f"# {'x' * speed}\n")
    answer = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True).stdout.split()
    seen.append(tuple(float(number) for number in answer))
    print(f"{speed} m a minute: cached kernel {answer[0]} min, its part {answer[1]} min, from the cache: {answer[2]}")
assert seen == [(2.0, 2.0, 0.0), (2.0, 4.0, 1.0)], "changed: the kernel is compiled anew"
PY
