"""A hydrant or water point in hand: the figures of its room with it at any place, all else as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from geo.findings import Finding
from geo.hydrants import OneMore, prepare_one_more, states_of
from geo.study.findings.hydrants import WORDS, judge, water_points
from geo.study.inputs import Inputs, naming
from geo.study.settings import Study

__all__ = ["HydrantInHand", "hold_hydrant"]


@dataclass(frozen=True, eq=False)
class HydrantInHand:
    """The hydrants of a study but for one facility.

    Parameters
    ----------
    study : Study
        Its settings.
    one : str
        Id of the facility.
    ready : OneMore
        All others.
    """

    study: Study
    one: str
    ready: OneMore = field(repr=False)

    def find(self, inputs: Inputs) -> Mapping[str, Finding]:
        """Give the findings of the room by which states are compared, with these figures alone.

        Parameters
        ----------
        inputs : Inputs
            With the facility at some place; all else as it was when it was taken up.

        Raises
        ------
        GeoError
            As of :func:`geo.study.findings.report_hydrants`.
        """
        rows = inputs.facilities
        rows = rows[(rows["kind"] == "hydrant") & (rows["status"] == "existing")]
        state = states_of(rows)
        works = (state == "working") | ((state == "unknown") & self.study.hydrants.unknown_works)
        with naming("hydrants"):
            told = self.ready.figures(rows[works.to_numpy(bool) & (rows.index == self.one)])
        of_hydrants = {
            "n_hydrants": float(len(rows)),
            "n_working": float((state == "working").sum()),
            "share_road_covered": told.share_road,
            "people_covered": told.people,
        }
        of_gaps = {"n_gaps": float(told.n_gaps), "gap_km": told.gap_m / 1000.0}
        findings = [
            Finding("hydrants", WORDS, pd.DataFrame(), figures=of_hydrants),
            Finding("hydrant_gaps", WORDS, pd.DataFrame(), figures=of_gaps),
            *water_points(inputs, None),
        ]
        return {finding.name: finding for finding in findings}


def hold_hydrant(study: Study, inputs: Inputs, one: str) -> HydrantInHand:
    """Take a hydrant or water point up; it takes as long as judging all hydrants.

    Parameters
    ----------
    study : Study
        Its settings.
    inputs : Inputs
        The layers, with the facility or without it.
    one : str
        Its id.

    Raises
    ------
    GeoError
        As of :func:`geo.study.findings.report_hydrants`.
    """
    others = replace(inputs, facilities=inputs.facilities[inputs.facilities.index != one])
    with naming("hydrants"):
        state, rules = judge(study, others)
        return HydrantInHand(study, one, prepare_one_more(state, rules=rules, snap_m=study.hydrants.snap_m))
