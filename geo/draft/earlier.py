"""The study file that a folder has already: what it names, what it was told of, and what is new beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from geo.draft.chosen import Chosen
from geo.draft.counting import compare_entries, is_complement
from geo.draft.entries import Entry
from geo.draft.look import look_at
from geo.draft.roles import Role, say_role
from geo.draft.text import ORDER, files_listed
from geo.draft.walk import Form, Source
from geo.layers import Part
from geo.messages import Message
from geo.osm import is_osm_file
from geo.study import find_lang, read_toml
from geo.words import Lang

__all__ = ["Earlier", "entries_of", "keep_new", "read_earlier"]

_ONCE: Final = ("roads", "land", "villages")


@dataclass(frozen=True, eq=False)
class Earlier:
    """A study file as it stands.

    Parameters
    ----------
    text : str
        Its text.
    data : mapping
        Its sections.
    lang : {"zh", "en"}
        Its language.
    listed : frozenset of str
        Files that it lists as looked at.
    roads : Entry or None
        Its roads.
    entries : tuple of Entry
        All of its layers.
    """

    text: str
    data: Mapping[str, Any]
    lang: Lang
    listed: frozenset[str]
    roads: Entry | None
    entries: tuple[Entry, ...]

    def knows(self, source: Source) -> bool:
        """Whether a source is in a section, or was looked at before."""
        if source.label in self.listed or source.path in self.listed:
            return True
        for entry in self.entries:
            own = entry.look.source
            if own.path == source.path and own.part in (Part(), Part(source.part.layer, source.part.sheet)):
                return True
        if any(text.partition("#")[0] == source.path for text in self._more()):
            return True
        return bool(self.data.get("study", {}).get("plan") == source.path)

    def _more(self) -> list[str]:
        """Give further files of the same roads."""
        more = self.data.get("roads", {}).get("more", [])
        return [text for text in more if isinstance(text, str)] if isinstance(more, list) else []

    def gone(self, folder: Path) -> tuple[str, ...]:
        """Give the paths that are no longer there."""
        more = (text.partition("#")[0] for text in self._more())
        paths = dict.fromkeys((*(entry.look.source.path for entry in self.entries), *more))
        return tuple(path for path in paths if not (folder / path).exists())


def read_earlier(file: Path) -> Earlier | None:
    """Read the study file of a folder; None where there is none.

    Raises
    ------
    FileError, StudyError
        It cannot be read, or is not TOML.
    """
    if not file.exists():
        return None
    data = read_toml(file)
    text = file.read_text(encoding="utf-8-sig")
    entries = tuple(entries_of(data, file.parent))
    roads = next((entry for entry in entries if entry.role.section == "roads"), None)
    return Earlier(text, data, find_lang(file), files_listed(text), roads, entries)


def entries_of(data: Mapping[str, Any], folder: Path) -> Iterator[Entry]:
    """Give the layers that the sections of a study file name, each looked at."""
    for section in ORDER:
        rows = data.get(section, [])
        for row in rows if isinstance(rows, list) else [rows]:
            if isinstance(row, Mapping) and isinstance(row.get("path"), str):
                kind = str(row.get("kind", row.get("level", "")))
                if section == "facilities":
                    kind = kind or "fire_station"
                source = _source(row, folder)
                yield Entry(Role(section, kind), look_at(source), settings=dict(row))


def _source(row: Mapping[str, Any], folder: Path) -> Source:
    path = str(row["path"])
    form: Form = (
        "osm" if is_osm_file(path) else "graphml" if path.casefold().endswith(".graphml") else "layer"
    )
    if row.get("method") == "raster":
        form = "raster"
    file = folder / path
    modified = file.stat().st_mtime if file.exists() else 0.0
    return Source(path, file, form, Part(row.get("layer"), row.get("sheet")), modified)


def keep_new(chosen: Chosen, earlier: Earlier, folder: Path) -> None:
    """Keep of what was chosen what the study does not have: nothing of it is replaced or counted twice.

    Parameters
    ----------
    chosen : Chosen
        Entries that would change what the study says become unused.
    earlier : Earlier
        The study.
    folder : Path
        Where it stands.
    """
    for entry in list(chosen.entries):
        reason = _why_not(entry, earlier)
        if reason is not None:
            chosen.entries.remove(entry)
            chosen.leave(entry.look, reason)


def _why_not(entry: Entry, earlier: Earlier) -> Message | None:
    section = entry.role.section
    same = [other for other in earlier.entries if other.role.section == section]
    values = {"role": say_role(entry.role)}
    if section in _ONCE and same:
        return Message("draft.unused_has", {**values, "other": same[0].label})
    if section == "plan" and "plan" in earlier.data.get("study", {}):
        return Message("draft.unused_has", {**values, "other": earlier.data["study"]["plan"]})
    if section in earlier.data and isinstance(earlier.data[section], Mapping):
        # [zones] cannot stand beside [[zones]].
        return Message("draft.unused_table", {**values, "section": section})
    for other in same:
        if section == "demand" and not is_complement(entry, other):
            return Message("draft.unused_counted", {"other": other.label})
        is_same_role = other.role == entry.role and (other.status or "existing") == (
            entry.status or "existing"
        )
        if is_same_role and other.look.error is None and entry.look.error is None:
            difference = compare_entries(entry, other)
            if difference.is_same_list:
                told = difference.told(entry.look, other.look)
                return Message("draft.unused_has_version", {"other": other.label, "difference": told})
    return None
