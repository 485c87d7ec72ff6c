"""What a place in a shelter is, and how far people may walk to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geo.settings import NOTHING

__all__ = ["ShelterRules"]


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
    target_m2: float | None = None
    m2_per_person: float | None = None
    m2_per_person_by_level: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    reach_m: float | None = None
    reach_min: float | None = None
    reach_m_by_level: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    night: float | None = None
    fixed_levels: Sequence[str] | None = None
    central_levels: Sequence[str] | None = None
    planned_people: Mapping[str, float] = field(default_factory=lambda: NOTHING)

    def faults(self) -> list[str]:
        """Find numbers that cannot be, and settings that contradict each other."""
        numbers = {
            name: getattr(self, name) for name in ("target_m2", "m2_per_person", "reach_m", "reach_min")
        }
        for name in ("m2_per_person_by_level", "reach_m_by_level", "planned_people"):
            numbers |= {f"{name}: {level}": value for level, value in getattr(self, name).items()}
        faults = [
            f"{name} must be above 0, not {value:g}"
            for name, value in numbers.items()
            if value is not None and not 0 < value < float("inf")
        ]
        if self.reach_m is not None and self.reach_min is not None:
            faults.append("give either reach_m or reach_min, not both")
        if self.night is not None and not 0 <= self.night <= 1:
            faults.append(f"night must be a share between 0 and 1, not {self.night:g}")
        return faults
