"""Which system the coordinates of a file are in, and how they become those of a plain CRS.

What the study declares wins over what the file says, with both told where they differ; only a system in which
the coordinates cannot be is refused, with one that fits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs.gcj02 import TO_WGS84, bd09mc_to_wgs84, wgs84_to_bd09mc
from geo.crs.offers import MOST_KM, ON_ROADS, km_from, offer_systems
from geo.crs.old_datums import choose_shift
from geo.crs.own_systems import DatumSystem, OwnSystem, PlaneSystem
from geo.crs.polylines import geodesic_lengths, transform_xy, unproject
from geo.crs.systems import ShiftedDatum, find_misfits, is_in_china, name_system, parse_crs
from geo.crs.zones import epsg_of, find_old_datum, with_code
from geo.errors import CrsError
from geo.messages import Message
from geo.settings import NOTHING

__all__ = [
    "NOWHERE",
    "Reading",
    "System",
    "Whereabouts",
    "find_system",
    "settle_system",
]

_XY = NDArray[np.float64]
System: TypeAlias = CRS | ShiftedDatum | OwnSystem
_DEGREES: Final = CRS.from_epsg(4326)
_FAR_KM: Final = 50.0
_SAME_M: Final = 1.0
_WEB_MERCATOR: Final = 3857
_MERCATOR_KM: Final = 5.0
"""A layer of a study may lie so far from its roads, beyond the last of them."""
_MERCATOR_TIMES: Final = 4.0
"""How many times nearer to the roads the other of Web Mercator and BD-09MC must bring a layer."""
_NOWHERE: Final = 1e9
"""No coordinate of any system is so large; neither is nan or an infinity."""
_N_SAMPLE: Final = 200


@dataclass(frozen=True, eq=False)
class Whereabouts:
    """What a study knows of systems and of its place when it reads a layer.

    Parameters
    ----------
    systems : mapping of str to OwnSystem
        By the names of the study file's ``[systems]``.
    lonlat : float64 array, shape (N, 2), or None
        Some ends of the study's roads, degrees; None while the roads themselves are read.
    roads_crs : str
        Name of the system that the file of the roads was read in; empty where it is not known.
    """

    systems: Mapping[str, OwnSystem] = field(default_factory=lambda: NOTHING)
    lonlat: _XY | None = None
    roads_crs: str = ""


NOWHERE: Final = Whereabouts()
"""Nothing is known: no systems of one's own, no roads."""


@dataclass(frozen=True, eq=False)
class Reading:
    """How the coordinates of a file are read.

    Parameters
    ----------
    name : str
        Of their system.
    system : CRS, "GCJ-02", "BD-09", "BD-09MC" or OwnSystem
        The system.
    crs : CRS
        The plain system of the result.
    change : callable or None
        Turns coordinates, shape (N, 2), into those of ``crs``; None where they are so already.
    notes : tuple of Message
        What moves the layer and must be told.
    """

    name: str
    system: System
    crs: CRS
    change: Callable[[_XY], _XY] | None = None
    notes: tuple[Message, ...] = ()

    def to_crs(self, xy: _XY) -> _XY:
        """Give the coordinates in ``crs``."""
        return xy if self.change is None else self.change(xy)

    def misfits(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.bool_], Message | None]:
        """Find coordinates that cannot be in the system; as :func:`geo.crs.find_misfits`."""
        if isinstance(self.system, str | CRS):
            return find_misfits(x, y, self.system)
        east, north = self.to_crs(np.column_stack([x, y])).T
        return find_misfits(east, north, self.crs)

    def to_lonlat(self, xy: _XY) -> _XY:
        """Give the coordinates in degrees of WGS 84."""
        return transform_xy(self.to_crs(xy), self.crs, _DEGREES)


def find_system(text: str | int | CRS, known: Whereabouts) -> System:
    """Give a system by its name: one of the study's own, or as :func:`parse_crs` takes it.

    Raises
    ------
    CrsError
        As :func:`parse_crs`.
    """
    own = known.systems.get(text.strip()) if isinstance(text, str) else None
    return parse_crs(text) if own is None else own


def settle_system(
    declared: System | None, stated: CRS | ShiftedDatum | None, xy: _XY, known: Whereabouts
) -> Reading:
    """Choose between what the study declares and what the file says.

    Parameters
    ----------
    declared : CRS, shifted datum or OwnSystem, or None
        By the study file; it wins.
    stated : CRS, shifted datum or None
        By the file itself, such as its ``.prj``.
    xy : float64 array, shape (N, 2)
        Coordinates of the layer, perhaps some of them.
    known : Whereabouts
        Own systems, and where the roads are.

    Raises
    ------
    CrsError
        The coordinates cannot be in the system, or it puts them far from the roads while another puts them
        there; the message offers that one. Neither is given.
    """
    sample = xy[(np.abs(xy) < _NOWHERE).all(axis=1)]
    sample = (
        sample[np.unique(np.linspace(0, len(sample) - 1, _N_SAMPLE).astype(int))] if len(sample) else xy[:0]
    )
    by_file = None if stated is None else _reading(_coded(stated), sample, known)
    if declared is None:
        if by_file is None:
            raise CrsError(offer_systems(sample, known.lonlat))
        _check_file(by_file, sample, known)
        _check_mercator(by_file, sample, known)
        _check_mercator_of_roads(by_file.to_lonlat(sample), known)
        return by_file
    projected = _shifted_projection(declared, stated, sample)
    reading = projected or _reading(_coded(declared), sample, known)
    _check_declared(reading, by_file, sample, known)
    _check_mercator(reading, sample, known)
    _check_mercator_of_roads(reading.to_lonlat(sample), known)
    note = None if projected else _compare(reading, by_file, sample)
    notes = reading.notes if note is None else (note, *reading.notes)
    return Reading(reading.name, reading.system, reading.crs, reading.change, notes)


def _coded(system: System) -> System:
    return with_code(system) if isinstance(system, CRS) else system


def _reading(system: System, sample: _XY, known: Whereabouts) -> Reading:
    if isinstance(system, str):
        change = TO_WGS84[system]
        return Reading(system, system, _DEGREES, lambda xy: np.column_stack(change(*xy.T)))
    if isinstance(system, PlaneSystem | DatumSystem):
        used = Message("crs.own_used", {"name": system.name, "target": name_system(system.target)})
        return Reading(system.name, system, system.target, system.to_target, (used, *system.notes))
    assert isinstance(system, CRS)
    name = name_system(system)
    if system.is_bound:
        inner = system.source_crs
        is_old = inner is not None and find_old_datum(inner) is not None
        notes = (Message("crs.old_bound", {"name": name}),) if is_old else ()
        return Reading(name, system, system, None, notes)
    datum = find_old_datum(system)
    return Reading(name, system, system) if datum is None else _old(system, datum, sample, known)


def _old(system: CRS, datum: str, sample: _XY, known: Whereabouts) -> Reading:
    """Read an old datum by the study's own parameters for it, else by one published operation."""
    name = name_system(system)
    for own in known.systems.values():
        if isinstance(own, DatumSystem) and find_old_datum(own.source) == datum:
            values = {"datum": datum, "name": own.name, "target": name_system(own.target)}
            notes = (Message("crs.old_own", values), *own.notes)
            return Reading(name, system, own.target, partial(own.from_source, source=system), notes)
    places = unproject(sample, system) if known.lonlat is None else known.lonlat
    places = places[np.isfinite(places).all(axis=1)]
    if not len(places):
        return Reading(name, system, system)
    lon, lat = (places.min(axis=0) + places.max(axis=0)) / 2
    if not is_in_china(np.array([lon]), np.array([lat]))[0]:
        return Reading(name, system, system)  # Pulkovo 1942 in its own land
    shift = choose_shift(datum, (float(lon), float(lat)))
    return Reading(name, system, _DEGREES, lambda xy: shift.to_wgs84(xy, system), (shift.note,))


def _shifted_projection(declared: System, stated: CRS | ShiftedDatum | None, sample: _XY) -> Reading | None:
    """Read metres of a projection whose degrees are in a shifted datum, such as map tiles of Gaode."""
    if not isinstance(declared, str) or declared not in ("GCJ-02", "BD-09"):
        return None
    if not isinstance(stated, CRS) or stated.is_geographic:
        return None
    if not len(sample) or (np.abs(sample) <= 180).all():
        return None
    shift, name = TO_WGS84[str(declared)], str(declared)

    def change(xy: _XY) -> _XY:
        return np.column_stack(shift(*transform_xy(xy, stated, _DEGREES).T))

    note = Message("crs.shifted_projection", {"stated": name_system(stated), "declared": name})
    return Reading(name, stated, _DEGREES, change, (note,))


def _misfits(reading: Reading, sample: _XY) -> Message | None:
    """Say why most of the coordinates cannot be in the system; None where they can."""
    misfit, why = reading.misfits(sample[:, 0], sample[:, 1])
    return why if len(sample) and misfit.mean() > 0.5 else None


def _km(reading: Reading, sample: _XY, known: Whereabouts) -> float | None:
    return km_from(reading.to_lonlat(sample), known.lonlat)


def _check_file(reading: Reading, sample: _XY, known: Whereabouts) -> None:
    """Stop where the file's own system cannot be true, and offer one that can."""
    if (why := _misfits(reading, sample)) is not None:
        offer = offer_systems(sample, known.lonlat)
        raise CrsError(_with_offer(why, offer))
    km = _km(reading, sample, known)
    if km is not None and km > _FAR_KM:
        offer = offer_systems(sample, known.lonlat)
        if offer.key in ON_ROADS:
            raise CrsError(Message("crs.file_off_roads", {"stated": reading.name, "km": km, "offer": offer}))


def _check_declared(reading: Reading, by_file: Reading | None, sample: _XY, known: Whereabouts) -> None:
    """Stop where the declared system cannot be true; say whether the file's is."""
    why = _misfits(reading, sample)
    km = _km(reading, sample, known) if why is None else None
    if why is None and (km is None or km <= _FAR_KM):
        return
    is_fit = by_file is not None and _misfits(by_file, sample) is None
    file_km = _km(by_file, sample, known) if is_fit and by_file is not None else None
    if why is not None and by_file is not None and is_fit and (file_km is None or file_km <= _FAR_KM):
        raise CrsError(Message("crs.declared_far", {"why": why, "stated": by_file.name}))
    if why is None and by_file is not None and file_km is not None and file_km <= MOST_KM:
        values = {"declared": reading.name, "declared_km": km, "stated": by_file.name, "stated_km": file_km}
        raise CrsError(Message("crs.declared_off_roads", values))
    offer = offer_systems(sample, known.lonlat)
    if why is not None:
        raise CrsError(_with_offer(why, offer))
    if offer.key in ON_ROADS:
        raise CrsError(
            Message("crs.declared_elsewhere", {"declared": reading.name, "km": km, "offer": offer})
        )


def _check_mercator(reading: Reading, sample: _XY, known: Whereabouts) -> None:
    """Stop where metres of Baidu are read as Web Mercator, or the reverse: the two are some 20 km apart."""
    is_mercator = isinstance(reading.system, CRS) and epsg_of(reading.system) == _WEB_MERCATOR
    # a CRS compared with a text is looked up, slowly
    is_baidu = isinstance(reading.system, str) and reading.system == "BD-09MC"
    if not is_mercator and not is_baidu:
        return
    other = _reading("BD-09MC" if is_mercator else CRS.from_epsg(_WEB_MERCATOR), sample, known)
    km, other_km = _km(reading, sample, known), _km(other, sample, known)
    if km is None or other_km is None or km <= _MERCATOR_KM or other_km * _MERCATOR_TIMES > km:
        return
    code = "BD-09MC" if is_mercator else f"EPSG:{_WEB_MERCATOR}"
    values = {"name": reading.name, "km": km, "code": code, "other_km": other_km}
    raise CrsError(Message("crs.mercator_of_baidu", values))


def _check_mercator_of_roads(lonlat: _XY, known: Whereabouts) -> None:
    """Stop where a layer lies some 20 km from roads read as Web Mercator, and at them by metres of Baidu.

    Parameters
    ----------
    lonlat : float64 array, shape (N, 2)
        Places of the layer, degrees.
    known : Whereabouts
        Where the roads are, and in which system their file was read.

    Raises
    ------
    CrsError
        The roads' metres are rather those of the other one, with what to write in ``[roads]``.
    """
    mercator = CRS.from_epsg(_WEB_MERCATOR)
    roads_code = known.roads_crs.split(" ")[0]
    is_mercator = roads_code == f"EPSG:{_WEB_MERCATOR}"
    if known.lonlat is None or not (is_mercator or roads_code == "BD-09MC"):
        return
    if is_mercator:
        otherwise = bd09mc_to_wgs84(*transform_xy(known.lonlat, _DEGREES, mercator).T)
        there = np.column_stack(otherwise)
    else:
        there = transform_xy(np.column_stack(wgs84_to_bd09mc(*known.lonlat.T)), mercator, _DEGREES)
    km, other_km = km_from(lonlat, known.lonlat), km_from(lonlat, there)
    if km is None or other_km is None or km <= _MERCATOR_KM or other_km * _MERCATOR_TIMES > km:
        return
    code = "BD-09MC" if is_mercator else f"EPSG:{_WEB_MERCATOR}"
    values = {"name": known.roads_crs, "km": km, "code": code, "other_km": other_km}
    raise CrsError(Message("crs.mercator_of_roads", values))


def _with_offer(why: Message, offer: Message) -> Message:
    """Add the systems that fit, where the reason does not name one itself."""
    names_one = why.key not in ("crs.far_outside", "crs.degrees", "crs.not_baidu")
    if names_one or offer.key not in ON_ROADS:
        return why
    return Message("crs.why_and_offer", {"why": why, "offer": offer})


def _compare(reading: Reading, by_file: Reading | None, sample: _XY) -> Message | None:
    """Tell both names and the distance between them where the file says another system."""
    if by_file is None or not len(sample):
        return None
    names = {"declared": reading.name, "stated": by_file.name}
    if _misfits(by_file, sample) is not None:
        return Message("crs.declared_over_impossible", names)
    ends = np.vstack([np.median(way.to_lonlat(sample), axis=0) for way in (reading, by_file)])
    if not np.isfinite(ends).all():
        return Message("crs.declared_over_impossible", names)
    metres = float(geodesic_lengths(ends, np.array([0, 2]))[0])
    if metres < _SAME_M:
        return None
    distance = f"{metres:,.0f} m" if metres < 10_000 else f"{metres / 1000:,.0f} km"
    return Message("crs.declared_over_file", {**names, "distance": distance})
