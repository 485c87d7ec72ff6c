"""What a planner must know of the numbers before she shows them: notes and faults of the layers, doubts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from geo.coverage import Coverage
from geo.stations import find_suspects
from geo.study.inputs import Inputs
from geo.study.response import answering_stations
from geo.study.settings import Study
from geo.study.standing import look_at_standing
from geo.study.water import tell_water
from geo.words import Lang, say

__all__ = ["count_faults", "tell_doubts", "tell_remarks"]

MOST_FAULTS: Final = 3
"""Faults of one layer that a run lists; the check lists more."""
MOST_NAMES: Final = 5
HARMLESS: Final = frozenset(
    {
        *("layers.blank_rows", "layers.remarks_below", "layers.rows_above", "layers.heights_left_out"),
        "study.datum_open",
    }
)
"""Notes that change no number: the check alone tells them."""


def tell_remarks(inputs: Inputs, *, lang: Lang) -> Iterator[str]:
    """Say what was guessed, repaired or left out of each layer, the section of the study file before it."""
    for section, report in inputs.reports:
        yield from (f"[{section}] {note.say(lang)}" for note in report.crs_notes)
        yield from (f"[{section}] {note.say(lang)}" for note in report.notes if note.key not in HARMLESS)
        if section.startswith("calls"):  # no result names a row of theirs
            n_faults = len(report.faults)
            yield from [f"[{section}] {say('calls.rows_faulty', lang=lang, n=n_faults)}"] if n_faults else []
            continue
        yield from (f"[{section}] {fault.say(lang)}" for fault in report.faults[:MOST_FAULTS])
        if len(report.faults) > MOST_FAULTS:
            n_more = len(report.faults) - MOST_FAULTS
            yield f"[{section}] {say('study.check_more', lang=lang, n=n_more)}"
    yield from (f"[{section}] {note.say(lang)}" for section, note in inputs.notes if note.key not in HARMLESS)


def tell_doubts(study: Study, inputs: Inputs, covered: Coverage, *, lang: Lang) -> Iterator[str]:
    """Say which stations do not count, reach nobody or may be none; then how many faults the layers have."""
    off = _off_roads(covered)
    if len(off):
        yield say(
            "study.unsnapped_stations",
            lang=lang,
            n=len(off),
            max_m=f"{study.snap.max_m:g}",
            names=_names(off, covered),
        )
    standing = look_at_standing(covered)
    yield from (message.say(lang) for message in (*standing.faults, *standing.notes))
    yield from (message.say(lang) for message in tell_water(study, inputs, covered))
    suspects = pd.Index(find_suspects(answering_stations(study, inputs))["facility_id"].unique())
    if len(suspects):
        yield say("study.suspects", lang=lang, n=len(suspects), names=_names(suspects, covered))
    n_faults = sum(len(report.faults) for _, report in inputs.reports)
    if n_faults:
        yield say("study.faulty_rows", lang=lang, n=n_faults)


def count_faults(inputs: Inputs, covered: Coverage) -> int:
    """Count what somebody should mend: faulty rows, stations that stand on no road or come to nobody.

    The exit codes of ``geo check``, ``geo run`` and ``geo site`` go by it.
    """
    n_stations = len(_off_roads(covered)) + look_at_standing(covered).n_idle
    return sum(len(report.faults) for _, report in inputs.reports) + n_stations


def _off_roads(covered: Coverage) -> pd.Index:
    return covered.stations.index[~covered.stations["is_snapped"]]


def _names(ids: pd.Index, covered: Coverage) -> str:
    """Call stations by their names, or by their ids where they have none."""
    called = covered.stations["name"].reindex(ids)
    names = called.where(called.notna(), ids.to_numpy()).astype(str).tolist()
    return ", ".join(names[:MOST_NAMES]) + (" ..." if len(names) > MOST_NAMES else "")
