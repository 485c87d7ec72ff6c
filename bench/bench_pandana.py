"""First and second station of every node, against pandana, which builds for most of a minute first."""

from __future__ import annotations

import time

import numpy as np
import pandana
import pandas as pd

from bench.bench_routing import N_NODES, N_STATIONS, OUT, at_nodes, best, row
from geo.routing import node_nearest
from geo.sample import grid_network
from geo.times import to_seconds


def rows() -> list[dict[str, str]]:
    """Ask pandana the same; it goes from the nodes to the stations, so it gets the arcs reversed."""
    city = grid_network(N_NODES, seed=1)
    table, node = at_nodes(city, N_STATIONS, seed=2)
    state = node_nearest(city, table, direction=OUT, limit_s=240)
    ours = np.column_stack([to_seconds(state.first_ms), to_seconds(state.second_ms)])
    ours_s = best(lambda: node_nearest(city, table, direction=OUT, limit_s=240), times=15)
    work = f"first and second of {N_STATIONS} stations, 240 s, every node"
    start = time.perf_counter()
    tail = np.repeat(np.arange(city.n_nodes), np.diff(city.arcs.start))
    x, y = pd.Series(city.node_xy[:, 0]), pd.Series(city.node_xy[:, 1])
    # In seconds: pandana counts thousandths of the unit, and milliseconds would overflow its whole numbers.
    seconds = pd.DataFrame({"s": city.arcs.ms / 1000.0})
    theirs = pandana.Network(x, y, pd.Series(city.arcs.head), pd.Series(tail), seconds, twoway=False)
    theirs.set_pois("station", 240, 2, x[node], y[node])
    build_s = time.perf_counter() - start

    def query() -> pd.DataFrame:
        return theirs.nearest_pois(240, "station", num_pois=2)

    found = query().to_numpy()
    share = np.isclose(found, np.where(np.isinf(ours), 240, ours), atol=0.002).mean()
    assert share > 0.999, share
    note = f"pandana also builds for {build_s:.0f} s; {share:.3%} of its times are ours within 2 ms"
    return [row(work, ours_s, "pandana query", best(query, times=7), 50, note)]
