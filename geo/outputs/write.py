"""The result files of a study: map, layers, tables, summary and manifest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo import coverage as covering
from geo.errors import InputError
from geo.files import write_text_whole, writing_folder
from geo.findings import Finding
from geo.freeing import give_back
from geo.maps import RoadLayer, say_credit, write_map
from geo.messages import Message
from geo.outputs.files import as_json, plain_columns, plain_number, write_table
from geo.outputs.folder import FINDINGS, SCENARIO_FOLDER, ResultFolder, study_inputs
from geo.outputs.manifest import Manifest, require_same_words, write_manifest
from geo.outputs.map import draw_map
from geo.outputs.package import name_layers, write_package
from geo.outputs.package_layers import study_layers
from geo.outputs.qgis_project import ProjectText, write_project
from geo.outputs.result_tables import people_by_name
from geo.outputs.scenarios import write_scenarios
from geo.outputs.sheets import map_labels, plan_names, study_sheets, without_shapes
from geo.outputs.speed_lines import speed_figures
from geo.outputs.wording import Wording
from geo.outputs.workbook import write_workbook
from geo.statistics import Summary
from geo.study import (
    OnStep,
    Remark,
    Step,
    Study,
    StudyResult,
    count_doubts,
    count_faults,
    tell_doubts,
    tell_remarks,
)
from geo.words import LANGS, Lang, say

__all__ = ["FILES", "NUMBERS", "RUN", "require_same_numbers", "run_files", "summarise", "write_outputs"]

RUN: Final = "geo run"
"""The command whose results these are, as the manifest notes it."""

PROJECT: Final = "coverage.qgs"
"""The QGIS project beside the GeoPackage."""
FILES = (
    "map.html",
    "coverage.gpkg",
    PROJECT,
    "coverage.csv",
    "zones.csv",
    "targets.csv",
    "tables.xlsx",
    "summary.json",
    "manifest.json",
)
"""Files of every run; each finding adds ``<name>.csv``."""
NUMBERS = ("coverage.csv", "zones.csv", "targets.csv", "summary.json")
"""Files whose bytes a replay must give again, beside those of the findings.

The workbook says the same numbers; its bytes depend on the library that packs it."""
LAYERS = ("demand", "stations", "service_areas", "gaps", "zones", "facilities", "roads", "targets")
"""Layers of every GeoPackage; each finding adds its own."""
_OWN_NAME = re.compile(r"[a-z][a-z0-9_]*\.csv")


def run_files(study: Study) -> tuple[str, ...]:
    """List the files, and folders for files (``"scenarios/"``), that a run of a study may write."""
    has_scenarios = bool(study.scenarios) or study.projects is not None
    return (
        *FILES,
        *(f"{name}.csv" for name in FINDINGS),
        *((f"{SCENARIO_FOLDER}/",) if has_scenarios else ()),
    )


def write_outputs(
    result: StudyResult,
    folder: str | Path,
    *,
    step: OnStep = lambda step: None,
    force_folder: bool = False,
    tell: Callable[[Message], None] = lambda message: None,
) -> dict[str, Path]:
    """Write every result of a study: all files, or none where anything fails or the run is stopped.

    Parameters
    ----------
    result : StudyResult
        What was found.
    folder : path
        Made when missing. Files of an earlier run, by its manifest, are replaced; one that was changed since
        is kept under another name (``tables.edited.xlsx``).
    step : callable
        Told each step as it starts.
    force_folder : bool
        Write also into a folder that holds inputs or files of others; none of them is replaced.
    tell : callable
        Told which changed file was kept.

    Returns
    -------
    dict of str to Path
        ``map.html``, ``coverage.gpkg``, ``coverage.qgs``, ``coverage.csv``, ``zones.csv``,
        ``targets.csv`` (with a plan), ``tables.xlsx``, ``summary.json``, ``manifest.json``, ``<name>.csv``
        of each finding, and ``scenarios/<number>-<name>/map.html`` of each scenario.

    Raises
    ------
    FileError
        The folder or a file may not be written; an input or a file of others is in the way.
    InputError
        A finding has the name of another file or layer of the study.
    """
    folder, wording = Path(folder), Wording.of(result.study, result.lang)
    step(Step.FILES)
    tables = _plain_findings(result)
    _require_own_names(tables)
    of_findings = [f"{name}.csv" for name in tables]
    own = ResultFolder(folder, RUN, study_inputs(result.study), is_forced=force_folder)
    own.check([*FILES, *of_findings])
    give_back()
    with writing_folder(folder, own.earlier, tell=tell) as new:
        write_workbook(study_sheets(result), new / "tables.xlsx", lang=result.lang)
        _write_numbers(result, tables, new, wording)
        _write_layers(result, tables, new, wording)
        step(Step.MAP)
        roads = RoadLayer(result.inputs.network.edges)
        write_map(draw_map(result, roads=roads), new / "map.html")
        scenarios = write_scenarios(result, new, roads=roads)
        write_manifest(new, result, names=(*NUMBERS, *of_findings), folder=folder, by=RUN)
        written = [name for name in (*FILES, *of_findings) if (new / name).exists()]
    return {name: folder / name for name in (*written, *scenarios)}


def require_same_numbers(manifest: Manifest, result: StudyResult, folder: Path) -> None:
    """Check that a replay gave the numbers of its manifest, be it in another language.

    Raises
    ------
    StudyError
        As :func:`require_same_results`.
    """

    def write(said: StudyResult, other: Path, wording: Wording) -> None:
        _write_numbers(said, _plain_findings(said), other, wording)

    require_same_words(manifest, folder, result, write)


def _plain_findings(result: StudyResult) -> dict[str, pd.DataFrame]:
    return {name: plain_columns(finding.table) for name, finding in result.findings.items()}


def _write_numbers(
    result: StudyResult, tables: Mapping[str, pd.DataFrame], folder: Path, wording: Wording
) -> None:
    """Write what a replay must give again: the tables as CSV, and the summary."""
    write_text_whole(folder / "summary.json", as_json(summarise(result)))
    of_study = {
        "coverage": ("outputs", people_by_name(result.coverage)),
        "zones": ("outputs", pd.DataFrame(result.reached.zones.drop(columns="geometry"))),
        **({} if result.targets is None else {"targets": ("maps", _told_targets(result))}),
    }
    of_findings = {
        name: (result.findings[name].words, without_shapes(table)) for name, table in tables.items()
    }
    for name, (words, table) in (of_study | of_findings).items():
        write_table(table, folder / f"{name}.csv", words=words, wording=wording)


def _told_targets(result: StudyResult) -> pd.DataFrame:
    """Give the targets as a file tells them: in Chinese the plan and the layers of the map by their names."""
    targets = result.targets
    assert targets is not None
    if result.lang == "en":
        return targets
    targets = targets.assign(plan=targets["plan"].replace(plan_names(result)))
    if "places" not in targets:
        return targets
    labels = map_labels(result)
    return targets.assign(places=[labels.get(name, name) for name in targets["places"]])


def _require_own_names(names: Iterable[str]) -> None:
    taken = {*LAYERS, *(Path(name).stem for name in FILES)}
    wrong = [name for name in names if name in taken or not _OWN_NAME.fullmatch(f"{name}.csv")]
    if wrong:
        raise InputError(
            f"the finding {wrong[0]!r} needs a name of its own, of small letters, digits and _, "
            f"that is none of {', '.join(sorted(taken))}"
        )


def summarise(result: StudyResult) -> dict[str, Any]:
    """Give the headline figures as plain data; what has no value is None."""
    study, covered = result.study, result.coverage
    stations = covered.stations
    statuses = {} if result.targets is None else result.targets["status"].value_counts().to_dict()
    return {
        "study": study.study.name,
        "synthetic": result.is_synthetic,
        "attribution": list(result.inputs.attributions),
        "crs": result.inputs.network.crs.to_string(),
        "profile": result.inputs.network.profile,
        "speeds": speed_figures(result),
        "standard": _clock(result, covered.standard.name, covering.summary(covered)),
        "beside": [
            _clock(result, name, covering.summary(other)) for name, other in sorted(result.beside.items())
        ],
        "share_road": plain_number(result.reached.share_road),
        "share_land": plain_number(result.reached.share_land),
        "stations": {
            "counted": len(stations),
            "off_the_network": stations.index[~stations["is_snapped"]].tolist(),
            "over_limit": stations.index[stations["is_over_limit"]].tolist(),
            "suspect": result.suspects["facility_id"].unique().tolist(),
        },
        "network": {
            "nodes": result.inputs.network.n_nodes,
            "edges": result.inputs.network.n_edges,
            "km": plain_number(result.inputs.network.edge_length.sum() / 1000),
            "components": result.inputs.network.n_components,
        },
        "gaps": [_gap(row) for row in result.gaps.head(10).itertuples()],
        "targets": {str(status): int(n) for status, n in sorted(statuses.items())},
        "findings": {name: _figures(finding) for name, finding in sorted(result.findings.items())},
        "faults": count_faults(result.inputs, covered),
        "notes_that_can_change_a_number": count_doubts(_told(result, lang=result.lang)),
        "remarks": _remarks(result),
    }


def _remarks(result: StudyResult) -> list[dict[str, str]]:
    """Say in each language what was guessed, repaired or left out of the layers."""
    texts = {lang: [remark.text for remark in _told(result, lang=lang)] for lang in LANGS}
    return [dict(zip(LANGS, same, strict=True)) for same in zip(*texts.values(), strict=True)]


def _told(result: StudyResult, *, lang: Lang) -> list[Remark]:
    doubts = tell_doubts(result.study, result.inputs, result.coverage, lang=lang)
    return [*tell_remarks(result.inputs, lang=lang), *doubts]


def _figures(finding: Finding) -> dict[str, Any]:
    return {"n_rows": len(finding.table)} | {
        name: plain_number(value) for name, value in finding.figures.items()
    }


def _clock(result: StudyResult, name: str, figures: Summary) -> dict[str, Any]:
    standard = result.coverage.standard
    if name != standard.name:
        standard = result.beside[name].standard
    seconds: tuple[str, ...] = ("call_s", "turnout_s", "travel_s", "limit_s")
    clock: dict[str, Any] = {"clock_start": standard.clock_start}
    seconds += ("start_loss_s",) if standard.start_loss_s else ()
    clock |= {key: plain_number(getattr(standard, key)) for key in seconds}
    numbers = {key: plain_number(value) for key, value in figures.items() if isinstance(value, (int, float))}
    return {"name": name, "source": standard.source, **clock, **numbers}


def _gap(row: Any) -> dict[str, Any]:
    place = {
        "name": row.name,
        "zone": row.zone,
        "people": plain_number(row.people),
        "n_points": int(row.n_points),
    }
    return place | {
        "nearest_id": row.nearest_id,
        "nearest_s": plain_number(row.nearest_s),
        "reason": row.reason,
    }


def _write_layers(
    result: StudyResult, tables: Mapping[str, pd.DataFrame], folder: Path, wording: Wording
) -> None:
    """Write the GeoPackage and the QGIS project beside it."""
    findings = {name: replace(finding, table=tables[name]) for name, finding in result.findings.items()}
    layers = name_layers(study_layers(replace(result, findings=findings)), wording)
    write_package(layers, folder / "coverage.gpkg")
    clock = covering.clock_text(result.coverage.standard, lang=result.lang)
    name = result.study.study.name
    invented = (say("study.synthetic", lang=result.lang),) if result.is_synthetic else ()
    sources = tuple(say_credit(each, lang=result.lang) for each in result.inputs.attributions)
    text = ProjectText(
        title=name,
        abstract=say("outputs.project_of", lang=result.lang, study=name, clock=clock),
        credits=(*invented, *sources),
        lang=result.lang,
    )
    crs = result.inputs.network.crs
    write_project(layers, folder / PROJECT, package="coverage.gpkg", crs=crs, text=text)
