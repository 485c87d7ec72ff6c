"""The measures of shelters behind a plan's targets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from geo.messages import Message
from geo.plans.evidence import Facts, Measure
from geo.plans.plan import Target
from geo.plans.shelter_area import area_by_town, judge_areas

__all__ = ["MEASURES"]

N_NAMED: Final = 5
"""Towns that evidence names."""


def _area_per_person(target: Target, facts: Facts) -> Measure:
    """Usable area of the existing shelters per person of the district, in m2 (JS-2, SJ-2, SH-1)."""
    rows = facts.facilities
    if rows.empty:
        return Measure(needs=(("shelters", ""),))
    shelters = rows[rows["kind"] == "shelter"]
    existing = shelters[shelters["status"] == "existing"]
    known = math.fsum(existing["area_m2"].dropna())
    n_unknown = int(existing["area_m2"].isna().sum())
    needed = target.value * facts.total
    is_above = target.comparator == ">"
    numbers = {
        "area": known,
        "n": len(existing),
        "people": facts.total,
        "value": known / facts.total,
        "unknown": n_unknown,
    }
    evidence: list[Message] = [Message("plans.area_per_person", numbers)]
    if n_unknown:
        evidence.append(Message("plans.area_unknown", numbers))
    evidence += _planned(shelters, known, facts.total)
    evidence += _towns(shelters, facts, target.value, is_above=is_above)
    # The known areas are a lower bound: enough to say 'met', not enough to say 'missed'.
    is_enough = known > needed if is_above else known >= needed
    is_open = n_unknown > 0 and not is_enough
    return Measure(
        value=known / facts.total,
        evidence=tuple(evidence),
        if_missed=(Message("plans.short_area", {"m2": needed - known}),),
        needs=(("shelters", f"area_m2 ({n_unknown} / {len(existing)})"),) if is_open else (),
        places="shelter_towns",
    )


def _planned(shelters: pd.DataFrame, known: float, people: float) -> list[Message]:
    """Tell what the planned shelters would add; they do not count."""
    planned = shelters[shelters["status"] == "planned"]
    added = math.fsum(planned["area_m2"].dropna())
    if not added > 0:
        return []
    return [
        Message("plans.area_planned", {"n": len(planned), "area": added, "value": (known + added) / people})
    ]


def _towns(shelters: pd.DataFrame, facts: Facts, target_m2: float, *, is_above: bool) -> list[Message]:
    """Name the towns below the target, the worst first, with the m2 that they lack."""
    towns = facts.zones
    if towns.empty or "zone" not in shelters:
        return []
    people = towns.set_index("name")["people"].fillna(0.0)
    table = area_by_town(shelters, people[~people.index.duplicated()])
    table = table.join(judge_areas(table, target_m2=target_m2, is_above=is_above))
    below = table[table["state"].isin(["below", "unknown"])]
    below = below.iloc[below["m2_per_person"].argsort(kind="stable")]
    worst = tuple(
        Message("plans.town_below_area", {"name": name, "value": row.m2_per_person, "lacks": row.lacks_m2})
        for name, row in below.head(N_NAMED).iterrows()
    )
    n_towns = int((table["people"] > 0).sum())
    return [Message("plans.towns_below_area", {"n": len(below), "n_towns": n_towns, "worst": worst})]


MEASURES: Final[Mapping[str, Callable[[Target, Facts], Measure]]] = MappingProxyType(
    {"area_per_person": _area_per_person}
)
"""Each computed method of shelters."""
