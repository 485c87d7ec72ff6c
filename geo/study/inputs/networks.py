"""The networks of a study: built of its roads, read as a graph, or kept from an earlier run."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely

from geo.messages import Message
from geo.network import RoadNetwork, Roads, from_roads, load_or_build
from geo.osm import read_roads
from geo.standards import SpeedProfile
from geo.study.inputs.road_lines import profile_of
from geo.study.inputs.whereabouts import metric_crs_of
from geo.study.settings import Study

__all__ = ["cache_folder", "is_graphml", "network_of"]


def network_of(
    study: Study, profile_name: str, roads: Roads | None, within: Any | None, *, folder: Path | None
) -> RoadNetwork:
    """Build the network of a profile, of the roads that were read; one of an OSM file is kept in a folder."""
    file, profile = study.file(study.roads.path), profile_of(study, profile_name)
    if is_graphml(study.roads.path):
        from geo.network import GRAPH_TIMES, read_graphml

        network = read_graphml(file, if_untimed=profile)
        notes = [*network.notes, Message("study.graph_no_barriers", {"file": file.name})]
        if network.profile == GRAPH_TIMES:
            values = {"file": file.name, "profile": profile.name}
            notes.append(Message("study.graph_own_times", values))
        return replace(network, notes=tuple(notes))
    if roads is None:
        return _kept_network(study, file, profile, within, folder)
    return from_roads(roads, profile, crs=metric_crs_of(study.study.crs, roads))


def is_graphml(path: str) -> bool:
    """Say by its ending whether roads are a graph."""
    return path.casefold().endswith(".graphml")


def _kept_network(
    study: Study, file: Path, profile: SpeedProfile, within: Any | None, folder: Path | None
) -> RoadNetwork:
    """Build the network of an OSM file, or load the one that the same file and profile made before."""

    def build() -> RoadNetwork:
        roads = read_roads(file, classes=profile.speeds_kph, where=study.roads.where, within=within)
        return from_roads(roads, profile, crs=metric_crs_of(study.study.crs, roads))

    if folder is None:
        return build()
    settings: dict[str, Any] = {"profile": profile, "crs": study.study.crs, "where": study.roads.where}
    if within is not None:
        settings["within"] = shapely.to_wkb(within, hex=True)
    network, _ = load_or_build(build, sources=[file], settings=settings, folder=folder)
    return network


def cache_folder() -> Path:
    """Give the folder where this user's programs keep what can be made again."""
    if "LOCALAPPDATA" in os.environ:
        return Path(os.environ["LOCALAPPDATA"]) / "emergency-geo"
    if given := os.environ.get("XDG_CACHE_HOME"):
        return Path(given) / "emergency-geo"
    try:
        return Path.home() / ".cache" / "emergency-geo"
    except RuntimeError:  # a user without a home, as in a container
        return Path(tempfile.gettempdir()) / "emergency-geo"
