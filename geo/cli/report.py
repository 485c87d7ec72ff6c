"""The ``geo report`` command: the results of a study as PDF, Word file and page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo.cli._finished import finished_run
from geo.cli._folder import ForceOption, folder_of, tell_kept
from geo.cli._options import known_lang
from geo.cli._pandas import with_plain_texts
from geo.words import say

if TYPE_CHECKING:  # the command line starts without the whole flow
    from geo.messages import Message

__all__ = ["report"]


@with_plain_texts
def report(
    study: Annotated[str, typer.Argument(help="cli.help_study")],
    out: Annotated[Path | None, typer.Option("--out", help="cli.help_results")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="cli.help_lang_of_study")] = None,
    templates: Annotated[Path | None, typer.Option("--templates", help="cli.help_templates")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="cli.help_quiet")] = False,
    force_folder: ForceOption = False,
) -> None:
    """Write the report of a study, from its finished run where there is one."""
    from geo.outputs import copy_templates, write_report
    from geo.study import read_study

    asked = read_study(study).in_lang(known_lang(lang) if lang is not None else None)
    spoken = asked.study.lang
    if templates is not None:
        print(*copy_templates(templates, lang=spoken), sep="\n")
        return
    folder = folder_of(asked, out=out, asked=study)
    finished, is_new = finished_run(asked, folder, study, is_quiet=quiet, is_forced=force_folder)
    kept: list[Message] = []
    written = write_report(finished, asked, tell=kept.append)
    tell_kept(kept, spoken)
    if not quiet:
        if not is_new:
            print(say("report.from_finished", lang=spoken, folder=str(folder)))
        print(*(say("report.written", lang=spoken, file=str(path)) for path in written.values()), sep="\n")
