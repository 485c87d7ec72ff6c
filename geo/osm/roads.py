"""OpenStreetMap: roads, facilities, buildings and places from a file, or by download."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import osmium
from numpy.typing import NDArray

from geo.errors import InputError
from geo.messages import Message
from geo.network import Roads, limiting_keys, roads_from_ways
from geo.osm._file import ATTRIBUTION, notes_of_file, opened
from geo.osm._shapes import FACILITY_TAGS
from geo.osm._turns import tell_turns
from geo.osm._way_table import KIND_KEYS, WayCollector
from geo.osm._within import cut_at_border
from geo.osm.download import Fetched, fetch
from geo.osm.features import read_boundaries, read_buildings, read_facilities, read_places
from geo.reading import reads_a_file
from geo.settings import NOTHING

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
    within: Any = None,
) -> Roads:
    """Read the roads of an OSM file (``.osm.pbf``, ``.osm``, ``.osm.gz``, ``.osm.bz2``).

    Ways with ``highway`` and ferry routes are split where they share nodes. One-way: ``oneway``, and
    implied for ``junction=roundabout`` and motorways; ``reversible`` counts as both ways. Who may use a road
    is decided by :func:`geo.network.access_flags`; limits of size and weight and barriers are kept. What an
    editor deleted is left out, what it added (negative ids) is read, in whatever order. Banned turns
    (relations ``type=restriction``) are counted in a note and not heeded.

    Parameters
    ----------
    path : path
        The file.
    classes : collection of str, optional
        Only these classes are read, and split where they meet each other; such as the keys of a
        profile's ``speeds_kph``. All by default.
    where : mapping of str to sequence
        Only ways whose tags have one of the values of each key.
    within : shapely.Geometry, optional
        Only roads inside this area, in degrees; they are cut at its border, which is told. Nodes outside are
        not kept while the file is read.

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
        ``where`` selects no road, or none lies in the area.
    """
    reader, lonlat = _read_ways(Path(path), None if classes is None else frozenset(classes), where, within)
    if where and not reader.n_ways + reader.n_outside:
        raise InputError(Message("osm.where_none", {"file": Path(path).name, "where": dict(where)}))
    ways, of_area = reader.table(lonlat), list[Message]()
    kept: NDArray[np.int64] | None = None
    if within is not None:
        ways, cut = cut_at_border(ways, within, n_outside=reader.n_outside)
        if not len(ways.ref):
            raise InputError(Message("osm.within_none", {"file": Path(path).name}))
        kept, of_area = ways.source, [cut]
    notes = (*notes_of_file(path), *reader.notes(kept), *of_area)
    roads = roads_from_ways(ways, attribution=ATTRIBUTION, notes=notes)
    of_turns = tell_turns(path, roads.edge_source)
    return replace(roads, notes=(*roads.notes, *reader.notes_of_length(roads, kept), *of_turns))


def _read_ways(
    path: Path, classes: frozenset[str] | None, where: Mapping[str, Sequence[Any]], within: Any
) -> tuple[WayCollector, NDArray[np.float64] | None]:
    """Read ways and barriers; the places of nodes come beside them where the file is read block by block."""
    with opened(path) as source:
        if isinstance(source, str) and source.casefold().endswith(".pbf"):
            from geo.osm._packed import NotPlainError, read_ways  # numba takes a second to load

            reader = WayCollector(classes, where)
            with suppress(NotPlainError):
                return reader, read_ways(Path(source), reader, within=within)
        reader = WayCollector(classes, where)
        _read_objects(source, reader)
        return reader, None


def _read_objects(source: Any, into: WayCollector) -> None:
    """Read ways and barriers one by one, from whatever file there is."""
    wanted: Any = osmium.filter.KeyFilter(*KIND_KEYS)
    on_nodes: Any = osmium.filter.KeyFilter(*sorted(limiting_keys()))
    wanted.enable_for(osmium.osm.WAY)
    on_nodes.enable_for(osmium.osm.NODE)
    items: Any = (
        osmium.FileProcessor(source, osmium.osm.NODE | osmium.osm.WAY)
        .with_locations()
        .with_filter(wanted)
        .with_filter(on_nodes)
    )
    lines = osmium.geom.WKBFactory()
    for item in items:
        if item.is_node():
            into.add_barrier(item.id, dict(item.tags))
        else:
            into.add(item.id, dict(item.tags), [node.ref for node in item.nodes], _positions(item, lines))


def _positions(way: Any, lines: Any) -> bytes:
    """Give the coordinates of a way as doubles, nan where a node has none; WKB is the call that gives all."""
    try:
        return bytes.fromhex(str(lines.create_linestring(way, use_nodes=osmium.geom.ALL))[_WKB_HEADER:])
    except (osmium.InvalidLocationError, RuntimeError):
        places = [node.location for node in way.nodes]
        return np.array(
            [(p.lon, p.lat) if p.valid() else (np.nan, np.nan) for p in places], dtype="<f8"
        ).tobytes()
