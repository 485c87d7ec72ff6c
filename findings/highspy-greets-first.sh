#!/usr/bin/env bash
# What: HiGHS prints its banner while a solver is made, before anybody can tell it not to.
# Versions: highspy 1.16.0; not 1.15.1.
# Seen: `highspy.Highs()` writes "Running HiGHS 1.16.0 ..." to the process's standard output, once a process. It is
#   printed as the constructor sets up its callbacks, so `setOptionValue("output_flag", False)`, which silences
#   all else, comes too late. The compiled class alone, and 1.15.1, print nothing.
# Expected: silence until a model is run, or a way to ask for it.
# The product: sets the option inside the constructor, before the callbacks (geo/optimize/milp.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for version in 1.15.1 1.16.0; do
  python3 -m venv --without-pip "$version"
  python3 -m pip --python "$version/bin/python" install -qq --disable-pip-version-check --no-compile \
    --only-binary=:all: "highspy==$version" numpy==2.4.6
  echo "highspy $version, the constructor alone:"
  "$version/bin/python" -c 'import highspy; highspy.Highs()' | tee "$version.txt"
  "$version/bin/python" -c '
import highspy
solver = highspy.Highs()
solver.setOptionValue("output_flag", False)' >"$version-silenced.txt"
done
[ ! -s 1.15.1.txt ] || { echo "changed: 1.15.1 prints too"; exit 1; }
grep -q "^Running HiGHS 1.16.0" 1.16.0.txt || { echo "changed: 1.16.0 prints nothing"; exit 1; }
grep -q "^Running HiGHS 1.16.0" 1.16.0-silenced.txt || { echo "changed: the option comes in time"; exit 1; }
