"""Signs that a raster or grid does not hold what it is taken for: fill values, densities, odd totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.messages import Message
from geo.words import Lang, read_data

__all__ = ["doubt_density", "doubt_total", "find_fill"]

_FILLS: Final = (
    255, 32767, 65535, 2147483647, 4294967295, 999, 9999, 99999, 999999, float(np.finfo(np.float32).max),
)  # fmt: skip
"""Values that programs write where they know nothing, beside negative ones."""
_REPEATED: Final = 5
"""Such a value that stands so many times as often as any about as large is no count of people."""


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
    impossible = np.flatnonzero(density > _limits()["cell_per_km2"])
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
    suspect |= is_known & is_much & (n_cells >= _REPEATED * _most_beside(values, n_cells))
    if not suspect.any():
        return None
    worst = int(np.argmax(np.where(suspect, values * n_cells, -1)))
    return float(values[worst]), int(n_cells[worst]), float(on_ring[worst])


def _most_beside(values: NDArray[np.float64], n_cells: NDArray[np.intp]) -> NDArray[np.intp]:
    """Give for each value how often the most frequent of the others stands that is within a tenth of it."""
    first = np.searchsorted(values, values - np.abs(values) / 10)
    last = np.searchsorted(values, values + np.abs(values) / 10, side="right")
    most = np.zeros(len(values), dtype=np.intp)
    for place in np.flatnonzero(np.isin(values, _FILLS)):
        beside = np.r_[n_cells[first[place] : place], n_cells[place + 1 : last[place]]]
        most[place] = beside.max(initial=0)
    return most


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
    limits = _limits()
    limit = _limit_of(km2)
    if total / km2 > limit:
        return True, Message("demand.too_dense", {**values, "limit": _told_limit(km2)})
    _, block = np.unique(np.floor(xy / 1000).astype(np.int64), axis=0, return_inverse=True)
    of_block = np.bincount(block.ravel(), weights=people)
    km2_of_block = np.maximum(np.bincount(block.ravel(), weights=area_m2) / 1e6, 1.0)
    crowded = of_block / km2_of_block > _limit_of(1.0)
    if of_block[crowded].sum() > 0.05 * total:
        numbers = {"people": float(of_block.max()), "limit": _told_limit(1.0), "total": total}
        return True, Message("demand.too_crowded", numbers)
    if total / km2 > limits["doubted_from"] * limit and km2 > 1:
        return False, Message("demand.rather_dense", {**values, "limit": _told_limit(km2)})
    if total / km2 < limits["thinnest_per_km2"]:
        return False, Message("demand.very_thin", {**values, "thinnest": limits["thinnest_per_km2"]})
    return None


@dataclass(frozen=True)
class _Named:
    """The name of a place in both languages."""

    zh: str
    en: str

    def say(self, lang: Lang) -> str:
        """Give it in one."""
        return self.zh if lang == "zh" else self.en


def doubt_total(people: float, km2: float) -> tuple[bool, Message] | None:
    """Judge whether so many people of a table can live on the ground of a study.

    Parameters
    ----------
    people : float
        All of them.
    km2 : float
        The ground on which they and the roads lie.

    Returns
    -------
    tuple of (bool, Message) or None
        Whether it is impossible (else only odd), and what is to be told.

    Examples
    --------
    >>> doubt_total(470_100_000, 50.0)[0], doubt_total(5, 50.0)[0], doubt_total(47_010, 50.0)
    (True, False, None)
    """
    if people <= 0 or km2 <= 0:
        return None
    limits, per_km2 = _limits(), people / km2
    limit = _limit_of(max(km2, 1.0))
    values = {"people": people, "km2": km2, "per_km2": per_km2, "limit": _told_limit(max(km2, 1.0))}
    if per_km2 > limit:
        return True, Message("demand.total_too_dense", values)
    if per_km2 > limits["doubted_from"] * limit:
        return False, Message("demand.total_rather_dense", values)
    if per_km2 < limits["thinnest_per_km2"]:
        thinnest = {"thinnest": limits["thinnest_per_km2"]}
        return False, Message("demand.total_very_thin", {**values, **thinnest})
    return None


def _limits() -> Mapping[str, Any]:
    limits: Mapping[str, Any] = read_data("standards/density")["limit"]
    return limits


def _limit_of(km2: float) -> float:
    """Give the people per km2 that a place of this size is taken not to have."""
    limits = _limits()
    return float(np.interp(np.log(km2), np.log(limits["km2"]), limits["per_km2"]))


def _told_limit(km2: float) -> Message:
    """Say the limit, that it is our assumption, and the densest known place of about this size."""
    known = read_data("standards/density")["known"]
    nearest = min(known, key=lambda place: abs(np.log(place["km2"] / km2)))
    values = {
        "place": _Named(nearest["zh"], nearest["en"]),
        "place_km2": nearest["km2"],
        "place_per_km2": nearest["per_km2"],
    }
    return Message("demand.density_limit", {"limit": _limit_of(km2), "km2": km2, **values})
