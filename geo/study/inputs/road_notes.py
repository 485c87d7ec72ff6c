"""What must be told of the roads of a study, whatever file they come from."""

from __future__ import annotations

from collections.abc import Iterable

from geo.messages import Message
from geo.network import RoadNetwork, judge_connectivity
from geo.osm import is_osm_file
from geo.standards import SpeedProfile
from geo.study.settings import Study

__all__ = ["pieces_notes", "used_notes"]


def pieces_notes(study: Study, network: RoadNetwork) -> list[Message]:
    """Say with numbers, and with the cure, that a network lies in pieces; nothing where it hangs together."""
    judged = judge_connectivity(network)
    if not judged.is_in_pieces:
        return []
    values = {
        "n": judged.n_components,
        "outside": f"{judged.share_outside:.0%}",
        "beside": f"{judged.share_beside:.0%}",
        "crossings": judged.n_crossings,
        "gaps": judged.n_gaps,
        "cure": _cure(study, judged.n_crossings, judged.n_gaps, judged.gap_m),
    }
    return [Message("study.roads_in_pieces", values)]


def _cure(study: Study, n_crossings: int, n_gaps: int, gap_m: float) -> Message:
    spec = study.roads
    if spec.path.casefold().endswith(".graphml") or is_osm_file(spec.path):
        return Message("study.pieces_join")
    if n_gaps * 2 >= n_crossings and gap_m > spec.tolerance_m:
        return Message("study.pieces_tolerance", {"tolerance_m": f"{gap_m * 1.05 + 0.05:.1f}"})
    if n_crossings and not spec.split_crossings:
        return Message("study.pieces_crossings")
    return Message("study.pieces_join")


def used_notes(notes: Iterable[Message], profile: SpeedProfile) -> list[Message]:
    """Give the notes of roads as they hold for a profile, which may not use speed limits."""
    if profile.maxspeed_factor is not None:
        return list(notes)
    kept = []
    for note in notes:
        if note.key == "network.road_column" and note.values["column"] == "maxspeed":
            values = {"header": note.values["header"], "profile": profile.name}
            kept.append(Message("study.maxspeed_unused", values))
        elif note.key != "network.road_speeds_out":
            kept.append(note)
    return kept
