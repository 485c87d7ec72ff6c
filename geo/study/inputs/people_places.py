"""People of a table without coordinates, each row at the village or town that it names in another layer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from geo.demand import match_villages, town_key
from geo.errors import InputError
from geo.layers import with_row_names
from geo.messages import Fault, Message
from geo.study.inputs.log import LayerLog, StudyLayer
from geo.study.settings import DemandSpec, LayerSpec, Study

__all__ = ["read_at_places", "rows_at_places"]

_OWN_PLACES = ("lon", "lat", "lonlat", "geometry")


def read_at_places(
    study: Study, spec: DemandSpec, section: str, log: LayerLog, crs: CRS, columns: dict[str, str]
) -> StudyLayer:
    """Read a table of people and give each row the shape of the place that it names.

    Parameters
    ----------
    study : Study
        Knows the folder of the files.
    spec : DemandSpec
        Its ``places`` names the layer with the places.
    section : str
        Where it stands in the study file.
    log : LayerLog
        Receives how many rows found a place, and where names are several times.
    crs : pyproj.CRS
        Of the study.
    columns : dict
        Settled columns on top of the spec's.

    Raises
    ------
    InputError
        The table has no names; no row names a place.
    """
    flat = log.read(spec, study.file(spec.path), section=section, columns=columns, geometry="none")
    name, _, layer = str(spec.places).partition("#")
    asked = LayerSpec(name, layer=layer or None, crs=spec.places_crs, columns=spec.places_columns)
    places = with_row_names(log.read(asked, study.file(name), section=f"{section} places").to_metric(crs))
    rows = with_row_names(flat.table.drop(columns=list(_OWN_PLACES), errors="ignore"))
    for part, of in ((rows, spec.path), (places, name)):
        if "name" not in part:
            raise InputError(Message("study.places_no_name", {"file": Path(of).name}))
    placed, faults = rows_at_places(rows, places)
    if not len(placed):
        values = {"file": Path(spec.path).name, "other": Path(name).name, "n": len(flat.table)}
        raise InputError(Message("study.places_none", values), faults=faults)
    unused = ~places["name"].isin(placed["place"])
    values = {"n": len(placed), "n_rows": len(flat.table), "other": Path(name).name}
    log.note(section, Message("study.people_at_places", {**values, "n_unused": int(unused.sum())}))
    left = flat.table[~flat.table.index.isin(placed.index)]
    at = replace(
        flat, table=placed.drop(columns="place"), left_out=pd.concat([flat.left_out, left]).sort_index()
    )
    return at.with_faults(faults, n_kept=len(placed))


def rows_at_places(rows: pd.DataFrame, places: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Give rows the shapes of the places that they name, as :func:`geo.demand.match_villages` reads names.

    Parameters
    ----------
    rows : DataFrame
        ``name``, and ``zone`` (town) where known, which decides between places of one name.
    places : GeoDataFrame
        ``name``, ``zone`` where known, shapes.

    Returns
    -------
    (GeoDataFrame, list of Fault)
        The rows that name one place, with its name as ``place``; the others with the reason.
    """
    named = places[places["name"].notna() & places.geometry.notna()].reset_index(drop=True)
    asked = pd.DataFrame({"name": None, "village": rows["name"], "zone": rows.get("zone")}, index=rows.index)
    matches = match_villages(asked, pd.DataFrame(named.reindex(columns=["name", "zone"])))
    label, n_fits = matches["village"].astype(object), matches["n_fits"].astype(int)
    towns = pd.Series(named.index, index=named["name"].map(town_key))
    short = towns[~towns.index.duplicated(keep=False)]
    is_open = label.isna() & (n_fits < 2)
    label[is_open] = rows["name"][is_open].map(town_key).map(short)
    is_placed = label.notna()
    stands = named.loc[label[is_placed].astype(int)]
    placed = gpd.GeoDataFrame(
        rows[is_placed].assign(place=stands["name"].to_numpy()),
        geometry=stands.geometry.to_numpy(),
        crs=places.crs,
    )
    faults = []
    for row in rows.index[~is_placed]:
        several = Message("study.several_places", {"n": int(n_fits[row])})
        reason = several if n_fits[row] > 1 else Message("study.no_place_of_name")
        faults.append(Fault(int(row), "name", str(rows.at[row, "name"])[:60], reason))
    return placed, faults
