"""Facilities, buildings, places and boundaries from an OSM file, as tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import metric_crs, transform_xy
from geo.errors import InputError
from geo.messages import Message
from geo.osm._edited import own_id
from geo.osm._file import opened
from geo.reading import reads_a_file

if TYPE_CHECKING:  # tables cost 100 MB to load: only where one is made
    import geopandas as gpd

__all__ = [
    "FACILITY_TAGS",
    "read_boundaries",
    "read_buildings",
    "read_facilities",
    "read_places",
    "read_shapes",
]

_NAMES: Final = ("name", "name:zh", "name:en", "official_name")
"""What a place is called, the likeliest first."""

_SCALES: Final[Mapping[str, float]] = MappingProxyType(
    {"万": 1e4, "千": 1e3, "million": 1e6, "mio": 1e6, "thousand": 1e3, "k": 1e3}
)
"""Words behind a population that scale it."""
_BEHIND: Final = ("(", "（", ";", "人", "+", "余", "people", "inhab", "hab", "person", "einw", "as of", "in ")
"""What may stand behind a population and changes nothing: its unit, its year, a second number."""

FACILITY_TAGS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        "fire_station": (("amenity", "fire_station"),),
        "hydrant": (("emergency", "fire_hydrant"),),
        "water_point": (
            ("emergency", "water_tank"),
            ("emergency", "suction_point"),
            ("emergency", "fire_water_pond"),
        ),
        "shelter": (
            ("emergency", "assembly_point"),
            ("emergency", "shelter"),
            ("social_facility", "shelter"),
        ),
        "school": (("amenity", "school"),),
        "hospital": (("amenity", "hospital"),),
        "park": (("leisure", "park"),),
        "police": (("amenity", "police"),),
    }
)
"""The OSM tags of each kind of facility or candidate site."""

_WGS84: Final = CRS.from_epsg(4326)


@reads_a_file
def read_facilities(
    path: str | Path, *, kinds: Sequence[str] = ("fire_station", "hydrant", "water_point", "shelter")
) -> gpd.GeoDataFrame:
    """Read facilities mapped as points, outlines or multipolygons, in one go.

    Parameters
    ----------
    path : path
        An OSM file, as for :func:`geo.osm.read_roads`.
    kinds : sequence of str
        Keys of ``FACILITY_TAGS``.

    Returns
    -------
    GeoDataFrame
        Points in EPSG:4326 (the centre of an outline); RangeIndex; ``kind``, ``name`` (None where
        there is none), ``osm_id`` (such as ``"way/12"``), ``area_m2`` (nan for points), ``tags``
        (JSON text of all tags).

    Raises
    ------
    InputError
        A kind is unknown.
    FileError
        The file is missing, truncated, corrupt or no OSM file.
    """
    unknown = [kind for kind in kinds if kind not in FACILITY_TAGS]
    if unknown:
        raise InputError(
            Message("osm.kinds_unknown", {"unknown": tuple(unknown), "known": tuple(FACILITY_TAGS)})
        )
    wanted = [(tag, kind) for kind in kinds for tag in FACILITY_TAGS[kind]]
    rows, shapes = [], []
    for osm_id, tags, shape in read_shapes(path, osmium.filter.TagFilter(*(tag for tag, _ in wanted))):
        for (key, value), kind in wanted:
            if tags.get(key) == value:
                rows.append((kind, tags.get("name"), osm_id, json.dumps(tags, ensure_ascii=False)))
                shapes.append(shape)
    return _table(rows, ("kind", "name", "osm_id", "tags"), shapes)


@reads_a_file
def read_buildings(path: str | Path) -> gpd.GeoDataFrame:
    """Read buildings as their centres.

    Returns
    -------
    GeoDataFrame
        Points in EPSG:4326; RangeIndex; ``building`` (its type), ``name``, ``levels`` (nan where not
        said), ``osm_id``, ``area_m2`` of the ground floor (nan where only a point is mapped).

    Raises
    ------
    FileError
        The file is missing, truncated, corrupt or no OSM file.
    """
    rows, shapes = [], []
    for osm_id, tags, shape in read_shapes(path, osmium.filter.KeyFilter("building")):
        if tags["building"] != "no":
            levels = _number(tags.get("building:levels", ""))
            rows.append((tags["building"], tags.get("name"), levels, osm_id))
            shapes.append(shape)
    return _table(rows, ("building", "name", "levels", "osm_id"), shapes)


@reads_a_file
def read_places(path: str | Path, *, areas: bool = False) -> gpd.GeoDataFrame:
    """Read named places (towns, villages, islands ...) with their population.

    Parameters
    ----------
    path : path
        An OSM file.
    areas : bool
        Give places that are drawn as areas as such, instead of their centres.

    Returns
    -------
    GeoDataFrame
        Points (or areas) in EPSG:4326; RangeIndex; ``name``, ``place`` (OSM's value), ``population`` (nan
        where not said), ``unread`` (a population that is no number, as it is written), ``osm_id``,
        ``area_m2`` (nan for points). A place without a name that has a population is called by its id.

    Raises
    ------
    FileError
        The file is missing, truncated, corrupt or no OSM file.
    """
    rows, shapes = [], []
    for osm_id, tags, shape in read_shapes(path, osmium.filter.KeyFilter("place")):
        said = tags.get("population", "").strip()
        people = _people(said)
        name = next((tags[key] for key in _NAMES if key in tags), osm_id if said else None)
        if name is not None:
            rows.append((name, tags["place"], people, said if people != people else "", osm_id))
            shapes.append(shape)
    return _table(rows, ("name", "place", "population", "unread", "osm_id"), shapes, centres=not areas)


@reads_a_file
def read_boundaries(path: str | Path, *, admin_level: int | None = None) -> gpd.GeoDataFrame:
    """Read named administrative areas that lie whole in the file.

    Parameters
    ----------
    path : path
        An OSM file.
    admin_level : int, optional
        Only this level (in China 6 is a district or county, 8 a town).

    Returns
    -------
    GeoDataFrame
        Polygons in EPSG:4326; RangeIndex; ``name``, ``admin_level`` (nan where not said),
        ``population``, ``osm_id``, ``area_m2``.

    Raises
    ------
    FileError
        The file is missing, truncated, corrupt or no OSM file.
    """
    rows, shapes = [], []
    for osm_id, tags, shape in read_shapes(path, osmium.filter.TagFilter(("boundary", "administrative"))):
        level = _number(tags.get("admin_level", ""))
        is_area = "name" in tags and shapely.get_dimensions(shape) == 2
        if is_area and admin_level in (None, level):
            rows.append((tags.get("name"), level, _number(tags.get("population", "")), osm_id))
            shapes.append(shape)
    return _table(rows, ("name", "admin_level", "population", "osm_id"), shapes, centres=False)


def read_shapes(path: str | Path, wanted: Any) -> Iterator[tuple[str, dict[str, str], Any]]:
    """Give id, tags and shape of nodes, areas and open ways; what the extract cuts off is not given.

    Parameters
    ----------
    path : path
        An OSM file.
    wanted : osmium filter
        Which objects.

    Raises
    ------
    FileError
        The file is missing, truncated, corrupt or no OSM file.
    """
    make = osmium.geom.WKBFactory()
    with opened(path) as name:
        items: Any = osmium.FileProcessor(name).with_areas(wanted).with_filter(wanted)
        for item in items:
            shape = _shape(item, make)
            if shape is not None:
                yield _osm_id(item), dict(item.tags), shape


def _osm_id(item: Any) -> str:
    if item.is_area():
        return f"{'way' if item.from_way() else 'relation'}/{own_id(item.orig_id())}"
    return f"{'node' if item.is_node() else 'way'}/{own_id(item.id)}"


def _shape(item: Any, make: Any) -> Any:
    """Make the shape of an object; None for a relation, a ring (it comes as an area) or a cut-off shape."""
    try:
        if item.is_node():
            return shapely.Point(item.lon, item.lat)
        if item.is_area():
            return shapely.from_wkb(make.create_multipolygon(item))
        if item.is_way() and not item.is_closed():
            return shapely.from_wkb(make.create_linestring(item))
    except (osmium.InvalidLocationError, RuntimeError, shapely.errors.GEOSException):
        pass
    return None


def _number(text: str) -> float:
    match = re.match(r"\s*(?:~|≈|ca?\.|approx\.|about|约|around)?\s*(\d[\d\s.,']*)", text)
    digits = re.sub(r"[\s,']", "", match.group(1)) if match else ""
    if re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+\.?", digits):  # nobody counts thousandths of people
        digits = digits.replace(".", "")
    try:
        return float(digits)
    except ValueError:
        return float("nan")


def _people(text: str) -> float:
    """Read a population; nan where more stands behind the number than is known: 5000-6000."""
    match = re.match(r"[^\d]*[\d\s.,']*\d[\s.,']*(.*)", text, flags=re.DOTALL)
    rest = match.group(1).strip().casefold() if match else ""
    scale = next((scale for word, scale in _SCALES.items() if rest.startswith(word)), None)
    if scale is None and rest and not rest.startswith(_BEHIND):
        return float("nan")
    if scale is None:
        return _number(text)
    said = re.sub(r"[^\d.,]", "", text[: len(text) - len(rest)] if rest else text).replace(",", ".")
    return float(said) * scale if re.fullmatch(r"\d+(\.\d+)?", said) else float("nan")


def _table(
    rows: list[tuple[Any, ...]], columns: tuple[str, ...], shapes: list[Any], *, centres: bool = True
) -> gpd.GeoDataFrame:
    import geopandas as gpd

    geometries = np.array(shapes, dtype=object)
    area = _areas(geometries)
    table = gpd.GeoDataFrame(dict(zip(columns, zip(*rows, strict=True), strict=True)) if rows else {})
    table = table.reindex(columns=list(columns))
    table["area_m2"] = area
    geometry = shapely.centroid(geometries) if centres else geometries
    return table.set_geometry(gpd.GeoSeries(geometry, index=table.index, crs=_WGS84))


def _areas(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Areas in m2, nan for what has none."""
    area = np.full(len(shapes), np.nan)
    has = shapely.get_dimensions(shapes) == 2
    if has.any():
        target = metric_crs(_WGS84, shapely.get_coordinates(shapes))
        local = shapely.transform(shapes[has], lambda xy: transform_xy(xy, _WGS84, target))
        area[has] = shapely.area(local)
    return area
