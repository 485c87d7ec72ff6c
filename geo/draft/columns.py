"""Columns that change numbers: which of several counts the people, and which coordinates are the places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from geo.demand import counts_households, part_of_people
from geo.draft.entries import Entry
from geo.draft.look import Look
from geo.draft.questions import Questions
from geo.draft.roles import kind_of_row
from geo.messages import Message
from geo.words import word_lists

__all__ = ["people_headers", "settle_columns"]

_FEW: Final = 2
UNITS: Final = ("per_km2", "per_ha", "people")


def people_headers(look: Look) -> list[str]:
    """Give the headers of columns that may count the people, the likeliest first.

    Those that the list of headers knows come first, in its order; then columns of numbers with a word for
    people in their header, but no households or densities. Those that count a part of the people come last.
    """
    known = [look.headers["people"]] if "people" in look.headers else []
    known += look.rivals.get("people", ())
    words, others = word_lists("role")["people_header"], word_lists("people")["header"]
    not_people = (*others["households"], *others["density"], *words["none"])
    more = [
        str(header)
        for header in look.table.columns
        if header not in look.headers
        and str(header) not in known
        and any(word in str(header).casefold() for word in words["words"])
        and not any(word in str(header).casefold() for word in not_people)
        and not counts_households(str(header))
        and look.counts(str(header))
    ]
    return sorted([*known, *more], key=lambda header: part_of_people(header) != "")


def settle_columns(entry: Entry, questions: Questions) -> Entry:
    """Settle the column of people of an entry, and ask where several may be it.

    Parts of the people (aged 60 and more, of working age) are offered too, but never first.
    """
    look = entry.look
    if entry.role.section != "demand" or look.error is not None or look.shape == "osm":
        return entry
    if look.shape == "raster":
        return _settle_unit(entry, questions)
    headers = people_headers(look)
    if not headers:
        return entry
    entry = entry.with_note("people", *_mixed_levels(look))
    wholes = _wholes(look, headers)
    if part_of_people(headers[0]):
        return _settle_part(entry, headers, questions)
    if len(wholes) < 2:
        return entry.with_setting("people", headers[0], _sum_of(look, headers[0]))
    choices = tuple(
        Message("draft.choice_column", {"header": header, "people": look.people(header)}) for header in wholes
    )
    text = Message("draft.ask_column", {"label": entry.label})
    answered = questions.put("column", text, choices)
    header = wholes[answered.answer.choice]
    return entry.with_setting("people", header, _sum_of(look, header)).with_answer("people", answered)


def _settle_part(entry: Entry, headers: Sequence[str], questions: Questions) -> Entry:
    """Ask which column counts the people where each of them, by its header, counts staff or some of them."""
    look = entry.look
    choices = tuple(
        Message("draft.choice_column", {"header": header, "people": look.people(header)})
        for header in headers
    )
    text = Message("draft.ask_column_part", {"label": entry.label})
    answered = questions.put("column", text, (*choices, Message("draft.choice_no_column")))
    if answered.answer.choice == len(headers):
        return entry  # the check asks for the column
    header = headers[answered.answer.choice]
    return entry.with_setting("people", header, _sum_of(look, header)).with_answer("people", answered)


def _mixed_levels(look: Look) -> list[Message]:
    """Note a list of towns and villages in one: the people of a town are those of its villages."""
    levels = look.names.map(kind_of_row)
    n_towns, n_villages = int((levels == "town").sum()), int((levels == "villages").sum())
    if look.shape != "point" or n_towns < _FEW or n_villages < _FEW:
        return []
    return [Message("draft.note_levels", {"n_towns": n_towns, "n_villages": n_villages})]


def _settle_unit(entry: Entry, questions: Questions) -> Entry:
    """Ask what the values of a raster are, where its name says densities."""
    look = entry.look
    if not _says_density(*look.source.names[:1], look.label):
        return entry
    choices = tuple(Message(f"draft.unit_{unit}") for unit in UNITS)
    answered = questions.put("unit", Message("draft.ask_unit", {"label": entry.label}), choices)
    unit = UNITS[answered.answer.choice]
    return entry.with_setting("unit", unit, Message("draft.note_unit_name")).with_answer("unit", answered)


def _says_density(*names: str) -> bool:
    words = word_lists("people")["density"]
    plain = [name.casefold() for name in names]
    parts = {part for name in plain for part in re.split(r"[\W_]+", name)}
    return bool(parts & set(words["whole"])) or any(
        word in name for name in plain for word in words["inside"]
    )


def _wholes(look: Look, headers: Iterable[str]) -> list[str]:
    """Leave out columns that count a part of the first one's people, or the same in other words."""
    first, *rest = headers
    total = look.people(first)
    return [
        first,
        *(header for header in rest if look.people(header) > total / 2 and look.people(header) != total),
    ]


def _sum_of(look: Look, header: str) -> Message:
    return Message("draft.note_people", {"people": look.people(header), "n": look.n_rows})
