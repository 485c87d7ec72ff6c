#!/usr/bin/env bash
# What: after one download all of the process looks up addresses through osmnx.
# Versions: osmnx 2.0.7; a small server on this machine stands for Overpass.
# Seen: socket.getaddrinfo of Python is replaced by a function of osmnx at the first download and stays so:
#   it answers for the server's name with the address found then, for every other library too.
# Expected: the look-up is as before when the download has ended.
# The product: puts the look-up back after every download (geo/osm/download.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  osmnx==2.0.7 geopandas==1.1.4 pandas==3.1.1 shapely==2.1.2 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import socket

import osmnx

import http.server
import json
import threading


class Overpass(http.server.BaseHTTPRequestHandler):
    """Answers with one road; it is never busy."""

    asked = 0

    def do_POST(self) -> None:
        Overpass.asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        nodes = [{"type": "node", "id": i, "lat": 31.2 + i / 100, "lon": 121.4} for i in (1, 2)]
        way = {"type": "way", "id": 9, "nodes": [1, 2], "tags": {"highway": "primary"}}
        body = json.dumps({"elements": [*nodes, way]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Overpass)
threading.Thread(target=server.serve_forever, daemon=True).start()
osmnx.settings.overpass_url = f"http://localhost:{server.server_port}/api"
osmnx.settings.overpass_rate_limit = False
osmnx.settings.use_cache = False

print("osmnx", osmnx.__version__)
before = socket.getaddrinfo
graph = osmnx.graph_from_bbox((121.3, 31.1, 121.5, 31.3), network_type="drive", simplify=False, retain_all=True)
print("look-up before:", before.__module__, "after:", socket.getaddrinfo.__module__, socket.getaddrinfo.__qualname__)
assert socket.getaddrinfo is not before, "changed: it is put back"
assert socket.getaddrinfo.__module__.startswith("osmnx"), "changed: it is another one's"
PY
