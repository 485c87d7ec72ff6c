"""Rows that tighten a cover hold for every whole cover and are broken by the relaxed one."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from geo.covercuts import cut_rows


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10_000))
def test_rows_cut_off_no_whole_cover(seed: int) -> None:
    g = np.random.default_rng(seed)
    n_points, n_sites = 12, 8
    sees = (g.random((n_points, n_sites)) < 0.3).astype(float)
    sees[np.arange(n_points), g.integers(0, n_sites, n_points)] = 1.0
    y = g.choice([0.0, 1 / 3, 0.5, 1.0], n_sites)
    cuts = cut_rows(sparse.csr_matrix(sees), y).toarray()
    assert ((cuts @ y) < 2.0 - 0.02 + 1e-9).all()
    for chosen in product([0.0, 1.0], repeat=n_sites):
        if (sees @ np.array(chosen) >= 1.0).all():
            assert (cuts @ np.array(chosen) >= 2.0).all()


def test_three_points_and_three_sites() -> None:
    # Each site sees two of three points: half of each site covers them on paper, two are needed.
    rows = sparse.csr_matrix(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]))
    assert cut_rows(rows, np.full(3, 0.5)).toarray().tolist() == [[1.0, 1.0, 1.0]]
    assert cut_rows(rows, np.array([1.0, 1.0, 0.0])).shape == (0, 3)


def test_a_site_that_sees_all_three_counts_twice() -> None:
    rows = sparse.csr_matrix(np.array([[1, 1, 0, 1.0], [1, 0, 1, 1.0], [0, 1, 1, 1.0]]))
    assert cut_rows(rows, np.array([0.5, 0.5, 0.5, 0.0])).toarray().tolist() == [[1.0, 1.0, 1.0, 2.0]]
