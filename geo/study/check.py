"""The check of a study's layers: what was read, kept, guessed and faulty, and what stands off the roads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.errors import GeoError
from geo.layers import LayerReport
from geo.maps import name_ids
from geo.network import components
from geo.routing import tell_off_road
from geo.signs import printable
from geo.study.assessment import StudyResult, assess
from geo.study.fault_lists import list_faults
from geo.study.findings import asks_zones
from geo.study.inputs import Inputs, LayerLog, told_zones
from geo.study.ready import make_ready
from geo.study.remarks import count_doubts, count_faults, tell_doubts, tell_remarks
from geo.study.response import snap_rules
from geo.study.settings import Study
from geo.study.sites import check_sites
from geo.study.steps import OnStep
from geo.study.uncertainty import sizes_of
from geo.study.weights import can_change
from geo.words import Lang, say, say_if_there

__all__ = ["CheckReport", "check_study"]

MOST_FAULTS = 20
"""Faults of one layer that are listed; the rest is counted."""
MOST_NAMES = 30
"""More facilities than this on one connected piece of the network are only counted."""


@dataclass(frozen=True)
class CheckReport:
    """The check as text, and how many faults it tells.

    Parameters
    ----------
    text : str
        For a planner to read, in the language asked for.
    n_faults : int
        Faulty rows of all layers, and stations that stand on no road.
    errors : tuple of GeoError
        What would stop the run, though every layer can be read.
    n_doubts : int
        Notes that can change a number; only without them, and without faults, is nothing found.
    """

    text: str
    n_faults: int
    errors: tuple[GeoError, ...] = ()
    n_doubts: int = 0


def check_study(
    study: Study,
    *,
    lang: Lang,
    step: OnStep = lambda step: None,
    beside: Sequence[GeoError] = (),
    stops: Sequence[GeoError] = (),
) -> CheckReport:
    """Read all that a run of a study reads, judge it as the run will, and say what was found.

    The district is assessed too, without drawing and without its scenarios, so that the check has no faults
    where the run has none.

    Parameters
    ----------
    study : Study
        The study.
    lang : {"zh", "en"}
        Language of the text.
    step : callable
        Told what is done next.
    beside : sequence of GeoError
        Faults of what is made of the results later, which stop no run.
    stops : sequence of GeoError
        What would stop the run beside its layers, such as the folder of its results.

    Raises
    ------
    GeoError
        The plan, a layer or a scenario cannot be used at all; everything that stops the run is told at once.
    """
    log = LayerLog()
    whole = LayerLog(errors=list(stops))
    ready = whole.attempt("", lambda: make_ready(study, step=step, log=log))
    if ready is None:
        whole.require_no_errors()
        raise AssertionError("what cannot be made ready has an error")
    log.errors += stops
    inputs = ready.inputs
    result = log.attempt("", lambda: assess(study, inputs, lang=lang, step=step, draw_areas=False))
    if study.siting is not None or study.candidates is not None:
        log.attempt("", lambda: check_sites(study, inputs))
    # What stops the reading stops the assessment once more.
    log.errors[:] = {error.say(lang): error for error in reversed(log.errors)}.values()
    log.errors.reverse()
    lines = [printable(study.study.name)]
    if study.study.synthetic:
        lines.append(say("study.synthetic", lang=lang))
    for section, report in inputs.reports:
        lines += ["", *_layer(section, report, lang=lang)]
    lines += ["", *_network(inputs, lang=lang)]
    lines += ["", *_places(study, inputs, lang=lang)]
    notes = [f"[{section}] {note.say(lang)}" for section, note in inputs.notes if not can_change(note)]
    notes += _of_findings(study, result, log, lang=lang) if result is not None else []
    if notes:
        lines += ["", say("study.check_notes", lang=lang), *(f"  {note}" for note in notes)]
    if not asks_zones(study, ready.plan):
        lines += ["", say("study.check_no_zoning", lang=lang)]
    n_faults = sum(len(report.faults) for _, report in inputs.reports)
    remarks = [remark for remark in tell_remarks(inputs, lang=lang) if remark.weight == "doubt"]
    if result is not None:
        n_faults = count_faults(inputs, result.coverage)
        remarks += tell_doubts(study, inputs, result.coverage, lang=lang)
    if remarks:
        lines += [
            "",
            *(f"! {remark.text.removeprefix('! ')}" for remark in remarks if remark.weight != "note"),
        ]
    lines += [f"! {say('study.beside', lang=lang, fault=fault.say(lang))}" for fault in beside]
    n_faults += len(beside)
    n_doubts = count_doubts(remarks)
    lines += ["", *_verdict(n_faults, n_doubts, log.errors, lang=lang)]
    text = name_ids("\n".join(lines), lang=lang)
    return CheckReport(printable(text, in_lines=True), n_faults, tuple(log.errors), n_doubts)


def _of_findings(study: Study, result: StudyResult, log: LayerLog, *, lang: Lang) -> list[str]:
    """Say what was assumed where engines may be out, and of the sizes by which figures are in doubt."""
    lines = []
    if "availability" in result.findings:
        lines += [f"[availability] {note.say(lang)}" for note in result.findings["availability"].notes]
    if study.uncertainty is not None:
        sized = log.attempt("", partial(sizes_of, study, study.uncertainty, result.coverage))
        lines += [f"[uncertainty] {note.say(lang)}" for note in (sized.notes if sized is not None else ())]
    return lines


def _verdict(n_faults: int, n_doubts: int, errors: Sequence[GeoError], *, lang: Lang) -> Iterable[str]:
    if errors:
        yield say("study.check_stops", lang=lang, n=len(errors))
        yield from (f"  ! {error.say(lang)}" for error in errors)
    if n_faults:
        yield say("study.check_faults", lang=lang, n=n_faults)
    if n_doubts:
        yield say("study.doubts" if n_faults or errors else "study.doubts_alone", lang=lang, n=n_doubts)
    if not errors and not n_faults and not n_doubts:
        yield say("study.check_clean", lang=lang)


def _layer(section: str, report: LayerReport, *, lang: Lang) -> Iterable[str]:
    form = ", ".join(filter(None, (report.format, report.encoding)))
    yield f"[{section}] {Path(report.path).name}  ({form})"
    yield "  " + say(
        "study.check_rows", lang=lang, n=report.n_rows, kept=report.n_kept, faults=len(report.faults)
    )
    if report.crs:
        note = report.crs_note.say(lang) if report.crs_note else ""
        yield "  " + say(
            "study.check_crs",
            lang=lang,
            crs=report.crs,
            note=say("study.check_crs_note", lang=lang, note=note) if note else "",
        )
    if report.bounds:
        west, south, east, north = (f"{side:.5f}".rstrip("0").rstrip(".") for side in report.bounds)
        yield "  " + say("study.check_bounds", lang=lang, west=west, south=south, east=east, north=north)
    for guess in report.guesses:
        yield "  " + say(
            "study.check_guess",
            lang=lang,
            ours=_column(guess.column, lang),
            theirs=guess.header,
            why=guess.why.say(lang),
        )
    notes = (note for note in (*report.crs_notes, *report.notes) if not can_change(note))
    yield from (f"  - {note.say(lang)}" for note in notes)  # the others stand before the verdict
    yield from (f"  ! {line}" for line in list_faults(report.faults, MOST_FAULTS, lang=lang))


def _column(ours: str, lang: Lang) -> str:
    """Name a column of ours, the key that a study file uses for it in brackets."""
    word = say_if_there(f"layers.ours_{ours}", lang=lang)
    return ours if word is None else word


def _network(inputs: Inputs, *, lang: Lang) -> Iterable[str]:
    network = inputs.network
    km = network.edge_length.sum() / 1000
    yield say(
        "study.check_network",
        lang=lang,
        nodes=network.n_nodes,
        edges=network.n_edges,
        km=f"{km:,.1f}",
        profile=network.profile,
        crs=network.crs.name,
    )
    named = _components(inputs)
    for number, row in named.head(10).iterrows():
        yield "  " + say(
            "study.check_component",
            lang=lang,
            number=number,
            name=_component_name(number, row["name"], lang),
            nodes=row["n_nodes"],
            km=f"{row['km']:,.1f}",
        )
    if len(named) > 10:
        yield "  " + say("study.check_more_components", lang=lang, n=len(named) - 10)


def _components(inputs: Inputs) -> pd.DataFrame:
    zones = told_zones(inputs.zones)
    return components(inputs.network, zones[["name", "geometry"]] if len(zones) else None)


def _places(study: Study, inputs: Inputs, *, lang: Lang) -> Iterable[str]:
    """Say what stands off the network, and on which island each fire station stands."""
    named = _components(inputs)["name"]
    tables = dict(iter(inputs.facilities.groupby("kind", sort=False)))
    for kind, rows in {**tables, "people": inputs.demand}.items():
        snaps = snap_rules(study, inputs).snap(rows, inputs.network)
        off = snaps[~snaps["is_snapped"]]
        label = say(f"study.check_kind_{kind}", lang=lang)
        yield say(
            "study.check_on_roads",
            lang=lang,
            label=label,
            n=len(rows),
            off=len(off),
            max_m=f"{study.snap.max_m:g}",
        )
        for place, row in off.head(MOST_FAULTS).iterrows():
            yield f"  ! {tell_off_road(_label(rows, place), row).say(lang)}"
        if kind != "people":
            yield from _islands(rows, snaps, named, lang=lang)


def _islands(rows: gpd.GeoDataFrame, snaps: pd.DataFrame, named: pd.Series, *, lang: Lang) -> Iterable[str]:
    """Say which facilities stand on which connected piece of the network."""
    placed = snaps[snaps["is_snapped"]]
    for component, members in placed.groupby("component"):
        text = say(
            "study.check_island",
            lang=lang,
            number=component,
            name=_component_name(component, named[component], lang),
            n=len(members),
        )
        names = [_label(rows, place) for place in members.index] if len(members) <= MOST_NAMES else []
        yield "  " + (f"{text}: {', '.join(names)}" if names else text)


def _component_name(number: object, name: str, lang: Lang) -> str:
    """Call a connected piece by the town in it; its number says nothing that does not stand before it."""
    return say("study.check_unnamed", lang=lang) if name == f"component {number}" else name


def _label(rows: gpd.GeoDataFrame, place: object) -> str:
    name = rows.at[place, "name"] if "name" in rows else None
    return str(place) if pd.isna(name) or str(name) == str(place) else f"{name} ({place})"
