"""Zones, and layers of which only the shapes count: land, barriers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

import geopandas as gpd
import pandas as pd

from geo.crs import TO_WGS84
from geo.layers import with_row_names
from geo.messages import Message
from geo.network import RoadNetwork
from geo.osm import is_osm_file
from geo.schema import ZONE_COLUMNS, check_zones
from geo.study.inputs.cutting import cut_layer
from geo.study.inputs.extents import can_judge_zones, find_zone_shift
from geo.study.inputs.log import LayerLog, Unshifted, naming
from geo.study.inputs.places import boundary_layer
from geo.study.inputs.zone_overlaps import tell_overlaps
from geo.study.settings import LayerSpec, Study
from geo.words import say

__all__ = ["read_shapes", "read_zones", "warn_of_ground", "with_ids_apart"]


def read_zones(study: Study, net: RoadNetwork, log: LayerLog) -> gpd.GeoDataFrame:
    """Read the zones of all sections into one table; none where there are no sections, or no usable ones."""
    attempts = [
        log.attempt(f"zones {i + 1}", partial(_zone_layer, study, i, net, log))
        for i in range(len(study.zones))
    ]
    tables = [table for table in attempts if table is not None]
    every = _called_by_name(gpd.GeoDataFrame(with_ids_apart(tables), crs=net.crs)) if tables else None
    checked = None if every is None else log.attempt("zones", lambda: _named_apart(check_zones(every), log))
    if checked is not None:
        log.note("zones", *tell_overlaps(checked))
        return checked
    nothing = pd.DataFrame(columns=list(ZONE_COLUMNS), index=pd.Index([], name="zone_id"))
    return gpd.GeoDataFrame(nothing, geometry="geometry", crs=net.crs)


def with_ids_apart(tables: Sequence[gpd.GeoDataFrame]) -> pd.DataFrame:
    """Put tables under each other; an id that is taken gets its table's number: each file counts from 1.

    An id and a name that come again are one zone that is read twice, which the check of the table refuses.

    Parameters
    ----------
    tables : sequence of GeoDataFrame
        ``Zones``, not yet checked.
    """
    taken: dict[str, str] = {}
    apart = []
    for number, table in enumerate(tables, start=1):
        names = table["name"].tolist()
        ids = [
            f"{number}-{zone}" if taken.get(zone, name) != name else zone
            for zone, name in zip(table.index, names, strict=True)
        ]
        taken |= dict(zip(ids, names, strict=True))
        apart.append(table.set_axis(pd.Index(ids, name=table.index.name, dtype=object)))
    return pd.concat(apart)


def _called_by_name(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Call a zone whose layer gives no id by its name, where no other zone is called so."""
    ids = zones.index.to_series().reset_index(drop=True).astype("string").str.strip()
    names = zones["name"].reset_index(drop=True).astype("string").str.strip()
    key = names.str.casefold()
    is_alone = ~key.duplicated(keep=False) & ~key.isin(ids.str.casefold())
    index = ids.where(zones["has_id"].to_numpy(dtype=bool) | ~is_alone, names)
    return zones.drop(columns="has_id").set_axis(pd.Index(index.astype(object), name=zones.index.name))


def _named_apart(zones: gpd.GeoDataFrame, log: LayerLog) -> gpd.GeoDataFrame:
    """Add the id to a name that several zones of a level bear: results are told by name."""
    shared = zones.duplicated(["level", "name"], keep=False)
    if not shared.any():
        return zones
    names = ", ".join(zones.loc[shared, "name"].unique()[:5])
    log.note("zones", Message("study.same_zone_names", {"n": int(shared.sum()), "names": names}))
    apart = [f"{name} ({zone})" for zone, name in zones["name"].items()]
    return zones.assign(name=zones["name"].where(~shared, apart))


def _zone_layer(study: Study, i: int, net: RoadNetwork, log: LayerLog) -> gpd.GeoDataFrame:
    spec, section = study.zones[i], f"zones {i + 1}"
    with naming(section):
        file = study.file(spec.path)
        if is_osm_file(spec.path):
            layer = boundary_layer(spec, file, log, section=section, level=spec.level)
        else:
            layer = log.read(spec, file, section=section, geometry="polygon")
        layer = cut_layer(study, spec, layer, log)
        log.add(layer)
        moved = with_row_names(layer.to_metric(net.crs))
        warn_of_ground(log, section, moved, net, read_as=layer.report.crs)
        crs = net.crs
        name = moved["name"] if "name" in moved else pd.Series(None, index=moved.index)
        if name.isna().any():
            log.note(
                section, Message("study.zones_no_name", {"n": int(name.isna().sum()), "n_rows": len(name)})
            )
        level = say(f"study.unnamed_{spec.level}", lang=study.study.lang)
        name = name.where(name.notna(), [f"{level} {row}" for row in moved.index])
        columns = {
            "name": name.astype(str).to_numpy(),
            "level": spec.level,
            "people": moved["people"].to_numpy(float) if "people" in moved else float("nan"),
        }
        own = moved["id"] if "id" in moved else pd.Series(None, index=moved.index)
        columns["has_id"] = own.notna().to_numpy()
        # Rows are counted anew in each file: those of a second one of the level are told by its number.
        is_again = any(other.level == spec.level for other in study.zones[:i])
        lead = f"{level}-{i + 1}" if is_again else level
        ids = own.where(own.notna(), [f"{lead}-{row}" for row in moved.index]).astype(str)
        index = pd.Index(ids, name="zone_id", dtype=object)
        return gpd.GeoDataFrame(columns, index=index, geometry=moved.geometry.to_numpy(), crs=crs)


def warn_of_ground(
    log: LayerLog, section: str, ground: gpd.GeoDataFrame, net: RoadNetwork, *, read_as: str
) -> None:
    """Tell where zones or land leave out road ends that they would hold in another datum.

    Those of which the roads say nothing are kept in the log, to be named.
    """
    datum = read_as if read_as in TO_WGS84 else ""
    if shift := find_zone_shift(ground, net, read_as=read_as):
        shift = replace(shift, by="land") if section == "land" else shift
        log.note(section, shift.told())
        log.shifts[section] = (datum, shift)
    elif not can_judge_zones(ground, net, read_as=read_as):
        log.unshifted[section] = Unshifted(ground[["geometry"]], datum, is_ground=True)


def read_shapes(
    study: Study, section: str, specs: Sequence[LayerSpec], net: RoadNetwork, log: LayerLog
) -> gpd.GeoDataFrame | None:
    """Read layers of which only the shapes count."""
    shape: Literal["any", "polygon"] = "polygon" if section == "land" else "any"

    def read(spec: LayerSpec) -> gpd.GeoDataFrame:
        layer = log.read(spec, study.file(spec.path), section=section, geometry=shape)
        log.add(layer.with_shapes_only())
        moved = layer.to_metric(net.crs)[["geometry"]]
        if section == "land":
            warn_of_ground(log, section, moved, net, read_as=layer.report.crs)
        else:
            log.unshifted[f"{section} {specs.index(spec) + 1}"] = Unshifted(moved, layer.shifted_datum)
        return moved

    attempts = [log.attempt(section, partial(read, spec)) for spec in specs]
    tables = [table for table in attempts if table is not None]
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=net.crs) if tables else None
