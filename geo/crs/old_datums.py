"""Beijing 1954 and Xian 1980 to WGS 84: one operation for all layers of a study, its accuracy told.

Left to itself, PROJ 9.5.1 chooses for each point among six operations from Beijing 1954, each made for a
basin or a sea, and where none is at hand it shifts by nothing: the border of two choices at 31.23 N runs
through the middle of Shanghai and tears 71 m. From Xian 1980 it knows none at all. Here the operation that is
made for the middle of the study, else the one made nearest to it, holds for every point.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.transformer import TransformerGroup

from geo.crs.polylines import geodesic_lengths, unproject
from geo.messages import Message

__all__ = ["DatumShift", "choose_shift"]

_XY = NDArray[np.float64]
_DEGREES: Final = CRS.from_epsg(4326)
_GEOGRAPHIC: Final = {"Beijing 1954": 4214, "Xian 1980": 4610}


@dataclass(frozen=True, eq=False)
class DatumShift:
    """How degrees of an old datum become WGS 84, and what is told of it."""

    change: Transformer | None
    note: Message

    def to_wgs84(self, xy: _XY, crs: CRS) -> _XY:
        """Turn coordinates of a system in the old datum into degrees of WGS 84."""
        degrees = unproject(xy, crs)
        return degrees if self.change is None else np.column_stack(self.change.transform(*degrees.T))


def choose_shift(datum: str, lonlat: tuple[float, float]) -> DatumShift:
    """Choose the one operation from an old datum that holds for all layers around a place.

    Parameters
    ----------
    datum : {"Beijing 1954", "Xian 1980"}
        As :func:`geo.crs.find_old_datum` gives it.
    lonlat : tuple of float
        The middle of the study, degrees.

    Examples
    --------
    >>> choose_shift("Beijing 1954", (121.47, 31.20)).note.values["name"]
    'Beijing 1954 to WGS 84 (2)'
    """
    operations = _operations(datum)
    if not operations:
        return DatumShift(None, Message("crs.old_unshifted", {"datum": datum}))
    off_km = [_off_km(operation, lonlat) for operation in operations]
    chosen = min(range(len(operations)), key=lambda i: (off_km[i], operations[i].accuracy))
    reached = np.array([operation.transform(*lonlat) for operation in operations])
    spread_m = max(_metres(reached[chosen], other) for other in reached)
    numbers = {
        "datum": datum,
        "name": _name(operations[chosen], datum),
        "shift_m": _metres(reached[chosen], np.array(lonlat)),
        "accuracy_m": operations[chosen].accuracy,
        "off_km": off_km[chosen],
        "spread_m": spread_m,
        "n": len(operations),
    }
    key = "old_shifted" if off_km[chosen] == 0 else "old_shifted_nearby"
    return DatumShift(operations[chosen], Message(f"crs.{key}", numbers))


@cache
def _operations(datum: str) -> tuple[Transformer, ...]:
    """Give the published operations to WGS 84, without the one that changes nothing."""
    group = TransformerGroup(_GEOGRAPHIC[datum], _DEGREES, always_xy=True)
    return tuple(op for op in group.transformers if "ballpark" not in op.description.casefold())


def _name(operation: Transformer, datum: str) -> str:
    """Give the published name of an operation, without the changes of axes around it.

    The text that PROJ joins from the steps was "a + b + c" up to 9.7 and is worded otherwise from 9.8 on.
    """
    steps = [step.name for step in operation.operations or ()]
    return next((name for name in steps if name.startswith(datum)), operation.description)


def _off_km(operation: Transformer, lonlat: tuple[float, float]) -> float:
    """Give the distance of a place from the area that an operation is made for."""
    area = operation.area_of_use
    nearest = np.clip(lonlat, (area.west, area.south), (area.east, area.north))
    return _metres(nearest, np.array(lonlat)) / 1000


def _metres(a: _XY, b: _XY) -> float:
    return float(geodesic_lengths(np.array([a, b]), np.array([0, 2]))[0])
