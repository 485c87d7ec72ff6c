"""The ``geo compare`` command: last year's results beside this year's, and why they differ."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from geo.cli._lines import lay_out
from geo.cli._options import known_lang
from geo.cli._pandas import with_plain_texts
from geo.errors import GeoError
from geo.words import Lang, percent, say, say_if_there

if TYPE_CHECKING:  # the command line starts without the whole flow
    import pandas as pd
    from rich.console import Console

    from geo.outputs import RunCompared, RunRead

__all__ = ["compare", "print_changes"]

_MOST_ROWS: Final = 20
"""Rows of a table on the screen; the workbook holds all of them."""
_LEAST_PEOPLE: Final = 0.5
_LEAST_CHANGE: Final = 0.0005
"""Of a share: what the screen would show as 0.0 points."""


@with_plain_texts
def compare(
    before: Annotated[Path, typer.Argument(help="cli.help_before")],
    after: Annotated[Path, typer.Argument(help="cli.help_after")],
    out: Annotated[Path | None, typer.Option("--out", help="cli.help_workbook")] = None,
    why: Annotated[
        bool,
        typer.Option("--why/--no-why", help="cli.help_why"),
    ] = True,
    lang: Annotated[str | None, typer.Option("--lang", help="cli.help_lang_of_run")] = None,
) -> None:
    """Say what changed between two runs: inputs, settings, people, targets, and why."""
    from rich.console import Console

    from geo.files import require_new_file
    from geo.outputs import compare_runs, comparison_sheets, read_run, write_workbook

    if out is not None:
        if out.suffix.lower() != ".xlsx":  # without it no spreadsheet opens the file on a double click
            out = out.with_name(f"{out.name}.xlsx")
        require_new_file(out)
    old, new = read_run(before), read_run(after)
    spoken = known_lang(lang) if lang is not None else new.manifest.study.study.lang
    compared = compare_runs(old, new)
    console = Console()
    print_changes(compared, console, lang=spoken)
    causes = _causes(old, new, lang=spoken) if why else None
    if isinstance(causes, str):
        print(f"! {causes}")
    elif causes is not None:
        _print(console, say("outputs.compare_causes", lang=spoken), _cause_rows(causes, lang=spoken))
        print(say("outputs.compare_order", lang=spoken))
        if _is_of_other_program(compared, causes):
            print(f"! {say('outputs.compare_other_program', lang=spoken)}")
    if out is not None:
        table = None if isinstance(causes, str) else causes
        write_workbook(comparison_sheets(compared, table, lang=spoken), out, lang=spoken)
        console.print(str(out), markup=False, soft_wrap=True)


def _causes(old: RunRead, new: RunRead, *, lang: Lang) -> pd.DataFrame | str:
    """Find the causes; where the inputs are no more those of the runs, say why there are none."""
    from geo.outputs import require_same_inputs
    from geo.study import find_causes

    try:
        for run in (old, new):
            require_same_inputs(run.manifest)
        return find_causes(old.manifest.study, new.manifest.study)
    except GeoError as error:
        return say("outputs.compare_no_causes", lang=lang, why=error.say(lang))


def _is_of_other_program(compared: RunCompared, causes: pd.DataFrame) -> bool:
    """Whether this program finds other figures than those that the runs wrote down."""
    written = compared.figures.loc["people_covered", ["before", "after"]].to_numpy(dtype=float)
    ends = causes["covered_people"].iloc[[0, -1]].to_numpy(dtype=float)
    return bool((abs(written - ends) >= _LEAST_PEOPLE).any())


def print_changes(compared: RunCompared, console: Console, *, lang: Lang) -> None:
    """Print what differs between two runs, a table for each kind."""
    for name, rows in (
        ("inputs", _input_rows(compared, lang=lang)),
        ("settings", _setting_rows(compared, lang=lang)),
        ("figures", _figure_rows(compared, lang=lang)),
        ("zones", _zone_rows(compared, lang=lang)),
        ("targets", _target_rows(compared, lang=lang)),
    ):
        _print(console, say(f"outputs.compare_{name}", lang=lang), rows or _nothing(lang))
    if compared.unpaired:
        names = say("messages.between_names", lang=lang).join(compared.unpaired)
        print(f"! {say('outputs.compare_unpaired', lang=lang, n=len(compared.unpaired), names=names)}")


def _nothing(lang: Lang) -> list[Sequence[str]]:
    return [[say("outputs.compare_nothing", lang=lang)]]


def _input_rows(compared: RunCompared, *, lang: Lang) -> list[Sequence[str]]:
    rows = compared.inputs.itertuples()
    return [(row.file, say(f"outputs.compare_change_{row.change}", lang=lang)) for row in rows]


def _setting_rows(compared: RunCompared, *, lang: Lang) -> list[Sequence[str]]:
    """Give the settings as they stand in the study file, with what the last part of the name means."""
    rows: list[Sequence[str]] = []
    for row in compared.settings.itertuples():
        meaning = say_if_there(f"outputs.setting_{row.setting.rpartition('.')[2]}", lang=lang) or ""
        name = say("outputs.compare_setting", lang=lang, name=row.setting, meaning=meaning)
        values = (str(value) or "-" for value in (row.before, row.after))
        rows.append((name if meaning else row.setting, *values))
    return rows


def _figure_rows(compared: RunCompared, *, lang: Lang) -> list[Sequence[str]]:
    return [
        (
            say(f"outputs.compare_figure_{name}", lang=lang),
            *(_number(str(name), value) for value in (row.before, row.after)),
            _number("change_" if str(name).startswith("share_") else str(name), row.change),
        )
        for name, row in compared.figures.iterrows()
    ]


def _zone_rows(compared: RunCompared, *, lang: Lang) -> list[Sequence[str]]:
    """Give the zones whose people or share in time are others, and those that one run alone has.

    The greatest loss comes first; those behind the first are counted, and the workbook has them.
    """
    from geo.statistics import OUTSIDE

    zones = compared.zones
    is_of_one = zones["before_people"].isna() != zones["after_people"].isna()
    is_other = zones["change_people"].abs() >= _LEAST_PEOPLE
    moved = zones[is_of_one | is_other | (zones["change_share"].abs() >= _LEAST_CHANGE)]
    left = len(moved) - _MOST_ROWS
    rows: list[Sequence[str]] = [
        (
            say("outputs.outside_zones", lang=lang) if name == OUTSIDE else str(name),
            *(_number("people", value) for value in (row.before_people, row.after_people)),
            *(_number("share_", value) for value in (row.before_share, row.after_share)),
            _number("change_", row.change_share),
        )
        for name, row in moved.head(_MOST_ROWS).iterrows()
    ]
    return [*rows, *([[say("outputs.compare_more_zones", lang=lang, n=left)]] if left > 0 else [])]


def _target_rows(compared: RunCompared, *, lang: Lang) -> list[Sequence[str]]:
    if compared.targets is None:
        return [[say("outputs.compare_no_targets", lang=lang)]] if compared.unpaired else []
    from geo.maps import say_number

    changed = compared.targets[~compared.targets["change"].isin(["same", "other"])]
    return [
        (
            *(
                str(i),
                row[f"name_{lang}"],
                say_number(row.before, beside=row.target),
                say_number(row.after, beside=row.target),
                say_if_there(f"plans.unit_{row.unit}", lang=lang) or row.unit,
            ),
            say(f"scenarios.class_{row.change.replace(' ', '_')}", lang=lang),
        )
        for i, row in changed.iterrows()
    ]


def _cause_rows(causes: pd.DataFrame, *, lang: Lang) -> Iterable[tuple[str, ...]]:
    for row in causes.itertuples():
        yield (
            say(f"outputs.compare_group_{row.group}", lang=lang),
            _number("people", row.people),
            _number("people", row.covered_people),
            percent(row.share_covered),
            _number("people", row.change_covered_people),
            _number("change_", row.change_share),
        )


def _number(name: str, value: Any) -> str:
    if value is None or not math.isfinite(value):
        return "-"
    if name.startswith("change_"):
        return f"{100 * value:+.1f}"
    if name.startswith("share_"):
        return percent(value)
    return f"{value:,.0f}" if name.startswith("people") else f"{value:,.1f}"


def _print(console: Console, title: str, rows: Iterable[Sequence[str]]) -> None:
    """Print a table without frames; long words are folded and nothing of the data is read as markup."""
    from rich.markup import escape

    from geo.signs import printable

    console.print(f"[bold]{escape(title)}[/bold]")
    for line in lay_out([list(map(printable, row)) for row in rows], width=console.width):
        console.print(escape(line), soft_wrap=True)
