#!/bin/sh
# Build the wheel, install it in an empty environment and run the sample from outside the checkout.
set -eu
root=$PWD
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "== building the wheel"
"$python" -m pip wheel --quiet --no-deps --wheel-dir "$work/dist" .
echo "== installing it in an empty environment"
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet "$work"/dist/emergency_geo-*.whl
echo "== running the sample from outside the checkout"
cd "$work"
"$work/venv/bin/geo" --version
for list in "$root"/layers/standards/*_words.toml; do
  "$work/venv/bin/python" -c 'import sys; from geo.words import word_lists; assert word_lists(sys.argv[1])' \
    "$(basename "$list" _words.toml)" || { echo "missing: $list"; exit 1; }
done
"$work/venv/bin/geo" run sample --out "$work/out"
for name in map.html coverage.gpkg coverage.csv targets.csv summary.json manifest.json; do
  test -s "$work/out/$name" || { echo "missing: $name"; exit 1; }
done
echo "== replaying its manifest"
"$work/venv/bin/geo" run "$work/out/manifest.json" --out "$work/again" --quiet
cmp "$work/out/summary.json" "$work/again/summary.json"
cmp "$work/out/coverage.csv" "$work/again/coverage.csv"
echo "== the wheel works"
