"""A study file carried over to the data of another year: each path to its successor, the rest as it is."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from geo.draft.drafting import STUDY_FILE
from geo.draft.earlier import entries_of
from geo.draft.entries import Entry
from geo.draft.look import Look, look_at
from geo.draft.names import name_of_list, years_in
from geo.draft.questions import Asked, Questions, take_best
from geo.draft.recounted import Place, recount
from geo.draft.roles import find_roles
from geo.draft.study_text import StudyText
from geo.draft.text import LISTED
from geo.draft.versions import latest_first, tell_version
from geo.draft.walk import Source, walk_folder
from geo.errors import FileError
from geo.files import path_from
from geo.messages import Message
from geo.signs import toml_value
from geo.study import find_lang, read_toml
from geo.words import Lang

__all__ = ["Carried", "carry_over"]

ALIKE: Final = 0.8
"""Two tables with this share of their columns in common may be one list in two years."""
_NAMES_OF_PATHS: Final = ("path", "more", "plan", "over", "urban", "within", "profile", "standard", "places")
_TOKEN: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*')


@dataclass(frozen=True, eq=False)
class Carried(StudyText):
    """A study file for another year, not yet written; also what :class:`StudyText` has.

    Parameters
    ----------
    matched : tuple of Message
        What was put in the place of what, and how it was found.
    unmatched : tuple of Message
        What has no successor: the line is as it was, and marked.
    """

    matched: tuple[Message, ...] = ()
    unmatched: tuple[Message, ...] = ()

    def told(self) -> Iterator[Message]:
        """Say what was matched and what was not."""
        yield from self.matched
        yield from self.unmatched


@dataclass
class _Change:
    """What becomes of the texts of the old file, by their old value; and which of them are to be checked."""

    texts: dict[str, str] = field(default_factory=dict)
    marked: set[str] = field(default_factory=set)
    matched: list[Message] = field(default_factory=list)
    unmatched: list[Message] = field(default_factory=list)
    base_year: int | None = None
    looks: dict[Place, tuple[Look, Look]] = field(default_factory=dict)


def carry_over(
    study_file: str | Path,
    *,
    folder: str | Path | None = None,
    year: int | None = None,
    ask: Asked = take_best,
) -> Carried:
    """Carry a study file over to the data of another year.

    Parameters
    ----------
    study_file : path
        The study of a year before; it stays as it is.
    folder : path, optional
        Where the new data stand, and the new ``study.toml``; that of the old study by default, and then the
        new file bears the year in its name.
    year : int, optional
        Of the new data: names that say a year are looked for with this one.
    ask : callable
        Answers where several files may be the successor.

    Returns
    -------
    Carried
        Nothing is written; see :func:`geo.draft.write_draft`.

    Raises
    ------
    FileError, StudyError
        The study or the folder is missing, or the study is not TOML.
    """
    old = Path(study_file)
    data = read_toml(old)
    home = old.parent
    target = Path(folder) if folder is not None else home
    if not target.is_dir():
        raise FileError(Message("draft.no_folder", {"folder": target}))
    is_beside = target.resolve() == home.resolve()
    file = target / (f"{old.stem}-{year or 'new'}{old.suffix}" if is_beside else STUDY_FILE)
    questions = Questions(ask)
    finder = _Finder(home, target, year, questions)
    change = _Change()
    seen: Counter[str] = Counter()
    for entry in entries_of(data, home):
        place = (entry.role.section, seen[entry.role.section])
        seen[entry.role.section] += 1
        if (new := _carry_entry(entry, finder, change)) is not None:
            change.looks[place] = (entry.look, new)
    for path in _other_paths(data):
        if path not in change.texts and (home / path).is_file():
            _carry_path(path, None, finder, change)
    _carry_head(data, year, is_beside, change)
    text = _rewritten(old.read_text(encoding="utf-8-sig"), change, find_lang(old), target)
    text = recount(text, change.looks, renamed=change.texts)
    before = file.read_text(encoding="utf-8-sig") if file.exists() else None
    return Carried(
        file,
        text,
        before,
        find_lang(old),
        tuple(questions.answered),
        matched=tuple(change.matched),
        unmatched=tuple(change.unmatched),
    )


class _Finder:
    """Finds the successor of a file among those of the new folder."""

    def __init__(self, home: Path, target: Path, year: int | None, questions: Questions) -> None:
        self.home, self.target, self.year, self.questions = home, target, year, questions
        self.sources = walk_folder(target).sources
        self.looks: dict[tuple[str, str, str], Look] = {}

    def named(self, path: str) -> str | None:
        """Find the file that bears the same name with the new year."""
        wanted = with_year(path, self.year)
        there = {source.path: source.path for source in self.sources}
        if wanted in there:
            return wanted
        # The folder itself may be that of the year: 2024/人口.csv beside 2025/人口.csv.
        name = PurePosixPath(wanted).name
        same = [path for path in there if PurePosixPath(path).name == name and self._is_new(path)]
        return same[0] if len(same) == 1 else None

    def _is_new(self, path: str) -> bool:
        """Whether a path is none of another year than the new one."""
        years = years_in(path)
        return self.year is None or not years or self.year in years

    def alike(self, entry: Entry) -> list[Look]:
        """Find sources of the same name but for its date, else of the same role and columns."""
        own = entry.look.source
        name = name_of_list(PurePosixPath(own.path).stem)
        fresh = [
            source
            for source in self.sources
            if source.form == own.form and self._is_new(source.path) and self._is_other(source, own)
        ]
        same_name = [
            source for source in fresh if name and name_of_list(PurePosixPath(source.path).stem) == name
        ]
        if same_name:
            return latest_first(self._parts(same_name, own))
        looks = [self._look(source) for source in fresh]
        return latest_first([look for look in looks if _is_alike(look, entry)])

    def _parts(self, sources: Sequence[Source], own: Source) -> list[Look]:
        """Of the sheets of one file take the one of the same name."""
        files = dict.fromkeys(source.path for source in sources)
        parts = []
        for path in files:
            of_file = [source for source in sources if source.path == path]
            named = [source for source in of_file if source.part[:2] == own.part[:2]]
            parts.append(self._look((named or of_file)[0]))
        return parts

    def _is_other(self, source: Source, own: Source) -> bool:
        return source.file.resolve() != own.file.resolve()

    def _look(self, source: Source) -> Look:
        if source.key not in self.looks:
            self.looks[source.key] = look_at(source)
        return self.looks[source.key]

    def look_of(self, path: str, like: Source) -> Look:
        """Look at the part of a new file that the old study names."""
        of_file = [source for source in self.sources if source.path == path]
        sheet = like.part.sheet or ""
        of_layer = [source for source in of_file if source.part.layer == like.part.layer]
        named = [
            source
            for wanted in (with_year(sheet, self.year), sheet)
            for source in of_layer
            if (source.part.sheet or "") == wanted
        ]
        return self._look((named or of_file)[0])


def with_year(text: str, year: int | None) -> str:
    """Put a year in the place of the last that a text names; a text without one stays.

    Examples
    --------
    >>> with_year("2024年/人口2024.csv", 2025), with_year("人口.csv", 2025)
    ('2025年/人口2025.csv', '人口.csv')
    """
    years = years_in(text)
    if year is None or not years:
        return text
    return re.sub(rf"(?<!\d){max(years)}(?!\d)", str(year), text)


def _is_alike(look: Look, entry: Entry) -> bool:
    """Whether a source has the role of an entry, and its columns but for their years."""
    roles = {claim.role.section for claim in find_roles(look)[:2]}
    one, two = (_bare_columns(each) for each in (look, entry.look))
    if entry.role.section not in roles or not one or not two:
        return False
    return len(one & two) / len(one | two) >= ALIKE


def _bare_columns(look: Look) -> set[str]:
    return {re.sub(r"(19|20)\d\d", "", str(column)) for column in look.table.columns}


def _carry_entry(entry: Entry, finder: _Finder, change: _Change) -> Look | None:
    """Carry one section: its file, and sheets and headers that name the year; give the new file's look."""
    path = entry.look.source.path
    new = change.texts.get(path) or _carry_path(path, entry, finder, change)
    if new is None:
        return None
    look = finder.look_of(new, entry.look.source)
    headers = {str(column) for column in look.table.columns} | set(look.headers.values())
    named = [entry.settings.get("people"), *entry.settings.get("columns", {}).values()]
    for header in named:
        if isinstance(header, str) and header not in headers:
            later = with_year(header, finder.year)
            _carry_text(header, later if later in headers else None, new, change)
    sheet = entry.look.source.part.sheet
    if sheet and look.source.part.sheet != sheet:
        _carry_text(sheet, look.source.part.sheet, new, change)
    return look


def _carry_text(old: str, new: str | None, file: str, change: _Change) -> None:
    values = {"old": old, "new": new or "–", "file": file}
    if new is None:
        change.marked.add(old)
        change.unmatched.append(Message("draft.carry_no_text", values))
    else:
        change.texts[old] = new
        change.matched.append(Message("draft.carry_text", values))


def _carry_path(path: str, entry: Entry | None, finder: _Finder, change: _Change) -> str | None:
    """Find the successor of a path; where there is none the old file stays in use, and is marked."""
    new = finder.named(path)
    how = "name"
    if new is None and entry is not None:
        found = finder.alike(entry)
        if len(found) > 1:
            text = Message("draft.ask_carry", {"path": path})
            answered = finder.questions.put("version", text, tuple(tell_version(look) for look in found))
            new = found[answered.answer.choice].source.path
            if not answered.answer.is_given:
                change.marked.add(path)
        elif found:
            new, how = found[0].source.path, "columns"
            change.marked.add(path)
    if new is None:
        stays = path_from(finder.target, finder.home / path)
        if stays != path:
            change.texts[path] = stays
        change.marked.add(path)
        change.unmatched.append(Message("draft.carry_none", {"path": path, "stays": stays}))
        return None
    change.texts[path] = new
    how = "stays" if new == path else how
    change.matched.append(Message(f"draft.carry_{how}", {"path": path, "new": new}))
    return new


def _other_paths(data: Any, name: str = "") -> Iterator[str]:
    """Give texts of a study file that name files in other keys than the layers' own."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _other_paths(value, str(key))
    elif isinstance(data, list):
        for value in data:
            yield from _other_paths(value, name)
    elif isinstance(data, str) and name in _NAMES_OF_PATHS:
        yield data


def _carry_head(data: Mapping[str, Any], year: int | None, is_beside: bool, change: _Change) -> None:
    """Carry the year in the name of the study; results of two years go into two folders."""
    head = data.get("study", {})
    name = head.get("name")
    if isinstance(name, str) and with_year(name, year) != name:
        change.texts[name] = with_year(name, year)
    out = head.get("out", "out")
    later = with_year(out, year)
    if is_beside and later == out:
        later = f"{out}-{year or 'new'}"
    if later != out:
        change.texts[_OUT] = later
    _carry_base_year(data, year, change)


def _carry_base_year(data: Mapping[str, Any], year: int | None, change: _Change) -> None:
    """Carry the base year where it is that of the old data; that of a plan stays, and both are told."""
    base = data.get("projects", {}).get("base_year")
    if not isinstance(base, int) or year is None:
        return
    texts = [str(data.get("study", {}).get("name", "")), *_other_paths(data)]
    own = max((named for text in texts for named in years_in(text)), default=None)
    if base == own:
        change.base_year = year
        change.matched.append(Message("draft.carry_base", {"old": base, "new": year}))
    else:
        change.matched.append(Message("draft.carry_base_stays", {"old": base}))


_OUT: Final = "\0out"
"""Stands for the folder of results, which the old file need not name."""


def _rewritten(text: str, change: _Change, lang: Lang, target: Path) -> str:
    """Put new texts in the place of old ones, in values alone; comments stay, doubtful lines get a mark."""
    lines: list[str] = []
    section = ""
    has_out = re.search(r"^\s*out\s*=", text, flags=re.MULTILINE) is not None
    for line in text.splitlines():
        if listed := LISTED.match(line):
            lines += _relisted(line, listed, change, target)
            continue
        head = re.match(r"\s*\[+\s*([\w.-]+)", line)
        section = head[1] if head else section
        lines.append(_line(line, section, change, lang))
        if head and section == "study" and _OUT in change.texts and not has_out:
            lines.append(f"out = {toml_value(change.texts[_OUT])}")
    return "\n".join(lines) + "\n"


def _relisted(line: str, listed: re.Match[str], change: _Change, target: Path) -> Iterator[str]:
    """Carry a line of the list of files that were looked at; those that are not there are dropped."""
    label = str(tomllib.loads(f"x = {listed['text']}")["x"])
    path, bracket, part = label.partition(" [")
    path = change.texts.get(path, path)
    if (target / path).exists():
        yield f"#: {toml_value(path + bracket + part)}{line[listed.end() :]}"


def _line(line: str, section: str, change: _Change, lang: Lang) -> str:
    if line.lstrip().startswith("#"):
        return line
    base = re.match(r"(\s*base_year\s*=\s*)\d+(.*)$", line) if section == "projects" else None
    if base is not None and change.base_year is not None:
        return f"{base[1]}{change.base_year}{base[2]}"
    is_out = section == "study" and re.match(r"\s*out\s*=", line) is not None
    is_marked = False
    parts, end = [], 0
    comment = False
    for token in _TOKEN.finditer(line):
        if token[0].startswith("#"):
            comment = True
            break
        value = str(tomllib.loads(f"x = {token[0]}")["x"])
        new = change.texts.get(_OUT) if is_out else change.texts.get(value)
        is_marked |= value in change.marked and _is_value(line, token.end())
        if new is not None and _is_value(line, token.end()):
            parts += [line[end : token.start()], toml_value(new)]
            end = token.end()
    rewritten = "".join([*parts, line[end:]])
    if not is_marked:
        return rewritten
    mark = Message("draft.mark").say(lang)
    if mark in rewritten:
        return rewritten
    return f"{rewritten} {mark}" if comment else f"{rewritten}  # {mark}"


def _is_value(line: str, end: int) -> bool:
    """Whether a text is a value and not a key."""
    return not line[end:].lstrip().startswith("=")
