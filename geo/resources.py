"""What the rooms beside coverage find: zones, shelters, depots, hydrants, roads, where layers are there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geo.coverage import Coverage
from geo.findings import Finding
from geo.inputs import Inputs
from geo.studyfile import Study

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
    found: tuple[Finding, ...] = ()
    return MappingProxyType({finding.name: finding for finding in found})
