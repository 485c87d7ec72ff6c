"""OpenStreetMap: roads, facilities, buildings and places from a file, or by download."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import osmium

from geo.errors import InputError
from geo.messages import Message
from geo.network import (
    FERRY,
    SPEED_KEYS,
    Barriers,
    Roads,
    UnheededTag,
    WayTable,
    access_flags,
    access_keys,
    barrier_of,
    is_strange_size,
    is_unheeded,
    limiting_keys,
    limits_of,
    oneway_code,
    oneway_keys,
    roads_from_ways,
    speed_limit,
    tell_unheeded,
)
from geo.osm._edited import own_id, own_ids
from geo.osm._file import ATTRIBUTION, notes_of_file, opened
from geo.osm.download import Fetched, fetch
from geo.osm.features import FACILITY_TAGS, read_boundaries, read_buildings, read_facilities, read_places
from geo.reading import reads_a_file
from geo.settings import NOTHING
from geo.words import read_data

__all__ = [
    "ATTRIBUTION",
    "FACILITY_TAGS",
    "Fetched",
    "fetch",
    "has_roads",
    "read_boundaries",
    "read_buildings",
    "read_facilities",
    "read_places",
    "read_roads",
]

_SIZES: Final = ("height_m", "width_m", "weight_t")
_WKB_HEADER: Final = 18  # hex digits before the coordinates of a line


@reads_a_file
def has_roads(path: str | Path) -> bool:
    """Say whether an OSM file holds a way with ``highway``; it is read as far as the first one.

    Raises
    ------
    FileError
        As :func:`read_roads`.
    """
    with opened(path) as name:
        ways = osmium.FileProcessor(name, osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway"))
        return any(True for _ in ways)


@reads_a_file
def read_roads(
    path: str | Path,
    *,
    classes: Collection[str] | None = None,
    where: Mapping[str, Sequence[Any]] = NOTHING,
) -> Roads:
    """Read the roads of an OSM file (``.osm.pbf``, ``.osm``, ``.osm.gz``, ``.osm.bz2``).

    Ways with ``highway`` and ferry routes are split where they share nodes. One-way: ``oneway``, and
    implied for ``junction=roundabout`` and motorways; ``reversible`` counts as both ways. Who may use a road
    is decided by :func:`geo.network.access_flags`; limits of size and weight and barriers are kept. What an
    editor deleted is left out, what it added (negative ids) is read, in whatever order.

    Parameters
    ----------
    path : path
        The file.
    classes : collection of str, optional
        Only these classes are read, and split where they meet each other; such as the keys of a
        profile's ``speeds_kph``. All by default.
    where : mapping of str to sequence
        Only ways whose tags have one of the values of each key.

    Returns
    -------
    Roads
        In EPSG:4326.

    Raises
    ------
    FileError
        The file is missing, truncated, corrupt or no OSM file, or holds changes instead of a map.
    NetworkError
        The file has no road of these classes, or not one road node.
    InputError
        ``where`` selects no road.
    """
    if classes is None:
        wanted: Any = osmium.filter.KeyFilter("highway", "route")
    else:
        wanted = osmium.filter.TagFilter(*(("highway", kind) for kind in classes), ("route", "ferry"))
    reader = _WayReader(None if classes is None else frozenset(classes), where)
    with opened(path) as source:
        on_nodes: Any = osmium.filter.KeyFilter("barrier")
        wanted.enable_for(osmium.osm.WAY)
        on_nodes.enable_for(osmium.osm.NODE)
        items: Any = (
            osmium.FileProcessor(source, osmium.osm.NODE | osmium.osm.WAY)
            .with_locations()
            .with_filter(wanted)
            .with_filter(on_nodes)
        )
        for item in items:
            if item.is_node():
                reader.add_barrier(item)
            else:
                reader.add(item)
    if where and not reader.n_ways:
        raise InputError(Message("osm.where_none", {"file": Path(path).name, "where": dict(where)}))
    notes = (*notes_of_file(path), *reader.notes())
    roads = roads_from_ways(reader.table(), attribution=ATTRIBUTION, notes=notes)
    return replace(roads, notes=(*roads.notes, *reader.notes_of_length(roads)))


class _Rules(NamedTuple):
    """Who and what may pass a way, in which direction and how fast."""

    access: int
    oneway: int
    maxspeed: float
    strange: str
    limits: tuple[float, float, float]
    strange_size: str


_RULING: Final = access_keys() | limiting_keys() | oneway_keys() | frozenset(SPEED_KEYS)


@lru_cache(maxsize=10_000)
def _rules(kind: str, tags: tuple[tuple[str, str], ...]) -> _Rules:
    """Read the tags that rule who passes; the same few combinations stand on all ways."""
    has = dict(tags)
    oneway = oneway_code(has, kind)
    maxspeed, is_strange = speed_limit(has, oneway)
    barrier = barrier_of(has)
    return _Rules(
        access=access_flags(has),
        oneway=oneway,
        maxspeed=maxspeed,
        strange=next(filter(None, map(has.get, SPEED_KEYS)), "") if is_strange else "",
        limits=limits_of(has) if barrier is None else barrier.limits,
        strange_size=_strange_size(has),
    )


def _strange_size(tags: Mapping[str, str]) -> str:
    """Give the first limit of height, width or weight that is neither believed nor a word for none."""
    limits = read_data("standards/access")["limits"]
    for name in _SIZES:
        for key in limits[name]["tags"]:
            if key in tags and is_strange_size(tags[key], name):
                return f"{key}={tags[key]}"
    return ""


class _Words:
    """Numbers for words, in order of appearance."""

    def __init__(self, *words: str) -> None:
        self._number = {word: i for i, word in enumerate(words)}

    def __getitem__(self, word: str) -> int:
        return self._number.setdefault(word, len(self._number))

    def all(self) -> tuple[str, ...]:
        return tuple(self._number)


class _WayReader:
    """Collects ways into flat lists; geometry comes as WKB, the one call that gives it whole."""

    def __init__(self, classes: frozenset[str] | None, where: Mapping[str, Sequence[Any]]) -> None:
        self._wanted = classes
        self._where = {key: frozenset(map(str, values)) for key, values in where.items()}
        self._limits: list[tuple[float, float, float]] = []
        self._barriers: dict[int, Any] = {}
        self._strange: list[tuple[int, str]] = []
        self._strange_sizes: list[tuple[int, str]] = []
        self._unheeded: list[tuple[int, str, str]] = []
        self._lines = osmium.geom.WKBFactory()
        self._ref: list[int] = []
        self._xy: list[str] = []
        self._start = [0]
        self._rows: list[tuple[int, int, float, int, int, int]] = []
        self._classes, self._names = _Words(), _Words("")

    @property
    def n_ways(self) -> int:
        return len(self._rows)

    def add_barrier(self, node: Any) -> None:
        barrier = barrier_of(dict(node.tags))
        if barrier is not None:
            self._barriers[own_id(node.id)] = barrier

    def add(self, way: Any) -> None:
        tags = dict(way.tags)
        kind = tags.get("highway") or (FERRY if tags.get("route") == "ferry" else None)
        if kind is None or (self._wanted is not None and kind not in self._wanted):
            return
        if any(tags.get(key) not in values for key, values in self._where.items()):
            return
        refs = [node.ref for node in way.nodes]
        if len(refs) < 2:
            return
        self._ref += refs
        self._start.append(len(self._ref))
        self._xy.append(self._positions(way))
        name = self._names[tags.get("name", "")]
        rules = _rules(kind, tuple([item for item in tags.items() if item[0] in _RULING]))
        self._limits.append(rules.limits)
        if rules.strange:
            self._strange.append((own_id(way.id), rules.strange))
        if rules.strange_size:
            self._strange_sizes.append((own_id(way.id), rules.strange_size))
        self._unheeded += [(own_id(way.id), key, value) for key, value in tags.items() if is_unheeded(key)]
        row = (self._classes[kind], rules.oneway, rules.maxspeed, rules.access, name, way.id)
        self._rows.append(row)

    def notes(self) -> tuple[Message, ...]:
        """Say what was selected, and which speed limits were not believed."""
        notes = []
        if self._where:
            where = str({key: sorted(values) for key, values in self._where.items()})
            notes.append(Message("network.ways_selected", {"n": self.n_ways, "where": where}))
        if self._strange:
            values = ", ".join(list(dict.fromkeys(text for _, text in self._strange))[:5])
            ways = ", ".join(str(way) for way, _ in self._strange[:5])
            n = len(self._strange)
            notes.append(Message("network.speeds_not_believed", {"n": n, "values": values, "ways": ways}))
        return tuple(notes)

    def notes_of_length(self, roads: Roads) -> tuple[Message, ...]:
        """Say how long the roads are whose tags are not heeded, or not believed."""
        if not self._unheeded and not self._strange_sizes:
            return ()
        way, place = np.unique(roads.edge_source, return_inverse=True)
        km = np.bincount(place, weights=roads.edge_length / 1000)
        km_of = dict(zip(way.tolist(), km.tolist(), strict=True))
        notes = tell_unheeded(
            UnheededTag(way, key, value, km_of.get(way, 0.0)) for way, key, value in self._unheeded
        )
        if self._strange_sizes:
            values = {
                "n": len(self._strange_sizes),
                "km": sum(km_of.get(way, 0.0) for way, _ in self._strange_sizes),
                "values": ", ".join(list(dict.fromkeys(text for _, text in self._strange_sizes))[:5]),
                "ways": ", ".join(str(way) for way, _ in self._strange_sizes[:5]),
            }
            notes.append(Message("network.limits_unread", values))
        return tuple(notes)

    def _positions(self, way: Any) -> str:
        """Give the coordinates of a way as hexadecimal doubles, nan where a node has none."""
        try:
            line = self._lines.create_linestring(way, use_nodes=osmium.geom.ALL)
            return str(line)[_WKB_HEADER:]
        except (osmium.InvalidLocationError, RuntimeError):
            places = [node.location for node in way.nodes]
            return (
                np.array([(p.lon, p.lat) if p.valid() else (np.nan, np.nan) for p in places], dtype="<f8")
                .tobytes()
                .hex()
            )

    def table(self) -> WayTable:
        kind, oneway, maxspeed, access, name, source = (
            zip(*self._rows, strict=True) if self._rows else [()] * 6
        )
        ref = own_ids(np.array(self._ref, dtype=np.int64))
        here = np.intersect1d(ref, np.array(list(self._barriers), dtype=np.int64)).tolist()
        limits = np.array(self._limits, dtype=np.float32).reshape(-1, 3)
        return WayTable(
            ref=ref,
            lonlat=np.frombuffer(bytes.fromhex("".join(self._xy)), dtype="<f8").reshape(-1, 2),
            start=np.array(self._start, dtype=np.int64),
            way_class=np.array(kind, dtype=np.int16),
            oneway=np.array(oneway, dtype=np.int8),
            maxspeed=np.array(maxspeed, dtype=np.float64),
            access=np.array(access, dtype=np.int8),
            name=np.array(name, dtype=np.int32),
            source=own_ids(np.array(source, dtype=np.int64)),
            classes=self._classes.all(),
            names=self._names.all(),
            limits=limits if not np.isnan(limits).all() else None,
            barriers=Barriers.of({node: self._barriers[node] for node in here}),
        )
