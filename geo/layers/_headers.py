"""Headers of tables: what is one of our columns, and the unit that stands in brackets or behind it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import numpy as np

from geo.settings import NOTHING
from geo.words import read_data, word_lists

__all__ = [
    "CUT_RANK",
    "ENDING_RANK",
    "Kind",
    "all_kinds",
    "call_kinds",
    "is_known",
    "plain_text",
    "rank_of",
    "split_header",
    "unit_behind",
]

_UNIT: Final = re.compile(r"^(?P<base>.*?)\s*[(\[【〔](?P<unit>[^)\]】〕]*)[)\]】〕]\s*$")
_MOST_LETTERS: Final = 200
"""Of a header that are looked at: longer ones are texts, and take minutes to be looked at in all ways."""
_WAN: Final = re.compile(r"^(?P<base>.+)_(?P<unit>wan)$")
_YEAR: Final = re.compile(r"(19|20)\d\d")
CUT_RANK: Final = 80
"""Of a header that is only the beginning of a known one."""
ENDING_RANK: Final = 90
"""Of a header that only ends as known ones do."""


@dataclass(frozen=True)
class Kind:
    """How one of our columns is recognised and read."""

    type: str
    headers: Mapping[str, int]
    ending: tuple[str, ...] = ()
    units: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    least: float = -np.inf
    most: float = np.inf
    repeats: bool = True


def is_known(base: str) -> bool:
    """Whether :func:`rank_of` of any kind is a number, asked of all kinds at once."""
    known, endings = _known()
    if base in known or (_is_cut(base) and any(header.startswith(base) for header in known)):
        return True
    return base.endswith(endings) and any(base.endswith(ending) and base != ending for ending in endings)


@cache
def _known() -> tuple[frozenset[str], tuple[str, ...]]:
    """Give all headers and all endings of headers, those of records of calls too."""
    kinds = [*all_kinds().values(), *call_kinds().values()]
    return frozenset().union(*(kind.headers for kind in kinds)), tuple(
        e for kind in kinds for e in kind.ending
    )


def rank_of(kind: Kind, base: str) -> int | None:
    if base in kind.headers:
        return kind.headers[base]
    if _is_cut(base) and any(known.startswith(base) for known in kind.headers):
        return CUT_RANK
    if any(base.endswith(ending) and base != ending for ending in kind.ending):
        return ENDING_RANK
    return None


def _is_cut(base: str) -> bool:
    """Whether a header may be the beginning of a longer one: shapefiles keep 10 bytes, often of UTF-8."""
    return not base.isascii() and (len(base.encode()) == 9 or len(base.encode("gb18030", "ignore")) == 10)


@cache
def split_header(header: str) -> tuple[str, str]:
    """Header without case, spaces, signs and year; and the unit in brackets, or behind a known header."""
    header = header[:_MOST_LETTERS]
    base, unit = _bare(header)
    if unit or base in _known()[0]:
        return base, unit
    plain = plain_text(header)
    for kind in all_kinds().values():
        behind = unit_behind(plain, kind.units)
        before = _bare(plain.removesuffix(behind))[0]
        if behind and before in kind.headers:
            return before, behind
    return base, ""


def unit_behind(plain: str, units: Collection[str]) -> str:
    """Find the unit behind a header without brackets: 人口_万人, 面积/公顷, area_km2, 常住人口万人."""
    for unit in sorted(units, key=len, reverse=True):
        before = plain.removesuffix(unit)
        is_apart = before.rstrip() != "" and before[-1] in " _/:-"
        # Without a sign between only a long Chinese unit is sure: 户数 does not end with the unit 户.
        is_long = len(unit) > 1 and not unit.isascii() and before != ""
        if before != plain and (is_apart or is_long):
            return unit
    return ""


@cache
def _bare(header: str) -> tuple[str, str]:
    """Header without case, spaces, signs and year; and the unit in brackets behind it."""
    plain = plain_text(header)
    parts = _UNIT.match(plain) or _WAN.match(plain)
    base, unit = (parts["base"], parts["unit"]) if parts else (plain, "")
    base = re.sub(r"^(19|20)\d\d年?(末|底)?(?=\D)|[_\s]*(19|20)\d\d年?$", "", base)
    return re.sub(r"[\s_\-*:：/、]", "", base), _unit_in(re.sub(r"[\s:单位]", "", unit))


def _unit_in(brackets: str) -> str:
    """Give the unit in brackets; nothing where they only say of when or of whom a number is: （2020年）."""
    units = _every_unit()
    parts = [part for part in re.split("[,;、/]", brackets) if part]
    if brackets in units or not parts:
        return brackets
    named = [part for part in parts if part in units]
    if named:
        return named[0]
    remarks = word_lists("table")["header"]["remark"]
    is_remark = [_YEAR.match(part) is not None or any(word in part for word in remarks) for part in parts]
    return "" if all(is_remark) else brackets


@cache
def _every_unit() -> frozenset[str]:
    entries = read_data("standards/headers").values()
    return frozenset(plain_text(unit) for entry in entries for unit in entry.get("units", ()))


def plain_text(text: object) -> str:
    return unicodedata.normalize("NFKC", str(text)).strip().casefold()


@cache
def all_kinds() -> dict[str, Kind]:
    return {ours: _kind(entry) for ours, entry in read_data("standards/headers").items()}


@cache
def call_kinds() -> dict[str, Kind]:
    """Give the columns of records of calls, and those of places beside them."""
    own = {ours: _kind(entry) for ours, entry in read_data("standards/call_headers").items()}
    return own | {ours: all_kinds()[ours] for ours in ("lon", "lat", "lonlat", "geometry")}


def _kind(entry: Mapping[str, Any]) -> Kind:
    ranks: dict[str, int] = {}
    for rank, header in enumerate(entry["headers"]):
        ranks.setdefault(_bare(header)[0], rank)
    return Kind(
        type=entry["type"],
        headers=ranks,
        ending=tuple(entry.get("ending", ())),
        units={plain_text(unit): float(factor) for unit, factor in entry.get("units", {}).items()},
        least=float(entry.get("least", -np.inf)),
        most=float(entry.get("most", np.inf)),
        repeats=entry.get("repeats", entry["type"] != "number"),
    )
