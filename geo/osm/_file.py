"""OpenStreetMap files: which are ones, and what goes wrong while they are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import osmium

from geo.errors import FileError
from geo.messages import Message
from geo.osm._edited import settle
from geo.reading import reads_a_file
from geo.sources import require_source

__all__ = ["ATTRIBUTION", "is_osm_file", "notes_of_file", "opened"]

ATTRIBUTION: Final = "© OpenStreetMap contributors (ODbL 1.0)"
_ENDINGS: Final = (".pbf", ".osm", ".osm.gz", ".osm.bz2", ".xml")
_CHANGES: Final = (".osc", ".osc.gz", ".osc.bz2")


def is_osm_file(path: str | Path) -> bool:
    """Say by its ending whether a path is an OpenStreetMap file.

    Examples
    --------
    >>> is_osm_file("Shanghai.OSM.PBF"), is_osm_file("roads.osm.gz"), is_osm_file("roads.gpkg")
    (True, True, False)
    """
    return str(path).casefold().endswith((*_ENDINGS, *_CHANGES))


@reads_a_file
def notes_of_file(path: str | Path) -> tuple[Message, ...]:
    """Say what an editor left in an OSM file: deleted objects, which are left out, and new ones.

    Raises
    ------
    FileError
        The file is missing, damaged, no OSM file, or holds changes instead of a map.
    """
    _check(Path(path))
    return settle(Path(path)).notes


@contextmanager
def opened(path: str | Path) -> Iterator[Any]:
    """Give what the reader of OSM files reads; turn its faults into :class:`FileError`.

    A file that an editor or a query left out of order is put in order first; ids are then to be taken through
    :func:`geo.osm._edited.own_id`.
    """
    path = Path(path)
    _check(path)
    content = settle(path).content
    try:
        # As a path from the root: the reader takes - for what is typed, and addresses for the web's.
        yield str(path.absolute()) if content is None else osmium.io.FileBuffer(content, "osm")
    except (RuntimeError, UnicodeDecodeError) as error:
        raise FileError(Message("osm.unreadable", {"file": path.name, "why": error})) from error


def _check(path: Path) -> None:
    require_source(path)
    if str(path).casefold().endswith(_CHANGES):
        raise FileError(Message("osm.changes", {"file": path.name}))
    if not is_osm_file(path):
        raise FileError(Message("osm.no_osm", {"file": path.name, "endings": ", ".join(_ENDINGS)}))
