"""What a place in a shelter is, and how far people may walk to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, TypeAlias

from geo.messages import Message
from geo.ranges import MetresAboveZero, MinutesAboveZero, PeopleAboveZero, Range, Share
from geo.settings import NOTHING

__all__ = ["ShelterRules"]

AreaEach: TypeAlias = Annotated[float, Range(0.0, 1e6, "m2", is_above=True)]


@dataclass(frozen=True)
class ShelterRules:
    """Shelters and the people who walk to them; numbers that no standard in hand gives have no default.

    Parameters
    ----------
    profile : str
        Speed profile of people on foot, for shelters and for stock points.
    target_m2 : float, optional
        Usable area per person that towns are held against; that of the plan when missing.
    m2_per_person : float, optional
        Usable area that a person takes, where a shelter says its area but not its places.
    m2_per_person_by_level : mapping of str to float
        The same by class; it comes first.
    reach_m, reach_min : float, optional
        Longest walk to a shelter, in metres at the walking speed of the profile, or in minutes.
    reach_m_by_level : mapping of str to float
        Longest walk by class, metres; it comes first.
    night : float, optional
        Share (0-1) of the night in a weighted number of people, where the demand has ``people_day``.
    fixed_levels, central_levels : list of str, optional
        Classes that are fixed and central shelters; those of ``layers/standards/shelters.toml`` when missing.
    planned_people : mapping of str to float
        Planned people by town, for the rule on fixed shelters; today's people when missing.
    """

    profile: str = "walk"
    target_m2: AreaEach | None = None
    m2_per_person: AreaEach | None = None
    m2_per_person_by_level: Mapping[str, AreaEach] = field(default_factory=lambda: NOTHING)
    reach_m: MetresAboveZero | None = None
    reach_min: MinutesAboveZero | None = None
    reach_m_by_level: Mapping[str, MetresAboveZero] = field(default_factory=lambda: NOTHING)
    night: Share | None = None
    fixed_levels: Sequence[str] | None = None
    central_levels: Sequence[str] | None = None
    planned_people: Mapping[str, PeopleAboveZero] = field(default_factory=lambda: NOTHING)

    def faults(self) -> list[Message]:
        """Find settings that contradict each other."""
        faults = []
        if self.reach_m is not None and self.reach_min is not None:
            faults.append(Message("shelters.reach_twice"))
        return faults
