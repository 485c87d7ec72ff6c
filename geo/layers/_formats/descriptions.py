"""Descriptions of placemarks that are a table: rows of names and values in HTML, or lines of ``name: value``.

ArcGIS, Google Earth's import of tables and Ovital write the columns of a table so. Only what is such a table
from its first line to its last is read as one; everything else is text and stays text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Final

__all__ = ["read_description"]

_LINE: Final = re.compile(r"\s*([^:：=\t\n]{1,24}?)\s*(?:[:：=]|\t+)\s*(.*?)\s*", re.DOTALL)
_NO_NAME: Final = re.compile(
    r"[\d\s.,/\\-]*|https?|ftp|file|www\..*|.*[。！？!?；;，,<>{}\"]+.*", re.IGNORECASE
)
"""What is no name of a column: a time of day, an address, a part of a sentence."""
_ADDRESS: Final = re.compile(r"//\S")
_PARTS: Final = re.compile(r"[;；|]|[,，](?=[^,，:：=]{1,24}[:：=])")
"""What parts several names and values on one line; a comma only where another name follows."""
_BREAKS: Final = ("br", "p", "div", "li", "ul", "ol", "hr", "h1", "h2", "h3", "h4", "h5", "tr", "table")
_HIDDEN: Final = ("style", "script", "head", "title")
_NULL: Final = "<Null>"
"""As ArcGIS writes an empty cell."""
_OF_PLACEMARK: Final = ("name", "description")
"""Names of what a placemark says by itself."""


def read_description(text: str) -> dict[str, str]:
    r"""Give the columns that a description holds; nothing where it is a text.

    Examples
    --------
    >>> read_description("类别：消防站\n人员：25")
    {'类别': '消防站', '人员': '25'}
    >>> read_description("<table><tr><th>kind</th><td>depot</td></tr><tr><td>m2</td><td>60</td></tr></table>")
    {'kind': 'depot', 'm2': '60'}
    >>> read_description("<b>类别:</b> 消防站<br><b>人员:</b> 25")
    {'类别': '消防站', '人员': '25'}
    >>> read_description("消防站在镇政府北侧，电话见公示牌"), read_description("见 https://example.org/a")
    ({}, {})
    """
    parser = _Parser()
    parser.feed(text)
    parser.close()
    pairs = _of_rows(parser.rows) if parser.rows else _of_lines("".join(parser.text))
    return {name: value for name, value in pairs if name.casefold() not in _OF_PLACEMARK}


class _Parser(HTMLParser):
    """The rows of tables, with the cells of each, and the text outside them by lines."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.text: list[str] = []
        self.is_cell = False
        self.n_hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a row or a cell, or break the line."""
        self.n_hidden += tag in _HIDDEN
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
            self.is_cell = True
        elif tag in _BREAKS:
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a cell, or break the line."""
        self.n_hidden -= tag in _HIDDEN and self.n_hidden > 0
        self.is_cell = self.is_cell and tag not in ("td", "th", "tr")
        if tag == "dt":
            self.text.append(": ")
        elif tag in (*_BREAKS, "dd") and not self.is_cell:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        """Add to the cell or the text."""
        if self.n_hidden:
            return
        if self.is_cell and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data
        else:
            self.text.append(data)


def _of_rows(rows: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Give names and values of a table of two columns, or of a header over one row of values.

    A row of one cell may be its title, or hold ``name: value``.
    """
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    full = [row for row in cells if any(row)]
    wide = [row for row in full if len(row) > 1]
    if len(wide) == 2 and len(wide[0]) == len(wide[1]) > 2:
        return _named(list(zip(*wide, strict=True)))
    if any(len(row) != 2 for row in wide):
        return []
    pairs = [(row[0], row[1]) for row in wide]
    pairs += [pair for row in full if len(row) == 1 for pair in _of_lines(row[0])]
    return _named(pairs)


def _of_lines(text: str) -> list[tuple[str, str]]:
    """Give names and values of lines each of which is ``name: value``, perhaps under a title."""
    lines = [line.strip() for line in text.replace("\xa0", " ").splitlines()]
    of_line = [_pairs(line) for line in lines if line]
    if len(of_line) > 2 and not of_line[0]:
        of_line = of_line[1:]  # a title
    return _named([pair for pairs in of_line for pair in pairs]) if all(of_line) else []


def _pairs(line: str) -> list[tuple[str, str]]:
    """Give the names and values of a line; nothing where any part of it is something else."""
    for parts in (_PARTS.split(line), [line]):
        pairs = [_pair(part.strip()) for part in parts if part.strip()]
        if None not in pairs:
            return [pair for pair in pairs if pair is not None]
    return []


def _pair(text: str) -> tuple[str, str] | None:
    match = _LINE.fullmatch(text)
    if match is None or _NO_NAME.fullmatch(match[1]) or _ADDRESS.match(match[2]):
        return None
    return match[1], match[2]


def _named(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give the pairs without colons behind their names; nothing where a name is none, or stands twice."""
    clean = [(name.rstrip(":： ").strip(), value) for name, value in pairs]
    clean = [(name, "" if value == _NULL else value) for name, value in clean if name or value]
    names = [name for name, _ in clean]
    if len(set(names)) < len(names) or any(_NO_NAME.fullmatch(name) for name in names):
        return []
    return clean
