"""The ``geo serve`` command: the live page of a study."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from geo.cli._folder import folder_of
from geo.cli._options import known_lang
from geo.cli._pandas import with_plain_texts
from geo.cli._progress import showing_steps, tell_size
from geo.cli.exit_codes import EXIT_ERROR, EXIT_OK
from geo.words import say

__all__ = ["serve"]

_PASSWORD: Final = "GEO_SERVE_PASSWORD"


@with_plain_texts
def serve(
    study: Annotated[str, typer.Argument(help="cli.help_study")],
    port: Annotated[int | None, typer.Option("--port", min=1, max=65_535, help="cli.help_port")] = None,
    host: Annotated[str, typer.Option("--host", help="cli.help_host")] = "127.0.0.1",
    no_open: Annotated[bool, typer.Option("--no-open", help="cli.help_no_open")] = False,
    check: Annotated[bool, typer.Option("--check", help="cli.help_try")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="cli.help_live_folder")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="cli.help_lang_of_study")] = None,
) -> None:
    """Open the live page: drag a station and see everybody's times at once. Ctrl-C ends it."""
    from geo.serve import open_study, serve_study, try_server
    from geo.study import READING, read_study

    asked = read_study(study).in_lang(known_lang(lang) if lang is not None else None)
    spoken, folder = asked.study.lang, folder_of(asked, out=out, asked=study, below="live")
    tell_size(asked, spoken)
    with showing_steps(lambda: READING, spoken) as step:
        live = open_study(asked, step=step)
    if check:
        faults = try_server(live)
        print(*(fault.say(spoken) for fault in faults), sep="\n", end="\n" if faults else "")
        print(say("serve.check_failed" if faults else "serve.check_done", lang=spoken))
        raise typer.Exit(EXIT_ERROR if faults else EXIT_OK)
    serve_study(
        live,
        folder,
        host=host,
        port=port,
        password=os.environ.get(_PASSWORD, ""),
        is_opened=not no_open,
        tell=lambda url: print(say("serve.ready", lang=spoken, url=url, folder=str(folder)), flush=True),
    )
