"""Patterns that tell classes apart where colours do not: in grey print, for colour-blind readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.outputs.paper.strokes import Hatch, Stroke, Symbol, greyness
from geo.outputs.qgis_symbols import Shape

__all__ = ["LEAST_GREY", "LEAST_SEEN", "are_apart", "tell_apart"]

LEAST_GREY: Final[Mapping[Shape, float]] = {"fill": 25.0, "line": 40.0, "marker": 45.0}
"""Greys of one legend are so far apart, of 255, or their patterns differ: the smaller the more."""
LEAST_SEEN: Final = 30.0
"""Colours of one legend, as readers with a full deficiency see them: of 442 from black to white."""
_DEFICIENCIES: Final = np.array(
    [
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    ]
)
"""Protanopia and deuteranopia after Machado, Oliveira and Fernandes (2009), table of full deficiency."""
_SYMBOLS: Final[tuple[Symbol, ...]] = ("dot", "square", "diamond", "plus", "wedge", "ring", "cross")
_HATCHES: Final[tuple[Hatch, ...]] = ("", "rising", "falling", "level", "upright", "crossed")
_DASHES: Final = ("", "2.2 1.1", "0.6 0.9", "3.2 0.9 0.6 0.9", "1.2 0.6")


@dataclass(frozen=True)
class _Look:
    shape: Shape
    colour: str
    opacity: float
    pattern: str


def tell_apart(strokes: Sequence[Stroke]) -> list[Stroke]:
    """Give strokes of one map symbols, hatches and dashes where their colours alone are too near each other.

    The ground, strokes without a name in the legend, and points whose size says a number, stay as they are;
    strokes of one name share a row, and need not be told apart.
    """
    seen: dict[str, dict[str, list[_Look]]] = {}
    told = []
    for stroke in strokes:
        if stroke.is_ground or stroke.colour == "none":
            told.append(stroke)
            continue
        own = seen.setdefault(stroke.shape, {})
        others = [look for label, looks in own.items() if label != stroke.label for look in looks]
        if stroke.label and stroke.sizes is None:
            stroke = _first_apart(stroke, others)
        own.setdefault(stroke.label, []).append(_look(stroke))
        told.append(stroke)
    return told


def _first_apart(stroke: Stroke, others: Sequence[_Look]) -> Stroke:
    choices = [stroke, *_patterned(stroke)]
    return next((each for each in choices if all(_apart(_look(each), other) for other in others)), stroke)


def _patterned(stroke: Stroke) -> list[Stroke]:
    if stroke.shape == "marker":
        return [replace(stroke, symbol=symbol) for symbol in _SYMBOLS]
    if stroke.shape == "line":
        return [replace(stroke, dash=dash) for dash in _DASHES]
    return [replace(stroke, hatch=hatch) for hatch in _HATCHES]


def _look(stroke: Stroke) -> _Look:
    pattern = {"marker": stroke.symbol, "line": stroke.dash, "fill": stroke.hatch}[stroke.shape]
    return _Look(stroke.shape, stroke.colour, stroke.opacity if stroke.shape == "fill" else 1.0, pattern)


def are_apart(one: Stroke, other: Stroke) -> bool:
    """Say whether two strokes of one shape are told apart in grey print and by colour-blind readers."""
    return _apart(_look(one), _look(other))


def _apart(one: _Look, other: _Look) -> bool:
    if one.pattern != other.pattern:
        return True
    greys = [greyness(look.colour, opacity=look.opacity) for look in (one, other)]
    seen = [_seen(look) for look in (one, other)]
    apart = np.linalg.norm(seen[0] - seen[1], axis=1).min()
    return abs(greys[0] - greys[1]) >= LEAST_GREY[one.shape] and bool(apart >= LEAST_SEEN)


def _seen(look: _Look) -> NDArray[Any]:
    """Give a colour on white paper as readers with each deficiency see it, 0 to 255."""
    own = np.array([int(look.colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    screen = 1.0 - look.opacity * (1.0 - own)
    light = np.where(screen <= 0.04045, screen / 12.92, ((screen + 0.055) / 1.055) ** 2.4)
    mixed = np.clip(_DEFICIENCIES @ light, 0.0, 1.0)
    seen: NDArray[Any] = 255.0 * np.where(
        mixed <= 0.0031308, 12.92 * mixed, 1.055 * mixed ** (1 / 2.4) - 0.055
    )
    return seen
