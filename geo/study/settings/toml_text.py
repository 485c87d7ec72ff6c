"""The text of a study file: its TOML, what is wrong with a line of it and how to write it, its language."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from geo.errors import StudyError
from geo.messages import Message
from geo.reading import parse_toml, read_toml_text
from geo.reasons import Reason
from geo.settings import shorten
from geo.words import Lang

__all__ = ["find_lang", "read_toml"]

_SIGNS: Final = str.maketrans("“”‘’＝［］｛｝，：＃．　【】", "\"\"''=[]{},:#. []")
"""Signs of a Chinese keyboard, and what TOML wants."""
_BARE_KEY: Final = re.compile(r"(^|[{,])(\s*)([^\s\"'=\[\]{},#]*[^\x00-\x7f][^\"'=\[\]{},#]*?)(\s*=)")
_BARE_TEXT: Final = re.compile(
    r"((?:^|[{,\s])[\w\"'.-]+\s*=\s*)([^\s\"'\[{#0-9+-][^,}\]#\"']*?)(\s*)(?=[,}#]|$)"
)
_BARE_ENTRY: Final = re.compile(r"([\[,]\s*)([^\s\"'\[\]{},#=]*[^\x00-\x7f][^\"'\[\]{},#=]*?)(\s*)(?=[\],])")
_LANG: Final = re.compile(r"""^\s*lang\s*=\s*["'“”](zh|en)["'“”]""", re.MULTILINE)
_MOST_LETTERS: Final = 2000
_PLACE: Final = re.compile(r"\s*\(at line (\d+), column (\d+)\)|\s*\(at end of document\)")


def read_toml(file: Path) -> dict[str, Any]:
    """Read the sections of a study file.

    Raises
    ------
    FileError
        The file is missing or not UTF-8 text.
    StudyError
        It is not TOML; the message shows the line and, where that is clear, how to write it.
    """
    text = read_toml_text(file)
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(_complaint(file.name, text, str(error))) from None


def find_lang(file: Path) -> Lang:
    """Find the language that a study file asks for, also one that cannot be read as such; else Chinese."""
    try:
        if not file.is_file():  # a pipe would be waited for
            return "en"
        text = file.read_text(encoding="utf-8-sig", errors="replace")
    except (OSError, ValueError):
        return "en"
    asked = _LANG.search(text)
    return "en" if asked and asked[1] == "en" else "zh"


def _complaint(file: str, text: str, why: str) -> Message:
    lines = text.splitlines()
    row = _row_of(lines, why)
    line = lines[row - 1].strip() if lines else ""
    values = {"file": file, "row": row, "why": Reason(why), "line": shorten(line, 200)}
    # A cure is looked for where a planner wrote the line; no one writes a line of thousands of letters.
    hint = _hint(line, why) if len(line) <= _MOST_LETTERS else None
    if hint is None:
        return Message("settings.no_toml", values)
    cure = _cure(line)
    if cure is None:
        return Message("settings.no_toml_hint", {**values, "hint": hint})
    return Message("settings.no_toml_cured", {**values, "hint": hint, "cure": cure})


def _row_of(lines: list[str], why: str) -> int:
    """Find the line that an error means: one that is told at its line break is of the line before it."""
    place = _PLACE.search(why)
    if place is None or place[1] is None:
        return max((row for row, line in enumerate(lines, start=1) if line.strip()), default=1)
    return min(int(place[1]), len(lines)) or 1


def _hint(line: str, why: str) -> Message | None:
    if "\\" in line:
        return Message("settings.hint_path")
    if "twice" in why or "overwrite" in why:
        return Message("settings.hint_twice")
    if line.translate(_SIGNS) != line and _cure(line) is not None:
        return Message("settings.hint_signs")
    if _BARE_KEY.search(line):
        return Message("settings.hint_key")
    if re.search(r"=\s*(True|False|TRUE|FALSE)\b", line):
        return Message("settings.hint_case")
    if line.translate(_SIGNS) != line:
        return Message("settings.hint_signs")
    if _cure(line) is not None:
        return Message("settings.hint_text")
    if (
        "Unclosed" in why
        or "Unterminated" in why
        or "Illegal character '\\n'" in why
        or "(at end of document)" in why
    ):
        return Message("settings.hint_open")
    return None


def _cure(line: str) -> str | None:
    """Write a line as TOML wants it, if that makes it right."""
    if line.startswith("["):
        return None
    slashed = line.replace("\\", "/")
    plain = slashed.translate(_SIGNS)
    small = re.sub(r"=\s*(True|False|TRUE|FALSE)\b", lambda word: word[0].casefold(), plain)
    keyed = _BARE_KEY.sub(r'\1\2"\3"\4', small)
    texts = _BARE_ENTRY.sub(r'\1"\2"\3', _BARE_TEXT.sub(_in_quotes, keyed))
    # The fewest changes that help: a sign inside quotes is the planner's own.
    for cure in (slashed, _BARE_KEY.sub(r'\1\2"\3"\4', line), plain, small, keyed, texts):
        if cure != line and _is_toml(cure):
            return cure
    return None


def _in_quotes(part: re.Match[str]) -> str:
    return part[0] if part[2] in ("true", "false") else f'{part[1]}"{part[2]}"{part[3]}'


def _is_toml(line: str) -> bool:
    try:
        parse_toml(line)
    except tomllib.TOMLDecodeError:
        return False
    return True
