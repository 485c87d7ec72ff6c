"""One section of a study file in the making: its source, its settings, and what is told beside each line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import shapely

from geo.draft.look import Look
from geo.draft.names import find_status, says
from geo.draft.questions import Answered
from geo.draft.roles import Claim, Role, say_role
from geo.messages import Message
from geo.settings import NOTHING

__all__ = ["Entry", "doubtful_status", "make_entry", "status_of"]

_FEWEST_CELLS: Final = 16
_UNEVEN: Final = 0.02
_MOST_CELLS: Final = 0.8


@dataclass(frozen=True, eq=False)
class Entry:
    """A layer of the study.

    Parameters
    ----------
    role : Role
        Its section and kind.
    look : Look
        Its source.
    reasons : tuple of Message
        Why it is taken for this.
    settings : mapping of str to object
        Keys of the section in their order, ``path`` first.
    notes : mapping of str to tuple of Message
        What is told beside a key.
    doubts : mapping of str to tuple of Answered
        Keys of which somebody should look at the value: questions that nobody answered.
    """

    role: Role
    look: Look
    reasons: tuple[Message, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    notes: Mapping[str, tuple[Message, ...]] = field(default_factory=lambda: NOTHING)
    doubts: Mapping[str, tuple[Answered, ...]] = field(default_factory=lambda: NOTHING)

    @property
    def label(self) -> str:
        """The source, for people to read."""
        return self.look.source.label

    @property
    def status(self) -> str:
        """The status of facilities; empty of anything else."""
        return str(self.settings.get("status", ""))

    def with_setting(self, key: str, value: Any, *notes: Message) -> Entry:
        """Give the entry with a setting, told by notes; None takes the setting away."""
        settings = {name: held for name, held in self.settings.items() if name != key or value is not None}
        if value is not None:
            settings[key] = value
        return replace(self, settings=settings).with_note(key, *notes)

    def with_note(self, key: str, *notes: Message) -> Entry:
        """Give the entry with more told beside a key."""
        return replace(self, notes={**self.notes, key: (*self.notes.get(key, ()), *notes)})

    def with_answer(self, key: str, answered: Answered) -> Entry:
        """Give the entry with what was answered about one of its settings."""
        if answered.answer.is_given:
            note = Message("draft.note_chosen", {"choice": answered.taken})
            return self.with_note(key, note)
        return replace(self, doubts={**self.doubts, key: (*self.doubts.get(key, ()), answered)})


def make_entry(look: Look, claim: Claim, *, others: tuple[Claim, ...] = ()) -> Entry:
    """Make the entry of a source that is taken for a role."""
    role, source = claim.role, look.source
    settings: dict[str, Any] = {"path": source.path}
    settings |= {
        key: value for key, value in (("layer", source.part.layer), ("sheet", source.part.sheet)) if value
    }
    notes: dict[str, tuple[Message, ...]] = {}
    if role.section == "facilities":
        status = status_of(look)
        settings |= {"kind": role.kind, "status": status or "existing"}
        if claim.n_rows and claim.n_rows < look.n_rows:
            notes["kind"] = (Message("draft.note_kinds", {"n": claim.n_rows, "n_rows": look.n_rows}),)
        notes["status"] = tuple(_told_of_status(look, status))
    elif role.section == "demand":
        settings["method"] = _method(role, look)
    elif role.section == "zones":
        settings["level"] = role.kind
    elif role.section in ("sensitive", "obstacles"):
        settings["kind"] = role.kind
    if look.columns and role.section != "calls":
        settings["columns"] = dict(look.columns)
        headers = tuple(look.columns.values())
        notes["columns"] = (Message("draft.note_columns", {"headers": headers}),)
    other = [say_role(claim.role) for claim in others if claim.role != role]
    if other:
        notes["path"] = (Message("draft.note_runner_up", {"other": other[0]}),)
    return Entry(role, look, claim.reasons[:3], settings, notes)


def status_of(look: Look) -> str:
    """Find the status that the names of a source say of what is in it, the nearest first."""
    said = (find_status(name) for name in look.source.names)
    return next((status for status, is_sure in said if status and is_sure), "")


def doubtful_status(look: Look) -> str:
    """Find a status that a name of the source says of something, perhaps of what is in it."""
    if "status" in look.headers or status_of(look):
        return ""
    said = (find_status(name)[0] for name in look.source.names[:2])
    return next((status for status in said if status and status != "existing"), "")


def _told_of_status(look: Look, status: str) -> Iterator[Message]:
    if "status" in look.headers:
        yield Message("draft.note_status_column", {"header": look.headers["status"]})
    elif status:
        name = next(name for name in look.source.names if find_status(name)[0] == status)
        yield Message("draft.note_status_name", {"name": name})


def _method(role: Role, look: Look) -> str:
    if look.shape == "osm":
        return "places"
    if look.shape == "raster":
        return "raster"
    if look.shape != "polygon":
        return "points"
    is_grid = any(says("grid", name) for name in look.source.names) or _are_squares(look)
    return "grid" if is_grid else "zones"


def _are_squares(look: Look) -> bool:
    """Whether the shapes are many rectangles of one size, as cells of a grid are and villages never."""
    if look.shapes is None or look.n_rows < _FEWEST_CELLS:
        return False
    shapes = look.shapes[~shapely.is_missing(look.shapes)]
    areas, hulls = shapely.area(shapes), shapely.area(shapely.envelope(shapes))
    is_full = np.abs(areas - hulls) <= _UNEVEN * hulls
    is_alike = np.abs(areas - np.median(areas)) <= _UNEVEN * np.median(areas)
    return bool((is_full & is_alike).mean() > _MOST_CELLS)
