"""The ``geo plan`` command: the plan packs and the numbers of the standards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geo.cli._help import SpokenCommand, SpokenGroup
from geo.cli._options import spoken_lang

__all__ = ["app"]

app = typer.Typer(cls=SpokenGroup, no_args_is_help=True, rich_markup_mode="rich", help="cli.help_plan")

LangOption = Annotated[str | None, typer.Option("--lang", help="cli.help_lang")]


@app.command("list", cls=SpokenCommand, help="cli.help_plan_list")
def list_(lang: LangOption = None) -> None:
    """List the embedded plans."""
    from geo.plans import tell_plans

    print(tell_plans(lang=spoken_lang(lang)))


@app.command(cls=SpokenCommand, help="cli.help_plan_show")
def show(
    name: Annotated[str, typer.Argument(help="cli.help_plan_name")],
    lang: LangOption = None,
) -> None:
    """Show each target: value, how it is computed, layers it needs, source."""
    from geo.plans import load_plan, tell_plan

    print(tell_plan(load_plan(name), lang=spoken_lang(lang)))


@app.command(cls=SpokenCommand, help="cli.help_plan_new")
def new(
    name: Annotated[str, typer.Argument(help="cli.help_plan_id")],
    source: Annotated[str, typer.Option("--from", help="cli.help_plan_from")],
    out: Annotated[Path, typer.Option("--out", help="cli.help_plan_out")],
    lang: LangOption = None,
) -> None:
    """Copy a plan into a file of your own, with comments that say how to change it."""
    from geo.plans import copy_plan
    from geo.words import say

    plan = copy_plan(name, out, source=source, lang=spoken_lang(lang))
    print(say("plans.new_written", lang=spoken_lang(lang), file=out, n=len(plan.targets)))


@app.command(cls=SpokenCommand, help="cli.help_plan_rules")
def rules(
    conflicts: Annotated[bool, typer.Option("--conflicts", help="cli.help_conflicts")] = False,
    subject: Annotated[str | None, typer.Option("--subject", help="cli.help_subject")] = None,
    lang: LangOption = None,
) -> None:
    """Show the numbers of the standards with edition, clause, level and mark."""
    from geo import standards
    from geo.plans import tell_conflicts, tell_rules

    if conflicts:
        print(tell_conflicts(standards.conflicts(), lang=spoken_lang(lang)))
        return
    chosen = standards.rules(subject=subject) if subject else tuple(standards.load_rules().values())
    print(tell_rules(chosen, lang=spoken_lang(lang)))
