"""What answers of the live page need of the planner who asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from geo.serve.live_study import LiveStudy, State
from geo.serve.saving import Desk, Named
from geo.serve.session import Session
from geo.serve.sites import Sites
from geo.words import Lang

__all__ = ["Asker"]


class Asker(Protocol):
    """A planner, as those see it who answer.

    Attributes
    ----------
    name : str
        Of the session.
    live : LiveStudy
        The study.
    desk : Desk
        Where things are written.
    sites : Sites
        Candidates for new stations.
    session : Session
        What was changed.
    named : tuple of Named
        Scenarios under names.
    lang : {"zh", "en"}
        Of messages.
    is_second : bool
        Whether people are coloured by the second station.
    re : int or None
        Number of the question that is answered.
    """

    name: str
    session: Session
    named: tuple[Named, ...]
    lang: Lang
    is_second: bool
    re: int | None

    @property
    def live(self) -> LiveStudy:
        """Give the study."""

    @property
    def desk(self) -> Desk:
        """Give the folder."""

    @property
    def sites(self) -> Sites:
        """Give the candidates."""

    def after(self, state: State, header: Mapping[str, Any] = ...) -> bytes:
        """Keep what was done, and give the frame of the state."""
