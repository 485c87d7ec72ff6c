#!/usr/bin/env bash
# What: a number that is written out makes numba compile the called function once more.
# Versions: numba 0.66.0.
# Seen: first(times, 0) and first(times, k), both called from one kernel with whole numbers, give two
#   compiled versions of first: one for the literal 0 and one for int64. With np.int64(0) there is one.
# Expected: one version: in a call from Python the 0 is an int64 like any other.
# The product: writes no bare numbers into calls between kernels (geo/routing/_kernels/dijkstra.py,
#   geo/areas/_outline.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  numba==0.66.0 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import numba
import numpy as np
from numba import njit

print("numba", numba.__version__)
ZERO = np.int64(0)


def versions(zero) -> list[str]:
    @njit
    def first(times, place):
        return times[place]

    @njit
    def written(times, place):
        return first(times, 0) + first(times, place)

    @njit
    def typed(times, place):
        return first(times, np.int64(0)) + first(times, place)

    (written if zero == "written" else typed)(np.arange(3.0), 1)
    return [str(signature[1]) for signature in first.signatures]


for how, expected in (("written", 2), ("typed", 1)):
    seen = versions(how)
    print(how, "0:", len(seen), "versions, for", seen)
    assert len(seen) == expected, "changed: the number of versions"
PY
