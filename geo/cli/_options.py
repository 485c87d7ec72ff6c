"""What several commands share: how they read their options, and how they end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from geo.cli._language import system_lang
from geo.cli._misuse import MisuseError
from geo.messages import Message
from geo.words import LANGS, Lang

if TYPE_CHECKING:  # the command line starts without the whole flow
    from geo.coverage import Coverage
    from geo.study import Inputs

__all__ = [
    "EXIT_ERROR",
    "EXIT_FAULTS",
    "EXIT_OK",
    "EXIT_OWN_FAULT",
    "EXIT_STOPPED",
    "FieldNamesOption",
    "NoCacheOption",
    "exit_code",
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
NoCacheOption = Annotated[bool, typer.Option("--no-cache", help="cli.help_no_cache")]
EXIT_OK: Final = 0
EXIT_ERROR: Final = 1
EXIT_FAULTS: Final = 3
"""Done, but something in the layers should be mended."""
EXIT_OWN_FAULT: Final = 70
"""The program itself is at fault (``EX_SOFTWARE`` of sysexits.h)."""
EXIT_STOPPED: Final = 130
"""Stopped by Ctrl-C, as shells count: 128 and the number of the signal."""


def exit_code(inputs: Inputs, covered: Coverage) -> int:
    """Give the exit code of a run that is done: the same that the check of the same study gives."""
    from geo.study import count_faults

    return EXIT_FAULTS if count_faults(inputs, covered) else EXIT_OK


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
