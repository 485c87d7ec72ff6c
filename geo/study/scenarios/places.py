"""Places that a scenario types, settled as the coordinates of layers are, and what must be told of that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import shapely

from geo.crs import Whereabouts
from geo.errors import InputError
from geo.layers import Coordinates, LayerRead, Order, read_layer
from geo.messages import Message
from geo.scenarios import place_point, read_place
from geo.study.inputs import Inputs, own_systems, some_ends
from geo.study.settings import CloseRoadsSpec, PlaceSpec, ScenarioSpec, Study

__all__ = ["area_of", "known_to", "point_of", "read_area", "tell_places"]

_DEGREES = "EPSG:4326"


def known_to(study: Study, inputs: Inputs) -> Whereabouts:
    """Give what places of a scenario are settled by: the study's own systems, and where its roads are."""
    return Whereabouts(own_systems(study), some_ends(inputs.network))


def point_of(
    study: Study, inputs: Inputs, at: tuple[float, float], *, crs: str | None, order: Order | None
) -> shapely.Point:
    """Give a typed place in the study's CRS."""
    target = inputs.network.crs
    return place_point(*at, crs=crs or _DEGREES, target=target, known=known_to(study, inputs), order=order)


def area_of(
    study: Study, inputs: Inputs, corners: Sequence[Sequence[float]], *, crs: str | None, order: Order | None
) -> shapely.Polygon:
    """Give a typed area in the study's CRS.

    Raises
    ------
    InputError
        Its outline crosses itself or holds no ground: which side of it is inside cannot be told.
    """
    area = shapely.Polygon([point_of(study, inputs, (x, y), crs=crs, order=order) for x, y in corners])
    if not (area.is_valid and area.area > 0):
        raise InputError(Message("scenarios.area_crossed", {"n": len(corners)}))
    return area


def read_area(study: Study, inputs: Inputs, roads: CloseRoadsSpec, file: Path) -> LayerRead:
    """Read the layer of areas that a closure or slowdown names."""
    written = Coordinates(order=roads.order, known=known_to(study, inputs))
    return read_layer(file, layer=roads.layer, crs=roads.crs, geometry="polygon", coordinates=written)


def tell_places(study: Study, inputs: Inputs, scenario: ScenarioSpec) -> tuple[Message, ...]:
    """Tell what moves the places and areas of a scenario: an own system, a change of datum; each once."""
    known = known_to(study, inputs)
    notes: dict[str, Message] = {}
    for at, crs, order in _typed(scenario):
        _, reading = read_place(*at, crs=crs or _DEGREES, known=known, order=order)
        notes |= {str(note): note for note in reading.notes}
    for roads in _conditions(scenario):
        if roads.path is not None:
            report = read_area(study, inputs, roads, study.file(roads.path)).report
            notes |= {str(note): note for note in (*report.crs_notes, *report.notes)}
    return tuple(notes.values())


def _conditions(scenario: ScenarioSpec) -> tuple[CloseRoadsSpec, ...]:
    """Give all that picks roads, each by places and areas."""
    return (*scenario.close_roads, *scenario.limit, *scenario.speed, *scenario.slow)


def _typed(scenario: ScenarioSpec) -> Iterator[tuple[tuple[float, float], str | None, Order | None]]:
    """Give each pair of coordinates that a scenario types, with its system and order."""
    places: tuple[PlaceSpec, ...] = (*scenario.add, *scenario.move)
    for place in places:
        if place.lon is not None and place.lat is not None:
            yield (place.lon, place.lat), place.crs, place.order
    for roads in _conditions(scenario):
        single = [] if roads.at is None else [roads.at]
        for x, y in (*single, *(roads.between or ()), *(roads.area or ())):
            yield (x, y), roads.crs, roads.order
