"""A first look at each source of a folder, with the readers that will read it in the study."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import ShiftedDatum
from geo.demand import RASTER_ENDINGS, part_of_people, raster_frame
from geo.draft.pairs import find_in_one_cell, find_pairs, is_shifted, places_of
from geo.draft.row_names import OF_GROUND, kind_of_name, name_rows
from geo.draft.walk import Source
from geo.errors import FileError, GeoError
from geo.layers import extract_zip, look_at_layer, read_amounts
from geo.messages import Message
from geo.network import read_graphml
from geo.osm import has_roads, read_boundaries, read_facilities, read_places
from geo.settings import NOTHING
from geo.study import kinds_of_rows
from geo.words import word_lists

__all__ = ["Look", "Shape", "look_at"]

Shape: TypeAlias = Literal["point", "line", "polygon", "table", "raster", "osm", "graphml", "plan", "none"]
_SHAPES: Final[tuple[Shape, ...]] = ("point", "line", "polygon")
_MOST_PLACES: Final = 5000
_LEAST_SHARE: Final = 0.5
"""A column of people has a number in so many of its rows."""
_OSM_KINDS: Final = ("fire_station", "hydrant", "water_point", "shelter")


@dataclass(frozen=True, eq=False)
class Look:
    """What a source is seen to hold.

    Parameters
    ----------
    source : Source
        Where it is.
    shape : str
        What most rows are: ``"point"``, ``"line"``, ``"polygon"``; ``"table"`` without places, ``"raster"``,
        ``"osm"``, ``"graphml"``, ``"plan"``, or ``"none"`` where it cannot be read.
    table : DataFrame
        Rows under our names.
    headers, rivals : mapping
        As in :class:`geo.layers.LayerLook`.
    kinds : Series of tuple of str
        The kinds of each row where a column tells kinds of facility, else empty.
    holds : mapping of str to float
        Of an OpenStreetMap file: facilities by kind, ``"roads"``, ``"people"``, zones by level.
    xy : float64 array, shape (N, 2)
        Places of the rows in the file's numbers, nan where a row has none.
    shapes : object array or None
        The shapes of the rows.
    stated : CRS, shifted datum or None
        The system that the file states.
    format, encoding : str
        What it is written in.
    error : GeoError or None
        Why it cannot be read.
    no_places : Message or str
        Why a table has no places.
    label : str
        Name of the band of a raster.
    columns : mapping of str to str
        Our column and the header in the file, where the study file must state it.
    """

    source: Source
    shape: Shape = "none"
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    rivals: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)
    kinds: pd.Series = field(default_factory=lambda: pd.Series(dtype=object))
    holds: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    xy: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    shapes: NDArray[np.object_] | None = None
    stated: CRS | ShiftedDatum | None = None
    format: str = ""
    encoding: str = ""
    error: GeoError | None = None
    no_places: Message | str = ""
    label: str = ""
    columns: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @property
    def n_rows(self) -> int:
        """Rows that are no totals."""
        return len(self.table)

    @property
    def names(self) -> pd.Series:
        """The names of the rows that have one."""
        names = self.table["name"] if "name" in self.table else pd.Series(dtype=object)
        return names.dropna().astype(str).str.strip()

    def count_kinds(self) -> dict[str, int]:
        """Count the rows of each kind, the most first; empty where no column tells kinds."""
        counts = self.kinds.explode().dropna().value_counts()
        return {str(kind): int(n) for kind, n in counts.items()}

    def of_kind(self, kind: str) -> Look:
        """Give the look with the rows of one kind alone, where a column tells kinds."""
        if not len(self.kinds):
            return self
        is_kind = self.kinds.map(lambda kinds: kind in kinds).to_numpy(dtype=bool)
        shapes = None if self.shapes is None else self.shapes[is_kind]
        kinds = self.kinds[is_kind]
        return replace(self, table=self.table[is_kind], kinds=kinds, xy=self.xy[is_kind], shapes=shapes)

    def counts(self, header: str) -> bool:
        """Whether most cells of a column that is not recognised are numbers, however they are written."""
        return (
            bool(len(self.table)) and np.isfinite(_amounts(self.table[header], header)).mean() >= _LEAST_SHARE
        )

    def people(self, header: str | None = None) -> float:
        """Sum a column of people: the one that was recognised, or another by its header."""
        if header is None or header == self.headers.get("people"):
            return float(
                pd.to_numeric(self.table.get("people", pd.Series(dtype=float)), errors="coerce").sum()
            )
        column = self.table[header] if header in self.table else pd.Series(dtype=float)
        return float(np.nansum(_amounts(column, header)))


def _amounts(column: pd.Series, header: str) -> NDArray[np.float64]:
    try:
        return np.asarray(read_amounts(column, header, like="people")[0], dtype=float)
    except GeoError:  # a unit that is none of people
        return np.full(len(column), np.nan)


def look_at(source: Source) -> Look:
    """Look at a source; one that cannot be read says why."""
    try:
        return _LOOKS[source.form](source)
    except GeoError as error:
        return Look(source, error=error)


def _at_layer(source: Source) -> Look:
    layer = look_at_layer(source.file, layer=source.part.layer, sheet=source.part.sheet)
    shapes = layer.shapes
    shape: Shape = "table" if shapes is None else _shape_of(shapes)
    look = Look(
        source,
        shape=shape,
        table=layer.table,
        headers=layer.headers,
        rivals=layer.rivals,
        kinds=kinds_of_rows(layer.table, layer.headers),
        xy=np.full((len(layer.table), 2), np.nan) if shapes is None else _middles(shapes),
        shapes=shapes,
        stated=layer.stated,
        format=layer.format,
        encoding=layer.encoding,
        no_places=layer.no_shapes,
    )
    return look if shape == "line" else _named(_placed(look))


def _placed(look: Look) -> Look:
    """Take the pair of columns that holds the places of a table whose headers the reader does not know."""
    pairs = find_pairs(look.table, look.headers, look.rivals) if look.shape == "table" else ()
    pair = min(pairs, key=is_shifted, default=None)
    if pair is None:
        found = find_in_one_cell(look.table, look.headers) if look.shape == "table" else None
        if found is None:
            return look
        header, xy = found
        columns = {**look.columns, "lonlat": header}
        return replace(
            look, shape="point", headers={**look.headers, "lonlat": header}, xy=xy, columns=columns
        )
    stated = dict(zip(("lon", "lat"), pair, strict=True))
    headers = {**look.headers, **stated}
    xy = places_of(look.table, look.headers, pair)
    return replace(look, shape="point", headers=headers, xy=xy, columns={**look.columns, **stated})


def _named(look: Look) -> Look:
    """Take the column that names the rows, where its header is not known."""
    table, headers, header = name_rows(look.table, look.headers)
    columns = {**look.columns, "name": header} if header else look.columns
    return _peopled(replace(look, table=table, headers=headers, columns=columns))


def _peopled(look: Look) -> Look:
    """Take 人数 in a list of villages or towns for their people: in one of stations it is their staff."""
    header = look.headers.get("staff", "")
    if not header or "people" in look.headers or part_of_people(header) or not len(look.names):
        return look
    if look.names.map(kind_of_name).isin(OF_GROUND).mean() < _LEAST_SHARE:
        return look
    headers = {("people" if ours == "staff" else ours): theirs for ours, theirs in look.headers.items()}
    return replace(look, table=look.table.rename(columns={"staff": "people"}), headers=headers)


def _shape_of(shapes: NDArray[np.object_]) -> Shape:
    """Give what most shapes are."""
    dimensions = shapely.get_dimensions(shapes)
    counts = [int((dimensions == dimension).sum()) for dimension in (0, 1, 2)]
    return _SHAPES[int(np.argmax(counts))]


def _middles(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    bounds = shapely.bounds(shapes)
    return np.asarray(np.column_stack([bounds[:, [0, 2]].mean(axis=1), bounds[:, [1, 3]].mean(axis=1)]))


def _at_osm(source: Source) -> Look:
    facilities = read_facilities(source.file, kinds=_OSM_KINDS)
    places, borders = read_places(source.file), read_boundaries(source.file)
    people = places["population"].fillna(0)
    holds: dict[str, float] = {str(kind): int(n) for kind, n in facilities["kind"].value_counts().items()}
    holds["roads"] = float(has_roads(source.file))
    holds["people"] = float(people.sum())
    for level, numbers in word_lists("place")["osm_admin_level"].items():
        holds[level] = int(borders["admin_level"].isin([float(number) for number in numbers]).sum())
    points = pd.concat([facilities.geometry, places.geometry])
    xy = np.column_stack([points.x, points.y]) if len(points) else np.empty((0, 2))
    known = {name: n for name, n in holds.items() if n}
    return Look(source, "osm", holds=known, xy=xy, stated=CRS.from_epsg(4326), format="OpenStreetMap")


def _at_graphml(source: Source) -> Look:
    network = read_graphml(source.file)
    return Look(source, "graphml", holds={"roads": 1.0}, stated=network.crs, format="GraphML")


def _at_raster(source: Source) -> Look:
    if source.file.suffix.casefold() != ".zip":
        return _with_frame(source, source.file)
    with tempfile.TemporaryDirectory(prefix="geo-") as name:
        inside = [
            file for file in extract_zip(source.file, Path(name)) if file.suffix.casefold() in RASTER_ENDINGS
        ]
        if len(inside) != 1:
            names = ", ".join(sorted(file.name for file in inside)) or "-"
            values = {"file": source.file.name, "n": len(inside), "names": names}
            raise FileError(Message("study.raster_zip", values))
        return _with_frame(source, inside[0])


def _with_frame(source: Source, file: Path) -> Look:
    frame = raster_frame(file)
    return Look(source, "raster", xy=frame.corners, stated=frame.crs, format="raster", label=frame.label)


def _at_plan(source: Source) -> Look:
    return Look(source, "plan", format="TOML")


_LOOKS: Final[Mapping[str, Callable[[Source], Look]]] = {
    "layer": _at_layer,
    "osm": _at_osm,
    "graphml": _at_graphml,
    "raster": _at_raster,
    "plan": _at_plan,
}
