"""Plans and their targets, read from ``layers/plans`` or from a planner's own file."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

from geo.errors import FileError, StudyError
from geo.messages import Message
from geo.plans.methods import METHODS, UNITS, Method, check_settings
from geo.ranges import Range, Year
from geo.reading import parse_toml, read_toml_text
from geo.schema import FACILITY_KINDS, STATION_CLASSES
from geo.settings import NOTHING, FixedMapping, require_in_range, shown
from geo.words import data_dir, nearest_words

__all__ = [
    "COMPARATORS",
    "KINDS",
    "LAYERS",
    "METHODS",
    "Method",
    "Plan",
    "Project",
    "Target",
    "list_plans",
    "load_plan",
]

KINDS: Final = ("binding", "expected", "goal", "project")
"""约束性, 预期性, 目标, 项目."""
COMPARATORS: Final = (">=", ">", "<=", "<", "none")
"""How the value must stand to the target; ``none`` where the plan gives no number."""
LAYERS: Final = (
    "bases",
    "depots",
    "gas_repair",
    "hazards",
    "hydrants",
    "people",
    "roads",
    "shelters",
    "stations",
    "teams",
    "towns",
    "villages",
    "water_points",
    "zones",
)
"""The layers that a target may need."""


_PLAN_KEYS: Final = {"id", "name_zh", "name_en", "document", "target_year"}
_PROJECT_KEYS: Final = {"id", "name_zh", "name_en", "kind"}
_PROJECT_MORE: Final = {"target", "n", "station_class", "site_m2", "place_zh", "place_en", "source"}
_REQUIRED: Final = {"id", "name_zh", "name_en", "comparator", "unit", "kind", "method", "layers", "source"}
_OPTIONAL: Final = {"value", "reading_zh", "reading_en", "section", "settings"}


@dataclass(frozen=True)
class Target:
    """One target of a plan.

    Parameters
    ----------
    id : str
        Such as ``"CM-1"``; further readings of the same wording end in a letter (``"CM-1b"``).
    name_zh, name_en : str
        The plan's own wording (原文), and in English.
    comparator : str
        One of ``COMPARATORS``.
    value : float
        What must be reached, in ``unit``; nan where the plan gives no number.
    unit : str
        Unit of the value.
    kind : str
        One of ``KINDS``.
    method : str
        One of ``METHODS``.
    layers : mapping of str to tuple of str
        Layers that are needed, with the columns that must hold values.
    source : str
        Document and number.
    section : str
        Where in the document; empty where not recorded.
    reading_zh, reading_en : str
        How the wording is read.
    settings : mapping
        Settings of the method, such as the standard.
    """

    id: str
    name_zh: str
    name_en: str
    comparator: str
    value: Annotated[float, Range(-1e12, 1e12)]
    unit: str
    kind: str
    method: str
    layers: Mapping[str, tuple[str, ...]]
    source: str
    section: str = ""
    reading_zh: str = ""
    reading_en: str = ""
    settings: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True)
class Project:
    """Something that a plan wants built; its place is known in words only.

    Parameters
    ----------
    id : str
        Unique in the plan, such as ``"yuansha"``.
    name_zh, name_en : str
        What it is called; ``name_zh`` is looked for in the layers of the study.
    kind : str
        One of ``schema.FACILITY_KINDS``.
    target : str
        The target that it answers; empty where it answers none.
    n : int
        How many of them, such as 600 hydrants.
    station_class : str
        One of ``schema.STATION_CLASSES`` for fire stations, where the plan gives one.
    site_m2 : float
        Land of the site, m2; nan where the plan does not say.
    place_zh, place_en : str
        Where it is to stand, as the plan puts it.
    source : str
        Document.
    """

    id: str
    name_zh: str
    name_en: str
    kind: str
    target: str = ""
    n: Annotated[int, Range(1, 1_000_000, "pieces")] = 1
    station_class: str = ""
    site_m2: Annotated[float, Range(0.0, 1e9, "m2", is_above=True)] = math.nan
    place_zh: str = ""
    place_en: str = ""
    source: str = ""


@dataclass(frozen=True)
class Plan:
    """A plan with its targets, in the order of its file.

    Parameters
    ----------
    id : str
        Such as ``"chongming"``.
    name_zh, name_en : str
        Title.
    document : str
        Document number.
    target_year : int
        Year by which the targets hold.
    targets : tuple of Target
        The targets; ids are unique.
    base_year : int or None
        Year whose end the plan starts from: what opened later is new.
    projects : tuple of Project
        What the plan wants built.
    """

    id: str
    name_zh: str
    name_en: str
    document: str
    target_year: Year
    targets: tuple[Target, ...]
    base_year: Year | None = None
    projects: tuple[Project, ...] = ()


def list_plans() -> tuple[str, ...]:
    """Give the names of the embedded plans.

    Examples
    --------
    >>> list_plans()
    ('chongming', 'jinshan', 'shanghai', 'songjiang', 'yangpu')
    """
    return tuple(sorted(path.stem for path in (data_dir() / "plans").glob("*.toml")))


def load_plan(name_or_path: str | Path) -> Plan:
    """Read a plan by the name of an embedded one or from a TOML file.

    Parameters
    ----------
    name_or_path : str or Path
        A name of :func:`list_plans`, or a path that ends in ``.toml``. A copy that keeps an embedded plan's
        ``id`` may change and drop that plan's targets, not add others; for that it takes an id of its own.

    Raises
    ------
    StudyError
        No such plan; the file is not TOML; a key, target id, method, comparator, kind or layer is unknown,
        missing, twice there or of the wrong type. The message lists the known ones.

    Examples
    --------
    >>> plan = load_plan("jinshan")
    >>> plan.targets[0].id, plan.targets[0].comparator, plan.targets[0].value, plan.targets[0].unit
    ('JS-1', '<=', 12.0, '10,000 people/station')
    """
    path = Path(name_or_path)
    embedded = data_dir() / "plans" / f"{name_or_path}.toml"
    if path.suffix != ".toml":
        _known("plan", str(name_or_path), list_plans(), where="")
        path = embedded
    plan = _parse(path)
    original = data_dir() / "plans" / f"{plan.id}.toml"
    if original.is_file() and not (path.exists() and path.samefile(original)):
        known = [target.id for target in _parse(original).targets]
        for target in plan.targets:
            _known(
                "target_id",
                target.id,
                known,
                where=Message("plans.of_plan_id", {"file": path, "plan_id": plan.id}),
            )
    return plan


def _parse(path: Path) -> Plan:
    try:
        content = parse_toml(read_toml_text(path))
    except FileError as error:
        raise StudyError(Message("plans.unreadable", {"why": error})) from error
    except tomllib.TOMLDecodeError as error:
        raise StudyError(Message("plans.no_toml", {"file": path, "why": error})) from error
    _keys(content, required={"plan", "target"}, optional={"project"}, where=str(path))
    head, projects = content["plan"], content.get("project", [])
    if not isinstance(head, dict) or not all(isinstance(x, list) for x in (content["target"], projects)):
        raise StudyError(Message("plans.no_sections", {"file": path}))
    _keys(head, required=_PLAN_KEYS, optional={"base_year"}, where=Message("plans.head_of", {"file": path}))
    targets = tuple(_target(row, where=str(path)) for row in content["target"])
    ids = _unique([target.id for target in targets], "target", where=str(path))
    planned = tuple(_project(row, ids, where=str(path)) for row in projects)
    _unique([project.id for project in planned], "project", where=str(path))
    year = _year(head, "target_year", where=str(path))
    base_year = _year(head, "base_year", where=str(path)) if "base_year" in head else None
    if base_year is not None and base_year >= year:
        raise StudyError(
            Message("plans.base_year_late", {"base_year": base_year, "file": path, "year": year})
        )
    texts = {key: str(head[key]) for key in ("id", "name_zh", "name_en", "document")}
    return Plan(**texts, target_year=year, targets=targets, base_year=base_year, projects=planned)


def _unique(ids: list[str], what: str, *, where: str | Message) -> list[str]:
    if len(set(ids)) < len(ids):
        twice = sorted({name for name in ids if ids.count(name) > 1})
        raise StudyError(
            Message(
                "plans.ids_twice",
                {"where": where, "what": Message(f"plans.what_{what}"), "ids": tuple(twice)},
            )
        )
    return ids


def _year(head: Mapping[str, Any], key: str, *, where: str | Message) -> int:
    require_in_range(Plan, key, head[key], where=where)
    return int(head[key])


def _target(row: Any, *, where: str | Message) -> Target:
    if not isinstance(row, dict):
        raise StudyError(Message("plans.target_no_table", {"where": where, "value": shown(row)}))
    where = Message("plans.target_of", {"id": row.get("id", Message("plans.no_id")), "where": where})
    _keys(row, required=_REQUIRED, optional=_OPTIONAL, where=where)
    texts = (_REQUIRED | _OPTIONAL) - {"value", "layers", "settings"}
    _texts(row, texts, where=where)
    for what, name, known in (
        ("comparator", row["comparator"], COMPARATORS),
        ("kind", row["kind"], KINDS),
        ("method", row["method"], METHODS),
    ):
        _known(what, name, known, where=where)
    _check_method(row, where=where)
    texts_only = {key: row[key] for key in texts & row.keys()}
    return Target(
        **texts_only,
        value=_number(row, where=where),
        layers=_layers(row["layers"], where=where),
        settings=FixedMapping(row.get("settings", {})),
    )


def _project(row: Any, targets: list[str], *, where: str | Message) -> Project:
    if not isinstance(row, dict):
        raise StudyError(Message("plans.project_no_table", {"where": where, "value": shown(row)}))
    where = Message("plans.project_of", {"id": row.get("id", Message("plans.no_id")), "where": where})
    _keys(row, required=_PROJECT_KEYS, optional=_PROJECT_MORE, where=where)
    _texts(row, (_PROJECT_KEYS | _PROJECT_MORE) - {"n", "site_m2"}, where=where)
    _known("kind", row["kind"], FACILITY_KINDS, where=where)
    for key, known in (("station_class", STATION_CLASSES), ("target", targets)):
        if row.get(key):
            _known(key, row[key], known, where=where)
    for key in ("n", "site_m2"):
        require_in_range(Project, key, row.get(key, 1), where=where)
    return Project(**row)


def _texts(row: Mapping[str, Any], texts: set[str], *, where: str | Message) -> None:
    if bad := sorted(key for key in texts & row.keys() if not isinstance(row[key], str)):
        raise StudyError(Message("plans.no_text", {"keys": tuple(bad), "where": where}))


def _check_method(row: Mapping[str, Any], *, where: str | Message) -> None:
    method = METHODS[row["method"]]
    if method.unit and row["unit"] != method.unit:
        raise StudyError(
            Message(
                "plans.unit_wrong",
                {"where": where, "unit": row["unit"], "method": row["method"], "right": method.unit},
            )
        )
    _known("unit", row["unit"], UNITS, where=where)
    if not method.may_lack_value and row["comparator"] == "none":
        raise StudyError(Message("plans.value_needed", {"where": where, "method": row["method"]}))
    check_settings(
        row["method"], row.get("settings", {}), where=Message("plans.settings_of", {"where": where})
    )


def _number(row: Mapping[str, Any], *, where: str | Message) -> float:
    value = row.get("value")
    if (value is None) != (row["comparator"] == "none"):
        raise StudyError(Message("plans.no_value", {"where": where}))
    if value is None:
        return math.nan
    require_in_range(Target, "value", value, where=where)
    return float(value)


def _layers(layers: Any, *, where: str | Message) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(layers, dict) or not all(isinstance(columns, list) for columns in layers.values()):
        raise StudyError(Message("plans.layers_no_table", {"where": where}))
    for name in layers:
        _known("layer", name, LAYERS, where=where)
    return MappingProxyType({name: tuple(map(str, columns)) for name, columns in layers.items()})


def _known(what: str, name: str, known: Iterable[str], *, where: str | Message) -> None:
    choices = list(known)
    if name not in choices:
        close = nearest_words(name, choices)
        near = Message("plans.near", {"word": close[0]}) if close else ""
        values = {"what": Message(f"plans.what_{what}"), "name": name, "where": where, "near": near}
        key = "plans.word_unknown" if where else "plans.name_unknown"
        raise StudyError(Message(key, {**values, "known": tuple(choices)}))


def _keys(table: Mapping[str, Any], *, required: set[str], optional: set[str], where: str | Message) -> None:
    for key in table:
        _known("key", key, sorted(required | optional), where=where)
    if missing := sorted(required - table.keys()):
        raise StudyError(Message("plans.lacks", {"where": where, "keys": tuple(missing)}))
