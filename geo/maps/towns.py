"""Towns as a filter of the map: the panel's figures and bands for each town, from every point of people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd

from geo.maps.figures import band_rows, figure_rows
from geo.maps.rows import column_of
from geo.maps.text import say_text
from geo.words import Lang

__all__ = ["town_rows"]

_OF_BAND: Final = ("people", "share", "share_text")


def town_rows(
    zones: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame | None,
    *,
    bands_s: Sequence[float],
    limit_s: float,
    lang: Lang,
) -> list[dict[str, Any]]:
    """Give each town that has people: its name, its zone, its figures and the people of each band.

    Parameters
    ----------
    zones : GeoDataFrame
        Polygons with ``name``. A name that two zones share is left out: its people cannot be told apart.
    demand : GeoDataFrame
        Coverage table (see :class:`geo.maps.CoverageLayer`), whose ``zone`` names a zone; all of its points
        count, also where the map gathers them.
    stations : GeoDataFrame, optional
        A town's stations are those that stand in its polygon.

    Returns
    -------
    list of dict
        ``name``, ``zone`` (position in ``zones``), ``figures`` and ``bands``, both as in the panel.
    """
    names = [say_text(name) for name in column_of(zones, "name")]
    town_of = column_of(demand, "zone").to_numpy()
    rows = []
    for i, name in enumerate(names):
        people = demand[town_of == name]
        if names.count(name) > 1 or not len(people):
            continue
        within = None if stations is None else stations[stations.within(zones.geometry.iloc[i])]
        figures = figure_rows(people, within, limit_s=limit_s, lang=lang)
        bands = band_rows(people, bands_s=bands_s, limit_s=limit_s, lang=lang)
        kept = [{key: band[key] for key in _OF_BAND} for band in bands]
        rows.append({"name": name, "zone": i, "figures": figures, "bands": kept})
    return rows
