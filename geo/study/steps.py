"""The steps of a run, in the order in which they are taken; their words are ``step_*`` of ``words/study``."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, TypeAlias

__all__ = ["ASSESSING", "CHECKING", "READING", "SITING", "WRITING", "OnStep", "Step"]


class Step(StrEnum):
    """A part of a run that takes so long that a planner is told of it.

    Examples
    --------
    >>> from geo.words import say
    >>> say(f"study.step_{Step.TIMES}", lang="en")
    'computing times'
    """

    ROADS = "roads"
    FACILITIES = "facilities"
    ZONES = "zones"
    PEOPLE = "people"
    CANDIDATES = "candidates"
    TIMES = "times"
    SITING = "siting"
    RESOURCES = "resources"
    AREAS = "areas"
    ZONES_TOLD = "zones_told"
    TARGETS = "targets"
    PROJECTS = "projects"
    SCENARIOS = "scenarios"
    CALIBRATION = "calibration"
    SIMULATION = "simulation"
    RANGES = "ranges"
    FILES = "files"
    MAP = "map"


OnStep: TypeAlias = Callable[[Step], None]
"""Told each step as it starts."""

READING: Final = (Step.ROADS, Step.FACILITIES, Step.ZONES, Step.PEOPLE)
"""The steps of :func:`geo.study.read_inputs`."""
ASSESSING: Final = (Step.TIMES, Step.RESOURCES, Step.AREAS, Step.ZONES_TOLD, Step.TARGETS)
"""The steps of :func:`geo.study.assess`."""
WRITING: Final = (Step.FILES, Step.MAP)
"""The steps of writing what was found."""
CHECKING: Final = (*READING, *ASSESSING)
"""The steps of :func:`geo.study.check_study`."""
SITING: Final = (*READING, Step.CANDIDATES, Step.TIMES, Step.SITING, Step.AREAS, *WRITING)
"""The steps of :func:`geo.study.site_study` and of writing its sites."""
