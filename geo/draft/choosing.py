"""Which sources become sections: what each is, which version, which roads, and who counts the people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from geo.draft.columns import people_headers
from geo.draft.entries import Entry, make_entry
from geo.draft.look import Look
from geo.draft.questions import Answered, Questions
from geo.draft.roles import CLEAR, TAKEN, Claim, Role, find_roles, say_role
from geo.draft.versions import APART, compare, latest_first, tell_version
from geo.messages import Message

__all__ = ["Chosen", "Unused", "choose_entries", "choose_roads", "is_complement"]

_SINGLE: Final = ("land", "villages", "plan")
_MOST_CHOICES: Final = 4
_ONE_LIST: Final = ("facilities", "demand", "zones", "villages", "sensitive", "plots", "land")
"""Sections in which two lists of one thing would count it twice."""


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
    unused : list of Unused
        Sources that are in none.
    notes : list of Message
        What was noticed between them.
    """

    entries: list[Entry] = field(default_factory=list)
    unused: list[Unused] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)

    def leave(self, look: Look, reason: Message) -> None:
        """Put a source among those that are not used."""
        self.unused.append(Unused(look, reason))


def choose_entries(looks: Sequence[Look], questions: Questions) -> Chosen:
    """Decide what each source is, and which of several count.

    Parameters
    ----------
    looks : sequence of Look
        All sources of a folder.
    questions : Questions
        Asks what the sources leave open.
    """
    chosen = Chosen()
    claims = {id(look): find_roles(look) for look in looks}
    for look in looks:
        of_look = claims[id(look)] or _of_sibling(look, looks, claims)
        chosen.entries += _entries_of(look, of_look, questions, chosen)
    _one_list_each(chosen, questions)
    _people_once(chosen, questions)
    _own_before_map(chosen)
    _one_of(chosen, questions)
    return chosen


def _of_sibling(look: Look, looks: Sequence[Look], claims: Mapping[int, list[Claim]]) -> list[Claim]:
    """Take a sheet that says nothing of itself for what another sheet of its file with its columns is."""
    columns = set(map(str, look.table.columns))
    for other in looks:
        is_beside = other is not look and other.source.path == look.source.path and other.shape == look.shape
        if is_beside and columns and set(map(str, other.table.columns)) == columns and claims[id(other)]:
            best = claims[id(other)][0]
            reason = Message("draft.why_sibling", {"label": other.source.label})
            return [Claim(best.role, best.score, (reason,))]
    return []


def _entries_of(look: Look, claims: Sequence[Claim], questions: Questions, chosen: Chosen) -> list[Entry]:
    """Make the entries of one source: one, or one for each kind that it tells apart."""
    if look.error is not None and not claims:
        chosen.leave(look, Message("draft.unused_unread", {"why": look.error.args[0]}))
        return []
    if not claims:
        key = "draft.unused_no_places" if look.shape == "table" else "draft.unused_unknown"
        chosen.leave(look, Message(key, {"n": look.n_rows, "why": look.no_places}))
        return []
    if look.shape in ("osm", "graphml") or claims[0].n_rows:
        return [make_entry(look, claim) for claim in claims]
    claims = _together(look, claims)
    rivals = [claim for claim in claims[1:] if claims[0].score - claim.score < CLEAR]
    also = _also(look, claims)
    rivals = [claim for claim in rivals if claim not in also]
    if look.error is None and look.shape == "raster" and claims[0].score <= TAKEN:
        return _asked_role(look, claims[:1], questions, chosen)  # a raster may be anything
    if not rivals or look.error is not None:
        best = make_entry(look, claims[0], others=tuple(claims[1:2]))
        return [best, *(make_entry(look, claim) for claim in also)]
    return _asked_role(look, [claims[0], *rivals][:_MOST_CHOICES], questions, chosen)


def _together(look: Look, claims: Sequence[Claim]) -> Sequence[Claim]:
    """Let a list of villages with people and places count the people: villages are known from there too."""
    sections = {claim.role.section: claim for claim in claims}
    counts = bool(people_headers(look))
    if {"villages", "demand"} <= set(sections) and look.shape == "point" and counts:
        best = max(sections["villages"].score, sections["demand"].score)
        people = Claim(sections["demand"].role, best, sections["demand"].reasons)
        rest = [claim for claim in claims if claim.role.section not in ("villages", "demand")]
        return sorted([people, *rest], key=lambda claim: -claim.score)
    return claims


def _also(look: Look, claims: Sequence[Claim]) -> list[Claim]:
    """Give what a layer is beside its first role: towns with their people are zones and may count people."""
    if look.shape != "polygon" or "people" not in look.headers:
        return []
    pair = {"zones", "demand"}
    return [claim for claim in claims[1:2] if {claim.role.section, claims[0].role.section} == pair]


def _asked_role(look: Look, claims: Sequence[Claim], questions: Questions, chosen: Chosen) -> list[Entry]:
    choices = tuple(
        Message("draft.choice_role", {"role": say_role(claim.role), "why": claim.reasons[0]})
        for claim in claims
    )
    text = Message("draft.ask_role", {"label": look.source.label, "n": look.n_rows})
    answered = questions.put("role", text, (*choices, Message("draft.choice_leave")))
    if answered.answer.choice == len(claims):
        chosen.leave(look, Message("draft.unused_asked"))
        return []
    entry = make_entry(look, claims[answered.answer.choice])
    return [entry.with_answer("kind" if "kind" in entry.settings else "path", answered)]


def _one_list_each(chosen: Chosen, questions: Questions) -> None:
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
    difference = compare(first.look, second.look)
    return difference.is_same_list or (difference.is_known and difference.share > APART)


def _one_version(family: Sequence[Entry], questions: Questions, chosen: Chosen) -> list[Entry]:
    by_look = {id(entry.look): entry for entry in family}
    ordered = [by_look[id(look)] for look in latest_first([entry.look for entry in family])]
    best, rest = ordered[0], ordered[1:]
    differences = [compare(best.look, entry.look) for entry in rest]
    if all(difference.is_same for difference in differences):
        for entry in rest:
            chosen.leave(entry.look, Message("draft.unused_same", {"other": best.label}))
        return [best]
    told = tuple(d.told(best.look, entry.look) for d, entry in zip(differences, rest, strict=True))
    text = Message("draft.ask_version", {"role": say_role(best.role), "differences": told})
    choices = [tell_version(entry.look) for entry in ordered]
    answered = questions.put("version", text, (*choices, Message("draft.choice_all")))
    for entry, difference in zip(rest, told, strict=True):
        chosen.notes.append(difference)
        if answered.answer.choice == 0:
            chosen.leave(entry.look, Message("draft.unused_version", {"other": best.label}))
    if answered.answer.choice == len(ordered):
        return [entry.with_answer("path", answered) for entry in ordered]
    taken = ordered[answered.answer.choice]
    if answered.answer.choice:
        for entry in ordered:
            if entry is not taken:
                chosen.leave(entry.look, Message("draft.unused_version", {"other": taken.label}))
    return [taken.with_answer("path", answered)]


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


def _people_once(chosen: Chosen, questions: Questions) -> None:
    """Let every person be counted once: lists that share nobody may all count, of the others one."""
    people = [entry for entry in chosen.entries if entry.role.section == "demand"]
    for entry in [entry for entry in people if not _can_count(entry)]:
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
    choices = tuple(_tell_people(entries) for entries in sets)
    answered = questions.put("people", Message("draft.ask_people"), choices)
    taken = sets[answered.answer.choice]
    for entry in people:
        if entry in taken:
            continue
        chosen.entries.remove(entry)
        if not any(other.look is entry.look for other in chosen.entries):
            chosen.leave(entry.look, Message("draft.unused_people", {"other": taken[0].label}))
    place = chosen.entries.index(taken[0])
    chosen.entries[place] = taken[0].with_answer("path", answered)


def _can_count(entry: Entry) -> bool:
    """Whether a source has people at places; one that cannot be read stays, so that the check says why."""
    look = entry.look
    if look.error is not None or look.shape in ("raster", "osm"):
        return True
    return look.shape != "table" and (bool(people_headers(look)))


def _sets_of_people(people: Sequence[Entry]) -> list[list[Entry]]:
    """Group sources that complete each other: of one method, and without a shared row; the best first."""
    ranked = sorted(people, key=_rank_of_people, reverse=True)
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
    """Whether two sources hold other places of the same sort: one list of each town, say."""
    if first.settings.get("method") != second.settings.get("method") or first.look.shape != second.look.shape:
        return False
    if first.look.shape in ("raster", "osm") or first.look.headers.get("people") != second.look.headers.get(
        "people"
    ):
        return False
    if first.look.source.path == second.look.source.path and not first.look.source.part.sheet:
        return False
    difference = compare(first.look, second.look)
    return difference.is_known and difference.share <= APART


def _tell_people(entries: Sequence[Entry]) -> Message:
    total = sum(entry.look.people() or entry.look.holds.get("people", 0.0) for entry in entries)
    n = sum(entry.look.n_rows for entry in entries)
    names = tuple(entry.label for entry in entries)
    method = Message(f"draft.method_{entries[0].settings['method']}")
    key = "draft.choice_people" if total else "draft.choice_people_unknown"
    return Message(key, {"names": names, "n": n, "people": total, "method": method})


def _own_before_map(chosen: Chosen) -> None:
    """Let the planner's own list of a kind go before that of a map, which would count the same again."""
    own = {
        entry.role for entry in chosen.entries if entry.look.shape != "osm" and entry.role.section != "roads"
    }
    for entry in [entry for entry in chosen.entries if entry.look.shape == "osm"]:
        if entry.role in own and entry.role.section in ("facilities", "zones"):
            chosen.entries.remove(entry)
            values = {"role": say_role(entry.role), "label": entry.label}
            chosen.notes.append(Message("draft.note_own_first", values))


def _one_of(chosen: Chosen, questions: Questions) -> None:
    """Of sections that a study has once keep the one with most rows, after asking."""
    for section in _SINGLE:
        rivals = [entry for entry in chosen.entries if entry.role.section == section]
        rivals.sort(key=lambda entry: -entry.look.n_rows)
        if len(rivals) < 2:
            continue
        choices = tuple(tell_version(entry.look) for entry in rivals)
        text = Message("draft.ask_one", {"role": say_role(rivals[0].role)})
        answered = questions.put("one", text, choices)
        taken = rivals[answered.answer.choice]
        for entry in rivals:
            if entry is not taken:
                chosen.entries.remove(entry)
                chosen.leave(entry.look, Message("draft.unused_one", {"other": taken.label}))
        chosen.entries[chosen.entries.index(taken)] = taken.with_answer("path", answered)


def choose_roads(chosen: Chosen, questions: Questions) -> Entry | None:
    """Choose the one layer of roads, if any, and leave the others.

    Parameters
    ----------
    chosen : Chosen
        Its entries of roads are taken away but one.
    questions : Questions
        Asks where there are several.
    """
    roads = [entry for entry in chosen.entries if entry.role.section == "roads"]
    roads.sort(key=_rank_of_roads, reverse=True)
    if len(roads) < 2:
        return roads[0] if roads else None
    choices = tuple(_tell_roads(entry) for entry in roads)
    answered: Answered = questions.put("roads", Message("draft.ask_roads"), choices)
    taken = roads[answered.answer.choice]
    for entry in roads:
        if entry is not taken:
            chosen.entries.remove(entry)
            if not any(other.look is entry.look for other in chosen.entries):
                chosen.leave(entry.look, Message("draft.unused_roads", {"other": taken.label}))
    marked = taken.with_answer("path", answered)
    chosen.entries[chosen.entries.index(taken)] = marked
    return marked


def _tell_roads(entry: Entry) -> Message:
    if entry.look.shape in ("osm", "graphml"):
        return Message("draft.choice_roads_map", {"label": entry.label, "format": entry.look.format})
    return Message("draft.choice_roads", {"label": entry.label, "n": entry.look.n_rows})


def _rank_of_roads(entry: Entry) -> tuple[float, ...]:
    """Rank roads: what can be read, what has classes, the later and the larger."""
    has_class = {"highway", "fclass"} & {str(header).casefold() for header in entry.look.table.columns}
    is_whole = entry.look.shape in ("osm", "graphml") or bool(has_class)
    return (float(entry.look.error is None), float(is_whole), entry.look.n_rows)
