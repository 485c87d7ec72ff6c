"""Nothing counts twice: of the versions of a list one counts, and of the sources of the same people one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from geo.draft.chosen import Chosen
from geo.draft.columns import people_headers
from geo.draft.entries import Entry
from geo.draft.look import Look
from geo.draft.questions import Questions
from geo.draft.roles import Role, say_role
from geo.draft.versions import APART, Difference, are_of_other_towns, compare, latest_first, tell_version
from geo.messages import Message

__all__ = ["can_count", "compare_entries", "count_lists_once", "count_people_once", "is_complement"]

_ONE_LIST: Final = ("facilities", "demand", "zones", "villages", "sensitive", "plots", "land")
"""Sections in which two lists of one thing would count it twice."""
SAME_TOTAL: Final = 0.005
"""Two sources whose sums are nearer than this count the same people."""


def count_lists_once(chosen: Chosen, questions: Questions) -> None:
    """Of the versions of one list let one count, unless all of them are wanted."""
    kept: list[Entry] = []
    groups: dict[tuple[Role, str], list[Entry]] = {}
    for entry in chosen.entries:
        if entry.role.section in _ONE_LIST and entry.look.shape not in ("osm", "raster"):
            groups.setdefault((entry.role, entry.status), []).append(entry)
        else:
            kept.append(entry)
    for entries in groups.values():
        for family in _families(entries):
            kept += _one_version(family, questions, chosen) if len(family) > 1 else family
    order = {id(entry.look): place for place, entry in enumerate(chosen.entries)}
    chosen.entries = sorted(kept, key=lambda entry: order[id(entry.look)])


def _families(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Put together the entries that are versions of one list."""
    families: list[list[Entry]] = []
    for entry in entries:
        same = [family for family in families if any(_is_version(entry, other) for other in family)]
        families = [family for family in families if family not in same]
        families.append([*(member for family in same for member in family), entry])
    return families


def _is_version(first: Entry, second: Entry) -> bool:
    if first.look.error is not None or second.look.error is not None:
        return False
    difference = compare_entries(first, second)
    return difference.is_same_list or (difference.is_known and difference.share > APART)


def compare_entries(first: Entry, second: Entry) -> Difference:
    """Compare the rows of two sources that are of their kind; facilities by their places too."""
    one, two = (entry.look.of_kind(entry.role.kind or "village") for entry in (first, second))
    return compare(one, two, by_place=first.role.section == "facilities")


def _one_version(family: Sequence[Entry], questions: Questions, chosen: Chosen) -> list[Entry]:
    """Let one of several versions count, or all; ask where they differ."""
    ordered = _whole_first(_latest_first(family))
    best, rest = ordered[0], ordered[1:]
    differences = [compare_entries(best, entry) for entry in rest]
    if all(difference.is_same for difference in differences):
        for entry in rest:
            chosen.leave(entry.look, Message("draft.unused_same", {"other": best.label}))
        return [best]
    told = tuple(d.told(best.look, entry.look) for d, entry in zip(differences, rest, strict=True))
    chosen.notes += told
    text = Message("draft.ask_version", {"role": say_role(best.role), "differences": told})
    choices = [tell_version(entry.look) for entry in ordered]
    answered = questions.put("version", text, (*choices, Message("draft.choice_all")))
    if answered.answer.choice == len(ordered):
        return [entry.with_answer("path", answered) for entry in ordered]
    taken = ordered[answered.answer.choice]
    for entry in ordered:
        if entry is not taken:
            chosen.leave(entry.look, Message("draft.unused_version", {"other": taken.label}))
    return [taken.with_answer("path", answered)]


def _latest_first(entries: Sequence[Entry]) -> list[Entry]:
    by_look = {id(entry.look): entry for entry in entries}
    return [by_look[id(look)] for look in latest_first([entry.look for entry in entries])]


def _whole_first(entries: Sequence[Entry]) -> list[Entry]:
    """Put a list in front that holds all the others, as a sheet of all towns beside that of each town."""
    for whole in entries:
        parts = [entry for entry in entries if entry is not whole]
        holds_all = all(_holds(compare_entries(whole, part)) for part in parts)
        if len(parts) > 1 and holds_all and sum(part.look.n_rows for part in parts) <= whole.look.n_rows:
            return [whole, *parts]
    return list(entries)


def _holds(difference: Difference) -> bool:
    return difference.is_known and difference.n_second == 0


def _rank_of_people(entry: Entry) -> tuple[float, ...]:
    """Rank a source of people: places that a reader can check before squares, many before few."""
    look = entry.look
    by_shape = {"point": 4.0, "polygon": 3.0, "raster": 2.0, "osm": 1.0, "table": 0.0}
    has_people = "people" in look.headers or look.shape in ("raster", "osm")
    is_town = entry.settings.get("method") == "zones" and look.n_rows < 30 and _are_towns(look)
    return (float(has_people), 1.5 if is_town else by_shape.get(look.shape, 0.0), look.n_rows)


def _are_towns(look: Look) -> bool:
    names = look.names
    return bool(len(names)) and bool(names.str.endswith(("镇", "乡", "街道", "Town", "town")).mean() > 0.5)


def count_people_once(chosen: Chosen, questions: Questions) -> None:
    """Let every person be counted once: lists that share nobody may all count, of the others one."""
    people = [entry for entry in chosen.entries if entry.role.section == "demand"]
    for entry in [entry for entry in people if not can_count(entry)]:
        people.remove(entry)
        chosen.entries.remove(entry)
        key = "draft.unused_no_places" if entry.look.shape == "table" else "draft.unused_no_people"
        chosen.leave(entry.look, Message(key, {"n": entry.look.n_rows, "why": entry.look.no_places}))
    if len(people) < 2:
        return
    sets = _sets_of_people(people)
    if len(sets) == 1:
        names = tuple(entry.label for entry in people)
        chosen.notes.append(Message("draft.note_people_parts", {"names": names}))
        return
    if _count_the_same(sets):
        _leave_others(chosen, people, sets[0])
        return
    every = [entry for entries in sets for entry in entries]
    offers = [(_tell_people(entries), entries) for entries in sets]
    if len({(entry.look.shape, entry.settings.get("method")) for entry in every}) == 1:
        total = sum(map(_total, every))
        key = "draft.choice_people_all" if total else "draft.choice_people_all_unknown"
        added = (Message(key, {"people": total}), every)
        is_first = every[0].look.shape not in ("raster", "osm") and _are_parts(every)
        offers.insert(0 if is_first else len(offers), added)
    answered = questions.put("people", Message("draft.ask_people"), tuple(told for told, _ in offers))
    taken = offers[answered.answer.choice][1]
    _leave_others(chosen, people, taken)
    place = chosen.entries.index(taken[0])
    chosen.entries[place] = taken[0].with_answer("path", answered)


def _leave_others(chosen: Chosen, people: Sequence[Entry], taken: Sequence[Entry]) -> None:
    """Take the sources that do not count away; those that are something else too stay for that."""
    for entry in people:
        if entry in taken:
            continue
        chosen.entries.remove(entry)
        reason = Message("draft.unused_people", {"other": taken[0].label})
        if any(other.look is entry.look for other in chosen.entries):
            chosen.notes.append(Message("draft.told_people", {"label": entry.label, "reason": reason}))
        else:
            chosen.leave(entry.look, reason)


def _count_the_same(sets: Sequence[Sequence[Entry]]) -> bool:
    """Whether all sources add up to the same: then the finest counts, and there is nothing to ask."""
    totals = [sum(map(_total, entries)) for entries in sets]
    return min(totals) > 0 and max(totals) - min(totals) <= SAME_TOTAL * max(totals)


def _total(entry: Entry) -> float:
    return entry.look.people() or float(entry.look.holds.get("people", 0.0))


def can_count(entry: Entry) -> bool:
    """Whether a source has people at places; one that cannot be read stays, so that the check says why."""
    look = entry.look
    if look.error is not None or look.shape in ("raster", "osm"):
        return True
    has_places = look.shape != "table" or "places" in entry.settings
    return has_places and bool(people_headers(look))


def _sets_of_people(people: Sequence[Entry]) -> list[list[Entry]]:
    """Group sources that complete each other: of one method, and without a shared row; the best first."""
    ranked = sorted(_latest_first(people), key=_rank_of_people, reverse=True)
    sets: list[list[Entry]] = []
    for entry in ranked:
        for members in sets:
            if all(is_complement(entry, member) for member in members):
                members.append(entry)
                break
        else:
            sets.append([entry])
    return sets


def is_complement(first: Entry, second: Entry) -> bool:
    """Whether two sources hold the people of other towns, in the same columns: then both count.

    Lists of other places in other columns may well count the same people, by village and by estate.
    """
    if first.settings.get("method") != second.settings.get("method") or first.look.shape != second.look.shape:
        return False
    tables = (first.look.table, second.look.table)
    if first.look.shape in ("raster", "osm") or set(tables[0].columns) != set(tables[1].columns):
        return False
    difference = compare(first.look, second.look)
    if not difference.is_known or difference.share > APART:
        return False
    return are_of_other_towns(first.look, second.look)


def _are_parts(people: Sequence[Entry]) -> bool:
    """Whether sources have the same columns and share no row: parts of one list, whatever their names say."""
    first = people[0].look
    return all(
        set(entry.look.table.columns) == set(first.table.columns)
        and all(
            (difference := compare(entry.look, other.look)).is_known and difference.share <= APART
            for other in people[:n]
        )
        for n, entry in enumerate(people)
    )


def _tell_people(entries: Sequence[Entry]) -> Message:
    total = sum(map(_total, entries))
    n = sum(entry.look.n_rows for entry in entries)
    names = tuple(entry.label for entry in entries)
    method = Message(f"draft.method_{entries[0].settings['method']}")
    key = "draft.choice_people" if total else "draft.choice_people_unknown"
    return Message(key, {"names": names, "n": n, "people": total, "method": method})
