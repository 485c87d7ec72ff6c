"""In which language the command speaks before a study is read: the one asked for, or the system's."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from geo.cli._streams import can_show
from geo.words import LANGS, Lang, data_dir, say

__all__ = ["asked_lang", "lang_of_file", "shown_lang", "system_lang"]

_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_OF_A_STUDY: Final = ("run", "batch", "check", "site", "report", "atlas", "serve", "new", "compare")
"""Commands that name a study, its results or its folder."""
_SILENT: Final = ("c", "posix")
"""Locales of machines, which say nothing of who reads."""
_CHINESE: Final = 0x04
"""The primary language of Windows' identifiers of languages (MS-LCID)."""
_IN_MANIFEST: Final = re.compile(r'"lang":\s*"(zh|en)"')


def asked_lang(words: Sequence[str], *, otherwise: Lang = "en") -> Lang:
    """Find the language of help and errors: of ``--lang``, of the study or result named, or the system's.

    Parameters
    ----------
    words : sequence of str
        What stands behind ``geo`` on the command line.
    otherwise : {"zh", "en"}
        Where none of them says it.

    Examples
    --------
    >>> asked_lang(["run", "--lang", "zh"]), asked_lang(["plan", "list", "--lang=zh"])
    ('zh', 'zh')
    """
    for word, value in zip(words, [*words[1:], ""], strict=False):
        chosen = value if word == "--lang" else word.removeprefix("--lang=")
        if chosen in LANGS and (word == "--lang" or chosen != word):
            return chosen
    if words and words[0] in _OF_A_STUDY:
        for word in reversed(words[1:]):
            lang = _lang_of_word(word)
            if lang is not None:
                return lang
    return system_lang(otherwise=otherwise)


def shown_lang(words: Sequence[str]) -> Lang:
    """Give the language of what goes to stderr: English where it cannot show Chinese characters."""
    lang = asked_lang(words)
    return lang if can_show(say("study.map", lang=lang)) else "en"


def system_lang(*, otherwise: Lang = "en") -> Lang:
    """Give the language of the system: of its variables, else of Windows' screens."""
    spoken = next(filter(None, (os.environ.get(name, "") for name in _VARIABLES)), "").casefold()
    if spoken.split(".")[0] not in ("", *_SILENT):
        return "zh" if spoken.startswith("zh") else "en"
    if os.name == "nt":  # pragma: no cover - where no variable says it
        spoken_there = ctypes.windll.kernel32.GetUserDefaultUILanguage()  # type: ignore[attr-defined,unused-ignore]
        return "zh" if spoken_there & 0x3FF == _CHINESE else "en"
    return otherwise


def lang_of_file(path: Path) -> Lang | None:
    """Give the language of a study file, a manifest, or the folder of either; None where there is none."""
    from geo.study import find_lang

    try:
        if path.is_dir():
            return lang_of_file(path / "study.toml") or lang_of_file(path / "manifest.json")
        if not path.is_file():  # a pipe would be waited for
            return None
        if path.suffix.casefold() == ".toml":
            return find_lang(path)
        if path.suffix.casefold() != ".json":
            return None
        asked = _IN_MANIFEST.search(path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, ValueError):
        return None
    return None if asked is None else "zh" if asked[1] == "zh" else "en"


def _lang_of_word(word: str) -> Lang | None:
    if word == "sample":
        return lang_of_file(data_dir() / "sample" / "study.toml")
    return None if word.startswith("-") or word in (".", "") else lang_of_file(Path(word))
