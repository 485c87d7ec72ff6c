"""Random networks and points for the laws: one-way streets, parallel links, loops, islands."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from geo.network import RoadNetwork
from tests.towns import town


@st.composite
def networks(draw: st.DrawFn, *, max_nodes: int = 9) -> RoadNetwork:
    """Draw a network; few distinct times, so that ties are common."""
    n = draw(st.integers(1, max_nodes))
    node = st.integers(0, n - 1)
    seconds = st.sampled_from([0.001, 0.5, 1.0, 2.0, 3.0, 7.5, 60.0, 4000.0])
    back = st.one_of(seconds, st.just(np.inf))
    links = draw(st.lists(st.tuples(node, node, seconds, back), min_size=1, max_size=3 * n))
    turned = [(u, v, t, b) if draw(st.booleans()) else (u, v, b, t) for u, v, t, b in links]
    places = {i: (float(draw(st.integers(0, 500))), float(i)) for i in range(n)}
    return town(places, turned)


@st.composite
def snaps(
    draw: st.DrawFn, network: RoadNetwork, *, prefix: str, min_size: int = 0, max_size: int = 6
) -> pd.DataFrame:
    """Draw snapped points on a network, ends and shared places included, a few of them not snapped."""
    edge = st.integers(-1, network.n_edges - 1)
    fraction = st.sampled_from([0.0, 0.25, 1 / 3, 0.5, 0.8, 1.0])
    access = st.sampled_from([0.0, 0.0, 1.5, 30.0])
    rows = draw(st.lists(st.tuples(edge, fraction, access), min_size=min_size, max_size=max_size))
    return make_snaps(rows, prefix=prefix)


def make_snaps(rows: list[tuple[int, float, float]], *, prefix: str) -> pd.DataFrame:
    """Make a Snaps table from (edge or -1, fraction, access seconds)."""
    edge = np.array([row[0] for row in rows], dtype=np.int64)
    is_on = edge >= 0
    return pd.DataFrame(
        {
            "edge": edge,
            "fraction": np.where(is_on, [row[1] for row in rows], np.nan),
            "snap_m": 0.0,
            "access_s": np.where(is_on, [row[2] for row in rows], np.inf),
            "component": np.where(is_on, 0, -1),
            "is_snapped": is_on,
            "reason": np.where(is_on, "", "too far").astype(object),
        },
        index=pd.Index([f"{prefix}{i}" for i in range(len(rows))], dtype=object),
    )
