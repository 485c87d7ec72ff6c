#!/usr/bin/env bash
# What: a program of pyvalhalla, called by its full path, does not start while its environment is not on the PATH.
# Versions: pyvalhalla-weekly 3.5.1.post1.dev248.
# Seen: `env/bin/valhalla_build_tiles --help` ends with "Can't find executable at valhalla_build_tiles"; so does
#   `env/bin/python -m valhalla valhalla_build_tiles --help`. With env/bin on the PATH both work, though the program
#   that they start lies in the package and is not looked up on the PATH.
# Expected: a script called by its path works without the environment being activated, as pip's scripts do.
# The product: calls the program in the package's folder bin itself (bench/bench_areas.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  pyvalhalla-weekly==3.5.1.post1.dev248
without() { ! "$@" >out 2>&1 && grep -q "Can't find executable at valhalla_build_tiles" out; }
without env/bin/valhalla_build_tiles --help || { echo "changed: the script starts"; exit 1; }
grep "Can't find" out | tail -1
without env/bin/python -m valhalla valhalla_build_tiles --help || { echo "changed: the module starts it"; exit 1; }
grep "Can't find" out | tail -1
PATH="$PWD/env/bin:$PATH" env/bin/valhalla_build_tiles --help >out 2>&1 || { echo "changed: PATH is no cure"; exit 1; }
grep -q "valhalla_build_tiles" out
echo "with env/bin on the PATH: starts"
