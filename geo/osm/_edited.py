"""OpenStreetMap files as editors and queries leave them: new, deleted and unordered objects put in order.

The reader of OpenStreetMap files wants nodes before ways, keeps no place for a node with a negative id, and
knows nothing of ``action="delete"``. JOSM writes all three; answers of Overpass hold ways before nodes.
"""

from __future__ import annotations

import bz2
import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Final
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

import numpy as np
import osmium
from numpy.typing import NDArray

from geo import file_limits
from geo.errors import FileError
from geo.messages import Message
from geo.osm._blocks import check_blocks
from geo.sources import require_number

__all__ = ["Settled", "own_id", "own_ids", "settle"]

_NEW: Final = 1 << 40
"""Objects with negative ids are read under ids above this one; the map itself has some 10^10."""
_CHUNK: Final = 1 << 24
_OVERLAP: Final = 200
_EDITED: Final = (b' id="-', b" id='-", b"action=", b'visible="false"', b"visible='false'")
_PLACED_VERTEX: Final = re.compile(rb"<nd\s[^>]{0,80}lat=")
_WITH_ID: Final = re.compile(rb"<(way|relation)\s[^>]{0,80}?\bid=[\"'](\d+)")
_KINDS: Final = ("node", "way", "relation")
_PLACED_WAYS: Final = "LocationsOnWays"
_MOST_FEATURES: Final = 10


@dataclass(frozen=True, eq=False)
class Settled:
    """An OpenStreetMap file that can be read in one go.

    Parameters
    ----------
    content : bytes or None
        The objects in order, as OSM XML; None where the file itself can be read.
    notes : tuple of Message
        What was deleted or new in the file.
    """

    content: bytes | None = None
    notes: tuple[Message, ...] = ()


@dataclass
class _Object:
    """A node, way or relation, as it stands in the file."""

    version: int
    tags: dict[str, str] = field(default_factory=dict)
    at: tuple[str, str] | None = None
    refs: list[int] = field(default_factory=list)
    members: list[tuple[str, int, str]] = field(default_factory=list)
    is_deleted: bool = False


class _Objects:
    """Objects of a file by kind and id; of two with one id the later version counts."""

    def __init__(self, file: str) -> None:
        self._file, self._n = file, 0
        self._by_id: dict[str, dict[int, _Object]] = {kind: {} for kind in _KINDS}

    def add(self, kind: str, number: int, item: _Object) -> None:
        self._n += 1
        require_number(self._file, self._n, "objects", file_limits.MOST_EDITED_OBJECTS)
        before = self._by_id[kind].get(number)
        if before is None or (item.version, bool(item.tags)) >= (before.version, bool(before.tags)):
            self._by_id[kind][number] = item

    def place(self, number: int, at: tuple[str, str]) -> None:
        """Take the place of a vertex that stands in its way, unless the node itself is in the file."""
        self._by_id["node"].setdefault(number, _Object(version=0, at=at))

    def settled(self, name: str) -> Settled:
        every = [item for items in self._by_id.values() for item in items.values()]
        numbers = [number for items in self._by_id.values() for number in items]
        n_deleted = sum(item.is_deleted for item in every)
        n_new = sum(number < 0 and not item.is_deleted for number, item in zip(numbers, every, strict=True))
        notes: tuple[Message, ...] = ()
        if n_deleted or n_new:
            notes = (Message("osm.edited", {"file": name, "n_deleted": n_deleted, "n_new": n_new}),)
        return Settled("".join(self._lines()).encode(), notes)

    def _lines(self) -> Iterator[str]:
        yield '<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">'
        for kind, items in self._by_id.items():
            for number, item in sorted((_stored_id(number), item) for number, item in items.items()):
                if not item.is_deleted and (kind != "node" or item.at):
                    yield from _written(kind, number, item)
        yield "</osm>"


def _written(kind: str, number: int, item: _Object) -> Iterator[str]:
    at = "" if item.at is None else f' lat="{item.at[0]}" lon="{item.at[1]}"'
    yield f'<{kind} id="{number}" version="1"{at}>'
    yield from (f'<nd ref="{_stored_id(ref)}"/>' for ref in item.refs)
    for type_, ref, role in item.members:
        yield f'<member type="{type_}" ref="{_stored_id(ref)}" role={quoteattr(role)}/>'
    yield from (f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in item.tags.items())
    yield f"</{kind}>"


def _stored_id(number: int) -> int:
    return number if number >= 0 else _NEW - number


def own_id(number: int) -> int:
    """Give the id that an object has in the file.

    Examples
    --------
    >>> own_id(12), own_id(_stored_id(-12))
    (12, -12)
    """
    return number if number <= _NEW else _NEW - number


def own_ids(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the ids that objects have in the file."""
    return np.where(numbers <= _NEW, numbers, _NEW - numbers)


def settle(path: Path) -> Settled:
    """Put the objects of a file in order where they are not.

    Raises
    ------
    FileError
        The file holds changes or a history instead of a map, or is damaged.
    """
    info = path.stat()
    return _settle(path, info.st_mtime_ns, info.st_size)


@lru_cache(maxsize=2)
def _settle(path: Path, mtime_ns: int, size: int) -> Settled:
    """Settle a file once: roads, stations, places and buildings are read from the same one."""
    if path.name.casefold().endswith(".pbf"):
        return _settle_binary(path)
    try:
        with _unpacked(path) as file:
            is_edited = _is_edited(file, path.name, size)
        if not is_edited:
            return Settled()
        objects = _Objects(path.name)
        with _unpacked(path) as file:
            _XmlReader(objects).read(file)
    except FileError:
        raise
    except (expat.ExpatError, EOFError, OSError, KeyError, ValueError) as error:
        raise FileError(Message("osm.unreadable", {"file": path.name, "why": error})) from error
    return objects.settled(path.name)


@contextmanager
def _unpacked(path: Path) -> Iterator[IO[bytes]]:
    name = path.name.casefold()
    unpack: Any = gzip.open if name.endswith(".gz") else bz2.open if name.endswith(".bz2") else open
    with unpack(path, "rb") as file:
        yield file


def _is_edited(file: IO[bytes], name: str, packed: int) -> bool:
    """Say whether the text has new, deleted or unordered objects, or ways that bring their own places."""
    before, seen_way, seen_relation, n_bytes = b"", False, False, 0
    order = _Order()
    while chunk := file.read(_CHUNK):
        n_bytes += len(chunk)
        if n_bytes > max(file_limits.SMALL_BYTES, file_limits.MOST_RATIO * packed):
            raise FileError(Message("osm.bomb", {"file": name, "ratio": file_limits.MOST_RATIO}))
        text = before[-_OVERLAP:] + chunk
        if not before and b"<osmChange" in text[:4096]:
            raise FileError(Message("osm.changes", {"file": name}))
        if any(word in text for word in _EDITED) or _PLACED_VERTEX.search(text):
            return True
        if not order.goes_on(text, len(text) - len(chunk)):
            return True
        way, relation = text.find(b"<way "), text.find(b"<relation ")
        last_node, last_way = text.rfind(b"<node "), text.rfind(b"<way ")
        if last_node >= 0 and (seen_way or seen_relation or -1 < min(way, relation, key=_late) < last_node):
            return True
        if last_way >= 0 and (seen_relation or -1 < relation < last_way):
            return True
        # The overlap is looked at twice, and must not count as seen before itself.
        seen_way = seen_way or -1 < way < len(text) - _OVERLAP
        seen_relation = seen_relation or -1 < relation < len(text) - _OVERLAP
        before = text
    return False


class _Order:
    """Whether the ids of ways, and of relations, only grow: those who join ways to areas ask for that.

    One that stands twice, as in files that were put one behind the other, counts once.
    """

    def __init__(self) -> None:
        self._last = {b"way": -1, b"relation": -1}

    def goes_on(self, text: bytes, seen: int) -> bool:
        """Look at more text, of which the first bytes were seen before."""
        for match in _WITH_ID.finditer(text):
            kind, number = match[1], int(match[2])
            if match.end() > seen:
                if number <= self._last[kind]:
                    return False
                self._last[kind] = number
        return True


def _late(position: int) -> float:
    return position if position >= 0 else float("inf")


class _XmlReader:
    """Reads OSM XML into objects."""

    def __init__(self, objects: _Objects) -> None:
        self._objects = objects
        self._item: _Object | None = None
        self._id = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.EntityDeclHandler = self._refuse

    def read(self, file: IO[bytes]) -> None:
        self._parser.ParseFile(file)

    def _refuse(self, *about: object) -> None:
        raise ValueError("it declares entities")

    def _start(self, name: str, has: dict[str, str]) -> None:
        if name in _KINDS:
            place = (has["lat"], has["lon"]) if "lat" in has and "lon" in has else None
            self._id = int(has["id"])
            self._item = _Object(
                version=int(has.get("version", 0)),
                at=place,
                is_deleted=has.get("action") == "delete" or has.get("visible") == "false",
            )
        elif self._item is None:
            return
        elif name == "tag":
            self._item.tags[has["k"]] = has["v"]
        elif name == "nd":
            self._item.refs.append(int(has["ref"]))
            if "lat" in has and "lon" in has:
                self._objects.place(int(has["ref"]), (has["lat"], has["lon"]))
        elif name == "member":
            self._item.members.append((has["type"], int(has["ref"]), has.get("role", "")))

    def _end(self, name: str) -> None:
        if name in _KINDS and self._item is not None:
            self._objects.add(name, self._id, self._item)
            self._item = None


def _settle_binary(path: Path) -> Settled:
    """Settle a PBF file; what its head says of its order is not relied on."""
    is_ordered = check_blocks(path)
    try:
        header: Any = osmium.io.Reader(str(path), osmium.osm.NOTHING).header()
        if header.has_multiple_object_versions:
            raise FileError(Message("osm.history", {"file": path.name}))
        features = [header.get(f"pbf_optional_feature_{i}") for i in range(_MOST_FEATURES)]
        if (
            is_ordered and _PLACED_WAYS not in features
        ):  # its ways bring their places, its nodes may be missing
            return Settled()
        return _binary_objects(path).settled(path.name)
    except (RuntimeError, UnicodeDecodeError) as error:
        raise FileError(Message("osm.unreadable", {"file": path.name, "why": error})) from error


def _binary_objects(path: Path) -> _Objects:
    objects = _Objects(path.name)
    items: Any = osmium.FileProcessor(str(path))
    for item in items:
        read = _Object(version=item.version, tags=dict(item.tags), is_deleted=item.deleted)
        if item.is_node():
            if item.location.valid():
                read.at = (repr(item.lat), repr(item.lon))
            objects.add("node", item.id, read)
        elif item.is_way():
            read.refs = [node.ref for node in item.nodes]
            for node in item.nodes:
                if node.location.valid():
                    objects.place(node.ref, (repr(node.lat), repr(node.lon)))
            objects.add("way", item.id, read)
        else:
            kinds = {"n": "node", "w": "way", "r": "relation"}
            read.members = [(kinds[member.type], member.ref, member.role) for member in item.members]
            objects.add("relation", item.id, read)
    return objects
