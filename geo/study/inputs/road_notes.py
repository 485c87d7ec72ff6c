"""What must be told of the roads of a study, whatever file they come from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
from pyproj import CRS

from geo.crs import parse_crs, to_metric, transform_xy
from geo.errors import InputError, StudyError
from geo.messages import Message
from geo.network import RoadNetwork, Roads, judge_connectivity
from geo.osm import is_osm_file, read_water
from geo.standards import SpeedProfile
from geo.study.inputs.log import LayerLog
from geo.study.settings import RoadsSpec, Study

__all__ = [
    "closed_notes",
    "pieces_notes",
    "refuse_settings_of_lines",
    "require_together",
    "used_notes",
    "water_around",
]

_MOST_LEAP_M: Final = 200_000.0
"""Between two vertices; only ferries over open sea come near it."""
_MOST_WIDE_M: Final = 3_000_000.0
"""The widest province has 2,400 km."""


_OF_SPEEDS: Final = (
    "network.road_speeds_out",
    "network.road_speeds_unread",
    "network.road_speeds_ranked",
    "network.road_speeds_several",
    "network.road_speeds_unused",
    "network.speeds_not_believed",
    "network.speeds_conditional",
)
"""Notes on speed limits, which hold only for a profile that uses them."""


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
    if n_gaps >= n_crossings and gap_m > spec.tolerance_m:
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
        if note.key == "network.road_column" and str(note.values["column"]).startswith("maxspeed"):
            values = {"header": note.values["header"], "profile": profile.name}
            kept.append(Message("study.maxspeed_unused", values))
        elif note.key not in _OF_SPEEDS:
            kept.append(note)
    return kept


def refuse_settings_of_lines(spec: RoadsSpec) -> None:
    """Stop where the study settles for an OpenStreetMap file what only a line layer can be told.

    Raises
    ------
    StudyError
        The settings that are not heeded are named, with what to do instead.
    """
    if not is_osm_file(spec.path):
        return
    plain = RoadsSpec(spec.path)
    names = (
        "tolerance_m",
        "split_crossings",
        "columns",
        "classes",
        "oneway_codes",
        "more",
    )
    unheeded = [name for name in names if getattr(spec, name) != getattr(plain, name)]
    if spec.crs is not None and parse_crs(spec.crs) != parse_crs("EPSG:4326"):
        unheeded.append("crs")
    if unheeded:
        raise StudyError(
            Message("study.setting_of_lines", {"settings": tuple(unheeded), "file": Path(spec.path).name})
        )


def water_around(study: Study, net: RoadNetwork, log: LayerLog) -> gpd.GeoDataFrame:
    """Read the water that the roads' OpenStreetMap file holds around its roads."""
    ends = transform_xy(net.node_xy, net.crs, CRS.from_epsg(4326))
    (west, south), (east, north) = ends.min(axis=0).tolist(), ends.max(axis=0).tolist()
    file = log.osm_file(study.file(study.roads.path))
    return to_metric(read_water(file, extent=(west, south, east, north)), net.crs)


def closed_notes(study: Study, roads: Roads | None, profile: SpeedProfile) -> list[Message]:
    """Note the roads of a line layer whose class the profile does not know, the longest class first."""
    if roads is None or is_osm_file(study.roads.path):
        return []
    metres = np.bincount(roads.edge_class, weights=roads.edge_length, minlength=len(roads.classes))
    closed = [i for i in np.argsort(-metres, kind="stable") if roads.classes[i] not in profile.speeds_kph]
    n_roads = int(np.isin(roads.edge_class, closed).sum())
    if not n_roads:
        return []
    names = ", ".join(roads.classes[i] for i in closed[:8]) + (", ..." if len(closed) > 8 else "")
    values = {"n": n_roads, "km": metres[closed].sum() / 1000, "profile": profile.name, "classes": names}
    return [Message("study.road_classes_closed", values)]


def require_together(network: RoadNetwork) -> None:
    """Check that the roads are those of one district: a wrong vertex may lie on another continent.

    What is laid over their ground (zones, hydrants, candidates) would take all the memory there is.

    Raises
    ------
    InputError
        Two vertices of a road, or two roads, are too far apart.
    """
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.xy_start))
    leap_m = np.hypot(*np.diff(network.xy, axis=0).T)
    leap_m[edge[1:] != edge[:-1]] = 0.0
    if len(leap_m) and leap_m.max() > _MOST_LEAP_M:
        row = edge[int(leap_m.argmax())]
        values = {"km": leap_m.max() / 1000, "road": int(network.edge_source[row])}
        raise InputError(Message("study.road_leaps", {**values, "most_km": _MOST_LEAP_M / 1000}))
    wide_m = float(np.ptp(network.node_xy, axis=0).max())
    if wide_m > _MOST_WIDE_M:
        values = {"km": wide_m / 1000, "most_km": _MOST_WIDE_M / 1000}
        raise InputError(Message("study.roads_apart", values))
