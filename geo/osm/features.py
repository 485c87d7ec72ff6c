"""Facilities, buildings, places and boundaries from an OSM file, as tables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.errors import InputError
from geo.messages import Message
from geo.osm._shapes import FACILITY_TAGS, NAMES, areas_of
from geo.osm.layers import OsmSource, shapes_of
from geo.reading import reads_a_file

if TYPE_CHECKING:  # tables cost 100 MB to load: only where one is made
    import geopandas as gpd

__all__ = [
    "FACILITY_TAGS",
    "read_boundaries",
    "read_buildings",
    "read_facilities",
    "read_places",
]

_SCALES: Final[Mapping[str, float]] = MappingProxyType(
    {"万": 1e4, "千": 1e3, "million": 1e6, "mio": 1e6, "thousand": 1e3, "k": 1e3}
)
"""Words behind a population that scale it."""
_BEHIND: Final = ("(", "（", ";", "人", "+", "余", "people", "inhab", "hab", "person", "einw", "as of", "in ")
"""What may stand behind a population and changes nothing: its unit, its year, a second number."""

_WGS84: Final = CRS.from_epsg(4326)


@reads_a_file
def read_facilities(
    path: OsmSource,
    *,
    kinds: Sequence[str] = ("fire_station", "hydrant", "water_point", "shelter"),
) -> gpd.GeoDataFrame:
    """Read facilities mapped as points, outlines or multipolygons, in one go.

    Parameters
    ----------
    path : path or OsmLayers
        An OSM file, as for :func:`geo.osm.read_roads`, or layers of one that are read together.
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
    for osm_id, tags, shape in shapes_of(path, "facilities").objects():
        for (key, value), kind in wanted:
            if tags.get(key) == value:
                rows.append((kind, tags.get("name"), osm_id, json.dumps(tags, ensure_ascii=False)))
                shapes.append(shape)
    return _table(rows, ("kind", "name", "osm_id", "tags"), shapes)


@reads_a_file
def read_buildings(path: OsmSource) -> gpd.GeoDataFrame:
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
    rows = []
    buildings = shapes_of(path, "buildings")
    for osm_id, tags in zip(buildings.osm_id, buildings.tags, strict=True):
        rows.append((tags["building"], tags.get("name"), _number(tags.get("building:levels", "")), osm_id))
    columns = ("building", "name", "levels", "osm_id")
    return _table(rows, columns, buildings.shape, area_m2=buildings.area_m2)


@reads_a_file
def read_places(path: OsmSource, *, areas: bool = False) -> gpd.GeoDataFrame:
    """Read named places (towns, villages, islands ...) with their population.

    Parameters
    ----------
    path : path or OsmLayers
        An OSM file, or layers of one.
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
    for osm_id, tags, shape in shapes_of(path, "places").objects():
        said = tags.get("population", "").strip()
        people = _people(said)
        name = next((tags[key] for key in NAMES if key in tags), osm_id if said else None)
        if name is not None:
            rows.append((name, tags["place"], people, said if people != people else "", osm_id))
            shapes.append(shape)
    return _table(rows, ("name", "place", "population", "unread", "osm_id"), shapes, centres=not areas)


@reads_a_file
def read_boundaries(path: OsmSource, *, admin_level: int | None = None) -> gpd.GeoDataFrame:
    """Read named administrative areas that lie whole in the file.

    Parameters
    ----------
    path : path or OsmLayers
        An OSM file, or layers of one.
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
    for osm_id, tags, shape in shapes_of(path, "boundaries").objects():
        level = _number(tags.get("admin_level", ""))
        is_area = "name" in tags and shapely.get_dimensions(shape) == 2
        if is_area and admin_level in (None, level):
            rows.append((tags.get("name"), level, _number(tags.get("population", "")), osm_id))
            shapes.append(shape)
    return _table(rows, ("name", "admin_level", "population", "osm_id"), shapes, centres=False)


def _number(text: str) -> float:
    if not text:
        return float("nan")
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
    rows: list[tuple[Any, ...]],
    columns: tuple[str, ...],
    shapes: Sequence[Any] | NDArray[np.object_],
    *,
    centres: bool = True,
    area_m2: NDArray[np.float64] | None = None,
) -> gpd.GeoDataFrame:
    import geopandas as gpd

    geometries = np.array(shapes, dtype=object)
    area = areas_of(geometries) if area_m2 is None else area_m2
    table = gpd.GeoDataFrame(dict(zip(columns, zip(*rows, strict=True), strict=True)) if rows else {})
    table = table.reindex(columns=list(columns))
    table["area_m2"] = area
    geometry = shapely.centroid(geometries) if centres else geometries
    return table.set_geometry(gpd.GeoSeries(geometry, index=table.index, crs=_WGS84))
