"""All that a study is computed from, read and judged in one go: its plan, its clock, layers and scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from geo.plans import Plan
from geo.study.assessment import plan_of, require_any
from geo.study.inputs import Inputs, Keeper, LayerLog, cache_folder, keeper_of, read_inputs
from geo.study.response import answering_stations, read_clock_of
from geo.study.scenarios import change_inputs, expand_scenarios, naming_scenario, tell_places
from geo.study.settings import ScenarioSpec, Study
from geo.study.steps import OnStep

__all__ = ["Ready", "make_ready"]


@dataclass(frozen=True, eq=False)
class Ready:
    """What a study is computed from.

    Parameters
    ----------
    plan : Plan or None
        The plan that the study names.
    inputs : Inputs
        Its layers.
    changed : mapping of str to Inputs
        The layers as each scenario makes them, by its name.
    missing : tuple of str
        Stations that the plan wants and that have no place in the layers.
    keeper : Keeper or None
        Keeps what is found of these layers as they were read; None keeps nothing.
    """

    plan: Plan | None
    inputs: Inputs
    changed: Mapping[str, Inputs]
    missing: tuple[str, ...]
    keeper: Keeper | None = None


def make_ready(
    study: Study,
    *,
    step: OnStep = lambda step: None,
    log: LayerLog | None = None,
    use_cache: bool = True,
) -> Ready:
    """Read everything that a run of a study needs, before anything long is computed.

    Parameters
    ----------
    study : Study
        A checked study file.
    step : callable
        Told each step as it starts.
    log : LayerLog, optional
        Where it is given and the layers can be read, what else stops the run is kept in it and not raised:
        for a check that goes on to what can still be judged.
    use_cache : bool
        As of :func:`geo.study.read_inputs`.

    Raises
    ------
    GeoError
        The plan, the clock, a layer or a scenario cannot be used; all that stop the run are told at once.
    """
    goes_on, log = log is not None, LayerLog() if log is None else log
    plan = log.attempt("", lambda: plan_of(study))
    log.attempt("", lambda: read_clock_of(study, study.response.standard))
    keeper = keeper_of(study, cache_folder() if use_cache else None)
    inputs = log.attempt("", lambda: read_inputs(study, step=step, keeper=keeper))
    if inputs is None:
        log.require_no_errors()
        raise AssertionError("without inputs there is an error")
    scenarios, missing = log.attempt("", partial(expand_scenarios, study, inputs)) or ((), ())
    changed = {
        scenario.name: log.attempt("", partial(_change, study, inputs, scenario)) for scenario in scenarios
    }
    if not goes_on:
        log.require_no_errors()
    messages = [
        (f"scenarios {scenario.name!r}", note)
        for scenario in scenarios
        if changed[scenario.name] is not None
        for note in tell_places(study, inputs, scenario)
    ]
    inputs = replace(inputs, notes=(*inputs.notes, *messages))
    complete = {name: state for name, state in changed.items() if state is not None}
    return Ready(plan=plan, inputs=inputs, changed=complete, missing=missing, keeper=keeper)


def _change(study: Study, inputs: Inputs, scenario: ScenarioSpec) -> Inputs:
    state = change_inputs(study, inputs, scenario)
    with naming_scenario(scenario.name):
        require_any(study, state, answering_stations(study, state))
    return state
