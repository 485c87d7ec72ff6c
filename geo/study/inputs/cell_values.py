"""Values of raster cells that became a column: people, densities or averages, where no header says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.messages import Message
from geo.study.inputs.log import StudyLayer
from geo.study.settings import DemandSpec
from geo.words import word_lists

__all__ = ["tell_cell_values"]

_ALIKE: Final = 0.02
"""Cells of about 1 km2 hold the same either way."""
_FEWEST: Final = 20
"""Fewer points may stand in rows and columns by chance."""
_MOSTLY: Final = 0.8
_MOST_LOOKED_AT: Final = 20_000


def tell_cell_values(layer: StudyLayer, rows: gpd.GeoDataFrame, spec: DemandSpec) -> Iterator[Message]:
    """Note a column of averages, and one of bare cell values whose total is another as densities.

    Parameters
    ----------
    layer : StudyLayer
        The rows as they were read.
    rows : GeoDataFrame
        The same in metres, with ``people``: cells as polygons, or their middles.
    spec : DemandSpec
        Its ``unit`` settles what they are.
    """
    if spec.unit is not None or spec.total is not None or not isinstance(spec.people, str):
        return
    guessed = (guess.header for guess in layer.report.guesses if guess.column == "people")
    header = str(spec.columns.get("people") or next(guessed, spec.people))
    words, plain = word_lists("people")["cell_value"], unicodedata.normalize("NFKC", header).casefold()
    parts = set(re.split(r"[^a-z0-9\u4e00-\u9fff]+", plain))
    people = pd.to_numeric(rows["people"], errors="coerce").fillna(0).to_numpy(dtype=float)
    file, total = Path(layer.report.path).name, float(people.sum())
    if parts & set(words["mean"]) or any(word in plain for word in words["mean_inside"]):
        yield Message("study.people_mean", {"file": file, "header": header, "n": total})
        return
    if not parts & set(words["bare"]):
        return
    area_m2 = _areas(rows)
    if area_m2 is None or not total:
        return
    if_density = float((people * area_m2).sum()) / 1e6
    if abs(if_density / total - 1) > _ALIKE:
        values = {"file": f"{file} ({header})", "people": total, "if_density": if_density}
        key = "demand.unit_unsaid" if spec.method == "grid" else "study.people_bare_values"
        yield Message(key, values | {"cell_km2": float(np.median(area_m2)) / 1e6})


def _areas(rows: gpd.GeoDataFrame) -> NDArray[np.float64] | None:
    """Give the area of each cell, m2: its own, or that between the points of a lattice."""
    shapes = rows.geometry.to_numpy()
    kinds = shapely.get_dimensions(shapes)
    if (kinds == 2).all():
        areas: NDArray[np.float64] = shapely.area(shapes)
        return areas
    if not (kinds == 0).all() or len(shapes) < _FEWEST:
        return None
    xy = shapely.get_coordinates(shapely.centroid(shapes))
    if len(xy) != len(shapes) or not np.isfinite(xy).all():
        return None
    asked = xy[:: max(len(xy) // _MOST_LOOKED_AT, 1)]
    near, _ = cKDTree(xy).query(asked, k=5)
    step, other = np.median(near[:, 1]), np.median(near[:, 3])
    # Of a lattice the two nearest are one step away, the next two stand across.
    is_step = np.abs(near[:, 1] / step - 1) < _ALIKE if step > 0 else np.zeros(len(near), dtype=bool)
    return np.full(len(xy), step * other) if is_step.mean() >= _MOSTLY else None
