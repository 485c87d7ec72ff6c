"""Zip files (also inside XLSX and KMZ) opened with limits on their size, ratio and names."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from geo import file_limits
from geo.errors import FileError
from geo.messages import Message

__all__ = ["check_zip", "extract_zip"]


def check_zip(path: Path, *, most_bytes: int = file_limits.MOST_UNPACKED_BYTES) -> None:
    """Check a zip before anything in it is unpacked.

    Raises
    ------
    FileError
        It is damaged or encrypted, would unpack to more than the limits, or names a file outside its folder.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as error:
        raise FileError(Message("layers.damaged", {"file": path.name, "why": error})) from error
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
    check_zip(path, most_bytes=most_bytes)
    written = []
    try:
        _require_room(path, folder)
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.is_dir() or "__MACOSX" in entry.filename:
                    continue
                target = folder / _right_name(entry)
                target.parent.mkdir(parents=True, exist_ok=True)
                # zipfile stops at the stated size and checks the CRC, so no entry can grow past the limit.
                with archive.open(entry) as source, target.open("wb") as sink:
                    while block := source.read(2**20):
                        sink.write(block)
                written.append(target)
    except FileError:
        raise
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, zlib.error) as error:
        raise FileError(Message("layers.zip_damaged", {"file": path.name, "why": error})) from error
    return written


def _require_room(path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        needed = sum(entry.file_size for entry in archive.infolist())
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
