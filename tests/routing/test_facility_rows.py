"""Times of one facility after the other: those of the table, and cut off where they cannot count any more."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.network import close_edges
from geo.routing import (
    Spot,
    SpotSearch,
    prepare_rows,
    seconds_at_nodes,
    times_of_each,
    times_of_spot,
    travel_times,
)
from geo.times import UNREACHED_MS, to_seconds
from tests.random_roads import make_snaps, networks, snaps
from tests.towns import town


def spots(table: pd.DataFrame) -> list[Spot]:
    """Give the places of a Snaps table one by one."""
    return [Spot(int(row.edge), float(row.fraction), float(row.access_s)) for row in table.itertuples()]


def dense(search: SpotSearch, spot: Spot, n: int) -> np.ndarray:
    """Give the times of all points of what is reached."""
    row = np.full(n, UNREACHED_MS, np.int32)
    point, ms = search.reach(spot)
    assert len(set(point.tolist())) == len(point)
    row[point] = ms
    return row


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_one_place_has_the_times_of_its_row(data: st.DataObject) -> None:
    network = data.draw(networks())
    f = data.draw(snaps(network, prefix="f", max_size=6))
    d = data.draw(snaps(network, prefix="d", max_size=9))
    direction = data.draw(st.sampled_from(["from_facility", "to_facility"]))
    search = prepare_rows(network, d, direction=direction)
    rows = travel_times(network, f, d, direction=direction).to_dense().to_numpy().T
    assert (to_seconds(times_of_each(search, f)) == rows).all()
    again = SpotSearch(search)
    for spot, row in zip(spots(f), rows, strict=True):
        assert (to_seconds(times_of_spot(search, spot)) == row).all()
        assert (to_seconds(dense(again, spot, len(d))) == row).all(), "nothing is left of searches before"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_is_cut_off_is_never_among_the_first_two(data: st.DataObject) -> None:
    """The first and second of all are the same whether the last facility is searched wholly or not."""
    network = data.draw(networks())
    f = data.draw(snaps(network, prefix="f", max_size=6).filter(len))
    d = data.draw(snaps(network, prefix="d", max_size=9))
    others, last = f.iloc[:-1], f.iloc[[-1]]
    start_s = pd.Series(data.draw(st.sampled_from([0.0, 1.0, 2.5])), index=others.index)
    search = prepare_rows(network, d, direction="from_facility")
    starts_ms = np.rint(start_s.to_numpy() * 1000).astype(np.int32)[:, None]
    rows = times_of_each(search, others)
    rows = np.where(rows < UNREACHED_MS, rows + starts_ms, UNREACHED_MS)
    latest = seconds_at_nodes(search, others, start_s)
    latest = np.where(latest < UNREACHED_MS, latest + 1, UNREACHED_MS).astype(np.int32)
    whole, cut = times_of_each(search, last)[0], times_of_spot(search, spots(last)[0], latest_ms=latest)
    again = SpotSearch(search, latest)
    for spot in [*spots(f), *spots(last)]:
        assert (dense(again, spot, len(d)) == times_of_spot(search, spot, latest_ms=latest)).all()
    assert (cut >= whole).all()
    best = [np.sort(np.vstack([rows, row]), axis=0)[:2] for row in (whole, cut)]
    assert (best[0] == best[1]).all()
    second_before = np.sort(rows, axis=0)[1] if len(rows) > 1 else np.full(len(d), UNREACHED_MS)
    is_tie = whole == second_before
    assert (cut[is_tie] == whole[is_tie]).all(), "of equal times the place in the table decides"


def test_a_street_is_searched_to_where_two_others_are_sooner() -> None:
    # 1 - 2 - 3 - 4 - 5, 10 s each. A and B stand at 5, C at 1: A and B are at 4 in 10 s, at 3 in 20 s, at 2
    # in 30 s. C is at 2 in 10 s, at 3 in 20 s, which is a tie, and at the far end of the road from there in
    # 30 s. At 4 that is too late: what lies behind it is not asked.
    street = town({i: (100.0 * i, 0.0) for i in range(1, 6)}, [(i, i + 1, 10.0) for i in range(1, 5)])
    others, c = make_snaps([(3, 1.0, 0.0), (3, 1.0, 0.0)], prefix="f"), Spot(0, 0.0, 0.0)
    d = make_snaps([(0, 1.0, 0.0), (1, 1.0, 0.0), (2, 1.0, 0.0), (3, 1.0, 0.0)], prefix="d")
    search = prepare_rows(street, d, direction="from_facility")
    latest = seconds_at_nodes(search, others, pd.Series(dtype=float))
    order = np.argsort(street.node_id)
    assert latest[order].tolist() == [40_000, 30_000, 20_000, 10_000, 0]
    row = times_of_spot(search, c, latest_ms=latest + np.int32(1))
    assert row.tolist() == [10_000, 20_000, 30_000, UNREACHED_MS]
    assert times_of_spot(search, c).tolist() == [10_000, 20_000, 30_000, 40_000]


def test_nobody_is_reached_from_off_the_roads_nor_over_a_closed_one() -> None:
    street = town({i: (100.0 * i, 0.0) for i in range(1, 4)}, [(1, 2, 10.0), (2, 3, 10.0)])
    d = make_snaps([(1, 1.0, 0.0)], prefix="d")
    search = prepare_rows(street, d, direction="from_facility")
    assert times_of_spot(search, Spot(-1, np.nan, np.inf)).tolist() == [UNREACHED_MS]
    closed = prepare_rows(close_edges(street, [1]), d, direction="from_facility")
    assert times_of_spot(closed, Spot(0, 0.0, 0.0)).tolist() == [UNREACHED_MS]
    assert dense(SpotSearch(search), Spot(-1, np.nan, np.inf), 1).tolist() == [UNREACHED_MS]
    assert dense(SpotSearch(closed), Spot(0, 0.0, 0.0), 1).tolist() == [UNREACHED_MS]
