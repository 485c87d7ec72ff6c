"""The people of the synthetic district: its towns' people and villages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.demand import share_out
from geo.sample._random import draw
from geo.sample.island import Island, Town
from geo.sample.streets import Links, points_on, town_radius_m
from geo.words import Lang, say

__all__ = ["Settlement", "empty_places", "move_out", "name_towns", "number", "settle_villages", "town_people"]

_PEOPLE_PER_TOWN: Final = 637_900 / 18
_VILLAGES_PER_TOWN: Final = 361 / 18
_AGED_SHARE: Final = 253_100 / 637_900
"""Chongming, 2020 census: people, village and neighbourhood committees, people aged 60 or over."""


def town_people(towns: Sequence[Town]) -> NDArray[np.int64]:
    """Give the people of each town: the first town's 17 in 100, falling with the rank."""
    rank = np.array([town.rank for town in towns], dtype=float)
    total = round(_PEOPLE_PER_TOWN * len(towns))
    return share_out(total, (rank + 1.2) ** -0.75, whole=True).astype(np.int64)


def name_towns(n: int, *, lang: Lang) -> list[str]:
    """Invent the names of towns (without 'town')."""
    first, second = (say(f"sample.{word}", lang=lang).split() for word in ("first", "second"))
    names = [first[i % len(first)] + second[i * 5 % len(second)] for i in range(n)]
    rounds = [i // (len(first) * len(second)) for i in range(n)]
    return [name + (number(r + 1, lang=lang) if r else "") for name, r in zip(names, rounds, strict=True)]


def number(n: int, *, lang: Lang) -> str:
    """Write a number in words: 21 is 二十一 in Chinese, 21 in English."""
    digits = say("sample.digits", lang=lang).split()
    if lang != "zh" or n > 99:
        return str(n)
    tens, ones = divmod(n, 10)
    head = "" if not tens else digits[10] if tens == 1 else digits[tens] + digits[10]
    return head + (digits[ones] if ones or not tens else "")


def settle_villages(
    links: Links,
    towns: Sequence[Town],
    centre: NDArray[np.float64],
    *,
    seed: int,
    lang: Lang,
    scale: float = 1.0,
) -> pd.DataFrame:
    """Place villages along country roads and neighbourhoods in the towns' streets.

    Returns
    -------
    pandas.DataFrame
        ``name``, ``town`` (position), ``is_urban``, ``people``, ``aged``, ``x``, ``y`` (metres). People
        add up to each town's.
    """
    table, people, names = links.table, town_people(towns), name_towns(len(towns), lang=lang)
    on_land = table["island"].to_numpy() >= 0
    middle = (links.node_xy[table["u"]] + links.node_xy[table["v"]]) / 2.0
    nudge = (draw(2 * len(table), seed=seed, stream=30).reshape(-1, 2) - 0.5) * 500.0
    order = draw(len(table), seed=seed, stream=31)
    n_villages = share_out(round(_VILLAGES_PER_TOWN * len(towns)), np.sqrt(people), whole=True).astype(int)
    rows = []
    for town, town_xy, n, head_count, name in zip(towns, centre, n_villages, people, names, strict=True):
        land = shapely.Polygon(town.ring)
        inside = on_land & shapely.contains_xy(land, middle[:, 0], middle[:, 1])
        is_near = np.hypot(*(middle - town_xy).T) < town_radius_m(town.rank) * scale
        is_street = table["is_urban"].to_numpy() & is_near
        n_urban = round(n * (0.2 + 0.45 / (1 + 0.5 * town.rank)))
        streets = _pick(inside & is_street, order, n_urban)
        country = _pick(inside & ~table["is_urban"].to_numpy(), order, n - len(streets))
        place = np.concatenate([streets, country])
        is_urban = np.arange(len(place)) < len(streets)
        xy = middle[place] + nudge[place] * np.where(is_urban, 0.3, 1.0)[:, None]
        dry = shapely.contains_xy(land, xy[:, 0], xy[:, 1])
        xy = np.where(dry[:, None], xy, middle[place])
        weight = np.where(is_urban, 2.6, 1.0) * (0.6 + 0.8 * order[place])
        heads = share_out(head_count, weight, whole=True)
        for k, at in enumerate(xy):
            kind, n_th = ("neighbourhood", k + 1) if is_urban[k] else ("village", k - len(streets) + 1)
            label = say(f"sample.{kind}", lang=lang, town=name, n=number(n_th, lang=lang))
            rows.append((label, town.number, bool(is_urban[k]), int(heads[k]), at[0], at[1]))
    villages = pd.DataFrame(rows, columns=["name", "town", "is_urban", "people", "x", "y"])
    older = villages["people"] * np.where(villages["is_urban"], 0.85, 1.15)
    aged = share_out(round(_AGED_SHARE * int(people.sum())), older.to_numpy(), whole=True)
    villages.insert(4, "aged", aged.astype(np.int64))
    return villages


def empty_places(links: Links, islands: Sequence[Island], *, n: int) -> NDArray[np.float64]:
    """Find the ``n`` places on the main island that are farthest from any road: x, y and distance (m)."""
    t, s = np.meshgrid(np.linspace(0.08, 0.92, 150), np.linspace(-0.75, 0.75, 40), indexing="ij")
    spots = islands[0].xy(t.ravel(), s.ravel())
    away, _ = cKDTree(points_on(links)).query(spots)
    chosen: list[int] = []
    for at in np.argsort(-away, kind="stable"):
        if all(np.hypot(*(spots[at] - spots[k])) > 4_000.0 for k in chosen):
            chosen.append(int(at))
        if len(chosen) == n:
            break
    return np.column_stack([spots[chosen], away[chosen]])


def move_out(villages: pd.DataFrame, towns: Sequence[Town], places: NDArray[np.float64]) -> pd.DataFrame:
    """Move the nearest village of the same town to each place, away from the roads."""
    moved = villages.copy()
    for place in places[:, :2]:
        town = next(t.number for t in towns if shapely.Polygon(t.ring).covers(shapely.Point(place)))
        near = moved[(moved["town"] == town) & ~moved["is_urban"]]
        away = np.hypot(near["x"] - place[0], near["y"] - place[1])
        moved.loc[away.idxmin(), ["x", "y"]] = place
    return moved


def _pick(allowed: NDArray[np.bool_], order: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    place = np.nonzero(allowed)[0]
    picked: NDArray[np.int64] = place[np.argsort(order[place], kind="stable")[:n]]
    return picked


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
