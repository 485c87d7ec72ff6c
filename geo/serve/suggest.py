"""Where the next stations should go: sought beside the answers, told as it goes on, stopped at a word."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Semaphore
from typing import Annotated, Any, Final, Literal

import numpy as np

from geo.ranges import Range
from geo.serve.asker import Asker
from geo.serve.exporting import state_study
from geo.serve.figures import mean_response_s
from geo.serve.frames import make_frame
from geo.serve.live_study import LiveStudy
from geo.serve.scenario_text import section_text
from geo.serve.states import State
from geo.serve.tasks import Task
from geo.siting import Alternatives, SitingPlan
from geo.study import Sifted, SitingSpec, Study, answer_question, build_sites, pose_question

__all__ = ["NAME", "Suggest", "question_of", "suggest_answers"]

_MOST_LOSS: Final = 1.0
"""Any other plan may be told: what each loses stands beside it."""
_TELL_S: Final = 0.25
NAME: Final = "live"
"""Of the state among the scenarios of the study that is asked."""
_AT_ONCE: Final = Semaphore(2)
"""Searches of all planners that run at a time; others wait."""


@dataclass(frozen=True)
class Suggest:
    """A question for the next sites: most people in time, or the least mean time."""

    goal: Literal["best", "mean"] = "best"
    n: Annotated[int, Range(1, 20, "pieces")] = 3
    k: Annotated[int, Range(1, 10, "pieces")] = 4
    time_limit_s: Annotated[float, Range(1.0, 600.0, "s")] = 60.0


def suggest_answers(asker: Asker) -> dict[str, tuple[type[Any], Callable[[Any, Task], bytes]]]:
    """Give what may be asked of new sites, with its answers; they are given from a thread of their own."""
    return {"suggest": (Suggest, lambda asked, task: _suggest(asker, asked, task))}


def question_of(study: Study, state: State, asked: Suggest, *, name: str = NAME) -> SitingSpec:
    """Give ``[siting]`` that asks ``geo site`` the same of a study in which the state is a scenario.

    Parameters
    ----------
    study : Study
        As its file says it.
    state : State
        From which the sites are sought.
    asked : Suggest
        The question.
    name : str
        Of the scenario.
    """
    return SitingSpec(
        goal="alternatives",
        of=asked.goal,
        n=asked.n,
        k=asked.k,
        max_loss=_MOST_LOSS,
        time_limit_s=asked.time_limit_s,
        scenario=None if state.plan.is_today else name,
    )


class _Progress:
    """Tells the page how far a search is: the step, the plan that is sought, its value and bound so far."""

    def __init__(self, task: Task, most_plans: int) -> None:
        self._task, self._most = task, most_plans
        self._began, self._last, self._plan = time.monotonic(), 0.0, 1

    def tell(self, step: str, **figures: float) -> None:
        self._last = time.monotonic()
        spent_s = round(self._last - self._began, 1)
        self._task.send({"kind": "searching", "step": step, "spent_s": spent_s, **figures})

    def tell_value(self, value: float, bound: float) -> None:
        if time.monotonic() - self._last >= _TELL_S:
            self.tell("search", plan=self._plan, n_plans=self._most, value=value, bound=bound)

    def tell_plan(self, n_before: int) -> None:
        self._plan = n_before + 1
        self.tell("search", plan=self._plan, n_plans=self._most)


def _suggest(asker: Asker, asked: Suggest, task: Task) -> bytes:
    """Seek the best sites for a state; stopped while it seeks, it tells the best plans so far."""
    state, version = asker.session.state, asker.session.version
    progress = _Progress(task, asked.k)
    progress.tell("waiting")
    with _AT_ONCE:
        task.require_going()
        spec = question_of(asker.live.study, state, asked)
        study = replace(state_study(asker.live.study, state, asker.desk, NAME), siting=spec)
        progress.tell("candidates")
        sifted = asker.sites.listed(state).result()
        task.require_going()
        progress.tell("times")
        _, question = pose_question(study, spec, state.inputs, sifted)
        task.require_going()
        progress.tell_plan(0)
        others = answer_question(
            question,
            spec,
            progress=progress.tell_value,
            stop=task.is_stopped,
            on_plan=progress.tell_plan,
        ).others
    assert others is not None
    told = {
        "kind": "suggested",
        "re": task.re,
        "version": version,
        "is_stopped": task.is_stopped(),
        "goal": asked.goal,
        "value_today": _value_today(asker.live, state, asked, question.times.limit_s),
        "plans": _tell_plans(asker.live, study, sifted, others),
        "is_complete": others.is_complete,
        "n_candidates": len(sifted.kept),
        "text": section_text("siting", spec),
    }
    return make_frame(told)


def _value_today(live: LiveStudy, state: State, asked: Suggest, search_s: float) -> float:
    """Give what the goal counts without any new site."""
    if asked.goal == "best":
        return state.figures.covered_people
    return mean_response_s(live.people, np.minimum(state.best.first_ms, np.int32(round(search_s * 1000))))


def _tell_plans(live: LiveStudy, study: Study, sifted: Sifted, others: Alternatives) -> list[dict[str, Any]]:
    """Give the plans as plain data, best first, each site with the place where its pin would stand."""
    told = []
    for plan, lost in zip(others.plans, others.changes["share_lost"], strict=True):
        told.append(
            {
                "value": plan.value,
                "bound": plan.bound,
                "gap": plan.gap,
                "is_proven": plan.is_proven,
                "people_covered": plan.n_people_covered,
                "share_lost": lost,
                "sites": _tell_sites(live, study, sifted, plan),
            }
        )
    return told


def _tell_sites(live: LiveStudy, study: Study, sifted: Sifted, plan: SitingPlan) -> list[dict[str, Any]]:
    rows = build_sites(sifted.kept.loc[list(plan.site_ids)], study)
    told = []
    for row in rows.itertuples():
        lon, lat = live.lonlat(row.geometry.x, row.geometry.y)
        at = live.place(lon, lat)
        site = {"site": row.Index, "name": row.name, "lon": lon, "lat": lat, "x": at.x, "y": at.y}
        told.append(site | ({} if row.station_class is None else {"station_class": row.station_class}))
    return told
