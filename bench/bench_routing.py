"""Searches against networkx, scipy, pandana and osmnx's recipe; answers are compared first."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from bench.liechtenstein import PBF, load
from geo.network import RoadNetwork, to_networkx
from geo.routing import (
    _batches,
    nearest,
    node_nearest,
    node_table,
    node_times,
    prepare_points,
    snap,
    with_facility,
    without_facility,
)
from geo.sample import grid_network
from geo.times import to_seconds

N_NODES, N_STATIONS, N_CANDIDATES, N_SCIPY = 410_000, 180, 5_000, 50
OUT = "from_facility"


def rows() -> list[dict[str, str]]:
    """Give the rows of the table."""
    city = grid_network(N_NODES, seed=1)
    return [*buildings(), *stations(city), candidates(city), *changes(city), growth_row()]


def best(call: Callable[[], object], *, times: int = 7) -> float:
    """Give the least seconds of several calls: what others on the machine add is not ours."""
    call()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return min(taken)


def row(work: str, ours_s: float, peer: str, peer_s: float, target: float, note: str) -> dict[str, str]:
    """Give one row of the table."""
    return {
        "work": work,
        "ours": f"{ours_s * 1000:.2f} ms",
        "peer": f"{peer} {peer_s * 1000:.1f} ms",
        "ratio": f"{peer_s / ours_s:.0f}x",
        "target": f"{target:g}x",
        "note": note,
    }


def at_nodes(
    network: RoadNetwork, n: int, *, seed: int, prefix: str = "s"
) -> tuple[pd.DataFrame, np.ndarray]:
    """Give snaps at the u ends of random edges, and those nodes: what every peer can start from."""
    edge = np.sort(np.random.default_rng(seed).choice(network.n_edges, n, replace=False))
    table = pd.DataFrame(
        {"edge": edge, "fraction": 0.0, "snap_m": 0.0, "access_s": 0.0, "component": 0, "is_snapped": True,
         "reason": ""},
        index=[f"{prefix}{i}" for i in range(n)],
    )  # fmt: skip
    return table, network.edge_u[edge]


def plain_graph(network: RoadNetwork) -> nx.DiGraph:
    """Give the arcs as a networkx graph, milliseconds as ``ms``, which add up without rounding."""
    tail = np.repeat(np.arange(network.n_nodes), np.diff(network.arcs.start))
    graph = nx.DiGraph()
    graph.add_nodes_from(range(network.n_nodes))
    graph.add_weighted_edges_from(
        zip(tail.tolist(), network.arcs.head.tolist(), network.arcs.ms.tolist(), strict=True),
        weight="ms",
    )
    return graph


def matrix(network: RoadNetwork) -> csr_array:
    """Give the arcs as a scipy matrix of milliseconds."""
    arcs = network.arcs
    return csr_array((arcs.ms.astype(float), arcs.head, arcs.start), shape=(network.n_nodes, network.n_nodes))


def buildings() -> list[dict[str, str]]:
    """Time all buildings of Liechtenstein from its fire stations."""
    if not PBF.exists():
        return []
    network, station, house = load()
    f, d = snap(station, network), snap(house, network)
    snap_s = best(lambda: snap(house, network), times=3)
    graph, node = plain_graph(network), network.edge_u[f["edge"]]
    on_nodes, _ = at_nodes(network, 1, seed=0)
    on_nodes = pd.concat([on_nodes] * len(node)).assign(edge=f["edge"].to_numpy())
    on_nodes.index = range(len(node))
    ours = to_seconds(node_times(network, on_nodes, direction=OUT))

    def by_networkx() -> np.ndarray:
        least = np.full(network.n_nodes, np.inf)
        for start in node.tolist():
            reached = nx.single_source_dijkstra_path_length(graph, start, weight="ms")
            at = np.fromiter(reached.keys(), int, len(reached))
            least[at] = np.minimum(least[at], np.fromiter(reached.values(), float, len(reached)))
        return least

    np.testing.assert_allclose(by_networkx() / 1000, ours, atol=1e-6)
    multi = to_networkx(network)
    own = network.node_id[node].tolist()

    def by_recipe() -> list[nx.MultiDiGraph]:
        return [nx.ego_graph(multi, n, radius=240, distance="travel_time") for n in own]

    ready_s = best(lambda: prepare_points(network, d, direction=OUT), times=20)
    ready = prepare_points(network, d, direction=OUT)
    pd.testing.assert_frame_equal(
        nearest(network, f, ready, direction=OUT), nearest(network, f, d, direction=OUT)
    )
    ours_s = best(lambda: nearest(network, f, ready, direction=OUT), times=50)
    work = f"{len(d):,} buildings of Liechtenstein, {len(f)} stations, exact on the edge"
    note = (
        "first and second, as a table; once before that: snapping the buildings "
        f"{snap_s * 1000:.0f} ms, making them ready {ready_s * 1000:.1f} ms"
    )
    return [
        row(work, ours_s, "networkx, node to node", best(by_networkx, times=7), 5, note),
        row(work, ours_s, "osmnx ego-graph recipe, 240 s", best(by_recipe, times=7), 100, ""),
    ]


def stations(city: RoadNetwork) -> list[dict[str, str]]:
    """Find the first and second of 180 stations for every node."""
    table, node = at_nodes(city, N_STATIONS, seed=2)
    state = node_nearest(city, table, direction=OUT, limit_s=240)
    graph = plain_graph(city)

    def by_networkx() -> np.ndarray:
        found = np.full((city.n_nodes, 2), np.inf)
        for start in node.tolist():
            reached = nx.single_source_dijkstra_path_length(graph, start, cutoff=240_000, weight="ms")
            at = np.fromiter(reached.keys(), int, len(reached))
            s = np.fromiter(reached.values(), float, len(reached))
            found[at, 1] = np.minimum(found[at, 1], np.maximum(found[at, 0], s))
            found[at, 0] = np.minimum(found[at, 0], s)
        return found

    ours = np.column_stack([to_seconds(state.first_ms), to_seconds(state.second_ms)])
    np.testing.assert_allclose(by_networkx() / 1000, ours, atol=1e-6)
    ours_s = best(lambda: node_nearest(city, table, direction=OUT, limit_s=240), times=15)
    size = f"{city.n_nodes:,} nodes, {len(city.arcs.head):,} arcs"
    work = f"first and second of {N_STATIONS} stations, 240 s, every node ({size})"
    n_labels = int((state.first >= 0).sum() + (state.second >= 0).sum())
    note = f"{n_labels:,} labels; {bound(n_labels, ours_s, record=16)}"
    return [row(work, ours_s, "networkx, one search a station", best(by_networkx, times=4), 25, note)]


def candidates(city: RoadNetwork) -> dict[str, str]:
    """Reach every node within 300 s from each of 5,000 candidates."""
    table, node = at_nodes(city, N_CANDIDATES, seed=3)
    graph = matrix(city)
    few = node_table(city, table[:N_SCIPY], direction=OUT, limit_s=300).to_dense().to_numpy()
    np.testing.assert_allclose(
        dijkstra(graph, indices=node[:N_SCIPY], limit=300_000).T / 1000, few, atol=1e-6
    )

    def by_scipy() -> csr_array:
        dense = dijkstra(graph, indices=node[:N_SCIPY], limit=300_000)
        at = np.nonzero(np.isfinite(dense))
        return csr_array((dense[at], at), shape=dense.shape)

    scipy_s = best(by_scipy, times=9) / N_SCIPY * N_CANDIDATES
    del few
    n = len(node_table(city, table, direction=OUT, limit_s=300).ms)
    ours_s = best(lambda: node_table(city, table, direction=OUT, limit_s=300), times=9)
    one_s = single_core(city, table)
    note = (
        f"{n:,} entries; {n / one_s / 1e6:.1f} million settled nodes a second on one core, "
        f"{n / ours_s / 1e6:.1f} on all; scipy timed on {N_SCIPY}, it has dense rows only; "
        f"{bound(n, one_s, record=4)}"
    )
    return row(f"{N_CANDIDATES:,} candidates x every node within 300 s", ours_s, "scipy", scipy_s, 35, note)


def single_core(city: RoadNetwork, table: pd.DataFrame) -> float:
    """Time the same table with one thread."""
    cores = vars(_batches)["cpu_count"]
    vars(_batches)["cpu_count"] = lambda: 1
    try:
        return best(lambda: node_table(city, table, direction=OUT, limit_s=300), times=5)
    finally:
        vars(_batches)["cpu_count"] = cores


def changes(city: RoadNetwork) -> list[dict[str, str]]:
    """Add a station, take one away."""
    table, node = at_nodes(city, N_STATIONS, seed=2)
    new, _ = at_nodes(city, 1, seed=77, prefix="new")
    state = node_nearest(city, table, direction=OUT, limit_s=240)
    graph = matrix(city)
    check = to_seconds(state.first_ms)
    np.testing.assert_allclose(
        dijkstra(graph, indices=node, limit=240_000, min_only=True) / 1000, check, atol=1e-6
    )
    scipy_s = best(lambda: dijkstra(graph, indices=node, limit=240_000, min_only=True), times=5)
    more = with_facility(state, city, new)
    fresh = node_nearest(city, pd.concat([table, new]), direction=OUT, limit_s=240)
    assert (fresh.record[more.nodes] == more.labels).all()
    assert (fresh.record != state.record).any(axis=1).sum() == len(more.nodes)
    fewer = without_facility(state, city, "s77")
    peer = "scipy, the first only, all stations at once"
    with_s = best(lambda: with_facility(state, city, new), times=50)
    without_s = best(lambda: without_facility(state, city, "s77"), times=50)
    return [
        row(
            "one station more: first and second of all nodes",
            with_s,
            peer,
            scipy_s,
            50,
            f"{len(more.nodes):,} nodes change",
        ),
        row("one station fewer", without_s, peer, scipy_s, 50, f"{len(fewer.nodes):,} nodes change"),
    ]


def growth() -> pd.DataFrame:
    """Give nodes, and milliseconds of the first and second of every node, with a station per 2,000 nodes."""
    found = []
    for n in (10_000, 30_000, 100_000, 300_000, 1_000_000):
        city = grid_network(n, seed=1)
        table, _ = at_nodes(city, n // 2000, seed=4)
        s = best(lambda c=city, t=table: node_nearest(c, t, direction=OUT, limit_s=240), times=5)  # type: ignore[misc]
        all_s = best(lambda c=city, t=table: node_nearest(c, t, direction=OUT), times=3)  # type: ignore[misc]
        found.append({"nodes": n, "within_240s_ms": s * 1000, "no_limit_ms": all_s * 1000})
    return pd.DataFrame(found)


def growth_row() -> dict[str, str]:
    """Give the growth as one row."""
    table = growth()
    plot_growth(table, Path(__file__).with_name("growth.png"))
    small, large = table.iloc[0], table.iloc[-1]
    ratio = large["within_240s_ms"] / small["within_240s_ms"]
    steps = "; ".join(
        f"{r.nodes:,.0f}: {r.within_240s_ms:.1f} / {r.no_limit_ms:.1f} ms" for r in table.itertuples()
    )
    return {
        "work": "growth from 10^4 to 10^6 nodes (first and second, a station per 2,000 nodes)",
        "ours": f"{large['within_240s_ms']:.1f} ms at 10^6",
        "peer": "100 times the nodes",
        "ratio": f"{ratio:.0f} times the time",
        "target": "near-linear",
        "note": f"[plot](growth.png); within 240 s / no limit at {steps}",
    }


def plot_growth(table: pd.DataFrame, path: Path) -> None:
    """Draw the growth beside a straight line through the first size."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for column, label in (("within_240s_ms", "within 240 s"), ("no_limit_ms", "no limit")):
        (line,) = axes.loglog(table["nodes"], table[column], marker="o", label=label)
        linear = table[column].iloc[0] * table["nodes"] / table["nodes"].iloc[0]
        axes.loglog(table["nodes"], linear, linestyle=":", color=line.get_color())
    axes.set(
        title="First and second station of every node (dotted: in proportion)",
        xlabel="nodes, a station per 2,000",
        ylabel="milliseconds",
    )
    axes.legend()
    figure.savefig(path, dpi=80)


def bound(n_settled: int, seconds: float, *, record: int) -> str:
    """Say what memory traffic alone would take: record read and written, three arcs and heads' records."""
    a, b = np.ones(2**25), np.empty(2**25)
    rate = 2 * a.nbytes / best(lambda: np.copyto(b, a), times=3)
    floor = n_settled * (2 * record + 3 * (8 + record)) / rate
    return f"memory traffic alone {floor * 1000:.0f} ms at {rate / 1e9:.0f} GB/s ({seconds / floor:.1f}x)"
