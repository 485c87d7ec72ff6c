"""Faults of a layer told in few lines: some of each kind, and of the others how many and in which rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from geo.messages import Fault
from geo.words import Lang, say

__all__ = ["list_faults"]

_OF_ROWS: Final = ("row", "geometry", "village", "id")
"""Columns of faults by which a whole row may be lost: their kinds come first."""
_MOST_RANGES: Final = 12


def list_faults(faults: Sequence[Fault], most: int, *, lang: Lang) -> Iterator[str]:
    """Say some of the faults of each kind, in the order of their rows, and what is left of each.

    A kind that is rare, such as the one row without coordinates among hundred rough numbers, is never hidden
    behind a frequent one.

    Parameters
    ----------
    faults : sequence of Fault
        All of a layer.
    most : int
        So many are said one by one, or one of each kind where there are more kinds.
    lang : {"zh", "en"}
        Language.

    Yields
    ------
    str
        A fault, or how many more like one there are, with their rows.
    """
    kinds: dict[tuple[str, str], list[int]] = {}
    for place, fault in enumerate(faults):
        kinds.setdefault((fault.column, fault.reason.key), []).append(place)
    by_weight = sorted(kinds.values(), key=lambda places: faults[places[0]].column not in _OF_ROWS)
    n_of_each = _share_out([len(places) for places in by_weight], most)
    shown = sorted(place for places, n in zip(by_weight, n_of_each, strict=True) for place in places[:n])
    yield from (faults[place].say(lang) for place in shown)
    for places, n in zip(by_weight, n_of_each, strict=True):
        if rest := [faults[place].row for place in places[n:]]:
            like = faults[places[0]].row
            key = "study.check_more_like" if like else "study.check_more"
            yield say(key, lang=lang, n=len(rest), row=like, rows=_ranges(rest))


def _share_out(sizes: Sequence[int], most: int) -> list[int]:
    """Give how many of each kind are said: one of each, then in turn until all lines are used."""
    given = [1] * len(sizes)
    left = most - len(sizes)
    while left > 0 and any(size > n for size, n in zip(sizes, given, strict=True)):
        for kind, size in enumerate(sizes):
            if left > 0 and given[kind] < size:
                given[kind] += 1
                left -= 1
    return given


def _ranges(rows: Sequence[int]) -> str:
    """Say numbers of rows, those that follow each other as one range.

    Examples
    --------
    >>> _ranges([5, 6, 7, 9, 12, 13])
    '5-7, 9, 12-13'
    """
    ranges: list[list[int]] = []
    for row in sorted(set(rows)):
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1][1] = row
        else:
            ranges.append([row, row])
    said = [str(first) if first == last else f"{first}-{last}" for first, last in ranges[:_MOST_RANGES]]
    return ", ".join(said) + (", ..." if len(ranges) > _MOST_RANGES else "")
