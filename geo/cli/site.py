"""The command ``geo site``: where the next sites should go."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from geo.cli._folder import ForceOption, folder_of, read_asked, read_from, tell_kept
from geo.cli._options import FieldNamesOption, known_field_names, known_lang
from geo.cli._pandas import with_plain_texts
from geo.cli._progress import tell_now, tell_size
from geo.cli.exit_codes import exit_code
from geo.words import Lang, percent, say

if TYPE_CHECKING:  # the command line starts without the whole flow
    from rich.console import Console

    from geo.findings import Finding
    from geo.messages import Message
    from geo.siting import SitingPlan
    from geo.study import OnStep, Remark, SiteResult, Step

__all__ = ["print_sites", "site"]

Tell: TypeAlias = Callable[[float, float], None]


@with_plain_texts
def site(
    study: Annotated[str, typer.Argument(help="cli.help_study_or_site")],
    out: Annotated[Path | None, typer.Option("--out", help="cli.help_results")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="cli.help_lang_of_study")] = None,
    why: Annotated[list[str] | None, typer.Option("--why", help="cli.help_why_here")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="cli.help_quiet")] = False,
    force_folder: ForceOption = False,
    field_names: FieldNamesOption = None,
) -> None:
    """Say where the next sites should go: candidates, proven plan, map and tables."""
    from geo.outputs import (
        SITE,
        SITE_FILES,
        require_result_folder,
        require_same_sites,
        write_sites,
    )
    from geo.study import ask_why, site_study

    chosen = known_lang(lang) if lang is not None else None
    asked, replay = read_asked(study)
    asked = ask_why(asked, why or ())
    asked = asked.with_field_names(known_field_names(field_names))
    folder = folder_of(asked, out=out, asked=study, below="sites")
    require_result_folder(
        asked, folder, by=SITE, names=SITE_FILES, read_from=read_from(study), is_forced=force_folder
    )
    kept: list[Message] = []
    spoken = chosen or asked.study.lang
    tell_size(asked, spoken)
    with _progress(spoken, is_quiet=quiet) as (step, tell):
        result = site_study(
            asked, lang=chosen, step=step, progress=tell, tell=lambda note: tell_now(note, spoken)
        )
        written = write_sites(result, folder, step=step, force_folder=force_folder, tell=kept.append)
    tell_kept(kept, result.lang)
    if replay is not None:
        require_same_sites(replay, result, folder)
    if not quiet:
        from rich.console import Console

        print_sites(result, written["map.html"], console=Console())
        if replay is not None:
            print(_replayed(Path(study), result.lang))
    raise typer.Exit(exit_code(result.inputs, result.before))


def print_sites(result: SiteResult, page: Path, *, console: Console) -> None:
    """Print the question, what the rules removed, the sites and how good they are."""
    from geo.cli.headline import print_lines

    lang = result.lang
    title = say("siting.title", lang=lang, study=result.study.study.name)
    is_synthetic = result.is_synthetic
    print_lines(
        title,
        _lines(result),
        page,
        warnings=_warnings(result),
        is_synthetic=is_synthetic,
        lang=lang,
        console=console,
    )


def _warnings(result: SiteResult) -> Iterator[Remark]:
    from geo.study import tell_doubts, tell_remarks

    yield from tell_remarks(result.inputs, lang=result.lang)
    yield from tell_doubts(result.study, result.inputs, result.before, lang=result.lang)


def _lines(result: SiteResult) -> Iterator[tuple[str, str]]:
    from geo.outputs import say_goal
    from geo.study import report_sites

    lang, sifted = result.lang, result.sifted
    findings = report_sites(result)
    goal = say_goal(result.spec, lang=lang, people_limit=result.study.response.people_limit)
    yield say("siting.line_question", lang=lang), goal
    n_left, n_removed = len(sifted.kept), len(sifted.removed)
    yield (
        say("siting.line_candidates", lang=lang),
        say("siting.candidates_left", lang=lang, left=n_left, removed=n_removed),
    )
    for row in sifted.rules[sifted.rules["n_removed"] > 0].itertuples():
        rule = say(f"siting.class_{row.rule}", lang=lang)
        text = say("siting.rule_removed", lang=lang, n=row.n_removed, left=row.n_left)
        yield say("siting.line_rule", lang=lang, rule=rule), text
    yield from _site_lines(findings[0], lang=lang)
    yield _proof_line(result.answer.plan, lang=lang)
    for finding in findings:
        if finding.name == "site_plans":
            yield from _plan_lines(finding, lang=lang)
    if result.ranges is not None:
        yield say("uncertainty.headline_label", lang=lang), _range_line(result.ranges, lang=lang)
    for reasons in result.why:
        yield say("siting.line_why", lang=lang, name=reasons.name), reasons.say(lang)


def _site_lines(proposed: Finding, *, lang: Lang) -> Iterator[tuple[str, str]]:
    """Say who is in time without and with the sites, and what each of them adds."""
    for name in ("before", "after"):
        people, share = proposed.figures[f"people_{name}"], percent(proposed.figures[f"share_{name}"])
        text = say("siting.people_share", lang=lang, people=f"{people:,.0f}", share=share)
        yield say(f"siting.line_{name}", lang=lang), text
    for row in proposed.table.itertuples():
        year = say("siting.site_year", lang=lang, year=f"{row.year:.0f}") if hasattr(row, "year") else ""
        text = say(
            "siting.site_text",
            lang=lang,
            name=row.name if str(row.Index) in row.name else f"{row.name} ({row.Index})",
            people=f"{row.people_new:,.0f}",
            share=percent(row.share_in_all),
        )
        yield say("siting.line_site", lang=lang, order=row.order), year + text


def _proof_line(plan: SitingPlan, *, lang: Lang) -> tuple[str, str]:
    """Say how good the plan is, how sure that is and how long it took."""
    text = plan.tell_proof("line").say(lang)
    seconds = f"{plan.seconds:.1f}"
    return (
        say("siting.line_proof", lang=lang),
        say("siting.proof_seconds", lang=lang, text=text, seconds=seconds),
    )


def _plan_lines(plans: Finding, *, lang: Lang) -> Iterator[tuple[str, str]]:
    """Say of each further plan what it loses and which sites it changes."""
    for row in plans.table.iloc[1:].itertuples():
        text = say(
            "siting.plan_text",
            lang=lang,
            value=f"{row.value:,.1f}",
            lost=percent(row.share_lost),
            sites_in=row.sites_in or "–",
            sites_out=row.sites_out or "–",
        )
        yield say("siting.line_plan", lang=lang, plan=row.plan), text
    if plans.figures["is_complete"]:
        yield "", say("siting.no_more_plans", lang=lang)


def _range_line(ranges: Finding, *, lang: Lang) -> str:
    """Say from which value to which the plan is worth, and how often it stays the best."""
    row = ranges.table.iloc[0]
    unit = row[f"unit_{lang}"]
    values = {end: f"{row[end]:,.10g}" for end in ("low", "high")} | {"unit": unit}
    told = say("uncertainty.headline_plan", lang=lang, **values)
    if len(ranges.table) == 1:
        return told
    values = {"best": percent(row["share_best"]), "near": percent(row["share_near"]), "n": len(ranges.table)}
    return told + say("uncertainty.headline_plan_best", lang=lang, **values)


def _replayed(manifest: Path, lang: Lang) -> str:
    data = json.loads(manifest.read_text(encoding="utf-8"))
    if data.get("is_replayable", True):
        return say("siting.replayed", lang=lang)
    return say("siting.replayed_part", lang=lang, sites=", ".join(data["plan"]))


@contextmanager
def _progress(lang: Lang, *, is_quiet: bool) -> Iterator[tuple[OnStep, Tell]]:
    """Show the step that is under way and, while sites are chosen, the value, the bound and the gap."""
    if is_quiet:
        yield (lambda step: None), (lambda value, bound: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from geo.study import SITING

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    # Where nobody looks on, a bar that goes leaves an empty line behind in the log.
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=len(SITING), completed=-1)
        began, now = time.perf_counter(), [""]

        def show(step: Step) -> None:
            nonlocal began
            now[0] = say(f"study.step_{step}", lang=lang)
            began = time.perf_counter()
            bar.update(task, description=now[0], advance=1)

        def tell(value: float, bound: float) -> None:
            gap = abs(bound - value) / abs(value) if value and abs(bound) < float("inf") else None
            text = say(
                "siting.progress",
                lang=lang,
                step=now[0],
                value=f"{value:,.1f}",
                bound=f"{bound:,.1f}" if gap is not None else "–",
                gap=f"{gap:.2%}" if gap is not None else "–",
                seconds=f"{time.perf_counter() - began:.0f}",
            )
            bar.update(task, description=text)

        yield show, tell
