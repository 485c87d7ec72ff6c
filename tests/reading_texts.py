"""Every text that a reader meets in a file of results, whatever its format."""

from __future__ import annotations

import html
import re
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

_SEEN: tuple[str, ...] = ("alt", "aria-label", "placeholder", "title")
_OF_PROJECT = ("name", "label", "legend", "title", "alias")
"""Attributes of a QGIS project or style that QGIS shows."""


def texts_of(path: Path) -> Iterator[str]:
    """Give the texts of a file, one by one; nothing for files of a format that holds none."""
    yield from READERS.get(path.suffix.casefold(), _nothing)(path)


def _nothing(path: Path) -> Iterator[str]:
    yield from ()


def of_page(path: Path) -> Iterator[str]:
    """Give the texts of a page without its scripts and styles."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for name in _SEEN:
        yield from map(html.unescape, re.findall(rf'\s{name}="([^"]*)"', text))
    yield from (html.unescape(part) for part in re.split(r"<[^>]*>", text))


def of_word(path: Path) -> Iterator[str]:
    """Give the paragraphs of a document, its tables, heads, feet and properties among them."""
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            if re.fullmatch(r"word/(document|header\d*|footer\d*|footnotes)\.xml", name):
                root = ElementTree.fromstring(packed.read(name))
                for paragraph in root.iter(f"{_W}p"):
                    yield "".join(run.text or "" for run in paragraph.iter(f"{_W}t"))
            if name == "docProps/core.xml":
                yield from (part.text or "" for part in ElementTree.fromstring(packed.read(name)))


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def of_pdf(path: Path) -> Iterator[str]:
    """Give the lines of a PDF and its title, as Poppler reads them."""
    told = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    yield from told.stdout.decode("utf-8").splitlines()
    facts = subprocess.run(["pdfinfo", path], capture_output=True, check=True).stdout.decode("utf-8")
    yield from re.findall(r"^(?:Title|Subject|Keywords):\s*(.*)$", facts, flags=re.MULTILINE)


def of_drawing(path: Path) -> Iterator[str]:
    """Give the texts of a drawing, its title among them."""
    for element in ElementTree.parse(path).iter():
        if not element.tag.endswith("style"):
            yield element.text or ""


def of_project(path: Path) -> Iterator[str]:
    """Give what QGIS shows of a project: names of layers, groups, classes and fields."""
    yield from of_style(path.read_text(encoding="utf-8"))


def of_style(text: str) -> Iterator[str]:
    """Give what QGIS shows of a style or a project."""
    for element in ElementTree.fromstring(text).iter():
        if element.tag in ("category", "rule", "range", "alias", "layer-tree-layer", "layer-tree-group"):
            yield from (element.get(name) or "" for name in _OF_PROJECT)
        if element.tag in ("layername", "title", "abstract"):
            yield element.text or ""


def of_package(path: Path) -> Iterator[str]:
    """Give the names, descriptions and styles of a GeoPackage; its rows are looked at elsewhere."""
    with sqlite3.connect(path) as file:
        queries = (
            "SELECT identifier FROM gpkg_contents",
            "SELECT description FROM gpkg_contents",
            "SELECT title FROM gpkg_data_columns",
            "SELECT description FROM gpkg_data_columns",
            "SELECT styleName FROM layer_styles",
            "SELECT description FROM layer_styles",
        )
        for query in queries:
            yield from (str(text or "") for (text,) in file.execute(query).fetchall())
        for (style,) in file.execute("SELECT styleQML FROM layer_styles").fetchall():
            yield from of_style(style)
    file.close()


READERS: dict[str, Callable[[Path], Iterator[str]]] = {
    ".html": of_page,
    ".docx": of_word,
    ".pdf": of_pdf,
    ".svg": of_drawing,
    ".qgs": of_project,
    ".gpkg": of_package,
}
