"""The layers and settings that a study file names, as typed sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, get_args

from geo.defaults import ACCESS_KPH, BANDS_S, MAX_SNAP_M
from geo.layers import Angles, Decimal, Order
from geo.ranges import (
    AnyNumber,
    KphAboveZero,
    Metres,
    MinutesAboveZero,
    People,
    PeopleAboveZero,
    Range,
)
from geo.settings import NOTHING
from geo.statistics import PEOPLE_PER_STATION
from geo.words import Lang

__all__ = [
    "AtlasSpec",
    "DemandSpec",
    "FacilitySpec",
    "LayerSpec",
    "MapSpec",
    "ObstacleSpec",
    "Orientation",
    "OutputSpec",
    "Paper",
    "ReportSpec",
    "ResponseSpec",
    "RoadsSpec",
    "SensitiveSpec",
    "SheetKind",
    "SnapSpec",
    "StudySpec",
    "ZonesSpec",
]

SensitiveKind: TypeAlias = Literal[
    "school", "kindergarten", "hospital", "cinema", "mall", "stadium", "hazmat"
]
ObstacleKind: TypeAlias = Literal["expressway", "railway", "river", "sea"]
Paper: TypeAlias = Literal["A4", "A3"]
Orientation: TypeAlias = Literal["auto", "landscape", "portrait"]
SheetKind: TypeAlias = Literal[
    "overview",
    "coverage",
    "shares",
    "zones",
    "gaps",
    "shelters",
    "depots",
    "hydrants",
    "roads",
    "ranges",
    "availability",
    "outages",
    "scenarios",
    "sites",
    "towns",
]


@dataclass(frozen=True)
class LayerSpec:
    """One layer file and how to read it.

    Parameters
    ----------
    path : str
        File, relative to the study file.
    layer, sheet, encoding, crs : str, optional
        Which layer or sheet; the text encoding; the CRS (or ``GCJ-02``, ``BD-09``) when the file does
        not carry one. It wins over what the file says, and may name one of the study's ``[systems]``.
    order : str, optional
        ``"lat,lon"`` or ``"north,east"`` where that stands first in cells, columns x and y, or shapes.
    angles : str, optional
        ``"packed"`` where numbers such as 121.2430 are degrees, minutes and seconds.
    decimal : str, optional
        ``","`` where 121,46 and 1.234,5 are numbers, ``"."`` where 121.46 and 1,234.5 are; what each column
        says when left out.
    columns : mapping of str to str
        Our column name -> the file's header, where the guess is wrong.
    where : mapping of str to list
        Keep only rows whose column has one of the values; the rest are counted as not selected.
    attribution : str
        Credit to show on every map and report.
    """

    path: str
    layer: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    crs: str | None = None
    order: Order | None = None
    angles: Angles | None = None
    decimal: Decimal | None = None
    columns: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    where: Mapping[str, Sequence[Any]] = field(default_factory=lambda: NOTHING)
    attribution: str = ""


@dataclass(frozen=True)
class RoadsSpec(LayerSpec):
    """The road layer: an OSM file, GraphML or any line layer, and its speed profile.

    ``urban`` is a polygon layer inside which the profile's lower urban speeds hold. In a line layer lines
    meet within ``tolerance_m``, and with ``split_crossings`` also where they only cross. ``classes`` says
    what words of the layer mean, such as ``{"水泥路" = "residential"}``, and ``oneway_codes`` what its codes
    of direction do: ``both``, ``forward`` or ``backward``, seen along the line. ``more`` names further files
    of the same roads, such as one a district; ``"roads.gpkg#layer"`` names a layer of one.
    Only roads ``within`` an area are read of an OpenStreetMap file: a layer of polygons, or ``"zones"`` for
    those of the study, and ``margin_km`` around it.
    """

    profile: str = "fire_engine"
    tolerance_m: Annotated[float, Range(0.0, 1000.0, "m")] = 0.5
    split_crossings: bool = False
    classes: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    oneway_codes: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    urban: str | None = None
    more: Sequence[str] = ()
    within: str | None = None
    margin_km: Annotated[float, Range(0.0, 1000.0, "km")] = 20.0


@dataclass(frozen=True)
class FacilitySpec(LayerSpec):
    """A layer of facilities of one kind; ``status`` holds for rows that do not say their own.

    Where a column tells kinds apart, only rows of ``kind`` count; ``by_kind = false`` counts all of them.
    Of a file of a whole province only rows ``within`` an area count: a layer of polygons, and ``margin_km``
    around it.
    """

    kind: str = "fire_station"
    status: str = "existing"
    by_kind: bool = True
    within: str | None = None
    margin_km: Annotated[float, Range(0.0, 1000.0, "km")] = 0.0


@dataclass(frozen=True)
class DemandSpec(LayerSpec):
    """A layer of people.

    ``method`` is ``points``, ``zones``, ``grid``, ``raster`` or ``places`` (OSM place nodes with a
    population, spread over the buildings of the same file). ``people`` is a column or a number a
    point; or ``total`` people are shared out in proportion to ``weight`` (a column; equal when
    missing). ``over`` says what zone totals are spread over: ``roads`` (by length; the default), ``centre``
    (one point a zone), or the file of a layer of points or buildings, by its column ``weight``.
    ``unit`` says whether the cells of a grid or raster hold people, or people ``per_km2`` or ``per_ha``;
    ``nodata`` is the value of a raster's cells that say nothing (``"none"``: none does, whatever it looks
    like), ``band`` the band of a raster that is read. ``places`` names a layer of villages or towns (points
    or polygons; ``"file.gpkg#layer"`` names one of several) at which the rows of a table without
    coordinates stand by their names; ``places_crs`` is its system, where its file does not say it, and
    ``places_columns`` says which of its columns holds what.
    Of a file of a whole province only people ``within`` an area count: a layer of polygons, and
    ``margin_km`` around it; of polygons those whose middle lies there.
    """

    method: Literal["points", "zones", "grid", "raster", "places"] = "points"
    people: str | People | None = None
    total: People | None = None
    weight: str | None = None
    over: str | None = None
    over_layer: str | None = None
    over_where: Mapping[str, Sequence[Any]] = field(default_factory=lambda: NOTHING)
    unit: Literal["people", "per_km2", "per_ha"] | None = None
    nodata: AnyNumber | Literal["none"] | None = None
    band: Annotated[int, Range(1, 100_000)] = 1
    places: str | None = None
    places_crs: str | None = None
    places_columns: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    within: str | None = None
    margin_km: Annotated[float, Range(0.0, 1000.0, "km")] = 0.0


@dataclass(frozen=True)
class ZonesSpec(LayerSpec):
    """A layer of zones; results are told by them.

    Of a file of a whole province only zones ``within`` an area count: those whose middle lies in a layer of
    polygons, or within ``margin_km`` of it.
    """

    level: Literal["district", "town", "village"] = "town"
    within: str | None = None
    margin_km: Annotated[float, Range(0.0, 1000.0, "km")] = 0.0


@dataclass(frozen=True)
class ResponseSpec:
    """Which clock decides, which are shown beside it, and the bands of the map in minutes.

    Stations of ``without_classes`` do not answer first: a logistics station supplies the others.
    ``people_limit`` is what a station may serve when sites are chosen by capacity; loads and scenarios are
    told against ``PEOPLE_PER_STATION`` whatever it is.
    """

    standard: str = "dispatch-5min"
    beside: Sequence[str] = ("drive-5min",)
    bands_min: Sequence[MinutesAboveZero] = tuple(limit_s / 60 for limit_s in BANDS_S)
    facility_kind: str = "fire_station"
    facility_status: Sequence[str] = ("existing",)
    without_classes: Sequence[str] = ("logistics",)
    people_limit: PeopleAboveZero = PEOPLE_PER_STATION
    gap_reach_m: Metres = 1500.0


@dataclass(frozen=True)
class SnapSpec:
    """How far from a road a point may be, and at what speed that ground is crossed."""

    max_m: Metres = MAX_SNAP_M
    access_kph: KphAboveZero = ACCESS_KPH


@dataclass(frozen=True)
class MapSpec:
    """Online base maps that a reader of the map may switch on; none is loaded before that.

    Tianditu needs a key, which is taken from the environment variable ``TIANDITU_KEY`` and never from the
    study file, so that no manifest holds it.
    """

    basemaps: Sequence[Literal["osm", "gaode", "tianditu"]] = ("osm", "gaode")


@dataclass(frozen=True)
class OutputSpec:
    """How the tables of results are written.

    ``field_names`` is the language of the names of fields in CSV files and GeoPackages: ``"en"`` the names of
    the program, which stay the same from version to version, ``"zh"`` Chinese ones.
    """

    field_names: Lang = "en"


@dataclass(frozen=True)
class ReportSpec:
    """How the report of a run is made (``geo report``); none of it changes a number.

    ``title`` and ``organisation`` stand on the first page, ``date`` too (today when missing). ``template`` is
    a folder with the planner's own ``report.typ`` (PDF), ``report.html`` and ``report.docx`` (its styles),
    each where it is there. ``fonts`` are families that come before those of ``layers/standards/fonts.toml``.
    """

    title: str = ""
    organisation: str = ""
    date: str = ""
    formats: Sequence[Literal["pdf", "docx", "html"]] = ("pdf", "docx", "html")
    template: str | None = None
    fonts: Sequence[str] = ()


@dataclass(frozen=True)
class AtlasSpec:
    """How the atlas of a run is made (``geo atlas``); none of it changes a number.

    ``title`` (the study's name when missing), ``organisation`` and ``date`` (today when missing) stand on
    each sheet. ``sheets`` are the kinds that are drawn and ``towns`` the towns with a sheet of their own, by
    name; all when empty. ``orientation`` "auto" takes the one on which the district is larger. ``grid`` has
    lines of metres or of degrees. ``formats`` are one PDF of all sheets, and a picture of each. ``dpi`` are
    the dots an inch of PNG. ``fonts`` are families that come before those of ``layers/standards/fonts.toml``.
    """

    title: str = ""
    organisation: str = ""
    date: str = ""
    formats: Sequence[Literal["pdf", "png", "svg"]] = ("pdf",)
    sheets: Sequence[SheetKind] = ()
    towns: Sequence[str] = ()
    paper: Paper = "A3"
    orientation: Orientation = "auto"
    grid: Literal["metres", "degrees", "none"] = "metres"
    dpi: Annotated[int, Range(50, 600)] = 200
    fonts: Sequence[str] = ()


@dataclass(frozen=True)
class StudySpec:
    """The study itself: name, language, CRS, plan, year and output folder.

    What opens after ``year`` is planned; None takes the year of today.
    """

    name: str
    lang: Lang = "zh"
    crs: str = "auto"
    plan: str | None = None
    synthetic: bool = False
    out: str = "out"
    attribution: str = ""
    year: Annotated[int, Range(1950, 2100)] | None = None


@dataclass(frozen=True)
class SensitiveSpec(LayerSpec):
    """Places that a station keeps its distance from.

    ``kind`` (one of ``KINDS``) holds for rows that do not say their own, or one that no rule knows.
    """

    KINDS: ClassVar[tuple[str, ...]] = get_args(SensitiveKind)
    kind: SensitiveKind = "school"


@dataclass(frozen=True)
class ObstacleSpec(LayerSpec):
    """What a zone of responsibility should not cross.

    ``kind`` (one of ``KINDS``) holds for rows that do not say their own, or one that no rule knows.
    """

    KINDS: ClassVar[tuple[str, ...]] = get_args(ObstacleKind)
    kind: ObstacleKind = "river"
