#!/usr/bin/env bash
# What: a site that is built for use without a network asks a web address as soon as a page is opened.
# Versions: zensical 0.0.73, mkdocs-material 9.8.2 with mkdocs 1.6.1.
# Seen: with the plugin `offline` each page has <script src="https://unpkg.com/iframe-worker/shim">. Where there is no
#   network, pages opened from a disk wait for it and search finds nothing; where there is one, a server outside learns
#   of each page that is read. A strict build without fonts of the web says nothing of it.
# Expected: what is built for a disk needs the disk alone.
# The product: puts a script of its own in its place and follows every resource of the built pages (handbook/build.py,
#   handbook/links.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  zensical==0.0.73 mkdocs-material==9.8.2 mkdocs==1.6.1
mkdir docs
echo "# Page" >docs/index.md
cat >zensical.toml <<'TOML'
[project]
site_name = "x"
use_directory_urls = false
[project.theme]
font = false
[project.plugins.search]
[project.plugins.offline]
TOML
cat >mkdocs.yml <<'YAML'
site_name: x
site_dir: material
theme: {name: material, font: false}
plugins: [search, offline]
YAML
env/bin/zensical build --strict -f zensical.toml >/dev/null
NO_MKDOCS_2_WARNING=1 env/bin/mkdocs build -q -f mkdocs.yml 2>/dev/null
env/bin/python - <<'PY'
import re
from importlib.metadata import version
from pathlib import Path

for name, folder in (("zensical", "site"), ("mkdocs-material", "material")):
    page = Path(folder, "index.html").read_text(encoding="utf-8")
    asked = re.findall(r'<script src="?(https://[^" >]+)', page)
    print(name, version(name), "asks", asked)
    assert asked == ["https://unpkg.com/iframe-worker/shim"], "changed: something else is asked for"
PY
