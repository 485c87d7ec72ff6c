"""The ``geo formats`` command: which files are read, and what to do with the others."""

from __future__ import annotations

from typing import Annotated

import typer

from geo.cli._options import spoken_lang

__all__ = ["formats"]


def formats(lang: Annotated[str | None, typer.Option("--lang", help="cli.help_lang")] = None) -> None:
    """List the formats of layers that are read, and what to do with the others."""
    from rich.console import Console
    from rich.table import Table

    from geo.layers import tell_formats

    title, head, rows = tell_formats(spoken_lang(lang))
    table = Table(title=title, title_justify="left")
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
