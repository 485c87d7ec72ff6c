"""The table that siting works on: existing stations and candidates against people, on the study's clock."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.coverage import Coverage, clock_starts
from geo.errors import InfeasibleError, InputError, StudyError
from geo.messages import Message, name_some
from geo.routing import travel_times
from geo.study.inputs import Inputs
from geo.study.response import snap_rules
from geo.study.settings import ScenarioSpec, SitingSpec, Study
from geo.study.sites.land_rules import Sifted
from geo.study.sites.sifted import named_sites
from geo.times import Times, limit_ms

__all__ = ["Question", "ask", "new_facilities", "scenario_of", "turnout_of"]


@dataclass(frozen=True, eq=False)
class Question:
    """What the siting functions are asked.

    Parameters
    ----------
    times : Times
        Response (call + turnout + travel) of existing stations, then candidates; seconds up to the search.
    people, weights : Series
        By demand id; weights are 1 unless people count by risk.
    sites : DataFrame
        ``status``, and ``cost`` and ``capacity`` where they are asked for, by site id.
    limit_s : float
        Response that is in time.
    called : Series
        What messages call each demand point.
    """

    times: Times
    people: pd.Series
    weights: pd.Series
    sites: pd.DataFrame
    limit_s: float
    called: pd.Series

    def __repr__(self) -> str:
        """Name the question by its sizes; its tables are not printed."""
        return f"Question(n_demand={len(self.people)}, n_sites={len(self.sites)}, limit_s={self.limit_s:g})"

    @property
    def is_reachable(self) -> NDArray[np.bool_]:
        """Mark demand points that some station or allowed candidate reaches within the search."""
        usable = (self.sites["status"] != "forced_out").to_numpy()
        return self._reached(usable, limit_s=self.times.limit_s)

    def in_time(self, sites: Sequence[Hashable]) -> NDArray[np.bool_]:
        """Mark demand points that some of these sites reach in time."""
        return self._reached(self.times.facility_id.isin(list(sites)), limit_s=self.limit_s)

    def _reached(self, is_open: NDArray[np.bool_], *, limit_s: float) -> NDArray[np.bool_]:
        entry = np.repeat(is_open, np.diff(self.times.start)) & (self.times.ms <= limit_ms(limit_s))
        reached = np.zeros(len(self.people), dtype=np.bool_)
        reached[self.times.demand[entry]] = True
        return reached


def ask(study: Study, spec: SitingSpec, inputs: Inputs, before: Coverage, sifted: Sifted) -> Question:
    """Compute the times of all candidates and put the question together.

    Parameters
    ----------
    study : Study
        For ``[snap]`` and ``[response]``.
    spec : SitingSpec
        The question.
    inputs : Inputs
        For the risk of places, and the barriers that access does not cross.
    before : Coverage
        The stations that are there, under the standard of the question.
    sifted : Sifted
        The candidates.

    Raises
    ------
    InputError
        More sites are asked for than there are candidates, forced ones are unknown or too many, a cost is
        missing, or one place has more people than a station may serve.
    InfeasibleError
        Everybody is to be in time and some cannot be.
    """
    check_options(spec, sifted, before, people_limit=study.response.people_limit)
    standard, candidates = before.standard, sifted.kept
    snaps = snap_rules(study, inputs).snap(candidates, before.network)
    starts = pd.concat(
        [
            clock_starts(before.stations, standard),
            clock_starts(new_facilities(candidates, turnout_s=turnout_of(study, spec)), standard),
        ]
    )
    search_s = max(spec.search_s, standard.limit_s) if is_timed(spec) else standard.limit_s
    times = on_the_clock(before, pd.concat([before.station_snaps, snaps]), starts, search_s=search_s)
    demand = before.table
    question = Question(
        times=times,
        people=demand["people"].astype(float),
        weights=inputs.demand["risk"].astype(float) if spec.by_risk else pd.Series(1.0, index=demand.index),
        sites=_sites(study, spec, before.stations.index, sifted),
        limit_s=standard.limit_s,
        called=demand["name"].fillna("").where(lambda name: name != "", demand.index.astype(str))
        if "name" in demand
        else pd.Series(demand.index.astype(str), index=demand.index),
    )
    if spec.asked == "fewest":
        check_everybody(question, spec)
    return question


def is_timed(spec: SitingSpec) -> bool:
    """Tell whether a question is about times beyond the limit."""
    return spec.asked in ("mean", "worst")


def on_the_clock(before: Coverage, snaps: pd.DataFrame, starts: pd.Series, *, search_s: float) -> Times:
    """Give response times within ``search_s``: each site's travel after its own start on the clock."""
    start_ms = np.rint(starts.to_numpy(dtype=float) * 1000.0).astype(np.int64)
    travel_s = search_s - start_ms.min() / 1000.0
    if travel_s < 0.0:
        raise InputError(Message("siting.no_engine", {"limit_s": search_s}))
    times = travel_times(
        before.network, snaps, before.demand_snaps, direction=before.direction, limit_s=travel_s
    )
    ms = times.ms + np.repeat(start_ms, np.diff(times.start))
    inside = ms <= limit_ms(search_s)
    return replace(
        times,
        start=np.concatenate([[0], np.cumsum(inside)])[times.start],
        demand=times.demand[inside],
        ms=ms[inside].astype(np.int32),
        limit_s=search_s,
    )


def new_facilities(candidates: gpd.GeoDataFrame, *, turnout_s: float = np.nan) -> gpd.GeoDataFrame:
    """Give candidates the columns that a clock asks for: they have no turnout of their own."""
    return candidates.assign(turnout_s=turnout_s)


def scenario_of(study: Study, spec: SitingSpec) -> ScenarioSpec | None:
    """Give the scenario under which sites are sought; None for the district as it is.

    Raises
    ------
    StudyError
        No scenario of the study has the name, or it stands for several.
    """
    if spec.scenario is None:
        return None
    single = {one.name: one for one in study.scenarios if not (one.plan_projects or one.is_each_station)}
    if spec.scenario not in single:
        raise StudyError(Message("siting.no_scenario", {"name": spec.scenario, "known": tuple(single)}))
    return single[spec.scenario]


def turnout_of(study: Study, spec: SitingSpec) -> float:
    """Give the turnout that the scenario sets for every station; nan where it is the standard's."""
    scenario = scenario_of(study, spec)
    return np.nan if scenario is None or scenario.turnout_s is None else scenario.turnout_s


def check_options(spec: SitingSpec, sifted: Sifted, before: Coverage, *, people_limit: float) -> None:
    """Check what can be told before any time is computed."""
    forced = named_sites(spec.forced_in, sifted, what="forced_in")
    barred = named_sites(spec.forced_out, sifted, what="forced_out")
    both = forced.intersection(barred)
    if len(both):
        raise InputError(Message("siting.forced_both", {"names": name_some(both)}))
    n_free = len(sifted.kept) - len(barred)
    n = sum(spec.n_per_year) if spec.goal == "programme" else spec.n
    if spec.asked not in ("fewest", "budget"):
        if n > n_free:
            raise InputError(Message("siting.few_candidates", {"n": n, "n_free": n_free}))
        if n < len(forced):
            raise InputError(Message("siting.many_forced", {"n": n, "n_forced": len(forced)}))
    if (spec.asked == "fewest" and spec.by_cost) or spec.goal == "budget":
        bad = sifted.kept.index[~(sifted.kept["cost"].astype(float) >= 0.0)]
        if len(bad):
            raise InputError(Message("siting.no_cost", {"n": len(bad), "names": name_some(bad)}))
    if spec.asked == "capacity" and not spec.is_split:
        _check_largest(before.table, spec.max_people or people_limit)


def _check_largest(demand: pd.DataFrame, limit: float) -> None:
    over = demand[demand["people"] > limit]
    if len(over):
        raise InputError(
            Message(
                "siting.place_too_large", {"n": len(over), "limit": limit, "names": name_some(over.index)}
            )
        )


def check_everybody(question: Question, spec: SitingSpec) -> None:
    """Raise when no choice of candidates brings the share in time; name who is left."""
    total, reached = question.people * question.weights, question.is_reachable
    most = float(total[reached].sum() / total.sum()) if total.sum() else 1.0
    lost = ~reached & (question.people > 0.0).to_numpy()
    if most < spec.share - 1e-12:
        n = float(question.people[lost].sum())
        raise InfeasibleError(
            Message(
                "siting.unreachable",
                {
                    "people": n,
                    "n": lost.sum(),
                    "names": name_some(question.called[lost].tolist()),
                    "most": np.floor(most * 1e4) / 1e4,
                    "share": spec.share,
                },
            )
        )


def _sites(study: Study, spec: SitingSpec, stations: pd.Index, sifted: Sifted) -> pd.DataFrame:
    candidates = sifted.kept.index
    status = pd.Series("candidate", index=stations.append(candidates), dtype=object)
    status[stations] = "existing"
    status[named_sites(spec.forced_in, sifted, what="forced_in")] = "forced_in"
    status[named_sites(spec.forced_out, sifted, what="forced_out")] = "forced_out"
    sites = pd.DataFrame({"status": status})
    if (spec.asked == "fewest" and spec.by_cost) or spec.goal == "budget":
        sites["cost"] = sifted.kept["cost"].astype(float).reindex(sites.index).fillna(0.0)
    if spec.asked == "capacity":
        sites["capacity"] = spec.max_people or study.response.people_limit
    return sites
