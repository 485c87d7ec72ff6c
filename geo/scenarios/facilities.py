"""Facilities added, moved, upgraded, closed and built: each change gives a new table."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import TO_WGS84, find_misfits, parse_crs, transform_xy
from geo.errors import CrsError, InputError
from geo.schema import FACILITY_COLUMNS, check_facilities

__all__ = [
    "add_facility",
    "build_facility",
    "close_facility",
    "find_facility",
    "move_facility",
    "place_point",
    "upgrade_facility",
]

_DEGREES = CRS.from_epsg(4326)
_SHOWN = 5
_PREFIX = "new"
_NOTHING: Mapping[str, float | str] = MappingProxyType({})


def place_point(x: float, y: float, *, crs: str | CRS, target: CRS) -> shapely.Point:
    """Give a place in the metric CRS of a study.

    Parameters
    ----------
    x, y : float
        Longitude and latitude, or easting and northing.
    crs : str or CRS
        As :func:`geo.crs.parse_crs` takes it; ``"GCJ-02"`` and ``"BD-09"`` are shifted back.
    target : CRS
        The study's.

    Raises
    ------
    CrsError
        The coordinates cannot be in that system, such as degrees exchanged or metres taken for degrees.

    Examples
    --------
    >>> place_point(123.0, 31.0, crs="EPSG:4326", target=CRS.from_epsg(32651)).x
    500000.0
    """
    system = parse_crs(crs)
    at_x, at_y = np.array([float(x)]), np.array([float(y)])
    misfit, why = find_misfits(at_x, at_y, system)
    if misfit.any() or not np.isfinite([x, y]).all():
        raise CrsError(why or f"x {x:g}, y {y:g} are no coordinates")
    if isinstance(system, str):
        at_x, at_y = TO_WGS84[system](at_x, at_y)
        system = _DEGREES
    return shapely.Point(transform_xy(np.column_stack([at_x, at_y]), system, target)[0].round(3))


def find_facility(facilities: pd.DataFrame, which: str, *, first: str | None = None) -> str:
    """Find a facility by its id, the id in its own file, its name, or a part of a name that only one has.

    Parameters
    ----------
    facilities : DataFrame
        Index ``facility_id``; ``name``, ``kind``, ``status``. Choose the rows that may be meant first.
    which : str
        Id or name. An id counts before the id in the layer's own file (``P1`` of ``fire_station-2-P1``), this
        before a whole name, and this before a part of one.
    first : str, optional
        A kind: facilities of it are looked through before all others.

    Returns
    -------
    str
        The facility's id.

    Raises
    ------
    InputError
        There is none (the nearest names are told) or there are several (they are told).

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"name": ["North Station", "South Station"], "kind": "fire_station", "status": "existing"},
    ...     index=["F1", "F2"],
    ... )
    >>> find_facility(table, "F2"), find_facility(table, "north")
    ('F2', 'F1')
    """
    if which in facilities.index:
        return which
    names, wanted = facilities["name"].fillna("").map(_plain), _plain(which)
    ids = facilities.index.to_series().astype(str).map(_plain)
    # One letter is a part of almost any name, and meant as an id.
    is_part = names.str.contains(wanted, regex=False) & (len(wanted) > 1)
    tiers = (ids.str.endswith(f"-{wanted}"), names == wanted, is_part)
    for is_of_kind in (facilities["kind"] == first, np.ones(len(facilities), dtype=bool)):
        for is_meant in tiers:
            matches = facilities.index[np.asarray(is_meant & is_of_kind, dtype=bool)]
            if len(matches) == 1 and wanted:
                return str(matches[0])
            if len(matches) > 1 and wanted:
                raise InputError(
                    f"{which!r} is the name of {len(matches)} facilities; give the id of one of them",
                    faults=[_told(facilities, i) for i in matches],
                )
    near = _near(facilities, names, which, wanted)
    there = "the nearest names are" if near else "there are"
    listed = near or list(facilities.index[:_SHOWN])
    if not len(facilities):
        raise InputError(f"no facility is called {which!r}: there is none that could be meant")
    raise InputError(
        f"no facility has the id or name {which!r}; {there}", faults=[_told(facilities, i) for i in listed]
    )


def add_facility(
    facilities: gpd.GeoDataFrame,
    *,
    kind: str,
    name: str,
    at: shapely.Point,
    facility_id: str | None = None,
    status: str = "existing",
    values: Mapping[str, float | str] = _NOTHING,
) -> gpd.GeoDataFrame:
    """Give the table with one facility more, in the last row.

    Parameters
    ----------
    facilities : GeoDataFrame
        A Facilities table; not changed.
    kind, name, status : str
        As in the table.
    at : Point
        In the table's CRS.
    facility_id : str, optional
        ``new-1``, ``new-2``, ... when left out.
    values : mapping
        Other columns of the table, such as ``{"station_class": "second", "turnout_s": 60}``.

    Raises
    ------
    InputError
        The id is taken, a column is unknown, or a value does not fit (:func:`geo.schema.check_facilities`).
    """
    given = facility_id or _free_id(facilities.index)
    if given in facilities.index:
        raise InputError(f"the id {given!r} is taken: {_told(facilities, given)}")
    row: dict[str, Any] = dict.fromkeys(FACILITY_COLUMNS)
    row |= {"kind": kind, "status": status, "name": name, "source": "scenario", **values}
    _require_columns(values)
    index = pd.Index([given], name=facilities.index.name, dtype=object)
    fresh = gpd.GeoDataFrame([row], index=index, geometry=[at], crs=facilities.crs)
    typed = fresh.astype(
        {column: facilities[column].dtype for column in FACILITY_COLUMNS if column != "geometry"}
    )
    joined = pd.concat([facilities, typed])
    return check_facilities(gpd.GeoDataFrame(joined, crs=facilities.crs))


def move_facility(facilities: gpd.GeoDataFrame, facility_id: str, *, at: shapely.Point) -> gpd.GeoDataFrame:
    """Give the table with a facility at another place (in the table's CRS)."""
    return _changed(facilities, facility_id, geometry=at)


def upgrade_facility(
    facilities: gpd.GeoDataFrame, facility_id: str, values: Mapping[str, float | str]
) -> gpd.GeoDataFrame:
    """Give the table with other values of a facility, such as ``{"station_class": "first", "staff": 40}``.

    Raises
    ------
    InputError
        A column is unknown or a value does not fit.
    """
    _require_columns(values)
    return _changed(facilities, facility_id, **values)


def close_facility(facilities: gpd.GeoDataFrame, facility_id: str) -> gpd.GeoDataFrame:
    """Give the table with a facility that is closed; its row stays."""
    return _changed(facilities, facility_id, status="closed")


def build_facility(facilities: gpd.GeoDataFrame, facility_id: str) -> gpd.GeoDataFrame:
    """Give the table with a planned or candidate facility that now exists.

    One that bears the name of an existing facility of its kind is that one rebuilt: the old row is closed.

    Raises
    ------
    InputError
        It exists already.
    """
    if facility_id in facilities.index and facilities.loc[facility_id, "status"] == "existing":
        raise InputError(f"{_told(facilities, facility_id)}: it is there already and cannot be built")
    built = _changed(facilities, facility_id, status="existing")
    row = facilities.loc[facility_id]
    is_same = (facilities["kind"] == row["kind"]) & (facilities["name"] == row["name"])
    for old in facilities.index[is_same & (facilities["status"] == "existing")]:
        built = close_facility(built, old)
    return built


def _changed(facilities: gpd.GeoDataFrame, facility_id: str, **values: Any) -> gpd.GeoDataFrame:
    if facility_id not in facilities.index:
        raise InputError(f"there is no facility with the id {facility_id!r}")
    is_meant: NDArray[np.bool_] = np.asarray(facilities.index == facility_id)
    columns = {
        name: facilities[name].mask(is_meant, value) for name, value in values.items() if name != "geometry"
    }
    changed = facilities.assign(**columns)
    if "geometry" in values:
        shapes = facilities.geometry.to_numpy().copy()
        shapes[is_meant] = values["geometry"]
        changed = changed.set_geometry(gpd.GeoSeries(shapes, index=facilities.index, crs=facilities.crs))
    return check_facilities(changed)


def _require_columns(values: Mapping[str, Any]) -> None:
    strange = sorted(set(values) - set(FACILITY_COLUMNS))
    if strange:
        raise InputError(
            f"a facility has no {', '.join(strange)}; it has {', '.join(FACILITY_COLUMNS[3:-1])}"
        )


def _free_id(taken: pd.Index) -> str:
    return next(name for i in range(1, len(taken) + 2) if (name := f"{_PREFIX}-{i}") not in taken)


def _near(facilities: pd.DataFrame, names: pd.Series, which: str, wanted: str) -> list[Any]:
    """Give the ids whose name or id is like what was asked for."""
    like = set(difflib.get_close_matches(wanted, list(names), n=_SHOWN, cutoff=0.4))
    ids = set(difflib.get_close_matches(which, [str(i) for i in facilities.index], n=_SHOWN))
    return [i for i, name in names.items() if name in like or i in ids][:_SHOWN]


def _told(facilities: pd.DataFrame, facility_id: Any) -> str:
    row = facilities.loc[facility_id]
    return f"{facility_id} {row['name'] or ''} ({row['kind']}, {row['status']})"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
