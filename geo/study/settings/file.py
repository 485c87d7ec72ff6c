"""The study file: every setting of a study, checked, with paths relative to the file."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geo.crs import SystemSpec
from geo.errors import StudyError
from geo.messages import Message
from geo.schema import FACILITY_KINDS, FACILITY_STATUSES, STATION_CLASSES
from geo.settings import NOTHING, FixedMapping, plain, read_section, read_sections, shown, unknown
from geo.shelters import ShelterRules
from geo.study.settings.availability import AvailabilitySpec
from geo.study.settings.calls import CallsSpec
from geo.study.settings.demand import demand_faults
from geo.study.settings.layers import (
    AtlasSpec,
    DemandSpec,
    FacilitySpec,
    LayerSpec,
    MapSpec,
    ObstacleSpec,
    OutputSpec,
    ReportSpec,
    ResponseSpec,
    RoadsSpec,
    SensitiveSpec,
    SnapSpec,
    StudySpec,
    ZonesSpec,
)
from geo.study.settings.rooms import (
    CandidatesSpec,
    DepotsSpec,
    HydrantsSpec,
    ProjectsSpec,
    RoadLinksSpec,
    SitingSpec,
    ZoningSpec,
)
from geo.study.settings.scenarios import ScenarioSpec, scenario_faults
from geo.study.settings.toml_text import read_toml
from geo.study.settings.uncertainty import UncertaintySpec
from geo.words import LANGS, Lang, data_dir, nearest_words

__all__ = [
    "SAMPLE",
    "Study",
    "parse_study",
    "read_study",
]

SAMPLE = "sample"
"""The name that stands for the embedded synthetic study."""


@dataclass(frozen=True)
class Study:
    """A checked study file.

    Parameters
    ----------
    folder : Path
        Where relative paths start.
    study, roads, facilities, demand, zones, land, barriers, response, snap, map
        The sections of the file.
    villages, hazards, sensitive, obstacles, built_up, plots, keep_out
        Layers of the surroundings; see :class:`geo.study.inputs.surroundings.Context`.
    zoning, shelters, depots, hydrants, road_links, projects, scenarios, siting, candidates
        Settings of each room; see :mod:`geo.study.settings.rooms`.
    availability
        Calls, crews and what is asked for when engines may be out; None leaves all that out.
    calls
        Records of calls: whether the model is right; see :class:`geo.study.settings.calls.CallsSpec`.
    uncertainty
        How much is drawn by chance for the ranges of all figures; None leaves them out.
    output
        How the tables of results are written; None as the program does by itself.
    report
        How the report of a run is made; None as the program does by itself.
    atlas
        How the atlas of a run is made; None as the program does by itself.
    systems
        Coordinate systems of a city's own and parameters of old datums, by name; see
        :class:`geo.crs.SystemSpec`.
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
    villages: LayerSpec | None = None
    hazards: tuple[LayerSpec, ...] = ()
    sensitive: tuple[SensitiveSpec, ...] = ()
    obstacles: tuple[ObstacleSpec, ...] = ()
    built_up: tuple[LayerSpec, ...] = ()
    plots: tuple[LayerSpec, ...] = ()
    keep_out: tuple[LayerSpec, ...] = ()
    calls: tuple[CallsSpec, ...] = ()
    zoning: ZoningSpec | None = None
    shelters: ShelterRules = field(default_factory=ShelterRules)
    depots: DepotsSpec = field(default_factory=DepotsSpec)
    hydrants: HydrantsSpec = field(default_factory=HydrantsSpec)
    road_links: RoadLinksSpec = field(default_factory=RoadLinksSpec)
    projects: ProjectsSpec | None = None
    scenarios: tuple[ScenarioSpec, ...] = ()
    siting: SitingSpec | None = None
    candidates: CandidatesSpec | None = None
    availability: AvailabilitySpec | None = None
    uncertainty: UncertaintySpec | None = None
    output: OutputSpec | None = None
    report: ReportSpec | None = None
    atlas: AtlasSpec | None = None
    systems: Mapping[str, SystemSpec] = field(default_factory=lambda: NOTHING)

    def file(self, path: str) -> Path:
        """Give a path of the study file as a real path.

        Raises
        ------
        StudyError
            The path holds a control character, as TOML makes of a Windows path, or is none that a disk can
            hold: too long a name, a circle of links.
        """
        if any(letter < " " for letter in path):
            raise StudyError(Message("settings.path_spoilt", {"path": shown(path)}))
        try:
            real = Path(os.path.realpath(self.folder / path))  # resolve() gives up on links that go round
            real.exists()
        except (OSError, RuntimeError, ValueError) as error:
            values = {"path": shown(path), "why": error}
            raise StudyError(Message("settings.path_impossible", values)) from error
        return real

    def in_lang(self, lang: Lang | None) -> Study:
        """Give the study in a language, its own when None: results and their replay speak the same."""
        chosen = lang or self.study.lang
        return dataclasses.replace(self, study=dataclasses.replace(self.study, lang=chosen))

    def with_field_names(self, names: Lang | None) -> Study:
        """Give the study with fields of CSV files and GeoPackages named in a language; its own when None."""
        return self if names is None else dataclasses.replace(self, output=OutputSpec(names))

    def with_atlas(self, options: Mapping[str, Any]) -> Study:
        """Give the study with some settings of its atlas in another way, as options of a command say them.

        Raises
        ------
        StudyError
            An option is unknown or has a value that ``[atlas]`` may not have.
        """
        faults: list[Message] = []
        own = {} if self.atlas is None else plain(self.atlas)
        spec = read_section(AtlasSpec, {**own, **options}, where="[atlas]", faults=faults)
        if faults:
            raise StudyError(_with_lines(Message("settings.options", {"command": "geo atlas"}), faults))
        return dataclasses.replace(self, atlas=spec)

    def with_simulation(self, options: Mapping[str, Any], scenarios: Sequence[str] = ()) -> Study:
        """Give the study with years, runs and seed of a simulation as options of a command say them.

        Parameters
        ----------
        options : mapping
            Settings of ``[availability]``.
        scenarios : sequence of str
            Names of the ``[[scenarios]]`` that are simulated beside today; all of them when empty.

        Raises
        ------
        StudyError
            There is no ``[availability]``, an option has a value that it may not have, or no scenario has
            the name.
        """
        if self.availability is None:
            raise StudyError(Message("settings.availability_missing"))
        faults: list[Message] = []
        own = {**plain(self.availability), **options}
        spec = read_section(AvailabilitySpec, own, where="[availability]", faults=faults)
        known = [scenario.name for scenario in self.scenarios]
        faults += [unknown("--scenario", name, known) for name in scenarios if name not in known]
        if faults:
            raise StudyError(_with_lines(Message("settings.options", {"command": "geo simulate"}), faults))
        chosen = tuple(each for each in self.scenarios if not scenarios or each.name in scenarios)
        return dataclasses.replace(self, availability=spec, scenarios=chosen)

    def settings(self) -> dict[str, Any]:
        """Give every setting as plain data, as a study file would hold it (for the manifest)."""
        sections = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "folder"}
        given = {name: plain(value) for name, value in sections.items() if value is not None}
        return {name: value for name, value in given.items() if value not in ([], {})}


_SINGLE: dict[str, type[Any]] = {
    "study": StudySpec,
    "roads": RoadsSpec,
    "land": LayerSpec,
    "response": ResponseSpec,
    "snap": SnapSpec,
    "map": MapSpec,
    "villages": LayerSpec,
    "zoning": ZoningSpec,
    "shelters": ShelterRules,
    "depots": DepotsSpec,
    "hydrants": HydrantsSpec,
    "road_links": RoadLinksSpec,
    "projects": ProjectsSpec,
    "siting": SitingSpec,
    "candidates": CandidatesSpec,
    "availability": AvailabilitySpec,
    "uncertainty": UncertaintySpec,
    "output": OutputSpec,
    "report": ReportSpec,
    "atlas": AtlasSpec,
}
_MAY_MISS = {
    *("land", "villages", "zoning", "projects", "siting", "candidates", "availability"),
    *("uncertainty", "output", "report", "atlas"),
}
"""Sections that stay None where the file does not have them."""
_REPEATED: dict[str, type[Any]] = {
    "facilities": FacilitySpec,
    "demand": DemandSpec,
    "zones": ZonesSpec,
    "barriers": LayerSpec,
    "hazards": LayerSpec,
    "sensitive": SensitiveSpec,
    "obstacles": ObstacleSpec,
    "built_up": LayerSpec,
    "plots": LayerSpec,
    "keep_out": LayerSpec,
    "calls": CallsSpec,
    "scenarios": ScenarioSpec,
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
    content = read_toml(file)  # a file that can be read can be resolved
    return parse_study(content, folder=file.resolve().parent, name=file.name)


def parse_study(data: Mapping[str, Any], *, folder: Path, name: str = "study") -> Study:
    """Check the sections of a study and give it; all faults are told at once.

    Raises
    ------
    StudyError
        A section or key is unknown, missing or of the wrong type, or a value is out of range.
    """
    faults: list[Message] = []
    known = {*_SINGLE, *_REPEATED, "systems"}
    faults += [_unknown_section(key, known) for key in data if key not in known]
    parts: dict[str, Any] = {
        key: read_section(cls, data.get(key, {}), where=f"[{key}]", faults=faults)
        for key, cls in _SINGLE.items()
        if key in data or key not in _MAY_MISS
    }
    parts |= {
        key: read_sections(cls, data.get(key, []), where=f"[[{key}]]", faults=faults)
        for key, cls in _REPEATED.items()
    }
    if "systems" in data:
        parts["systems"] = _systems(data["systems"], faults)
    for section in ("facilities", "demand"):
        if data.get(section, []) == []:
            faults.append(Message("settings.section_missing", {"name": section}))
    study = Study(folder=folder, **(_whole(parts, data) if faults else parts))
    faults += _contradictions(study)
    if not faults:
        return study
    raise StudyError(_with_lines(Message("settings.faults", {"file": name, "n": len(faults)}), faults))


def _whole(parts: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Give the sections without a fault, to be looked at further; those that a study needs stand in."""
    n = {key: len(rows) if isinstance(rows, list) else 1 for key, rows in data.items()}
    is_whole = {
        k: part is not None and (k not in _REPEATED or len(part) == n.get(k, 0)) for k, part in parts.items()
    }
    needed = {"study": StudySpec("-"), "roads": RoadsSpec("-"), "facilities": (), "demand": ()}
    # What is said of availability depends on other sections, which may be missing here.
    return needed | {key: part for key, part in parts.items() if is_whole[key] and key != "availability"}


def _unknown_section(name: str, known: set[str]) -> Message:
    near = nearest_words(name, known)
    words = repr(near[0]) if near else ", ".join(sorted(known))
    hint = Message("settings.did_you_mean" if near else "settings.known", {"words": words})
    return Message("settings.section_unknown", {"name": name, "hint": hint})


def _with_lines(head: Message, faults: Sequence[Message]) -> Message:
    """Set the faults below a sentence, one a line."""
    for fault in faults:
        head = Message("settings.with_line", {"head": head, "line": fault})
    return head


def _systems(sections: object, faults: list[Message]) -> Mapping[str, SystemSpec]:
    """Read the sections of own coordinate systems, by their names."""
    if not isinstance(sections, Mapping):
        faults.append(Message("settings.systems_sections"))
        return NOTHING
    read: dict[str, SystemSpec] = {}
    for name, row in sections.items():
        where = f'[systems."{name}"]'
        spec = read_section(SystemSpec, row, where=where, faults=faults)
        if spec is not None:
            faults += [Message("settings.at", {"where": where, "fault": fault}) for fault in spec.faults()]
            read[str(name)] = spec
    return FixedMapping(read)


def _contradictions(study: Study) -> list[Message]:
    faults: list[Message] = []
    if study.study.lang not in LANGS:
        faults.append(Message("settings.lang_wrong", {"value": study.study.lang, "langs": tuple(LANGS)}))
    for i, spec in enumerate(study.facilities, start=1):
        for key, value, known in (
            ("kind", spec.kind, FACILITY_KINDS),
            ("status", spec.status, FACILITY_STATUSES),
        ):
            if value not in known:
                faults.append(unknown(f"[[facilities]] {i} {key}", value, known))
    for i, people in enumerate(study.demand, start=1):
        where = f"[[demand]] {i}"
        faults += [
            Message("settings.at", {"where": where, "fault": fault}) for fault in demand_faults(people)
        ]
    for i, calls in enumerate(study.calls, start=1):
        where = f"[[calls]] {i}"
        faults += [Message("settings.at", {"where": where, "fault": fault}) for fault in calls.faults()]
    faults += [
        Message("settings.formats_none", {"section": section})
        for section, printed in (("report", study.report), ("atlas", study.atlas))
        if printed is not None and not printed.formats
    ]
    faults += [
        unknown("[response] without_classes", word, STATION_CLASSES)
        for word in study.response.without_classes
        if word not in STATION_CLASSES
    ]
    bands = study.response.bands_min
    if not bands or sorted(set(bands)) != list(bands):
        faults.append(Message("settings.bands_wrong"))
    faults += study.siting.faults() if study.siting is not None else []
    faults += _availability_faults(study)
    if study.candidates is not None:
        faults += [
            unknown(f"[candidates] {key}", word, STATION_CLASSES)
            for key, words in (
                ("station_class", [study.candidates.station_class]),
                ("min_area_m2", study.candidates.min_area_m2),
            )
            for word in words
            if word not in STATION_CLASSES
        ]
    faults += [
        Message("settings.at", {"where": "[shelters]", "fault": fault}) for fault in study.shelters.faults()
    ]
    return faults + scenario_faults(study.scenarios)


def _availability_faults(study: Study) -> Iterator[Message]:
    if study.availability is None:
        return
    for fault in study.availability.faults():
        yield Message("settings.at", {"where": "[availability]", "fault": fault})
    if (study.availability.calls_recorded or study.availability.service_recorded) and not study.calls:
        yield Message("settings.calls_recorded_without")
    if any(each.share is None for each in study.availability.call_types) and not study.calls:
        yield Message("settings.type_shares_without")
    if study.availability.calls_column is not None:
        for i, people in enumerate(study.demand, start=1):
            if people.method != "points" or people.places is not None:
                yield Message("settings.calls_of_points", {"i": i})
