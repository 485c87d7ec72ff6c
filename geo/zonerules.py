"""Which rule of the standards is for which stations, and what it measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from geo.rules import Rule, get_rule

__all__ = ["ORDINARY", "ZoneRule", "load_zone_rules"]

ORDINARY: Final = ("special", "first", "second")
"""Classes whose zones a small station's must touch, and for which the suburban limit is read."""
_WITH_ZONE: Final = (*ORDINARY, "small")
_ALL: Final = (*_WITH_ZONE, "logistics")
_CROWDS: Final = ("hospital", "school", "kindergarten", "cinema", "mall", "stadium")


@dataclass(frozen=True)
class ZoneRule:
    """A rule and its use.

    Parameters
    ----------
    name : str
        Word of the check in ``zone_checks``.
    rule : Rule
        The number with its source; kept at exactly this number.
    check : str
        ``area``, ``suburban``, ``edge_time``, ``touching``, ``crossing``, ``distance`` or ``upwind``.
    classes : tuple of str
        Station classes that it is for.
    kinds : tuple of str
        Kinds of ``[[obstacles]]`` or ``[[sensitive]]`` that it is about.
    """

    name: str
    rule: Rule
    check: str
    classes: tuple[str, ...]
    kinds: tuple[str, ...] = ()


_USES: Final = (
    ("area_first", "zone-first-area", "area", ("first",), ()),
    ("area_special", "zone-special-area", "area", ("special",), ()),
    ("area_second", "zone-second-area", "area", ("second",), ()),
    ("area_small", "zone-small-area", "area", ("small",), ()),
    ("area_suburban", "zone-suburban-area", "suburban", ORDINARY, ()),
    ("edge_time", "zone-edge-time", "edge_time", _WITH_ZONE, ()),
    ("touching", "zone-small-touches", "touching", ("small",), ()),
    ("crossing_expressway", "zone-crosses-expressway", "crossing", _WITH_ZONE, ("expressway",)),
    ("crossing_railway", "zone-crosses-railway", "crossing", _WITH_ZONE, ("railway",)),
    ("crossing_water", "zone-crosses-river", "crossing", _WITH_ZONE, ("river", "sea")),
    ("exits", "station-exits", "distance", _ALL, _CROWDS),
    ("hazmat_2015", "station-hazmat-2015", "distance", _ALL, ("hazmat",)),
    ("hazmat_upwind", "station-hazmat-upwind", "upwind", _ALL, ("hazmat",)),
    ("hazmat_2017", "station-hazmat-2017", "distance", _ALL, ("hazmat",)),
)


def load_zone_rules() -> tuple[ZoneRule, ...]:
    """Give the rules of ``layers/standards/zones.toml`` that zones and sites are checked against.

    Examples
    --------
    >>> use = load_zone_rules()[0]
    >>> use.name, use.rule.number, use.rule.unit, use.rule.level, use.rule.source
    ('area_first', 7.0, 'km2', 'should', 'GB 51080-2015 4.1.3-2 [V]')
    """
    return tuple(
        ZoneRule(name, get_rule(rule), check, classes, kinds) for name, rule, check, classes, kinds in _USES
    )
