"""The result files of a simulation: map, tables, workbook, summary and manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import folium
import numpy as np
import pandas as pd

from geo.coverage import clock_text
from geo.files import write_text_whole, writing_folder
from geo.findings import Finding
from geo.maps import (
    CoverageLayer,
    FindingLayer,
    LandLayer,
    MapText,
    RoadLayer,
    StationLayer,
    coverage_map,
    say_credit,
    say_time,
    write_map,
)
from geo.messages import Message
from geo.outputs.files import as_json, plain_number, write_findings
from geo.outputs.folder import SIMULATE, ResultFolder, study_inputs
from geo.outputs.manifest import Manifest, require_same_words, write_manifest
from geo.outputs.sheets import finding_sheet
from geo.outputs.wording import Wording
from geo.outputs.workbook import write_workbook
from geo.study import OnStep, Replay, SimulationResult, Step, report_simulation
from geo.words import LANGS, percent, say

__all__ = ["SIMULATED_FILES", "draw_simulation", "require_same_simulation", "write_simulation"]

_TABLES: Final = (
    *("simulated.csv", "simulated_changes.csv", "simulated_places.csv", "simulated_towns.csv"),
    *("simulated_stations.csv", "simulated_response.csv"),
    *("simulated_types.csv", "simulated_type_changes.csv", "simulated_engines.csv"),
)
_REPLAY: Final = (
    *("simulated_recorded.csv", "simulated_recorded_changes.csv"),
    *("simulated_recorded_stations.csv", "simulated_recorded_towns.csv", "simulated_recorded_types.csv"),
)
"""Tables of recorded calls, where the study has some."""
SIMULATED_FILES: Final = ("map.html", "simulated.xlsx", "summary.json", "manifest.json", *_TABLES, *_REPLAY)
"""All files that a simulation may write."""


def write_simulation(
    result: SimulationResult,
    folder: str | Path,
    *,
    step: OnStep = lambda step: None,
    force_folder: bool = False,
    tell: Callable[[Message], None] = lambda message: None,
) -> dict[str, Path]:
    """Write what was simulated: all files, or none where anything fails or it is stopped.

    Parameters
    ----------
    result : SimulationResult
        What was found.
    folder : path
        Made when missing. Files of an earlier simulation, by its manifest, are replaced; one that was changed
        since is kept under another name.
    step : callable
        Told each step as it starts.
    force_folder : bool
        Write also into a folder that holds inputs or files of others; none of them is replaced.
    tell : callable
        Told which changed file was kept.

    Returns
    -------
    dict of str to Path
        Each file of ``SIMULATED_FILES`` that was written.

    Raises
    ------
    FileError
        The folder or a file may not be written; an input or a file of others is in the way.
    """
    folder, wording = Path(folder), Wording.of(result.study, result.lang)
    own = ResultFolder(folder, SIMULATE, study_inputs(result.study), is_forced=force_folder)
    own.check(SIMULATED_FILES)
    findings = report_simulation(result)
    step(Step.FILES)
    with writing_folder(folder, own.earlier, tell=tell) as new:
        _write_numbers(result, findings, new, wording)
        sheets = [finding_sheet(finding, wording) for finding in findings]
        write_workbook(sheets, new / "simulated.xlsx", lang=result.lang)
        step(Step.MAP)
        write_map(_draw(result, findings), new / "map.html")
        same = (*_TABLES, *_REPLAY, "summary.json")
        write_manifest(new, result, names=same, folder=folder, by=SIMULATE, more={"command": "simulate"})
        written = [name for name in SIMULATED_FILES if (new / name).exists()]
    return {name: folder / name for name in written}


def require_same_simulation(manifest: Manifest, result: SimulationResult, folder: Path) -> None:
    """Check that a replay gave the numbers of its manifest, be it in another language.

    Raises
    ------
    StudyError
        As :func:`require_same_results`.
    """

    def write(said: SimulationResult, other: Path, wording: Wording) -> None:
        _write_numbers(said, report_simulation(said), other, wording)

    require_same_words(manifest, folder, result, write)


def _write_numbers(
    result: SimulationResult, findings: Iterable[Finding], folder: Path, wording: Wording
) -> None:
    """Write what a replay must give again: the tables as CSV, and the summary."""
    write_findings(findings, folder, wording)
    write_text_whole(folder / "summary.json", as_json(_summary(result, findings)))


def _summary(result: SimulationResult, findings: Iterable[Finding]) -> dict[str, Any]:
    """Give the question and the figures as plain data."""
    spec = result.study.availability
    assert spec is not None
    notes = [note for finding in findings for note in finding.notes]
    return {
        "study": result.study.study.name,
        "synthetic": result.is_synthetic,
        "attribution": list(result.inputs.attributions),
        "standard": result.today.coverage.standard.name,
        "limit_s": plain_number(result.today.simulated.limit_s),
        "years": plain_number(spec.years),
        "runs": spec.runs,
        "seed": spec.seed,
        "states": {name: _plain(state.simulated.figures()) for name, state in result.states.items()},
        "changes": {name: _plain(change) for name, change in result.changes.items()},
        **({} if result.replay is None else {"recorded": _plain_replay(result.replay)}),
        "notes": [{lang: note.say(lang) for lang in LANGS} for note in notes],
    }


def _plain_replay(replay: Replay) -> dict[str, dict[str, Any]]:
    """Give the figures of the records and of each state on the same calls."""
    return {
        name: {str(key): plain_number(value) for key, value in replay.figures(name).items()}
        for name in ("recorded", *replay.states)
    }


def _plain(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    return {
        str(row): {
            str(key): bool(value) if isinstance(value, bool | np.bool_) else plain_number(value)
            for key, value in cells.items()
        }
        for row, cells in table.to_dict(orient="index").items()
    }


def draw_simulation(result: SimulationResult) -> folium.Map:
    """Draw what became of the calls of each place today, over the coverage with all engines in.

    Parameters
    ----------
    result : SimulationResult
        What was found.
    """
    return _draw(result, report_simulation(result))


def _draw(result: SimulationResult, findings: Iterable[Finding]) -> folium.Map:
    inputs, lang, coverage = result.inputs, result.lang, result.today.coverage
    standard = coverage.standard
    source = f" ({standard.source})" if standard.source else ""
    return coverage_map(
        [
            RoadLayer(inputs.network.edges),
            LandLayer(inputs.land),
            StationLayer(coverage.stations),
            CoverageLayer(coverage.table, bands_s=coverage.bands_s, limit_s=standard.limit_s),
            *map(FindingLayer, findings),
        ],
        title=say("availability.simulated_title", lang=lang, study=result.study.study.name),
        lang=lang,
        text=MapText(
            standard=clock_text(standard, lang=lang) + source,
            attribution=say_credit(result.attribution, lang=lang),
            sources=[],
            is_synthetic=result.is_synthetic,
        ),
        figures=_figure_rows(result),
    )


def _figure_rows(result: SimulationResult) -> list[dict[str, str]]:
    """Give the headline figures of the map: ``label value note tone``."""
    lang, simulated = result.lang, result.today.simulated
    told = simulated.figures()
    share = told.loc["share_in_time"]
    low, high = (percent(share[end]) if np.isfinite(share[end]) else "–" for end in ("low", "high"))
    rows = (
        ("share", percent(share["mean"]), "main"),
        ("mean", say_time(float(told.loc["mean_s", "mean"]), lang=lang), ""),
        ("busy", percent(told.loc["busy_share", "mean"]), ""),
        ("lost", percent(told.loc["share_lost", "mean"]), ""),
        ("unreached", percent(told.loc["share_unreached", "mean"]), ""),
    )
    values = {
        "limit": say_time(simulated.limit_s, lang=lang),
        "low": low,
        "high": high,
        "n": f"{int(simulated.runs['n_calls'].sum()):,}",
        "runs": len(simulated.runs),
        "p90": say_time(simulated.percentile_s(0.9), lang=lang),
    }
    return [
        {
            "label": say(f"availability.figure_{name}", lang=lang, **values),
            "value": value,
            "note": say(f"availability.figure_{name}_note", lang=lang, **values),
            "tone": tone,
        }
        for name, value, tone in rows
    ]
