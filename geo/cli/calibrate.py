"""The command ``geo calibrate``: speeds and turnout of a study measured from its recorded calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo.cli._folder import ForceOption, read_asked, read_from, tell_kept
from geo.cli._options import FieldNamesOption, known_field_names, known_lang
from geo.cli._pandas import with_plain_texts
from geo.cli._progress import showing_steps, tell_now, tell_size
from geo.cli.exit_codes import EXIT_FAULTS, EXIT_OK
from geo.words import Lang, percent, say

if TYPE_CHECKING:  # the command line starts without the whole flow
    from geo.messages import Message
    from geo.study import CalibrationResult, Remark, Step

__all__ = ["calibrate", "print_calibration"]


@with_plain_texts
def calibrate(
    study: Annotated[str, typer.Argument(help="cli.help_study_or_calibrate")],
    out: Annotated[Path | None, typer.Option("--out", help="cli.help_calibrated")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="cli.help_lang_of_study")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="cli.help_quiet")] = False,
    force_folder: ForceOption = False,
    field_names: FieldNamesOption = None,
) -> None:
    """Measure speeds, delays and turnout from the recorded calls of a study, as files that it can use."""
    from geo.outputs import (
        CALIBRATE,
        CALIBRATED_FILES,
        calibrated_folder,
        require_not_in_use,
        require_result_folder,
        require_same_calibration,
        write_calibration,
    )
    from geo.study import calibrate_study

    chosen = known_lang(lang) if lang is not None else None
    asked, replay = read_asked(study)
    asked = asked.with_field_names(known_field_names(field_names))
    folder = out or (Path(study).parent / "replay" if replay is not None else calibrated_folder(asked))
    require_not_in_use(asked, folder)
    require_result_folder(
        asked,
        folder,
        by=CALIBRATE,
        names=CALIBRATED_FILES,
        read_from=read_from(study),
        is_forced=force_folder,
    )
    kept: list[Message] = []
    spoken = chosen or asked.study.lang
    tell_size(asked, spoken)
    with showing_steps(_steps, spoken, is_quiet=quiet) as step:
        result = calibrate_study(asked, lang=chosen, step=step, tell=lambda note: tell_now(note, spoken))
        write_calibration(result, folder, step=step, force_folder=force_folder, tell=kept.append)
    tell_kept(kept, result.lang)
    if replay is not None:
        require_same_calibration(replay, result, folder)
    if not quiet:
        print_calibration(result, folder)
        if replay is not None:
            print(say("calibration.replayed", lang=result.lang))
    n_faults = sum(len(report.faults) for _, report in result.inputs.reports)
    raise typer.Exit(EXIT_FAULTS if n_faults else EXIT_OK)


def _steps() -> tuple[Step, ...]:
    from geo.study import calibration_steps

    return calibration_steps()


def print_calibration(result: CalibrationResult, folder: Path) -> None:
    """Print what was measured, with intervals and errors, and the lines that make the study use it."""
    from rich.console import Console

    from geo.cli.headline import print_lines
    from geo.outputs import study_lines

    lang = result.lang
    print_lines(
        say("calibration.title", lang=lang, study=result.study.study.name),
        _lines(result),
        folder / "calibrated.csv",
        warnings=_warnings(result),
        is_synthetic=result.is_synthetic,
        lang=lang,
        console=Console(),
        has_map=False,
    )
    print(say("calibration.to_use", lang=lang))
    for line in study_lines(result, folder):
        print(line)


def _warnings(result: CalibrationResult) -> Iterator[Remark]:
    from geo.study import tell_remarks

    # what is said of other layers changes nothing here
    own = ("[roads", "[calls")
    remarks = tell_remarks(result.inputs, lang=result.lang)
    yield from (remark for remark in remarks if remark.text.startswith(own))


def _lines(result: CalibrationResult) -> Iterator[tuple[str, str]]:
    from geo.study import report_calibration

    lang, speeds = result.lang, result.speeds
    finding = report_calibration(result)[0]
    if speeds is not None:
        values = {"n": int(speeds.counts["used"]), "n_rows": int(speeds.counts.sum())}
        values |= {"n_calls": speeds.n_calls, "n_stations": speeds.n_stations}
        yield say("calibration.line_trips", lang=lang), say("calibration.trips_told", lang=lang, **values)
    rows = finding.table.to_dict(orient="records")
    told = [row for row in rows if row["state"] in ("measured", "together")]
    for row in sorted(told, key=lambda row: -_share(row)):
        yield _name(row, lang), _told(row, lang)
    kept = [_name(row, lang) for row in rows if row not in told]
    if kept:
        yield say("calibration.line_kept", lang=lang), say("outputs.between_speeds", lang=lang).join(kept)
    if speeds is not None:
        before, after = speeds.errors.loc["before"], speeds.errors.loc["after"]
        shares = {
            "before": percent(before["median_abs_share"]),
            "after": percent(after["median_abs_share"]),
            "bias_before": f"{100 * before['bias_share']:+.1f}%",
            "bias_after": f"{100 * after['bias_share']:+.1f}%",
        }
        yield say("calibration.line_error", lang=lang), say("calibration.error_told", lang=lang, **shares)
    for i, note in enumerate(finding.notes):
        yield (say("calibration.line_notes", lang=lang) if i == 0 else ""), note.say(lang)


def _share(row: dict[str, Any]) -> float:
    """Give by what a class of road comes first; all else stays behind the classes, in its order."""
    return float(row["share_driving"]) if row["figure"] == "speed" else 0.0


def _name(row: dict[str, Any], lang: Lang) -> str:
    from geo.network import name_classes

    if row["figure"] == "speed":
        (name,) = name_classes([row["highway"]])
        return name if isinstance(name, str) else name.say(lang)
    word = say(f"calibration.class_{row['figure']}", lang=lang)
    if isinstance(row.get("weather"), str):
        return say("calibration.of_weather", lang=lang, what=word, word=row["weather"])
    if isinstance(row["hours"], str):
        hours = say(f"calibration.class_{row['hours']}", lang=lang)
        return say("calibration.of_hours", lang=lang, what=word, hours=hours)
    return word


def _told(row: dict[str, Any], lang: Lang) -> str:
    unit = {"km/h": "kph", "s": "s"}.get(row["unit"], "factor")
    values = {name: row[name] for name in ("value", "low", "high", "before")}
    return say(f"calibration.value_{unit}", lang=lang, **values)
