#!/bin/sh
# Build the sdist and the wheel, hold them against the checkout, install the wheel in an empty environment that
# may not be written, and run the sample from outside the checkout, with no home to keep anything in.
set -eu
root=$PWD
python=${PYTHON:-python3}
version=$("$python" -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
echo "== building the wheel by way of the sdist"
"$python" -m venv "$work/build"
"$work/build/bin/python" -m pip install --quiet build
"$work/build/bin/python" -m build --outdir "$work/dist" . >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
"$python" tests/packed.py "$work/dist"

echo "== installing it in an empty environment"
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet "$work"/dist/emergency_geo-*.whl
cd "$work"
test "$(PYTHONDONTWRITEBYTECODE=1 "$work/venv/bin/geo" --version)" = "emergency-geo $version"
for list in "$root"/layers/standards/*_terms.toml; do
  "$work/venv/bin/python" -c 'import sys; from geo.words import word_lists; assert word_lists(sys.argv[1])' \
    "$(basename "$list" _terms.toml)" || { echo "missing: $list"; exit 1; }
done

echo "== running the sample from an installation that may not be written, without a home"
chmod -R a-w "$work/venv"
find "$work/venv" | LC_ALL=C sort >"$work/before"
unprivileged=""
if [ "$(id -u)" = 0 ]; then unprivileged="setpriv --bounding-set=-all --inh-caps=-all"; fi  # root may write anywhere
if $unprivileged touch "$work/venv/written" 2>/dev/null; then echo "the installation can be written"; exit 1; fi
HOME=/nonexistent XDG_CACHE_HOME=/nonexistent $unprivileged "$work/venv/bin/geo" run sample --out "$work/out"
find "$work/venv" | LC_ALL=C sort | cmp "$work/before" -
for name in map.html coverage.gpkg coverage.csv targets.csv tables.xlsx summary.json manifest.json; do
  test -s "$work/out/$name" || { echo "missing: $name"; exit 1; }
done

echo "== replaying its manifest, with kernels kept"
chmod -R u+w "$work/venv"
"$work/venv/bin/geo" run "$work/out/manifest.json" --out "$work/again" --quiet
cmp "$work/out/summary.json" "$work/again/summary.json"
cmp "$work/out/coverage.csv" "$work/again/coverage.csv"
echo "== the wheel works"
