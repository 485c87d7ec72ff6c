"""The study file: every setting of a study, checked, with paths relative to the file."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from geo.errors import FileError, StudyError
from geo.schema import FACILITY_KINDS, FACILITY_STATUSES
from geo.settings import plain, read_section, read_sections, unknown
from geo.words import LANGS, Lang, data_dir

__all__ = [
    "SAMPLE",
    "DemandSpec",
    "FacilitySpec",
    "LayerSpec",
    "MapSpec",
    "ResponseSpec",
    "RoadsSpec",
    "SnapSpec",
    "Study",
    "StudySpec",
    "ZonesSpec",
    "parse_study",
    "read_study",
]

SAMPLE = "sample"
"""The name that stands for the embedded synthetic study."""


@dataclass(frozen=True)
class LayerSpec:
    """One layer file and how to read it.

    Parameters
    ----------
    path : str
        File, relative to the study file.
    layer, sheet, encoding, crs : str, optional
        Which layer or sheet; the text encoding; the CRS (or ``GCJ-02``, ``BD-09``) when the file does
        not carry one.
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
    columns: dict[str, str] = field(default_factory=dict)
    where: dict[str, list[Any]] = field(default_factory=dict)
    attribution: str = ""


@dataclass(frozen=True)
class RoadsSpec(LayerSpec):
    """The road layer: an OSM file, GraphML or any line layer, and its speed profile.

    ``urban`` is a polygon layer inside which the profile's lower urban speeds hold.
    """

    profile: str = "fire_engine"
    tolerance_m: float = 0.5
    split_crossings: bool = False
    urban: str | None = None


@dataclass(frozen=True)
class FacilitySpec(LayerSpec):
    """A layer of facilities of one kind; ``status`` holds for rows that do not say their own."""

    kind: str = "fire_station"
    status: str = "existing"


@dataclass(frozen=True)
class DemandSpec(LayerSpec):
    """A layer of people.

    ``method`` is ``points``, ``zones``, ``grid``, ``raster`` or ``places`` (OSM place nodes with a
    population, spread over the buildings of the same file). ``people`` is a column or a number a
    point; or ``total`` people are shared out in proportion to ``weight`` (a column; equal when
    missing). ``over`` says what zone totals are spread over: ``roads`` (by length; the default), ``centre``
    (one point a zone), or the file of a layer of points or buildings, by its column ``weight``.
    """

    method: Literal["points", "zones", "grid", "raster", "places"] = "points"
    people: str | float | None = None
    total: float | None = None
    weight: str | None = None
    over: str | None = None
    over_layer: str | None = None
    over_where: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class ZonesSpec(LayerSpec):
    """A layer of zones; results are told by them."""

    level: Literal["district", "town", "village"] = "town"


@dataclass(frozen=True)
class ResponseSpec:
    """Which clock decides, which are shown beside it, and the bands of the map in minutes."""

    standard: str = "dispatch-5min"
    beside: list[str] = field(default_factory=lambda: ["drive-5min"])
    bands_min: list[float] = field(default_factory=lambda: [3.0, 4.0, 5.0, 8.0, 15.0])
    facility_kind: str = "fire_station"
    facility_status: list[str] = field(default_factory=lambda: ["existing"])
    people_limit: float = 120_000.0
    gap_reach_m: float = 1500.0


@dataclass(frozen=True)
class SnapSpec:
    """How far from a road a point may be, and at what speed that ground is crossed."""

    max_m: float = 500.0
    access_kph: float = 10.0


@dataclass(frozen=True)
class MapSpec:
    """Online base maps that a reader of the map may switch on; none is loaded before that.

    Tianditu needs a key, which is taken from the environment variable ``TIANDITU_KEY`` and never from the
    study file, so that no manifest holds it.
    """

    basemaps: list[Literal["osm", "gaode", "tianditu"]] = field(default_factory=lambda: ["osm", "gaode"])


@dataclass(frozen=True)
class StudySpec:
    """The study itself: name, language, CRS, plan and output folder."""

    name: str
    lang: Lang = "zh"
    crs: str = "auto"
    plan: str | None = None
    synthetic: bool = False
    out: str = "out"
    attribution: str = ""


@dataclass(frozen=True)
class Study:
    """A checked study file.

    Parameters
    ----------
    folder : Path
        Where relative paths start.
    study, roads, facilities, demand, zones, land, barriers, response, snap, map
        The sections of the file.
    """

    folder: Path
    study: StudySpec
    roads: RoadsSpec
    facilities: tuple[FacilitySpec, ...]
    demand: tuple[DemandSpec, ...]
    zones: tuple[ZonesSpec, ...] = ()
    land: LayerSpec | None = None
    barriers: tuple[LayerSpec, ...] = ()
    response: ResponseSpec = field(default_factory=ResponseSpec)
    snap: SnapSpec = field(default_factory=SnapSpec)
    map: MapSpec = field(default_factory=MapSpec)

    def file(self, path: str) -> Path:
        """Give a path of the study file as a real path."""
        return (self.folder / path).resolve()

    def settings(self) -> dict[str, Any]:
        """Give every setting as plain data, as a study file would hold it (for the manifest)."""
        sections = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "folder"}
        told = {name: plain(value) for name, value in sections.items() if value is not None}
        return {name: value for name, value in told.items() if value != []}


_SINGLE: dict[str, type[Any]] = {
    "study": StudySpec,
    "roads": RoadsSpec,
    "land": LayerSpec,
    "response": ResponseSpec,
    "snap": SnapSpec,
    "map": MapSpec,
}
_REPEATED: dict[str, type[Any]] = {
    "facilities": FacilitySpec,
    "demand": DemandSpec,
    "zones": ZonesSpec,
    "barriers": LayerSpec,
}


def read_study(path: str | Path) -> Study:
    """Read a study file; ``"sample"`` is the embedded synthetic study.

    Raises
    ------
    FileError
        The file is missing or not UTF-8 text.
    StudyError
        It is not TOML, or a section, key or value is wrong; every fault is told at once.
    """
    file = data_dir() / "sample" / "study.toml" if str(path) == SAMPLE else Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(f"cannot read the study file {file}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise FileError(f"{file} is not UTF-8 text; save the study file as UTF-8") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{file.name} is not a valid study file: {error}") from None
    return parse_study(data, folder=file.resolve().parent, name=file.name)


def parse_study(data: Mapping[str, Any], *, folder: Path, name: str = "study") -> Study:
    """Check the sections of a study and give it; all faults are told at once.

    Raises
    ------
    StudyError
        A section or key is unknown, missing or of the wrong type, or a value is out of range.
    """
    faults: list[str] = []
    known = {*_SINGLE, *_REPEATED}
    faults += [unknown(f"section [{key}]", key, known) for key in data if key not in known]
    parts: dict[str, Any] = {
        key: read_section(cls, data.get(key, {}), where=f"[{key}]", faults=faults)
        for key, cls in _SINGLE.items()
        if key in data or key != "land"
    }
    parts |= {
        key: read_sections(cls, data.get(key, []), where=f"[[{key}]]", faults=faults)
        for key, cls in _REPEATED.items()
    }
    for section in ("facilities", "demand"):
        if section not in data:
            faults.append(f"[[{section}]] is missing: a study needs at least one")
    if not faults:
        study = Study(folder=folder, **parts)
        faults = _contradictions(study)
        if not faults:
            return study
    listed = "\n".join(f"  {fault}" for fault in faults)
    raise StudyError(f"{name} has {len(faults)} fault(s):\n{listed}")


def _contradictions(study: Study) -> list[str]:
    faults = []
    if study.study.lang not in LANGS:
        faults.append(f"[study] lang = {study.study.lang!r}: choose one of {', '.join(LANGS)}")
    for i, spec in enumerate(study.facilities, start=1):
        for key, value, known in (
            ("kind", spec.kind, FACILITY_KINDS),
            ("status", spec.status, FACILITY_STATUSES),
        ):
            if value not in known:
                faults.append(unknown(f"[[facilities]] {i}: {key}", value, set(known)))
    for i, people in enumerate(study.demand, start=1):
        faults += [f"[[demand]] {i}: {fault}" for fault in _demand_faults(people)]
    bands = study.response.bands_min
    if not bands or sorted(set(bands)) != bands or bands[0] <= 0:
        faults.append("[response] bands_min must be minutes that rise, such as [3, 4, 5, 8, 15]")
    if study.snap.max_m < 0 or study.snap.access_kph <= 0:
        faults.append("[snap] max_m must not be negative and access_kph must be above 0")
    return faults


def _demand_faults(spec: DemandSpec) -> list[str]:
    """Find settings that contradict each other, or that the method would not heed."""
    faults, method = [], f"method = {spec.method!r}"
    if spec.total is not None and spec.people is not None:
        faults.append("give either people or total, not both")
    if spec.method == "points":
        if spec.total is None and spec.people is None:
            faults.append("say people = a column or a number, or total = a number to share out")
        if spec.total is None and spec.weight is not None:
            faults.append("weight shares out a total: say total = a number")
    elif spec.total is not None:
        faults.append(f"total is shared out over points; {method} takes people from a column")
    elif isinstance(spec.people, float):
        faults.append(f"{method} takes people from a column, not the number {spec.people:g}")
    heeds_over = spec.method in ("zones", "places")
    if not heeds_over and (spec.over or spec.over_layer or spec.over_where):
        faults.append(f"over is for method = 'zones' and 'places', not for {method}")
    if spec.method in ("grid", "raster") and spec.weight is not None:
        faults.append(f"weight is not for {method}")
    if spec.method in ("places", "raster") and (spec.people is not None or spec.columns):
        faults.append(f"{method} has no columns to choose from: leave out people and columns")
    if spec.method == "raster" and spec.where:
        faults.append(f"where is for rows of a table, not for {method}")
    return faults
