"""The targets of a plan over many draws: their values as ranges, and which of them flip."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.coverage import Coverage
from geo.findings import Finding
from geo.plans import Facts, Plan, Reading, evaluate
from geo.routing import nearest, travel_times
from geo.settings import FixedMapping
from geo.statistics import summarise
from geo.study.assessment import StudyResult, plan_of
from geo.study.inputs import told_zones
from geo.study.plan_facts import make_facts
from geo.uncertainty import Drawn, Prepared, draw_starts, read_clock, tell_ranges

__all__ = ["TARGET_STANDINGS", "TargetDraws"]

_WORDS: Final = "uncertainty"
TARGET_STANDINGS: Final = ("always_met", "always_missed", "flips", "not_drawn")
"""How a target stands over the draws; the last: no value of it is drawn."""
_BY_PEOPLE: Final = ("area_per_person", "people_per_station", "staff_per_people")
_BY_TIMES: Final = ("assigned_share", "covered_share", "mean_travel", "most_loaded_station")
_JUDGED: Final = ("met", "missed")


@dataclass(frozen=True, eq=False)
class TargetDraws:
    """The targets of a plan that change with times and people, and what they were in each draw.

    Parameters
    ----------
    result : StudyResult
        The district as computed.
    plan : Plan or None
        Its plan with those targets alone.
    facts : Facts or None
        What is known of it without chance.
    drawn : list of DataFrame
        ``value`` and ``status`` by target, one table for each draw.
    """

    result: StudyResult
    plan: Plan | None
    facts: Facts | None
    drawn: list[pd.DataFrame] = field(default_factory=list)

    @classmethod
    def of(cls, result: StudyResult) -> TargetDraws:
        """Find the targets of a result that change with what is drawn."""
        plan = plan_of(result.study)
        if plan is None or result.targets is None:
            return cls(result, None, None)
        judged = result.targets.index[result.targets["status"].isin((*_JUDGED, "told"))]
        methods = (*_BY_PEOPLE, *_BY_TIMES)
        targets = tuple(each for each in plan.targets if each.method in methods and each.id in judged)
        coverages = {result.coverage.standard.name: result.coverage, **result.beside}
        facts = make_facts(
            result.inputs,
            coverages,
            {},
            findings=result.findings,
            zones=told_zones(result.inputs.zones),
            base_year=plan.base_year,
        )
        # Towns only stand in the evidence, which is not told of a draw, and to name them takes longest.
        facts = replace(facts, zones=facts.zones.iloc[:0])
        return cls(result, replace(plan, targets=targets), facts)

    def add(self, prepared: Prepared, drawn: Drawn) -> None:
        """Hold the targets against a draw."""
        if self.plan is None or self.facts is None or not self.plan.targets:
            return
        facts = _drawn_facts(self.result, self.facts, prepared, drawn, plan=self.plan)
        self.drawn.append(evaluate(self.plan, facts)[["value", "status"]])

    def findings(self, level: float) -> tuple[Finding, ...]:
        """Give the targets with the ranges of their values, and in how many draws they are met."""
        targets = self.result.targets
        if targets is None:
            return ()
        ids = [target.id for target in self.plan.targets] if self.plan is not None else []
        values = pd.DataFrame([table["value"] for table in self.drawn], columns=ids, dtype=float)
        told = tell_ranges(values, targets["value"].astype(float), level=level) if len(values) else None
        ends = ("low", "median", "high")
        known = targets[["name_zh", "name_en", "comparator", "target", "unit", "status", "value"]]
        ranged = {
            f"value_{end}": (told[end] if told is not None else pd.Series(dtype=float)).reindex(known.index)
            for end in ends
        }
        met = self._share_met(ids).reindex(known.index)
        table = known.assign(**ranged, share_met=met)
        table["class"] = _standings(table)
        flips = table.index[table["class"] == "flips"]
        figures = {"n_targets": float(len(table)), "n_drawn": float(len(ids)), "n_flips": float(len(flips))}
        return (Finding("ranges_targets", _WORDS, table, figures=figures),)

    def _share_met(self, ids: list[str]) -> pd.Series:
        """Give the share of the draws in which each target is met; nan where one is never judged."""
        status = pd.DataFrame([table["status"] for table in self.drawn], columns=ids)
        is_judged = status.isin(_JUDGED).all()
        return status.eq("met").mean().astype(float).where(is_judged)


def _standings(table: pd.DataFrame) -> np.ndarray[Any, Any]:
    met = table["share_met"]
    words = [TARGET_STANDINGS[3], *TARGET_STANDINGS[:2]]
    return np.select([met.isna(), met == 1.0, met == 0.0], words, default=TARGET_STANDINGS[2])


def _drawn_facts(result: StudyResult, facts: Facts, prepared: Prepared, drawn: Drawn, *, plan: Plan) -> Facts:
    """Give the facts of a draw: its people, its times under each standard, its loads."""
    coverages = {result.coverage.standard.name: result.coverage, **result.beside}
    readings, starts = {}, {}
    for name, coverage in coverages.items():
        starts[name] = draw_starts(prepared, drawn.state.draw, coverage.stations, coverage.standard)
        table = _read(drawn, coverage, starts[name])
        readings[name] = Reading(coverage.standard, summarise(table), starts[name])
    widest = max(coverages.values(), key=lambda coverage: coverage.times.limit_s)
    times = facts.times
    if any(target.method == "assigned_share" for target in plan.targets):
        times = travel_times(
            drawn.state.network,
            drawn.state.station_snaps,
            drawn.state.demand_snaps,
            direction=widest.direction,
            limit_s=widest.times.limit_s,
        )
    served = _read(drawn, widest, starts[widest.standard.name]) if widest is not result.coverage else None
    loads = drawn.served if served is None else _loads(served, widest)
    return replace(
        facts, people=drawn.state.people, served=loads, readings=FixedMapping(readings), times=times
    )


def _loads(table: pd.DataFrame, coverage: Coverage) -> pd.Series:
    return table.groupby("first_id")["people"].sum().reindex(coverage.stations.index).fillna(0.0)


def _read(drawn: Drawn, coverage: Coverage, starts_s: pd.Series) -> pd.DataFrame:
    """Read a draw on the clock of a coverage: searched again only where that moves stations unevenly."""
    standard, people = coverage.standard, drawn.state.people
    shifts = np.unique(np.rint((starts_s - drawn.starts_s).to_numpy(dtype=float) * 1000.0))
    if len(shifts) <= 1:
        seconds = drawn.table[["first_id", "first_s", "second_s"]].copy()
        shift_s = float(shifts.sum()) / 1000.0
        seconds[["first_s", "second_s"]] = (seconds[["first_s", "second_s"]] + shift_s).round(3)
    else:
        seconds = nearest(
            drawn.state.network,
            drawn.state.station_snaps,
            drawn.state.demand_snaps,
            direction=coverage.direction,
            start_s=starts_s,
        )
    return read_clock(seconds, people, starts_s, standard)
