"""Sheets of an atlas as other programs read them: the drawing as XML, the pages by Poppler."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from geo.outputs.paper import text_width

NAME = "{http://www.w3.org/2000/svg}"
TAGS = {
    *("svg", "title", "defs", "clipPath", "pattern", "rect", "path", "circle", "g", "text"),
}
WHITE = "#ffffff"


@dataclass(frozen=True)
class Word:
    """A word of a page with its box, in millimetres."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def words_of(path: Path, page: int) -> tuple[list[Word], float, float]:
    """Give the words of a page by Poppler, and its width and height."""
    call = ["pdftotext", "-bbox", "-f", str(page), "-l", str(page), str(path), "-"]
    told = subprocess.run(call, capture_output=True, text=True, check=True).stdout
    mm = 25.4 / 72
    size = re.search(r'<page width="([\d.]+)" height="([\d.]+)"', told)
    assert size is not None
    found = re.findall(
        r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>', told
    )
    words = [Word(text, *(float(number) * mm for number in box)) for *box, text in found]
    return words, float(size[1]) * mm, float(size[2]) * mm


class SheetRead:
    """A sheet read from its SVG.

    Parameters
    ----------
    svg : str or bytes
        The drawing; XML that is not well-formed raises.
    """

    def __init__(self, svg: str | bytes) -> None:
        self.root = ET.fromstring(svg)

    @property
    def tags(self) -> set[str]:
        """Names of all elements."""
        return {element.tag.removeprefix(NAME) for element in self.root.iter()}

    def group(self, name: str) -> ET.Element:
        """Give a part of the sheet by its id; an empty one where it is not there."""
        return next((each for each in self.root.iter(f"{NAME}g") if each.get("id") == name), ET.Element("g"))

    def texts(self, name: str) -> list[str]:
        """Give the texts of a part, each once."""
        return [
            element.text or ""
            for element in self.group(name).iter(f"{NAME}text")
            if element.get("aria-hidden") is None
        ]

    def colours(self, name: str) -> set[str]:
        """Give the colours with which a part is drawn; white rims and texts are none."""
        drawn = [element for element in self.group(name).iter() if element.tag != f"{NAME}text"]
        values = {element.get(key, "none") for element in drawn for key in ("fill", "stroke")}
        return {value for value in values if value.startswith("#") and value != WHITE}

    def corners(self, name: str, colour: str) -> list[tuple[float, float]]:
        """Give the corners of all that a part fills with a colour."""
        drawn = [each.get("d", "") for each in self.group(name).iter() if each.get("fill") == colour]
        numbers = [float(number) for path in drawn for number in re.findall(r"-?[\d.]+", path)]
        return list(zip(numbers[::2], numbers[1::2], strict=True))

    def hatches(self, name: str) -> set[str]:
        """Give the patterns of a part."""
        return {
            each.get("fill", "") for each in self.group(name).iter() if each.get("fill", "").startswith("url")
        }

    def labels(self) -> Iterator[tuple[str, float, float, float, float]]:
        """Give the names on the map with their boxes, as wide as they are taken for."""
        for element in self.group("labels").iter(f"{NAME}text"):
            if element.get("aria-hidden") is None:
                x, y, size = (float(element.get(key, "0")) for key in ("x", "y", "font-size"))
                text = element.text or ""
                yield text, x, y - 0.98 * size, x + text_width(text, size), y + 0.27 * size

    @property
    def window(self) -> tuple[float, float]:
        """Width and height of the map."""
        rect = next(each for each in self.root.iter(f"{NAME}clipPath") if each.get("id") == "window")[0]
        return float(rect.get("width", "0")), float(rect.get("height", "0"))

    def rows(self) -> list[list[str]]:
        """Give the table: the texts of each line, the caption and the head first."""
        lines: dict[str, list[str]] = {}
        for element in self.group("table").iter(f"{NAME}text"):
            lines.setdefault(element.get("y", ""), []).append(element.text or "")
        return list(lines.values())


def overlap(
    one: tuple[str, float, float, float, float], other: tuple[str, float, float, float, float]
) -> bool:
    """Say whether two boxes lie on each other, by more than the digits of a drawing."""
    slack = 0.03
    return (
        one[1] < other[3] - slack
        and other[1] < one[3] - slack
        and one[2] < other[4] - slack
        and other[2] < one[4] - slack
    )
