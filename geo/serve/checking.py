"""A state computed once more as ``geo run`` computes it: its targets, and whether the live numbers agree."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock
from typing import Final

import numpy as np
import pandas as pd

from geo.coverage import Coverage
from geo.freeing import give_back
from geo.scenarios import compare_targets
from geo.serve.live_ranges import LiveRange, Ranger
from geo.serve.live_study import LiveStudy, State
from geo.serve.saving import Desk
from geo.study import (
    Inputs,
    Outcome,
    ResourceInHand,
    Study,
    assess_targets,
    compare_resources,
    hold_resource,
    recorded_targets,
)
from geo.times import to_seconds

__all__ = ["IN_FULL", "Checked", "Checker", "is_large"]

IN_FULL: Final = Lock()
"""Held by a computation in full, of whatever study this process has: it takes all cores and, for a city,
memory that is there once."""

_MOST_TODAYS: Final = 8
"""Clocks whose today is kept; without shapes it takes some megabytes, thirty on 73,000 points. A planner on a
clock that was pushed out waits for one computation more; his figures do not change meanwhile."""
_MOST_HELD: Final = 3
"""Facilities in hand of which the rest is kept."""
_LARGE: Final = 200_000
"""Edges of a network whose hydrants are let go before a full computation: of a city they take 0.2 GB. Results
of it are written while nothing else is computed in full."""


@dataclass(frozen=True, eq=False)
class Checked:
    """What the full computation of a state says.

    Parameters
    ----------
    n_unlike : int
        Demand points whose first or second time or station differs from the live one: 0, or the program is at
        fault and the page says so.
    targets : DataFrame or None
        As :func:`geo.scenarios.compare_targets` gives them; None without a plan.
    resources : DataFrame or None
        As :func:`geo.study.compare_resources` gives it; None where no shelter, depot or hydrant is changed.
    ranges : LiveRange or None
        Of the headline; None where the study has no ``[uncertainty]``.
    recorded : DataFrame or None
        As :func:`geo.study.recorded_targets` gives it, of today whatever the state; None without records.
    engines_per_call : float
        Of the first kind, of the calls that ask for it: beyond 1 the shares of engines that may be out are
        too high, as the hypercube takes engines that leave together for calls apart.
    """

    n_unlike: int
    targets: pd.DataFrame | None
    resources: pd.DataFrame | None = None
    ranges: LiveRange | None = None
    recorded: pd.DataFrame | None = None
    engines_per_call: float = 1.0


@dataclass(frozen=True, eq=False)
class Checker:
    """The full computation, for any state of a study.

    Parameters
    ----------
    live : LiveStudy
        The study.
    desk : Desk
        Where a clock is written that the full computation reads.
    """

    live: LiveStudy
    desk: Desk
    _todays: OrderedDict[float | None, Future[Outcome]] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _recorded: OrderedDict[float | None, pd.DataFrame | None] = field(default_factory=OrderedDict, repr=False)
    _held: list[tuple[State, str, ResourceInHand]] = field(default_factory=list, repr=False)

    @cached_property
    def _ranger(self) -> Ranger:
        return Ranger(self.live)

    def check(self, state: State) -> Checked:
        """Compute a state in full; it takes as long as a scenario of ``geo run``.

        Raises
        ------
        GeoError
            The full computation cannot be done, such as a plan that cannot be read, or files of the study
            are others by now: today and the state would be of different ones.
        """
        if is_large(state):
            with self._lock:
                self._held.clear()
        study = self._study(state)
        today = self._today(study, state.plan.limit_s)
        resources = None
        if state.plan.is_today:
            covered, after = today.coverage, today.targets
        else:
            with IN_FULL:
                outcome = assess_targets(study, state.inputs, before=today)
                covered, after = outcome.coverage, outcome.targets
                resources = compare_resources(study, today, state.inputs, covered)
        ranges = self._range_of(state, covered)
        recorded = self._records_of(study, state.plan.limit_s, today)
        give_back()
        self.live.require_unchanged()  # the plan and the clocks were read anew
        both = today.targets is not None and after is not None
        targets = compare_targets(today.targets, after) if both else None
        n_unlike, per_call = _count_unlike(state, covered), _engines_per_call(today)
        return Checked(n_unlike, targets, resources, ranges, recorded, per_call)

    def _records_of(self, study: Study, limit_s: float | None, today: Outcome) -> pd.DataFrame | None:
        """Give what the records say of today's targets on a clock, which is kept as today is."""
        if self.live.inputs.calls is None:
            return None
        with IN_FULL:
            if limit_s not in self._recorded:
                self._recorded[limit_s] = recorded_targets(study, today)
            self._recorded.move_to_end(limit_s)
            while len(self._recorded) > _MOST_TODAYS:
                self._recorded.popitem(last=False)
            return self._recorded[limit_s]

    def _range_of(self, state: State, covered: Coverage) -> LiveRange | None:
        if self.live.study.uncertainty is None:
            return None
        with IN_FULL:
            return self._ranger.range_of(state.inputs, covered)

    def compare(self, inputs: Inputs, state: State, one: str) -> pd.DataFrame | None:
        """Compare shelters, depots and hydrants with today's, by the figures of a full computation alone.

        Engines that may be out are left to :meth:`check`: they hang on the coverage of the state.

        Parameters
        ----------
        inputs : Inputs
            With one of them on its way.
        state : State
            What it is taken out of; its clock holds.
        one : str
            Id of the one.

        Returns
        -------
        DataFrame or None
            As :func:`geo.study.compare_resources` gives it; the same numbers.
        """
        return self._hold(inputs, state, one).compare(inputs)

    def _hold(self, inputs: Inputs, state: State, one: str) -> ResourceInHand:
        """Give what is in hand of a state: taken up once, as that takes as long as the rooms themselves."""
        kind = str(inputs.facilities.at[one, "kind"])  # all that are new bear one id until they are let go
        with self._lock:
            for in_state, name, held in self._held:
                if in_state is state and name == one and held.kind == kind:
                    return held
        study = self._study(state)
        today = self._today(study, state.plan.limit_s)
        held = hold_resource(study, today, state.inputs, one, kind=kind)
        with self._lock:
            self._held[:] = [*self._held, (state, one, held)][-_MOST_HELD:]
        return held

    def _study(self, state: State) -> Study:
        study = self.live.study
        if state.plan.limit_s is None:
            return study
        clock = str(self.desk.write_clock(state).resolve())
        return replace(study, response=replace(study.response, standard=clock))

    def _today(self, study: Study, limit_s: float | None) -> Outcome:
        """Give today on a clock: computed by whoever asks first; only who needs it waits for it."""
        with self._lock:
            today = self._todays.get(limit_s)
            is_first = today is None
            if today is None:
                today = self._todays[limit_s] = Future()
            self._todays.move_to_end(limit_s)
            while len(self._todays) > _MOST_TODAYS:
                self._todays.popitem(last=False)
        if is_first:
            self._compute_today(study, limit_s, today)
        return today.result()

    def _compute_today(self, study: Study, limit_s: float | None, today: Future[Outcome]) -> None:
        try:
            with IN_FULL:
                today.set_result(assess_targets(study, self.live.inputs, with_resources=True))
        except BaseException as error:
            with self._lock:
                if self._todays.get(limit_s) is today:  # the next who asks tries again
                    del self._todays[limit_s]
            today.set_exception(error)


def is_large(state: State) -> bool:
    """Say whether two computations in full of a state would take more memory than there may be."""
    return state.ground.network.n_edges > _LARGE


def _engines_per_call(today: Outcome) -> float:
    finding = today.findings.get("availability")
    return 1.0 if finding is None else float(finding.figures.get("engines_per_call", 1.0))


def _count_unlike(state: State, covered: Coverage) -> int:
    """Count the demand points of which the live state says something else."""
    ids = np.array([*state.stations.index, None], dtype=object)
    table, best = covered.table, state.best
    unlike = best.n_in_time != table["n_in_time"].to_numpy()
    for which, position, ms in (
        ("first", best.first, best.first_ms),
        ("second", best.second, best.second_ms),
    ):
        unlike |= to_seconds(ms) != table[f"{which}_s"].to_numpy(dtype=float)
        unlike |= ids[position] != table[f"{which}_id"].to_numpy(dtype=object)
    return int(unlike.sum())
