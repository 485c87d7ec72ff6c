"""Lines that are drawn more than once: the same again, there and back, and with other attributes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["find_redrawn", "find_repeated"]


def find_repeated(
    ends: NDArray[np.integer],
    like: NDArray[np.float64],
    xy: NDArray[np.float64],
    xy_start: NDArray[np.integer],
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Find lines that are an earlier line drawn again, and drawn backwards; each is matched once backwards.

    Parameters
    ----------
    ends : int array, shape (M, 2)
        First and last node of each line.
    like : float64 array, shape (M, K)
        Numbers in which the two must agree, such as class and speed limit.
    xy, xy_start : arrays
        Vertices; those of line ``i`` are ``xy[xy_start[i]:xy_start[i + 1]]``.

    Returns
    -------
    (bool array, int64 array)
        Drawn again in the same direction; and the earlier line that each draws backwards, -1 for none.
    """
    low, high = ends.min(axis=1).astype(np.int64), ends.max(axis=1)
    _, group, size = np.unique(low * (ends.max() + 1) + high, return_inverse=True, return_counts=True)
    again, backwards = np.zeros(len(ends), dtype=bool), np.full(len(ends), -1)
    seen: set[tuple[bytes, bytes]] = set()
    waiting: dict[tuple[bytes, bytes], list[int]] = {}
    for line in np.flatnonzero(size[group] > 1).tolist():
        shape = xy[xy_start[line] : xy_start[line + 1]]
        said, there, back = like[line].tobytes(), shape.tobytes(), shape[::-1].tobytes()
        if (said, there) in seen:
            again[line] = True
        elif waiting.get((said, back)):
            backwards[line] = waiting[said, back].pop()
            seen.add((said, there))
        else:
            seen.add((said, there))
            waiting.setdefault((said, there), []).append(line)
    return again, backwards


def find_redrawn(
    ends: NDArray[np.integer],
    like: NDArray[np.float64],
    oneway: NDArray[np.integer],
    xy: NDArray[np.float64],
    xy_start: NDArray[np.integer],
) -> NDArray[np.bool_]:
    """Mark lines that are drawn on an earlier one, vertex by vertex, with other attributes.

    Two one-way carriageways drawn on each other are none: they are driven in different directions.

    Parameters
    ----------
    ends : int array, shape (M, 2)
        First and last node of each line.
    like : float64 array, shape (M, K)
        Numbers that tell lines apart, such as class and speed limit.
    oneway : int array, shape (M,)
        1 and -1 for lines driven as drawn and against it, 0 both ways.
    xy, xy_start : arrays
        Vertices; those of line ``i`` are ``xy[xy_start[i]:xy_start[i + 1]]``.
    """
    low, high = ends.min(axis=1).astype(np.int64), ends.max(axis=1).astype(np.int64)
    _, group, size = np.unique(low * (ends.max() + 1) + high, return_inverse=True, return_counts=True)
    redrawn = np.zeros(len(ends), dtype=bool)
    said: dict[tuple[bytes, int], set[bytes]] = {}
    for line in np.flatnonzero(size[group] > 1).tolist():
        shape = xy[xy_start[line] : xy_start[line + 1]]
        there, back = shape.tobytes(), shape[::-1].tobytes()
        turn = 1 if there <= back else -1
        for way in (1, -1) if oneway[line] == 0 else (int(oneway[line]) * turn,):
            before = said.setdefault((min(there, back), way), set())
            redrawn[line] |= bool(before - {like[line].tobytes()})
            before.add(like[line].tobytes())
    return redrawn
