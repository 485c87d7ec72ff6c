"""Linear relaxations of set covering: prices that prove a bound, rounds of rows that raise it.

Lemma (bound). Let every cover y obey the rows ``A y >= b`` and let ``price >= 0`` be any prices of the rows.
Then ``cost y >= price b + sum_j min(0, left[j])`` with ``left = cost - A' price``, since ``cost y = price A y
+ left y`` and y is between 0 and 1. So the prices of an inexact solver prove a bound, computed from them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from geo.optimize import Clock, Model, prices
from geo.siting._exact.set_cover_cuts import cut_rows
from geo.siting._table import Floats, Ints

__all__ = ["Relaxed", "cover_model", "cut", "relax", "tight_rows", "with_points"]

FEW_CUTS, SHORT_WORK = 700, 200_000_000
"""Cuts of one of the many rounds of a huge question, and entries that the search for them may touch."""
MORE_POINTS = 250
"""Points that the relaxed solution of a huge question leaves uncovered, taken up again in one round."""


@dataclass(frozen=True, eq=False)
class Relaxed:
    """A linear relaxation: its bound, the price of each row, reduced cost and share of each site."""

    model: Model
    bound: float
    price: Floats
    left: Floats
    share: Floats


def cover_model(row: Ints, site: Ints, cost: Floats) -> Model:
    """Write ``min cost @ y, sum of y over the sites of a point >= 1, y 0 or 1``."""
    n_points, n_sites = len(row) - 1, len(cost)
    at = np.repeat(np.arange(n_points), np.diff(row))
    return Model(
        cost=cost,
        low=np.zeros(n_sites),
        high=np.ones(n_sites),
        is_whole=np.ones(n_sites, dtype=np.bool_),
        rows=sparse.csr_matrix((np.ones(len(at)), (at, site)), shape=(n_points, n_sites)),
        row_low=np.ones(n_points),
        row_high=np.full(n_points, np.inf),
    )


def _of_rows(model: Model, rows: sparse.csr_matrix, low: Floats) -> Model:
    """Give the model with other rows, each of which is to be ``low`` at least."""
    return replace(model, rows=rows, row_low=low, row_high=np.full(len(low), np.inf))


def relax(model: Model, clock: Clock) -> Relaxed:
    """Bound the least cost by prices of the rows: see the lemma."""
    answer, n_sites = prices(model, time_limit_s=clock.left_s), len(model.cost)
    if answer is None:
        return Relaxed(model, 0.0, np.zeros(len(model.row_low)), model.cost, np.zeros(n_sites))
    share, price = answer[0], np.maximum(answer[1], 0.0)
    left = model.cost - model.rows.T @ price
    bound = float(price @ model.row_low + np.minimum(left, 0.0).sum())
    return Relaxed(model, bound, price, left, share)


def tight_rows(relaxed: Relaxed, n_points: int) -> Relaxed:
    """Drop the rows that are slack and have no price, but for the first ones, which are points."""
    model, price = relaxed.model, relaxed.price
    tight = np.asarray(model.rows @ relaxed.share - model.row_low < 0.05)
    if not n_points:
        tight = price > 1e-5 * price.max(initial=0.0)
    tight |= np.arange(len(tight)) < n_points
    model = _of_rows(model, sparse.csr_matrix(model.rows)[tight], model.row_low[tight])
    return replace(relaxed, model=model, price=price[tight])


def with_points(relaxed: Relaxed, points: sparse.csr_matrix) -> Relaxed:
    """Put the rows of all points before those that there are; they get no price, so the bound stays."""
    n_points, model = points.shape[0], relaxed.model
    rows = sparse.vstack([points, model.rows]).tocsr()
    model = _of_rows(model, rows, np.append(np.ones(n_points), model.row_low))
    return replace(relaxed, model=model, price=np.append(np.zeros(n_points), relaxed.price))


def cut(
    relaxed: Relaxed, n_points: int, clock: Clock, points: sparse.csr_matrix | None = None
) -> tuple[Relaxed, bool]:
    """Add rows that the relaxation breaks and drop those that are slack; tell whether the bound rose.

    The first ``n_points`` rows stay. Where ``points`` are given, those that the relaxation leaves uncovered
    are added as well.
    """
    model = relaxed.model
    few = {} if points is None else {"most": FEW_CUTS, "work": SHORT_WORK}
    new, least = cut_rows(sparse.csr_matrix(model.rows), model.row_low, relaxed.share, **few)
    if points is not None:
        bare = 1.0 - points @ relaxed.share
        barest = np.argsort(-bare, kind="stable")[:MORE_POINTS]
        barest = barest[bare[barest] > 0.01]
        new, least = sparse.vstack([new, points[barest]]), np.append(least, np.ones(len(barest)))
    if not len(least):
        return relaxed, False
    rows = sparse.vstack([model.rows, new]).tocsr()
    more = relax(_of_rows(model, rows, np.append(model.row_low, least)), clock)
    if more.bound <= relaxed.bound + 1e-3:
        return relaxed, False
    return tight_rows(more, n_points), True
