"""What several commands share: how they read their options, and how they end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

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
    "asked_lang",
    "exit_code",
    "known_field_names",
    "known_lang",
]

FieldNamesOption = Annotated[
    str | None,
    typer.Option(
        "--field-names",
        help="zh or en: names of fields in CSV and GeoPackage; the study file's when missing.",
    ),
]
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
    if lang not in LANGS:
        raise typer.BadParameter(f"{lang!r} is not one of {', '.join(LANGS)}", param_hint="--lang")
    return lang


def known_field_names(names: str | None) -> Lang | None:
    """Give the language of ``--field-names``; None where it is not asked for.

    Raises
    ------
    typer.BadParameter
        There is no such language.
    """
    if names is None or names in LANGS:
        return names
    raise typer.BadParameter(f"{names!r} is not one of {', '.join(LANGS)}", param_hint="--field-names")


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
