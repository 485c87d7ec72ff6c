"""The byte of each demand point as a page was told it: the next frame brings what is another by then."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel
from geo.serve.figures import Codes
from geo.serve.states import Dragged
from geo.serve.sums import Bytes, Ints, Longs
from geo.serve.tally import Tally

__all__ = ["ToldCodes"]

_MOST: Final = 5
"""Where a ``_MOST``-th of all points or more has another byte, all are told."""


class ToldCodes:
    """What one page knows; every frame that is made of it must be sent, in this order."""

    def __init__(self) -> None:
        self._codes: Codes | None = None
        self._drag: tuple[Tally, bool, NDArray[np.int32]] | None = None
        """Of the last frame, where it was of a drag: the page knows its codes but for some points."""

    def state(self, codes: Codes) -> dict[str, Any]:
        """Give the arrays that bring the page to codes: those that it does not know yet, or all of them."""
        before, self._codes, self._drag = self._codes, codes.copy(), None
        if before is None:
            return {"code": codes}
        return _shorter(np.flatnonzero(codes != before), codes)

    def drag(self, dragged: Dragged) -> dict[str, Any]:
        """Give the arrays that bring the page to where a station is in hand."""
        rest, changed = dragged.held.rest, dragged.changed
        was, is_second = self._drag, changed.is_second
        if self._codes is None or was is None or was[0] is not rest or was[1] != is_second:
            arrays = self.state(dragged.codes())
        else:
            with rest.lock:
                base = rest.codes(is_second=is_second)
                index = _tell_changed(self._codes, base, was[2], changed.point, changed.code, rest.mark)
            arrays = _shorter(index, self._codes)
        self._drag = rest, is_second, changed.point
        return arrays


def _shorter(index: NDArray[np.int64], codes: Codes) -> dict[str, Any]:
    if _MOST * len(index) >= len(codes):
        return {"code": codes}
    return {"index": index.astype(np.uint32), "code": codes[index]}


@kernel
def _tell_changed(told: Bytes, base: Bytes, before: Ints, changed: Ints, code: Bytes, mark: Bytes) -> Longs:
    """Bring what the page was told, in place, from one place of a drag to the next; list what that changes.

    ``told`` is ``base`` but for the points ``before``; then it is ``base`` but for ``changed``, which have
    ``code``. ``mark`` (D,) is clean before and after.
    """
    index, n = np.empty(len(before) + len(changed), np.int64), 0
    for k in range(len(changed)):
        i = changed[k]
        mark[i] = 1
        if told[i] != code[k]:
            told[i] = code[k]
            index[n] = i
            n += 1
    for k in range(len(before)):
        i = before[k]
        if not mark[i] and told[i] != base[i]:
            told[i] = base[i]
            index[n] = i
            n += 1
    for k in range(len(changed)):
        mark[changed[k]] = 0
    return index[:n]
