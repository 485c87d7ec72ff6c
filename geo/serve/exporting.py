"""What a planner takes home: a block for the study file, a whole study file, and the files of a run."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

from geo.errors import InputError
from geo.files import path_from
from geo.messages import Message
from geo.outputs import open_finished, write_outputs, write_report
from geo.serve.asker import Asker
from geo.serve.checking import IN_FULL, is_large
from geo.serve.frames import make_frame
from geo.serve.live_study import State
from geo.serve.saving import Desk
from geo.serve.study_text import study_text
from geo.serve.tasks import Task
from geo.study import Ready, ScenarioSpec, Step, Study, change_inputs, plan_of, run_ready, steps_after_reading
from geo.words import say

__all__ = ["export_answers", "long_answers", "state_study"]

_MOST_LETTERS: Final = 80
_ONE_AT_A_TIME: Final = Lock()
"""A run takes all cores."""


@dataclass(frozen=True)
class Export:
    """The state under a name: as a block of a study file, or as a whole study file."""

    name: str
    what: Literal["block", "study"] = "block"


@dataclass(frozen=True)
class Results:
    """The files of ``geo run`` for the state, under a name."""

    name: str


def export_answers(asker: Asker) -> dict[str, tuple[type[Any], Callable[[Any], bytes]]]:
    """Give what may be asked of exports, with its answers."""
    return {"export": (Export, lambda asked: _export(asker, asked))}


def long_answers(asker: Asker) -> dict[str, tuple[type[Any], Callable[[Any, Task], bytes]]]:
    """Give what takes long, with its answers; they are given from a thread of their own."""
    return {
        "results": (Results, lambda asked, task: _results(asker, asked, task)),
        "report": (Results, lambda asked, task: _results(asker, asked, task, has_report=True)),
    }


def _export(asker: Asker, asked: Export) -> bytes:
    name, state = _checked_name(asked.name), asker.session.state
    asker.live.require_unchanged()
    if asked.what == "block":
        text, file = asker.desk.export(state, name)
    else:
        study = state_study(asker.live.study, state, asker.desk, name)
        text, file = asker.desk.write_numbered(
            "study-{}.toml", lambda stem: study_text(study, asker.desk.folder, out=f"{stem}-out")
        )
    return make_frame({"kind": "export", "re": asker.re, "what": asked.what, "text": text, "file": file})


def _results(asker: Asker, asked: Results, task: Task, *, has_report: bool = False) -> bytes:
    """Run the state as ``geo run`` does and write all its files into a new folder, or none.

    With a report they are those of ``geo report`` too, and these are named first.
    """
    name, state, lang = _checked_name(asked.name), asker.session.state, asker.lang
    live = asker.live
    live.require_unchanged()
    study = replace(state_study(live.study, state, asker.desk, name), scenarios=()).in_lang(lang)
    scenario = _named(state, name)
    changed = {}
    if scenario is not None:
        study = replace(study, scenarios=(scenario,))
        changed[name] = change_inputs(study, live.inputs, scenario)
    n, done = len(steps_after_reading(study)) + has_report, [0]

    def tell(step: Step) -> None:
        task.tell(say(f"study.step_{step}", lang=lang), done[0], n)
        done[0] += 1

    task.tell(say("serve.waiting", lang=lang), 0, n)
    with _ONE_AT_A_TIME, IN_FULL if is_large(state) else contextlib.nullcontext():
        live.require_unchanged()
        result = run_ready(study, Ready(plan_of(study), live.inputs, changed, ()), step=tell)
        folder = asker.desk.free_folder("results-{}")
        written: Mapping[str, Path] = write_outputs(result, folder, step=tell)
        if has_report:
            written = {
                **_report(study, folder, lambda: task.tell(say("serve.step_report", lang=lang), n - 1, n)),
                **written,
            }
    files = [(file, (asker.desk.folder / file).stat().st_size) for file in asker.desk.give(written.values())]
    where = path_from(asker.desk.folder, folder)
    return make_frame(
        {"kind": "results", "re": task.re, "name": name, "folder": where, "path": str(folder), "files": files}
    )


def _report(study: Study, folder: Path, tell: Callable[[], None]) -> dict[str, Path]:
    """Write the report beside the files of a run; where it cannot be, they go too."""
    try:
        tell()
        finished = open_finished(study, folder)
        assert finished is not None, "the run was written a moment ago"
        return write_report(finished, study)
    except BaseException:
        shutil.rmtree(folder)
        raise


def state_study(study: Study, state: State, desk: Desk, name: str) -> Study:
    """Give the study with a state as its last scenario, and with the state's clock.

    Parameters
    ----------
    study : Study
        As its file says it.
    state : State
        Of a planner.
    desk : Desk
        Where the clock is written, if it is another one.
    name : str
        Of the scenario; one of the study that bears it gives way.
    """
    scenario = _named(state, name)
    others = tuple(other for other in study.scenarios if other.name != name)
    response = study.response
    if state.plan.limit_s is not None:
        response = replace(response, standard=path_from(study.folder, desk.write_clock(state)))
    return replace(study, scenarios=others + (() if scenario is None else (scenario,)), response=response)


def _named(state: State, name: str) -> ScenarioSpec | None:
    """Give the scenario of a state under a name; None for today."""
    return None if state.plan.is_today else state.plan.scenario.joined(ScenarioSpec(), name=name)


def _checked_name(name: str) -> str:
    wanted = name.strip() or "live"
    if len(wanted) > _MOST_LETTERS or not wanted.isprintable():
        raise InputError(Message("serve.bad_text", {"key": "name", "most": _MOST_LETTERS}))
    return wanted
