"""What a drag needs, made ready before anybody drags: after installation it is compiled first."""

from __future__ import annotations

import contextlib
import threading
from typing import Final

from geo.errors import GeoError
from geo.serve.planner import Planner, Room
from geo.serve.saving import Saved, new_name

__all__ = ["warm_up", "warming"]

_UNSEEN_S: Final = 3.0
"""How long a page is waited for: what is made ready for a drag would keep it from being shown."""


def warm_up(room: Room) -> None:
    """Take a station into the hand as a planner does, twice: the second time it is there already.

    Nothing is changed or kept, and who drags meanwhile only waits for what is being compiled.

    Parameters
    ----------
    room : Room
        The study; nobody enters it.
    """
    state = room.live.today()
    placed = state.snaps.index[state.snaps["is_snapped"].to_numpy(bool)]
    at = state.stations.geometry.loc[placed[0]]
    planner = Planner(room, Saved(new_name()))
    planner.greet()
    for number in range(2):
        planner.answer({"id": number, "do": "drag", "station": placed[0], "x": at.x, "y": at.y, "area": True})


def warming(room: Room) -> threading.Thread:
    """Begin :func:`warm_up` once a page was greeted, or after a while; it ends with the process."""

    def work() -> None:
        room.is_greeted.wait(_UNSEEN_S)
        with contextlib.suppress(GeoError):
            warm_up(room)

    thread = threading.Thread(target=work, daemon=True, name="warm-up")
    thread.start()
    return thread
