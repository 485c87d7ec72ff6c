"""Scenarios under names: kept, opened, renamed, deleted, taken from the study file, and held side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np

from geo.errors import InputError
from geo.messages import Message
from geo.serve.asker import Asker
from geo.serve.changes import Change, Load
from geo.serve.folding import Plan, count_steps, fold, steps_of
from geo.serve.frames import make_frame
from geo.serve.live_study import LiveStudy, State
from geo.serve.saving import Named
from geo.serve.study_steps import steps_of_study
from geo.serve.telling import tell_state
from geo.study import ScenarioSpec

__all__ = ["MOST_NAMED", "scenario_answers"]

MOST_NAMED: Final = 40
"""Scenarios that one planner keeps."""
MOST_STEPS: Final = 4000
"""Changes in all of them together."""
_MOST_LETTERS: Final = 80


@dataclass(frozen=True)
class Scenarios:
    """Which scenarios there are."""


@dataclass(frozen=True)
class SaveScenario:
    """The present state under a name; one that is there is replaced only where that is asked for."""

    name: str
    replace: bool = False


@dataclass(frozen=True)
class OpenScenario:
    """A scenario in the place of the present state: one of this page, or of the study file."""

    name: str
    of: Literal["page", "study"] = "page"


@dataclass(frozen=True)
class RenameScenario:
    """Another name for a scenario."""

    name: str
    to: str


@dataclass(frozen=True)
class DeleteScenario:
    """A scenario that is no longer kept."""

    name: str


@dataclass(frozen=True)
class Compare:
    """Another state beside the present one: today, or a scenario."""

    of: Literal["today", "page", "study"] = "today"
    name: str = ""


def scenario_answers(asker: Asker) -> dict[str, tuple[type[Any], Callable[[Any], bytes]]]:
    """Give what may be asked of scenarios, with its answers.

    Parameters
    ----------
    asker : Asker
        Who asks; the scenarios are its own.
    """
    shelf = _Shelf(asker)
    return {
        "scenarios": (Scenarios, lambda _: shelf.told()),
        "save_scenario": (SaveScenario, shelf.save),
        "open_scenario": (OpenScenario, shelf.open),
        "rename_scenario": (RenameScenario, shelf.rename),
        "delete_scenario": (DeleteScenario, shelf.delete),
        "compare": (Compare, shelf.compare),
    }


class _Shelf:
    """The scenarios of one planner; each change is kept on disk before it is told."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._live: LiveStudy = asker.live
        self._other: tuple[object, State] | None = None

    @property
    def _named(self) -> dict[str, Named]:
        return {named.name: named for named in self._asker.named}

    def told(self) -> bytes:
        """Give the frame that lists the scenarios of the page and of the study file."""
        page = [
            {"name": named.name, "at": named.at, "n_changes": count_steps(named.steps)}
            for named in self._asker.named
        ]
        study = [{"name": scenario.name, **_lines_told(scenario)} for scenario in self._live.scenarios]
        header = {"kind": "scenarios", "page": page, "study": study, "most": MOST_NAMED}
        return make_frame({"re": self._asker.re, **header, "each_station": self._has_each_station()})

    def save(self, asked: SaveScenario) -> bytes:
        name, steps = _checked_name(asked.name), steps_of(self._asker.session.done)
        if not steps:
            raise InputError(Message("serve.nothing_to_save"))
        if name in self._named and not asked.replace:
            raise InputError(Message("serve.name_taken", {"name": name}))
        return self._keep({**self._named, name: Named.now(name, steps)}.values())

    def open(self, asked: OpenScenario) -> bytes:
        load = Load(asked.name, self._steps(asked.of, asked.name))
        state = self._asker.session.apply(load)
        unlike = self._count_unlike(asked.name, state) if asked.of == "study" else 0
        return self._asker.after(state, {"n_unlike_study": unlike})

    def rename(self, asked: RenameScenario) -> bytes:
        self._require(asked.name)
        to = _checked_name(asked.to)
        if to != asked.name and to in self._named:
            raise InputError(Message("serve.name_taken", {"name": to}))
        named = self._named.values()
        return self._keep(replace(one, name=to) if one.name == asked.name else one for one in named)

    def delete(self, asked: DeleteScenario) -> bytes:
        self._require(asked.name)
        return self._keep(one for one in self._named.values() if one.name != asked.name)

    def compare(self, asked: Compare) -> bytes:
        """Give the frame of another state: all that is told of the planner's own, and its codes."""
        state = self._state(asked)
        codes = self._live.codes(state, second=self._asker.is_second)
        header = {"kind": "compare", "re": self._asker.re, "of": asked.of, "name": asked.name}
        return make_frame({**header, **tell_state(self._live, state)}, {"code": codes})

    def _state(self, asked: Compare) -> State:
        """Give the state of a scenario; the last one that was asked for is kept."""
        if asked.of == "today":
            return self._live.today()
        steps = self._steps(asked.of, asked.name)
        if self._other is None or self._other[0] != steps:
            self._other = steps, self._live.state(fold(steps, kind=self._live.study.response.facility_kind))
        return self._other[1]

    def _steps(self, of: str, name: str) -> tuple[Change, ...]:
        if of == "page":
            return self._require(name).steps
        return steps_of_study(self._live, self._of_study(name))

    def _require(self, name: str) -> Named:
        if name not in self._named:
            raise InputError(Message("serve.no_scenario", {"name": name[:_MOST_LETTERS]}))
        return self._named[name]

    def _of_study(self, name: str) -> ScenarioSpec:
        scenario = next((one for one in self._live.scenarios if one.name == name), None)
        if scenario is None:
            raise InputError(Message("serve.no_scenario", {"name": name[:_MOST_LETTERS]}))
        return scenario

    def _count_unlike(self, name: str, state: State) -> int:
        """Count the points of which the study file's own words say another time: places are kept to 1 cm."""
        own = self._live.state(Plan(replace(self._of_study(name), name="")))
        return int(np.count_nonzero(own.best.first_ms != state.best.first_ms))

    def _has_each_station(self) -> bool:
        return any(scenario.is_each_station for scenario in self._live.study.scenarios)

    def _keep(self, named: Iterable[Named]) -> bytes:
        """Write the scenarios, and tell them; where they cannot be written all stays as it was."""
        kept = tuple(named)
        if len(kept) > MOST_NAMED or sum(count_steps(one.steps) for one in kept) > MOST_STEPS:
            raise InputError(Message("serve.too_many_scenarios", {"most": MOST_NAMED, "steps": MOST_STEPS}))
        self._asker.desk.save_named(self._asker.name, kept)
        self._asker.named = kept
        return self.told()


def _checked_name(name: str) -> str:
    wanted = name.strip()
    if not wanted or len(wanted) > _MOST_LETTERS or not wanted.isprintable():
        raise InputError(Message("serve.bad_text", {"key": "name", "most": _MOST_LETTERS}))
    return wanted


def _lines_told(scenario: ScenarioSpec) -> Mapping[str, Any]:
    """Say what a scenario of the study file consists of, as counts by part."""
    parts = ("build", "add", "move", "upgrade", "close", "close_roads", "limit", "speed", "slow")
    counts = {part: len(getattr(scenario, part)) for part in parts if getattr(scenario, part)}
    factors = {name: getattr(scenario, name) for name in ("turnout_s", "speed_factor")}
    return {"parts": counts, **{name: value for name, value in factors.items() if value is not None}}
