"""One study in memory, and the state of its district under any changes: exact, without a run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from geo._jit import kernels_loading
from geo.coverage import clock_starts
from geo.errors import InputError, StudyError
from geo.freeing import give_back, keep_little
from geo.messages import Message
from geo.routing import SnapRules, SpotSearch
from geo.serve.changes import PLACES
from geo.serve.figures import Codes, People, Was, code_of
from geo.serve.folding import Plan
from geo.serve.grounds import Ground, make_ground
from geo.serve.residents import bounds_of, people_of
from geo.serve.states import Dragged, Held, State, latest_that_counts, respond
from geo.serve.tally import Tally
from geo.serve.two_best import best_two
from geo.standards import ResponseStandard
from geo.study import (
    Inputs,
    OnStep,
    ScenarioSpec,
    Study,
    answering_stations,
    change_inputs,
    changed_files,
    expand_scenarios,
    make_ready,
    read_clock_of,
    require_any,
    snap_rules,
)
from geo.times import limit_ms

__all__ = ["Held", "LiveStudy", "State", "live_of", "open_study", "respond"]

_NAME: Final = "live"
"""Scenarios need a name; that of a state is given when it is exported."""
_NO_ROADS: Final[Mapping[str, Any]] = MappingProxyType(
    {"close_roads": (), "limit": (), "speed": (), "slow": (), "speed_factor": None}
)
"""What changes no roads: these parts of a scenario do."""
_MOST_GROUNDS: Final = 8


@dataclass(frozen=True, eq=False)
class LiveStudy:
    """A study in memory.

    Parameters
    ----------
    study : Study
        What was asked.
    inputs : Inputs
        The layers, as they are today.
    standard : ResponseStandard
        The study's clock.
    people : People
        Who lives where.
    rules : SnapRules
        How stations and people are put on roads.
    demand_snaps : DataFrame
        Where the people stand today.
    bounds : tuple of float
        West, south, east and north of where places may lie, in the study's metres.
    to_metres : Transformer
        From WGS 84, longitude first; the change that a place in a study file undergoes.
    scenarios : tuple of ScenarioSpec
        Those of the study file, and those that its plan wants.
    """

    study: Study
    inputs: Inputs
    standard: ResponseStandard
    people: People = field(repr=False)
    rules: SnapRules = field(repr=False)
    demand_snaps: pd.DataFrame = field(repr=False)
    bounds: tuple[float, float, float, float]
    to_metres: Transformer = field(repr=False)
    scenarios: tuple[ScenarioSpec, ...] = ()
    _grounds: OrderedDict[str, tuple[Ground, Inputs]] = field(default_factory=OrderedDict, repr=False)
    _today: dict[str, State] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def state(self, plan: Plan) -> State:
        """Give the state of the district under a plan.

        Raises
        ------
        GeoError
            The plan cannot be carried out; the message says why, as that of ``geo run`` does.
        """
        if plan == Plan(ScenarioSpec()) and _NAME in self._today:
            return self.today()  # each planner begins with it
        standard = self.clock(plan.limit_s)
        ground, inputs = self._changed(plan)
        stations = answering_stations(self.study, inputs)
        require_any(self.study, inputs, stations)
        snaps, starts_s = ground.snap(stations), clock_starts(stations, standard)
        limit = limit_ms(standard.limit_s)
        best = best_two(enumerate(responses(ground, snaps, starts_s)), len(self.people.people), limit)
        first_ms = best.first_ms if plan.is_today else self.today().best.first_ms
        was = Was.of(self.people, first_ms, limit)
        figures = Tally.of(self.people, best, limit_ms=limit, n_stations=len(stations), was=was).figures()
        return State(plan, standard, inputs, stations, starts_s, snaps, ground, best, was, figures)

    def inputs_of(self, plan: Plan) -> Inputs:
        """Give the layers under a plan; errors as of :meth:`state`."""
        return self._changed(plan)[1]

    def _changed(self, plan: Plan) -> tuple[Ground, Inputs]:
        ground, inputs = self._ground(plan.scenario)
        stationary = replace(plan.scenario, name=_NAME, **_NO_ROADS)
        if stationary == ScenarioSpec(_NAME):
            return ground, inputs
        changed = change_inputs(self.study, self.inputs, stationary)
        return ground, replace(changed, network=ground.network, walking=ground.walking)

    def today(self) -> State:
        """Give the state without any change."""
        if _NAME not in self._today:
            self._today[_NAME] = self.state(Plan(ScenarioSpec()))
        return self._today[_NAME]

    def require_unchanged(self) -> None:
        """Check that the files of the study are those that were read: others have other numbers.

        Raises
        ------
        StudyError
            Some were changed or are gone.
        """
        changed = changed_files(self.inputs.stamps)
        if changed:
            raise StudyError(Message("serve.changed_since", {"files": ", ".join(changed[:5])}))

    def clock(self, limit_s: float | None) -> ResponseStandard:
        """Give the study's clock, with another limit where one is asked for: the travel takes what is left.

        Raises
        ------
        InputError
            The call and the turnout alone take longer.
        """
        standard = self.standard
        if limit_s is None or limit_s == standard.limit_s:
            return standard
        travel_s = round(limit_s - standard.call_s - standard.turnout_s, 3)
        if not travel_s > 0:
            least = standard.call_s + standard.turnout_s
            raise InputError(Message("serve.limit_too_short", {"limit": limit_s, "least": least}))
        return replace(standard, name=f"{standard.name}-{limit_s:g}s", travel_s=travel_s)

    def _ground(self, scenario: ScenarioSpec) -> tuple[Ground, Inputs]:
        """Give the roads of a scenario; those that were asked for lately are kept."""
        roads = ScenarioSpec(_NAME, **{part: getattr(scenario, part) for part in _NO_ROADS})
        key = repr(roads)  # its lists cannot be hashed
        with self._lock:
            if key in self._grounds:
                self._grounds.move_to_end(key)
                return self._grounds[key]
        inputs = self.inputs
        if roads.changes_roads:
            inputs = change_inputs(self.study, inputs, roads)
        ground = make_ground(inputs.network, inputs.walking, self.demand_snaps, self.rules)
        with self._lock:
            self._grounds[key] = ground, inputs
            others = (other for other in [*self._grounds] if other != repr(ScenarioSpec(_NAME)))
            while len(self._grounds) > _MOST_GROUNDS:  # those of today stay
                del self._grounds[next(others)]
        return ground, inputs

    def hold(self, state: State, station: str, *, turnout_s: float | None = None) -> Held:
        """Take a station into the hand; one that the state has not is a new one.

        Raises
        ------
        InputError
            The station is there but does not answer, such as one that is closed.
        """
        stations = state.stations
        is_held = np.asarray(stations.index == station)
        if station in state.inputs.facilities.index and not is_held.any():
            raise InputError(Message("serve.not_answering", {"station": station}))
        position = int(np.argmax(is_held)) if is_held.any() else len(stations)
        if is_held.any():
            start_s = float(state.starts_s.iloc[position])
        else:
            start_s = self._start_of_new(state, turnout_s)
        rows = responses(state.ground, state.snaps, state.starts_s)
        others = ((i, row) for i, row in enumerate(rows) if i != position)
        rest = Tally.of(
            self.people,
            best_two(others, len(self.people.people), state.limit_ms),
            limit_ms=state.limit_ms,
            n_stations=max(len(stations), position + 1),
            was=state.was,
        )
        search = SpotSearch(state.ground.search, latest_that_counts(state, position, start_s))
        return Held(state, station, position, start_s, rest, search)

    def _start_of_new(self, state: State, turnout_s: float | None) -> float:
        held = state.plan.scenario.turnout_s
        own = turnout_s if held is None else held
        row = pd.DataFrame({"turnout_s": [np.nan if own is None else own]})
        return float(clock_starts(row, state.standard).iloc[0])

    def drag(self, held: Held, lon: float, lat: float, *, second: bool = False) -> Dragged:
        """Give what the station in hand is at a place: one search, and sums over the points that it reaches.

        Parameters
        ----------
        held : Held
            The station.
        lon, lat : float
            The place, WGS 84.
        second : bool
            Whether people are coloured by the second station.

        Raises
        ------
        InputError
            The place lies outside the study.
        """
        return held.at(held.state.ground.spot(self.place(lon, lat)), second=second)

    def codes(self, state: State, *, second: bool = False) -> Codes:
        """Give a byte for each demand point; see :func:`geo.serve.figures.code_of`."""
        return code_of(self.people, state.best, is_second=second, limit_ms=state.limit_ms, was=state.was)

    def place(self, lon: float, lat: float) -> shapely.Point:
        """Give a place in the study's metres, exactly as a scenario of the study file would.

        Raises
        ------
        InputError
            It lies outside the study.
        """
        point = shapely.Point(np.round(self.to_metres.transform(lon, lat), 3))
        if not self._is_inside(point.x, point.y):
            raise InputError(Message("serve.outside", {"lon": lon, "lat": lat}))
        return point

    def require_inside(self, x: float, y: float) -> None:
        """Check that a place in the study's metres may be asked about.

        Raises
        ------
        InputError
            It lies outside the study.
        """
        if not self._is_inside(x, y):
            raise InputError(Message("serve.outside", {"lon": x, "lat": y}))

    def _is_inside(self, x: float, y: float) -> bool:
        west, south, east, north = self.bounds
        return west <= x <= east and south <= y <= north

    def lonlat(self, x: float, y: float) -> tuple[float, float]:
        """Give a place of the study's metres in degrees, with the digits that are kept."""
        lon, lat = self.to_metres.transform(x, y, direction="INVERSE")
        return round(float(lon), PLACES), round(float(lat), PLACES)


def responses(ground: Ground, snaps: pd.DataFrame, starts_s: pd.Series) -> list[NDArray[np.int32]]:
    """Give the response of each station to everybody: the clock's start and the travel."""
    return [
        respond(row, access_s, start_s)
        for row, access_s, start_s in zip(ground.rows(snaps), snaps["access_s"], starts_s, strict=True)
    ]


def open_study(study: Study, *, step: OnStep = lambda step: None) -> LiveStudy:
    """Read a study into memory: its layers, its clock, and where its people stand.

    Raises
    ------
    GeoError
        The study cannot be run; the message is that of ``geo run``.
    """
    keep_little()
    return live_of(study, make_ready(study, step=step).inputs)


def live_of(study: Study, inputs: Inputs) -> LiveStudy:
    """Give a study whose layers are read.

    Raises
    ------
    GeoError
        Its clock cannot be read, or no station stands on the roads.
    """
    keep_little()
    standard = read_clock_of(study, study.response.standard)
    rules = snap_rules(study, inputs)
    demand = inputs.demand
    if rules.barriers is not None:
        rules = replace(rules, barriers=rules.barriers.geometry)  # asked for at each place of a drag
    with kernels_loading():
        snaps = rules.snap(demand, inputs.network)
    live = LiveStudy(
        study=study,
        inputs=inputs,
        standard=standard,
        people=people_of(study, inputs),
        rules=rules,
        demand_snaps=snaps,
        bounds=bounds_of(inputs),
        to_metres=Transformer.from_crs(4326, inputs.network.crs, always_xy=True),
        scenarios=expand_scenarios(study, inputs)[0],
    )
    live.today()
    give_back()
    return live
