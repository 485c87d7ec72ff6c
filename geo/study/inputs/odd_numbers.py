"""Numbers of facilities that seem to be in another unit than is said: 0.52 places, a turnout of 1 s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.messages import Message

__all__ = ["tell_odd_numbers"]

_WHOLE: Final = 1e-6
_MOST_TEN_THOUSANDS: Final = 100.0
"""No shelter holds a million people; a larger number with decimals is an area divided by that of a person."""
_LEAST_M2: Final = 0.1
"""Square metres a person; the least of GB 51143-2015 is 0.5, of emergency shelters (mark M)."""
_LEAST_TURNOUT_S: Final = 10.0
"""Nobody is on the engine so soon after the order: NFPA 1710 gives 80 s."""
_MOST_FLOW_LPS: Final = 36.0
"""A hydrant of GB 50974-2014 gives 10 to 15 l/s: 36 m3/h is 10 l/s."""
_MOSTLY: Final = 0.5
_MOST_NAMES: Final = 3


def tell_odd_numbers(facilities: gpd.GeoDataFrame) -> Iterator[Message]:
    """Note numbers that are right in another unit: people in 10,000, areas in mu, minutes, m3 an hour.

    Parameters
    ----------
    facilities : GeoDataFrame
        A ``Facilities`` table, of one layer; all its numbers count as they stand.
    """
    is_shelter = facilities["kind"] == "shelter"
    places = facilities["places"].where(is_shelter)
    is_part = (places % 1 > _WHOLE) & (places % 1 < 1 - _WHOLE) & (places < _MOST_TEN_THOUSANDS)
    yield from _told("places", facilities, places, is_part)
    area = facilities["area_m2"].where(is_shelter)
    yield from _told("area", facilities, area, (area > 0) & (area < _LEAST_M2 * places))
    turnout = facilities["turnout_s"]
    yield from _told("turnout", facilities, turnout, (turnout > 0) & (turnout < _LEAST_TURNOUT_S))
    flow = facilities["flow_lps"]
    is_much = flow >= _MOST_FLOW_LPS
    if is_much.sum() >= _MOSTLY * flow.gt(0).sum():
        yield from _told("flow", facilities, flow, is_much)


def _told(
    what: str, facilities: gpd.GeoDataFrame, numbers: pd.Series, is_odd: pd.Series
) -> Iterator[Message]:
    rows = np.flatnonzero(is_odd.fillna(False).to_numpy(dtype=bool))
    if not len(rows):
        return
    names = facilities["name"].where(facilities["name"].notna(), facilities.index.to_series())
    shown = tuple(
        Message("study.odd_one", {"name": names.iloc[row], "number": float(numbers.iloc[row])})
        for row in rows[:_MOST_NAMES]
    )
    yield Message(f"study.odd_{what}", {"n": len(rows), "shown": shown})
