"""The ``geo report`` command: the results of a study as PDF, Word file and page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geo.cli._finished import asked_study, write_from_finished
from geo.cli._folder import ForceOption
from geo.cli._pandas import with_plain_texts
from geo.words import say

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

    asked = asked_study(study, lang)
    spoken = asked.study.lang
    if templates is not None:
        print(*copy_templates(templates, lang=spoken), sep="\n")
        return
    written = write_from_finished(
        asked, write_report, study=study, out=out, is_quiet=quiet, is_forced=force_folder
    )
    if not quiet:
        print(*(say("report.written", lang=spoken, file=str(path)) for path in written.values()), sep="\n")
