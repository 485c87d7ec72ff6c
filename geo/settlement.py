"""The places of the synthetic district that services are put at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.chance import draw
from geo.streets import Links
from geo.words import Lang, say

__all__ = ["Settlement"]


@dataclass(frozen=True, eq=False)
class Settlement:
    """The places that services are put at.

    Parameters
    ----------
    links : Links
        Roads.
    villages : pandas.DataFrame
        ``name``, ``town``, ``is_urban``, ``people``, ``x``, ``y``.
    names : list of str
        Names of the towns.
    centre : float64 array, shape (T, 2)
        Main crossings of the towns, metres.
    order : int array, shape (T,)
        Towns from the most people to the fewest; the last is on the island without a bridge.
    seed : int
        Of every irregularity.
    lang : {"zh", "en"}
        Language of names.
    """

    links: Links
    villages: pd.DataFrame
    names: list[str]
    centre: NDArray[np.float64]
    order: NDArray[np.int64]
    seed: int
    lang: Lang

    def say(self, key: str, **values: object) -> str:
        """Say one of the sample's words."""
        return say(f"sample.{key}", lang=self.lang, **values)

    def chance(self, n: int, stream: int) -> NDArray[np.float64]:
        """Draw numbers in [0, 1)."""
        return draw(n, seed=self.seed, stream=stream)

    def per_town(self, n: int) -> int:
        """Scale a number that is right for 18 towns to this district."""
        return round(n / 18 * len(self.names))

    def years(self, n: int, first: int, last: int, *, stream: int) -> NDArray[np.int64]:
        """Draw years from the first to the last."""
        years: NDArray[np.int64] = first + np.floor((last - first + 1) * self.chance(n, stream)).astype(int)
        return years

    def at_towns(self, word: str, towns: NDArray[np.int64], offset: tuple[float, float]) -> pd.DataFrame:
        """Put one facility beside the main crossing of each of these towns."""
        xy = self.centre[towns] + np.array(offset)
        names = [self.say(word, town=self.names[town]) for town in towns]
        return pd.DataFrame({"name": names, "x": xy[:, 0], "y": xy[:, 1]})
