"""A state as files of a study: its ``[[scenarios]]`` block, and the clock where another limit was set."""

from __future__ import annotations

import dataclasses
from typing import Any

from geo.settings import plain
from geo.signs import toml_value
from geo.standards import ResponseStandard
from geo.study import ScenarioSpec

__all__ = ["clock_text", "scenario_text", "section_text", "settings_of"]


def scenario_text(scenario: ScenarioSpec) -> str:
    """Write a scenario as a study file holds it; what is not set is left out.

    Examples
    --------
    >>> print(scenario_text(ScenarioSpec("without F02", close=("F02",), turnout_s=90.0)))
    [[scenarios]]
    name = "without F02"
    close = ["F02"]
    turnout_s = 90.0
    <BLANKLINE>
    """
    lines = ["[[scenarios]]"]
    for name, value in settings_of(scenario).items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n".join(f"    {toml_value(row)}" for row in value)
            lines.append(f"{name} = [\n{rows},\n]")
        else:
            lines.append(f"{name} = {toml_value(value)}")
    return "\n".join(lines) + "\n"


def section_text(name: str, section: Any) -> str:
    """Write a section as a study file holds it; what is not set is left out.

    Examples
    --------
    >>> from geo.study import SitingSpec
    >>> print(section_text("siting", SitingSpec(goal="mean", n=2)))
    [siting]
    goal = "mean"
    n = 2
    <BLANKLINE>
    """
    rows = (f"{key} = {toml_value(value)}" for key, value in settings_of(section).items())
    return "\n".join([f"[{name}]", *rows]) + "\n"


def settings_of(section: Any) -> dict[str, Any]:
    """Give the settings of a section that are not as they are when left out."""
    given = {}
    for field in dataclasses.fields(section):
        value = getattr(section, field.name)
        if value is None or value == field.default:
            continue
        is_list = isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0])
        given[field.name] = [settings_of(part) for part in value] if is_list else plain(value)
    return given


def clock_text(clock: ResponseStandard) -> str:
    """Write a clock as a file of response standards holds it.

    Examples
    --------
    >>> clock = ResponseStandard("by-hand-360s", "dispatch", call_s=0, turnout_s=60, travel_s=300)
    >>> print(clock_text(clock).splitlines()[0])
    ["by-hand-360s"]
    """
    values = {
        "clock_start": clock.clock_start,
        "call_s": clock.call_s,
        "turnout_s": clock.turnout_s,
        "travel_s": clock.travel_s,
        "share": clock.share,
        **({"start_loss_s": clock.start_loss_s} if clock.start_loss_s else {}),
        "standard": clock.source,
    }
    rows = (f"{name} = {toml_value(value)}" for name, value in values.items())
    return "\n".join([f"[{toml_value(clock.name)}]", *rows]) + "\n"
