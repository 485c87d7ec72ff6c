"""Zip files (also inside XLSX and KMZ) opened with limits on their size, ratio and names."""

from __future__ import annotations

import errno
import lzma
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from geo import file_limits
from geo.errors import FileError
from geo.files import below
from geo.messages import Message

_IS_WINDOWS: Final = os.name == "nt"

__all__ = ["BROKEN_ZIP", "check_zip", "extract_zip", "open_zip", "read_blocks", "read_part", "zip_names"]

BROKEN_ZIP: Final = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, RuntimeError, ValueError),
)
"""What comes out of an archive that is damaged, locked or packed in an unknown way.

A stream of bzip2 that is no such stream is an OSError, a password a RuntimeError, an unknown way of packing a
NotImplementedError, which is one too, and names in no known letters are a ValueError. So this is a list for
blocks in which only an archive is read: of anything else it would hide faults.
"""
_OF_ARCHIVES: Final = (None, errno.EINVAL)
"""Numbers of an OSError that is no fault of the disk: none, or a place before the beginning of the file."""
_BLOCK: Final = 2**20


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open an archive; its parts are read by :func:`read_part` and :func:`read_blocks`.

    Raises
    ------
    FileError
        It is damaged, or cut off.
    """
    with _told_of(path):
        return zipfile.ZipFile(path)


def zip_names(path: Path) -> list[str]:
    """List what an archive holds, without unpacking anything.

    Raises
    ------
    FileError
        It is damaged, or cut off.
    """
    with open_zip(path) as archive:
        return archive.namelist()


def read_part(archive: zipfile.ZipFile, part: str | zipfile.ZipInfo) -> bytes:
    """Read one file of an open archive.

    Raises
    ------
    FileError
        It is damaged, cut off, or packed in a way that is not known.
    KeyError
        There is no such file in the archive.
    """
    return b"".join(read_blocks(archive, part))


def read_blocks(archive: zipfile.ZipFile, part: str | zipfile.ZipInfo) -> Iterator[bytes]:
    """Read one file of an open archive piece by piece; raises as :func:`read_part`.

    What fails where the pieces are used does not come in here, and so is never told as a damaged file.
    """
    with _told_of(Path(str(archive.filename))), archive.open(part) as source:
        while block := source.read(_BLOCK):
            yield block


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """Tell what is wrong with an archive; nothing but reading may stand in the block."""
    try:
        yield
    except BROKEN_ZIP as error:
        if isinstance(error, OSError) and error.errno not in _OF_ARCHIVES:
            raise  # of the disk
        key = "layers.zip_packing" if isinstance(error, NotImplementedError) else "layers.zip_damaged"
        raise FileError(Message(key, {"file": path.name, "why": error})) from error


def check_zip(path: Path, *, most_bytes: int = file_limits.MOST_UNPACKED_BYTES) -> None:
    """Check a zip before anything in it is unpacked.

    Raises
    ------
    FileError
        It is damaged or encrypted, would unpack to more than the limits, or names a file outside its folder.
    """
    with open_zip(path) as archive:
        _check_entries(path, archive.infolist(), most_bytes)


def _check_entries(path: Path, entries: Sequence[zipfile.ZipInfo], most_bytes: int) -> None:
    total = sum(entry.file_size for entry in entries)
    packed = max(path.stat().st_size, 1)
    if len(entries) > file_limits.MOST_FILES or total > most_bytes:
        raise FileError(
            Message("layers.zip_large", {"file": path.name, "n": len(entries), "mb": total / 2**20})
        )
    if total > file_limits.SMALL_BYTES and total > file_limits.MOST_RATIO * packed:
        raise FileError(Message("layers.zip_bomb", {"file": path.name, "n": total // packed}))
    for entry in entries:
        parts = PurePosixPath(entry.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in entry.filename.split("/")[0]:
            raise FileError(Message("layers.zip_outside", {"file": path.name, "name": entry.filename}))
        if entry.flag_bits & 0x1:
            raise FileError(Message("layers.zip_locked", {"file": path.name}))


def extract_zip(path: Path, folder: Path, *, most_bytes: int = file_limits.MOST_UNPACKED_BYTES) -> list[Path]:
    """Unpack a checked zip into a folder, counting what really comes out; names in GBK are put right.

    Raises
    ------
    FileError
        As :func:`check_zip`, or the content does not agree with the sizes it states.
    """
    written = []
    with open_zip(path) as archive:
        entries = archive.infolist()
        _check_entries(path, entries, most_bytes)
        try:
            _require_room(path, entries, folder)
            for entry in entries:
                if entry.is_dir() or "__MACOSX" in entry.filename:
                    continue
                name = _right_name(entry)
                if _IS_WINDOWS and not below(folder, name):
                    raise FileError(Message("layers.zip_name", {"file": path.name, "name": name}))
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                # zipfile stops at the stated size and checks the CRC, so no entry can grow past the limit.
                with target.open("wb") as sink:
                    sink.writelines(read_blocks(archive, entry))
                written.append(target)
        except FileError:
            raise
        except OSError as error:
            raise FileError(Message("layers.zip_not_unpacked", {"file": path.name, "why": error})) from error
    return written


def _require_room(path: Path, entries: Sequence[zipfile.ZipInfo], folder: Path) -> None:
    needed = sum(entry.file_size for entry in entries)
    free = shutil.disk_usage(folder).free
    if needed > free:
        values = {"file": path.name, "mb": needed / 2**20, "free": free / 2**20, "folder": folder.parent}
        raise FileError(Message("layers.no_room", values))


def _right_name(entry: zipfile.ZipInfo) -> str:
    """Undo cp437, in which zipfile reads the names that Chinese Windows writes in GBK."""
    name = entry.filename.replace("\\", "/")
    if entry.flag_bits & 0x800 or name.isascii():
        return name
    try:
        right = name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name
    parts = PurePosixPath(right).parts
    return name if ".." in parts or right.startswith("/") else right
