"""Plans and their targets, read from ``layers/plans`` or from a planner's own file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from geo.errors import StudyError
from geo.schema import STATION_CLASSES
from geo.words import data_dir

__all__ = [
    "COMPARATORS",
    "KINDS",
    "LAYERS",
    "METHODS",
    "Method",
    "Plan",
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


@dataclass(frozen=True)
class Method:
    """How a target is computed.

    Parameters
    ----------
    unit : str
        Unit of its value and of every target that uses it; empty for any.
    settings : frozenset of str
        Settings that the target must give.
    is_computed : bool
        False while the computation does not exist: such targets report 'not computed'.
    """

    unit: str = ""
    settings: frozenset[str] = frozenset()
    is_computed: bool = False


METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "assigned_share": Method("%", frozenset({"standard", "most_people"}), is_computed=True),
        "covered_share": Method("%", frozenset({"standard"}), is_computed=True),
        "mean_travel": Method("min", frozenset({"standard"}), is_computed=True),
        "most_loaded_station": Method("10,000 people/station", is_computed=True),
        "people_per_station": Method("10,000 people/station", is_computed=True),
        "staff_per_people": Method("‰", is_computed=True),
        "station_growth": Method("%", frozenset({"base"}), is_computed=True),
        "stations_built": Method("stations", frozenset({"stations"}), is_computed=True),
        "area_per_person": Method("m2/person"),
        "count": Method(),
        "count_per_zone": Method(),
        "depot_reach": Method("%"),
        "hydrant_siting": Method("hydrants", frozenset({"new_since"}), is_computed=True),
        "jurisdictions": Method(),
        "levels": Method(),
        "network_loss": Method(),
        "road_links": Method(),
        "walk_reach": Method("%"),
        "working_share": Method("%", is_computed=True),
    }
)
"""Every known method; the computed ones first."""

_PLAN_KEYS: Final = {"id", "name_zh", "name_en", "document", "target_year"}
_REQUIRED: Final = {"id", "name_zh", "name_en", "comparator", "unit", "kind", "method", "layers", "source"}
_OPTIONAL: Final = {"value", "reading_zh", "reading_en", "section", "settings"}
_NOTHING: Mapping[str, Any] = MappingProxyType({})


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
    value: float
    unit: str
    kind: str
    method: str
    layers: Mapping[str, tuple[str, ...]]
    source: str
    section: str = ""
    reading_zh: str = ""
    reading_en: str = ""
    settings: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


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
    """

    id: str
    name_zh: str
    name_en: str
    document: str
    target_year: int
    targets: tuple[Target, ...]


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
        _known("plan", str(name_or_path), list_plans(), where="the study")
        path = embedded
    plan = _parse(path)
    original = data_dir() / "plans" / f"{plan.id}.toml"
    if original.is_file() and not (path.exists() and path.samefile(original)):
        known = [target.id for target in _parse(original).targets]
        for target in plan.targets:
            _known("target id", target.id, known, where=f"{path}, whose plan id is {plan.id!r}")
    return plan


def _parse(path: Path) -> Plan:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StudyError(f"plan {path} cannot be read ({error.strerror}); check the path") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"plan {path} is not a TOML file in UTF-8: {error}") from error
    _keys(content, required={"plan", "target"}, optional=set(), where=str(path))
    head = content["plan"]
    if not isinstance(head, dict) or not isinstance(content["target"], list):
        raise StudyError(f"{path} must hold one [plan] and a list of [[target]]")
    _keys(head, required=_PLAN_KEYS, optional=set(), where=f"[plan] of {path}")
    if not isinstance(head["target_year"], int):
        raise StudyError(f"target_year of {path} must be a year, not {head['target_year']!r}")
    targets = tuple(_target(row, where=str(path)) for row in content["target"])
    ids = [target.id for target in targets]
    if len(set(ids)) < len(ids):
        twice = sorted({name for name in ids if ids.count(name) > 1})
        raise StudyError(f"{path} gives target ids more than once: {', '.join(twice)}")
    return Plan(
        id=str(head["id"]),
        name_zh=str(head["name_zh"]),
        name_en=str(head["name_en"]),
        document=str(head["document"]),
        target_year=head["target_year"],
        targets=targets,
    )


def _target(row: Any, *, where: str) -> Target:
    if not isinstance(row, dict):
        raise StudyError(f"each [[target]] of {where} must be a table, not {row!r}")
    where = f"target {row.get('id', '(no id)')!r} of {where}"
    _keys(row, required=_REQUIRED, optional=_OPTIONAL, where=where)
    texts = (_REQUIRED | _OPTIONAL) - {"value", "layers", "settings"}
    if bad := sorted(key for key in texts & row.keys() if not isinstance(row[key], str)):
        raise StudyError(f"{', '.join(bad)} of {where} must be text in quotes")
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
        settings=MappingProxyType(row.get("settings", {})),
    )


def _check_method(row: Mapping[str, Any], *, where: str) -> None:
    method = METHODS[row["method"]]
    if method.unit and row["unit"] != method.unit:
        raise StudyError(
            f"unit of {where} is {row['unit']!r}; method {row['method']} computes {method.unit!r}: write that"
        )
    if method.is_computed and row["comparator"] == "none":
        raise StudyError(f"{where} needs a value and a comparator, since {row['method']} computes a number")
    settings = row.get("settings", {})
    if not isinstance(settings, dict):
        raise StudyError(f"settings of {where} must be a table")
    where = f"settings of {where}"
    _keys(settings, required=set(method.settings), optional=set(), where=where)
    if not isinstance(settings.get("standard", ""), str):
        raise StudyError(f"standard in {where} must be the name of a standard in quotes")
    for key in ("base", "most_people", "new_since"):
        number = settings.get(key, 1)
        if isinstance(number, bool) or not isinstance(number, int | float) or not number > 0:
            raise StudyError(f"{key} in {where} must be a number above zero, not {number!r}")
    _check_stations(settings.get("stations", []), where=where)


def _check_stations(stations: Any, *, where: str) -> None:
    if not isinstance(stations, list) or not all(isinstance(row, dict) for row in stations):
        raise StudyError(f"stations in {where} must be a list of tables such as {{ name = '圆沙' }}")
    for row in stations:
        _keys(row, required={"name"}, optional={"station_class"}, where=f"stations in {where}")
        if "station_class" in row:
            _known("station_class", row["station_class"], STATION_CLASSES, where=where)


def _number(row: Mapping[str, Any], *, where: str) -> float:
    value = row.get("value")
    if (value is None) != (row["comparator"] == "none"):
        raise StudyError(
            f"{where} must have a value, or the comparator 'none' where the plan gives no number"
        )
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise StudyError(f"value of {where} must be a number, not {value!r}")
    return float(value)


def _layers(layers: Any, *, where: str) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(layers, dict) or not all(isinstance(columns, list) for columns in layers.values()):
        raise StudyError(f"layers of {where} must be a table of lists, such as {{ stations = ['staff'] }}")
    for name in layers:
        _known("layer", name, LAYERS, where=where)
    return MappingProxyType({name: tuple(map(str, columns)) for name, columns in layers.items()})


def _known(what: str, name: str, known: Iterable[str], *, where: str) -> None:
    if name not in known:
        raise StudyError(f"{what} {name!r} in {where} is unknown; choose one of {', '.join(known)}")


def _keys(table: Mapping[str, Any], *, required: set[str], optional: set[str], where: str) -> None:
    for key in table:
        _known("key", key, sorted(required | optional), where=where)
    if missing := sorted(required - table.keys()):
        raise StudyError(f"{where} lacks {', '.join(missing)}")
