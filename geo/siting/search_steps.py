"""The steps of a search for sites: what a plan says of how it was found, and the sentence for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from geo.messages import Message

__all__ = ["SearchStep", "describe_steps", "tell_method"]


class SearchStep(StrEnum):
    """A step of a search, in the words of ``SitingPlan.method``."""

    HALVING = "halving of the limit, least cover within each"
    MENDING = "greedy and mending"
    LINEAR = "linear bound"
    LINEAR_CUTS = "linear bound with cuts"
    FALLING_N = "best n for a falling n"
    CUTS = "HiGHS with cuts"
    BRANCHING = "branch and bound"
    LAGRANGE = "Lagrangian bound"
    HIGHS = "HiGHS"
    ALL_SITES = "all sites"
    NO_SITES = "no sites"
    NOTHING_LEFT = "nothing left to cover"
    ENOUGH_TODAY = "existing sites are enough"
    GREEDY = "greedy"
    GREEDY_BY_COST = "greedy by cost"
    GREEDY_SWAPS = "greedy and swaps"
    SWAPS = "swaps"


_SENTENCES: Final[Mapping[SearchStep, str]] = MappingProxyType(
    {
        SearchStep.HALVING: "halving",
        SearchStep.MENDING: "cover",
        SearchStep.FALLING_N: "falling",
        SearchStep.CUTS: "cuts",
        SearchStep.BRANCHING: "tree",
        SearchStep.LAGRANGE: "lagrange",
        SearchStep.HIGHS: "program",
        SearchStep.ALL_SITES: "no_choice",
        SearchStep.NO_SITES: "no_choice",
        SearchStep.NOTHING_LEFT: "no_choice",
        SearchStep.ENOUGH_TODAY: "no_choice",
        SearchStep.GREEDY: "one_site",
        SearchStep.GREEDY_SWAPS: "swaps",
        SearchStep.SWAPS: "swaps",
    }
)
"""The step that says most of a method comes first; with it the sentence ``siting.note_method_...``."""


def describe_steps(steps: Sequence[SearchStep]) -> str:
    """Name the steps in their order; what is done for each n stands in brackets.

    Examples
    --------
    >>> describe_steps([SearchStep.SWAPS, SearchStep.LAGRANGE])
    'swaps, Lagrangian bound'
    >>> describe_steps([SearchStep.FALLING_N, SearchStep.SWAPS])
    'best n for a falling n (swaps)'
    """
    if steps[0] == SearchStep.FALLING_N:
        return f"{steps[0]} ({', '.join(steps[1:])})"
    return ", ".join(steps)


def tell_method(steps: Sequence[SearchStep]) -> Message:
    """Say how a plan was found: the sentence of the step that says most."""
    return Message(
        next(f"siting.note_method_{sentence}" for step, sentence in _SENTENCES.items() if step in steps)
    )
