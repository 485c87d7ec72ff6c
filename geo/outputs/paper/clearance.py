"""Room that the names on a map leave free: the symbols of what it shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.outputs.paper.frame import Frame
from geo.outputs.paper.labels import Box
from geo.outputs.paper.strokes import Stroke

__all__ = ["symbol_boxes"]

_REACH: Final = 1.3
"""Corners of a triangle reach beyond a circle of the symbol's size."""
_FINEST_MM: Final = 0.5
"""Symbols whose middles are nearer than this are looked at as one: ten thousand buildings are a patch."""


def symbol_boxes(strokes: Iterable[Stroke], frame: Frame) -> tuple[list[Box], NDArray[np.float64]]:
    """Give the boxes of the symbols in a window, in millimetres from its upper left corner.

    Parameters
    ----------
    strokes : iterable of Stroke
        What is drawn.
    frame : Frame
        The window.

    Returns
    -------
    list of boxes, (n, 4) array of float
        Those that no name may cover, and those that names cover only where they find no other room.
    """
    clear: list[Box] = []
    spared = [np.empty((0, 4))]
    for stroke in strokes:
        if stroke.shape != "marker" or not len(stroke.shapes):
            continue
        boxes = _boxes(stroke, frame)
        if stroke.is_kept_clear:
            clear += [(left, top, right, bottom) for left, top, right, bottom in boxes.tolist()]
        else:
            spared.append(boxes)
    return clear, np.concatenate(spared)


def _boxes(stroke: Stroke, frame: Frame) -> NDArray[np.float64]:
    middles = frame.place(shapely.get_coordinates(shapely.centroid(stroke.shapes)))
    half = _REACH * 0.5 * (np.full(len(middles), stroke.size_mm) if stroke.sizes is None else stroke.sizes)
    x, y = middles.T
    is_in = (x > -half) & (y > -half) & (x < frame.width_mm + half) & (y < frame.height_mm + half)
    rows = np.column_stack([x - half, y - half, x + half, y + half])[is_in]
    _, first = np.unique(np.round(rows / _FINEST_MM), axis=0, return_index=True)
    boxes: NDArray[np.float64] = rows[np.sort(first)]
    return boxes
