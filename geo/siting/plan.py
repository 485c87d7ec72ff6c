"""The answer to a siting question: which sites, who is served by which, how good, how sure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import numpy as np
import pandas as pd

from geo.messages import Message
from geo.optimize import Clock
from geo.siting._table import FIXED, Floats, Ints, SitingTable
from geo.siting.search_steps import SearchStep, describe_steps, tell_method

__all__ = [
    "PROVEN_GAP",
    "Assigned",
    "Proof",
    "ProofForm",
    "SitingPlan",
    "make_plan",
    "nearest_open",
    "relative_gap",
]

ProofForm: TypeAlias = Literal["note", "line", "card"]
PROVEN_GAP = 1e-6
"""A relative gap up to this is proven: HiGHS itself works to this tolerance."""
_PROOF: Final[Mapping[ProofForm, tuple[str, str]]] = MappingProxyType(
    {
        "note": ("siting.note_proven", "siting.note_gap"),
        "line": ("siting.line_proven", "siting.line_gap"),
        "card": ("siting.card_proven", "siting.card_gap"),
    }
)
"""The sentence of a plan that is proven best, and of one that is not."""


@dataclass(frozen=True, eq=False)
class SitingPlan:
    """Sites to build and what they give.

    Parameters
    ----------
    problem : str
        The question, such as ``"maximal_covering"``.
    site_ids : tuple
        The new sites: in the order of the table of times, or of building where there are ``steps``.
    fixed_ids : tuple
        Sites that were there already.
    assignment : pandas.Series
        Site that serves each demand point, in the caller's order; None where none does (in time). Where a
        point is split, the site with its largest share.
    travel_s : pandas.Series
        Seconds between each demand point and that site; ``inf`` where there is none.
    value : float
        What was maximised or minimised; its unit is told by the function that made the plan.
    bound : float
        Proven: no plan has a better value than this.
    gap : float
        ``|bound - value| / |value|``; 0 when both are 0.
    is_proven : bool
        The gap is at most ``PROVEN_GAP``.
    search_steps : tuple of SearchStep
        Steps that were used.
    seconds : float
        Time it took.
    n_people, n_people_covered : float
        People in all, and those with a site (in time).
    share_covered : float
        Their quotient, 0 to 1.
    mean_s, worst_s : float
        Mean over the people who have a site, and the longest, in seconds; nan when nobody has one.
    steps : pandas.DataFrame or None
        The order of building: ``year``, ``site_id``, ``gain`` (value added), ``n_people_covered``,
        ``share_covered``.
    shares : pandas.DataFrame or None
        Of a plan with capacities: ``demand_id``, ``site_id``, ``share`` (0 to 1), ``people``.
    """

    problem: str
    site_ids: tuple[Hashable, ...]
    fixed_ids: tuple[Hashable, ...]
    assignment: pd.Series = field(repr=False)
    travel_s: pd.Series = field(repr=False)
    value: float
    bound: float
    gap: float
    is_proven: bool
    search_steps: tuple[SearchStep, ...]
    seconds: float
    n_people: float
    n_people_covered: float
    share_covered: float
    mean_s: float
    worst_s: float
    steps: pd.DataFrame | None = field(default=None, repr=False)
    shares: pd.DataFrame | None = field(default=None, repr=False)

    @property
    def method(self) -> str:
        """The steps of the search, in words."""
        return describe_steps(self.search_steps)

    def tell_method(self) -> Message:
        """Say how the plan was found."""
        return tell_method(self.search_steps)

    def tell_proof(self, form: ProofForm = "note") -> Message:
        """Say how good the plan is and how sure that is: proven, or its value, the bound and the gap.

        Parameters
        ----------
        form : {"note", "line", "card"}
            A whole sentence, what follows a word and a colon, or the few words of a card on the map.
        """
        values = {
            "value": f"{self.value:,.1f}".removesuffix(".0"),
            "bound": f"{self.bound:,.1f}".removesuffix(".0"),
            "gap": _at_most(self.gap),
        }
        proven, not_proven = _PROOF[form]
        return Message(proven if self.is_proven else not_proven, values)


def _at_most(gap: float) -> str:
    """Give a gap in per cent, rounded up: what is said to be the most must not be less than it is.

    Examples
    --------
    >>> _at_most(0.0123), _at_most(0.012301), _at_most(0.00002), _at_most(np.inf)
    ('1.23%', '1.24%', '0.01%', '∞')
    """
    return f"{np.ceil(round(gap * 1e4, 6)) / 1e4:.2%}" if np.isfinite(gap) else "∞"


def relative_gap(value: float, bound: float) -> float:
    """Give ``|bound - value| / |value|``.

    Examples
    --------
    >>> relative_gap(100.0, 101.0), relative_gap(0.0, 0.0), relative_gap(0.0, 3.0)
    (0.01, 0.0, inf)
    """
    off = abs(bound - value)
    return 0.0 if off == 0.0 else off / abs(value) if value else np.inf


def nearest_open(table: SitingTable, sites: Ints) -> tuple[Ints, Floats]:
    """Give each demand point the open site (position; -1 none) with the shortest time, and that time in ms.

    The lower id wins a tie.
    """
    who = np.full(len(table.demand_id), -1, dtype=np.int64)
    best = np.full(len(table.demand_id), np.inf)
    for j in np.sort(sites):
        part = slice(table.start[j], table.start[j + 1])
        point, ms = table.point[part], table.ms[part]
        sooner = ms < best[point]
        who[point[sooner]], best[point[sooner]] = j, ms[sooner]
    return who, best


@dataclass(frozen=True)
class Proof:
    """How good a plan is: its value, what no plan can better, and the steps that were used."""

    value: float
    bound: float
    steps: tuple[SearchStep, ...]


@dataclass(frozen=True, eq=False)
class Assigned:
    """Who is served by which site, where that is not the nearest open one.

    Parameters
    ----------
    site, ms : arrays
        Main site of each demand point (position; -1 none) and the time to it.
    n_people : float
        People served, those of split points in part.
    shares : pandas.DataFrame
        ``demand_id``, ``site_id``, ``share``, ``people``.
    """

    site: Ints
    ms: Floats
    n_people: float
    shares: pd.DataFrame


def make_plan(
    table: SitingTable,
    sites: Ints,
    proof: Proof,
    *,
    problem: str,
    clock: Clock,
    steps: pd.DataFrame | None = None,
    is_ordered: bool = False,
    assigned: Assigned | None = None,
) -> SitingPlan:
    """Put a plan together.

    ``sites`` are the positions of the new sites, listed in the caller's order unless they are ``is_ordered``.
    """
    fixed = np.flatnonzero(table.with_status(FIXED))
    if assigned is None:
        site, ms = nearest_open(table, np.concatenate([fixed, sites]))
    else:
        site, ms = assigned.site, assigned.ms
    has = site >= 0
    covered = float(table.people[has].sum()) if assigned is None else assigned.n_people
    ids = np.array([*table.site_id, None], dtype=object)
    back = table.demand_id.get_indexer(table.caller_demand_id)
    lived = table.people[has]
    gap = relative_gap(proof.value, proof.bound)
    return SitingPlan(
        problem=problem,
        site_ids=_in_order(table, sites, is_ordered=is_ordered),
        fixed_ids=_in_order(table, fixed, is_ordered=False),
        assignment=pd.Series(ids[site][back], index=table.caller_demand_id, name="site_id", dtype=object),
        travel_s=pd.Series(ms[back] / 1000.0, index=table.caller_demand_id, name="travel_s"),
        value=float(proof.value),
        bound=float(proof.bound),
        gap=gap,
        is_proven=gap <= PROVEN_GAP,
        search_steps=proof.steps,
        seconds=clock.spent_s,
        n_people=float(table.people.sum()),
        n_people_covered=covered,
        share_covered=covered / table.people.sum() if table.people.sum() else 0.0,
        mean_s=float(np.average(ms[has], weights=lived)) / 1000.0 if lived.sum() else np.nan,
        worst_s=float(ms[has & (table.people > 0.0)].max()) / 1000.0 if lived.sum() else np.nan,
        steps=steps,
        shares=None if assigned is None else assigned.shares,
    )


def _in_order(table: SitingTable, sites: Ints, *, is_ordered: bool) -> tuple[Hashable, ...]:
    ids = table.site_id.take(sites)
    if not is_ordered:
        ids = table.caller_site_id.take(np.sort(table.caller_site_id.get_indexer(ids)))
    return tuple(ids.tolist())
