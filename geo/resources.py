"""What the rooms beside coverage find: zones, shelters, depots, hydrants, roads, where layers are there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geo.coverage import Coverage
from geo.depotreport import report_depots
from geo.findings import Finding
from geo.hydrantreport import report_hydrants
from geo.inputs import Inputs
from geo.roadreport import report_roads
from geo.shelterreport import report_shelters
from geo.studyfile import Study
from geo.zonereport import report_zones

__all__ = ["find_resources"]


def find_resources(study: Study, inputs: Inputs, coverage: Coverage) -> Mapping[str, Finding]:
    """Ask each room for its findings.

    Parameters
    ----------
    study : Study
        Its settings.
    inputs : Inputs
        The layers.
    coverage : Coverage
        Under the study's own standard.

    Returns
    -------
    mapping of str to Finding
        By name, in the order of the rooms; a room whose layers are not there has none.
    """
    found: tuple[Finding, ...] = (
        *report_zones(study, inputs, coverage),
        *report_shelters(study, inputs),
        *report_depots(study, inputs),
        *report_hydrants(study, inputs),
        *report_roads(study, inputs, coverage),
    )
    return MappingProxyType({finding.name: finding for finding in found})
