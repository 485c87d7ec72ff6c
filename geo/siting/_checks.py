"""Checks that a siting question can be answered: enough sites, and somebody within their reach."""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.errors import InfeasibleError, InputError
from geo.messages import Message, name_some
from geo.settings import check_number, check_whole
from geo.siting._table import FIXED, FORCED_IN, FREE, SitingTable, check_table

__all__ = [
    "check_charge",
    "check_n",
    "check_reach",
    "check_reach_any",
    "check_served",
]


def check_n(table: SitingTable, n: Any, *, name: str = "n") -> int:
    """Check that ``n`` new sites can be chosen: no fewer than are forced in, no more than there are."""
    number = check_whole(name, n, low=0)
    forced = check_table(table).with_status(FORCED_IN)
    most = int(table.with_status(FREE, FORCED_IN).sum())
    if number > most:
        raise InputError(Message("siting.n_too_many", {"name": name, "number": number, "most": most}))
    if number < forced.sum():
        named = name_some(table.site_id[forced])
        raise InputError(
            Message(
                "siting.n_below_forced", {"name": name, "number": number, "n": forced.sum(), "names": named}
            )
        )
    return number


def check_served(table: SitingTable, n: int) -> int:
    """Check that there will be a site at all."""
    if n == 0 and not table.with_status(FIXED).any():
        raise InputError(Message("siting.none_at_all"))
    return n


def check_charge(table: SitingTable, unreached_s: float | None) -> None:
    """Check that everybody is reached, or that those who are not are charged at least the longest time."""
    if unreached_s is None:
        check_reach(table, what=Message("siting.in_the_times"))
    elif check_number("unreached_s", unreached_s, low=0.0) * 1000.0 < table.ms.max(initial=0.0):
        raise InputError(
            f"unreached_s = {unreached_s:g} is less than the longest time, {table.ms.max() / 1000.0:g} s"
        )


def check_reach(table: SitingTable, *, share: float = 1.0, what: Message | None = None) -> None:
    """Raise when the sites that may be used reach too few people.

    Raises
    ------
    InfeasibleError
        Fewer than ``share`` of the people (by weight) are reached by some site; names the points that are
        not.
    """
    usable = table.with_status(FREE, FIXED, FORCED_IN)[table.site]
    reached = np.zeros(len(table.demand_id), dtype=bool)
    reached[table.point[usable]] = True
    total = table.weight.sum()
    most = table.weight[reached].sum() / total
    if most < share - 1e-12:
        lost = ~reached & (table.weight > 0.0)
        raise InfeasibleError(
            Message(
                "siting.unreached_people",
                {
                    "people": table.people[lost].sum(),
                    "n": lost.sum(),
                    "what": what or Message("siting.within_limit"),
                    "names": name_some(table.demand_id[lost]),
                    "most": np.floor(most * 1e6) / 1e6,
                    "share": share,
                },
            )
        )


def check_reach_any(table: SitingTable) -> None:
    """Raise when the sites that may be used reach nobody at all."""
    usable = table.with_status(FREE, FIXED, FORCED_IN)[table.site]
    if not (table.weight[table.point[usable]] > 0.0).any():
        raise InfeasibleError(
            Message(
                "siting.reaches_nobody", {"people": table.people.sum(), "names": name_some(table.demand_id)}
            )
        )
