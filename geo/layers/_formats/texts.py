"""Tables of text as a layer format."""

from __future__ import annotations

from pathlib import Path

from geo.layers._formats.asked import Asked
from geo.layers._tables import read_text
from geo.layers.report import RawLayer

__all__ = ["read_text_layer"]


def read_text_layer(path: Path, asked: Asked) -> RawLayer:
    """Read a CSV or TSV file; see :func:`geo.layers._tables.read_text`."""
    return read_text(path, encoding=asked.encoding)
