"""Signs that a raster or grid does not hold what it is taken for: fill values, densities, odd totals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.messages import Message
from geo.words import word_lists

__all__ = ["doubt_density", "find_fill", "names_density"]

_FILLS: Final = (
    255, 32767, 65535, 2147483647, 4294967295, 999, 9999, 99999, 999999, float(np.finfo(np.float32).max),
)  # fmt: skip
"""Values that programs write where they know nothing, beside negative ones."""
_IMPOSSIBLE_PER_KM2: Final = 5e6
"""A tower of 100 floors does not fill its hectare; no cell of that size or larger has more."""
_DENSEST_KM2: Final = np.array([1.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 100_000.0])
_DENSEST: Final = np.array([150e3, 80e3, 60e3, 50e3, 25e3, 15e3, 7e3, 3e3])
"""People per km2 that no place on earth of that size has, about half above the densest: Mong Kok 130,000 on
1 km2, Kowloon 43,000 on 47, Paris 20,000 on 105, Dhaka 30,000 on 300, Seoul 16,000 on 605, Shanghai 3,900 on
6,340 (censuses of 2010 to 2022)."""
_NEAR: Final = 0.4
"""Share of the greatest density from which a layer is doubted aloud, though it is used."""
_THINNEST: Final = 0.5
"""People per km2 below which the lived-in cells of a raster are no counts: Tibet has 3 over all its land."""


def find_fill(
    stored: NDArray[np.float64],
    per_km2: NDArray[np.float64],
    on_rim: NDArray[np.bool_],
    n_rim: int,
) -> tuple[float, int, float] | None:
    """Find a value that stands for 'no data' without saying so.

    It is one that no place can have; one that fills most of the rim and is the largest of all, or holds much
    of the total; or one that programs write for nothing, on the rim or far above all others.

    Parameters
    ----------
    stored : float64 array, shape (N,)
        What the file holds in each cell with people.
    per_km2 : float64 array, shape (N,)
        What density that would be.
    on_rim : bool array, shape (N,)
        Whether the cell is of the outermost ring.
    n_rim : int
        Cells of that ring, with or without people.

    Returns
    -------
    tuple of (float, int, float) or None
        The value, its cells, and the share of the rim that it fills.
    """
    values, kind, n_cells = np.unique(stored, return_inverse=True, return_counts=True)
    if not len(values):
        return None
    on_ring = np.bincount(kind[on_rim], minlength=len(values)) / max(n_rim, 1)
    density = np.zeros(len(values))
    np.maximum.at(density, kind, per_km2)
    impossible = np.flatnonzero(density > _IMPOSSIBLE_PER_KM2)
    if len(impossible) and values[impossible[0]] > 1e5:
        worst = int(impossible[np.argmax(n_cells[impossible])])
        return float(values[worst]), int(n_cells[worst]), float(on_ring[worst])
    if len(values) == 1:
        return None
    is_top = np.arange(len(values)) == len(values) - 1
    is_apart = is_top & (values >= 1.5 * values[-2])
    is_known = np.isin(values, _FILLS)
    is_much = (values * n_cells >= 0.2 * (values * n_cells).sum()) & (n_cells >= 20)
    suspect = (on_ring > 0.5) & (is_top | is_much) & (n_cells >= 5)
    suspect |= is_known & (on_ring >= 0.1) & (n_cells >= 5)
    suspect |= is_known & is_apart & (n_cells >= max(5, 0.01 * len(stored)))
    if not suspect.any():
        return None
    worst = int(np.argmax(np.where(suspect, values * n_cells, -1)))
    return float(values[worst]), int(n_cells[worst]), float(on_ring[worst])


def names_density(names: Sequence[str]) -> str | None:
    """Find a name, of a file or a band, that says density; None where none does.

    Examples
    --------
    >>> names_density(["chn_pd_2020_1km.tif"]), names_density(["人口密度.tif"]), names_density(["pop.tif"])
    ('chn_pd_2020_1km.tif', '人口密度.tif', None)
    """
    words = word_lists("people")["density"]
    for name in names:
        plain = name.casefold()
        parts = re.split(r"[^a-z0-9\u4e00-\u9fff]+", plain)
        if any(word in parts for word in words["whole"]) or any(word in plain for word in words["inside"]):
            return name
    return None


def doubt_density(
    people: NDArray[np.float64], area_m2: NDArray[np.float64], xy: NDArray[np.float64]
) -> tuple[bool, Message] | None:
    """Judge whether so many people can live on so little ground.

    Parameters
    ----------
    people : float64 array, shape (N,)
        Of each cell.
    area_m2 : float64 array, shape (N,)
        Its area.
    xy : float64 array, shape (N, 2)
        Its middle, metres.

    Returns
    -------
    tuple of (bool, Message) or None
        Whether it is impossible (else only odd), and what is to be told.
    """
    total, km2 = float(people.sum()), float(area_m2.sum()) / 1e6
    if not total or not km2:
        return None
    values = {"people": total, "km2": km2, "per_km2": total / km2}
    limit = float(np.interp(np.log(km2), np.log(_DENSEST_KM2), _DENSEST))
    if total / km2 > limit:
        return True, Message("demand.too_dense", {**values, "limit": limit})
    _, block = np.unique(np.floor(xy / 1000).astype(np.int64), axis=0, return_inverse=True)
    of_block = np.bincount(block.ravel(), weights=people)
    km2_of_block = np.maximum(np.bincount(block.ravel(), weights=area_m2) / 1e6, 1.0)
    crowded = of_block / km2_of_block > _DENSEST[0]
    if of_block[crowded].sum() > 0.05 * total:
        numbers = {"people": float(of_block.max()), "limit": _DENSEST[0], "total": total}
        return True, Message("demand.too_crowded", numbers)
    if total / km2 > _NEAR * limit and km2 > 1:
        return False, Message("demand.rather_dense", {**values, "limit": limit})
    if total / km2 < _THINNEST:
        return False, Message("demand.very_thin", values)
    return None
