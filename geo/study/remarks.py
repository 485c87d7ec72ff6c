"""What a planner must know of the numbers before she shows them: notes and faults of the layers, doubts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geo.coverage import Coverage
from geo.messages import Message
from geo.network import RoadNetwork
from geo.osm import is_osm_file
from geo.stations import find_suspects
from geo.study.fault_lists import list_faults
from geo.study.inputs import Inputs, is_graphml
from geo.study.response import answering_stations
from geo.study.settings import Study
from geo.study.standing import look_at_standing
from geo.study.water import tell_water
from geo.study.weights import can_change
from geo.words import Lang, say

__all__ = [
    "Remark",
    "count_crossings",
    "count_doubts",
    "count_faults",
    "tell_doubts",
    "tell_remarks",
]

MOST_FAULTS: Final = 3
"""Faults of one layer that a run lists, at least one of each kind; the check lists more."""
MOST_NAMES: Final = 5
HARMLESS: Final = frozenset(
    {
        *("layers.blank_rows", "layers.remarks_below", "layers.rows_above", "layers.heights_left_out"),
        "study.datum_open",
    }
)
"""Notes that change no number: the check alone tells them."""


class Remark(NamedTuple):
    """One thing that is told of the layers or the result.

    Parameters
    ----------
    text : str
        In the language asked for.
    weight : {"note", "doubt", "fault"}
        Whether it only says what was done, can change a number, or is of a row or station to be mended.
    """

    text: str
    weight: Literal["note", "doubt", "fault"]


def tell_remarks(inputs: Inputs, *, lang: Lang) -> Iterator[Remark]:
    """Say what was guessed, repaired or left out of each layer, the section of the study file before it."""
    for section, report in inputs.reports:
        yield from _weighed(section, report.crs_notes, lang=lang)
        yield from _weighed(section, (n for n in report.notes if n.key not in HARMLESS), lang=lang)
        if section.startswith("calls"):  # no result names a row of theirs
            if report.faults:
                text = say("calls.rows_faulty", lang=lang, n=len(report.faults))
                yield Remark(f"[{section}] {text}", "fault")
            continue
        for line in list_faults(report.faults, MOST_FAULTS, lang=lang):
            yield Remark(f"[{section}] {line}", "fault")
    for section, note in inputs.notes:
        if note.key not in HARMLESS:
            yield from _weighed(section, (note,), lang=lang)


def tell_doubts(study: Study, inputs: Inputs, covered: Coverage, *, lang: Lang) -> Iterator[Remark]:
    """Say which stations do not count, reach nobody or may be none; then how many faults the layers have."""
    off = _off_roads(covered)
    if len(off):
        text = say(
            "study.unsnapped_stations",
            lang=lang,
            n=len(off),
            max_m=f"{study.snap.max_m:g}",
            names=_names(off, covered),
        )
        yield Remark(text, "fault")
    standing = look_at_standing(covered)
    yield from (Remark(message.say(lang), "fault") for message in standing.faults)
    for message in (*standing.notes, *tell_water(study, inputs, covered), *_crossings(study, inputs.network)):
        yield Remark(message.say(lang), "doubt" if can_change(message) else "note")
    suspects = pd.Index(find_suspects(answering_stations(study, inputs))["facility_id"].unique())
    if len(suspects):
        text = say("study.suspects", lang=lang, n=len(suspects), names=_names(suspects, covered))
        yield Remark(text, "doubt")
    n_faults = sum(len(report.faults) for _, report in inputs.reports)
    if n_faults:
        yield Remark(say("study.faulty_rows", lang=lang, n=n_faults), "fault")


def count_faults(inputs: Inputs, covered: Coverage) -> int:
    """Count what somebody should mend: faulty rows, stations that stand on no road or come to nobody.

    The exit codes of ``geo check``, ``geo run`` and ``geo site`` go by it.
    """
    n_stations = len(_off_roads(covered)) + look_at_standing(covered).n_idle
    return sum(len(report.faults) for _, report in inputs.reports) + n_stations


def count_doubts(remarks: Iterable[Remark]) -> int:
    """Count the remarks that can change a number though no row is faulty."""
    return sum(remark.weight == "doubt" for remark in remarks)


def count_crossings(network: RoadNetwork) -> dict[tuple[int, int], int]:
    """Count where roads of different components cross without a shared node, by pair of components.

    Such a place is a bridge over a road, or a road layer that was never split at its crossings: then a whole
    town may come out as an island.
    """
    lines, component = network.lines, network.node_component[network.edge_u]
    small = np.flatnonzero(component > 0)
    from_small, other = shapely.STRtree(lines).query(lines[small], predicate="crosses")
    pairs = np.sort(np.column_stack([component[small[from_small]], component[other]]), axis=1)
    pairs = pairs[(pairs[:, 0] != pairs[:, 1])]
    crossed, n = np.unique(pairs, axis=0, return_counts=True)
    # A crossing of two small components is seen from both of them.
    return {(int(a), int(b)): int(k) if a == 0 else int(k) // 2 for (a, b), k in zip(crossed, n, strict=True)}


def _crossings(study: Study, network: RoadNetwork) -> Iterator[Message]:
    """Say how often components cross without a shared node; roads of other formats meet where they say so."""
    path = study.roads.path
    is_lines = not (is_osm_file(path) or is_graphml(path))
    crossings = count_crossings(network) if is_lines and network.n_components > 1 else {}
    if crossings:
        shown = sorted(crossings.items(), key=lambda item: (-item[1], item[0]))[:MOST_NAMES]
        pairs = (*(f"{a} × {b}: {n}" for (a, b), n in shown), *["..."] * (len(crossings) > MOST_NAMES))
        yield Message("study.check_crossing", {"n": sum(crossings.values()), "pairs": pairs})


def _weighed(section: str, notes: Iterable[Message], *, lang: Lang) -> Iterator[Remark]:
    for note in notes:
        yield Remark(f"[{section}] {note.say(lang)}", "doubt" if can_change(note) else "note")


def _off_roads(covered: Coverage) -> pd.Index:
    return covered.stations.index[~covered.stations["is_snapped"]]


def _names(ids: pd.Index, covered: Coverage) -> str:
    """Call stations by their names, or by their ids where they have none."""
    called = covered.stations["name"].reindex(ids)
    names = called.where(called.notna(), ids.to_numpy()).astype(str).tolist()
    return ", ".join(names[:MOST_NAMES]) + (" ..." if len(names) > MOST_NAMES else "")
