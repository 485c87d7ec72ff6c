"""Calls simulated one by one over a study: today and its scenarios, on the same calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from geo.availability import Period, Rules, Simulated, compare_simulated, simulate_calls
from geo.coverage import Coverage
from geo.errors import StudyError
from geo.messages import Message
from geo.settings import FixedMapping
from geo.study.availability import HOURS_A_YEAR, Dispatch, moves_to_cover, prepare_dispatch
from geo.study.inputs import Inputs, naming, tell_large
from geo.study.ready import make_ready
from geo.study.recorded_calls import recorded_calls
from geo.study.replay import Replay, on_roads, replay_state
from geo.study.response import answering_stations, cover_people, read_clock_of
from geo.study.result import Result
from geo.study.scenarios import count_scenarios, naming_scenario
from geo.study.settings import TODAY, AvailabilitySpec, Study
from geo.study.steps import READING, WRITING, OnStep, Step
from geo.words import Lang, percent, say

__all__ = ["SimulatedState", "SimulationResult", "say_interval", "simulate_study", "simulation_steps"]


@dataclass(frozen=True, eq=False)
class SimulatedState:
    """One state of the district, and what became of the calls in it.

    Parameters
    ----------
    coverage : Coverage
        With all engines in.
    dispatch : Dispatch
        Who is sent to whom.
    simulated : Simulated
        The runs.
    """

    coverage: Coverage
    dispatch: Dispatch
    simulated: Simulated


@dataclass(frozen=True, eq=False, repr=False)
class SimulationResult(Result):
    """What was simulated of a study.

    Parameters
    ----------
    study : Study
        What was asked.
    lang : {"zh", "en"}
        Language of what people read.
    inputs : Inputs
        The layers.
    states : mapping of str to SimulatedState
        Today under ``TODAY``, then each scenario by its name; all met the same calls.
    changes : mapping of str to DataFrame
        Of each scenario: see :func:`geo.availability.compare_simulated`.
    type_changes : mapping of (str, str) to DataFrame
        The same by scenario and type of call.
    replay : Replay or None
        What becomes of the recorded calls in the same states; None where the study has no ``[[calls]]``.
    """

    study: Study
    lang: Lang
    inputs: Inputs
    states: Mapping[str, SimulatedState]
    changes: Mapping[str, pd.DataFrame]
    replay: Replay | None = None
    type_changes: Mapping[tuple[str, str], pd.DataFrame] = field(default_factory=lambda: FixedMapping({}))

    @property
    def today(self) -> SimulatedState:
        """The district as it stands."""
        return self.states[TODAY]

    def _headline(self) -> pd.DataFrame:
        """Give the share of calls in time of each state, with its interval."""
        rows = {}
        for name, state in self.states.items():
            told = say("outputs.today", lang=self.lang) if name == TODAY else name
            share = say_interval(state.simulated.figures().loc["share_in_time"], lang=self.lang)
            rows[told] = f"{say('availability.class_share_in_time', lang=self.lang)} {share}"
        return pd.DataFrame({"value": list(rows.values())}, index=list(rows))


def say_interval(share: pd.Series, *, lang: Lang) -> str:
    """Say a share of :meth:`geo.availability.Simulated.figures` with its interval, which one run has not."""
    if not np.isfinite(share["low"]):
        return percent(share["mean"])
    values = {"share": percent(share["mean"]), "low": percent(share["low"]), "high": percent(share["high"])}
    return say("availability.simulated_share", lang=lang, **values)


def simulate_study(
    study: Study,
    *,
    lang: Lang | None = None,
    step: OnStep = lambda step: None,
    tell: Callable[[Message], None] = lambda message: None,
) -> SimulationResult:
    """Draw the calls of a study and send engines to them, today and in each of its scenarios.

    Parameters
    ----------
    study : Study
        With ``[availability]``.
    lang : {"zh", "en"}, optional
        Language of what people read; the study's own when missing.
    step : callable
        Told each step as it starts.
    tell : callable
        Told what a large study needs, before it is computed.

    Raises
    ------
    GeoError
        There is no ``[availability]``; a layer, a scenario, calls or crews cannot be used; nobody calls.
    """
    study = study.in_lang(lang)
    spec = study.availability
    if spec is None:
        raise StudyError(Message("settings.availability_missing"))
    ready = make_ready(study, step=step)
    tell_large(ready.inputs.notes, tell)
    states: dict[str, SimulatedState] = {}
    layers = {TODAY: ready.inputs, **ready.changed}
    for name, inputs in layers.items():
        if name == TODAY:
            states[name] = _simulate(study, spec, inputs, step)
        else:
            with naming_scenario(name):
                states[name] = _simulate(study, spec, inputs, step)
    today = states[TODAY].simulated
    changes = {
        name: compare_simulated(today, state.simulated) for name, state in states.items() if name != TODAY
    }
    by_type = {
        (name, word): compare_simulated(today.of_type(word), state.simulated.of_type(word))
        for name, state in states.items()
        for word in state.simulated.types
        if name != TODAY
    }
    return SimulationResult(
        study=study,
        lang=study.study.lang,
        inputs=ready.inputs,
        states=FixedMapping(states),
        changes=FixedMapping(changes),
        replay=_replay(study, spec, layers, states),
        type_changes=FixedMapping(by_type),
    )


def _replay(
    study: Study,
    spec: AvailabilitySpec,
    layers: Mapping[str, Inputs],
    states: Mapping[str, SimulatedState],
) -> Replay | None:
    """Send the engines of each state to the recorded calls."""
    today, coverage = layers[TODAY], states[TODAY].coverage
    if today.calls is None:
        return None
    with naming("calls"):
        recorded, n_off = on_roads(study, today, coverage, recorded_calls(today.calls, today.demand))
        if not len(recorded.calls):
            raise StudyError(Message("availability.no_recorded_calls", {"n": n_off}))
        replayed = {
            name: replay_state(study, spec, layers[name], state.coverage, state.dispatch.engines, recorded)
            for name, state in states.items()
        }
    return Replay(recorded, FixedMapping(replayed), coverage.standard.limit_s, n_off)


def simulation_steps(study: Study) -> tuple[Step, ...]:
    """Tell the steps that :func:`simulate_study` and then writing its results will take, in their order.

    Raises
    ------
    StudyError
        The plan is unknown or faulty.
    """
    each = (Step.TIMES, Step.SIMULATION)
    return (*READING, *each * (1 + count_scenarios(study)), *WRITING)


def _simulate(study: Study, spec: AvailabilitySpec, inputs: Inputs, step: OnStep) -> SimulatedState:
    """Simulate one state; its calls hang on the seed, the places and their rates alone."""
    step(Step.TIMES)
    standard = read_clock_of(study, study.response.standard)
    coverage = cover_people(study, inputs, answering_stations(study, inputs), standard=standard)
    dispatch = prepare_dispatch(spec, inputs, coverage)
    with naming("availability"):
        if not dispatch.table.calls_per_h.sum() > 0.0:
            raise StudyError(Message("availability.no_calls"))
        step(Step.SIMULATION)
        period = Period(
            hours=HOURS_A_YEAR * spec.years,
            n=spec.runs,
            seed=spec.seed,
            service=spec.service,
            engines=spec.engines_per_call,
            hour_shares=spec.hour_shares or dispatch.hour_shares,
            month_shares=spec.month_shares,
            types=dispatch.types,
        )
        rules = Rules(
            is_queued=spec.is_queued, engines=dispatch.engines, moves=moves_to_cover(spec, coverage)
        )
        simulated = simulate_calls(dispatch.table, limit_s=standard.limit_s, period=period, rules=rules)
    return SimulatedState(coverage, dispatch, simulated)
