"""Which layers share a table of the GeoPackage, and how their rows stand in it together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.outputs.wording import field_title
from geo.words import Lang

__all__ = ["LAYER", "TABLES", "join_titles", "named_fields", "place_in_table", "stack_rows", "table_of"]

LAYER: Final = "layer"
"""Field of a shared table that says to which layer a row belongs."""
TABLES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "facilities": (
            *("stations", "shelters", "depots", "gas_repair_stations", "hydrants", "water_points"),
            *("projects_built", "outages", "availability_stations", "facilities"),
        ),
        "places": (
            *("demand", "shelter_people", "depot_reach", "villages_without_depot"),
            *("outage_people", "site_people", "availability", "availability_force_late", "ranges_places"),
        ),
        "gaps_and_proposals": (
            *("gaps", "water_short_areas", "hydrant_proposals"),
            *("proposed_sites", "candidates", "candidates_removed"),
        ),
        "road_findings": (
            *("hydrant_gaps", "hydrant_uncovered_roads", "cut_links", "dead_ends", "flooded_roads"),
            *("scenario_changes",),
        ),
        "service_areas": ("service_areas", "station_zones", "balanced_zones"),
        "towns": ("zones", "shelter_towns", "teams_by_town"),
    }
)
"""The tables that hold several layers, by their names; any other layer has a table of its own."""
_OF_SHAPE: Final = {"road_findings": "line"}


def table_of(name: str, shape: str) -> str:
    """Name the table that a layer shares with others; empty where it has one of its own.

    Examples
    --------
    >>> table_of("hydrants", "marker"), table_of("roads", "line"), table_of("scenario_changes", "marker")
    ('facilities', '', '')
    """
    for table, names in TABLES.items():
        if name in names and _OF_SHAPE.get(table, shape) == shape:
            return table
    return ""


def place_in_table(name: str) -> int:
    """Give the place of a layer among those of its table, 0 where it has one of its own."""
    return max((names.index(name) for names in TABLES.values() if name in names), default=0)


def stack_rows(tables: Sequence[gpd.GeoDataFrame], titles: Sequence[str]) -> gpd.GeoDataFrame:
    """Put the rows of layers below one another, each with the title of its layer in ``layer``.

    A field that one of them lacks is empty there; whole numbers and flags stay such.
    """
    shapes = pd.concat([table.geometry for table in tables], ignore_index=True)
    fields = [
        {name: column for name, column in table.items() if name not in (table.geometry.name, LAYER)}
        for table in tables
    ]
    columns = list(dict.fromkeys(name for own in fields for name in own))
    if "data" in columns:
        columns = [*(name for name in columns if name != "data"), "data"]
    names = [np.full(len(table), title, dtype=object) for table, title in zip(tables, titles, strict=True)]
    stacked: dict[str, Any] = {LAYER: pd.Series(np.concatenate(names), dtype=object)}
    for name in columns:
        stacked[name] = _column(
            [own.get(name, len(table)) for own, table in zip(fields, tables, strict=True)]
        )
    return gpd.GeoDataFrame(stacked, geometry=shapes, crs=tables[0].crs)


def _column(parts: Sequence[pd.Series | int]) -> pd.Series:
    """Join a column: kinds that hold no missing values become those that do.

    A layer that lacks the field gives the number of its rows.
    """
    there = [[] if isinstance(part, int) else part.notna().to_numpy(dtype=bool) for part in parts]
    kinds = {
        part.dtype.kind
        for part, is_there in zip(parts, there, strict=True)
        if not isinstance(part, int) and is_there.any()
    }
    if "f" in kinds and kinds <= {"i", "u", "f"}:
        numbers = [
            np.full(part, np.nan) if isinstance(part, int) else part.to_numpy(dtype=float, na_value=np.nan)
            for part in parts
        ]
        return pd.Series(np.concatenate(numbers))
    values = np.full(sum(part if isinstance(part, int) else len(part) for part in parts), None, dtype=object)
    first = 0
    for part, is_there in zip(parts, there, strict=True):
        if isinstance(part, int):
            first += part
            continue
        values[first : first + len(part)][is_there] = part.astype(object).to_numpy()[is_there]
        first += len(part)
    if kinds and all(isinstance(value, bool) for value in values if value is not None):
        return pd.Series(values, dtype="boolean")
    if kinds and kinds <= {"i", "u"}:
        return pd.Series(values, dtype="Int64")
    return pd.Series(values, dtype=object)


def join_titles(fields: Sequence[tuple[str, str]], *, lang: Lang) -> dict[str, str]:
    """Give each field the titles that the layers of a table have for it, each once.

    Parameters
    ----------
    fields : sequence of (str, str)
        Words file of the layer and the program's name of the field, in the order of the layers.
    """
    titles: dict[str, list[str]] = {}
    for words, name in fields:
        title = field_title(words, name, lang=lang)
        if title not in titles.setdefault(name, []):
            titles[name].append(title)
    joined: dict[str, str] = {}
    for name, each in titles.items():
        title, n = " / ".join(each), 2
        while title in joined.values():
            title, n = f"{' / '.join(each)} {n}", n + 1
        joined[name] = title
    return joined


def named_fields(titles: Mapping[str, str], *, lang: Lang) -> dict[str, str]:
    """Give the names of fields: in English the program's own, in Chinese the first title of each."""
    if lang == "en":
        return {name: name for name in titles}
    named: dict[str, str] = {}
    for name, title in titles.items():
        plain = re.sub(r"[^\w]+", "_", title.split(" / ")[0]).strip("_")
        own, n = plain, 2
        while own in named.values():
            own, n = f"{plain}_{n}", n + 1
        named[name] = own
    return named
