"""The ground and roads of the synthetic district at a size that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError
from geo.messages import Message
from geo.sample.island import ISLANDS, Island, Town, lay_towns
from geo.sample.streets import Links, lay_streets

__all__ = ["Ground"]

_NEAR_ENOUGH: Final = 0.025
_MOST_TRIES: Final = 10
_REACHES: Final = (1.0, 1.06, 0.94, 1.12, 0.88)
_POWER: Final = 4.0
"""Nodes grow about so: the islands are longer and wider by the growth, and roads lie closer by it."""
_USUAL_NODES: Final = 2_500
_MANY_TOWNS: Final = 25
"""So many have streets each on the smallest ground; more of them need the usual ground, or a larger one."""


@dataclass(frozen=True, eq=False)
class Ground:
    """Islands, towns and roads.

    Parameters
    ----------
    growth : float
        The islands are longer and wider, and roads lie closer together, by this factor.
    islands : list of Island
        The land.
    towns : list of Town
        Their land and rank.
    links : Links
        The roads.
    centre : float64 array, shape (number of towns, 2)
        The main crossing of each town, in metres.
    """

    growth: float
    islands: list[Island]
    towns: list[Town]
    links: Links
    centre: NDArray[np.float64]

    @classmethod
    def lay(cls, n_towns: int, *, seed: int, growth: float = 1.0, reach: float = 1.0) -> Ground:
        """Lay a district that is larger by a factor, the streets of its towns reaching farther by another."""
        islands = [island.scaled(growth) for island in ISLANDS]
        towns = lay_towns(islands, n_towns, seed=seed)
        links, centre = lay_streets(islands, towns, seed=seed, density=growth, scale=growth * reach)
        return cls(growth, islands, towns, links, centre)

    @classmethod
    def of_size(cls, n_nodes: int, n_towns: int, *, seed: int) -> Ground:
        """Lay a district of about so many road nodes.

        The first try is a sixty-fourth, so that it costs nothing beside the last. The number of nodes grows
        with the growth but not by a formula (towns overlap, roads fall into the sea), so growth is sought:
        from each try by the power law, inside what is known to be too small and too large. A small district
        grows in steps (a line of the lattice more); where a step leaps over the number, towns reach a little
        farther.

        Raises
        ------
        InputError
            Many towns would not have streets each.
        """
        fewest = cls.lay(n_towns, seed=seed).n_nodes if n_towns > _MANY_TOWNS else 0
        if n_nodes < fewest:
            raise InputError(
                Message("sample.few_for_towns", {"towns": n_towns, "fewest": fewest, "n": n_nodes})
            )
        best = cls.lay(n_towns, seed=seed, growth=_growth(max(n_nodes / 64, 500)))
        for reach in _REACHES:
            lower, upper, ground = 0.0, np.inf, best
            for _ in range(_MOST_TRIES):
                if abs(best.n_nodes - n_nodes) <= _NEAR_ENOUGH * n_nodes:
                    return best
                lower = max(lower, ground.growth) if ground.n_nodes < n_nodes else lower
                upper = min(upper, ground.growth) if ground.n_nodes >= n_nodes else upper
                growth = ground.growth * (n_nodes / ground.n_nodes) ** (1 / _POWER)
                growth = growth if lower < growth < upper else (lower + upper) / 2
                ground = cls.lay(n_towns, seed=seed, growth=growth, reach=reach)
                best = min(best, ground, key=lambda each: abs(each.n_nodes - n_nodes))
        return best

    @property
    def n_nodes(self) -> int:
        """Crossings and road ends."""
        return len(self.links.node_xy)


def _growth(n_nodes: float) -> float:
    return float((n_nodes / _USUAL_NODES) ** (1 / _POWER))
