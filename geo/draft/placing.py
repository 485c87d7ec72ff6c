"""Tables of people without coordinates, joined by name to a layer that has the places of their villages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd

from geo.draft.columns import people_headers
from geo.draft.entries import Entry
from geo.draft.look import Look
from geo.draft.questions import Questions
from geo.messages import Message
from geo.study import rows_at_places

__all__ = ["NamedPlaces", "find_places", "settle_places"]

_FEWEST: Final = 3
"""Rows that find their place, of a table that has so many; of a smaller one all do."""
_LEAST_SHARE: Final = 0.5
"""A layer is one of the places of a table where so many of the table's rows have the name of one."""


@dataclass(frozen=True, eq=False)
class NamedPlaces:
    """A layer in which the rows of a table find their places.

    Parameters
    ----------
    look : Look
        The layer.
    n_rows, n_found, n_several : int
        Rows of the table; those that have the name of one place, and of several in different towns.
    """

    look: Look
    n_rows: int
    n_found: int
    n_several: int

    @property
    def path(self) -> str:
        """The layer as a study file names it."""
        part = self.look.source.part.layer
        return f"{self.look.source.path}#{part}" if part else self.look.source.path

    def told(self, key: str) -> Message:
        """Say how many rows find their place."""
        n_none = self.n_rows - self.n_found - self.n_several
        values = {"n": self.n_found, "n_rows": self.n_rows, "n_none": n_none, "n_several": self.n_several}
        return Message(key, {**values, "other": self.look.source.label})


def find_places(look: Look, looks: Sequence[Look]) -> list[NamedPlaces]:
    """Find the layers that have the places of a table of people by their names, the best first.

    Parameters
    ----------
    look : Look
        A source of the folder; one that has places, no names or no people has no such layer.
    looks : sequence of Look
        All sources.
    """
    if look.shape != "table" or look.error is not None or not people_headers(look):
        return []
    if len(look.names) < 2:
        return []
    offers = [offer for other in looks if (offer := _offer(look, other)) is not None]
    return sorted(offers, key=lambda offer: (-offer.n_found, offer.look.shape != "polygon"))


def _offer(look: Look, other: Look) -> NamedPlaces | None:
    has_places = other.shape in ("point", "polygon") and other.error is None and len(other.names)
    if not has_places or (other.shapes is None and not len(other.xy)):
        return None
    shapes = other.shapes if other.shapes is not None else gpd.points_from_xy(*other.xy.T)
    places = gpd.GeoDataFrame(
        other.table.reindex(columns=["name", "zone"]).reset_index(drop=True), geometry=list(shapes)
    )
    rows = look.table[look.table["name"].notna()]
    placed, faults = rows_at_places(rows, places)
    n_several = sum(fault.reason.key == "study.several_places" for fault in faults)
    if len(placed) + n_several < max(min(_FEWEST, len(rows)), _LEAST_SHARE * len(rows)):
        return None
    return NamedPlaces(other, len(rows), len(placed), n_several)


def settle_places(entry: Entry, offers: Sequence[NamedPlaces], questions: Questions) -> Entry:
    """Let the rows of a table stand at the places of a layer; ask where names or layers leave it open."""
    if not offers:
        return entry
    taken = offers[0]
    answered = None
    if len(offers) > 1 or taken.n_several:
        choices = tuple(offer.told("draft.choice_places") for offer in offers)
        text = Message("draft.ask_places", {"label": entry.label})
        answered = questions.put("places", text, choices)
        taken = offers[answered.answer.choice]
    method = "zones" if taken.look.shape == "polygon" else "points"
    entry = entry.with_setting("method", method)
    entry = entry.with_setting("places", taken.path, taken.told("draft.note_places"))
    if taken.look.columns:
        told = Message("draft.note_columns", {"headers": tuple(taken.look.columns.values())})
        entry = entry.with_setting("places_columns", dict(taken.look.columns), told)
    return entry if answered is None else entry.with_answer("places", answered)
