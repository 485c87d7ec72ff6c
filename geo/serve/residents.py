"""Who lives where in a study, and how far around them its places may lie."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.serve.figures import People
from geo.statistics import OUTSIDE
from geo.study import Inputs, Study
from geo.times import limit_ms

__all__ = ["bounds_of", "people_of"]

_MARGIN_M: Final = 20_000.0
"""How far around its roads and people a study's places may lie."""


def people_of(study: Study, inputs: Inputs) -> People:
    """Give who lives where, by zone, with the bands of the study."""
    demand = inputs.demand
    zone = demand["zone"] if "zone" in demand else pd.Series(None, index=demand.index, dtype=object)
    label = zone.astype(object).where(zone.notna(), OUTSIDE)
    known = list(dict.fromkeys(inputs.zones["name"])) if len(inputs.zones) else []
    extra = sorted(set(map(str, label)) - set(known) - {OUTSIDE})
    names = [*known, *extra, *([OUTSIDE] if (label == OUTSIDE).any() else [])]
    position = pd.Index(names).get_indexer(pd.Index(label))
    bands_ms = [limit_ms(60.0 * minutes) for minutes in study.response.bands_min]
    return People(
        demand["people"].to_numpy(dtype=float),
        position.astype(np.int64),
        tuple(map(str, names)),
        np.array(bands_ms),
    )


def bounds_of(inputs: Inputs) -> tuple[float, float, float, float]:
    """Give west, south, east and north of where places of a study may lie, in its metres."""
    boxes = np.array([inputs.demand.total_bounds, _box(inputs.network.node_xy)])
    west, south = np.nanmin(boxes[:, :2], axis=0) - _MARGIN_M
    east, north = np.nanmax(boxes[:, 2:], axis=0) + _MARGIN_M
    return float(west), float(south), float(east), float(north)


def _box(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([xy.min(axis=0), xy.max(axis=0)])
