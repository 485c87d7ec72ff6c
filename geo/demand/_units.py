"""Whether the cells of a raster hold people or densities of them, where the planner does not say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.demand.points_and_zones import assign_zones
from geo.errors import InputError
from geo.messages import Message
from geo.words import word_lists

__all__ = ["doubt_unit", "says_unit"]

_ALIKE: Final = 0.02
"""Cells of about 1 km2: both readings give the same people up to this share."""
_FITS: Final = 1.15
"""So many times more or less people than the zones say still fit them."""
_LONGEST: Final = 80


def says_unit(texts: Sequence[str]) -> tuple[Literal["density", "count"] | None, str]:
    """Find what texts say of cells: the name of a file or band, its unit, its description.

    Each text is asked in turn; one that speaks of both, or of neither, says nothing.

    Parameters
    ----------
    texts : sequence of str
        The most telling first.

    Returns
    -------
    tuple of ({"density", "count"} or None, str)
        What they say, and the text that does, shortened.

    Examples
    --------
    >>> says_unit(["chn_pd_2020_1km.tif"])[0], says_unit(["chn_ppp_2020.tif"])[0], says_unit(["pop.tif"])[0]
    ('density', 'count', None)
    >>> says_unit(["pop.tif", "", "persons per km²"])
    ('density', 'persons per km²')
    >>> says_unit(["pop.tif", "Estimated total number of people per grid-cell"])[0]
    'count'
    """
    density, count = word_lists("people")["density"], word_lists("people")["count"]
    for text in texts:
        plain = text.casefold().replace("²", "2")
        is_density = _has(plain, density) or any(re.search(sign, plain) for sign in density["patterns"])
        is_of_cells = any(word in plain for word in count["cell"])
        # "Number of people per km2" speaks of a number too: per area is what counts, unless cells are named.
        if is_density and not is_of_cells:
            return "density", text[:_LONGEST]
        if not is_density and (is_of_cells or _has(plain, count)):
            return "count", text[:_LONGEST]
    return None, ""


def doubt_unit(
    people: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    places: NDArray[np.float64],
    zones: gpd.GeoDataFrame | None,
    *,
    file: str,
) -> list[Message]:
    """Tell what the people would be if the cells held densities; the people of zones may settle it.

    Parameters
    ----------
    people : float64 array, shape (N,)
        What each cell holds, taken as people.
    area_m2 : float64 array, shape (N,)
        Its area.
    places : float64 array, shape (N, 2)
        Its middle, in the CRS of the zones.
    zones : GeoDataFrame, optional
        ``people`` where they say so.
    file : str
        Named in what is told.

    Returns
    -------
    list of Message
        Empty where both readings come to the same, or the people of the zones fit counts alone.

    Raises
    ------
    InputError
        The people of the zones fit densities, and not counts.
    """
    if_density = people * area_m2 / 1e6
    totals = float(people.sum()), float(if_density.sum())
    if not totals[0] or abs(totals[1] / totals[0] - 1) <= _ALIKE:
        return []
    cell_m2 = float(np.median(area_m2))
    values = {
        "file": file, "people": totals[0], "if_density": totals[1], "cell_km2": cell_m2 / 1e6
    }  # fmt: skip
    counted = _counted_zones(zones)
    if counted is None:
        return [Message("demand.unit_unsaid", values)]
    points = gpd.GeoDataFrame(geometry=shapely.points(places), crs=counted.crs)
    is_in = assign_zones(points, counted).notna().to_numpy()
    as_people, as_density = float(people[is_in].sum()), float(if_density[is_in].sum())
    said = float(counted["people"].sum())
    if not as_people or not as_density:
        return [Message("demand.unit_unsaid", values)]
    off_people, off_density = (abs(np.log(total / said)) for total in (as_people, as_density))
    if off_density <= np.log(_FITS) and off_density < off_people / 2:
        what = Message("demand.unlike_zones", {"people": as_people, "zones": said})
        asked = {"file": file, "what": what, "cell_m2": cell_m2, "if_density": as_density}
        raise InputError(Message("demand.ask_unit", asked))
    if off_people <= np.log(_FITS) and off_people < off_density / 2:
        return []
    inside_values = {"file": file, "people": as_people, "if_density": as_density, "zones": said}
    return [Message("demand.unit_unsaid_zones", inside_values)]


def _counted_zones(zones: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Give the zones that say how many people they have; None where none does."""
    if zones is None or "people" not in zones:
        return None
    counted = zones[(zones["people"] > 0).to_numpy()]
    return counted if len(counted) else None


def _has(plain: str, words: Mapping[str, tuple[str, ...]]) -> bool:
    parts = re.split(r"[^a-z0-9\u4e00-\u9fff]+", plain)
    return any(word in parts for word in words["whole"]) or any(word in plain for word in words["inside"])
