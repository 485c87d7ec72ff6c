"""The ``geo plan`` command: the plan packs and the numbers of the standards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geo.cli._options import known_lang

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Plans and their targets: list, show and copy; the standards.")

LangOption = Annotated[str, typer.Option("--lang", help="zh or en.")]


@app.command("list")
def list_(lang: LangOption = "zh") -> None:
    """List the embedded plans."""
    from geo.plans import tell_plans

    print(tell_plans(lang=known_lang(lang)))


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Name of an embedded plan, or a plan's own .toml file.")],
    lang: LangOption = "zh",
) -> None:
    """Show each target: value, how it is computed, layers it needs, source."""
    from geo.plans import load_plan, tell_plan

    print(tell_plan(load_plan(name), lang=known_lang(lang)))


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Id of the new plan, such as 'fengxian'.")],
    source: Annotated[str, typer.Option("--from", help="Plan to copy.")],
    out: Annotated[Path, typer.Option("--out", help="File to write, such as fengxian.toml.")],
    lang: LangOption = "zh",
) -> None:
    """Copy a plan into a file of your own, with comments that say how to change it."""
    from geo.plans import copy_plan
    from geo.words import say

    plan = copy_plan(name, out, source=source, lang=known_lang(lang))
    print(say("plans.new_written", lang=known_lang(lang), file=out, n=len(plan.targets)))


@app.command()
def rules(
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="Only where standards or editions differ.")
    ] = False,
    subject: Annotated[str | None, typer.Option("--subject", help="Only the rules on one subject.")] = None,
    lang: LangOption = "zh",
) -> None:
    """Show the numbers of the standards with edition, clause, level and mark."""
    from geo import standards
    from geo.plans import tell_conflicts, tell_rules

    if conflicts:
        print(tell_conflicts(standards.conflicts(), lang=known_lang(lang)))
        return
    chosen = standards.rules(subject=subject) if subject else tuple(standards.load_rules().values())
    print(tell_rules(chosen, lang=known_lang(lang)))
