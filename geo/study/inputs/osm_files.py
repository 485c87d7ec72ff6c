"""Which layers a study needs of each OpenStreetMap file, so that the file is read once for all of them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from geo.osm import LayerName, OsmLayers, is_osm_file
from geo.study.settings import Study

__all__ = ["osm_layers_of"]


def osm_layers_of(study: Study, *, folder: Path | None) -> dict[Path, OsmLayers]:
    """Give the layers that the sections of a study need, by file.

    Parameters
    ----------
    study : Study
        A checked study file.
    folder : Path or None
        Where layers are kept; None keeps nothing.
    """
    needs: defaultdict[Path, set[LayerName]] = defaultdict(set)

    def need(path: str | None, *layers: LayerName) -> None:
        if path is not None and is_osm_file(path):
            needs[study.file(path)] |= set(layers)

    for facilities in study.facilities:
        need(facilities.path, "facilities")
    for zones in study.zones:
        need(zones.path, "boundaries")
    for people in study.demand:
        if people.method == "places":
            need(people.path, "places", "boundaries")
            need(people.over or people.path, "buildings")
        else:
            need(people.path, "buildings")
            need(people.over, "buildings")
    if study.land is None and not study.barriers:
        need(study.roads.path, "water")
    return {file: OsmLayers(file, layers, folder=folder) for file, layers in needs.items()}
