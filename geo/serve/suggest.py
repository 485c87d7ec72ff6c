"""Where the next stations should go: sought beside the answers, told as it goes on, stopped at a word."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Annotated, Any, Final, Literal

import numpy as np

from geo.errors import GeoError
from geo.ranges import Range
from geo.serve.figures import mean_response_s
from geo.serve.live_study import LiveStudy, State
from geo.serve.scenario_text import section_text
from geo.serve.sites import Sites
from geo.siting import Alternatives, SitingPlan
from geo.study import Sifted, SitingSpec, Study, answer_question, build_sites, pose_question

__all__ = ["Suggest", "Suggestion", "exported_question"]

Send = Callable[[Mapping[str, Any]], None]
_MOST_LOSS: Final = 1.0
"""Any other plan may be told: what each loses stands beside it."""
_TELL_S: Final = 0.25
_NAME: Final = "live"


@dataclass(frozen=True)
class Suggest:
    """A question for the next sites: most people in time, or the least mean time."""

    goal: Literal["best", "mean"] = "best"
    n: Annotated[int, Range(1, 20, "pieces")] = 3
    k: Annotated[int, Range(1, 10, "pieces")] = 4
    time_limit_s: Annotated[float, Range(1.0, 600.0, "s")] = 60.0


def exported_question(study: Study, state: State, asked: Suggest, *, name: str = _NAME) -> Study:
    """Give the study whose ``geo site`` answers a question about a state: its scenario and ``[siting]``.

    Parameters
    ----------
    study : Study
        With the clock of the state.
    state : State
        From which the sites are sought.
    asked : Suggest
        The question.
    name : str
        Of the scenario.
    """
    spec = SitingSpec(
        goal="alternatives",
        of=asked.goal,
        n=asked.n,
        k=asked.k,
        max_loss=_MOST_LOSS,
        time_limit_s=asked.time_limit_s,
        scenario=None if state.plan.is_today else name,
    )
    scenarios = () if state.plan.is_today else (replace(state.plan.scenario, name=name),)
    return replace(study, scenarios=scenarios, siting=spec)


@dataclass(eq=False)
class Suggestion:
    """One search for the next sites, in a thread of its own.

    Parameters
    ----------
    sites : Sites
        The candidates, and the threads.
    study : Study
        With the clock of the state.
    state : State
        From which the sites are sought.
    asked : Suggest
        The question.
    send : callable
        Told every step, and the plans at the end, as plain data; from another thread.
    tell : callable
        Says an error in the planner's language.
    """

    sites: Sites
    study: Study
    state: State
    asked: Suggest
    send: Send
    tell: Callable[[GeoError], str]
    _stopped: Event = field(default_factory=Event)
    _began: float = field(default_factory=time.monotonic)
    _told: float = 0.0
    _is_begun: bool = False

    def start(self) -> None:
        """Begin, or wait until a thread is free; nothing where it began before or is to stop."""
        if self._is_begun or self._stopped.is_set():
            return
        self._is_begun = True
        self._tell_step("waiting")
        self.sites.threads.submit(self._run)

    def stop(self) -> None:
        """End the search: what it has by then is told, where it has anything."""
        self._stopped.set()

    def _run(self) -> None:
        try:
            self.send({"kind": "suggested", "is_stopped": self._stopped.is_set(), **self._search()})
        except GeoError as error:
            self.send({"kind": "suggested", "is_stopped": self._stopped.is_set(), "why": self.tell(error)})
        except CancelledError:
            self.send({"kind": "suggested", "is_stopped": True})

    def _search(self) -> dict[str, Any]:
        state, study = self.state, exported_question(self.study, self.state, self.asked)
        spec = study.siting or SitingSpec()
        self._step("candidates")
        sifted = self.sites.listed(state).result()
        self._step("times")
        _, question = pose_question(study, spec, state.inputs, sifted)
        self._step("search")
        found = answer_question(question, spec, progress=self._progress, stop=self._stopped.is_set)
        assert found.others is not None
        return {
            "goal": self.asked.goal,
            "value_today": _value_today(self.sites.live, state, self.asked, question.times.limit_s),
            "plans": _tell_plans(self.sites.live, study, sifted, found.others),
            "is_complete": found.others.is_complete,
            "n_candidates": len(sifted.kept),
            "text": section_text("siting", spec),
        }

    def _step(self, step: str) -> None:
        if self._stopped.is_set():
            raise CancelledError
        self._tell_step(step)

    def _progress(self, value: float, bound: float) -> None:
        now = time.monotonic()
        if now - self._told >= _TELL_S:
            self._told = now
            self._tell_step("search", value=value, bound=bound)

    def _tell_step(self, step: str, **figures: float) -> None:
        spent_s = round(time.monotonic() - self._began, 1)
        self.send({"kind": "searching", "step": step, "spent_s": spent_s, **figures})


def _value_today(live: LiveStudy, state: State, asked: Suggest, search_s: float) -> float:
    """Give what the goal counts without any new site."""
    if asked.goal == "best":
        return state.figures.covered_people
    return mean_response_s(
        live.people.people, np.minimum(state.best.first_ms, np.int32(round(search_s * 1000)))
    )


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
