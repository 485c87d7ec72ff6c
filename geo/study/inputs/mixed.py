"""Rows of one layer in two systems: two lists pasted together, of which one is in GCJ-02 or BD-09.

Half of the places stand at their roads as they are read, the others would under another reading. Their median
says nothing clear, so rows are compared one by one: how much nearer, as a ratio, each comes to a road under
the other reading. The gains are added up over the rows of some words of a column (source, town, folder),
over a block of rows that follow each other, and over whatever rows gain. The same is done for shifts of about
the same size in other directions: choosing the best rows is no proof by itself. Rows are only told where

- none of those shifts gains as much, by a clear margin,
- the rows that are told come clearly nearer to roads under the other reading, and
- the other rows would stand clearly farther from them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.messages import Message, first_few
from geo.network import RoadNetwork
from geo.study.inputs.other_datums import (
    AS_WGS84,
    N_SHIFTS,
    NEARNESS_M,
    ROADS_IN,
    is_lattice,
    other_shifts,
    read_otherwise,
)

__all__ = ["MixedRows", "find_mixed_rows"]

_XY = NDArray[np.float64]
_Bools = NDArray[np.bool_]
_MOST_COMPARED: Final = 400
"""So many rows, evenly picked, decide for a layer,"""
_MOST_TOLD: Final = 20_000
"""and so many are told apart."""
_FEWEST: Final = 4
"""Fewer rows of either system may be chance."""
_LEAST_GAIN: Final = 0.35
"""Rows of the other system come nearer by a factor of 1.4 in the geometric mean, the others go as far off."""
_ROW_GAIN: Final = 1.1
"""A single row that comes three times nearer is counted to those of the other system."""
_MARGIN: Final = 1.15
"""So many times more than under the best other shift must be gained. Of 59 real layers in one system, each in
its own order and in another, none reaches 1.0 by a block, and one reaches 1.02 by single rows."""
_MOST_COLUMNS: Final = 20
_MOST_WORDS: Final = 30
_MOST_SPANS: Final = 12
_FOR_WORDS: Final = 1.1
_AS_GOOD: Final = 0.6
"""A column or a block explains the rows where it gains this share of what single rows do."""


@dataclass(frozen=True)
class MixedRows:
    """Rows of a layer that stand as in another system than the rest.

    Parameters
    ----------
    reading : str
        The system of these rows, as :class:`geo.study.inputs.datum.Shift` has it.
    rows : tuple of int
        Row numbers as the planner counts.
    n_others : int
        Rows that stand at roads as they are read, or cannot be told.
    off_m, then_m : float
        Median distance of these rows to roads as read, and under the other reading, metres.
    others_off_m, others_then_m : float
        The same of the others.
    header : str
        Column whose words tell the rows apart; empty where none does.
    words, other_words : tuple of str or float
        Its words of these rows, and those of the others.
    is_block : bool
        Whether the rows follow each other.
    """

    reading: str
    rows: tuple[int, ...]
    n_others: int
    off_m: float
    then_m: float
    others_off_m: float
    others_then_m: float
    header: str = ""
    words: tuple[str | float, ...] = ()
    other_words: tuple[str | float, ...] = ()
    is_block: bool = False

    def told(self) -> Message:
        """Give the sentence on it, with the way out."""
        datum = {"datum": ROADS_IN.get(self.reading, self.reading)}
        is_of_roads = self.reading in ROADS_IN
        values = {
            "n": len(self.rows),
            "n_others": self.n_others,
            "off_m": self.off_m,
            "then_m": self.then_m,
            "others_off_m": self.others_off_m,
            "others_then_m": self.others_then_m,
            "n_shifts": N_SHIFTS,
            "reading": Message("study.roads_in", datum) if is_of_roads else self.reading,
            "which": self._which(),
            "cure": Message("study.mixed_cure_roads", datum) if is_of_roads else self._cure(),
        }
        return Message("study.mixed_rows", values)

    def _which(self) -> Message:
        spans = _spans(self.rows)
        rows = first_few(spans, _MOST_SPANS)
        if self.header:
            words = tuple(map(str, self.words))
            return Message("study.mixed_by_column", {"header": self.header, "words": words, "rows": rows})
        return Message("study.mixed_block" if self.is_block else "study.mixed_single", {"rows": rows})

    def _cure(self) -> Message:
        code = "EPSG:4326" if self.reading == AS_WGS84 else self.reading
        if not self.header or "" in (*self.words, *self.other_words):  # no ``where`` chooses blank cells
            return Message("study.mixed_cure_rows", {"code": code})
        values = {"header": self.header, "code": code}
        listed = {"words": json.dumps(self.words, ensure_ascii=False)[1:-1]}
        listed["other_words"] = json.dumps(self.other_words, ensure_ascii=False)[1:-1]
        return Message("study.mixed_cure_column", {**values, **listed})


def find_mixed_rows(
    rows: gpd.GeoDataFrame,
    network: RoadNetwork,
    *,
    read_as: str = "",
    headers: Mapping[str, str] | None = None,
) -> MixedRows | None:
    """Find rows of a layer that stand at roads only under another reading, where the rest does as read.

    Parameters
    ----------
    rows : GeoDataFrame
        Rows as they were read, in the network's CRS, in the order of the file; index ``row``.
    network : RoadNetwork
        The roads.
    read_as : str
        ``"GCJ-02"`` or ``"BD-09"`` where the rows were read as such.
    headers : mapping of str to str, optional
        Our columns and their headers in the file.

    Returns
    -------
    MixedRows or None
        The rows of one other system, where they are told apart clearly.
    """
    if len(rows) < 2 * _FEWEST or not network.n_edges:
        return None
    layer = _Layer.of(rows, network)
    picked = layer.pick(_MOST_COMPARED)
    if is_lattice(layer.xy):
        return None
    families, best = _families(picked.table), None
    for reading, place in read_otherwise(picked.xy, network.crs, read_as).items():
        size = np.median(place - picked.xy, axis=0)
        if np.hypot(*size) < 1.0 or ROADS_IN.get(reading) == "BD-09":
            continue  # outside China nothing moves; the margin was measured without roads of Baidu
        split = _choose(picked, place, size, families)
        if split is not None and (best is None or split.total > best[1].total):
            best = reading, split
    if best is None:
        return None
    reading, split = best
    whole = layer.pick(len(layer.xy))
    then_m = whole.distances(read_otherwise(whole.xy, network.crs, read_as)[reading])
    is_other = split.family.tell(picked, split.is_other, whole, _gain(whole.as_read_m, then_m))
    return _mixed(reading, split.family, is_other, whole, then_m, headers or {})


@dataclass(frozen=True, eq=False)
class _Layer:
    """Rows with their places, and how far each is from a road as read."""

    table: gpd.GeoDataFrame
    xy: _XY
    tree: shapely.STRtree
    as_read_m: _XY

    @classmethod
    def of(cls, rows: gpd.GeoDataFrame, network: RoadNetwork) -> _Layer:
        """Take the rows of a table, evenly picked where they are many; of areas a point on each."""
        rows = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, _MOST_TOLD).astype(int))]
        xy = shapely.get_coordinates(shapely.point_on_surface(rows.geometry.to_numpy()))
        return cls(rows, xy, network.line_tree, np.empty(0))

    def pick(self, most: int) -> _Layer:
        """Give so many rows, evenly picked, with their distances."""
        places = np.unique(np.linspace(0, len(self.xy) - 1, most).astype(int))
        xy = self.xy[places]
        return _Layer(self.table.iloc[places], xy, self.tree, self.distances(xy))

    def distances(self, xy: _XY) -> _XY:
        """Measure from places to the nearest road, metres."""
        _, distance = self.tree.query_nearest(shapely.points(xy), all_matches=False, return_distance=True)
        return np.asarray(distance, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Family:
    """A way to part the rows of a layer: the rows of some words of a column, a block, or any rows."""

    part: Callable[[_XY], _Bools]
    column: str = ""
    is_block: bool = False

    def tell(self, picked: _Layer, is_other: _Bools, whole: _Layer, gain: _XY) -> _Bools:
        """Tell all rows apart, as some of them were."""
        if self.column:
            words = _words(picked.table[self.column])[is_other].unique()
            return np.asarray(_words(whole.table[self.column]).isin(words), dtype=np.bool_)
        if self.is_block:
            ends = picked.table.index[is_other]
            return np.asarray((whole.table.index >= ends.min()) & (whole.table.index <= ends.max()))
        single: _Bools = self.part(gain)
        return single


@dataclass(frozen=True, eq=False)
class _Split:
    """The rows that gain by another reading, of one family, and what they gain in all."""

    family: _Family
    is_other: _Bools
    total: float


def _words(column: pd.Series) -> pd.Series:
    return column.astype("string").fillna("").str.strip()


def _families(table: gpd.GeoDataFrame) -> list[_Family]:
    families = [_Family(lambda gain: gain > _ROW_GAIN), _Family(_best_block, is_block=True)]
    families += [_Family(part, column) for column, part in _by_columns(table)]
    return families


def _by_columns(table: gpd.GeoDataFrame) -> Iterator[tuple[str, Callable[[_XY], _Bools]]]:
    """Give the columns whose words may say where a row comes from, each with the way to part by it."""
    n = 0
    for name in table.columns:
        if name == table.geometry.name or n == _MOST_COLUMNS:
            continue
        code, words = pd.factorize(_words(table[name]))
        if not 2 <= len(words) <= min(_MOST_WORDS, len(table) // 2):
            continue
        n += 1
        yield str(name), _part_by(code, len(words))


def _part_by(code: NDArray[np.int64], n_words: int) -> Callable[[_XY], _Bools]:
    def part(gain: _XY) -> _Bools:
        of_word = np.bincount(code, weights=gain, minlength=n_words)
        is_gaining: _Bools = (of_word > 0)[code]
        return is_gaining

    return part


def _best_block(gain: _XY) -> _Bools:
    """Find the rows that follow each other and gain most together."""
    sums = np.concatenate([[0.0], np.cumsum(gain)])
    least = np.minimum.accumulate(sums)
    end = int(np.argmax(sums - least))
    start = int(np.argmin(sums[: end + 1]))
    is_in = np.zeros(len(gain), dtype=bool)
    is_in[start:end] = True
    return is_in


def _choose(rows: _Layer, place: _XY, size: _XY, families: list[_Family]) -> _Split | None:
    """Choose what tells the two systems apart best: a column, a block, or single rows where neither does."""
    gain = _gain(rows.as_read_m, rows.distances(place))
    splits = [_split(family, gain) for family in families]
    clear = [split for split in splits if _is_clear(split.is_other, gain)]
    if not clear:
        return None
    sure = _sure(clear, families, rows, size)
    explained = [split for split in sure if split.family.column or split.family.is_block]
    # Words that explain nearly as much as a block say more: a list is often sorted by where it comes from.
    best = max(
        explained,
        key=lambda split: split.total * (1.0 if split.family.is_block else _FOR_WORDS),
        default=None,
    )
    if best is not None and best.total >= _AS_GOOD * splits[0].total:
        return best
    return splits[0] if any(split is splits[0] for split in sure) else best


def _split(family: _Family, gain: _XY) -> _Split:
    is_other = family.part(gain)
    return _Split(family, is_other, float(gain[is_other].sum()))


def _is_clear(is_other: _Bools, gain: _XY) -> bool:
    """Whether there are some rows of each system, and each part stands at roads under its own reading."""
    if not _FEWEST <= is_other.sum() <= len(gain) - _FEWEST:
        return False
    return bool(gain[is_other].mean() >= _LEAST_GAIN and gain[~is_other].mean() <= -_LEAST_GAIN)


def _sure(clear: list[_Split], families: list[_Family], rows: _Layer, size: _XY) -> list[_Split]:
    """Keep what gains clearly more than the same kind of choice does under any shift in another direction.

    Few shifts refute what chance has chosen, so the others are not tried where nothing is left.
    """
    left = clear
    for shift in other_shifts(size):
        if not left:
            break
        gain = _gain(rows.as_read_m, rows.distances(rows.xy + shift))
        left = [split for split in left if split.total > _MARGIN * _most_alike(split.family, families, gain)]
    return left


def _most_alike(family: _Family, families: list[_Family], gain: _XY) -> float:
    """Give the most that rows gain by a shift where they are chosen in the same way."""
    alike = [
        other
        for other in families
        if bool(other.column) == bool(family.column) and other.is_block == family.is_block
    ]
    return max(_split(other, gain).total for other in alike)


def _gain(as_read: _XY, then: _XY) -> _XY:
    """Give how much nearer to a road each row comes, as a logarithm of the ratio."""
    return np.log(as_read + NEARNESS_M) - np.log(then + NEARNESS_M)


def _mixed(
    reading: str, family: _Family, is_other: _Bools, rows: _Layer, then_m: _XY, headers: Mapping[str, str]
) -> MixedRows:
    off_m, table = rows.as_read_m, rows.table
    words, other_words = ((), ()) if not family.column else _words_of(table[family.column], is_other)
    return MixedRows(
        reading=reading,
        rows=tuple(int(row) for row in table.index[is_other]),
        n_others=int((~is_other).sum()),
        off_m=float(np.median(off_m[is_other])),
        then_m=float(np.median(then_m[is_other])),
        others_off_m=float(np.median(off_m[~is_other])),
        others_then_m=float(np.median(then_m[~is_other])),
        header=headers.get(family.column, family.column),
        words=words,
        other_words=other_words,
        is_block=family.is_block,
    )


def _words_of(column: pd.Series, is_other: _Bools) -> tuple[tuple[str | float, ...], tuple[str | float, ...]]:
    """Give the words of both parts as ``where`` takes them: numbers of a column of numbers."""
    is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    cells = column.astype(object).where(column.notna(), "") if is_number else _words(column)
    return tuple(cells[is_other].unique().tolist()), tuple(cells[~is_other].unique().tolist())


def _spans(rows: tuple[int, ...]) -> list[str]:
    """Write row numbers as spans: 2-5, 9."""
    breaks = [i for i, (one, after) in enumerate(pairwise(rows), 1) if after != one + 1]
    parts = zip([0, *breaks], [*breaks, len(rows)], strict=True)
    return [f"{rows[a]}-{rows[b - 1]}" if b - a > 1 else str(rows[a]) for a, b in parts]
