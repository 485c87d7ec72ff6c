"""Counts and sums in the comments of a drafted study, told anew where its files are those of another year."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from geo.draft.columns import people_headers
from geo.draft.look import Look
from geo.draft.versions import tell_version
from geo.messages import Message
from geo.words import LANGS, Lang, say

__all__ = ["Place", "recount"]

Place: TypeAlias = tuple[str, int]
"""A section of a study file: its name, and which of that name it is, from 0."""
_HEAD: Final = re.compile(r"\s*\[+\s*([\w.-]+)")
_COMMENT: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|(?P<comment>#[^\n]*)')


def recount(text: str, looks: Mapping[Place, tuple[Look, Look]], *, renamed: Mapping[str, str]) -> str:
    """Tell in comments what stands in the new files; what a draft did not write itself stays.

    Parameters
    ----------
    text : str
        A study file, with the paths of the new files.
    looks : mapping
        By section what its old file and its new one hold.
    renamed : mapping
        Old headers that say a year, and what they are called now.
    """
    lines: list[str] = []
    seen: Counter[str] = Counter()
    phrases: list[tuple[str, str]] = []
    for line in text.splitlines():
        if head := _HEAD.match(line):
            place = (head[1], seen[head[1]])
            seen[head[1]] += 1
            phrases = list(_phrases(*looks[place], renamed)) if place in looks else []
        lines.append(_told_anew(line, phrases))
    return "\n".join(lines) + "\n"


def _told_anew(line: str, phrases: list[tuple[str, str]]) -> str:
    comment = next((match for match in _COMMENT.finditer(line) if match["comment"]), None)
    if comment is None:
        return line
    told = comment[0]
    for old, new in phrases:
        told = told.replace(old, new)
    return line[: comment.start()] + told


def _phrases(old: Look, new: Look, renamed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give what a draft says of the old file, and what it would say of the new one; the longest first."""
    for lang in LANGS:
        chosen = Message("draft.note_chosen", {"choice": tell_version(old)}).say(lang)
        yield say("draft.between_notes", lang=lang) + chosen, ""  # nobody chose the new one
        yield tell_version(old).say(lang), tell_version(new).say(lang)
        yield _rows(old, lang), _rows(new, lang)
        for header in people_headers(old):
            now = _people(new, renamed.get(header, header), lang)
            yield from zip(_people(old, header, lang), now, strict=True)


def _rows(look: Look, lang: Lang) -> str:
    form = ", ".join(filter(None, (look.format, look.encoding)))
    return say("draft.note_rows", lang=lang, n=look.n_rows, form=form)


def _people(look: Look, header: str, lang: Lang) -> tuple[str, str]:
    people = look.people(header)
    return (
        say("draft.choice_column", lang=lang, header=header, people=people),
        say("draft.note_people", lang=lang, people=people, n=look.n_rows),
    )
