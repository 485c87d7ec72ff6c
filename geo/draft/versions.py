"""Two lists of one thing: whether one is a version of the other, how they differ, which is later."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import transform_xy
from geo.demand import name_key, town_key
from geo.draft.look import Look
from geo.draft.names import Version, name_of_list, read_version, town_in
from geo.messages import Message

__all__ = ["Difference", "are_of_other_towns", "compare", "latest_first", "tell_version"]

SAME_LIST: Final = 0.5
"""So much of the shorter list stands in the longer: they are one list."""
_SAME_NAME: Final = 0.2
"""Less is enough where the names of the files say the same."""
_DEGREES: Final = CRS.from_epsg(4326)
_KM_A_DEGREE: Final = 111.32
_NEAR_KM: Final = 0.7
_NEAR_SHARE: Final = 0.4
_SAME_KM: Final = 0.01
"""Rows that bear ids, and others in each list, are the same only where they stand at one place."""
APART: Final = 0.05
"""A smaller share is chance: two villages of one name."""


@dataclass(frozen=True)
class Difference:
    """How two lists differ.

    Parameters
    ----------
    n_both, n_first, n_second : int
        Rows in both, and rows in one of them alone.
    is_same_list : bool
        Whether one is a version of the other.
    is_same : bool
        Whether they say the same, row for row, as far as can be seen.
    is_known : bool
        Whether rows could be compared at all.
    people : tuple of float
        People in each, where both have them.
    """

    n_both: int
    n_first: int
    n_second: int
    is_same_list: bool
    is_same: bool = False
    is_known: bool = True
    people: tuple[float, float] = (0.0, 0.0)

    @property
    def share(self) -> float:
        """Share of the shorter list that is in the longer."""
        return self.n_both / max(min(self.n_both + self.n_first, self.n_both + self.n_second), 1)

    def told(self, first: Look, second: Look) -> Message:
        """Say how they differ."""
        values = {
            "first": first.source.label,
            "second": second.source.label,
            "n_both": self.n_both,
            "n_first": self.n_first,
            "n_second": self.n_second,
            "people_first": self.people[0],
            "people_second": self.people[1],
        }
        if not self.is_known:
            numbers = {"n_first": first.n_rows, "n_second": second.n_rows}
            return Message("draft.differ_unknown", {**values, **numbers})
        return Message("draft.differ_people" if any(self.people) else "draft.differ", values)


def compare(first: Look, second: Look, *, by_place: bool = False) -> Difference:
    """Compare two lists by the ids or names of their rows; where they have none, by their places.

    Parameters
    ----------
    first, second : Look
        Two lists.
    by_place : bool
        Take rows that stand at one place for the same, under whatever name: two lists of stations. Villages
        and estates stand beside each other too.
    """
    is_one_name = name_of_list(first.source.names[0]) == name_of_list(second.source.names[0])
    keys = next(
        ((a, b) for key in (_by_name, _by_id, _by_place) if len(a := key(first)) and len(b := key(second))),
        None,
    )
    if keys is None:
        is_same = first.n_rows == second.n_rows and is_one_name
        return Difference(
            0, first.n_rows, second.n_rows, is_one_name, is_same and _is_one_file(first, second), False
        )
    one, two = (set(key) for key in keys)
    if "zone" not in first.table and are_of_other_towns(first, second):
        return Difference(0, len(one), len(two), is_same_list=False, people=_people_of(first, second))
    both = len(one & two)
    share = both / max(min(len(one), len(two)), 1)
    if by_place and share < SAME_LIST and (near := _n_near(first, second)) > both:
        # The same stations under other names: 城桥消防站, 城桥消防救援站.
        n_first, n_second = (max(look.n_rows - near, 0) for look in (first, second))
        is_list = near / max(min(first.n_rows, second.n_rows), 1) >= SAME_LIST
        return Difference(near, n_first, n_second, is_list, people=_people_of(first, second))
    is_list = share >= SAME_LIST or (is_one_name and share >= _SAME_NAME)
    return Difference(
        both,
        len(one - two),
        len(two - one),
        is_list,
        is_same=one == two and first.n_rows == second.n_rows and _says_same(first, second),
        people=_people_of(first, second),
    )


def _people_of(first: Look, second: Look) -> tuple[float, float]:
    people = (first.people(), second.people())
    return people if all(people) else (0.0, 0.0)


def _n_near(first: Look, second: Look) -> int:
    """Count the rows of the shorter list that have a row of the longer at their place.

    How near that is depends on how far apart the rows are: 700 m for stations (a shifted datum is not seen
    yet), some tens of metres for hydrants.
    """
    from scipy.spatial import cKDTree

    places = [lonlat for look in (first, second) if (lonlat := _lonlat(look)) is not None]
    if len(places) < 2 or first.shape != second.shape or first.shape == "polygon":
        return 0
    short, long = sorted(places, key=len)
    scale = _KM_A_DEGREE * np.array([np.cos(np.radians(short[:, 1].mean())), 1.0])
    apart_km = (
        cKDTree(short * scale).query(short * scale, k=2)[0][:, 1] if len(short) > 1 else np.array([1.0])
    )
    near_km = min(_NEAR_KM, float(np.median(apart_km)) * _NEAR_SHARE)
    if _by_id(first) and _by_id(second):  # municipal hydrants, and those of firms in the same streets
        near_km = min(near_km, _SAME_KM)
    off_km, _ = cKDTree(long * scale).query(short * scale)
    return int((off_km <= near_km).sum())


def _lonlat(look: Look) -> NDArray[np.float64] | None:
    """Give the places of a list in degrees, as far as its file says its system."""
    xy = look.xy[np.isfinite(look.xy).all(axis=1)]
    if not len(xy):
        return None
    if look.stated is None or isinstance(look.stated, str):
        return xy if (np.abs(xy) <= 180).all() else None
    return transform_xy(xy, look.stated, _DEGREES)


def _by_id(look: Look) -> list[Hashable]:
    if "id" not in look.table:
        return []
    ids = look.table["id"].dropna().astype(str).str.strip()
    return [] if ids.str.fullmatch(r"\d{1,3}").all() else list(ids)


def _by_name(look: Look) -> list[Hashable]:
    """Give the names of the rows with their towns; none where most rows have no name or all the same."""
    if "name" not in look.table:
        return []
    names = look.table["name"].dropna().astype(str).str.strip()
    if names.nunique() * 2 < len(look.table):
        return []
    towns = look.table["zone"] if "zone" in look.table else pd.Series(None, index=look.table.index)
    return [(name_key(name), town_key(towns[row])) for row, name in names.items()]


def are_of_other_towns(first: Look, second: Look) -> bool:
    """Whether two lists are about different towns: by a column of towns, else as sheet or file say it."""
    if "zone" in first.table and "zone" in second.table:
        towns = [set(look.table["zone"].dropna().map(town_key)) for look in (first, second)]
        return all(towns) and not towns[0] & towns[1]
    if "zone" in first.table or "zone" in second.table:
        return False
    one, two = (town_in(look.source.names) for look in (first, second))
    # 崇明区陈家镇 is 陈家镇
    return bool(one and two) and not one.endswith(two) and not two.endswith(one)


def _by_place(look: Look) -> list[Hashable]:
    """Give the places, to some 10 m, in the numbers of the file."""
    xy = look.xy[np.isfinite(look.xy).all(axis=1)]
    digits = 4 if len(xy) and (np.abs(xy) <= 180).all() else -1
    return [(float(x), float(y)) for x, y in np.round(xy, digits)]


def _says_same(first: Look, second: Look) -> bool:
    """Whether both tables hold the same, column for column, and at the same places."""
    if set(first.table.columns) != set(second.table.columns) or first.xy.shape != second.xy.shape:
        return False
    one, two = (
        look.table[sorted(map(str, first.table.columns))].reset_index(drop=True) for look in (first, second)
    )
    is_near = np.allclose(first.xy, second.xy, atol=1e-6, equal_nan=True)
    return bool(is_near and one.astype(str).equals(two.astype(str)))


def _is_one_file(first: Look, second: Look) -> bool:
    one, two = first.source.file, second.source.file
    if not (one.is_file() and two.is_file()) or one.stat().st_size != two.stat().st_size:
        return False
    return one.read_bytes() == two.read_bytes()


def latest_first(looks: Sequence[Look]) -> list[Look]:
    """Order versions, the later first: by the dates in their names, their standing and number, their file."""
    return sorted(looks, key=cmp_to_key(_later), reverse=True)


def _later(first: Look, second: Look) -> int:
    one, two = _version_of(first), _version_of(second)
    if one.date and two.date and one.date != two.date:
        return 1 if one.date > two.date else -1
    # A list of one kind goes before one of everything, as a map service gives it.
    alone = (len(first.count_kinds()) <= 1, len(second.count_kinds()) <= 1)
    sides = (alone, (one.standing, two.standing), (one.number, two.number))
    for a, b in (*sides, (first.source.modified, second.source.modified)):
        if a != b:
            return 1 if a > b else -1  # type: ignore[operator]
    return 0


def _version_of(look: Look) -> Version:
    """Read the version from sheet, file and folders, the nearest that says one."""
    versions = [read_version(name) for name in look.source.names]
    return Version(
        date=next((version.date for version in versions if version.date), ()),
        standing=next((version.standing for version in versions if version.standing), 0),
        number=next((version.number for version in versions if version.number), ()),
    )


def tell_version(look: Look) -> Message:
    """Say what is known of the version of a list: its rows, its people, the date in its name."""
    version = _version_of(look)
    values = {
        "label": look.source.label,
        "n": look.n_rows,
        "date": "-".join(map(str, version.date)) or "–",
        "people": look.people(),
    }
    return Message("draft.version_people" if look.people() else "draft.version", values)
