"""OpenStreetMap: roads, facilities, buildings and places from a file, or by download."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import numpy as np
import osmium

from geo.network import FERRY, Roads, WayTable, access_flags, oneway_code, parse_maxspeed, roads_from_ways
from geo.osm._file import ATTRIBUTION, opened
from geo.osm.download import Fetched, fetch
from geo.osm.features import FACILITY_TAGS, read_boundaries, read_buildings, read_facilities, read_places

__all__ = [
    "ATTRIBUTION",
    "FACILITY_TAGS",
    "Fetched",
    "fetch",
    "read_boundaries",
    "read_buildings",
    "read_facilities",
    "read_places",
    "read_roads",
]

_WKB_HEADER: Final = 18  # hex digits before the coordinates of a line


def read_roads(path: str | Path, *, classes: Collection[str] | None = None) -> Roads:
    """Read the roads of an OSM file (``.osm.pbf``, ``.osm``, ``.osm.gz``, ``.osm.bz2``).

    Ways with ``highway`` and ferry routes are split where they share nodes. One-way: ``oneway``, and
    implied for ``junction=roundabout`` and motorways; ``reversible`` counts as both ways.
    ``access``, ``vehicle``, ``motor_vehicle`` and ``foot`` close a road unless ``emergency=yes``.

    Parameters
    ----------
    path : path
        The file; its nodes come before its ways, as in every usual extract.
    classes : collection of str, optional
        Only these classes are read, and split where they meet each other; such as the keys of a
        profile's ``speeds_kph``. All by default.

    Returns
    -------
    Roads
        In EPSG:4326.

    Raises
    ------
    FileError
        The file is missing, truncated, corrupt or no OSM file.
    NetworkError
        The file has no road of these classes, or not one road node.
    """
    if classes is None:
        wanted: Any = osmium.filter.KeyFilter("highway", "route")
    else:
        wanted = osmium.filter.TagFilter(*(("highway", kind) for kind in classes), ("route", "ferry"))
    reader = _WayReader(None if classes is None else frozenset(classes))
    with opened(path) as name:
        ways = (
            osmium.FileProcessor(name, osmium.osm.NODE | osmium.osm.WAY)
            .with_locations()
            .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
            .with_filter(wanted)
        )
        for way in ways:
            reader.add(way)
    return roads_from_ways(reader.table(), attribution=ATTRIBUTION)


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

    def __init__(self, classes: frozenset[str] | None) -> None:
        self._wanted = classes
        self._lines = osmium.geom.WKBFactory()
        self._ref: list[int] = []
        self._xy: list[str] = []
        self._start = [0]
        self._rows: list[tuple[int, int, float, int, int, int]] = []
        self._classes, self._names = _Words(), _Words("")

    def add(self, way: Any) -> None:
        tags = way.tags
        kind = tags.get("highway") or (FERRY if tags.get("route") == "ferry" else None)
        if kind is None or (self._wanted is not None and kind not in self._wanted):
            return
        refs = [node.ref for node in way.nodes]
        if len(refs) < 2:
            return
        self._ref += refs
        self._start.append(len(self._ref))
        self._xy.append(self._positions(way))
        self._rows.append(
            (
                self._classes[kind],
                oneway_code(tags, kind),
                parse_maxspeed(tags.get("maxspeed", "")),
                access_flags(tags),
                self._names[tags.get("name", "")],
                way.id,
            )
        )

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
        return WayTable(
            ref=np.array(self._ref, dtype=np.int64),
            lonlat=np.frombuffer(bytes.fromhex("".join(self._xy)), dtype="<f8").reshape(-1, 2),
            start=np.array(self._start, dtype=np.int64),
            way_class=np.array(kind, dtype=np.int16),
            oneway=np.array(oneway, dtype=np.int8),
            maxspeed=np.array(maxspeed, dtype=np.float64),
            access=np.array(access, dtype=np.int8),
            name=np.array(name, dtype=np.int32),
            source=np.array(source, dtype=np.int64),
            classes=self._classes.all(),
            names=self._names.all(),
        )
