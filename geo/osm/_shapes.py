"""Nodes, areas and open ways of an OpenStreetMap file with their tags, for all layers in one pass."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import metric_crs, transform_xy
from geo.osm._edited import own_id
from geo.osm._file import opened

__all__ = ["FACILITY_TAGS", "LAYERS", "NAMES", "LayerName", "Shapes", "areas_of", "read_shapes"]

LayerName = Literal["facilities", "places", "boundaries", "water", "buildings"]
LAYERS: Final[tuple[LayerName, ...]] = ("facilities", "places", "boundaries", "water", "buildings")
"""The layers that are read of an OpenStreetMap file, beside its roads."""

NAMES: Final = ("name", "name:zh", "name:en", "official_name")
"""What a place is called, the likeliest first."""

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

_ALL_TAGS: Final = ()
_WATER: Final = (
    ("natural", "water"),
    ("natural", "bay"),
    ("waterway", "riverbank"),
    ("landuse", "reservoir"),
    ("landuse", "basin"),
    ("natural", "coastline"),
)
_TAGS_KEPT: Final[Mapping[LayerName, tuple[str, ...]]] = {
    "facilities": _ALL_TAGS,
    "places": ("place", "population", *NAMES),
    "boundaries": ("name", "admin_level", "population"),
    "water": ("natural",),
    "buildings": ("building", "name", "building:levels"),
}
_WGS84: Final = CRS.from_epsg(4326)


class Shapes(NamedTuple):
    """What a file has of one layer.

    Parameters
    ----------
    osm_id : list of str
        Such as ``"way/12"``.
    tags : list of dict
        The tags that the layer needs.
    shape : object array of shapely.Geometry
        In EPSG:4326; of buildings only the centre.
    area_m2 : float64 array or None
        Areas of buildings, nan for points.
    """

    osm_id: list[str]
    tags: list[dict[str, str]]
    shape: NDArray[np.object_]
    area_m2: NDArray[np.float64] | None = None

    def objects(self) -> Iterator[tuple[str, dict[str, str], Any]]:
        """Give id, tags and shape of each."""
        return zip(self.osm_id, self.tags, self.shape, strict=True)


class _Test(NamedTuple):
    """A key, and the values of it that make an object one of a layer; all of them where there is no list."""

    key: str
    layers: tuple[tuple[LayerName, frozenset[str] | None], ...]


def read_shapes(path: str | Path, layers: Collection[LayerName]) -> dict[LayerName, Shapes]:
    """Read several layers in one pass; what the extract cuts off is not given.

    Parameters
    ----------
    path : path
        An OSM file.
    layers : collection of str
        Of ``LAYERS``.

    Raises
    ------
    FileError
        The file is missing, truncated, corrupt or no OSM file.
    """
    tests = _tests(layers)
    rows: dict[LayerName, list[tuple[str, dict[str, str], Any]]] = {layer: [] for layer in layers}
    make = osmium.geom.WKBFactory()
    wanted = osmium.filter.KeyFilter(*(test.key for test in tests))
    with opened(path) as name:
        items: Any = osmium.FileProcessor(name).with_areas(wanted).with_filter(wanted)
        for item in items:
            if item.is_way() and item.is_closed():
                continue  # a ring; it comes as an area
            tags = item.tags
            its_layers = _layers_of(tags, tests)
            shape = _shape(item, make) if its_layers else None
            if shape is not None:
                for layer in its_layers:
                    rows[layer].append((_osm_id(item), _kept_tags(tags, layer), shape))
    return {layer: _shapes(layer, kept) for layer, kept in rows.items()}


def _tests(layers: Collection[LayerName]) -> list[_Test]:
    pairs: list[tuple[str, LayerName, str | None]] = [("building", "buildings", None)]
    pairs *= "buildings" in layers
    if "facilities" in layers:
        pairs += [(key, "facilities", value) for tags in FACILITY_TAGS.values() for key, value in tags]
    if "water" in layers:
        pairs += [(key, "water", value) for key, value in _WATER]
    if "boundaries" in layers:
        pairs.append(("boundary", "boundaries", "administrative"))
    pairs += [("place", "places", None)] * ("places" in layers)
    values: dict[str, dict[LayerName, set[str | None]]] = {}
    for key, layer, value in pairs:
        values.setdefault(key, {}).setdefault(layer, set()).add(value)
    return [
        _Test(
            key,
            tuple(
                (layer, None if None in some else frozenset(filter(None, some)))
                for layer, some in its_layers.items()
            ),
        )
        for key, its_layers in values.items()
    ]


def _layers_of(tags: Any, tests: Iterable[_Test]) -> dict[LayerName, None]:
    """Give the layers that an object belongs to, each once."""
    layers: dict[LayerName, None] = {}
    left = len(tags)  # most buildings have one tag, and each question takes time
    for key, its_layers in tests:
        value = tags.get(key)
        if value is not None:
            for layer, values in its_layers:
                if values is None or value in values:
                    layers[layer] = None
            left -= 1
            if not left:
                break
    if layers and tags.get("building") == "no":
        layers.pop("buildings", None)
    return layers


def _kept_tags(tags: Any, layer: LayerName) -> dict[str, str]:
    """Give the tags that a layer needs; one by one, since taking all is slow."""
    if not (keys := _TAGS_KEPT[layer]):
        return dict(tags)
    kept, left = {}, len(tags)
    for key in keys:
        value = tags.get(key)
        if value is not None:
            kept[key] = value
            left -= 1
            if not left:
                break
    return kept


def _osm_id(item: Any) -> str:
    if item.is_area():
        return f"{'way' if item.from_way() else 'relation'}/{own_id(item.orig_id())}"
    return f"{'node' if item.is_node() else 'way'}/{own_id(item.id)}"


def _shape(item: Any, make: Any) -> str | None:
    """Make the shape of an object as hexadecimal WKB; None for a relation or a shape that is cut off."""
    try:
        if item.is_node():
            return str(make.create_point(item))
        if item.is_area():
            return str(make.create_multipolygon(item))
        if item.is_way():
            return str(make.create_linestring(item))
    except (osmium.InvalidLocationError, RuntimeError):
        pass
    return None


def _shapes(layer: LayerName, rows: list[tuple[str, dict[str, str], Any]]) -> Shapes:
    shapes = np.array(shapely.from_wkb([row[2] for row in rows], on_invalid="ignore"), dtype=object)
    is_whole = ~shapely.is_missing(shapes)
    ids = [row[0] for row, whole in zip(rows, is_whole, strict=True) if whole]
    tags = [row[1] for row, whole in zip(rows, is_whole, strict=True) if whole]
    shapes = shapes[is_whole]
    if layer == "buildings":
        return Shapes(ids, tags, shapely.centroid(shapes), areas_of(shapes))
    return Shapes(ids, tags, shapes)


def areas_of(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Give areas in m2 of shapes in EPSG:4326, nan for what has none."""
    area = np.full(len(shapes), np.nan)
    has = shapely.get_dimensions(shapes) == 2
    if has.any():
        target = metric_crs(_WGS84, shapely.get_coordinates(shapes))
        local = shapely.transform(shapes[has], lambda xy: transform_xy(xy, _WGS84, target))
        area[has] = shapely.area(local)
    return area
