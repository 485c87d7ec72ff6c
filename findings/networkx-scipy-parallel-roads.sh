#!/usr/bin/env bash
# What: two roads between the same junctions become one that takes as long as both together.
# Versions: networkx 3.6.1 with scipy 1.17.1.
# Seen: a street of 60 s beside one of 90 s: networkx's own search says 60 s. to_scipy_sparse_array adds
#   parallel edges up, so dijkstra of scipy says 150 s.
# Expected: the shorter of the two; a graph of times has no use for their sum.
# The product: keeps the fastest of parallel links (geo/network/csr.py, compress_arcs).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  networkx==3.6.1 scipy==1.17.1 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import networkx
import scipy
from scipy.sparse.csgraph import dijkstra

print("networkx", networkx.__version__, "scipy", scipy.__version__)
graph = networkx.MultiDiGraph()
graph.add_edge("a", "b", time=60.0)
graph.add_edge("a", "b", time=90.0)
own = networkx.single_source_dijkstra_path_length(graph, "a", weight="time")["b"]
other = dijkstra(networkx.to_scipy_sparse_array(graph, weight="time"), indices=0)[1]
print(f"networkx: {own} s; scipy on the matrix of networkx: {other} s")
assert (own, other) == (60.0, 150.0), "changed: parallel roads"
PY
