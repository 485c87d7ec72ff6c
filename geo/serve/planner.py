"""One planner's messages answered: what is asked is checked, done, kept, and told in frames."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event, Lock
from types import MappingProxyType
from typing import Any, Final, Literal

from geo.errors import FileError, GeoError, InputError
from geo.messages import Message
from geo.serve.asked import Look, is_id, read_asked, tell_error, with_lonlat
from geo.serve.changes import CHANGES, PLACES, read_change
from geo.serve.checking import Checker
from geo.serve.exporting import export_answers, long_answers
from geo.serve.flood import with_degrees
from geo.serve.frames import make_frame
from geo.serve.in_hand import Drag, check_held, follow, is_of_resource
from geo.serve.live_study import LiveStudy, State
from geo.serve.named import scenario_answers
from geo.serve.saving import Desk, Saved, new_name
from geo.serve.session import Session
from geo.serve.sites import Sites
from geo.serve.spot import spot_answers
from geo.serve.suggest import suggest_answers
from geo.serve.tasks import Task
from geo.serve.telling import (
    RESOURCES,
    tell_area,
    tell_checked,
    tell_drag,
    tell_place,
    tell_session,
    tell_state,
    tell_study,
    tell_today,
)
from geo.serve.told_codes import ToldCodes
from geo.settings import unknown
from geo.words import Lang

__all__ = ["Planner", "Room"]

_PLACED: Final = frozenset({"drag", "add", "move", "close_road", "near"})


_FEW_POINTS: Final = 20_000
"""Of those that a dragged station reaches: they take a millisecond or two."""


@dataclass(frozen=True)
class View:
    """Whether people are coloured by the first station or, when that is out, by the second."""

    which: Literal["first", "second"]


@dataclass(frozen=True)
class Speak:
    """The language of messages."""

    lang: Literal["zh", "en"]


@dataclass(frozen=True)
class Nothing:
    """No settings."""


class Room:
    """Who works on a study at the moment: each session has one planner at most.

    Parameters
    ----------
    live : LiveStudy
        The study.
    desk : Desk
        Where changes are kept.

    Attributes
    ----------
    is_greeted : Event
        Whether any planner was greeted by now.
    """

    def __init__(self, live: LiveStudy, desk: Desk) -> None:
        self.live, self.desk, self.checker, self.sites = live, desk, Checker(live, desk), Sites(live)
        self.is_greeted = Event()
        self._at_work: dict[str, Planner] = {}
        self._lock = Lock()

    def enter(self, name: str = "", *, is_fresh: bool = False) -> Planner:
        """Give a planner a session: the one asked for, else the last that nobody works on, else a new one.

        Who begins anew may name the session that is left: its named scenarios are taken along.
        Who names a session takes it over, also from a connection that has not noticed yet that it is dead.
        """
        with self._lock:
            saved = None if is_fresh else self._saved(name)
            planner = Planner(self, saved or Saved(new_name()), shelf=name if is_fresh else "")
            before = self._at_work.get(planner.name)
            if before is not None:
                before.is_replaced = True
            self._at_work[planner.name] = planner
        return planner

    def _saved(self, name: str) -> Saved | None:
        if name in self._at_work:
            planner = self._at_work[name]
            return Saved(name, planner.session.done, planner.session.undone)
        return self.desk.load(name) or self.desk.latest(besides=self._at_work)

    def leave(self, planner: Planner) -> None:
        """Let others take a session up."""
        with self._lock:
            if self._at_work.get(planner.name) is planner:
                del self._at_work[planner.name]


class Planner:
    """One planner at the page, or one script.

    Parameters
    ----------
    room : Room
        With all others.
    saved : Saved
        Changes of an earlier session.
    shelf : str
        Another session whose named scenarios are taken along.
    """

    def __init__(self, room: Room, saved: Saved, *, shelf: str = "") -> None:
        self.room, self.name = room, saved.name
        self.lang: Lang = _lang_of(room.live)
        self.resumed_at = saved.at if saved.done else ""
        before = shelf or saved.name
        self.named = room.desk.load_named(before)
        self.note: GeoError | None = None
        self.is_replaced = False
        self._lock = Lock()
        try:
            self.session = Session(room.live, done=saved.done, undone=saved.undone)
        except GeoError as error:  # the study has changed since: its changes do not fit any more
            self.session, self.note = Session(room.live), error
            self.name = new_name()  # what was done before stays as it was kept
        if self.named and self.name != before:
            with contextlib.suppress(FileError):  # the page says so at the first change
                room.desk.save_named(self.name, self.named)
        self.is_second = False
        self.re: int | None = None
        self._told = ToldCodes()
        self._answers: dict[str, tuple[type[Any], Callable[[Any], bytes]]] = {
            "drag": (Drag, self._drag),
            "undo": (Nothing, lambda _: self.after(self.session.undo())),
            "redo": (Nothing, lambda _: self.after(self.session.redo())),
            "view": (View, self._view),
            "speak": (Speak, self._speak),
            "look": (Look, self._look),
            "cancel": (Nothing, self._cancel),
            **export_answers(self),
            **scenario_answers(self),
            **spot_answers(self),
        }
        self._long = {**long_answers(self), **suggest_answers(self)}
        self._task: Task | None = None

    @property
    def live(self) -> LiveStudy:
        """The study."""
        return self.room.live

    @property
    def sites(self) -> Sites:
        """The candidates for new stations."""
        return self.room.sites

    @property
    def desk(self) -> Desk:
        """Where changes are kept."""
        return self.room.desk

    def greet(self) -> bytes:
        """Give the first frame: the study, the state and the code of every demand point."""
        live = self.room.live
        greeting = {
            "kind": "hello",
            "session": self.name,
            "resumed_at": self.resumed_at,
            "note": "" if self.note is None else tell_error(self.note, self.lang),
            "study": tell_study(live),
            "today": tell_today(live),
        }
        self._told = ToldCodes()
        return self._state_frame(greeting, self.session.state)

    def answer(self, message: Mapping[str, Any]) -> bytes:
        """Answer a message; a mistake in it is told and changes nothing."""
        re = message.get("id")
        try:
            if not is_id(re):
                raise InputError(Message("serve.no_id"))
            return self._answer(re, {name: value for name, value in message.items() if name != "id"})
        except GeoError as error:
            return make_frame(
                {"kind": "error", "re": re if is_id(re) else None, "why": tell_error(error, self.lang)}
            )

    def is_long(self, message: Mapping[str, Any]) -> bool:
        """Say whether a message asks for what takes long: it is answered by :meth:`work`."""
        return str(message.get("do")) in self._long and is_id(message.get("id"))

    def is_quick(self, message: Mapping[str, Any]) -> bool:
        """Say whether a drag costs a millisecond or two: its station is in hand and reaches few points."""
        held = self.session.held
        is_held = held is not None and self.session.holds(message.get("station", ""))
        return is_held and held is not None and held.n_reached <= _FEW_POINTS

    def is_of_resource(self, message: Mapping[str, Any]) -> bool:
        """Say whether a message drags a shelter, depot or hydrant: it is answered by :meth:`follow`."""
        return is_of_resource(self, message)

    def follow(self, message: Mapping[str, Any]) -> bytes:
        """Answer where a shelter, depot or hydrant is in hand: what it changes there."""
        return follow(self, self.room.checker, message)

    def check_held(self, message: Mapping[str, Any]) -> bytes | None:
        """Compute in full what is in hand, let go where it is; None where it cannot be."""
        return check_held(self, self.room.checker, message)

    def work(self, message: Mapping[str, Any], send: Callable[[bytes], None]) -> bytes:
        """Answer a message that asks for what takes long, with frames about how far it is; one at a time."""
        task = Task(message["id"], send)
        try:
            with self._lock:
                if self._task is not None:
                    raise InputError(Message("serve.busy"))
                self._task = task
            try:
                kind, answer = self._long[str(message["do"])]
                row = {name: value for name, value in message.items() if name != "id"}
                return answer(read_asked(kind, row), task)
            finally:
                self._task = None
        except GeoError as error:
            return make_frame({"kind": "error", "re": task.re, "why": tell_error(error, self.lang)})

    def stop(self) -> None:
        """Let what takes long end at its next step."""
        task = self._task
        if task is not None:
            task.stop()

    def check(self, state: State) -> bytes:
        """Compute a state in full, and give the frame that says whether it agrees, with the targets."""
        try:
            told = tell_checked(self.room.checker.check(state))
        except GeoError as error:
            told = {"why": tell_error(error, self.lang)}
        return make_frame({"kind": "checked", **told})

    def _answer(self, re: Any, message: dict[str, Any]) -> bytes:
        do = str(message.get("do"))
        placed = with_lonlat(self.live, message) if do in _PLACED else message
        if do == "flood":
            placed = with_degrees(self.live, message)
        self.re = re
        if do in self._answers:
            kind, answer = self._answers[do]
            return answer(read_asked(kind, placed))
        if do not in CHANGES:
            raise InputError(unknown("do", do[:80], {*CHANGES, *self._answers, *self._long}))
        is_attempt = placed.pop("try", False)
        if not isinstance(is_attempt, bool):
            raise InputError(Message("serve.bad_change"))
        change = read_change(placed)
        if is_attempt:
            return self._state_frame({"kind": "state", "is_attempt": True}, self.session.attempt(change))
        return self.after(self.session.apply(change))

    def _drag(self, asked: Drag) -> bytes:
        live = self.room.live
        own = live.study.response.facility_kind
        if asked.kind not in ("", own):
            raise InputError(unknown("kind", asked.kind[:80], {own, *RESOURCES}))
        lon, lat = round(asked.lon, PLACES), round(asked.lat, PLACES)  # where it will be when it is let go
        held = self.session.hold(asked.station, turnout_s=asked.turnout_s)
        dragged = live.drag(held, lon, lat, second=self.is_second)
        figures, by_part = tell_drag(dragged.figures, live.people.total)
        header = {
            "kind": "drag",
            "re": self.re,
            "station": held.station,
            "lon": lon,
            "lat": lat,
            "is_on_road": dragged.is_on_road,
            "figures": figures,
        }
        area: Mapping[str, Any] = {}
        if asked.area:
            header["is_area_cut"], area = tell_area(held.area(dragged.spot))
        return make_frame(header, {**self._told.drag(dragged), **by_part, **area})

    def _view(self, asked: View) -> bytes:
        self.is_second = asked.which == "second"
        return self._state_frame({"kind": "state"}, self.session.state)

    def _speak(self, asked: Speak) -> bytes:
        self.lang = asked.lang
        return make_frame({"kind": "done", "re": self.re})

    def _cancel(self, asked: Nothing) -> bytes:
        self.stop()
        return make_frame({"kind": "done", "re": self.re})

    def _look(self, asked: Look) -> bytes:
        place = tell_place(self.room.live, self.session.state, asked.x, asked.y)
        return make_frame({"kind": "place", "re": self.re, **place})

    def after(self, state: State, header: Mapping[str, Any] = MappingProxyType({})) -> bytes:
        """Keep what was done before it is told, perhaps with more of it in the header.

        Where it cannot be kept, as on a full disk, it is done all the same, and the page says so.
        """
        unsaved = {}
        try:
            self.room.desk.save(self.name, self.session.done, self.session.undone)
        except FileError as error:
            unsaved = {"unsaved": tell_error(error, self.lang)}
        return self._state_frame({"kind": "state", **unsaved, **header}, state)

    def _state_frame(self, header: Mapping[str, Any], state: State) -> bytes:
        live = self.room.live
        codes = live.codes(state, second=self.is_second)
        told = {"re": self.re, **tell_session(self.session), **tell_state(live, state)}
        return make_frame({**header, **told}, self._told.state(codes))


def _lang_of(live: LiveStudy) -> Lang:
    return live.study.study.lang
