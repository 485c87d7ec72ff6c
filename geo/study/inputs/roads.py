"""The roads of a study, and the networks that speed profiles make of them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from geo.network import RoadNetwork, Roads, RoadWords, from_roads, load_or_build, mark_urban, roads_from_lines
from geo.osm import is_osm_file, read_roads
from geo.standards import SpeedProfile, load_profile
from geo.study.inputs.log import LayerLog
from geo.study.inputs.road_notes import refuse_settings_of_lines
from geo.study.inputs.whereabouts import metric_crs_of
from geo.study.settings import LayerSpec, Study

__all__ = ["is_graphml", "network_of", "profile_of", "read_roads_and_network"]


def read_roads_and_network(study: Study, log: LayerLog) -> tuple[Roads | None, RoadNetwork]:
    """Read the roads of a study, and make the network of those who drive.

    Parameters
    ----------
    study : Study
        A checked study file.
    log : LayerLog
        Receives reports.

    Returns
    -------
    roads : Roads or None
        None where the file is a network already, or one that is kept from an earlier run.
    network : RoadNetwork
        Their times by the profile of ``[roads]``.

    Raises
    ------
    GeoError
        The roads cannot be read, or make no network.
    """
    refuse_settings_of_lines(study.roads)
    roads = _read_roads(study, log)
    return roads, network_of(study, study.roads.profile, roads)


def _read_roads(study: Study, log: LayerLog) -> Roads | None:
    """Read the roads of which networks are made; None where a network is read or kept as such."""
    spec, file = study.roads, study.file(study.roads.path)
    if is_graphml(spec.path) or (is_osm_file(spec.path) and not spec.urban):
        return None
    roads = read_roads(file, where=spec.where) if is_osm_file(spec.path) else _line_roads(study, file, log)
    if spec.urban:
        urban = LayerSpec(spec.urban)
        areas = log.read(urban, study.file(spec.urban), section="roads.urban", geometry="polygon")
        log.add(areas)
        roads = mark_urban(roads, areas.table)
    return roads


def network_of(study: Study, profile_name: str, roads: Roads | None) -> RoadNetwork:
    """Build the network of a speed profile, of the roads that were read.

    Parameters
    ----------
    study : Study
        Names the file, and the CRS.
    profile_name : str
        As :func:`profile_of` takes it.
    roads : Roads or None
        As :func:`read_roads_and_network` gives them.
    """
    file, profile = study.file(study.roads.path), profile_of(study, profile_name)
    if is_graphml(study.roads.path):
        from geo.network import read_graphml

        return read_graphml(file, if_untimed=profile)
    if roads is None:
        return _kept_network(study, file, profile)
    return from_roads(roads, profile, crs=metric_crs_of(study.study.crs, roads))


def profile_of(study: Study, name: str) -> SpeedProfile:
    """Give a speed profile by its name, or by the name of a file of the study's own."""
    own = study.file(name)
    return load_profile(own if own.is_file() else name)


def is_graphml(path: str) -> bool:
    """Say whether roads are a network with times already."""
    return path.casefold().endswith(".graphml")


def _kept_network(study: Study, file: Path, profile: SpeedProfile) -> RoadNetwork:
    """Build the network of an OSM file, or load the one that the same file and profile made before."""

    def build() -> RoadNetwork:
        roads = read_roads(file, classes=profile.speeds_kph, where=study.roads.where)
        return from_roads(roads, profile, crs=metric_crs_of(study.study.crs, roads))

    settings = {"profile": profile, "crs": study.study.crs, "where": study.roads.where}
    network, _ = load_or_build(build, sources=[file], settings=settings, folder=_cache_folder())
    return network


def _cache_folder() -> Path:
    """Give the folder where this user's programs keep what can be made again."""
    if "LOCALAPPDATA" in os.environ:
        return Path(os.environ["LOCALAPPDATA"]) / "emergency-geo"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "emergency-geo"


def _line_roads(study: Study, file: Path, log: LayerLog) -> Roads:
    spec = study.roads
    lines = log.read(replace(spec, columns={}), file, section="roads", geometry="line")
    log.add(lines)
    return roads_from_lines(
        lines.table,
        columns=spec.columns,
        tolerance_m=spec.tolerance_m,
        split_crossings=spec.split_crossings,
        words=RoadWords(spec.classes, spec.oneway_codes, kept=profile_of(study, spec.profile).speeds_kph),
        attribution=spec.attribution,
    )
