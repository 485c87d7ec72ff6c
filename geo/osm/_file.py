"""OpenStreetMap files: which are ones, and what goes wrong while they are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geo.errors import FileError

__all__ = ["ATTRIBUTION", "is_osm_file", "opened"]

ATTRIBUTION: Final = "© OpenStreetMap contributors (ODbL 1.0)"
_ENDINGS: Final = (".pbf", ".osm", ".osm.gz", ".osm.bz2", ".xml")


def is_osm_file(path: str | Path) -> bool:
    """Say by its ending whether a path is an OpenStreetMap file.

    Examples
    --------
    >>> is_osm_file("Shanghai.OSM.PBF"), is_osm_file("roads.osm.gz"), is_osm_file("roads.gpkg")
    (True, True, False)
    """
    return str(path).casefold().endswith(_ENDINGS)


@contextmanager
def opened(path: str | Path) -> Iterator[str]:
    """Check that a file can be an OSM file; turn the reader's faults into :class:`FileError`."""
    path = Path(path)
    if not path.is_file():
        raise FileError(f"{path} does not exist")
    if not is_osm_file(path):
        raise FileError(f"{path.name} is no OSM file; known endings are {', '.join(_ENDINGS)}")
    try:
        yield str(path)
    except RuntimeError as error:
        raise FileError(f"{path.name} cannot be read as an OSM file; it may be cut short: {error}") from error
