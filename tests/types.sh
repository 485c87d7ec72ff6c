#!/bin/sh
# Types of the scripts of both pages: TypeScript reads their modules with the types in their comments.
# Without npm this says so and goes on, unless EMERGENCY_GEO_REQUIRE_TSC is set, as in CI.
set -eu
cd "$(dirname "$0")/.."
version=5.9.3
home="${VENV:-.venv}/tsc"

if ! command -v npm >/dev/null; then
  if [ -n "${EMERGENCY_GEO_REQUIRE_TSC:-}" ]; then
    echo "types of scripts: npm is missing, and EMERGENCY_GEO_REQUIRE_TSC asks for it" >&2
    exit 1
  fi
  echo "SKIPPED: types of scripts: npm is not installed (Debian: apt-get install npm)"
  exit 0
fi
if [ "$(cat "$home/version" 2>/dev/null)" != "$version" ]; then
  npm install --silent --no-save --no-audit --no-fund --prefix "$home" "typescript@$version" >/dev/null
  echo "$version" > "$home/version"
fi
"$home/node_modules/.bin/tsc" --project tsconfig.json
echo "types of scripts: no errors in $(ls geo/serve/assets/*.js geo/maps/assets/*.js | wc -l) modules"
