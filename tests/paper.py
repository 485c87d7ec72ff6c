"""What a browser prints, read by other programs: Poppler's pages, pixels and text."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

DPI = 80


@dataclass(frozen=True)
class Paper:
    """A printed page: how many sheets, their size in mm, the pixels of the first and all text."""

    n_sheets: int
    size_mm: tuple[int, int]
    pixels: NDArray[np.int16]
    text: str

    def n_of(self, colour: str, *, within: int = 10) -> int:
        """Count the pixels of a colour (``"#rrggbb"``)."""
        rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        return int((np.abs(self.pixels - rgb).max(axis=2) <= within).sum())

    def differs_from(self, other: Paper) -> int:
        """Count the pixels that are not the same on another sheet."""
        return int((np.abs(self.pixels - other.pixels).max(axis=2) > 12).sum())


def print_page(page: Page, folder: Path, **options: object) -> Paper:
    """Print a page to PDF and read it with Poppler; a machine without Poppler skips and says so."""
    if shutil.which("pdftoppm") is None:
        reason = "Poppler is not installed (Debian: apt-get install poppler-utils)"
        (pytest.fail if os.environ.get("EMERGENCY_GEO_REQUIRE_BROWSER") else pytest.skip)(reason)
    path = folder / "page.pdf"
    page.pdf(path=path, **(options or {"prefer_css_page_size": True}))  # type: ignore[arg-type]
    told = dict(line.split(":", 1) for line in _told("pdfinfo", path).splitlines() if ":" in line)
    points = [float(word) for word in told["Page size"].split() if word.replace(".", "").isdigit()]
    _told("pdftoppm", "-r", str(DPI), "-f", "1", "-l", "1", "-singlefile", path, folder / "sheet")
    pixels = _pixels((folder / "sheet.ppm").read_bytes())
    size_mm = (round(points[0] / 72 * 25.4), round(points[1] / 72 * 25.4))
    return Paper(int(told["Pages"]), size_mm, pixels, _told("pdftotext", "-layout", path, "-"))


def _pixels(ppm: bytes) -> NDArray[np.int16]:
    """Read a PPM picture: P6, width, height and 255, then three bytes a pixel."""
    _, width, height = ppm.split(maxsplit=3)[:3]
    size = int(width) * int(height) * 3
    flat = np.frombuffer(ppm[-size:], dtype=np.uint8)
    return flat.reshape(int(height), int(width), 3).astype(np.int16)


def _told(*words: object) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, check=True)
    return done.stdout.decode("utf-8")
