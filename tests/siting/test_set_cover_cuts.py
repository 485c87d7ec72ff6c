"""Rows that tighten a cover hold for every whole cover and are broken by the relaxed one."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from geo.siting._exact.set_cover_cuts import cut_rows


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10_000))
def test_rows_cut_off_no_whole_cover(seed: int) -> None:
    g = np.random.default_rng(seed)
    n_points, n_sites = 12, 8
    sees = (g.random((n_points, n_sites)) < 0.3).astype(float)
    sees[np.arange(n_points), g.integers(0, n_sites, n_points)] = 1.0
    covers = np.array(
        [chosen for chosen in product([0.0, 1.0], repeat=n_sites) if (sees @ chosen >= 1.0).all()]
    )
    rows, low = sparse.csr_matrix(sees), np.ones(n_points)
    for _ in range(2):  # rows that were found are added up again
        y = g.choice([0.0, 1 / 3, 0.5, 1.0], n_sites)
        cuts, least = cut_rows(rows, low, y)
        # Slack below 0 (y need not solve the relaxation) counts as 0, so y may break a row by more than told.
        assert ((cuts @ y) < least - 0.02 + 1e-9).all()
        assert (cuts @ covers.T >= least[:, None]).all()
        rows, low = sparse.vstack([rows, cuts]).tocsr(), np.append(low, least)


def test_three_points_and_three_sites() -> None:
    # Each site sees two of three points: half of each site covers them on paper, two are needed.
    rows = sparse.csr_matrix(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]))
    cuts, least = cut_rows(rows, np.ones(3), np.full(3, 0.5))
    assert cuts.toarray().tolist() == [[1.0, 1.0, 1.0]]
    assert least.tolist() == [2.0]
    assert cut_rows(rows, np.ones(3), np.array([1.0, 1.0, 0.0]))[0].shape == (0, 3)


def test_five_points_in_a_ring_need_three_sites() -> None:
    # Site j sees points j and j + 1: half of each is 2.5, three whole ones are needed, and only all five
    # points together say so, since any three of them are covered by two sites.
    rows = sparse.csr_matrix(np.eye(5) + np.roll(np.eye(5), 1, axis=0))
    cuts, least = cut_rows(rows, np.ones(5), np.full(5, 0.5))
    assert cuts.toarray().tolist() == [[1.0] * 5]
    assert least.tolist() == [3.0]


def test_a_site_that_sees_all_three_counts_twice() -> None:
    rows = sparse.csr_matrix(np.array([[1, 1, 0, 1.0], [1, 0, 1, 1.0], [0, 1, 1, 1.0]]))
    cuts, least = cut_rows(rows, np.ones(3), np.array([0.5, 0.5, 0.5, 0.0]))
    assert cuts.toarray().tolist() == [[1.0, 1.0, 1.0, 2.0]]
    assert least.tolist() == [2.0]
