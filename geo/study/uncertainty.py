"""How much a study draws by chance: by its settings, by measured intervals, else by stated assumptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from geo.coverage import Coverage
from geo.messages import Message
from geo.settings import FixedMapping
from geo.standards import Interval, Intervals, SpeedProfile, load_intervals
from geo.study.inputs import Inputs, naming, own_or_known, profile_of
from geo.study.response import snap_rules
from geo.study.settings import Study, UncertaintySpec
from geo.uncertainty import Chances, Prepared, Sizes, prepare_states, size_of_interval
from geo.words import read_data

__all__ = ["Sized", "prepare_ranges", "sizes_of"]

_FACTORS: Final = {
    "speed": "speed",
    "speed_by_class": "by_class",
    "junction_delay": "junction",
    "access": "access",
    "turnout": "turnout",
    "turnout_by_station": "turnout_by_station",
    "start_loss": "start_loss",
    "people": "people",
    "people_by_place": "people_by_place",
}
"""Settings that are factors, and what the library calls them."""
_DISTANCES: Final = {"position_m": "position", "station_position_m": "station_position"}


@dataclass(frozen=True)
class Sized:
    """How much is drawn, and where each size comes from.

    Parameters
    ----------
    sizes : Sizes
        How much.
    notes : tuple of Message
        Each size with its origin: set in the study, measured, or assumed.
    """

    sizes: Sizes
    notes: tuple[Message, ...]


def sizes_of(study: Study, spec: UncertaintySpec, coverage: Coverage) -> Sized:
    """Give the sizes of a study: those it sets, else measured ones, else assumed ones.

    Where speeds of classes were measured nothing is drawn for all roads together: the intervals hold that.

    Parameters
    ----------
    study : Study
        For the profile of its roads and its clock.
    spec : UncertaintySpec
        Its ``[uncertainty]``.
    coverage : Coverage
        For its standard: what it has no time for is not drawn.

    Raises
    ------
    GeoError
        Intervals of the profile or the clock are wrong.
    """
    profile, measured = _measured(study)
    assumed = read_data("standards/uncertainty")
    standard = coverage.standard
    idle = {
        "start_loss": not standard.start_loss_s,
        "junction_delay": not profile.junction_delay_s,
        "turnout": standard.clock_start == "departure",
        "turnout_by_station": standard.clock_start == "departure",
    }
    # what the list of stations says goes before the clock, so the interval of the clock is not that of it
    n_own = int(coverage.stations["turnout_s"].notna().sum()) if "turnout_s" in coverage.stations else 0
    turnout_s = 0.0 if n_own else standard.turnout_s
    told = dict(_of_intervals(profile, measured, turnout_s, standard.start_loss_s))
    sizes: dict[str, float] = {}
    notes = []
    for name in (*_FACTORS, *_DISTANCES):
        own = getattr(spec, name)
        if idle.get(name, False):
            size, origin = 0.0, ""
        elif own is not None:
            size, origin = float(own), "set"
        elif name in told:
            size, origin = told[name], "measured"
        else:
            given = assumed[_DISTANCES.get(name, name)]
            size, origin = float(given["size_m" if name in _DISTANCES else "size"]), "assumed"
        sizes[name] = size
        if size > 0.0:
            notes.append(_note(name, size, origin))
    if n_own and measured[1].turnout_s is not None and spec.turnout is None and not idle["turnout"]:
        notes.append(Message("uncertainty.note_own_turnout", {"n": n_own}))
    classes = {} if spec.speed_by_class is not None else _class_sizes(measured)
    if classes:
        notes.append(Message("uncertainty.note_classes", {"n": len(classes)}))
    kept = {library: sizes[name] for name, library in _FACTORS.items()}
    return Sized(
        Sizes(**kept, **{name: sizes[name] for name in _DISTANCES}, classes=FixedMapping(classes)),
        tuple(notes),
    )


def prepare_ranges(
    study: Study,
    spec: UncertaintySpec,
    inputs: Inputs,
    coverage: Coverage,
    sizes: Sizes,
    *,
    like: Prepared | None = None,
) -> Prepared:
    """Make a state of the district ready for its draws.

    Parameters
    ----------
    study : Study
        For the profile of its roads, and how points are put on them.
    spec : UncertaintySpec
        The seed.
    inputs : Inputs
        For the barriers.
    coverage : Coverage
        The state: today, or a scenario.
    sizes : Sizes
        How much is drawn.
    like : Prepared, optional
        Another state: what is the same in both is not done again.
    """
    profile = profile_of(study, study.roads.profile)
    is_own = coverage.network.profile == profile.name  # else its times were not made of these delays
    return prepare_states(
        coverage,
        sizes,
        snapping=snap_rules(study, inputs),
        junction_delay_s=profile.junction_delay_s if is_own else 0.0,
        chances=Chances(spec.seed, min(spec.places, spec.draws)),
        like=like,
    )


def _measured(study: Study) -> tuple[SpeedProfile, tuple[Intervals, Intervals]]:
    """Give the profile of the roads, and the intervals of it and of the clock."""
    name, clock = study.roads.profile, study.response.standard
    with naming("roads"):
        profile = profile_of(study, name)
        of_profile = load_intervals(own_or_known(study, name), of="profile")
    with naming("response"):
        of_clock = load_intervals(own_or_known(study, clock), of="response")
    return profile, (of_profile, of_clock)


def _of_intervals(
    profile: SpeedProfile, measured: tuple[Intervals, Intervals], turnout_s: float, start_loss_s: float
) -> Iterator[tuple[str, float]]:
    """Give the sizes that were measured, by their settings."""
    of_profile, of_clock = measured
    if of_profile.speeds_kph:
        yield "speed", 0.0
    for name, interval, value in (
        ("access", of_profile.access_kph, profile.access_kph),
        ("junction_delay", of_profile.junction_delay_s, profile.junction_delay_s),
        ("turnout", of_clock.turnout_s, turnout_s),
        ("start_loss", of_clock.start_loss_s, start_loss_s),
    ):
        if interval is not None and value > 0.0:
            yield name, _size(interval, value)


def _class_sizes(measured: tuple[Intervals, Intervals]) -> dict[str, float]:
    return {name: size_of_interval(*interval) for name, interval in measured[0].speeds_kph.items()}


def _size(interval: Interval, value: float) -> float:
    """Give the size of an interval; of one from 0 how far it goes up, as no factor is 0."""
    low, high = interval
    return size_of_interval(low, high) if low > 0.0 else high / value - 1.0


def _note(name: str, size: float, origin: str) -> Message:
    values = {
        "what": Message(f"uncertainty.size_{name}"),
        "size": Message("uncertainty.size_metres", {"m": size})
        if name in _DISTANCES
        else Message("uncertainty.size_factor", {"low": 1.0 / (1.0 + size), "high": 1.0 + size}),
        "origin": Message(f"uncertainty.origin_{origin}"),
    }
    return Message("uncertainty.note_size", values)
