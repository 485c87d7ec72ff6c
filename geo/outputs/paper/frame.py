"""Where the ground lies on a sheet: metres of a map to millimetres of paper, and shapes as paths of SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["Frame", "fit_frame"]

_FINEST_MM: Final = 0.05
"""Shapes are drawn no finer than this: a printer shows less."""
_BESIDE_MM: Final = 10.0
"""What is drawn beside the window is cut off this far from it: farther than any line is wide."""
_STEPS: Final = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Frame:
    """A window on a map.

    Parameters
    ----------
    west, south, east, north : float
        Ground that is shown, in metres of the map's CRS.
    width_mm, height_mm : float
        Of the window on paper.
    """

    west: float
    south: float
    east: float
    north: float
    width_mm: float
    height_mm: float

    @property
    def mm_per_m(self) -> float:
        """Millimetres of paper for a metre of ground."""
        return self.width_mm / (self.east - self.west)

    @property
    def scale(self) -> float:
        """Number behind the colon of the scale, 1 : ..., in three digits at most."""
        number = 1000.0 / self.mm_per_m
        step = 10.0 ** (math.floor(math.log10(number)) - 2)
        return round(number / step) * step

    def scale_bar_m(self, *, most_mm: float) -> float:
        """Give the longest round length of ground, 1, 2 or 5 of a power of ten, that a bar may have."""
        most = most_mm / self.mm_per_m
        power = 10.0 ** math.floor(math.log10(most))
        return max(step * power for step in _STEPS if step * power <= most)

    def place(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give points of ground as millimetres from the upper left corner."""
        return np.column_stack(
            ((points[:, 0] - self.west) * self.mm_per_m, (self.north - points[:, 1]) * self.mm_per_m)
        )

    def shown(self, shapes: Iterable[Any]) -> NDArray[Any]:
        """Give shapes as they are drawn: in millimetres, without corners that nobody sees."""
        own = np.asarray(list(shapes), dtype=object)
        return self._without_fine(shapely.transform(own, self.place))

    def _without_fine(self, placed: NDArray[Any]) -> NDArray[Any]:
        simple = shapely.simplify(placed, _FINEST_MM, preserve_topology=False)
        shown: NDArray[Any] = np.where(shapely.is_empty(simple), placed, simple)
        return shown

    def _near(self, placed: NDArray[Any]) -> NDArray[Any]:
        """Cut off what of lines and areas lies far beside the window.

        A renderer makes room for all of a shape: one of a city on the sheet of a town takes a gigabyte.
        """
        left, top, right, bottom = shapely.bounds(placed).T
        west, north = -_BESIDE_MM, -_BESIDE_MM
        east, south = self.width_mm + _BESIDE_MM, self.height_mm + _BESIDE_MM
        reaches_out = (left < west) | (top < north) | (right > east) | (bottom > south)
        near = placed.copy()
        near[reaches_out] = shapely.clip_by_rect(placed[reaches_out], west, north, east, south)
        return near

    def path(self, shapes: Iterable[Any]) -> str:
        """Give lines and areas as the data of one path; what lies far beside the window is left out."""
        placed = shapely.transform(np.asarray(list(shapes), dtype=object), self.place)
        parts = shapely.get_parts(self._without_fine(self._near(placed)))
        parts = parts[~shapely.is_empty(parts)]
        lines = []
        for part in parts:
            rings = shapely.get_rings(part) if part.geom_type == "Polygon" else [part]
            end = "Z" if part.geom_type == "Polygon" else ""
            lines += [_line(shapely.get_coordinates(ring)) + end for ring in rings]
        return "".join(lines)


def _line(points: NDArray[np.float64]) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)


def fit_frame(
    bounds: Sequence[float], *, width_mm: float, least_mm: float, most_mm: float, margin: float = 0.03
) -> Frame:
    """Fit a window of a given width to ground; its height follows the ground between two limits.

    Parameters
    ----------
    bounds : sequence of float
        West, south, east and north of what must be seen; a single point is shown with 500 m round it.
    width_mm, least_mm, most_mm : float
        Width, lowest and greatest height on paper.
    margin : float
        Share of the ground's greater side that is left free on each side.

    Examples
    --------
    >>> frame = fit_frame((0, 0, 10_000, 5_000), width_mm=160, least_mm=60, most_mm=170)
    >>> round(frame.width_mm), round(frame.height_mm), frame.scale_bar_m(most_mm=40)
    (160, 85, 2000.0)
    """
    west, south, east, north = bounds
    pad = max(margin * max(east - west, north - south), 500.0 if east - west + north - south < 1.0 else 0.0)
    west, south, east, north = west - pad, south - pad, east + pad, north + pad
    height = min(max(width_mm * (north - south) / (east - west), least_mm), most_mm)
    mm_per_m = min(width_mm / (east - west), height / (north - south))
    half_x, half_y = width_mm / mm_per_m / 2, height / mm_per_m / 2
    x, y = (west + east) / 2, (south + north) / 2
    return Frame(x - half_x, y - half_y, x + half_x, y + half_y, width_mm, height)


_ROUND: Final = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 8.0, 10.0)
"""First figures of scales that people measure by."""
_LEAST_SCALE: Final = 1_000.0


def fit_scale(bounds: Sequence[float], *, width_mm: float, height_mm: float, margin: float = 0.03) -> Frame:
    """Fit a window of a given size to ground, in the greatest round scale that shows all of it.

    Parameters
    ----------
    bounds : sequence of float
        West, south, east and north of what must be seen; a point is shown at 1 : 1,000 at most.
    width_mm, height_mm : float
        On paper.
    margin : float
        Share of the ground that is left free on each side.

    Examples
    --------
    >>> frame = fit_scale((0, 0, 30_000, 10_000), width_mm=300, height_mm=200)
    >>> frame.scale, frame.east - frame.west
    (125000.0, 37500.0)
    """
    west, south, east, north = bounds
    least = 1000.0 * (1.0 + 2.0 * margin) * max((east - west) / width_mm, (north - south) / height_mm)
    least = max(least, _LEAST_SCALE)
    power = 10.0 ** math.floor(math.log10(least))
    scale = next(step * power for step in _ROUND if step * power >= least * (1.0 - 1e-12))
    half_x, half_y = width_mm * scale / 2000.0, height_mm * scale / 2000.0
    x, y = (west + east) / 2.0, (south + north) / 2.0
    return Frame(x - half_x, y - half_y, x + half_x, y + half_y, width_mm, height_mm)
