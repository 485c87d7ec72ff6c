"""The coordinate grid of a map on paper: round lines of metres or degrees, their numbers at the edges."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final, Literal, TypeAlias

import numpy as np
import pyproj
from numpy.typing import NDArray

from geo.maps import colour_of
from geo.outputs.paper.frame import Frame
from geo.outputs.paper.labels import text_width

__all__ = ["Grid", "GridLine", "draw_grid", "find_grid"]

Grid: TypeAlias = Literal["metres", "degrees", "none"]
_LINE, _INK = colour_of("paper_grid"), colour_of("paper_frame")
_METRES: Final = (1.0, 2.0, 5.0, 10.0)
_MINUTES: Final = (1 / 60, 2 / 60, 5 / 60, 10 / 60, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0)
_SAMPLES: Final = 33
"""Points of a line of degrees, which is bent a little."""


@dataclass(frozen=True, eq=False)
class GridLine:
    """A line of a grid.

    Parameters
    ----------
    text : str
        Its number.
    is_upright : bool
        It runs from south to north.
    points : array, (n, 2)
        In millimetres from the upper left corner of the window.
    """

    text: str
    is_upright: bool
    points: NDArray[np.float64]


def find_grid(frame: Frame, grid: Grid, *, crs: str, apart_mm: float = 62.0) -> list[GridLine]:
    """Give the lines of a grid in a window.

    Parameters
    ----------
    frame : Frame
        The window.
    grid : {"metres", "degrees", "none"}
        Lines of the projected system, or of longitude and latitude.
    crs : str
        System of the window.
    apart_mm : float
        Greatest distance of two lines.
    """
    if grid == "none":
        return []
    return _metres(frame, apart_mm) if grid == "metres" else _degrees(frame, crs, apart_mm)


def _metres(frame: Frame, apart_mm: float) -> list[GridLine]:
    wanted = apart_mm / frame.mm_per_m
    power = 10.0 ** math.floor(math.log10(wanted))
    step = max(each * power for each in _METRES if each * power <= wanted)
    lines = []
    for x in _between(frame.west, frame.east, step):
        points = frame.place(np.array([[x, frame.south], [x, frame.north]]))
        lines.append(GridLine(f"{x:,.0f}", True, points))
    for y in _between(frame.south, frame.north, step):
        points = frame.place(np.array([[frame.west, y], [frame.east, y]]))
        lines.append(GridLine(f"{y:,.0f}", False, points))
    return lines


def _degrees(frame: Frame, crs: str, apart_mm: float) -> list[GridLine]:
    to_degrees = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(frame.west, frame.south, frame.east, frame.north)
    if not np.isfinite([west, south, east, north]).all() or west >= east:
        return []
    wanted = 60.0 * apart_mm * min((east - west) / frame.width_mm, (north - south) / frame.height_mm)
    step = max((each for each in _MINUTES if each <= wanted), default=_MINUTES[0]) / 60.0
    lines = []
    for at in _between(west, east, step):
        points = np.column_stack((np.full(_SAMPLES, at), np.linspace(south, north, _SAMPLES)))
        lines.append(GridLine(_say_degrees(at, "E", "W"), True, _on_paper(frame, to_degrees, points)))
    for at in _between(south, north, step):
        points = np.column_stack((np.linspace(west, east, _SAMPLES), np.full(_SAMPLES, at)))
        lines.append(GridLine(_say_degrees(at, "N", "S"), False, _on_paper(frame, to_degrees, points)))
    return lines


def _on_paper(
    frame: Frame, to_degrees: pyproj.Transformer, points: NDArray[np.float64]
) -> NDArray[np.float64]:
    x, y = to_degrees.transform(points[:, 0], points[:, 1], direction="INVERSE")
    return frame.place(np.column_stack((x, y)))


def _between(low: float, high: float, step: float) -> list[float]:
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _say_degrees(at: float, positive: str, negative: str) -> str:
    """Say degrees in whole seconds, those that are nought left out.

    Examples
    --------
    >>> _say_degrees(121.5, "E", "W"), _say_degrees(-33.75 - 10 / 3600, "N", "S")
    ('121°30′ E', '33°45′10″ S')
    """
    degrees, rest = divmod(round(abs(at) * 3600), 3600)
    minutes, seconds = divmod(rest, 60)
    text = f"{degrees}°"
    if minutes or seconds:
        text += f"{minutes:02d}′"
    if seconds:
        text += f"{seconds:02d}″"
    return f"{text} {negative if at < 0 else positive}"


def draw_grid(lines: list[GridLine], frame: Frame, *, size_mm: float) -> tuple[list[str], list[str]]:
    """Give the lines inside the window, and their numbers on all four sides outside it.

    Numbers that would touch the one before them are left out.
    """
    inside = []
    for line in lines:
        path = "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in line.points)
        inside.append(f'<path d="{path}" fill="none" stroke="{_LINE}" stroke-width="0.12"/>')
    return inside, list(_numbers(lines, frame, size_mm))


def _numbers(lines: list[GridLine], frame: Frame, size: float) -> Iterator[str]:
    for is_upright, edges in ((True, (frame.height_mm, 0.0)), (False, (0.0, frame.width_mm))):
        for edge in edges:
            last = -math.inf
            own = [(_crossing(line, edge), line.text) for line in lines if line.is_upright is is_upright]
            most = frame.width_mm if is_upright else frame.height_mm
            for at, text in sorted((at, text) for at, text in own if at is not None):
                half = text_width(text, size) / 2
                if at - half < max(last, 0.0) or at + half > most:
                    continue
                last = at + half + size
                yield _number(at, edge, text, size, is_upright=is_upright)


def _crossing(line: GridLine, edge: float) -> float | None:
    """Give where a line meets an edge of the window, along the edge; None where it does not."""
    along, across = (line.points[:, 0], line.points[:, 1]) if line.is_upright else line.points.T[::-1]
    order = np.argsort(across)
    if not across[order[0]] - 0.01 <= edge <= across[order[-1]] + 0.01:
        return None
    return float(np.interp(edge, across[order], along[order]))


def _number(at: float, edge: float, text: str, size: float, *, is_upright: bool) -> str:
    shown = f'font-size="{size:.2f}" text-anchor="middle" fill="{_INK}">{escape(text)}</text>'
    if is_upright:
        y = edge + 1.25 * size if edge > 0 else -0.45 * size
        return f'<text x="{at:.2f}" y="{y:.2f}" {shown}'
    x = edge + 1.15 * size if edge > 0 else -0.45 * size
    return f'<text transform="translate({x:.2f} {at:.2f}) rotate(-90)" {shown}'
