"""Which sources become sections: what each is, which version, which roads, and who counts the people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from geo.draft.chosen import Chosen
from geo.draft.columns import people_headers
from geo.draft.counting import can_count, count_lists_once, count_people_once
from geo.draft.entries import Entry, doubtful_status, make_entry
from geo.draft.look import Look
from geo.draft.names import find_words
from geo.draft.placing import find_places, settle_places
from geo.draft.questions import Answered, Questions
from geo.draft.road_parts import road_parts
from geo.draft.roles import CLEAR, TAKEN, Claim, Role, find_roles, say_role
from geo.draft.versions import tell_version
from geo.errors import InputError
from geo.messages import Message, first_few
from geo.words import word_lists

__all__ = ["choose_entries", "choose_roads"]

_SINGLE: Final = ("land", "villages", "plan")
_ALONG_ROADS: Final = ("hydrant", "water_point")
_MOST_CHOICES: Final = 4


def choose_entries(looks: Sequence[Look], questions: Questions) -> Chosen:
    """Decide what each source is, and which of several count.

    Parameters
    ----------
    looks : sequence of Look
        All sources of a folder.
    questions : Questions
        Asks what the sources leave open.
    """
    chosen = Chosen(places={id(look): find_places(look, looks) for look in looks})
    claims = {id(look): find_roles(look) for look in looks}
    for look in looks:
        of_look = claims[id(look)] or _of_sibling(look, looks, claims)
        chosen.entries += _entries_of(look, of_look, questions, chosen)
    _own_before_map(chosen)
    _places_known(chosen)
    chosen.entries = [_with_status(entry, questions) for entry in chosen.entries]
    chosen.entries = [_with_places(entry, chosen, questions) for entry in chosen.entries]
    count_lists_once(chosen, questions)
    count_people_once(chosen, questions)
    _one_of(chosen, questions)
    return chosen


def _of_sibling(look: Look, looks: Sequence[Look], claims: Mapping[int, list[Claim]]) -> list[Claim]:
    """Take a sheet that says nothing of itself for what another such sheet with its columns is: 现状, 规划.

    Layers of a database often have the same columns and mean different things.
    """
    if look.source.part.sheet is None or find_words(look.source.names[0]):
        return []
    columns = set(map(str, look.table.columns))
    for other in looks:
        is_beside = other is not look and other.source.path == look.source.path and other.shape == look.shape
        if find_words(other.source.names[0]):
            continue
        if is_beside and columns and set(map(str, other.table.columns)) == columns and claims[id(other)]:
            best = claims[id(other)][0]
            reason = Message("draft.why_sibling", {"label": other.source.label})
            return [Claim(best.role, best.score, (reason,))]
    return []


def _entries_of(look: Look, claims: Sequence[Claim], questions: Questions, chosen: Chosen) -> list[Entry]:
    """Make the entries of one source: one, or one for each kind that it tells apart."""
    if isinstance(look.error, InputError):
        chosen.leave(look, Message("draft.unused_empty", {"why": look.error.message}))
        return []
    if look.error is not None and not claims:
        chosen.leave(look, Message("draft.unused_unread", {"why": look.error.args[0]}))
        return []
    if not claims:
        key = "draft.unused_no_places" if look.shape == "table" and look.headers else "draft.unused_unknown"
        chosen.leave(look, Message(key, {"n": look.n_rows, "why": look.no_places}))
        return []
    if look.shape in ("osm", "graphml") or claims[0].n_rows:
        return [make_entry(look, claim) for claim in claims]
    claims = _together(look, claims, has_places=bool(chosen.places[id(look)]))
    rivals = [claim for claim in claims[1:] if claims[0].score - claim.score < CLEAR]
    also = _also(look, claims)
    rivals = [claim for claim in rivals if claim not in also]
    is_raster = look.error is None and look.shape == "raster" and claims[0].score <= TAKEN
    if is_raster or claims[0].reasons[0].key == "draft.why_sibling":
        return _asked_role(look, claims[:1], questions, chosen)  # either may be anything
    if not rivals or look.error is not None:
        best = make_entry(look, claims[0], others=tuple(claims[1:2]))
        return [best, *(make_entry(look, claim) for claim in also)]
    return _asked_role(look, [claims[0], *rivals][:_MOST_CHOICES], questions, chosen)


def _together(look: Look, claims: Sequence[Claim], *, has_places: bool) -> Sequence[Claim]:
    """Let a list of villages with people and places count the people: villages are known from there too."""
    sections = {claim.role.section: claim for claim in claims}
    counts = bool(people_headers(look))
    if {"villages", "demand"} <= set(sections) and (look.shape == "point" or has_places) and counts:
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


def _own_before_map(chosen: Chosen) -> None:
    """Let the planner's own list of a kind go before that of a map, which would count the same again."""
    own = {_counted_as(entry) for entry in chosen.entries if entry.look.shape != "osm"}
    for entry in [entry for entry in chosen.entries if entry.look.shape == "osm"]:
        if _counted_as(entry) in own and entry.role.section in ("facilities", "zones", "demand"):
            chosen.entries.remove(entry)
            values = {"role": say_role(entry.role), "label": entry.label}
            chosen.notes.append(Message("draft.note_own_first", values))


def _counted_as(entry: Entry) -> Role:
    """Give what an entry counts: people are people, by whatever method."""
    return Role("demand") if entry.role.section == "demand" and can_count(entry) else entry.role


def _places_known(chosen: Chosen) -> None:
    """Leave tables of facilities that have neither places nor villages: inventories, lists of staff.

    Fire stations stay: a study cannot do without them, and the check says what their table lacks.
    """
    for entry in list(chosen.entries):
        look = entry.look
        is_bare = entry.role.section == "facilities" and look.shape == "table" and look.error is None
        if not is_bare or entry.role.kind == "fire_station" or "village" in look.headers:
            continue
        if entry.role.kind in _ALONG_ROADS or not look.names.map(_names_village).any():
            chosen.entries.remove(entry)
            chosen.leave(look, Message("draft.unused_no_places", {"n": look.n_rows, "why": look.no_places}))


def _names_village(name: str) -> bool:
    return any(word in name for word in word_lists("role")["row"]["villages"][:6])


def _with_status(entry: Entry, questions: Questions) -> Entry:
    """Ask whether facilities are built where a name says a status, but perhaps of something else."""
    status = doubtful_status(entry.look) if entry.role.section == "facilities" else ""
    if not status:
        return entry
    statuses = ("existing", status)
    choices = tuple(Message(f"draft.status_{word}") for word in statuses)
    text = Message("draft.ask_status", {"label": entry.label, "role": say_role(entry.role)})
    answered = questions.put("status", text, choices)
    return entry.with_setting("status", statuses[answered.answer.choice]).with_answer("status", answered)


def _with_places(entry: Entry, chosen: Chosen, questions: Questions) -> Entry:
    """Let people without coordinates stand at the places that have their names."""
    offers = chosen.places.get(id(entry.look), [])
    return settle_places(entry, offers, questions) if entry.role.section == "demand" else entry


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
    """Choose the layer of roads, if any, or those that are one network together, and leave the others.

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
    parts, is_sure = road_parts(roads)
    alone, together = [[entry] for entry in roads], [parts] if parts else []
    ways = [*together, *alone] if is_sure else [*alone, *together]
    choices = tuple(_tell_parts(way) if len(way) > 1 else _tell_roads(way[0]) for way in ways)
    answered: Answered = questions.put("roads", Message("draft.ask_roads"), choices)
    taken, *more = ways[answered.answer.choice]
    for entry in roads:
        if entry is not taken:
            chosen.entries.remove(entry)
            if any(entry is part for part in more):
                chosen.joined.append(entry)
            elif not any(other.look is entry.look for other in chosen.entries):
                chosen.leave(entry.look, Message("draft.unused_roads", {"other": taken.label}))
    marked = taken.with_answer("path", answered)
    if more:
        marked = marked.with_setting("more", [_named_by(entry) for entry in more], Message("draft.note_more"))
    chosen.entries[chosen.entries.index(taken)] = marked
    return marked


def _named_by(entry: Entry) -> str:
    """Name a layer as ``[roads] more`` does."""
    source = entry.look.source
    return f"{source.path}#{source.part.layer}" if source.part.layer else source.path


def _tell_parts(parts: Sequence[Entry]) -> Message:
    n_rows = sum(entry.look.n_rows for entry in parts)
    values = {"labels": first_few([entry.label for entry in parts]), "n_layers": len(parts), "n": n_rows}
    return Message("draft.choice_roads_together", values)


def _tell_roads(entry: Entry) -> Message:
    if entry.look.shape in ("osm", "graphml"):
        return Message("draft.choice_roads_map", {"label": entry.label, "format": entry.look.format})
    return Message("draft.choice_roads", {"label": entry.label, "n": entry.look.n_rows})


def _rank_of_roads(entry: Entry) -> tuple[float, ...]:
    """Rank roads: what can be read, what has classes, the later and the larger."""
    has_class = {"highway", "fclass"} & {str(header).casefold() for header in entry.look.table.columns}
    is_whole = entry.look.shape in ("osm", "graphml") or bool(has_class)
    return (float(entry.look.error is None), float(is_whole), entry.look.n_rows)
