"""A study file drafted from a folder: look, choose, settle, write; and the same folder again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from geo.draft.choosing import choose_entries, choose_roads
from geo.draft.chosen import Chosen, Unused
from geo.draft.columns import settle_columns
from geo.draft.coordinates import settle_pairs
from geo.draft.earlier import Earlier, keep_new, read_earlier
from geo.draft.entries import Entry
from geo.draft.families import settle_alike
from geo.draft.look import look_at
from geo.draft.questions import Asked, Questions, take_best
from geo.draft.roles import Role, say_role
from geo.draft.study_text import StudyText, is_copy
from geo.draft.systems import Ground, read_ground, settle_entry, settle_roads
from geo.draft.text import add_sections, study_text
from geo.draft.walk import LeftAlone, Walk, walk_folder
from geo.errors import FileError, InputError
from geo.messages import Message
from geo.words import Lang

__all__ = ["STUDY_FILE", "Draft", "draft_study"]

STUDY_FILE: Final = "study.toml"
_NEEDED: Final = ("roads", "facilities", "demand")


@dataclass(frozen=True, eq=False)
class Draft(StudyText):
    """A study file that was drafted from a folder and is not yet written; also what :class:`StudyText` has.

    Parameters
    ----------
    entries : tuple of Entry
        Layers that are new in it.
    joined : tuple of Entry
        Layers that are read with one of them, in its section.
    unused : tuple of Unused
        Sources that could be read and are in no section.
    left_alone : tuple of LeftAlone
        Files that are no layers.
    notes : tuple of Message
        What was noticed: versions and their differences, what the study has already.
    gone : tuple of str
        Paths of the study file that are no longer there.
    missing : tuple of str
        Sections that every study needs and this one lacks.
    """

    entries: tuple[Entry, ...] = ()
    joined: tuple[Entry, ...] = ()
    unused: tuple[Unused, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()
    notes: tuple[Message, ...] = ()
    gone: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def told(self) -> Iterator[Message]:
        """Say what each file was taken for and why, what was not used, and what is missing."""
        for entry in (*self.entries, *self.joined):
            values = {"label": entry.label, "role": say_role(entry.role), "reasons": entry.reasons}
            yield Message("draft.told_entry", values)
        for unused in self.unused:
            yield Message("draft.told_unused", {"label": unused.look.source.label, "reason": unused.reason})
        for left in self.left_alone:
            yield Message("draft.told_left", {"path": left.path, "reason": left.reason})
        yield from self.notes
        yield from (Message("draft.told_gone", {"path": path}) for path in self.gone)
        yield from (Message(f"draft.text_missing_{section}") for section in self.missing)


def draft_study(
    folder: str | Path, *, lang: Lang | None = None, ask: Asked = take_best, name: str | None = None
) -> Draft:
    """Draft the study file of a folder, or what is new for the one that is there.

    Parameters
    ----------
    folder : path
        Its files, those of its folders, sheets, layers and zips are looked at.
    lang : {"zh", "en"}, optional
        Of the comments and results; that of the study file that is there, else Chinese.
    ask : callable
        Answers what the files leave open; :func:`take_best` by default.
    name : str, optional
        Of the study; that of the folder by default.

    Returns
    -------
    Draft
        Nothing is written; see :func:`geo.draft.write_draft`.

    Raises
    ------
    FileError
        There is no such folder.
    InputError
        Nothing in it could be a layer of a study.
    StudyError
        The study file that is there is not TOML.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileError(Message("draft.no_folder", {"folder": folder}))
    earlier = read_earlier(folder / STUDY_FILE)
    spoken: Lang = lang or (earlier.lang if earlier else "zh")
    walk = walk_folder(folder)
    questions = Questions(ask)
    known = earlier.listed if earlier else frozenset()
    looks = [look_at(source) for source in walk.sources if not (earlier and earlier.knows(source))]
    chosen = choose_entries(looks, questions)
    if earlier:
        keep_new(chosen, earlier, folder)
    elif not chosen.entries:
        raise InputError(
            Message("draft.nothing", {"folder": folder, "n": len(walk.left_alone)}),
            faults=_why_not(chosen, walk),
        )
    roads = _roads(chosen, earlier, questions)
    ground = read_ground(roads, folder) if roads else Ground()
    chosen.entries = settle_alike(chosen.entries, lambda entry: _settled(entry, ground, questions))
    chosen.entries = [_with_system(entry, chosen, ground, questions) for entry in chosen.entries]
    chosen.entries += _lists_of_villages(chosen.entries, earlier)
    own = (part.path == STUDY_FILE or is_copy(part.path) for part in walk.left_alone)
    left = tuple(
        part
        for part, is_own in zip(walk.left_alone, own, strict=True)
        if not is_own and part.path not in known
    )
    listed = list(_listed(chosen, left))
    named = name or _name_of(folder)
    text = (
        add_sections(earlier.text, chosen.entries, listed, lang=spoken)
        if earlier
        else study_text(chosen.entries, listed, name=named, lang=spoken)
    )
    sections = {entry.role.section for entry in chosen.entries} | set(earlier.data if earlier else ())
    return Draft(
        folder / STUDY_FILE,
        text,
        earlier.text if earlier else None,
        spoken,
        entries=tuple(chosen.entries),
        joined=tuple(chosen.joined),
        unused=tuple(chosen.unused),
        left_alone=left,
        answered=tuple(questions.answered),
        notes=tuple(chosen.notes),
        gone=earlier.gone(folder) if earlier else (),
        missing=tuple(section for section in _NEEDED if section not in sections),
    )


def _why_not(chosen: Chosen, walk: Walk) -> list[Message]:
    unused = [
        Message("draft.told_unused", {"label": u.look.source.label, "reason": u.reason})
        for u in chosen.unused
    ]
    return unused + [
        Message("draft.told_left", {"path": p.path, "reason": p.reason}) for p in walk.left_alone
    ]


def _name_of(folder: Path) -> str:
    return folder.resolve().name or STUDY_FILE.removesuffix(".toml")


def _roads(chosen: Chosen, earlier: Earlier | None, questions: Questions) -> Entry | None:
    """Settle the roads of the study: those that it has, or the one layer that is chosen."""
    if earlier is not None and earlier.roads is not None:
        return earlier.roads
    roads = choose_roads(chosen, questions)
    if roads is None:
        return None
    others = [entry for entry in chosen.entries if entry.role.section != "roads"]
    settled = settle_roads(roads, others, questions)
    chosen.entries[chosen.entries.index(roads)] = settled
    return settled


def _settled(entry: Entry, ground: Ground, questions: Questions) -> Entry:
    if entry.role.section in ("roads", "plan"):
        return entry
    placed = settle_pairs(settle_columns(entry, questions), questions)
    return settle_entry(placed, ground, questions)


def _with_system(entry: Entry, chosen: Chosen, ground: Ground, questions: Questions) -> Entry:
    """Say the system of the layer at whose places an entry's rows stand, where its file does not."""
    path = entry.settings.get("places")
    offer = next((offer for offer in chosen.places.get(id(entry.look), ()) if offer.path == path), None)
    if offer is None:
        return entry
    settled = next((other for other in chosen.entries if other.look is offer.look), None)
    if settled is None:
        settled = settle_entry(Entry(Role("zones", "village"), offer.look), ground, questions)
    crs = settled.settings.get("crs")
    return entry if crs is None else entry.with_setting("places_crs", crs, *settled.notes.get("crs", ()))


def _lists_of_villages(entries: Sequence[Entry], earlier: Earlier | None) -> list[Entry]:
    """Let the villages that count the people be the list of villages too, where there are depots to count."""
    sections = {entry.role.section for entry in entries} | set(earlier.data if earlier else ())
    has_depots = any(entry.role == Role("facilities", "depot") for entry in entries)
    people = [
        entry
        for entry in entries
        if entry.role.section == "demand" and (entry.look.shape == "point" or "places" in entry.settings)
    ]
    if "villages" in sections or not has_depots or len(people) != 1 or "name" not in people[0].look.headers:
        return []
    kept = ("path", "layer", "sheet", "order", "crs", "columns")
    settings = {key: value for key, value in people[0].settings.items() if key in kept}
    note = Message("draft.note_villages_too")
    return [
        replace(people[0], role=Role("villages"), settings=settings, reasons=(note,), notes={}, doubts={})
    ]


def _listed(chosen: Chosen, left: Iterable[LeftAlone]) -> Iterator[tuple[str, Message]]:
    """Give every source and file that was looked at, with what became of it."""
    roles: dict[str, list[Message]] = {}
    for entry in (*chosen.entries, *chosen.joined):
        roles.setdefault(entry.label, []).append(say_role(entry.role))
    yield from ((label, Message("draft.listed", {"roles": tuple(of)})) for label, of in roles.items())
    for unused in chosen.unused:
        if unused.look.source.label not in roles:
            yield unused.look.source.label, Message("draft.listed_unused", {"reason": unused.reason})
    yield from ((part.path, Message("draft.listed_unused", {"reason": part.reason})) for part in left)
