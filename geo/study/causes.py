"""Why two studies of one district differ: inputs of the later put in for the earlier ones, group by group."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from geo.coverage import summary
from geo.errors import GeoError, StudyError
from geo.messages import Message
from geo.study.assessment import Outcome, assess_targets
from geo.study.inputs import read_inputs
from geo.study.settings import Study, parse_study

__all__ = ["GROUPS", "find_causes", "mix_studies"]

GROUPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "people": ("demand", "zones", "villages"),
        "stations": ("facilities",),
        "roads": ("roads", "land", "barriers", "snap"),
    }
)
"""Sections of a study file that are put in together; all others come last, as ``rules``."""
_NOT_COMPARED: Final = ("scenarios", "siting", "candidates", "projects", "map", "output")


def mix_studies(before: Study, after: Study, *, groups: tuple[str, ...]) -> Study:
    """Give the earlier study with some groups of its sections taken from the later one.

    Parameters
    ----------
    before, after : Study
        Two studies of one district, in whatever folders.
    groups : tuple of str
        Of ``GROUPS``, or ``rules`` for all sections that are in none.
    """
    old, new = _settings(before), _settings(after)
    listed = {section for group in GROUPS.values() for section in group}
    taken = {section for group in groups for section in GROUPS.get(group, ())}
    if "rules" in groups:
        taken |= (set(old) | set(new)) - listed
    mixed = {name: part for name, part in old.items() if name not in taken}
    mixed |= {name: part for name, part in new.items() if name in taken}
    return parse_study(mixed, folder=before.folder)


def find_causes(
    before: Study, after: Study, *, step: Callable[[str], None] = lambda group: None
) -> pd.DataFrame:
    """Put the later study's inputs in, one group after the other, and say what each changes.

    What a group changes hangs on what was put in before it; the sum of all is the whole difference.
    Scenarios, projects and sites are left out.

    Parameters
    ----------
    before, after : Study
        Two studies of one district whose inputs can still be read.
    step : callable
        Told each group as it starts.

    Returns
    -------
    DataFrame
        A row for the earlier study (``before``) and each group; ``group``, ``people``, ``covered_people``,
        ``share_covered``, ``mean_s`` (of those reached), ``unreachable_people``, ``n_met`` (targets; nan
        without a plan), and ``change_covered_people``, ``change_share`` against the row above. The last row
        is the later study.

    Raises
    ------
    GeoError
        A mixed study cannot be assessed, such as people of another district; the message names the group.
    """
    rows: list[dict[str, Any]] = []
    groups = ("before", *GROUPS, "rules")
    for i, group in enumerate(groups):
        step(group)
        study = mix_studies(before, after, groups=groups[1 : i + 1])
        try:
            outcome = assess_targets(study, read_inputs(study))
        except GeoError as error:
            group_name = Message(f"outputs.compare_group_{group}")
            raise StudyError(Message("study.cause_fails", {"group": group_name, "why": error})) from error
        rows.append({"group": group, **_figures(outcome)})
    table = pd.DataFrame(rows, index=pd.RangeIndex(len(rows), name="step"))
    return table.assign(
        change_covered_people=table["covered_people"].diff(), change_share=table["share_covered"].diff()
    )


def _figures(outcome: Outcome) -> dict[str, float]:
    figures = summary(outcome.coverage)
    targets = outcome.targets
    return {
        "people": figures["people"],
        "covered_people": figures["people_covered"],
        "share_covered": figures["share_covered"],
        "mean_s": figures["mean_s"],
        "unreachable_people": figures["people_unreachable"],
        "n_met": math.nan if targets is None else float((targets["status"] == "met").sum()),
    }


def _settings(study: Study) -> dict[str, Any]:
    """Give the settings with the paths of files made absolute: two studies may lie in two folders."""
    settings = {name: part for name, part in study.settings().items() if name not in _NOT_COMPARED}
    absolute: dict[str, Any] = _absolute(settings, study)
    return absolute


def _absolute(value: Any, study: Study) -> Any:
    if isinstance(value, Mapping):
        return {key: _absolute(part, study) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_absolute(part, study) for part in value]
    if not isinstance(value, str) or not value:
        return value
    name, mark, part = value.partition("#")
    try:
        file = study.file(name)
        return f"{file}{mark}{part}" if name and file.exists() and file != study.folder else value
    except (GeoError, OSError, ValueError):  # a text that is no path at all
        return value
