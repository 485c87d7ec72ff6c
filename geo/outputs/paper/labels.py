"""Names on a map that do not lie on each other: the first come first, and what has no room is counted."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo.maps import colour_of

__all__ = ["Label", "PlacedLabel", "place_labels", "shorten", "text_width"]

Box: TypeAlias = tuple[float, float, float, float]
_TEXT: Final = colour_of("paper_text")
_LINE: Final = 1.25
"""Height of a line of text, of its size."""
_LONGEST: Final = 14.0
"""Widest label, in signs of Chinese; what is longer is cut on the map alone."""


@dataclass(frozen=True)
class Label:
    """A text that is wanted beside a point.

    Parameters
    ----------
    text : str
        One line.
    x, y : float
        The point, in millimetres from the upper left corner.
    size_mm : float
        Of the face.
    away_mm : float
        Free room round the point; 0 lets the text stand over it.
    colour, weight : str
        As SVG writes them.
    is_loose : bool
        It names an area, and may stand a line away from the point over which it would stand.
    """

    text: str
    x: float
    y: float
    size_mm: float
    away_mm: float = 0.0
    colour: str = _TEXT
    weight: str = "normal"
    is_loose: bool = False


@dataclass(frozen=True)
class PlacedLabel:
    """A label with its place: the left end of its base line."""

    label: Label
    x: float
    y: float


def text_width(text: str, size_mm: float) -> float:
    """Estimate the width of a text: a Chinese sign is as wide as the face is high, others are 0.58 of it.

    Examples
    --------
    >>> round(text_width("城桥 A", 3.0), 2)
    9.48
    """
    return size_mm * sum(1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.58 for sign in text)


def shorten(text: str, *, most: float = _LONGEST) -> str:
    """Cut a text that is longer than so many Chinese signs, and say so by an ellipsis.

    Examples
    --------
    >>> shorten("x" * 1000, most=5)
    'xxxxxx…'
    """
    text = " ".join(text.split())
    if text_width(text, 1.0) <= most:
        return text
    n = len(text)
    while n and text_width(text[:n], 1.0) > most - 1.0:
        n = max(min(n - 1, int(most / 0.5)), 0)
    return f"{text[:n]}…"


def place_labels(
    labels: Iterable[Label],
    *,
    width_mm: float,
    height_mm: float,
    taken: Sequence[Box] = (),
    spared: NDArray[np.float64] | None = None,
) -> tuple[list[PlacedLabel], int]:
    """Place labels one after the other where there is still room.

    Parameters
    ----------
    labels : iterable of Label
        The most important first.
    width_mm, height_mm : float
        Of the window; no label leaves it.
    taken : sequence of boxes
        Left, top, right and bottom of what no label may cover, such as the arrow to the north.
    spared : (n, 4) array of float
        Boxes that labels cover only where they find no other room, such as the symbols of places.

    Returns
    -------
    list of PlacedLabel, int
        Those that have room, and how many have none.
    """
    boxes, placed, n_left_out = list(taken), [], 0
    for label in labels:
        width, height = text_width(label.text, label.size_mm), label.size_mm * _LINE
        free = [
            box
            for left, top in _places(label, width, height)
            if _is_inside(box := (left, top, left + width, top + height), width_mm, height_mm)
            and not any(_overlap(box, other) for other in boxes)
        ]
        if not free:
            n_left_out += 1
            continue
        box = next((each for each in free if not _covers(each, spared)), free[0])
        boxes.append(box)
        placed.append(PlacedLabel(label, box[0], box[1] + 0.98 * label.size_mm))
    return placed, n_left_out


def _is_inside(box: Box, width_mm: float, height_mm: float) -> bool:
    return box[0] >= 0.3 and box[1] >= 0.3 and box[2] <= width_mm - 0.3 and box[3] <= height_mm - 0.3


def _covers(box: Box, others: NDArray[np.float64] | None) -> bool:
    """Say whether a box lies on any of many others."""
    if others is None or not len(others):
        return False
    left, top, right, bottom = others.T
    return bool(((left < box[2]) & (box[0] < right) & (top < box[3]) & (box[1] < bottom)).any())


def _places(label: Label, width: float, height: float) -> list[tuple[float, float]]:
    """Give the upper left corners to try: right of the point, left, above, below, then the corners."""
    x, y, away = label.x, label.y, label.away_mm
    middle = (x - width / 2, y - height / 2)
    if not away:
        near = [middle, (middle[0], y), (middle[0], y - height), (x, middle[1]), (x - width, middle[1])]
        lines = [middle[1] + n * height for n in (1, -1, 1.3, -1.3)] if label.is_loose else []
        return near + [(left, top) for top in lines for left in (middle[0], x, x - width)]
    right, left, above, below = x + away, x - away - width, y - away - height, y + away
    return [
        (right, middle[1]),
        (left, middle[1]),
        (middle[0], above),
        (middle[0], below),
        (right - 0.5 * away, above + 0.5 * away),
        (left + 0.5 * away, above + 0.5 * away),
        (right - 0.5 * away, below - 0.5 * away),
        (left + 0.5 * away, below - 0.5 * away),
    ]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
