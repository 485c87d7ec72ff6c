"""First and second facility: ties, starts, changes by one facility, against the whole table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.routing import (
    NodeNearest,
    apply,
    at_demand,
    nearest,
    node_nearest,
    node_table,
    node_times,
    prepare_points,
    travel_times,
    with_facility,
    without_facility,
)
from geo.sample import grid_network
from geo.times import to_seconds
from tests.random_roads import make_snaps, networks, snaps
from tests.towns import town

# 1 --100 s-- 2 --100 s-- 3
STREET = town({1: (0, 0), 2: (1000, 0), 3: (2000, 0)}, [(1, 2, 100), (2, 3, 100)])
LIMITS = st.sampled_from([0.0, 2.0, 61.5, np.inf])


def best_two(times: pd.DataFrame) -> pd.DataFrame:
    """Give the NearestTable of a dense table of times: stable order, so the earlier column wins ties."""
    rows = []
    for _, row in times.iterrows():
        best = row[np.isfinite(row)].sort_values(kind="stable")
        found = [(i, s) for i, s in best.items()][:2] + [(None, np.inf)] * 2
        rows.append((*found[0], *found[1]))
    return pd.DataFrame(rows, index=times.index, columns=["first_id", "first_s", "second_id", "second_s"])


def same(a: NodeNearest, b: NodeNearest) -> bool:
    """Say whether two states have the same facility (by id) and times at every node."""
    ids = [np.array([*s.facility_id, None], dtype=object) for s in (a, b)]
    return (
        (ids[0][a.first] == ids[1][b.first]).all()
        and (ids[0][a.second] == ids[1][b.second]).all()
        and (a.first_ms == b.first_ms).all()
        and (a.second_ms == b.second_ms).all()
    )


def test_two_stations_on_a_street() -> None:
    f = make_snaps([(0, 0.5, 0.0), (1, 0.5, 10.0)], prefix="f")
    d = make_snaps([(0, 0.75, 5.0), (1, 0.5, 0.0), (-1, 0, 0)], prefix="d")
    table = nearest(STREET, f, d, direction="from_facility")
    # d0: f0 25 + 5 access; f1 10 + 50 + 25 + 5. d1: f1 10 at its own place; f0 50 + 50.
    assert table.loc["d0"].tolist() == ["f0", 30.0, "f1", 90.0]
    assert table.loc["d1"].tolist() == ["f1", 10.0, "f0", 100.0]
    assert table.loc["d2"].tolist() == [None, np.inf, None, np.inf]
    late = nearest(STREET, f, d, direction="from_facility", start_s=pd.Series({"f1": 120.0}))
    assert late.loc["d1"].tolist() == ["f0", 100.0, "f1", 130.0], "the start is charged"
    within = nearest(STREET, f, d, direction="from_facility", limit_s=90.0)
    assert within["second_s"].tolist() == [90.0, np.inf, np.inf], "the limit itself is within"


def test_points_made_ready_once_give_the_same_answers() -> None:
    f = make_snaps([(0, 0.5, 0.0), (1, 0.5, 10.0)], prefix="f")
    d = make_snaps([(0, 0.75, 5.0), (1, 0.5, 0.0), (-1, 0, 0)], prefix="d")
    ready = prepare_points(STREET, d, direction="from_facility")
    found = nearest(STREET, f, ready, direction="from_facility")
    pd.testing.assert_frame_equal(found, nearest(STREET, f, d, direction="from_facility"))
    table = travel_times(STREET, f, ready, direction="from_facility").to_dense()
    pd.testing.assert_frame_equal(table, travel_times(STREET, f, d, direction="from_facility").to_dense())
    with pytest.raises(InputError, match="another network or direction"):
        nearest(STREET, f, ready, direction="to_facility")


def test_of_equal_times_the_earlier_facility_comes_first() -> None:
    f = make_snaps([(1, 0.5, 0.0), (0, 0.5, 0.0), (0, 0.5, 0.0)], prefix="f")
    d = make_snaps([(0, 1.0, 0.0)], prefix="d")
    assert nearest(STREET, f, d, direction="from_facility").loc["d0"].tolist() == ["f0", 50.0, "f1", 50.0]
    turned = nearest(STREET, f[::-1], d, direction="from_facility")
    assert turned.loc["d0"].tolist() == ["f2", 50.0, "f1", 50.0]


def test_no_facilities_reach_nobody() -> None:
    none, d = make_snaps([], prefix="f"), make_snaps([(0, 0.5, 0.0)], prefix="d")
    assert nearest(STREET, none, d, direction="to_facility")["first_s"].tolist() == [np.inf]
    assert nearest(STREET, d, none, direction="to_facility").shape == (0, 4)
    assert np.isinf(to_seconds(node_times(STREET, none, direction="to_facility"))).all()


def test_bad_starts_and_ids_are_errors() -> None:
    f = make_snaps([(0, 0.5, 0.0)], prefix="f")
    with pytest.raises(InputError, match="starts"):
        nearest(STREET, f, f, direction="from_facility", start_s=pd.Series({"f0": -1.0}))
    state = node_nearest(STREET, f, direction="from_facility")
    with pytest.raises(InputError, match="taken"):
        with_facility(state, STREET, f)
    with pytest.raises(InputError, match="not among"):
        without_facility(state, STREET, "f9")


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_nearest_is_the_best_two_of_all_times(data: st.DataObject) -> None:
    network = data.draw(networks())
    f, d = data.draw(snaps(network, prefix="f", max_size=12)), data.draw(snaps(network, prefix="d"))
    limit = data.draw(LIMITS)
    for direction in ("from_facility", "to_facility"):
        table = nearest(network, f, d, direction=direction, limit_s=limit)
        times = travel_times(network, f, d, direction=direction, limit_s=limit).to_dense()
        pd.testing.assert_frame_equal(table, best_two(times), check_dtype=False, check_exact=True)
        nodes = node_table(network, f, direction=direction, limit_s=limit).to_dense()
        first = to_seconds(node_times(network, f, direction=direction, limit_s=limit))
        assert (first == nodes.min(axis=1).fillna(np.inf)).all() if len(f) else np.isinf(first).all()
        state = node_nearest(network, f, direction=direction, limit_s=limit)
        assert (to_seconds(state.first_ms) == first).all()


@pytest.mark.parametrize("limit_s", [40.0, 90.0, np.inf])
@pytest.mark.parametrize("cores", [1, 3])
def test_many_facilities_on_several_cores_are_the_best_two_of_all(
    limit_s: float, cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 230 facilities on 900 nodes: each reaches few nodes within 40 s and is searched by itself, parts of the
    # city on cores of their own; without a limit all are searched at once. Many stand on the same place.
    monkeypatch.setattr("geo.routing._node_nearest.cpu_count", lambda: cores)
    city, chance = grid_network(900, seed=4), np.random.default_rng(8)
    edge = np.repeat(chance.integers(0, city.n_edges, 115), 2)
    access = chance.choice([0.0, 0.0, 1.5, 30.0], len(edge))
    rows = [(int(e), float(f), float(a)) for e, f, a in zip(edge, edge % 3 / 2, access, strict=True)]
    f = make_snaps(rows, prefix="f")
    for direction in ("from_facility", "to_facility"):
        state = node_nearest(city, f, direction=direction, limit_s=limit_s)
        times = node_table(city, f, direction=direction, limit_s=limit_s).to_dense().to_numpy()
        order = np.argsort(times, axis=1, kind="stable")[:, :2]
        best = np.take_along_axis(times, order, axis=1)
        order[np.isinf(best)] = -1
        assert (np.column_stack([state.first, state.second]) == order).all()
        assert (to_seconds(np.column_stack([state.first_ms, state.second_ms])) == best).all()


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_one_more_and_one_fewer_equal_starting_afresh(data: st.DataObject) -> None:
    network, limit = data.draw(networks()), data.draw(LIMITS)
    f = data.draw(snaps(network, prefix="f", min_size=1, max_size=12))
    kept = data.draw(st.integers(0, len(f) - 1))
    direction = data.draw(st.sampled_from(["from_facility", "to_facility"]))
    starts = pd.Series({"f0": 3.0, "f1": 0.5})
    whole = node_nearest(network, f, direction=direction, limit_s=limit, start_s=starts)
    before = whole.record.copy()

    fewer = without_facility(whole, network, f.index[kept])
    rest = node_nearest(network, f.drop(f.index[kept]), direction=direction, limit_s=limit, start_s=starts)
    assert same(apply(whole, fewer), rest)
    is_same = (apply(whole, fewer).record == whole.record).all(axis=1)
    assert fewer.nodes.tolist() == np.flatnonzero(~is_same).tolist(), "only nodes that change, each once"

    more = with_facility(apply(whole, fewer), network, f.iloc[[kept]])
    last = pd.concat([f.drop(f.index[kept]), f.iloc[[kept]]])
    afresh = node_nearest(
        network, last, direction=direction, limit_s=limit, start_s=starts.drop(f.index[kept], errors="ignore")
    )
    again = apply(apply(whole, fewer), more)
    assert same(again, afresh)
    assert (whole.record == before).all(), "a change does not touch the state"
    d = data.draw(snaps(network, prefix="d"))
    pd.testing.assert_frame_equal(at_demand(again, network, d), at_demand(afresh, network, d))


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_one_more_station_never_lengthens_a_time(data: st.DataObject) -> None:
    network = data.draw(networks())
    f = data.draw(snaps(network, prefix="f", min_size=2))
    d = data.draw(snaps(network, prefix="d"))
    few = nearest(network, f[:-1], d, direction="from_facility")
    more = nearest(network, f, d, direction="from_facility")
    assert (more["first_s"] <= few["first_s"]).all()
    assert (more["second_s"] <= few["second_s"]).all()
    assert (more["first_s"] <= more["second_s"]).all()
