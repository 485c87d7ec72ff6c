"""Sources that are filled in on one form, a town each: what is asked of one holds for all of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from geo.draft.entries import Entry
from geo.layers import Part
from geo.messages import Message

__all__ = ["settle_alike"]

_OWN = ("path", "layer", "sheet")
"""Settings that name the source itself."""


def settle_alike(entries: Sequence[Entry], settle: Callable[[Entry], Entry]) -> list[Entry]:
    """Settle entries; those of one form as a whole, so that each of them is read as all the others are.

    A town of five villages cannot show that its coordinates are shifted, and nobody wants to be asked about
    seventeen tables of one office one by one.

    Parameters
    ----------
    entries : sequence of Entry
        Layers of a study, not settled yet.
    settle : callable
        Settles columns and system of one of them.

    Returns
    -------
    list of Entry
        In the order of ``entries``.
    """
    families: dict[Hashable, list[Entry]] = {}
    for entry in entries:
        families.setdefault(_form_of(entry), []).append(entry)
    settled = {
        id(entry): of
        for family in families.values()
        for entry, of in zip(family, _as_one(family, settle), strict=True)
    }
    return [settled[id(entry)] for entry in entries]


def _form_of(entry: Entry) -> Hashable:
    """Give what sources of one form have in common; a raster or a map is a form of its own."""
    look = entry.look
    if look.error is not None or look.shape not in ("point", "polygon", "table") or entry.doubts:
        return id(entry)
    shared = {key: repr(value) for key, value in entry.settings.items() if key not in _OWN}
    way = PurePosixPath(look.source.path)
    return (
        entry.role,
        look.shape,
        repr(look.stated),
        tuple(map(str, look.table.columns)),
        tuple(sorted(look.headers.items())),
        tuple(sorted(shared.items())),
        way.parent if look.source.part == Part() or look.source.n_parts == 1 else way,
    )


def _as_one(family: Sequence[Entry], settle: Callable[[Entry], Entry]) -> list[Entry]:
    if len(family) == 1:
        return [settle(family[0])]
    whole = settle(_whole_of(family))
    return [_of_whole(entry, whole) for entry in family]


def _whole_of(family: Sequence[Entry]) -> Entry:
    """Put the rows of a family together, under a name that says which files they are."""
    first = family[0].look
    looks = [entry.look for entry in family]
    way = PurePosixPath(first.source.path)
    is_one_file = len({look.source.path for look in looks}) == 1
    path = first.source.path if is_one_file else str(way.with_name(f"*{way.suffix}"))
    sheet = first.source.part.sheet
    source = replace(first.source, path=path, part=Part(sheet="*" if is_one_file and sheet else None))
    shapes = [look.shapes for look in looks if look.shapes is not None]
    look = replace(
        first,
        source=source,
        table=pd.concat([look.table for look in looks], ignore_index=True),
        kinds=pd.concat([look.kinds for look in looks], ignore_index=True),
        xy=np.vstack([look.xy for look in looks]),
        shapes=np.concatenate(shapes) if len(shapes) == len(looks) else None,
    )
    return replace(family[0], look=look)


def _of_whole(entry: Entry, whole: Entry) -> Entry:
    """Give an entry what was settled of its family; what it says of its own rows is said of them."""
    own = {key: value for key, value in entry.settings.items() if key in _OWN}
    settings = {**own, **{key: value for key, value in whole.settings.items() if key not in _OWN}}
    look, headers, columns = entry.look, whole.look.headers, whole.look.columns
    if headers != look.headers:  # another pair of coordinates was taken
        look = replace(look, headers=headers, columns=columns)
    notes = {key: tuple(_own_sum(note, settings, entry) for note in of) for key, of in whole.notes.items()}
    notes["path"] = entry.notes.get("path", ()) + notes.get("path", ())[len(entry.notes.get("path", ())) :]
    return replace(entry, look=look, settings=settings, notes=notes, doubts=whole.doubts)


def _own_sum(note: Message, settings: dict[str, object], entry: Entry) -> Message:
    if note.key != "draft.note_people":
        return note
    people = entry.look.people(str(settings["people"]))
    return Message(note.key, {"people": people, "n": entry.look.n_rows})
