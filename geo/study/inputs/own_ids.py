"""Ids as the planner's tables have them: what she calls a station or a village is its id in every result."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

__all__ = ["own_facility_ids", "own_place_ids"]


def own_facility_ids(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Call each facility by the id in its own file, else by its name, where no other is called so.

    Parameters
    ----------
    facilities : GeoDataFrame
        ``Facilities`` of all layers; an id is ``"kind-layer-id"``, or ``"kind-layer-row"`` of a row without
        one. Such an id stays where the own one is missing or serves twice.
    """
    ids = facilities.index.to_series().astype(str)
    rest = ids.str.replace(r"^[a-z_]+-\d+-", "", regex=True)
    row = facilities["source"].astype("string").str.extract(r" row (\d+)$")[0].set_axis(ids.index)
    names = facilities["name"].astype("string").str.strip()
    own = rest.where(rest != row.fillna(""), names.where(names != "")).astype(object)
    return facilities.set_axis(_alone(own, ids).rename(facilities.index.name))


def own_place_ids(people: gpd.GeoDataFrame, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Call places of people by the ids of their rows, else by their names, where all have one of their own.

    Parameters
    ----------
    people : GeoDataFrame
        ``Demand``, with the index of the rows.
    rows : GeoDataFrame
        The layer that was read; ``id`` and ``name`` where it has them.
    """
    for column in ("id", "name"):
        if column not in rows:
            continue
        own = rows[column].reindex(people.index).astype("string").str.strip()
        if own.notna().all() and (own != "").all() and not own.duplicated().any():
            return people.set_axis(pd.Index(own.astype(object), name=people.index.name))
    return people


def _alone(own: pd.Series, ids: pd.Series) -> pd.Index:
    """Take own ids that nothing else is called, in capitals or not; the others keep theirs."""
    key = own.astype("string").str.casefold()
    is_taken = key.duplicated(keep=False) | key.isin(ids.str.casefold()) | own.isna()
    return pd.Index(own.where(~is_taken.fillna(True).astype(bool), ids), dtype=object)
