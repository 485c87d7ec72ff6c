"""What several commands check of their options."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from geo.words import LANGS, Lang

__all__ = ["asked_lang", "known_lang"]


def known_lang(lang: str) -> Lang:
    """Give the language of ``--lang``.

    Raises
    ------
    typer.BadParameter
        There is no such language; those there are are named.

    Examples
    --------
    >>> known_lang("en")
    'en'
    """
    if lang not in LANGS:
        raise typer.BadParameter(f"{lang!r} is not one of {', '.join(LANGS)}", param_hint="--lang")
    return lang


def asked_lang(words: Sequence[str]) -> Lang:
    """Find the language in which to tell an error: that of ``--lang``, else that of the study file.

    Parameters
    ----------
    words : sequence of str
        What stands behind ``geo`` on the command line.
    """
    from geo.study import find_lang

    for word, value in zip(words, [*words[1:], ""], strict=True):
        chosen = value if word == "--lang" else word.removeprefix("--lang=")
        if chosen in LANGS and (word == "--lang" or chosen != word):
            return chosen
    files = [Path(word) for word in words if word.casefold().endswith(".toml")]
    return find_lang(files[0]) if files else "en"
