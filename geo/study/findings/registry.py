"""What the rooms beside coverage find: zones, shelters, depots, hydrants, roads, where layers are there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from geo.coverage import Coverage
from geo.findings import Finding
from geo.freeing import give_back
from geo.plans import Plan
from geo.settings import FixedMapping
from geo.study.findings.availability import report_availability
from geo.study.findings.depots import report_depot_reach, report_depots
from geo.study.findings.hydrants import report_hydrants
from geo.study.findings.left_out import report_left_out
from geo.study.findings.roads import report_roads
from geo.study.findings.shelters import report_shelters
from geo.study.findings.zones import report_zones
from geo.study.inputs import Inputs, Keeper, without_places
from geo.study.settings import Study

__all__ = ["Known", "asks_zones", "find_resources", "find_touched", "touched_rooms"]


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


Depth: TypeAlias = Literal["all", "targets", "brief"]
"""How much of the rooms is wanted."""
_Report: TypeAlias = Callable[[Study, Inputs, Coverage], tuple[Finding, ...]]


@dataclass(frozen=True)
class _Room:
    """One room of the study.

    Parameters
    ----------
    words : str
        Its words file.
    kinds : callable
        Kinds of facility that it looks at.
    report : callable
        Gives its findings.
    is_asked : callable
        Whether a study with this plan asks for it at all.
    methods : tuple of str
        Methods of targets that take their value, not only their evidence, from its findings.
    values : callable, optional
        Gives those of its findings that values are taken from; all findings when missing.
    brief : callable, optional
        Gives the findings by which states are compared, without proposals, checks and other tables; all
        findings when missing.
    is_by_road : bool
        Whether its figures by which states are compared change with the roads too, not with facilities alone.
    is_kept : bool
        Whether its findings are kept for later runs: of nothing but the layers that no facility changes and
        the facilities of its kinds, without ways to draw.
    """

    words: str
    kinds: Callable[[Study], Collection[str]]
    report: _Report
    is_asked: Callable[[Study, Plan | None], bool] = lambda study, plan: True
    methods: tuple[str, ...] = ()
    values: _Report | None = None
    brief: _Report | None = None
    is_by_road: bool = False
    is_kept: bool = False


def _answering(study: Study) -> Collection[str]:
    return (study.response.facility_kind,)


def _has_target(plan: Plan | None, methods: Collection[str]) -> bool:
    return plan is not None and any(target.method in methods for target in plan.targets)


def asks_zones(study: Study, plan: Plan | None) -> bool:
    """Say whether zones are wanted: by a section ``[zoning]`` of the study, or by a target of its plan."""
    return study.zoning is not None or _has_target(plan, ("jurisdictions",))


_ROOMS: Final = (
    _Room(
        "zones",
        _answering,
        report_zones,
        asks_zones,
        methods=("jurisdictions",),
        values=lambda study, inputs, coverage: report_zones(study, inputs, coverage, is_balanced=False),
    ),
    _Room(
        "shelters",
        lambda _: ("shelter",),
        lambda study, inputs, _: report_shelters(study, inputs),
        brief=lambda study, inputs, _: report_shelters(study, inputs, is_brief=True),
    ),
    _Room(
        "depots",
        lambda study: ("depot", "team", "gas_repair", *study.depots.transport_kinds),
        lambda study, inputs, _: report_depots(study, inputs),
        methods=("count_per_zone", "depot_reach", "walk_reach"),
        brief=lambda study, inputs, _: report_depot_reach(study, inputs),
    ),
    _Room(
        "hydrants",
        lambda _: ("hydrant", "water_point"),
        lambda study, inputs, _: report_hydrants(study, inputs),
        brief=lambda study, inputs, _: report_hydrants(study, inputs, is_brief=True),
        is_kept=True,
    ),
    _Room(
        "availability",
        _answering,
        report_availability,
        lambda study, plan: study.availability is not None,
        brief=report_availability,
        is_by_road=True,
    ),
    _Room("vulnerability", _answering, report_roads, methods=("network_loss", "road_links")),
    _Room("study", lambda _: (), lambda study, inputs, _: report_left_out(study, inputs)),
)


def find_resources(
    study: Study,
    inputs: Inputs,
    coverage: Coverage,
    *,
    plan: Plan | None = None,
    known: Known | None = None,
    depth: Depth = "all",
    keeper: Keeper | None = None,
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
    depth : {"all", "targets", "brief"}
        With "targets" only rooms that give a value of the plan's targets are asked; with "brief" those others
        by whose figures states are compared, and only for these.
    keeper : Keeper, optional
        Keeps what rooms find for later runs; only for layers just as it read them.

    Returns
    -------
    mapping of str to Finding
        By name, in the order of the rooms; one that nobody asks for, or whose layers are not there, has none.
    """
    findings: dict[str, Finding] = {}
    for room in _ROOMS:
        report = _report_of(room, plan, depth) if room.is_asked(study, plan) else None
        if report is None:
            continue
        if known is not None and _is_as_before(inputs, known.inputs, room.kinds(study)):
            of_room = tuple(finding for finding in known.findings.values() if finding.words == room.words)
        else:
            keeps = keeper if room.is_kept and depth == "all" and not study.calls else None
            of_room = _found(room, report, study, inputs, coverage, keeper=keeps)
            give_back()  # a room may take as much as all layers together
        findings |= {finding.name: finding for finding in of_room}
    return FixedMapping(findings)


def _found(
    room: _Room, report: _Report, study: Study, inputs: Inputs, coverage: Coverage, *, keeper: Keeper | None
) -> tuple[Finding, ...]:
    """Ask a room, or take what it found in an earlier run by all that it is given."""
    rows = inputs.facilities[inputs.facilities["kind"].isin(room.kinds(study))]
    if keeper is None or not len(rows):
        return report(study, inputs, coverage)
    asked = without_places(study)
    # No more than the key tells: what no facility changes, and these rows.
    given = Inputs(
        network=inputs.network,
        facilities=rows,
        demand=inputs.demand,
        zones=inputs.zones,
        land=inputs.land,
        barriers=inputs.barriers,
        reports=(),
        notes=(),
        attributions=(),
        context=inputs.context,
    )
    return keeper.give(room.words, asked, lambda: report(asked, given, coverage), rows=rows)


def _report_of(room: _Room, plan: Plan | None, depth: Depth) -> _Report | None:
    """Give how a room is asked; None where nothing of it is wanted."""
    if depth == "all":
        return room.report
    if _has_target(plan, room.methods):
        return (room.values or room.report) if depth == "targets" else None
    return room.brief if depth == "brief" else None


def find_touched(
    study: Study,
    inputs: Inputs,
    coverage: Coverage,
    known: Known,
    *,
    rooms: Collection[str],
    is_brief: bool = False,
) -> Mapping[str, Finding]:
    """Ask those of some rooms again whose facilities differ from those of another state.

    Parameters
    ----------
    study : Study
        Its settings.
    inputs : Inputs
        The layers now.
    coverage : Coverage
        Under the study's own standard.
    known : Known
        The other state.
    rooms : collection of str
        Words files of the rooms.
    is_brief : bool
        Whether figures by which states are compared are enough.

    Returns
    -------
    mapping of str to Finding
        By name; of a room whose facilities are the same there is none.
    """
    findings: dict[str, Finding] = {}
    for room in _ROOMS:
        if room.words in touched_rooms(study, inputs, known, rooms=rooms):
            report = room.brief if is_brief and room.brief is not None else room.report
            findings |= {finding.name: finding for finding in report(study, inputs, coverage)}
    return FixedMapping(findings)


def touched_rooms(study: Study, inputs: Inputs, known: Known, *, rooms: Collection[str]) -> tuple[str, ...]:
    """Name those of some rooms that :func:`find_touched` asks again."""
    return tuple(
        room.words
        for room in _ROOMS
        if room.words in rooms
        and room.is_asked(study, None)
        and not (_is_as_before if room.is_by_road else _has_same)(inputs, known.inputs, room.kinds(study))
    )


def _has_same(inputs: Inputs, before: Inputs, kinds: Collection[str]) -> bool:
    now, then = (rows[rows["kind"].isin(kinds)] for rows in (inputs.facilities, before.facilities))
    return bool(now.equals(then))


def _is_as_before(inputs: Inputs, before: Inputs, kinds: Collection[str]) -> bool:
    """Say whether all that a room looks at is the same: every layer, and the facilities of its kinds."""
    shared = ("network", "walking", "demand", "zones", "land", "barriers", "context")
    if any(getattr(inputs, name) is not getattr(before, name) for name in shared):
        return False
    return _has_same(inputs, before, kinds)
