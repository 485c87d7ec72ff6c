"""Areas under water: drawn in the study's metres, kept in degrees, given back to be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.errors import InputError
from geo.messages import Message
from geo.ranges import Place
from geo.serve.live_study import LiveStudy
from geo.serve.states import State
from geo.settings import read_section
from geo.study import CloseRoadsSpec

__all__ = ["flood_rings", "is_drawn", "with_degrees"]


@dataclass(frozen=True)
class _Corner:
    """A corner of an area, in the study's metres."""

    x: Place
    y: Place


@dataclass(frozen=True)
class _Drawn:
    """An area as a page draws it."""

    corners: tuple[_Corner, ...]


def with_degrees(live: LiveStudy, message: Mapping[str, Any]) -> dict[str, Any]:
    """Give a message with ``area`` in degrees where it says ``corners`` in the study's metres.

    Raises
    ------
    InputError
        A corner is no place of the study.
    """
    if "corners" not in message:
        return dict(message)
    faults: list[Message] = []
    drawn = read_section(_Drawn, {"corners": message["corners"]}, where="[flood]", faults=faults)
    if drawn is None or faults:
        raise InputError(Message("serve.bad_change"), faults=faults)
    area = []
    for corner in drawn.corners:
        live.require_inside(corner.x, corner.y)
        area.append(list(live.lonlat(corner.x, corner.y)))
    return {**{name: value for name, value in message.items() if name != "corners"}, "area": area}


def flood_rings(live: LiveStudy, state: State) -> list[list[tuple[float, float]]]:
    """Give the outlines of the areas under water, in the study's metres."""
    areas = (roads.area for roads in state.plan.scenario.close_roads if is_drawn(roads))
    return [[live.place(*corner).coords[0] for corner in area or ()] for area in areas]


def is_drawn(roads: CloseRoadsSpec) -> bool:
    """Say whether roads are closed by an area in degrees and nothing else, as the page draws it."""
    return roads == CloseRoadsSpec(area=roads.area) and roads.area is not None
