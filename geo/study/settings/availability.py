"""Settings of busy engines: calls, crews, what is asked for at an incident, and what is simulated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from geo.messages import Message
from geo.ranges import MinutesAboveZero, PeopleAboveZero, Range, Share
from geo.settings import NOTHING, unknown

__all__ = ["OTHER_TYPE", "AvailabilitySpec", "CallTypeSpec", "EngineSpec", "ForceSpec"]

OTHER_TYPE: Final = "other_type"
"""Recorded calls of no type that the study knows."""
Pieces = Annotated[int, Range(0, 1000, "pieces")]


@dataclass(frozen=True)
class EngineSpec:
    """A kind of engine, such as 水罐车 or 云梯车.

    ``column`` is the header of the stations' layers with how many each station has; ``n`` are taken where it
    is left out, or a station's cell is empty. ``riders`` is the most firefighters on one of them,
    ``riders_per_engine`` where it is left out.
    """

    name: str
    column: str | None = None
    n: Pieces = 0
    riders: Annotated[float, Range(0.0, 1000.0, "people")] | None = None


@dataclass(frozen=True)
class CallTypeSpec:
    """A type of call: which engines it asks for, how often it comes, how long it lasts.

    ``engines`` says how many of each kind. ``share`` of the calls are of this type, in any unit; left out for
    all types, it is counted in the records (``[[calls]]``). ``words`` are what the records say in their
    column of types; the name alone when empty. ``service_min`` takes the place of that of the section. Only
    places whose ``risk`` is at least ``risk_from`` (and below ``risk_below``) call so.
    """

    name: str
    engines: Mapping[str, Pieces]
    share: Annotated[float, Range(0.0, 1e9)] | None = None
    words: Sequence[str] = ()
    service_min: MinutesAboveZero | None = None
    risk_from: Annotated[float, Range(0.0, 1e6)] = 0.0
    risk_below: Annotated[float, Range(0.0, 1e6)] | None = None

    @property
    def meant(self) -> frozenset[str]:
        """The words of records that mean this type, as they are compared."""
        return frozenset(word.strip().casefold() for word in (self.words or (self.name,)))


@dataclass(frozen=True)
class ForceSpec:
    """An effective response force: what must be there, and by when.

    ``name`` is its class of risk, such as 高层建筑. ``n_engines`` and ``n_firefighters`` must be at the place
    within ``limit_min`` of response; ``engines`` asks for so many of single kinds among them. Only places
    whose ``risk`` is at least ``risk_from`` (and below ``risk_below``) are asked about; all of them when left
    out.
    """

    name: str
    limit_min: MinutesAboveZero
    n_engines: Annotated[int, Range(1, 1000, "pieces")] = 1
    n_firefighters: Annotated[float, Range(0.0, 10_000.0, "people")] = 0.0
    engines: Mapping[str, Pieces] = field(default_factory=lambda: NOTHING)
    risk_from: Annotated[float, Range(0.0, 1e6)] = 0.0
    risk_below: Annotated[float, Range(0.0, 1e6)] | None = None


@dataclass(frozen=True)
class AvailabilitySpec:
    """What happens when engines may be out.

    Parameters
    ----------
    calls_per_year_per_10000 : float, optional
        Calls a year for 10,000 people, everywhere alike.
    calls_column : str, optional
        Instead of that: header of the people layers (``method = "points"``) with the calls a year of each
        place.
    calls_recorded : bool
        Instead of both: the calls of the records (``[[calls]]``), each at the nearest place of the people
        layers, as many a year as in the days from the first to the last.
    calls_source : str
        Where that number comes from; without it results say that it is assumed.
    service_min : float
        Mean minutes from the dispatch until an engine is free again.
    service_recorded : bool
        Whether the mean of the records takes the place of ``service_min``, where 30 or more are known.
    crews : int
        Engines with a crew of a station whose list does not say how many; not used where there are kinds.
    engines : tuple of EngineSpec
        Kinds of engine; the first one is the kind by which busy engines are told. All alike when empty.
    call_types : tuple of CallTypeSpec
        Types of call, each with the kinds of engine that it asks for.
    staff_share : float
        Share of a station's staff that is on duty and rides.
    riders_per_engine : float
        Most firefighters on an engine.
    is_queued : bool
        Whether calls wait while no engine is free, instead of being left to help from outside.
    reach_min : float, optional
        Longest response of a station that is sent at all; every route counts when left out.
    force : tuple of ForceSpec
        Forces that are asked for, by class of risk.
    hour_shares, month_shares : sequence of float
        How calls are spread over the 24 hours and the 12 months, in any unit; evenly when empty
        (``geo simulate`` only, as all below).
    service : str
        Whether the minutes of service vary (``exponential``) or are always ``service_min`` (``fixed``).
    engines_per_call : int
        Engines that each call asks for, of the first kind; not beside ``call_types``.
    cover_moves : bool
        Whether a station whose last engine leaves gets one from the nearest that keeps ``cover_keep``.
    cover_keep : int
        Free engines that a station keeps which sends one to cover.
    years, runs, seed : float, int, int
        Length of each simulated run, how many there are, and by which chance.
    """

    calls_per_year_per_10000: Annotated[float, Range(0.0, 1e6)] | None = None
    calls_column: str | None = None
    calls_recorded: bool = False
    calls_source: str = ""
    service_min: MinutesAboveZero = 60.0
    service_recorded: bool = False
    crews: Annotated[int, Range(1, 1000, "pieces")] = 1
    engines: tuple[EngineSpec, ...] = ()
    call_types: tuple[CallTypeSpec, ...] = ()
    staff_share: Share = 1.0
    riders_per_engine: PeopleAboveZero = 6.0
    is_queued: bool = False
    reach_min: MinutesAboveZero | None = None
    force: tuple[ForceSpec, ...] = ()
    hour_shares: Sequence[Annotated[float, Range(0.0, 1e9)]] = ()
    month_shares: Sequence[Annotated[float, Range(0.0, 1e9)]] = ()
    service: Literal["exponential", "fixed"] = "exponential"
    engines_per_call: Annotated[int, Range(1, 100, "pieces")] = 1
    cover_moves: bool = False
    cover_keep: Annotated[int, Range(0, 1000, "pieces")] = 1
    years: Annotated[float, Range(0.0, 1000.0, "year", is_above=True)] = 1.0
    runs: Annotated[int, Range(1, 100_000, "pieces")] = 20
    seed: Annotated[int, Range(0, 2**31 - 1)] = 0

    def faults(self) -> list[Message]:
        """List the settings that contradict each other, or without which nothing can be said."""
        faults = []
        ways = (self.calls_per_year_per_10000 is not None, self.calls_column is not None, self.calls_recorded)
        if sum(ways) != 1:
            faults.append(Message("settings.calls_one_way"))
        for name, n in (("hour_shares", 24), ("month_shares", 12)):
            shares = getattr(self, name)
            if len(shares) and (len(shares) != n or not sum(shares) > 0.0):
                faults.append(Message("settings.shares_wrong", {"key": name, "n": n, "found": len(shares)}))
        names = [force.name.strip() for force in self.force]
        if len(set(names)) < len(names) or "" in names:
            faults.append(Message("settings.force_names"))
        faults += [
            Message("settings.force_risk", {"name": force.name})
            for force in self.force
            if force.risk_below is not None and force.risk_below <= force.risk_from
        ]
        return [*faults, *self._engine_faults(), *self._type_faults()]

    def _engine_faults(self) -> Iterator[Message]:
        """List what is wrong with kinds of engine, and where they are asked for."""
        kinds = [kind.name for kind in self.engines]
        if len({kind.strip() for kind in kinds}) < len(kinds) or not all(kind.strip() for kind in kinds):
            yield Message("settings.engine_names")
        for kind in self.engines:
            if kind.column is None and kind.n == 0:
                yield Message("settings.engine_none", {"name": kind.name})
        asking = [(f"[[force]] {force.name}", force.engines) for force in self.force]
        asking += [(f"[[call_types]] {each.name}", each.engines) for each in self.call_types]
        for where, engines in asking:
            yield from (unknown(f"{where} engines", each, kinds) for each in engines if each not in kinds)

    def _type_faults(self) -> Iterator[Message]:
        """List what is wrong with types of call."""
        types = self.call_types
        if not types:
            return
        names = [each.name.strip() for each in types]
        if len(set(names)) < len(names) or "" in names:
            yield Message("settings.type_names")
        words = [word for each in types for word in each.meant]
        twice = sorted({word for word in words if words.count(word) > 1})
        if twice:
            yield Message("settings.type_words", {"words": tuple(twice)})
        if self.engines_per_call != 1:
            yield Message("settings.type_engines_per_call")
        told = [each.share for each in types if each.share is not None]
        if told and (len(told) < len(types) or not sum(told) > 0.0):
            yield Message("settings.type_shares")
        for each in types:
            if not sum(each.engines.values()) > 0:
                yield Message("settings.type_no_engines", {"name": each.name})
            if each.risk_below is not None and each.risk_below <= each.risk_from:
                yield Message("settings.type_risk", {"name": each.name})
