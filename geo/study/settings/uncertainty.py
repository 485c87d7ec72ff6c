"""Settings of ranges: how often is drawn, how much, and what counts as sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from geo.ranges import Range

__all__ = ["UncertaintySpec"]

_Size = Annotated[float, Range(0.0, 9.0)]
_SizeM = Annotated[float, Range(0.0, 10_000.0, "m")]


@dataclass(frozen=True)
class UncertaintySpec:
    """How sure the figures are: each headline as a range over many draws.

    A size of a factor means that it lies between ``1 / (1 + size)`` and ``1 + size`` in 95 of 100 draws; a
    size in metres is the distance within which 95 of 100 true places lie. A size that is left out is that of
    the measured interval where the profile or the clock has one, else an assumption of
    ``layers/standards/uncertainty.toml``; 0 draws nothing.

    Parameters
    ----------
    draws, seed : int
        How often is drawn, and by which chance.
    range_share : float
        Share of the draws that a range holds: 0.9 is from 5 to 95 %.
    sure_share : float
        Share of the draws from which on a place is surely in time, or surely late.
    speed, speed_by_class : float, optional
        Sizes of the factor on all speeds, and on those of each class of road.
    junction_delay, access : float, optional
        Sizes of the factors on the delay at junctions, and on the speed between points and their road.
    turnout, turnout_by_station : float, optional
        Sizes of the factors on the turnout of all stations, and of each.
    start_loss : float, optional
        Size of the factor on the start loss of a clock that has one.
    position_m, station_position_m : float, optional
        How far true places of people and of stations may be from those in the files, metres.
    people, people_by_place : float, optional
        Sizes of the factors on the people of all places, and of each.
    land_draws : int
        Draws in which the share of land is measured too, which takes longest: half a second each for a
        district, some seconds for a city.
    places : int
        Places on the roads that are drawn in advance for each point; each draw takes one of them.
    scenarios : bool
        Whether the scenarios get ranges of what they change, on the same draws.
    plans : int
        Plans that ``geo site`` compares over the draws, with the chosen one.
    near_share : float
        Part of the best plan's value that a plan may lack and still count as nearly the best.
    """

    draws: Annotated[int, Range(1, 100_000, "pieces")] = 200
    seed: Annotated[int, Range(0, 2**31 - 1)] = 0
    range_share: Annotated[float, Range(0.5, 0.999, "share")] = 0.9
    sure_share: Annotated[float, Range(0.5, 1.0, "share", is_above=True)] = 0.95
    speed: _Size | None = None
    speed_by_class: _Size | None = None
    junction_delay: _Size | None = None
    access: _Size | None = None
    turnout: _Size | None = None
    turnout_by_station: _Size | None = None
    start_loss: _Size | None = None
    position_m: _SizeM | None = None
    station_position_m: _SizeM | None = None
    people: _Size | None = None
    people_by_place: _Size | None = None
    land_draws: Annotated[int, Range(0, 100_000, "pieces")] = 0
    places: Annotated[int, Range(1, 1000, "pieces")] = 20
    scenarios: bool = True
    plans: Annotated[int, Range(1, 100, "pieces")] = 5
    near_share: Annotated[float, Range(0.0, 1.0, "share")] = 0.01
