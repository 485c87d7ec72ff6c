"""Which headers of a file may be one of our columns, the likeliest first, and what they leave open."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

import pandas as pd

from geo.layers._answers import says_condition
from geo.layers._headers import CUT_RANK, ENDING_RANK, Kind, all_kinds, is_known, rank_of, split_header
from geo.messages import Message, first_few

__all__ = [
    "count_known",
    "find_candidates",
    "is_shared",
    "tell_parts_left",
    "tell_tables_beside",
    "why_taken",
]

_LEAST_BESIDE: Final = 2
"""So many known headers are there twice where two tables stand side by side."""
_PLACES: Final = ("lon", "lat", "lonlat", "geometry")
"""The 2000 of X（2000） is the datum CGCS2000, and no year."""
_DISTRICT: Final = "区划"
"""Codes of districts and towns: each place in a town bears its town's."""


def find_candidates(frame: pd.DataFrame, ours: str, kind: Kind, headers: Sequence[str]) -> list[str]:
    """Give the headers that may be one of our columns, the likeliest first; of several years the latest."""
    ranked = []
    for position, header in enumerate(headers):
        base, unit = split_header(header)
        rank = rank_of(kind, base)
        if rank is None or (unit and kind.units and unit not in kind.units):
            continue
        year = 0 if ours in _PLACES else _year_said(header)
        ranked.append((rank, -year, position, header))
    if ours == "status":
        ranked = [entry for entry in ranked if not says_condition(frame[entry[-1]])]
    elif ours == "is_working":
        status = all_kinds()["status"]
        of_status = [header for header in headers if rank_of(status, split_header(header)[0]) is not None]
        ranked += [(99, 0, 0, header) for header in of_status if says_condition(frame[header])]
    return [header for *_, header in sorted(ranked)]


def tell_parts_left(ours: str, kind: Kind, candidates: Sequence[str]) -> list[Message]:
    """Tell that of several headers of parts (室内容纳人数, 室外容纳人数) one is taken: none is the whole."""
    parts = [header for header in candidates if rank_of(kind, split_header(header)[0]) == ENDING_RANK]
    if kind.type != "number" or len(parts) < 2 or parts != list(candidates):
        return []
    values = {"column": Message(f"layers.ours_{ours}"), "key": ours, "header": parts[0]}
    return [Message("layers.parts_left", {**values, "others": tuple(parts[1:])})]


def tell_tables_beside(frame: pd.DataFrame, used: Collection[str]) -> list[Message]:
    """Tell that a second table stands beside the first, under the same headers: its rows are not read.

    Where coordinates alone come again, each row has a second place, often in another datum. Nothing is told
    where the study uses (``used``) a column of the second one.
    """
    names = [str(name) for name in frame.columns]
    again = {
        name: base
        for place, name in enumerate(names, start=1)
        if (base := name.removesuffix(f" ({place})")) != name and base in names and count_known([base])
    }
    if len(again) < _LEAST_BESIDE or not again.keys().isdisjoint(used):
        return []
    n = int((frame[list(again)].fillna("").astype(str) != "").any(axis=1).sum())
    headers = tuple(dict.fromkeys(again.values()))
    is_place = all(_is_coordinate(header) for header in headers)
    other = _other_beside(frame, names.index(next(iter(again)))) if is_place else []
    if n and other:
        values = {"place": names.index(other[0]) + 1, "headers": first_few(other)}
        return [Message("layers.other_table_beside", values)]
    key = "layers.places_again" if is_place else "layers.tables_beside"
    return [Message(key, {"n": n, "headers": headers, "again": tuple(again)})] if n else []


def _other_beside(frame: pd.DataFrame, second: int) -> list[str]:
    """Give the headers of another table that stand before its coordinates, behind a blank column; else none.

    Stations and shelters side by side: the second coordinates are those of the shelters.
    """
    names = [str(name) for name in frame.columns]
    blanks = [k for k in range(1, second) if re.fullmatch(r"column \d+", names[k])]
    blanks = [k for k in blanks if (frame.iloc[:, k].fillna("").astype(str) == "").all()]
    return names[blanks[-1] + 1 : second] if blanks else []


def _is_coordinate(header: str) -> bool:
    base, kinds = split_header(header)[0], all_kinds()
    return any(rank_of(kinds[ours], base) is not None for ours in ("lon", "lat"))


def _year_said(header: str) -> int:
    """Give the year that a header says: of 2022年人口 and 2024年人口 the later counts.

    One without a year is of today. A year to come says what is expected, and counts last.
    """
    this_year = date.today().year
    year = max(map(int, re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", header)), default=this_year)
    return year if year <= this_year else -year


def is_shared(header: str, column: pd.Series) -> bool:
    """Whether a column that is called a code is one of groups of rows, such as the district's, and no id."""
    codes = column.dropna().astype(str).str.strip()
    codes = codes[codes != ""]
    n_codes = codes.nunique()
    return n_codes * 2 < len(codes) or (_DISTRICT in header and n_codes < len(codes))


def why_taken(ours: str, kind: Kind, candidates: Sequence[str]) -> Message:
    """Say why the first candidate was taken."""
    if rank_of(kind, split_header(candidates[0])[0]) == CUT_RANK:
        return Message("layers.cut_header", {"column": ours})
    if len(candidates) == 1:
        return Message("layers.usual_header", {"column": ours})
    return Message("layers.usual_header_of_several", {"column": ours, "others": ", ".join(candidates[1:])})


def count_known(headers: Sequence[str]) -> int:
    """Count the headers that are recognised as one of our columns.

    Examples
    --------
    >>> count_known(["序号", "站名", "经度", "纬度（°）"])
    3
    """
    return sum(is_known(split_header(header)[0]) for header in headers)
