"""One planner at work: what was changed, what was taken back, and the state that it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count

from geo.errors import InputError
from geo.messages import Message
from geo.serve.changes import MOST_CHANGES, Add, AddAll, Change, CloseRoad, Flood, Lines, Load, Move
from geo.serve.folding import Plan, count_steps, fold, steps_of
from geo.serve.live_study import Held, LiveStudy, State

__all__ = ["Session"]

_PREFIX = "new"


class Session:
    """The changes of one planner, with undo and redo; a change that cannot be carried out changes nothing.

    Parameters
    ----------
    live : LiveStudy
        The study; shared by all planners and never changed.
    done, undone : iterable of Change
        As an earlier session left them.

    Attributes
    ----------
    version : int
        One more with each change of the state: what is told of a state later says which it was.
    """

    def __init__(
        self, live: LiveStudy, *, done: Iterable[Change] = (), undone: Iterable[Change] = ()
    ) -> None:
        self.live = live
        self.done, self.undone = tuple(done), tuple(undone)
        self.held: Held | None = None
        self.version = 0
        self.state = self._state_of(self.done)

    def apply(self, change: Change) -> State:
        """Make a change.

        Raises
        ------
        GeoError
            It cannot be carried out; the session is as it was.
        """
        if count_steps((*self.done, change)) > MOST_CHANGES:
            raise InputError(Message("serve.too_many_changes", {"most": MOST_CHANGES}))
        named = self._with_id(change)
        return self._become((*self.done, named), ())

    def attempt(self, change: Change) -> State:
        """Give the state that a change would lead to, without making it: a slider on its way."""
        return self.live.state(self.plan_with(change))

    def plan_with(self, change: Change) -> Plan:
        """Give what all changes and one more come to, without making it."""
        return self._plan_of((*self.done, self._with_id(change)))

    def undo(self) -> State:
        """Take the last change back; nothing where there is none."""
        if not self.done:
            return self.state
        return self._become(self.done[:-1], (*self.undone, self.done[-1]))

    def redo(self) -> State:
        """Make the change again that was taken back last; nothing where there is none."""
        if not self.undone:
            return self.state
        return self._become((*self.done, self.undone[-1]), self.undone[:-1])

    def hold(self, station: str, *, turnout_s: float | None = None) -> Held:
        """Take a station into the hand; ``""`` is a new one. It stays there until something is changed.

        Raises
        ------
        InputError
            There is no such station, or it does not answer.
        """
        if self.held is None or not self.holds(station):
            self._require_known(station)
            self.held = self.live.hold(self.state, station or self.free_id(), turnout_s=turnout_s)
        return self.held

    def holds(self, station: str) -> bool:
        """Say whether a station is in the hand; ``""`` is a new one."""
        held = self.held
        return (
            held is not None and held.state is self.state and station == ("" if held.is_new else held.station)
        )

    def free_id(self) -> str:
        """Give an id that no facility has and no change ever gave."""
        return next(self._free_ids())

    def _free_ids(self) -> Iterator[str]:
        taken = {*_ids_of((*self.done, *self.undone)), *self.live.inputs.facilities.index}
        return (name for i in count(1) if (name := f"{_PREFIX}-{i}") not in taken)

    def _require_known(self, station: str) -> None:
        """Check that an id is one of the layers or of an added station: parts of names are not guessed."""
        if station and station not in self.state.inputs.facilities.index:
            raise InputError(Message("scenarios.no_id", {"id": station}))

    def _with_id(self, change: Change) -> Change:
        if isinstance(change, AddAll):
            return AddAll(self._named(change.sites))
        if isinstance(change, Add):
            return self._named([change])[0]
        if isinstance(change, Flood):
            for lon, lat in change.area:
                self.live.place(lon, lat)
        if isinstance(change, Move | CloseRoad):
            self.live.place(change.lon, change.lat)
        self._require_known(getattr(change, "station", ""))
        return change

    def _named(self, sites: Sequence[Add]) -> tuple[Add, ...]:
        """Give facilities that are added the ids that they lack; one that is given must be free."""
        taken = {*_ids_of(steps_of(self.done)), *self.live.inputs.facilities.index}
        free = self._free_ids()
        named: list[Add] = []
        for site in sites:
            self.live.place(site.lon, site.lat)
            if site.id and site.id in taken:
                raise InputError(Message("serve.id_taken", {"id": site.id}))
            name = site.id or next(i for i in free if i not in taken)
            taken.add(name)
            named.append(replace(site, id=name))
        return tuple(named)

    def _become(self, done: tuple[Change, ...], undone: tuple[Change, ...]) -> State:
        state = self._state_of(done)
        self.done, self.undone, self.state, self.held = done, undone, state, None
        self.version += 1
        return state

    def _state_of(self, done: Iterable[Change]) -> State:
        return self.live.state(self._plan_of(done))

    def _plan_of(self, done: Iterable[Change]) -> Plan:
        return fold(done, kind=self.live.study.response.facility_kind)


def _ids_of(changes: Iterable[Change]) -> set[str]:
    """Give the ids of all stations that were added, also inside scenarios that were loaded."""
    ids: set[str] = set()
    for change in changes:
        if isinstance(change, Load):
            ids |= _ids_of(change.steps)
        elif isinstance(change, AddAll):
            ids |= _ids_of(change.sites)
        elif isinstance(change, Add):
            ids.add(change.id)
        elif isinstance(change, Lines):
            ids |= {add.id for add in change.add if add.id}
    return ids
