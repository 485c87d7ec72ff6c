"""The command ``geo simulate``: calls drawn one by one, today and in the scenarios of a study."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo.cli._folder import ForceOption, folder_of, read_asked, read_from, tell_kept
from geo.cli._options import FieldNamesOption, known_field_names, known_lang
from geo.cli._pandas import with_plain_texts
from geo.cli._progress import showing_steps, tell_now, tell_size
from geo.cli.exit_codes import exit_code
from geo.words import Lang, percent, say

if TYPE_CHECKING:  # the command line starts without the whole flow
    import pandas as pd

    from geo.messages import Message
    from geo.study import Remark, SimulationResult, Step, Study

__all__ = ["print_simulation", "simulate"]


@with_plain_texts
def simulate(
    study: Annotated[str, typer.Argument(help="cli.help_study_or_simulate")],
    scenario: Annotated[list[str] | None, typer.Option("--scenario", help="cli.help_scenario")] = None,
    years: Annotated[float | None, typer.Option("--years", help="cli.help_years")] = None,
    runs: Annotated[int | None, typer.Option("--runs", help="cli.help_runs")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="cli.help_seed_calls")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="cli.help_results")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="cli.help_lang_of_study")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="cli.help_quiet")] = False,
    force_folder: ForceOption = False,
    field_names: FieldNamesOption = None,
) -> None:
    """Send engines to calls one by one, today and in scenarios: tables, map and intervals."""
    from geo.outputs import (
        SIMULATE,
        SIMULATED_FILES,
        require_result_folder,
        require_same_simulation,
        write_simulation,
    )
    from geo.study import simulate_study

    chosen = known_lang(lang) if lang is not None else None
    asked, replay = read_asked(study)
    options = {"years": years, "runs": runs, "seed": seed}
    given = {name: value for name, value in options.items() if value is not None}
    asked = asked.with_simulation(given, scenario or ())
    asked = asked.with_field_names(known_field_names(field_names))
    folder = folder_of(asked, out=out, asked=study, below="simulated")
    require_result_folder(
        asked,
        folder,
        by=SIMULATE,
        names=SIMULATED_FILES,
        read_from=read_from(study),
        is_forced=force_folder,
    )
    kept: list[Message] = []
    spoken = chosen or asked.study.lang
    tell_size(asked, spoken)
    with showing_steps(lambda: _steps(asked), spoken, is_quiet=quiet) as step:
        result = simulate_study(asked, lang=chosen, step=step, tell=lambda note: tell_now(note, spoken))
        written = write_simulation(result, folder, step=step, force_folder=force_folder, tell=kept.append)
    tell_kept(kept, result.lang)
    if replay is not None:
        require_same_simulation(replay, result, folder)
    if not quiet:
        print_simulation(result, written["map.html"])
        if replay is not None:
            print(say("availability.replayed", lang=result.lang))
    raise typer.Exit(exit_code(result.inputs, result.today.coverage))


def _steps(study: Study) -> tuple[Step, ...]:
    from geo.study import simulation_steps

    return simulation_steps(study)


def print_simulation(result: SimulationResult, page: Path) -> None:
    """Print the figures of today with their intervals, and what each scenario changes."""
    from rich.console import Console

    from geo.cli.headline import print_lines

    lang = result.lang
    print_lines(
        say("availability.simulated_title", lang=lang, study=result.study.study.name),
        _lines(result),
        page,
        warnings=_warnings(result),
        is_synthetic=result.is_synthetic,
        lang=lang,
        console=Console(),
    )


def _warnings(result: SimulationResult) -> Iterator[Remark]:
    from geo.study import tell_doubts, tell_remarks

    yield from tell_remarks(result.inputs, lang=result.lang)
    yield from tell_doubts(result.study, result.inputs, result.today.coverage, lang=result.lang)


def _lines(result: SimulationResult) -> Iterator[tuple[str, str]]:
    from geo.maps import say_time
    from geo.study import report_simulation, say_interval

    lang, simulated = result.lang, result.today.simulated
    told = simulated.figures()
    values = {
        "n": f"{int(simulated.runs['n_calls'].sum()):,}",
        "runs": len(simulated.runs),
        "limit": say_time(simulated.limit_s, lang=lang),
    }
    yield say("availability.line_calls", lang=lang), say("availability.calls_told", lang=lang, **values)
    for figure in ("share_in_time", "share_full_in_time", "share_lost", "share_unreached", "busy_share"):
        if figure == "share_full_in_time" and _asks_one(result):
            continue
        yield say(f"availability.class_{figure}", lang=lang), say_interval(told.loc[figure], lang=lang)
    times = {name: say_time(simulated.percentile_s(share), lang=lang) for share, name in _TIMES}
    times["mean"] = say_time(float(told.loc["mean_s", "mean"]), lang=lang)
    yield say("availability.line_times", lang=lang), say("availability.times_told", lang=lang, **times)
    for i, (name, change) in enumerate(result.changes.items()):
        label = say("scenarios.headline_label", lang=lang) if i == 0 else ""
        yield label, _change(name, change, lang)
    yield from _types(result)
    yield from _replayed(result)
    notes = [note for finding in report_simulation(result) for note in finding.notes]
    for i, note in enumerate(notes):
        yield (say("availability.line_notes", lang=lang) if i == 0 else ""), note.say(lang)


def _replayed(result: SimulationResult) -> Iterator[tuple[str, str]]:
    """Say what became of the recorded calls: as recorded, today, and in each scenario."""
    from geo.study import changed_calls

    replay, lang = result.replay, result.lang
    if replay is None:
        return
    today, recorded = replay.figures(next(iter(replay.states))), replay.figures("recorded")
    values: dict[str, Any] = {"n": len(replay.recorded.calls), "days": replay.recorded.days}
    values |= {"share": percent(today["share_in_time"]), "lost": percent(today["share_lost"])}
    label = say("availability.line_replayed", lang=lang)
    yield label, say("availability.replayed_told", lang=lang, **values)
    if recorded["n_calls_timed"] > 0:
        shares: dict[str, Any] = {
            "recorded": percent(recorded["share_in_time"]),
            "model": percent(today["share_in_time_timed"]),
            "n": int(recorded["n_calls_timed"]),
        }
        yield "", say("availability.replayed_beside", lang=lang, **shares)
    for name in result.changes:
        told = changed_calls(replay, name)
        shares = {"before": percent(told["before"]), "after": percent(told["after"])}
        counts = {each: int(told[each]) for each in ("n_gained", "n_dropped")}
        yield "", say("availability.replayed_change", lang=lang, name=name, **shares, **counts)


_TIMES = ((0.5, "median"), (0.9, "p90"))


def _types(result: SimulationResult) -> Iterator[tuple[str, str]]:
    """Say of each type of call how often its first engine, and all that it asks for, are in time today."""
    lang = result.lang
    for i, name in enumerate(result.today.simulated.types):
        told = result.today.simulated.of_type(name).figures()
        share = {word: percent(told.loc[word, "mean"]) for word in ("share_in_time", "share_full_in_time")}
        values: dict[str, Any] = {"first": share["share_in_time"], "full": share["share_full_in_time"]}
        values |= {"name": name, "n": float(told.loc["n_calls", "mean"])}
        label = say("availability.line_types", lang=lang) if i == 0 else ""
        yield label, say("availability.type_told", lang=lang, **values)


def _asks_one(result: SimulationResult) -> bool:
    spec = result.study.availability
    if spec is None:
        return True
    asked = [sum(each.engines.values()) for each in spec.call_types] or [spec.engines_per_call]
    return max(asked) == 1


def _change(name: str, change: pd.DataFrame, lang: Lang) -> str:
    """Say what a scenario does to the share in time, and whether that is more than chance."""
    import math

    row = change.loc["share_in_time"]
    sure = "one_run" if not math.isfinite(row["low"]) else "sure" if row["is_sure"] else "unsure"
    lost, unreached = change.loc["share_lost"], change.loc["share_unreached"]
    told = say(
        f"availability.change_{sure}",
        lang=lang,
        name=name,
        before=percent(row["today"]),
        after=percent(row["scenario"]),
        change=f"{100 * row['change']:+.2f}",
        low=f"{100 * row['low']:+.2f}",
        high=f"{100 * row['high']:+.2f}",
    )
    # in time may rise while more find nobody: an engine that cannot go far is in for those who are near
    values = {
        "before": percent(lost["today"]),
        "after": percent(lost["scenario"]),
        "unreached_before": percent(unreached["today"]),
        "unreached_after": percent(unreached["scenario"]),
    }
    return told + say("availability.change_lost", lang=lang, **values)
