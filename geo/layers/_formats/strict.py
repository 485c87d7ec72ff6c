"""Workbooks in Strict Open XML, which name the same things otherwise than Excel does by default."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from geo.layers._zip import open_zip, read_part

__all__ = ["transitional"]

_STRICT: Final = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_NAMES: Final = (
    (_STRICT, b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)
"""Names of Strict Open XML, and what openpyxl knows the same by."""


@contextmanager
def transitional(path: Path) -> Iterator[Path]:
    """Give a workbook; one in Strict Open XML as a copy under the names that openpyxl knows."""
    with open_zip(path) as book:
        names = book.namelist()
        main = [name for name in names if PurePosixPath(name).name.casefold().startswith("workbook")]
        if not any(_STRICT in read_part(book, name) for name in main):
            yield path
            return
        with tempfile.TemporaryDirectory(prefix="geo-") as folder:
            copy = Path(folder) / path.name
            with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as plain:
                for name in names:
                    held = read_part(book, name)
                    for strict, known in _NAMES:
                        held = held.replace(strict, known)
                    plain.writestr(name, held)
            yield copy
