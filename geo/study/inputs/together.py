"""Layers of one study looked at together for a shifted datum, and those of which the roads say nothing.

A planner who copies places from a web map copies all of them: stations, shelters and villages are shifted
alike. Each layer alone may be too few points, or stand too far back from its roads; all points together say
more: docs/coordinates.md has what was measured. Where it is the roads that were copied, all other layers
stand beside them alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.messages import Message
from geo.network import RoadNetwork
from geo.study.inputs.datum import stands_as_read, suspect_many
from geo.study.inputs.extents import find_ground_shift, places_of
from geo.study.inputs.log import Unshifted
from geo.study.inputs.other_datums import AS_WGS84, ROADS_IN, Shift, is_lattice, read_otherwise

__all__ = ["tell_of_roads", "tell_together"]

_XY = NDArray[np.float64]
_MOST_EACH: Final = 100
"""So many points of each layer, evenly picked: many buildings must not outweigh all else."""
_FEWEST: Final = 8
_MOVES_M: Final = 1.0
"""Outside China nothing moves."""


def tell_together(layers: Mapping[str, Unshifted], network: RoadNetwork) -> list[Message]:
    """Tell where layers look shifted together, and which may be so without any sign of it.

    Parameters
    ----------
    layers : mapping of str to Unshifted
        Those that raised no alarm of their own, by the section of the study file.
    network : RoadNetwork
        The roads.

    Returns
    -------
    list of Message
        ``study.datum_together`` for each datum that they are read in, then ``study.datum_open`` with the
        layers that lie as points at random do.
    """
    tree = network.line_tree
    open_layers: dict[str, dict[str, _XY]] = {}
    notes, still_open = [], dict[str, Message]()
    for section, layer in layers.items():
        xy, read_as = _picked(layer), layer.read_as
        if not len(xy) or not _moves(xy, network, read_as):
            continue
        if layer.is_ground:
            still_open[section] = Message("study.datum_open_ground", {"section": section})
        elif stands_as_read(xy, network, tree, read_as):
            continue
        elif (shapely.get_dimensions(layer.points.geometry.to_numpy()) > 0).any():
            values = {"section": section, "n": len(layer.points)}
            still_open[section] = Message("study.datum_open_shapes", values)
        else:
            open_layers.setdefault(read_as, {})[section] = xy
    for read_as, places in open_layers.items():
        alike = {section: xy for section, xy in places.items() if not is_lattice(xy)}
        note = _told_together(alike, network, tree, read_as)
        if note is None:
            alike = places
            note = _told_on_ground(alike, network, read_as)
        if note is not None:
            notes.append(note)
        others = [section for section in places if note is None or section not in alike]
        still_open |= {section: _why(section, places[section], layers) for section in others}
    if still_open:
        named = [still_open[section] for section in layers if section in still_open]
        notes.append(Message("study.datum_open", {"layers": tuple(named)}))
    return notes


def tell_of_roads(shifts: Mapping[str, tuple[str, Shift]], roads_read_as: str) -> list[Message]:
    """Tell where several layers stand beside the roads in the same way: then rather the roads are shifted.

    Parameters
    ----------
    shifts : mapping of str to (str, Shift)
        By section: the datum that a layer was read in, and what it looks like.
    roads_read_as : str
        Shifted datum that the roads were read in, or nothing.
    """
    notes = []
    for reading, datum in ROADS_IN.items():
        alike = {
            "study.datum_roads": _alike(shifts, reading),
            "study.datum_roads_too": () if roads_read_as else _alike(shifts, AS_WGS84, read_as=datum),
            "study.datum_roads_declared": _alike(shifts, datum) if roads_read_as == datum else (),
        }
        for key, sections in alike.items():
            if len(sections) > 1:
                notes.append(Message(key, {"sections": sections, "datum": datum}))
    return notes


def _alike(shifts: Mapping[str, tuple[str, Shift]], reading: str, *, read_as: str = "") -> tuple[str, ...]:
    return tuple(s for s, (was, shift) in shifts.items() if (was, shift.reading) == (read_as, reading))


def _picked(layer: Unshifted) -> _XY:
    xy = places_of(layer.points)
    return xy[np.unique(np.linspace(0, len(xy) - 1, _MOST_EACH).astype(int))] if len(xy) else xy


def _moves(xy: _XY, network: RoadNetwork, read_as: str) -> bool:
    """Whether the datums differ where the places are."""
    moved = next(iter(read_otherwise(xy, network.crs, read_as).values()))
    return bool(np.hypot(*np.median(moved - xy, axis=0)) >= _MOVES_M)


def _told_together(
    places: Mapping[str, _XY], network: RoadNetwork, tree: shapely.STRtree, read_as: str
) -> Message | None:
    if len(places) < 2 or sum(map(len, places.values())) < _FEWEST:
        return None
    shift = suspect_many(np.concatenate(list(places.values())), network, tree, read_as)
    return None if shift is None else _message("study.datum_together", places, shift)


def _told_on_ground(places: Mapping[str, _XY], network: RoadNetwork, read_as: str) -> Message | None:
    if len(places) < 2:
        return None
    shift = find_ground_shift(np.concatenate(list(places.values())), network, read_as=read_as)
    return None if shift is None else _message("study.datum_together_ground", places, shift)


def _message(key: str, places: Mapping[str, _XY], shift: Shift) -> Message:
    return Message(key, {"sections": tuple(places), **shift.values()})


def _why(section: str, xy: _XY, layers: Mapping[str, Unshifted]) -> Message:
    """Say why nothing can be told of a layer: too few points, a lattice, or places off the roads."""
    key = "few" if len(xy) < _FEWEST else "lattice" if is_lattice(xy) else "random"
    return Message(f"study.datum_open_{key}", {"section": section, "n": len(layers[section].points)})
