"""The coordinate system of each entry: as the file says, or as puts it onto the roads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import (
    TO_WGS84,
    Reading,
    Whereabouts,
    are_degrees,
    name_system,
    offer_systems,
    parse_crs,
    settle_system,
    transform_xy,
)
from geo.draft.entries import Entry
from geo.draft.names import system_of
from geo.draft.questions import Questions
from geo.errors import CrsError, GeoError
from geo.messages import Message
from geo.network import RoadNetwork
from geo.study import find_shift, find_zone_shift, parse_study, read_network, some_ends, suspect_shift

__all__ = ["Ground", "read_ground", "settle_entry", "settle_roads"]

_XY = NDArray[np.float64]
_DEGREES: Final = CRS.from_epsg(4326)
_MOST: Final = 2000
_NORTH: Final = (3.0, 54.0)
_EAST: Final = (73.0, 136.0)
"""Degrees of China, by which exchanged ones are noticed."""
_ORDER: Final = '; order = "'


@dataclass(frozen=True, eq=False)
class Ground:
    """Where the study is: its network if its roads can be read, and some places in degrees."""

    network: RoadNetwork | None = None
    lonlat: _XY | None = None
    error: GeoError | None = None

    @property
    def known(self) -> Whereabouts:
        """What the readers of layers are told of it."""
        return Whereabouts(lonlat=self.lonlat)


def settle_roads(roads: Entry, others: Sequence[Entry], questions: Questions) -> Entry:
    """Settle the system of the roads: of the file, else of those that put them where the other layers lie."""
    if roads.look.shape in ("osm", "graphml") or roads.look.error is not None:
        return roads
    around = [places for entry in others if (places := _stated_places(entry)) is not None]
    lonlat = np.vstack(around) if around else None
    return _settle(roads, Ground(lonlat=lonlat), questions)


def read_ground(roads: Entry, folder: Path) -> Ground:
    """Read the roads, to which every other layer is held."""
    # A study has facilities and people; those of this one are never read.
    unread = {"facilities": [{"path": "-"}], "demand": [{"path": "-", "people": 1}]}
    data: dict[str, Any] = {"study": {"name": "-"}, **unread}
    try:
        network = read_network(parse_study({**data, "roads": dict(roads.settings)}, folder=folder))
    except GeoError as error:
        return Ground(lonlat=_stated_places(roads), error=error)
    return Ground(network, some_ends(network))


def settle_entry(entry: Entry, ground: Ground, questions: Questions) -> Entry:
    """Settle the system of a layer, and let the alarm for shifted datums look at it.

    Parameters
    ----------
    entry : Entry
        A layer that is not the roads.
    ground : Ground
        Where the study is.
    questions : Questions
        Asks where several systems are possible, or the alarm speaks.
    """
    look = entry.look
    if look.shape in ("osm", "plan", "table", "none") or look.error is not None or not len(look.xy):
        return entry
    settled = _settle(entry, ground, questions)
    return _alarmed(settled, ground, questions)


def _settle(entry: Entry, ground: Ground, questions: Questions) -> Entry:
    look, sample = entry.look, _sample(entry.look.xy)
    if not len(sample):
        return entry
    system, word = _hinted(entry)
    if look.stated is not None:
        return _of_file(entry, sample, ground, questions)
    if are_degrees(sample):
        if _is_exchanged(sample):
            note = Message("draft.note_order")
            entry = entry.with_setting("order", "lat,lon", note)
        if system:
            return entry.with_setting("crs", system, Message("draft.note_system_word", {"word": word}))
        return entry.with_setting("crs", "EPSG:4326", Message("draft.note_degrees"))
    return _offered(entry, offer_systems(sample, ground.lonlat), questions)


def _hinted(entry: Entry) -> tuple[str, str]:
    """Find a system that a name of the source, or the header of a coordinate, says."""
    look = entry.look
    headers = [look.headers[name] for name in ("lon", "lat", "lonlat", "geometry") if name in look.headers]
    return system_of(*headers, *look.source.names[:2])


def _of_file(entry: Entry, sample: _XY, ground: Ground, questions: Questions) -> Entry:
    """Take the system that the file states, unless it cannot be."""
    look = entry.look
    stated = look.stated if isinstance(look.stated, str) else name_system(look.stated)
    try:
        settle_system(None, look.stated, sample, ground.known)
    except CrsError as error:
        # Where the error names one system alone, the others are to be seen too.
        offer = _offer_in(error.args[0]) or offer_systems(sample, ground.lonlat)
        return _offered(entry, offer, questions, stated=stated)
    return entry.with_note("path", Message("draft.note_system_file", {"system": stated}))


def _offer_in(message: Any) -> Message | None:
    """Find the systems that are offered in an error, or in what it says."""
    if not isinstance(message, Message):
        return None
    if message.key in ("crs.offer_on_roads", "crs.offer", "crs.offer_zones"):
        return message
    return next((offer for value in message.values.values() if (offer := _offer_in(value))), None)


def _offered(entry: Entry, offer: Message, questions: Questions, *, stated: str = "") -> Entry:
    """Ask which of the offered systems holds; a single one that lies on the roads is taken and told."""
    names = offer.values.get("names", ())
    codes = [str(name.values["code"]) if isinstance(name, Message) else str(name) for name in names]
    if not codes:
        return entry.with_note("path", offer)
    told = tuple(
        name if isinstance(name, Message) else Message("draft.choice_system", {"code": name})
        for name in names
    )
    if len(codes) == 1 and not stated:
        return _with_code(entry, codes[0], Message("draft.note_only_system"))
    key = "draft.ask_system_wrong" if stated else "draft.ask_system"
    text = Message(key, {"label": entry.label, "stated": stated or "–"})
    answered = questions.put("system", text, told)
    taken = _with_code(entry, codes[answered.answer.choice], Message("draft.note_on_roads"))
    return taken.with_answer("crs", answered)


def _with_code(entry: Entry, offered: str, note: Message) -> Entry:
    """Give the entry with an offered system, behind which an order of the coordinates may stand."""
    code, _, order = offered.partition(_ORDER)
    if order:
        entry = entry.with_setting("order", order.strip('"'), Message("draft.note_order"))
    return entry.with_setting("crs", code, note)


def _alarmed(entry: Entry, ground: Ground, questions: Questions) -> Entry:
    """Let the product's own alarm say whether another Chinese datum fits the roads better, and ask."""
    if ground.network is None or entry.role.section not in ("facilities", "demand", "zones"):
        return entry
    reading = _reading(entry, ground)
    if reading is None:
        return entry
    places = entry.look.xy[np.isfinite(entry.look.xy).all(axis=1)]
    shift = None
    declared = str(entry.settings.get("crs", ""))
    read_as = declared if declared in TO_WGS84 else ""
    if entry.role.section == "zones":
        shift = find_zone_shift(
            _moved(entry.look.shapes, reading, ground.network), ground.network, read_as=read_as
        )
    elif entry.look.shape in ("point", "polygon"):
        points = _moved(shapely.points(_ordered(places, entry)), reading, ground.network)
        shift = find_shift(points, ground.network, read_as=read_as)
        shift = shift or suspect_shift(points, ground.network, read_as=read_as)
    if shift is None or shift.is_of_roads:
        return entry if shift is None else entry.with_note("path", shift.told())
    better = "EPSG:4326" if shift.reading == "WGS 84" else shift.reading
    now = declared or reading.name
    choices = (
        Message("draft.choice_system", {"code": better}),
        Message("draft.choice_system_now", {"code": now}),
    )
    answered = questions.put(
        "system", Message("draft.ask_shift", {"label": entry.label, "why": shift.told()}), choices
    )
    code = better if answered.answer.choice == 0 else now
    if code != now:  # what was told of the reading before holds no longer
        entry = replace(entry, notes={**entry.notes, "crs": ()})
    return entry.with_setting("crs", code, Message("draft.note_alarm")).with_answer("crs", answered)


def _reading(entry: Entry, ground: Ground) -> Reading | None:
    """Give how the places of an entry are read by now; None where that is not possible."""
    declared = entry.settings.get("crs")
    try:
        system = None if declared is None else parse_crs(declared)
        return settle_system(system, entry.look.stated, _ordered(_sample(entry.look.xy), entry), ground.known)
    except CrsError:
        return None


def _moved(shapes: Any, reading: Reading, network: RoadNetwork) -> gpd.GeoDataFrame:
    """Give shapes in the system of the roads."""
    present = np.asarray(shapes, dtype=object)
    present = present[~shapely.is_missing(present)]
    moved = shapely.transform(present, lambda xy: transform_xy(reading.to_crs(xy), reading.crs, network.crs))
    moved = moved[np.isfinite(shapely.bounds(moved)).all(axis=1)]  # the row of an exchanged pair is nowhere
    return gpd.GeoDataFrame(geometry=moved, crs=network.crs)


def _stated_places(entry: Entry) -> _XY | None:
    """Give some places of an entry in degrees, where its file says its system or they are degrees."""
    look, sample = entry.look, _sample(entry.look.xy)
    if not len(sample) or look.error is not None or look.shape == "table":
        return None
    if look.stated is None:
        if not are_degrees(sample):
            return None
        return sample[:, ::-1] if _is_exchanged(sample) else sample
    try:
        reading = settle_system(None, look.stated, sample, Whereabouts())
    except CrsError:
        return None
    lonlat = reading.to_lonlat(sample)
    return lonlat[np.isfinite(lonlat).all(axis=1)]


def _sample(xy: _XY) -> _XY:
    there = xy[np.isfinite(xy).all(axis=1)]
    return there[np.unique(np.linspace(0, len(there) - 1, _MOST).astype(int))] if len(there) else there


def _is_exchanged(sample: _XY) -> bool:
    """Whether degrees can be in China only with the latitude first."""
    first, second = np.median(sample, axis=0)
    return bool(_NORTH[0] <= first <= _NORTH[1] and _EAST[0] <= second <= _EAST[1])


def _ordered(xy: _XY, entry: Entry) -> _XY:
    return xy[:, ::-1] if entry.settings.get("order") in ("lat,lon", "north,east") else xy
