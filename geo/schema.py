"""Column names, units and the fixed words of every table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError
from geo.messages import Message, name_some

__all__ = [
    "DEMAND_COLUMNS",
    "FACILITY_COLUMNS",
    "FACILITY_EXTRAS",
    "FACILITY_KINDS",
    "FACILITY_NUMBERS",
    "FACILITY_STATUSES",
    "MAIN_CLASSES",
    "STATION_CLASSES",
    "ZONE_COLUMNS",
    "ZONE_LEVELS",
    "Direction",
    "check_demand",
    "check_facilities",
    "check_zones",
    "numbers_by_id",
]

Direction: TypeAlias = Literal["from_facility", "to_facility"]
"""Engines go out ``from_facility``; people walk ``to_facility``."""

FACILITY_KINDS: Final = (
    "fire_station",
    "micro_station",
    "shelter",
    "depot",
    "hydrant",
    "water_point",
    "base",
    "team",
    "gas_repair",
)
FACILITY_STATUSES: Final = ("existing", "planned", "candidate", "closed")
STATION_CLASSES: Final = ("special", "first", "second", "small", "logistics", "government", "enterprise")
"""特勤站, 一级站, 二级站, 小型站, 战勤保障站, 政府专职消防队, 企业专职消防队."""
ZONE_LEVELS: Final = ("district", "town", "village")
FACILITY_COLUMNS: Final = (
    "kind",
    "status",
    "name",
    "station_class",
    "staff",
    "turnout_s",
    "area_m2",
    "places",
    "level",
    "flow_lps",
    "is_working",
    "opened_year",
    "zone",
    "village",
    "source",
    "geometry",
)
FACILITY_NUMBERS: Final = ("staff", "turnout_s", "area_m2", "places", "flow_lps", "opened_year")
"""The columns of ``FACILITY_COLUMNS`` that hold numbers."""
FACILITY_EXTRAS: Final = ("crews",)
"""Numbers of a Facilities table that stand in it only where a layer says them."""
DEMAND_COLUMNS: Final = ("people", "risk", "zone", "group", "geometry")
MAIN_CLASSES: Final = ("motorway", "trunk", "primary", "secondary")
"""Road classes that bound blocks, with their links."""
ZONE_COLUMNS: Final = ("name", "level", "people", "geometry")


def check_facilities(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Check a Facilities table and give it back.

    Index ``facility_id`` (text, unique); columns ``FACILITY_COLUMNS``, perhaps ``FACILITY_EXTRAS``; numbers
    not negative and finite where they are given; points in a CRS.

    Raises
    ------
    InputError
        Every fault found, the first five in the message.
    """
    faults = _check_columns(table, FACILITY_COLUMNS)
    faults += _check_index(table, is_text=True)
    faults += _check_words(table, "kind", FACILITY_KINDS)
    faults += _check_words(table, "status", FACILITY_STATUSES)
    is_station = table["kind"] == "fire_station" if "kind" in table else np.zeros(len(table), dtype=bool)
    faults += _check_words(table[is_station], "station_class", STATION_CLASSES, may_miss=True)
    for column in (*FACILITY_NUMBERS, *FACILITY_EXTRAS):
        faults += _check_number(table, column, may_miss=True)
    faults += _check_shapes(table, ("Point",))
    return _passed(table, "facilities", faults)


def check_demand(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Check a Demand table and give it back.

    Index ``demand_id`` (unique); columns ``DEMAND_COLUMNS``; ``people`` and ``risk`` finite and not negative;
    points in a CRS.

    Raises
    ------
    InputError
        Every fault found, the first five in the message.
    """
    faults = _check_columns(table, DEMAND_COLUMNS)
    faults += _check_index(table)
    faults += _check_number(table, "people") + _check_number(table, "risk")
    faults += _check_shapes(table, ("Point",))
    return _passed(table, "demand", faults)


def check_zones(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Check a Zones table and give it back.

    Index ``zone_id`` (text, unique); columns ``ZONE_COLUMNS``; valid polygons in a CRS.

    Raises
    ------
    InputError
        Every fault found, the first five in the message.
    """
    faults = _check_columns(table, ZONE_COLUMNS)
    faults += _check_index(table, is_text=True)
    faults += _check_words(table, "level", ZONE_LEVELS)
    faults += _check_number(table, "people", may_miss=True)
    faults += _check_shapes(table, ("Polygon", "MultiPolygon"))
    return _passed(table, "zones", faults)


def numbers_by_id(
    values: pd.Series, ids: pd.Index, what: str, *, is_above: bool = False, is_limit: bool = False
) -> NDArray[np.float64]:
    """Give the number of each id of ``ids``, all of them finite and >= 0.

    Parameters
    ----------
    values
        A number for each id, in any order; more ids than asked for are no fault.
    what
        What the numbers are, as an error names them.
    is_above
        Whether 0 is refused too.
    is_limit
        Whether infinity is allowed, "no limit".

    Raises
    ------
    InputError
        No Series, an id twice, an id without a value, or numbers out of bounds: all of them in ``faults``.

    Examples
    --------
    >>> import pandas as pd
    >>> numbers_by_id(pd.Series({"b": 2, "a": 1}), pd.Index(["a", "b"]), "people").tolist()
    [1.0, 2.0]
    """
    if not isinstance(values, pd.Series):
        raise InputError(f"{what} must be a Series by id, not {type(values).__name__}")
    if values.index.has_duplicates:
        raise InputError(f"{what} has ids twice: {name_some(values.index[values.index.duplicated()])}")
    missing = ids[~ids.isin(values.index)]
    if len(missing):
        raise InputError(f"{what} has no value for {len(missing)} ids: {name_some(missing)}")
    numbers = pd.to_numeric(values.reindex(ids), errors="coerce").to_numpy(dtype=np.float64)
    good = (numbers > 0.0 if is_above else numbers >= 0.0) & (np.isfinite(numbers) | is_limit)
    if not good.all():
        least = "> 0" if is_above else ">= 0"
        faults = [f"{i}: {values[i]}" for i in ids[~good]]
        raise InputError(f"{what} must be numbers {least}; {(~good).sum()} are not", faults=faults)
    return np.asarray(numbers, dtype=np.float64)


def _passed(table: gpd.GeoDataFrame, what: str, faults: Sequence[Message]) -> gpd.GeoDataFrame:
    if faults:
        raise InputError(
            Message("schema.faults", {"what": Message(f"schema.what_{what}"), "n": len(faults)}),
            faults=faults,
        )
    return table


def _check_columns(table: pd.DataFrame, columns: Sequence[str]) -> list[Message]:
    missing = [column for column in columns if column not in table.columns]
    return [Message("schema.columns_missing", {"columns": tuple(missing)})] if missing else []


def _check_index(table: pd.DataFrame, *, is_text: bool = False) -> list[Message]:
    faults = [
        Message("schema.id_twice", {"id": name}) for name in table.index[table.index.duplicated()].unique()
    ]
    if table.index.hasnans:
        faults.append(Message("schema.id_missing"))
    if is_text:
        faults += [
            Message("schema.id_no_text", {"id": name}) for name in table.index if not isinstance(name, str)
        ]
    return faults


def _check_words(
    table: pd.DataFrame, column: str, words: Sequence[str], *, may_miss: bool = False
) -> list[Message]:
    if column not in table:
        return []
    bad = ~table[column].isin(words) & ~(table[column].isna() & may_miss)
    return [
        Message("schema.no_word", {"id": name, "column": column, "value": value, "words": tuple(words)})
        for name, value in table.loc[bad, column].items()
    ]


def _check_number(table: pd.DataFrame, column: str, *, may_miss: bool = False) -> list[Message]:
    if column not in table:
        return []
    values = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    is_missing = table[column].isna().to_numpy()
    bad = ~(values >= 0) | np.isinf(values)
    if may_miss:
        bad &= ~is_missing
    names, wrong = table.index[bad], table[column][bad]
    return [
        Message("schema.number_missing", {"id": name, "column": column})
        if pd.isna(value)
        else Message("schema.no_number", {"id": name, "column": column, "value": value})
        for name, value in zip(names, wrong, strict=True)
    ]


def _check_shapes(table: gpd.GeoDataFrame, kinds: Sequence[str]) -> list[Message]:
    if not isinstance(table, gpd.GeoDataFrame) or "geometry" not in table:
        return [Message("schema.no_geometry")]
    faults = [] if table.crs is not None else [Message("schema.no_crs")]
    shapes = table.geometry
    right = shapes.geom_type.isin(kinds) & ~shapes.is_empty & shapes.is_valid
    right &= np.isfinite(shapes.bounds.to_numpy()).all(axis=1)
    wanted = Message(f"schema.what_{kinds[0].lower()}")
    return faults + [
        Message("schema.geometry_wrong", {"id": name, "wanted": wanted}) for name in table.index[~right]
    ]
