"""The ``geo atlas`` command: the maps of a study as sheets for print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from geo.cli._finished import asked_study, write_from_finished
from geo.cli._folder import ForceOption
from geo.cli._pandas import with_plain_texts
from geo.words import Lang, say

__all__ = ["atlas"]


@with_plain_texts
def atlas(
    study: Annotated[str, typer.Argument(help="cli.help_study")],
    out: Annotated[Path | None, typer.Option("--out", help="cli.help_results")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="cli.help_lang_of_study")] = None,
    sheets: Annotated[list[str] | None, typer.Option("--sheets", help="cli.help_sheets")] = None,
    sheet_towns: Annotated[list[str] | None, typer.Option("--towns", help="cli.help_sheet_towns")] = None,
    formats: Annotated[list[str] | None, typer.Option("--format", help="cli.help_atlas_format")] = None,
    paper: Annotated[str | None, typer.Option("--paper", help="cli.help_paper")] = None,
    orientation: Annotated[str | None, typer.Option("--orientation", help="cli.help_orientation")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="cli.help_quiet")] = False,
    force_folder: ForceOption = False,
) -> None:
    """Draw the sheets of a study, from its finished run where there is one."""
    from geo.outputs import write_atlas

    asked = asked_study(study, lang)
    lists = {"sheets": _listed(sheets), "towns": _listed(sheet_towns), "formats": _listed(formats)}
    if lists["towns"]:
        lists["sheets"] = list(dict.fromkeys([*(lists["sheets"] or []), "towns"]))
    options = {**lists, "paper": paper, "orientation": orientation}
    asked = asked.with_atlas({name: value for name, value in options.items() if value is not None})
    written = write_from_finished(
        asked, write_atlas, study=study, out=out, is_quiet=quiet, is_forced=force_folder
    )
    if not quiet:
        _tell_files(written, asked.study.lang)


def _listed(words: Sequence[str] | None) -> list[str] | None:
    """Give the words of an option that may stand several times, or hold several with commas between."""
    if words is None:
        return None
    parts = [part.strip() for word in words for part in word.replace("，", ",").split(",")]
    return [part for part in parts if part]


def _tell_files(written: Mapping[str, Path], lang: Lang) -> None:
    """Name the PDF, and the folder of the single sheets with their number."""
    single = [path for name, path in written.items() if "/" in name]
    for path in (path for name, path in written.items() if "/" not in name):
        print(say("atlas.written", lang=lang, file=str(path)))
    if single:
        print(say("atlas.written_sheets", lang=lang, n=len(single), folder=str(single[0].parent)))
