"""What several commands check of their options."""

from __future__ import annotations

import typer

from geo.words import LANGS, Lang

__all__ = ["known_lang"]


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
