"""What a scenario changes, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from geo.words import Lang, percent, say, whole

__all__ = ["Compared", "say_change"]

_TOLD_PEOPLE: Final = ("unreachable", "reachable", "slower_minute", "faster_minute", "second_lose")
"""Who is told behind those in time, where there are any."""


class Compared(Protocol):
    """Two states held against each other: :class:`geo.scenarios.Difference`."""

    @property
    def name(self) -> str:
        """Of the scenario."""

    @property
    def before(self) -> Any:
        """Headline figures of today."""

    @property
    def after(self) -> Any:
        """Headline figures of the scenario."""

    @property
    def figures(self) -> Mapping[str, float]:
        """Sums of the changes."""


def say_change(difference: Compared, *, lang: Lang) -> str:
    """Say what a scenario changes; who is cut off or much later may never have been in time.

    Parameters
    ----------
    difference : Difference
        A scenario held against today.
    lang : {"zh", "en"}
        Language.
    """
    told = say(
        "scenarios.headline",
        lang=lang,
        name=difference.name,
        before=percent(difference.before["share_covered"]),
        after=percent(difference.after["share_covered"]),
        gain=whole(difference.figures["gain_people"]),
        lose=whole(difference.figures["lose_people"]),
    )
    for name in _TOLD_PEOPLE:
        people = difference.figures[f"{name}_people"]
        if round(people) > 0:
            told += say(f"scenarios.headline_{name}", lang=lang, people=whole(people))
        if name == "unreachable" and round(on_closed := difference.figures["on_closed_people"]) > 0:
            told += say("scenarios.headline_on_closed", lang=lang, people=whole(on_closed))
    return told
