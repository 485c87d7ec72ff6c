#!/usr/bin/env bash
# What: a download from a busy Overpass server never ends.
# Versions: osmnx 2.0.7; a small server on this machine stands for Overpass.
# Seen: after an answer 504 osmnx waits 55 s and asks again, as often as it takes; here it asks the 41st
#   time when the server at last answers. No setting limits the tries, and requests_timeout holds for each
#   one alone.
# Expected: an error after some tries or some time, as a caller can handle.
# The product: stops at a failing answer by a hook of requests, and says what to do (geo/osm/download.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  osmnx==2.0.7 geopandas==1.1.4 pandas==3.1.1 shapely==2.1.2 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import time

import osmnx

import http.server
import json
import threading


class Overpass(http.server.BaseHTTPRequestHandler):
    """Answers with one road; the first forty times it is busy."""

    asked = 0

    def do_POST(self) -> None:
        Overpass.asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        nodes = [{"type": "node", "id": i, "lat": 31.2 + i / 100, "lon": 121.4} for i in (1, 2)]
        way = {"type": "way", "id": 9, "nodes": [1, 2], "tags": {"highway": "primary"}}
        body = json.dumps({"elements": [*nodes, way]}).encode()
        self.send_response(504 if Overpass.asked <= 40 else 200)
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
waited, wait = [], time.sleep
time.sleep = lambda seconds: waited.append(seconds) if seconds > 1 else wait(seconds)
graph = osmnx.graph_from_bbox((121.3, 31.1, 121.5, 31.3), network_type="drive", simplify=False, retain_all=True)
print(f"asked {Overpass.asked} times, would have waited {sum(waited) / 60:.0f} minutes")
assert Overpass.asked == 41 and waited == [55] * 40, "changed: the tries"
assert len(graph) == 2, "changed: the graph"
PY
