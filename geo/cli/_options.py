"""What several commands share: how they read their options."""

from __future__ import annotations

from typing import Annotated

import typer

from geo.cli._language import system_lang
from geo.cli._misuse import MisuseError
from geo.messages import Message
from geo.words import LANGS, Lang

__all__ = [
    "FieldNamesOption",
    "known_field_names",
    "known_lang",
    "spoken_lang",
]

FieldNamesOption = Annotated[
    str | None,
    typer.Option(
        "--field-names",
        help="cli.help_field_names",
    ),
]


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
    return _known(lang, "--lang")


def _known(lang: str, option: str) -> Lang:
    if lang not in LANGS:
        message = Message("cli.lang_unknown", {"value": lang, "langs": LANGS})
        raise MisuseError(message, hint=option)
    return lang


def spoken_lang(lang: str | None) -> Lang:
    """Give the language of a command that reads no study: ``--lang``, else the system's, else Chinese."""
    return known_lang(lang) if lang is not None else system_lang(otherwise="zh")


def known_field_names(names: str | None) -> Lang | None:
    """Give the language of ``--field-names``; None where it is not asked for.

    Raises
    ------
    MisuseError
        There is no such language.
    """
    return None if names is None else _known(names, "--field-names")
