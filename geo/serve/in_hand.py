"""What is in a planner's hand: a station, shelter, depot or hydrant on its way, and what it would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from geo.errors import GeoError
from geo.ranges import Range
from geo.serve.asked import is_id, read_asked, tell_error, with_lonlat
from geo.serve.asker import Asker
from geo.serve.changes import PLACES, Add, Move
from geo.serve.checking import Checker
from geo.serve.frames import make_frame
from geo.serve.telling import RESOURCES, tell_checked, tell_resources

__all__ = ["Drag", "check_held", "follow", "is_of_resource"]


@dataclass(frozen=True)
class Drag:
    """A station in hand at a place; ``""`` is a new one. With ``area`` the roads are told that it reaches."""

    lon: Annotated[float, Range(-180.0, 180.0)]
    lat: Annotated[float, Range(-90.0, 90.0)]
    station: str = ""
    turnout_s: Annotated[float, Range(0.0, 3600.0, "s")] | None = None
    kind: str = ""
    area: bool = False

    @property
    def change(self) -> Add | Move:
        """What it would be if it were let go."""
        if self.station:
            return Move(self.station, self.lon, self.lat)
        return Add(self.lon, self.lat, turnout_s=self.turnout_s, kind=self.kind)


def is_of_resource(asker: Asker, message: Mapping[str, Any]) -> bool:
    """Say whether a message drags a shelter, depot or hydrant: it is answered by :func:`follow`."""
    if message.get("do") != "drag" or not is_id(message.get("id")):
        return False
    station, facilities = message.get("station", ""), asker.session.state.inputs.facilities
    if not station:
        return message.get("kind") in RESOURCES
    is_known = isinstance(station, str) and station in facilities.index
    return is_known and facilities.at[station, "kind"] in RESOURCES


def follow(asker: Asker, checker: Checker, message: Mapping[str, Any]) -> bytes:
    """Answer where a shelter, depot or hydrant is in hand: what it changes there; nothing is changed."""
    re, session = message["id"], asker.session
    try:
        asked, change = _held(asker, message)
        state, inputs = session.state, asker.live.inputs_of(session.plan_with(change))
        one = asked.station or session.free_id()  # the id that the plan gives a new one
        told = tell_resources(checker.compare(inputs, state, one))
    except GeoError as error:
        return make_frame({"kind": "error", "re": re, "why": tell_error(error, asker.lang)})
    place = {"station": asked.station, "lon": change.lon, "lat": change.lat}
    return make_frame({"kind": "followed", "re": re, **place, "resources": told})


def check_held(asker: Asker, checker: Checker, message: Mapping[str, Any]) -> bytes | None:
    """Compute the state with what is in hand let go where it is; None where it cannot be."""
    try:
        asked, change = _held(asker, message)
        checked = tell_checked(checker.check(asker.session.attempt(change)))
    except GeoError:  # told when it is let go there
        return None
    place = {"station": asked.station, "lon": change.lon, "lat": change.lat}
    return make_frame({"kind": "checked_in_hand", "of": message["id"], **place, **checked})


def _held(asker: Asker, message: Mapping[str, Any]) -> tuple[Drag, Add | Move]:
    """Read a drag, and what it would change: its place has the digits that are kept."""
    row = {name: value for name, value in message.items() if name != "id"}
    asked: Drag = read_asked(Drag, with_lonlat(asker.live, row))
    lon, lat = round(asked.lon, PLACES), round(asked.lat, PLACES)
    return asked, replace(asked.change, lon=lon, lat=lat)
