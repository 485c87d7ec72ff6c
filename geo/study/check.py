"""The check of a study's layers: what was read, kept, guessed and faulty, and what stands off the roads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import GeoError
from geo.layers import LayerReport
from geo.maps import name_ids
from geo.network import RoadNetwork, components
from geo.routing import tell_off_road
from geo.signs import printable
from geo.study.assessment import assess
from geo.study.findings import asks_zones
from geo.study.inputs import Inputs, LayerLog, told_zones
from geo.study.ready import make_ready
from geo.study.remarks import count_faults, tell_doubts
from geo.study.response import snap_rules
from geo.study.settings import Study
from geo.study.sites import check_sites
from geo.study.steps import OnStep
from geo.study.uncertainty import sizes_of
from geo.words import Lang, say, say_if_there

__all__ = ["CheckReport", "check_study", "count_crossings"]

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
    """

    text: str
    n_faults: int
    errors: tuple[GeoError, ...] = ()


def check_study(
    study: Study, *, lang: Lang, step: OnStep = lambda step: None, beside: Sequence[GeoError] = ()
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

    Raises
    ------
    GeoError
        The plan, a layer or a scenario cannot be used at all; everything that stops the run is told at once.
    """
    ready = make_ready(study, step=step)
    inputs, log = ready.inputs, LayerLog()
    result = log.attempt("", lambda: assess(study, inputs, lang=lang, step=step, draw_areas=False))
    if study.siting is not None or study.candidates is not None:
        log.attempt("", lambda: check_sites(study, inputs))
    lines = [printable(study.study.name)]
    if study.study.synthetic:
        lines.append(say("study.synthetic", lang=lang))
    for section, report in inputs.reports:
        lines += ["", *_layer(section, report, lang=lang)]
    lines += ["", *_network(inputs, lang=lang)]
    lines += ["", *_places(study, inputs, lang=lang)]
    if inputs.notes:
        lines += ["", say("study.check_notes", lang=lang)]
        lines += [f"  [{section}] {note.say(lang)}" for section, note in inputs.notes]
    if result is not None and "availability" in result.findings:
        notes = result.findings["availability"].notes
        lines += [f"  [availability] {note.say(lang)}" for note in notes]
    if result is not None and study.uncertainty is not None:
        sized = log.attempt("", partial(sizes_of, study, study.uncertainty, result.coverage))
        lines += [f"  [uncertainty] {note.say(lang)}" for note in (sized.notes if sized is not None else ())]
    if not asks_zones(study, ready.plan):
        lines += ["", say("study.check_no_zoning", lang=lang)]
    n_faults = sum(len(report.faults) for _, report in inputs.reports)
    if result is not None:
        n_faults = count_faults(inputs, result.coverage)
        lines += ["", *(f"! {doubt}" for doubt in tell_doubts(study, inputs, result.coverage, lang=lang))]
    lines += [f"! {say('study.beside', lang=lang, fault=fault.say(lang))}" for fault in beside]
    n_faults += len(beside)
    lines += ["", *_verdict(n_faults, log.errors, lang=lang)]
    text = name_ids("\n".join(lines), lang=lang)
    return CheckReport(printable(text, in_lines=True), n_faults, tuple(log.errors))


def _verdict(n_faults: int, errors: Sequence[GeoError], *, lang: Lang) -> Iterable[str]:
    if errors:
        yield say("study.check_stops", lang=lang, n=len(errors))
        yield from (f"  ! {error.say(lang)}" for error in errors)
    if n_faults:
        yield say("study.check_faults", lang=lang, n=n_faults)
    if not errors and not n_faults:
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
    yield from (f"  - {note.say(lang)}" for note in (*report.crs_notes, *report.notes))
    yield from (f"  ! {fault.say(lang)}" for fault in report.faults[:MOST_FAULTS])
    if len(report.faults) > MOST_FAULTS:
        yield "  ! " + say("study.check_more", lang=lang, n=len(report.faults) - MOST_FAULTS)


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
    for (a, b), n in count_crossings(network).items():
        yield "  ! " + say("study.check_crossing", lang=lang, a=a, b=b, n=n)


def count_crossings(network: RoadNetwork) -> dict[tuple[int, int], int]:
    """Count where roads of different components cross without a shared node, by pair of components.

    Such a place is a bridge over a road, or a road layer that was never split at its crossings: then a whole
    town may come out as an island.
    """
    edges = network.edges
    lines, component = edges.geometry.to_numpy(), edges["component"].to_numpy()
    small = np.flatnonzero(component > 0)
    from_small, other = shapely.STRtree(lines).query(lines[small], predicate="crosses")
    pairs = np.sort(np.column_stack([component[small[from_small]], component[other]]), axis=1)
    pairs = pairs[(pairs[:, 0] != pairs[:, 1])]
    crossed, n = np.unique(pairs, axis=0, return_counts=True)
    # A crossing of two small components is seen from both of them.
    return {(int(a), int(b)): int(k) if a == 0 else int(k) // 2 for (a, b), k in zip(crossed, n, strict=True)}


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
