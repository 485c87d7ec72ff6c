"""The text of a study file: values as TOML, a comment beside each line, and the list of files looked at."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from geo.draft.entries import Entry
from geo.draft.questions import Answered
from geo.draft.roles import say_role
from geo.messages import Message
from geo.signs import toml_key, toml_value
from geo.words import Lang, say

__all__ = ["LISTED", "add_sections", "files_listed", "section_lines", "study_text"]

ORDER: Final = (
    *("roads", "facilities", "demand", "zones", "land", "barriers", "villages", "hazards", "sensitive"),
    *("obstacles", "built_up", "plots", "keep_out", "calls"),
)
"""Sections in the order in which they are written."""
_SINGLE: Final = ("roads", "land", "villages")
_NEEDED: Final = ("roads", "facilities", "demand")
LISTED: Final = re.compile(r'^#: (?P<text>"(?:[^"\\]|\\.)*")', re.MULTILINE)
_WIDTH: Final = 36


def study_text(
    entries: Sequence[Entry], listed: Iterable[tuple[str, Message]], *, name: str, lang: Lang
) -> str:
    """Write a study file.

    Parameters
    ----------
    entries : sequence of Entry
        Its layers.
    listed : iterable of (str, Message)
        Every file that was looked at, and what became of it.
    name : str
        Of the study.
    lang : {"zh", "en"}
        Language of the comments and of the results.
    """
    lines = [f"# {line}" for line in say("draft.text_head", lang=lang).splitlines()]
    lines += ["", "[study]"]
    lines += _keyed(
        [("name", name, say("draft.key_name", lang=lang)), ("lang", lang, say("draft.key_lang", lang=lang))]
    )
    for entry in entries:
        if entry.role.section == "plan":
            lines += _keyed([("plan", entry.settings["path"], _beside(entry, "path", lang))])
    if not any(entry.role.section == "plan" for entry in entries):
        lines.append(f'# plan = "..."  # {say("draft.text_no_plan", lang=lang)}')
    for section in ORDER:
        of_section = [entry for entry in entries if entry.role.section == section]
        for entry in of_section:
            lines += ["", *section_lines(entry, lang=lang)]
        if not of_section and section in _NEEDED:
            lines += ["", f"# {say(f'draft.text_missing_{section}', lang=lang)}"]
    lines += ["", *_foot(listed, lang=lang)]
    return "\n".join(lines) + "\n"


def add_sections(
    text: str, entries: Sequence[Entry], listed: Iterable[tuple[str, Message]], *, lang: Lang
) -> str:
    """Add new sections and newly seen files to a study file, of which nothing else is changed.

    New sections stand behind all others, before the list of files if it is there.
    """
    new = [line for entry in entries for line in ("", *section_lines(entry, lang=lang))]
    files = [_listing(label, what, lang=lang) for label, what in listed]
    is_listed = LISTED.search(text) is not None
    head = f"# {say('draft.text_files', lang=lang).splitlines()[0]}"
    kept = text if text.endswith("\n") else text + "\n"
    if is_listed and (place := kept.find(head)) >= 0:
        before, behind = kept[:place].rstrip("\n"), kept[place:]
        middle = "\n".join([before, *new, "", ""]) if new else kept[:place]
        return middle + behind.rstrip("\n") + "\n" + "".join(f"{line}\n" for line in files)
    foot = list(_foot([], lang=lang)) if files else []
    return kept + "".join(f"{line}\n" for line in [*new, *([""] if foot else []), *foot, *files])


def files_listed(text: str) -> frozenset[str]:
    """Give the files that a study file lists as looked at."""
    return frozenset(str(tomllib.loads(f"x = {match['text']}")["x"]) for match in LISTED.finditer(text))


def section_lines(entry: Entry, *, lang: Lang) -> Iterator[str]:
    """Write one section: what it is and why, then a line a setting."""
    why = tuple(entry.reasons)
    yield "# " + _one_line(say("draft.text_section", lang=lang, role=say_role(entry.role).say(lang)))
    if why:
        yield "# " + _one_line(Message("draft.text_why", {"reasons": why}).say(lang))
    if entry.look.error is not None:
        yield "# " + _one_line(Message("draft.text_unread", {"why": entry.look.error.say(lang)}).say(lang))
    is_single = entry.role.section in _SINGLE
    yield f"[{entry.role.section}]" if is_single else f"[[{entry.role.section}]]"
    for line, key in zip(
        _keyed((key, value, _beside(entry, key, lang)) for key, value in entry.settings.items()),
        entry.settings,
        strict=True,
    ):
        yield from (f"# {_one_line(_doubt(answered, lang))}" for answered in entry.doubts.get(key, ()))
        yield line


def _keyed(rows: Iterable[tuple[str, Any, str]]) -> list[str]:
    """Write lines of a section, each with its comment."""
    written = [(f"{toml_key(key)} = {toml_value(value)}", comment) for key, value, comment in rows]
    width = max((len(text) for text, _ in written if len(text) <= _WIDTH), default=0)
    return [f"{text:<{width}}  # {_one_line(comment)}" if comment else text for text, comment in written]


def _beside(entry: Entry, key: str, lang: Lang) -> str:
    """Give the comment of a line: what is to be checked first, then what was learnt."""
    doubts = [say("draft.mark", lang=lang)] if entry.doubts.get(key) else []
    notes = [note.say(lang) for note in entry.notes.get(key, ())]
    if key == "path" and entry.look.format:
        form = ", ".join(filter(None, (entry.look.format, entry.look.encoding)))
        rows = (
            say("draft.note_rows", lang=lang, n=entry.look.n_rows, form=form) if entry.look.n_rows else form
        )
        notes.insert(0, rows)
    if not notes and not doubts:
        notes = [say(f"draft.key_{key}", lang=lang)]
    return say("draft.between_notes", lang=lang).join([*doubts, *notes])


def _doubt(answered: Answered, lang: Lang) -> str:
    return Message("draft.note_check", {"taken": answered.taken, "others": answered.others}).say(lang)


def _one_line(text: str) -> str:
    """Keep a comment on its line, whatever file names and headers hold."""
    return "".join(letter if letter >= " " and letter != "\x7f" else " " for letter in " ".join(text.split()))


def _foot(listed: Iterable[tuple[str, Message]], *, lang: Lang) -> Iterator[str]:
    yield from (f"# {line}" for line in say("draft.text_files", lang=lang).splitlines())
    yield from (_listing(label, what, lang=lang) for label, what in listed)


def _listing(label: str, what: Message, *, lang: Lang) -> str:
    return f"#: {toml_value(label)}  {_one_line(what.say(lang))}"
