"""How long a question may be searched, how good an answer is good enough, and who listens meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from geo.optimize import Clock, Progress, Stop
from geo.settings import check_number

__all__ = ["DEFAULT", "Search", "start_clock"]


@dataclass(frozen=True)
class Search:
    """What every search heeds: the time it may take, the gap that is good enough, who is told.

    Parameters
    ----------
    time_limit_s : float, default 60
        Return the best plan so far, with its gap, after this many seconds.
    gap : float, default 0
        Stop at this relative gap between value and bound.
    progress : callable, optional
        Told the value and the bound as the search goes on.
    stop : callable, optional
        Asked now and then whether the search is to end at once, as if time were up.
    on_plan : callable, optional
        Of several plans: told how many there are when the next one is sought.
    """

    time_limit_s: float = 60.0
    gap: float = 0.0
    progress: Progress | None = None
    stop: Stop | None = None
    on_plan: Callable[[int], None] | None = None


DEFAULT: Final = Search()
"""A minute, to the proof, and nobody told."""


def start_clock(search: Search) -> Clock:
    """Check a search and start its clock.

    Raises
    ------
    InputError
        The time limit or the gap is no number >= 0.
    """
    clock = Clock(
        check_number("time_limit_s", search.time_limit_s, low=0.0), progress=search.progress, stop=search.stop
    )
    check_number("gap", search.gap, low=0.0)
    return clock
