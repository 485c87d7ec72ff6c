"""What was decided about the sources of a folder."""

from __future__ import annotations

from dataclasses import dataclass, field

from geo.draft.entries import Entry
from geo.draft.look import Look
from geo.draft.placing import NamedPlaces
from geo.messages import Message

__all__ = ["Chosen", "Unused"]


@dataclass(frozen=True)
class Unused:
    """A source that is in no section, and why."""

    look: Look
    reason: Message


@dataclass
class Chosen:
    """What was decided about the sources of a folder.

    Parameters
    ----------
    entries : list of Entry
        Sections of the study.
    joined : list of Entry
        Sources that are read with another one, in its section.
    unused : list of Unused
        Sources that are in none.
    notes : list of Message
        What was noticed between them.
    places : dict
        By id of the look of a table the layers that have its places by name.
    """

    entries: list[Entry] = field(default_factory=list)
    joined: list[Entry] = field(default_factory=list)
    unused: list[Unused] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)
    places: dict[int, list[NamedPlaces]] = field(default_factory=dict)

    def leave(self, look: Look, reason: Message) -> None:
        """Put a source among those that are not used."""
        self.unused.append(Unused(look, reason))
