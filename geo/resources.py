"""What the rooms beside coverage find: zones, shelters, depots, hydrants, roads, where layers are there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from geo.coverage import Coverage
from geo.depotreport import report_depots
from geo.findings import Finding
from geo.hydrantreport import report_hydrants
from geo.inputs import Inputs
from geo.plans import Plan
from geo.roadreport import report_roads
from geo.shelterreport import report_shelters
from geo.studyfile import Study
from geo.zonereport import report_zones

__all__ = ["Known", "asks_zones", "find_resources"]


@dataclass(frozen=True, eq=False)
class Known:
    """What was found about another state of the same district.

    Parameters
    ----------
    inputs : Inputs
        Its layers.
    findings : mapping of str to Finding
        What the rooms found then.
    """

    inputs: Inputs
    findings: Mapping[str, Finding]


@dataclass(frozen=True)
class _Room:
    """One room: its words file, the kinds of facility that it looks at, its report, and who asks for it."""

    words: str
    kinds: Callable[[Study], Collection[str]]
    report: Callable[[Study, Inputs, Coverage], tuple[Finding, ...]]
    is_asked: Callable[[Study, Plan | None], bool] = lambda study, plan: True


def _answering(study: Study) -> Collection[str]:
    return (study.response.facility_kind,)


def asks_zones(study: Study, plan: Plan | None) -> bool:
    """Say whether zones are wanted: by a section ``[zoning]`` of the study, or by a target of its plan."""
    targets = plan.targets if plan is not None else ()
    return study.zoning is not None or any(target.method == "jurisdictions" for target in targets)


_ROOMS: Final = (
    _Room("zones", _answering, report_zones, asks_zones),
    _Room("shelters", lambda _: ("shelter",), lambda study, inputs, _: report_shelters(study, inputs)),
    _Room(
        "depots",
        lambda study: ("depot", "team", "gas_repair", *study.depots.transport_kinds),
        lambda study, inputs, _: report_depots(study, inputs),
    ),
    _Room(
        "hydrants",
        lambda _: ("hydrant", "water_point"),
        lambda study, inputs, _: report_hydrants(study, inputs),
    ),
    _Room("roads_lost", _answering, report_roads),
)


def find_resources(
    study: Study,
    inputs: Inputs,
    coverage: Coverage,
    *,
    plan: Plan | None = None,
    known: Known | None = None,
) -> Mapping[str, Finding]:
    """Ask each room for its findings.

    Parameters
    ----------
    study : Study
        Its settings.
    inputs : Inputs
        The layers.
    coverage : Coverage
        Under the study's own standard.
    plan : Plan, optional
        The plan of the study: zones are drawn where it has a target about them, or the study asks for them.
    known : Known, optional
        Another state of the same district: a room for which nothing differs keeps what it found then.

    Returns
    -------
    mapping of str to Finding
        By name, in the order of the rooms; one that nobody asks for, or whose layers are not there, has none.
    """
    found: dict[str, Finding] = {}
    for room in _ROOMS:
        if not room.is_asked(study, plan):
            continue
        if known is not None and _is_as_before(inputs, known.inputs, room.kinds(study)):
            of_room = tuple(finding for finding in known.findings.values() if finding.words == room.words)
        else:
            of_room = room.report(study, inputs, coverage)
        found |= {finding.name: finding for finding in of_room}
    return MappingProxyType(found)


def _is_as_before(inputs: Inputs, before: Inputs, kinds: Collection[str]) -> bool:
    """Say whether all that a room looks at is the same: every layer, and the facilities of its kinds."""
    shared = ("network", "walking", "demand", "zones", "land", "barriers", "context")
    if any(getattr(inputs, name) is not getattr(before, name) for name in shared):
        return False
    now, then = (rows[rows["kind"].isin(kinds)] for rows in (inputs.facilities, before.facilities))
    return bool(now.equals(then))
