"""OpenStreetMap files: which are ones, and what goes wrong while they are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geo.errors import FileError

__all__ = ["ATTRIBUTION", "opened"]

ATTRIBUTION: Final = "© OpenStreetMap contributors (ODbL 1.0)"
_SUFFIXES: Final = (".pbf", ".osm", ".osm.gz", ".osm.bz2", ".xml")


@contextmanager
def opened(path: str | Path) -> Iterator[str]:
    """Check that a file can be an OSM file; turn the reader's faults into :class:`FileError`."""
    path = Path(path)
    if not path.is_file():
        raise FileError(f"{path} does not exist")
    if not path.name.lower().endswith(_SUFFIXES):
        raise FileError(f"{path.name} is no OSM file; known endings are {', '.join(_SUFFIXES)}")
    try:
        yield str(path)
    except RuntimeError as error:
        raise FileError(f"{path.name} cannot be read as an OSM file; it may be cut short: {error}") from error
