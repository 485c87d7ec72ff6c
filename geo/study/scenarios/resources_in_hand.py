"""Shelters, depots, hydrants and water points in hand: only what one on its way changes is found anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import pandas as pd

from geo.findings import Finding
from geo.study.assessment import Outcome
from geo.study.findings import HydrantInHand, Known, find_touched, hold_hydrant, touched_rooms
from geo.study.inputs import Inputs
from geo.study.scenarios.resources import FACILITY_ROOMS, compare_found
from geo.study.settings import Study

__all__ = ["ResourceInHand", "hold_resource"]

_ROOM_OF: Final[Mapping[str, str]] = MappingProxyType(
    {"shelter": "shelters", "depot": "depots", "hydrant": "hydrants", "water_point": "hydrants"}
)


@dataclass(frozen=True, eq=False)
class ResourceInHand:
    """A shelter, depot, hydrant or water point that is moved about.

    Parameters
    ----------
    study : Study
        Its settings.
    today : Outcome
        Today, with its resources.
    kind : str
        Kind of the facility.
    others : mapping of str to Finding
        What the rooms beside it find, which nothing in hand changes.
    hydrants : HydrantInHand or None
        All other hydrants, where it belongs to them.
    """

    study: Study
    today: Outcome
    kind: str
    others: Mapping[str, Finding] = field(repr=False)
    hydrants: HydrantInHand | None = field(repr=False)

    def compare(self, inputs: Inputs) -> pd.DataFrame | None:
        """Hold the figures with the facility at a place against today's.

        Parameters
        ----------
        inputs : Inputs
            The layers with it there; all else as it was when it was taken up.

        Returns
        -------
        DataFrame or None
            As :func:`geo.study.compare_resources` gives it of ``FACILITY_ROOMS``; the same numbers.
        """
        known, own = Known(self.today.inputs, self.today.findings), (_ROOM_OF[self.kind],)
        now: Mapping[str, Finding] = {}
        if self.hydrants is None:
            coverage = self.today.coverage
            now = find_touched(self.study, inputs, coverage, known, rooms=own, is_brief=True)
        elif touched_rooms(self.study, inputs, known, rooms=own):
            now = self.hydrants.find(inputs)
        return compare_found(self.today, {**self.others, **now})


def hold_resource(study: Study, today: Outcome, inputs: Inputs, one: str, *, kind: str) -> ResourceInHand:
    """Take a facility up.

    Parameters
    ----------
    study : Study
        Its settings.
    today : Outcome
        Today, with its resources.
    inputs : Inputs
        The layers of the state, with the facility where it was or without it.
    one : str
        Its id.
    kind : str
        Its kind: ``"shelter"``, ``"depot"``, ``"hydrant"`` or ``"water_point"``.

    Raises
    ------
    GeoError
        As of :func:`geo.study.compare_resources`.
    """
    room, known = _ROOM_OF[kind], Known(today.inputs, today.findings)
    beside = [name for name in FACILITY_ROOMS if name != room]
    others = find_touched(study, inputs, today.coverage, known, rooms=beside, is_brief=True)
    hydrants = hold_hydrant(study, inputs, one) if room == "hydrants" else None
    return ResourceInHand(study, today, kind, others, hydrants)
