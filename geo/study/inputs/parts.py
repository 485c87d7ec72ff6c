"""A part of reading that stands for itself: what it gives, and what it tells, kept together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pandas as pd

from geo.errors import GeoError
from geo.layers import LayerReport
from geo.messages import Message
from geo.study.inputs.keeping import Keeper
from geo.study.inputs.log import LayerLog, Unshifted
from geo.study.settings import Study

__all__ = ["read_part"]

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class _Part(Generic[T]):
    """What a part of reading gave, and what its log received; see :class:`LayerLog`."""

    made: T
    reports: list[tuple[str, LayerReport]]
    notes: list[tuple[str, Message]]
    credits: list[str]
    left_out: list[pd.DataFrame]
    errors: list[GeoError]
    unshifted: dict[str, Unshifted]
    shifts: dict[str, tuple[str, Any]]


def read_part(
    log: LayerLog, keeper: Keeper, name: str, study: Study, read: Callable[[Study, LayerLog], T]
) -> T:
    """Read a part of a study, or take it as it was kept, and put what it told into the log of the whole.

    A part sees no other one's tables nor what they told, kept or not: so it is the same each time.

    Parameters
    ----------
    log : LayerLog
        Of the whole study.
    keeper : Keeper
        Keeps the part.
    name : str
        Its name.
    study : Study
        What it is read by.
    read : callable
        Reads it, given that study and a log of its own.
    """

    def make() -> _Part[T]:
        own = LayerLog(known=log.known, osm=log.osm, within=log.within)
        return _Part(
            read(study, own),
            own.reports,
            own.notes,
            own.credits,
            own.left_out,
            own.errors,
            own.unshifted,
            own.shifts,
        )

    part = keeper.give(name, study, make, may_keep=lambda part: not part.errors)
    log.reports += part.reports
    log.notes += part.notes
    log.credits += part.credits
    log.left_out += part.left_out
    log.errors += part.errors
    log.unshifted |= part.unshifted
    log.shifts |= part.shifts
    return part.made
