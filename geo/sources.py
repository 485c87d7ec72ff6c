"""Files that somebody else made: which may be opened, and as what.

The one home of three rules. A file is opened only as what its ending says: :data:`VECTOR_DRIVERS` and
:data:`RASTER_DRIVERS` list what GDAL may take it for. It is a plain file on a disk: no pipe, no device, no
address in the web, no path into an archive. And GDAL keeps to it: :data:`ALONE` are the settings under which
it asks no network and follows no reference.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from typing import Final

from geo.errors import FileError
from geo.messages import Message

__all__ = [
    "ALONE",
    "RASTER_DRIVERS",
    "VECTOR_DRIVERS",
    "gdal_path",
    "require_alone",
    "require_number",
    "require_size",
    "require_source",
]

VECTOR_DRIVERS: Final[dict[str, tuple[str, ...]]] = {
    ".shp": ("ESRI Shapefile",),
    ".dbf": ("ESRI Shapefile",),
    ".gpkg": ("GPKG",),
    ".sqlite": ("SQLite", "GPKG"),
    ".sqlite3": ("SQLite", "GPKG"),
    ".spatialite": ("SQLite", "GPKG"),
    ".db": ("SQLite", "GPKG"),
    ".gdb": ("OpenFileGDB",),
    ".fgb": ("FlatGeobuf",),
    ".tab": ("MapInfo File",),
    ".mif": ("MapInfo File",),
    ".geojson": ("GeoJSON",),
    ".topojson": ("TopoJSON",),
    ".esrijson": ("ESRIJSON",),
    ".kml": ("LIBKML", "KML"),
    ".gpx": ("GPX",),
    ".gml": ("GML",),
    ".dxf": ("DXF",),
}
"""What GDAL may take a layer for, by its ending; a ``.json`` is told apart by what it holds."""

RASTER_DRIVERS: Final[dict[str, str]] = {
    ".tif": "GTiff",
    ".tiff": "GTiff",
    ".asc": "AAIGrid",
    ".img": "HFA",
    ".flt": "EHdr",
    ".bil": "EHdr",
}
"""What GDAL may take a raster for, by its ending."""

ALONE: Final[dict[str, str]] = {
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "nothing",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GML_DOWNLOAD_WFS_SCHEMA": "NO",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "LIBKML_EXTERNAL_STYLE": "NO",
    "LIBKML_RESOLVE_STYLE": "NO",
    "OGR_SQLITE_LIST_VIRTUAL_OGR": "NO",
    "SHAPE_RESTORE_SHX": "NO",
}
"""Settings under which GDAL opens files: no address is asked, no reference followed, no file written."""

_IS_WINDOWS: Final = os.name == "nt"
_MOST_ON_WINDOWS: Final = 259
"""Letters of a path that Windows opens unless it was told otherwise; a longer one it calls missing."""
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_VIRTUAL: Final = re.compile(
    rb"<\s*(?:ogr\w*datasource|vrt\w*dataset|gdal_\w+|wcs_\w+|wms_\w+|wmt_\w+|(?:\w+:)?wfs_capabilities"
    rb"|(?:\w+:)?capabilities\b)",
    re.IGNORECASE,
)
_STREAMED: Final = b"gdal_streamed_alg"
"""Definitions of virtual datasets and of services, which GDAL finds anywhere in the beginning of a file."""
_LOOKED_AT: Final = 2**20
_MARKS: Final = ("!", "\n", "\r", "\t")
"""Signs of a path that pyogrio takes for the end of an archive's name, or leaves out."""
_KINDS: Final = (
    (stat.S_ISFIFO, "pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)


def require_source(path: Path, *, may_be_folder: bool = False) -> os.stat_result:
    """Check that a path is a plain file on a disk, before anything opens it.

    Parameters
    ----------
    path : Path
        The file.
    may_be_folder : bool
        Whether a folder will do as well: a geodatabase, or a folder with one layer.

    Returns
    -------
    os.stat_result
        What the disk says of it.

    Raises
    ------
    FileError
        It is missing, a link that leads nowhere, a pipe or device, a folder, or no path of a disk at all.

    Examples
    --------
    >>> require_source(Path("https://example.org/roads.gpkg"))
    Traceback (most recent call last):
    geo.errors.FileError: https:/example.org/roads.gpkg is no file of this machine: save it on a disk, ...
    """
    if path.as_posix().lower().startswith("/vsi") or any(map(_SCHEME.fullmatch, path.parts)):
        raise FileError(Message("sources.virtual_path", {"file": path.as_posix()}))
    try:
        info = path.stat()
    except OSError as error:
        raise FileError(_why_missing(path, error)) from error
    if stat.S_ISDIR(info.st_mode) and not may_be_folder:
        raise FileError(Message("sources.folder", {"file": path.name}))
    for is_kind, name in _KINDS:
        if is_kind(info.st_mode):
            raise FileError(
                Message("sources.special", {"file": path.name, "kind": Message(f"sources.kind_{name}")})
            )
    return info


def _why_missing(path: Path, error: OSError) -> Message:
    """Say why there is no such file: a link may lead nowhere, or back to itself."""
    if error.errno == errno.ELOOP:
        return Message("sources.link_loop", {"file": path})
    if error.errno == errno.ENAMETOOLONG or is_too_long(path):
        return Message("sources.name_long", {"file": path.name[:60], "n": len(path.as_posix())})
    if isinstance(error, PermissionError):
        return Message("sources.not_allowed", {"file": path})
    if path.is_symlink():
        return Message("sources.link_nowhere", {"file": path, "target": os.readlink(path)})
    return Message("sources.missing", {"file": path})


def is_too_long(path: Path) -> bool:
    """Say whether Windows would not find a file at a path for the number of its letters alone.

    It has a switch for longer paths, so this is asked once a path was not found or could not be written.
    """
    return _IS_WINDOWS and len(os.path.abspath(path)) > _MOST_ON_WINDOWS


def require_size(path: Path, most: int) -> None:
    """Check that a file is not larger than what is held in memory of its kind.

    Parameters
    ----------
    path : Path
        The file.
    most : int
        Bytes, one of :mod:`geo.file_limits`.

    Raises
    ------
    FileError
        It is larger; the message has both sizes.
    """
    size = path.stat().st_size
    if size > most:
        values = {"file": path.name, "mb": size / 2**20, "most": most / 2**20}
        raise FileError(Message("sources.too_large", values))


def require_number(file: str, n: int, what: str, most: int) -> None:
    """Check that a file does not hold more of something than is taken in.

    Parameters
    ----------
    file : str
        Its name.
    n, most : int
        How many there are, and one of :mod:`geo.file_limits`.
    what : str
        ``"cells"``, ``"columns"``, ...: a ``count_`` of ``layers/words/sources.toml``.

    Raises
    ------
    FileError
        There are more.

    Examples
    --------
    >>> require_number("a.csv", 20_000, "columns", 16_384)
    Traceback (most recent call last):
    geo.errors.FileError: a.csv has 20,000 columns; at most 16,384 are read: cut out the district, ...
    """
    if n > most:
        values = {"file": file, "n": n, "what": Message(f"sources.count_{what}"), "most": most}
        raise FileError(Message("sources.too_many", values))


def gdal_path(path: Path, *, told: Path | None = None) -> Path:
    """Give a path by which GDAL finds this file and no other: from the root, without signs of its own.

    What begins with a blank would lose it, what begins with ``sqlite:`` would be a driver's name, and a tab
    inside would be left out: so another file would be read, or written over, without a word.

    Parameters
    ----------
    path : Path
        To read or to write.
    told : Path, optional
        The path as the planner knows it, for the message.

    Raises
    ------
    FileError
        There is an exclamation mark or a line break in it.

    Examples
    --------
    >>> gdal_path(Path(" a.gpkg")).is_absolute()
    True
    >>> gdal_path(Path("new!/a.gpkg"))
    Traceback (most recent call last):
    geo.errors.FileError: new!/a.gpkg: the sign ! or a line break stands in its path, by which another ...
    """
    if any(mark in str(path.absolute()) for mark in _MARKS):
        raise FileError(Message("sources.mark_in_path", {"file": told or path}))
    return path.absolute()


def require_alone(source: Path | bytes, what: str) -> None:
    """Check that a file defines no virtual dataset, before GDAL looks at it.

    GDAL goes by the content alone, and opens what such a definition names: another file of the machine, or an
    address in the web. It looks for one anywhere in the beginning of a file, also behind other text.

    Parameters
    ----------
    source : Path or bytes
        The file or its content.
    what : str
        Its name, for the message.

    Raises
    ------
    FileError
        It holds such a definition.

    Examples
    --------
    >>> require_alone(b'{"type": "FeatureCollection", "features": []}', "a.geojson")
    """
    if isinstance(source, bytes):
        head = source[:_LOOKED_AT]
    else:
        with source.open("rb") as file:
            head = file.read(_LOOKED_AT)
    if _VIRTUAL.search(head) or _STREAMED in head.lower():
        raise FileError(Message("sources.virtual_content", {"file": what}))
