"""Facilities added, moved, upgraded, closed and built: each change gives a new table."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import NOWHERE, Reading, Whereabouts, find_system, settle_system, transform_xy
from geo.errors import CrsError, InputError
from geo.layers import Order
from geo.messages import Message
from geo.schema import FACILITY_COLUMNS, check_facilities
from geo.settings import NOTHING
from geo.words import nearest_words

__all__ = [
    "add_facility",
    "build_facility",
    "close_facility",
    "find_facility",
    "move_facility",
    "place_point",
    "read_place",
    "upgrade_facility",
]

_SHOWN = 5
_PREFIX = "new"


def place_point(
    x: float,
    y: float,
    *,
    crs: str | CRS,
    target: CRS,
    known: Whereabouts = NOWHERE,
    order: Order | None = None,
) -> shapely.Point:
    """Give a place in the metric CRS of a study.

    Parameters
    ----------
    x, y : float
        Longitude and latitude, or easting and northing; the other way round where ``order`` says so.
    crs : str or CRS
        As :func:`read_place` takes it.
    target : CRS
        The study's.
    known, order
        As of :func:`read_place`.

    Raises
    ------
    CrsError
        As :func:`read_place`.

    Examples
    --------
    >>> place_point(123.0, 31.0, crs="EPSG:4326", target=CRS.from_epsg(32651)).x
    500000.0
    >>> place_point(31.0, 123.0, crs="EPSG:4326", target=CRS.from_epsg(32651), order="lat,lon").x
    500000.0
    """
    xy, reading = read_place(x, y, crs=crs, known=known, order=order)
    return shapely.Point(transform_xy(reading.to_crs(xy), reading.crs, target)[0].round(3))


def read_place(
    x: float, y: float, *, crs: str | CRS, known: Whereabouts = NOWHERE, order: Order | None = None
) -> tuple[NDArray[np.float64], Reading]:
    """Settle the system of a place that is typed, as that of a layer is settled.

    Parameters
    ----------
    x, y : float
        The coordinates.
    crs : str or CRS
        One of the study's own systems, or as :func:`geo.crs.parse_crs` takes it; GCJ-02 and BD-09 are shifted
        back, and datums of before 2000 moved by one operation.
    known : Whereabouts
        The study's own systems, and where its roads are.
    order : {"lat,lon", "north,east", ...}, optional
        Which of both stands first; longitude or easting when left out.

    Returns
    -------
    xy : float64 array, shape (1, 2)
        The coordinates, longitude or easting first.
    reading : Reading
        How they are read, with what must be told of it.

    Raises
    ------
    CrsError
        They cannot be in that system, such as degrees exchanged or metres taken for degrees.
    """
    place = (float(y), float(x)) if order in ("lat,lon", "north,east") else (float(x), float(y))
    if not np.isfinite(place).all():
        raise CrsError(Message("scenarios.no_place", {"x": f"{x:g}", "y": f"{y:g}"}))
    xy = np.array([place])
    return xy, settle_system(find_system(crs, known), None, xy, known)


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
    tiers = ((ids == wanted) | ids.str.endswith(f"-{wanted}"), names == wanted, is_part)
    for is_of_kind in (facilities["kind"] == first, np.ones(len(facilities), dtype=bool)):
        for is_meant in tiers:
            matches = facilities.index[np.asarray(is_meant & is_of_kind, dtype=bool)]
            if len(matches) == 1 and wanted:
                return str(matches[0])
            if len(matches) > 1 and wanted:
                raise InputError(
                    Message("scenarios.several_named", {"which": which, "n": len(matches)}),
                    faults=[_told(facilities, i) for i in matches],
                )
    near = _near(facilities, names, which, wanted)
    listed = near or list(facilities.index[:_SHOWN])
    if not len(facilities):
        raise InputError(Message("scenarios.nothing_meant", {"which": which}))
    raise InputError(
        Message("scenarios.no_facility_near" if near else "scenarios.no_facility", {"which": which}),
        faults=[_told(facilities, i) for i in listed],
    )


def add_facility(
    facilities: gpd.GeoDataFrame,
    *,
    kind: str,
    name: str,
    at: shapely.Point,
    facility_id: str | None = None,
    status: str = "existing",
    values: Mapping[str, float | str] = NOTHING,
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
        raise InputError(Message("scenarios.id_taken", {"id": given, "facility": _told(facilities, given)}))
    row: dict[str, Any] = dict.fromkeys(FACILITY_COLUMNS)
    works = True if kind == "hydrant" and status == "existing" else None  # one that is built works
    row |= {"kind": kind, "status": status, "name": name, "source": "scenario", "is_working": works, **values}
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
        raise InputError(Message("scenarios.there_already", {"facility": _told(facilities, facility_id)}))
    built = _changed(facilities, facility_id, status="existing")
    row = facilities.loc[facility_id]
    is_same = (facilities["kind"] == row["kind"]) & (facilities["name"] == row["name"])
    for old in facilities.index[is_same & (facilities["status"] == "existing")]:
        built = close_facility(built, old)
    return built


def _changed(facilities: gpd.GeoDataFrame, facility_id: str, **values: Any) -> gpd.GeoDataFrame:
    if facility_id not in facilities.index:
        raise InputError(Message("scenarios.no_id", {"id": facility_id}))
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
            Message(
                "scenarios.no_such_column",
                {"strange": tuple(strange), "known": tuple(FACILITY_COLUMNS[3:-1])},
            )
        )


def _free_id(taken: pd.Index) -> str:
    return next(name for i in range(1, len(taken) + 2) if (name := f"{_PREFIX}-{i}") not in taken)


def _near(facilities: pd.DataFrame, names: pd.Series, which: str, wanted: str) -> list[Any]:
    """Give the ids whose name or id is like what was asked for."""
    like = set(nearest_words(wanted, names, n=_SHOWN, cutoff=0.4))
    ids = set(nearest_words(which, map(str, facilities.index), n=_SHOWN))
    return [i for i, name in names.items() if name in like or i in ids][:_SHOWN]


def _told(facilities: pd.DataFrame, facility_id: Any) -> Message:
    row = facilities.loc[facility_id]
    kind, status = Message(f"maps.kind_{row['kind']}"), Message(f"stations.status_{row['status']}")
    values = {"id": facility_id, "name": row["name"] or "", "kind": kind, "status": status}
    return Message("scenarios.one_facility", values)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
