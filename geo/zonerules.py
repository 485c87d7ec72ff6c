"""The rules for zones and station sites, read from ``layers/standards/zones.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from geo.errors import StudyError
from geo.settings import read_section
from geo.words import data_dir

__all__ = ["ZoneRule", "load_zone_rules"]


@dataclass(frozen=True)
class ZoneRule:
    """One number of a standard.

    Parameters
    ----------
    check : str
        What is measured: ``area``, ``area_suburban``, ``edge_time``, ``touching``, ``crossing``, ``distance`` or
        ``micro``.
    classes : list of str
        Station classes that it is for.
    value : float
        The limit, in ``unit``; a limit is kept at exactly this value.
    unit : str
        ``km2``, ``m``, ``s`` or ``zones``.
    standard, edition, clause : str
        Where it stands.
    level : {"should_not", "must_not", "must"}
        不宜, 不应, 应.
    mark : {"V", "V2", "M"}
        How sure the number is.
    note : str
        How it is read.
    kinds : list of str
        Kinds of ``[[obstacles]]`` or ``[[sensitive]]`` that it is about.
    name : str
        Name of the rule.
    """

    check: str
    classes: list[str]
    value: float
    unit: str
    standard: str
    edition: str
    clause: str
    level: str
    mark: str
    note: str = ""
    kinds: list[str] | None = None
    name: str = ""


@cache
def load_zone_rules() -> tuple[ZoneRule, ...]:
    """Read the rules, in the order of the file.

    Raises
    ------
    StudyError
        The file that came with the package was changed so that it cannot be read.

    Examples
    --------
    >>> rule = load_zone_rules()[0]
    >>> rule.name, rule.value, rule.unit, rule.level
    ('area_first', 7.0, 'km2', 'should_not')
    """
    path = data_dir() / "standards" / "zones.toml"
    faults: list[str] = []
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    rules = [
        read_section(ZoneRule, {**table, "name": name}, where=f"[{name}]", faults=faults)
        for name, table in tables.items()
    ]
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise StudyError(f"{path.name} has {len(faults)} fault(s):\n{listed}")
    return tuple(rules)
