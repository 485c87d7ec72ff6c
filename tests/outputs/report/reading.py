"""Files of a report as other programs read them: Poppler, python-docx and a parser of HTML."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import docx
import pytest

from geo.errors import InputError
from geo.outputs.paper import choose_fonts

VOID = {"meta", "link", "br", "hr", "img", "input", "path", "rect", "circle"}


def require_chinese_face() -> None:
    """Skip where no face for Chinese is installed, and say so."""
    try:
        choose_fonts(lang="zh", is_chinese=True)
    except InputError:
        reason = "no face for Chinese is installed (Debian: apt-get install fonts-noto-cjk)"
        (pytest.fail if os.environ.get("EMERGENCY_GEO_REQUIRE_BROWSER") else pytest.skip)(reason)


def pdf_text(path: Path, *, first: int = 1, last: int = 999) -> str:
    """Give the text of a PDF by Poppler, without the signs that only let lines break."""
    if shutil.which("pdftotext") is None:
        pytest.skip("Poppler is not installed (Debian: apt-get install poppler-utils)")
    words = ["pdftotext", "-layout", "-f", str(first), "-l", str(last), str(path), "-"]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return told.replace("\u200b", "")


def cells_of(path: Path, caption: str) -> list[list[str]]:
    """Give the cells of the table below a caption in a Word file."""
    document = docx.Document(str(path))
    body = list(document.element.body)
    for paragraph in document.paragraphs:
        if (style := paragraph.style) and style.name == "Caption" and paragraph.text.endswith(caption):
            below = body[body.index(paragraph._p) + 1]
            table = next(table for table in document.tables if table._tbl is below)
            return [[cell.text for cell in row.cells] for row in table.rows]
    raise AssertionError(f"no table {caption}")


@dataclass
class PageRead(HTMLParser):
    """A page of HTML: its tables by caption, its items, links and ids, and tags that do not match."""

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    captions_of_figures: list[str] = field(default_factory=list)
    n_svg: int = 0

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[str] = []
        self._text = ""
        self._rows: list[list[str]] = []
        self._caption = ""

    @classmethod
    def of(cls, path: Path) -> PageRead:
        """Read a file."""
        page = cls()
        page.feed(path.read_text(encoding="utf-8"))
        page.close()
        page.faults += [f"<{tag}> is not closed" for tag in page._open]
        return page

    def table(self, caption: str) -> list[list[str]]:
        """Give the rows of a table, its head first."""
        return next(rows for name, rows in self.tables.items() if name.endswith(caption))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        told = dict(attrs)
        self.ids += [str(told["id"])] if "id" in told else []
        self.links += [str(told[name]) for name in ("href", "src") if name in told]
        self.faults += [f"{name} on {tag}" for name in told if name.startswith("on")]
        self.n_svg += tag == "svg"
        if tag not in VOID:
            self._open.append(tag)
        if tag == "tr":
            self._rows.append([])
        if tag == "table":
            self._rows = []
        if tag in ("td", "th", "li", "caption", "figcaption"):
            self._text = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}>")
        if tag in ("td", "th"):
            self._rows[-1].append(self._text)
        elif tag == "li":
            self.items.append(self._text)
        elif tag == "caption":
            self._caption = self._text
        elif tag == "figcaption":
            self.captions_of_figures.append(self._text)
        elif tag == "table":
            self.tables[self._caption] = self._rows
